"""When a run ends: on request, without its parent, or after a time without requests."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
import time
from collections.abc import Callable

_CHECK_S = 5.0


class Lifetime:
    """Decides when the launcher ends."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended = asyncio.Event()
        self.reason = ""

    def end(self, reason: str) -> None:
        """Ends the run; may be called from any thread."""
        self.reason = self.reason or reason
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._ended.set)

    async def wait(self) -> None:
        await self._ended.wait()

    def watch_signals(self) -> None:
        self._loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            self._loop.add_signal_handler(number, self.end, f"signal {number.name}")

    def watch_parent(self) -> None:
        """Standard input is a pipe that the parent holds: it closes with the parent, however that ends."""

        def watch() -> None:
            sys.stdin.buffer.read()
            self.end("the parent is gone")

        threading.Thread(target=watch, daemon=True, name="posthorn-parent").start()

    async def watch_idleness(self, last_used: Callable[[], float], limit_s: float) -> None:
        while time.time() - last_used() < limit_s:
            await asyncio.sleep(min(_CHECK_S, limit_s))
        self.end(f"unused for {limit_s:.0f} s")
