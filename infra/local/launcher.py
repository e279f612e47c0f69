"""Starts the local AWS emulator as Posthorn needs it, on loopback, until it is told to end.

    python launcher.py --port 4566 --state-dir .tools/stack

Stays until SIGTERM, `POST /_posthorn/stop`, the end of standard input
(`--with-parent`) or twelve hours without a request. It takes its Lambda
environments with it.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import shutil
import sys
from pathlib import Path

_HOST = "127.0.0.1"
_log = logging.getLogger("posthorn")


def main() -> int:
    options = _options()
    _prepare_environment(options)
    # Only now: the emulator reads its environment while it is imported.
    sys.path.insert(0, str(Path(__file__).parent))
    return asyncio.run(_serve(options))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state-dir", type=Path, required=True, help="a folder of its own; emptied at the start")
    parser.add_argument("--api-port", type=int, help="also serve an HTTP API here, from the root")
    parser.add_argument("--api-name", default="posthorn", help="name of that API")
    parser.add_argument("--region", default="us-east-1")
    parser.add_argument("--with-parent", action="store_true", help="end when standard input closes")
    parser.add_argument("--idle-limit", type=float, default=12 * 3600, help="seconds without a request")
    return parser.parse_args()


def _prepare_environment(options: argparse.Namespace) -> None:
    scratch = options.state_dir.resolve() / "tmp"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    # A developer's own AWS settings and proxies have no business in here.
    for name in list(os.environ):
        if name.startswith(("AWS_", "MINISTACK_", "LOCALSTACK_")) or name.lower().endswith("_proxy"):
            del os.environ[name]
    os.environ.update({
        "TMPDIR": str(scratch),
        "S3_DATA_DIR": str(scratch / "s3"),
        "GATEWAY_PORT": str(options.port),
        "BIND_HOST": _HOST,
        "MINISTACK_REGION": options.region,
        "AWS_DEFAULT_REGION": options.region,
        "AWS_ENDPOINT_URL": f"http://{_HOST}:{options.port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "LAMBDA_EXECUTOR": "local",
        "DOCKER_HOST": "unix:///nonexistent",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "INFO"),
    })


async def _serve(options: argparse.Namespace) -> int:
    from hypercorn.asyncio import serve
    from hypercorn.config import Config
    from ministack.app import app as ministack

    from emulator import apis, cutting, functions, mappings, redrive
    from emulator.control import Control, Parts
    from emulator.gateway import Gateway
    from emulator.lifetime import Lifetime

    parts, lifetime = Parts(), Lifetime()
    cutting.install()
    apis.install()
    mappings.install()
    redrive.install()
    for part in (parts.functions, parts.streams, parts.queues, parts.schedules, parts.repeats, parts.windows):
        part.install()

    control = Control(parts, lambda: lifetime.end("asked to"))
    api = (options.api_port, apis.api_id(options.api_name)) if options.api_port else None
    gateway = Gateway(ministack, parts, control, api)
    config = Config()
    config.bind = [f"{_HOST}:{port}" for port in (options.port, options.api_port) if port]
    config.keep_alive_timeout = 75
    config.h11_max_incomplete_size = 64 * 1024
    config.graceful_timeout = 1

    lifetime.watch_signals()
    if options.with_parent:
        lifetime.watch_parent()
    idleness = asyncio.create_task(lifetime.watch_idleness(lambda: gateway.last_used, options.idle_limit))
    try:
        await serve(gateway, config, shutdown_trigger=lifetime.wait)
    except OSError as error:
        print(f"port {options.port}: {error.strerror or error}", file=sys.stderr)
        return 1
    finally:
        idleness.cancel()
        functions.stop_all()
        shutil.rmtree(os.environ["TMPDIR"], ignore_errors=True)
    _log.info("Ended: %s", lifetime.reason)
    # The emulator's own threads may wait for what never comes.
    logging.shutdown()
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    raise SystemExit(main())
