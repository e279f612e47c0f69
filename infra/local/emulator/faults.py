"""Faults between functions and AWS: lost answers, throttling, latency, a killed function.

A fault is a rule in JSON:

    {"service": "ses", "operation": "SendEmail", "fault": "lost_answer", "times": 1}

`function`, `resource` and `contains` narrow it (part of the function's name, of
the table's, queue's or topic's, or of the request's body); `skip` lets the first
calls pass; `times` defaults to 1, and 0 means until it is deleted.
"""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass, field
from typing import Any

from .calls import Call, service_name

KINDS = {
    "lost_answer": "the call is done, the connection is cut before its answer",
    "lost_request": "the connection is cut before the call is done",
    "throttle": "the call is refused as the service refuses too many",
    "error": "the call is answered 500 and not done",
    "latency": "the call waits `delay_ms` before it is done",
    "slow_answer": "the call is done, its answer waits `delay_ms`",
    "kill_before": "the calling function is killed before the call is done",
    "kill_after": "the call is done, the calling function is killed before the answer",
}

_THROTTLES = {
    "dynamodb": (400, "com.amazonaws.dynamodb.v20120810#ThrottlingException"),
    "ses": (429, "TooManyRequestsException"),
    "sns": (400, "Throttled"),
    "sqs": (400, "RequestThrottled"),
}


class BadFaultError(ValueError):
    """A rule that cannot be used; the message says why."""


@dataclass
class Fault:
    """One rule, and how often it has acted."""

    id: int
    fault: str
    service: str = ""
    operation: str = ""
    function: str = ""
    resource: str = ""
    contains: str = ""
    skip: int = 0
    times: int = 1
    delay_ms: int = 1000
    hits: int = field(default=0)
    seen: int = field(default=0)

    def matches(self, call: Call, function: str) -> bool:
        return (
            (not self.service or self.service == call.service)
            and (not self.operation or self.operation.lower() == call.operation.lower())
            and self.function.lower() in function.lower()
            and self.resource.lower() in call.resource.lower()
            and (not self.contains or self.contains.encode() in call.body)
            and (not self.fault.startswith("kill_") or bool(function))
        )

    @property
    def spent(self) -> bool:
        return 0 < self.times <= self.hits


class Faults:
    """The rules in force."""

    def __init__(self) -> None:
        self._ids = itertools.count(1)
        self._rules: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, rule: dict[str, Any]) -> Fault:
        if rule.get("fault") not in KINDS:
            raise BadFaultError(f"`fault` must be one of {', '.join(KINDS)}")
        known = {name for name in Fault.__dataclass_fields__ if name not in ("id", "hits", "seen")}
        if unknown := set(rule) - known:
            raise BadFaultError(f"unknown field {', '.join(sorted(unknown))}; known: {', '.join(sorted(known))}")
        fault = Fault(next(self._ids), **{**rule, "service": service_name(rule.get("service", ""))})
        with self._lock:
            self._rules.append(fault)
        return fault

    def list(self) -> list[dict[str, Any]]:
        with self._lock:
            return [vars(rule).copy() for rule in self._rules]

    def clear(self) -> None:
        with self._lock:
            self._rules.clear()

    def take(self, call: Call, function: str) -> Fault | None:
        """The first rule that acts on this call; it is counted as used."""
        with self._lock:
            for rule in self._rules:
                if rule.spent or not rule.matches(call, function):
                    continue
                rule.seen += 1
                if rule.seen <= rule.skip:
                    continue
                rule.hits += 1
                return rule
        return None


def refusal(call: Call, kind: str) -> tuple[int, str, bytes]:
    """Status, content type and body that the service answers with."""
    status, code = (500, "InternalServerError") if kind == "error" else _THROTTLES.get(call.service, (400, "ThrottlingException"))
    text = "Rate exceeded" if kind == "throttle" else "An internal server error occurred"
    if call.query.get("Action"):
        body = (
            "<ErrorResponse><Error><Type>Sender</Type>"
            f"<Code>{code}</Code><Message>{text}</Message></Error>"
            "<RequestId>00000000-0000-0000-0000-000000000000</RequestId></ErrorResponse>"
        )
        return status, "text/xml", body.encode()
    return status, "application/x-amz-json-1.0", f'{{"__type":"{code}","message":"{text}"}}'.encode()
