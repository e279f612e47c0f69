"""Lets the gateway cut a connection, as a network that loses an answer does.

An ASGI application cannot close its socket; `http.cut` is a message of our own
that closes it without a byte of answer.
"""

from __future__ import annotations

from hypercorn.protocol.events import StreamClosed
from hypercorn.protocol.http_stream import ASGIHTTPState, HTTPStream

from .patching import replace

CUT = {"type": "posthorn.cut"}


def install() -> None:
    replace(HTTPStream, "app_send", _cutting)


def _cutting(original):
    async def app_send(self, message):
        if message is not None and message["type"] == CUT["type"]:
            self.state = ASGIHTTPState.CLOSED
            await self.send(StreamClosed(stream_id=self.stream_id))
        else:
            await original(self, message)

    return app_send
