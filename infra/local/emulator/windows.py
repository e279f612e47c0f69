"""Batching windows: on request, a queue gathers for as long as its mapping says.

The emulator hands over what is there; AWS waits until a batch is full or the window
is over. Tests would only wait with it, so it is for those who count requests.
"""

from __future__ import annotations

import time
from typing import Any

from .patching import replace


class Windows:
    """Lets messages gather in front of their function, if that was requested."""

    def __init__(self) -> None:
        self.on = False
        self._gathering_since: dict[str, float] = {}

    def install(self) -> None:
        from ministack.services import sqs

        replace(sqs, "_receive_messages_for_esm", self._gathering)

    def _gathering(self, original):
        def receive(queue_url: str, max_number: int) -> list[dict[str, Any]]:
            if self.on and not self._is_over(queue_url, max_number):
                return []
            self._gathering_since.pop(queue_url, None)
            batch = original(queue_url, max_number)
            # The emulator knows no batch of more than ten.
            while batch and len(batch) < max_number:
                more = original(queue_url, max_number - len(batch))
                if not more:
                    break
                batch += more
            return batch

        return receive

    def _is_over(self, queue_url: str, max_number: int) -> bool:
        from ministack.services import sqs

        now = time.time()
        with sqs._queues_lock:
            queue = sqs._get_q(queue_url)
            ready = sum(message.get("visible_at", 0) <= now for message in queue["messages"])
            window = _window(queue["attributes"]["QueueArn"])
        if ready == 0:
            return True
        since = self._gathering_since.setdefault(queue_url, now)
        return ready >= max_number or now - since >= window


def _window(queue_arn: str) -> float:
    from ministack.services import lambda_svc

    windows = [
        float(mapping.get("MaximumBatchingWindowInSeconds") or 0)
        for _, _, mapping in lambda_svc._iter_all_esms()
        if mapping.get("EventSourceArn") == queue_arn
    ]
    return max(windows, default=0.0)
