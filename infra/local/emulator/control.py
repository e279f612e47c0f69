"""What a test asks of the run itself: the endpoints under `/_posthorn/`.

| endpoint | what it does |
| --- | --- |
| GET health | pid of the launcher |
| POST stop | ends the run |
| GET, POST, DELETE faults | the faults in force (faults.py has their fields) |
| GET, DELETE usage | capacity, requests and invocations since the last reset |
| GET, DELETE mail (?to=) | messages that SES took, with headers, tags and configuration set |
| GET inbox (?to=) | what customers got, mails and texts, to read |
| POST mail/events {message_id, event, detail?} | publishes Open, Click, Bounce … about a message |
| GET, DELETE sms (?to=) | messages that SNS took |
| POST sms/reports {message_id, status?, provider_response?} | writes SNS's delivery report |
| POST kill {function} | kills the environments of a function |
| GET, DELETE logs (?function=) | every line that the functions wrote, as text |
| GET pending | what is under way, and for how long nothing was |
| GET, POST repeats {on} | whether every batch of a queue or stream comes twice, and how many have |
| POST windows {on} | whether queues gather for as long as their batching window says |
| POST hurry {queue?} | ends delays and visibility time-outs |
| POST schedules {paused} | holds the schedules still |
| GET api-id ?name= | the id that an HTTP API of this name gets |

`function` and `queue` match a part of the name, in upper or lower case.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from . import apis, sms
from .faults import BadFaultError, Faults
from .functions import Functions
from .mail import Mail, UnknownMessageError
from .queues import Queues
from .repeats import Repeats
from .schedules import Schedules
from .sms import UnknownSmsError
from .streams import Streams
from .usage import Usage
from .windows import Windows


@dataclass
class Parts:
    """Everything that a run keeps."""

    faults: Faults = field(default_factory=Faults)
    usage: Usage = field(default_factory=Usage)
    mail: Mail = field(default_factory=Mail)
    queues: Queues = field(default_factory=Queues)
    repeats: Repeats = field(default_factory=Repeats)
    schedules: Schedules = field(default_factory=Schedules)
    streams: Streams = field(default_factory=Streams)
    windows: Windows = field(default_factory=Windows)
    functions: Functions = field(init=False)

    def __post_init__(self) -> None:
        self.functions = Functions(self.usage)


class Control:
    """Answers the control endpoints."""

    def __init__(self, parts: Parts, stop: Callable[[], None]) -> None:
        self._parts = parts
        self._stop = stop
        self._quiet_since = time.time()
        self._routes: dict[tuple[str, str], Callable[[dict[str, Any], dict[str, str]], Any]] = {
            ("GET", "health"): lambda _, __: {"pid": os.getpid(), "service": "posthorn-local"},
            ("POST", "stop"): lambda _, __: self._stop() or {},
            ("GET", "faults"): lambda _, __: parts.faults.list(),
            ("POST", "faults"): lambda body, _: vars(parts.faults.add(body)),
            ("DELETE", "faults"): lambda _, __: parts.faults.clear() or {},
            ("GET", "usage"): lambda _, __: parts.usage.report(),
            ("DELETE", "usage"): lambda _, __: parts.usage.reset() or {},
            ("GET", "mail"): lambda _, query: parts.mail.messages(query.get("to", "")),
            ("DELETE", "mail"): lambda _, __: parts.mail.clear() or {},
            ("GET", "inbox"): lambda _, query: self._inbox(query.get("to", "")),
            ("POST", "mail/events"): self._mail_event,
            ("GET", "sms"): lambda _, query: sms.messages(query.get("to", "")),
            ("DELETE", "sms"): lambda _, __: sms.clear() or {},
            ("POST", "sms/reports"): self._sms_report,
            ("POST", "kill"): lambda body, _: {"killed": parts.functions.kill(body["function"])},
            ("GET", "logs"): lambda _, query: "\n".join([*parts.functions.logs(query.get("function", "")), ""]),
            ("DELETE", "logs"): lambda _, __: parts.functions.clear_logs() or {},
            ("GET", "pending"): lambda _, __: self._pending(),
            ("GET", "repeats"): lambda _, __: parts.repeats.report(),
            ("POST", "repeats"): lambda body, _: parts.repeats.switch(bool(body["on"])) or parts.repeats.report(),
            ("POST", "windows"): self._gather,
            ("POST", "hurry"): lambda body, _: {"messages": parts.queues.hurry(body.get("queue", ""))},
            ("POST", "schedules"): self._pause,
            ("GET", "api-id"): lambda _, query: {"id": apis.api_id(query["name"])},
        }

    async def __call__(self, scope, receive, send) -> None:
        name = scope["path"].removeprefix("/_posthorn/").strip("/")
        query = {key: values[0] for key, values in parse_qs(scope["query_string"].decode()).items()}
        handler = self._routes.get((scope["method"], name))
        body = await read_body(receive)
        if handler is None:
            known = ", ".join(f"{method} /_posthorn/{path}" for method, path in self._routes)
            await answer(send, 404, {"error": f"no such endpoint; known: {known}"})
            return
        try:
            result = handler(json.loads(body or b"{}"), query)
        except (UnknownMessageError, UnknownSmsError) as error:
            await answer(send, 404, {"error": str(error)})
        except (BadFaultError, KeyError, TypeError, ValueError) as error:
            await answer(send, 400, {"error": f"{type(error).__name__}: {error}"})
        else:
            await answer(send, 200, result)

    def _inbox(self, recipient: str) -> str:
        mails, texts = self._parts.mail.messages(recipient), sms.messages(recipient)
        letters = [
            *(f"To: {', '.join(mail['to'])}\nSubject: {mail['subject']}\n\n{mail['text'].strip()}\n" for mail in mails),
            *(f"To: {text['to']}\n\n{text['text'].strip()}\n" for text in texts),
        ]
        return f"\n{'-' * 72}\n\n".join(letters) or "nothing yet\n"

    def _mail_event(self, body: dict[str, Any], _: dict[str, str]) -> dict[str, Any]:
        return {"topics": self._parts.mail.publish(body["message_id"], body["event"], body.get("detail"))}

    def _sms_report(self, body: dict[str, Any], _: dict[str, str]) -> dict[str, Any]:
        status = body.get("status", "SUCCESS")
        response = body.get("provider_response", "Message has been accepted by phone carrier")
        return {"log_group": sms.report(body["message_id"], status, response)}

    def _pause(self, body: dict[str, Any], _: dict[str, str]) -> dict[str, Any]:
        self._parts.schedules.paused = bool(body["paused"])
        return {"paused": self._parts.schedules.paused}

    def _gather(self, body: dict[str, Any], _: dict[str, str]) -> dict[str, Any]:
        self._parts.windows.on = bool(body["on"])
        return {"on": self._parts.windows.on}

    def _pending(self) -> dict[str, Any]:
        parts = self._parts
        queues = parts.queues.report()
        streams = {name: count for name, count in parts.streams.pending().items() if count}
        running = parts.functions.running()
        waiting = sum(row["ready"] + row["in_function"] for row in queues if not row["dead_letter"])
        busy = running + waiting + sum(streams.values()) + parts.mail.unpublished
        now = time.time()
        if busy:
            self._quiet_since = now
        # A function may have ended between two questions: that was no quiet either.
        self._quiet_since = max(self._quiet_since, parts.functions.last_finished)
        return {
            "quiet": busy == 0,
            "quiet_for_ms": int((now - self._quiet_since) * 1000) if busy == 0 else 0,
            "functions_running": running,
            "stream_records": streams,
            "mail_events": parts.mail.unpublished,
            "queues": queues,
        }


async def read_body(receive) -> bytes:
    chunks = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return b"".join(chunks)


async def answer(send, status: int, body: Any) -> None:
    text = isinstance(body, str)
    data = body.encode() if text else json.dumps(body, default=str).encode()
    kind = b"text/plain; charset=utf-8" if text else b"application/json"
    await send({
        "type": "http.response.start", "status": status,
        "headers": [(b"content-type", kind), (b"content-length", str(len(data)).encode())],
    })
    await send({"type": "http.response.body", "body": data, "more_body": False})
