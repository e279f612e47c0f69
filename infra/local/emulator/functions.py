"""The Lambda environments that the emulator runs: who calls, what they log, their end.

Each environment is told apart by the port of its runtime API, which it sends in
the user agent of its AWS calls (`AWS_SDK_UA_APP_ID`, a setting of every SDK).
"""

from __future__ import annotations

import os
import signal
import socketserver
import threading
import time
from collections import deque
from typing import Any

from .patching import replace
from .usage import Usage

# What a function may see of the launcher's environment.
_PASSED_ON = ("PATH", "TMPDIR", "AWS_ENDPOINT_URL", "SSL_CERT_FILE", "SSL_CERT_DIR")
_KEPT_LINES = 500_000


class Functions:
    """Knows the running environments and keeps their log lines."""

    def __init__(self, usage: Usage) -> None:
        self._usage = usage
        self._names: dict[int, str] = {}
        self._lines: deque[tuple[float, str, str]] = deque(maxlen=_KEPT_LINES)
        self._lock = threading.Lock()
        self.last_finished = time.time()

    def install(self) -> None:
        from ministack.core.lambda_runtime import ProvidedWorker
        from ministack.services import lambda_svc

        # The runtime API's small answers would otherwise wait for delayed ACKs.
        socketserver.StreamRequestHandler.disable_nagle_algorithm = True
        replace(lambda_svc, "_provided_worker_env", self._environment)
        replace(lambda_svc, "_execute_function_dispatch", self._counting)
        replace(ProvidedWorker, "_pump_output", self._recording)
        replace(ProvidedWorker, "_drain_stderr_bounded", _draining_soon)

    def name(self, port: int | None) -> str:
        """The function behind a runtime API's port, or nothing for a caller from outside."""
        return self._names.get(port, "") if port else ""

    def logs(self, function: str = "") -> list[str]:
        with self._lock:
            lines = list(self._lines)
        return [f"{name}: {line}" for _, name, line in lines if function.lower() in name.lower()]

    def clear_logs(self) -> None:
        with self._lock:
            self._lines.clear()

    def kill(self, function: str) -> list[int]:
        """Kills every environment whose function's name contains `function`."""
        return [_kill(worker) for worker in _workers() if function.lower() in worker.func_name.lower() and _alive(worker)]

    def kill_caller(self, port: int | None) -> None:
        for worker in _workers():
            if _port(worker) == port and _alive(worker):
                _kill(worker)

    def running(self) -> int:
        """How many invocations are under way."""
        from ministack.services import lambda_svc

        return lambda_svc.executions_in_flight()[0]

    def _environment(self, original):
        def environment(config: dict[str, Any], code_dir: str, port: int) -> dict[str, str]:
            self._names[port] = config.get("FunctionName", "")
            full = original(config, code_dir, port)
            inherited = {name for name in os.environ if os.environ.get(name) == full.get(name)}
            given = set((config.get("Environment") or {}).get("Variables") or {})
            kept = {
                name: value for name, value in full.items()
                if name not in inherited or name in _PASSED_ON or name in given or name.startswith(("AWS_", "_", "LAMBDA_"))
            }
            # The developer's own profiles have no place in a function.
            return {
                **kept,
                "LANG": "en_US.UTF-8",
                "TZ": ":UTC",
                "AWS_CONFIG_FILE": os.devnull,
                "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
                "AWS_EC2_METADATA_DISABLED": "true",
                "AWS_SDK_UA_APP_ID": f"fn-{port}",
            }

        return environment

    def _counting(self, original):
        def execute(func, config, event, request_id, started):
            begun = time.perf_counter()
            result: dict[str, Any] = {"error": True}
            try:
                result = original(func, config, event, request_id, started)
                return result
            finally:
                self.last_finished = time.time()
                self._usage.invocation(
                    config.get("FunctionName", ""),
                    memory_mb=int(config.get("MemorySize", 128)),
                    duration_ms=(time.perf_counter() - begun) * 1000,
                    failed=bool(result.get("error")),
                )

        return execute

    def _recording(self, original):
        def pump(worker, stream, log_queue):
            original(worker, _Tee(stream, lambda line: self._record(worker.func_name, line)), log_queue)

        return pump

    def _record(self, function: str, line: bytes) -> None:
        with self._lock:
            self._lines.append((time.time(), function, line.decode("utf-8", "replace").rstrip()))


class _Tee:
    """A stream whose lines are also shown to `sink`."""

    def __init__(self, stream, sink) -> None:
        self._stream = stream
        self._sink = sink

    def readline(self) -> bytes:
        line = self._stream.readline()
        if line:
            self._sink(line)
        return line

    def close(self) -> None:
        self._stream.close()


def _draining_soon(original):
    """Waits 5 ms for an invocation's log lines instead of 50: ours are recorded above anyway."""

    def drain(self, first_line_wait: float = 0.005, idle_confirm: float = 0.002, hard_cap: float = 0.05) -> str:
        return original(self, first_line_wait, idle_confirm, hard_cap)

    return drain


def _workers() -> list[Any]:
    from ministack.core import lambda_runtime

    with lambda_runtime._lock:
        return [worker for pool in lambda_runtime._workers.values() for worker in pool]


def _port(worker: Any) -> int | None:
    server = getattr(worker, "_server", None)
    return server.server_address[1] if server else None


def _alive(worker: Any) -> bool:
    process = worker._proc
    return process is not None and process.poll() is None


def _kill(worker: Any) -> int:
    os.kill(worker._proc.pid, signal.SIGKILL)
    return worker._proc.pid


def stop_all() -> None:
    """Ends every environment; the launcher's last act."""
    from ministack.core import lambda_runtime

    lambda_runtime.reset()
