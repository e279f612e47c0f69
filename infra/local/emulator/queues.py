"""The queues of the run: what lies in them, and time made shorter for a test."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

from .patching import replace


class Queues:
    """Looks into the queues, and lets waiting messages come at once."""

    def __init__(self) -> None:
        self._in_function: set[str] = set()
        self._lock = threading.Lock()

    def install(self) -> None:
        from ministack.services import lambda_svc

        replace(lambda_svc, "_run_sqs_batch", self._tracking)

    def report(self) -> list[dict[str, Any]]:
        """Each queue with what is ready, in a function, hidden after a failure, and delayed."""
        from ministack.services import sqs

        now = time.time()
        dead = self._dead_letter_queues()
        rows = []
        with sqs._queues_lock:
            for _, queue in _queues():
                arn = queue["attributes"]["QueueArn"]
                states = [self._state(message, now) for message in queue["messages"]]
                rows.append({
                    "queue": arn.rpartition(":")[2],
                    "dead_letter": arn in dead,
                    **{state: states.count(state) for state in ("ready", "in_function", "hidden", "delayed")},
                })
        return rows

    def hurry(self, name: str = "") -> int:
        """Ends the delay or the visibility time-out of every message that no function holds."""
        from ministack.services import lambda_svc, sqs

        count = 0
        with sqs._queues_lock:
            for _, queue in _queues():
                if name.lower() not in queue["attributes"]["QueueArn"].lower():
                    continue
                for message in queue["messages"]:
                    if self._state(message, time.time()) in ("hidden", "delayed"):
                        message["visible_at"] = 0
                        count += 1
        lambda_svc._esm_wake.set()
        return count

    def _state(self, message: dict[str, Any], now: float) -> str:
        with self._lock:
            if message["id"] in self._in_function:
                return "in_function"
        if message.get("visible_at", 0) <= now:
            return "ready"
        return "hidden" if message.get("receive_count") else "delayed"

    def _tracking(self, original):
        def run(mapping, function, event, batch, *rest):
            ids = {message["id"] for message in batch}
            with self._lock:
                self._in_function |= ids
            try:
                original(mapping, function, event, batch, *rest)
            finally:
                with self._lock:
                    self._in_function -= ids

        return run

    def _dead_letter_queues(self) -> set[str]:
        """Queues that another queue or a mapping sends its failures to."""
        from ministack.services import lambda_svc

        arns = set()
        for _, queue in _queues():
            policy = queue["attributes"].get("RedrivePolicy")
            if policy:
                arns.add((json.loads(policy) if isinstance(policy, str) else policy).get("deadLetterTargetArn"))
        for _, _, mapping in lambda_svc._iter_all_esms():
            arns.add(((mapping.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination"))
        return arns


def _queues() -> list[tuple[Any, dict[str, Any]]]:
    from ministack.services import sqs

    return list(sqs._queues._data.items())
