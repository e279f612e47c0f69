"""Stands before the emulator: every request passes here, is counted, and may meet a fault."""

from __future__ import annotations

import asyncio
import time
import zlib
from typing import Any

from .calls import Call, classify
from .control import Control, Parts, read_body
from .cutting import CUT
from .faults import Fault, refusal
from .usage import ask_for_capacity, hide_capacity, wants_capacity


class Gateway:
    """The ASGI application that the launcher serves."""

    def __init__(self, emulator, parts: Parts, control: Control, api: tuple[int, str] | None = None) -> None:
        self._emulator = emulator
        # The port on which an API is served from the root, and its id.
        self._api = api
        self._parts = parts
        self._control = control
        # The last request that came from outside the functions.
        self.last_used = time.time()

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http":
            await self._emulator(scope, receive, send)
            return
        if self._api is not None and scope["server"][1] == self._api[0]:
            scope = _at_api(scope, self._api[1])
        if scope["path"].startswith("/_posthorn/"):
            self.last_used = time.time()
            await self._control(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        body = await read_body(receive)
        call = classify(scope["method"], scope["path"], headers, scope["query_string"].decode("latin-1"), body)
        if call is None:
            self.last_used = time.time()
            if scope["path"].startswith("/_aws/execute-api/") or ".execute-api." in headers.get("host", ""):
                self._parts.usage.http_api_request()
            await self._emulator(scope, _replay(body, receive), send)
            return
        await self._serve(call, scope, receive, send)

    async def _serve(self, call: Call, scope, receive, send) -> None:
        function = self._parts.functions.name(call.caller)
        if not function:
            self.last_used = time.time()
        fault = self._parts.faults.take(call, function)
        if fault is not None and await self._refuse(fault, call, send):
            self._parts.usage.call(call, function, 500, b"")
            return
        answer = await self._ask(call, scope, receive)
        self._parts.usage.call(call, function, answer.status, answer.body)
        if call.is_send_email and answer.status == 200:
            self._parts.mail.sent(call, function, answer.body)
        if fault is not None:
            if fault.fault == "kill_after":
                self._parts.functions.kill_caller(call.caller)
            if fault.fault in ("lost_answer", "kill_after"):
                await send(CUT)
                return
            if fault.fault == "slow_answer":
                await asyncio.sleep(fault.delay_ms / 1000)
        if wants_capacity(call) and answer.status == 200:
            answer.replace_body(hide_capacity(call, answer.body))
        await answer.send(send)

    async def _refuse(self, fault: Fault, call: Call, send) -> bool:
        """Lets a fault act before the call; true when there will be no call."""
        if fault.fault == "latency":
            await asyncio.sleep(fault.delay_ms / 1000)
        elif fault.fault in ("throttle", "error"):
            status, kind, body = refusal(call, fault.fault)
            await _Answer(status, [(b"content-type", kind.encode())], body).send(send)
            return True
        elif fault.fault in ("lost_request", "kill_before"):
            if fault.fault == "kill_before":
                self._parts.functions.kill_caller(call.caller)
            await send(CUT)
            return True
        return False

    async def _ask(self, call: Call, scope, receive) -> _Answer:
        body = ask_for_capacity(call) if wants_capacity(call) else call.body
        if len(body) != len(call.body):
            length = (b"content-length", str(len(body)).encode())
            scope = {**scope, "headers": [h for h in scope["headers"] if h[0].lower() != b"content-length"] + [length]}
        answer = _Answer(500, [], b"")
        await self._emulator(scope, _replay(body, receive), answer.collect)
        return answer


def _at_api(scope, api_id: str) -> dict[str, Any]:
    """The request as the emulator knows it: the API's id and stage before the path."""
    prefix = f"/_aws/execute-api/{api_id}/$default"
    return {**scope, "path": prefix + scope["path"], "raw_path": prefix.encode() + scope["raw_path"]}


class _Answer:
    """An answer of the emulator, held back."""

    def __init__(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body

    async def collect(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message.get("headers", []))
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")

    def replace_body(self, body: bytes) -> None:
        if body != self.body:
            self.body = body
            checksum = str(zlib.crc32(body)).encode()
            self.headers = [(n, checksum if n.lower() == b"x-amz-crc32" else v) for n, v in self.headers]

    async def send(self, send) -> None:
        length = (b"content-length", str(len(self.body)).encode())
        headers = [h for h in self.headers if h[0].lower() not in (b"content-length", b"transfer-encoding")] + [length]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": False})


def _replay(body: bytes, receive):
    """A `receive` that gives the body once more, and then what the client does."""
    sent = False

    async def replayed():
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed
