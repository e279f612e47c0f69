"""At least once, taken at its word: on request, every batch of a queue or stream comes twice."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

from .patching import replace

_SOURCES = {"aws:sqs", "aws:dynamodb"}


class Repeats:
    """Hands batches over a second time, when a test has asked for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._repeated: Counter[str] = Counter()
        self._on = False

    def install(self) -> None:
        from ministack.services import lambda_svc

        replace(lambda_svc, "_execute_function", self._twice)

    def switch(self, on: bool) -> None:
        with self._lock:
            self._on = on
            self._repeated.clear()

    def report(self) -> dict[str, Any]:
        """Whether batches come twice, and how many have, by function."""
        with self._lock:
            return {"on": self._on, "repeated": dict(self._repeated)}

    def _twice(self, original):
        def execute(function, event, *rest, **options):
            if self._on and _is_batch(event):
                # As when the first answer was lost: what it said does not count.
                if not original(function, event, *rest, **options).get("throttle"):
                    with self._lock:
                        self._repeated[(function.get("config") or function)["FunctionName"]] += 1
            return original(function, event, *rest, **options)

        return execute


def _is_batch(event: Any) -> bool:
    records = event.get("Records") if isinstance(event, dict) else None
    return bool(records) and all(
        isinstance(record, dict) and record.get("eventSource") in _SOURCES for record in records
    )
