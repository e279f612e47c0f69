"""A redrive as an operator starts it: `StartMessageMoveTask`, which the emulator's queues lack."""

from __future__ import annotations

import json
import time
from typing import Any

from .patching import MovedError


def install() -> None:
    from ministack.services import sqs

    if not isinstance(getattr(sqs, "_HANDLERS", None), dict):
        raise MovedError("ministack.services.sqs._HANDLERS is gone")
    sqs._HANDLERS.setdefault("StartMessageMoveTask", _start)


def _start(request: dict[str, Any], _: str) -> dict[str, Any]:
    """Moves what is visible, at once; AWS does it in the background."""
    from ministack.core.responses import new_uuid
    from ministack.services import lambda_svc, sqs

    source = _queue(request.get("SourceArn", ""))
    owners = _owners(request["SourceArn"])
    if not owners:
        raise sqs._Err("InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue.")
    target = _queue(request["DestinationArn"]) if request.get("DestinationArn") else owners[0]
    now = time.time()
    with sqs._queues_lock:
        moved = [message for message in source["messages"] if message.get("visible_at", 0) <= now]
        for message in moved:
            source["messages"].remove(message)
            target["messages"].append({
                **message, "id": new_uuid(), "receipt_handle": None, "receive_count": 0, "first_receive_at": None,
                "sent_at": now, "visible_at": now + sqs.queue_delay(target),
            })
    lambda_svc._esm_wake.set()
    return {"TaskHandle": new_uuid()}


def _queue(arn: str) -> dict[str, Any]:
    from ministack.services import sqs

    queue = sqs._queue_by_arn(arn)
    if queue is None:
        raise sqs._Err("ResourceNotFoundException", f"The resource that you specified doesn't exist: {arn}", 404)
    return queue


def _owners(arn: str) -> list[dict[str, Any]]:
    """The queues whose dead letters lie in `arn`."""
    from ministack.services import sqs

    owners = []
    for queue in list(sqs._queues._data.values()):
        policy = queue["attributes"].get("RedrivePolicy")
        if policy and json.loads(policy)["deadLetterTargetArn"] == arn:
            owners.append(queue)
    return owners
