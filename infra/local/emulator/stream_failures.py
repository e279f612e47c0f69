"""What AWS leaves in a mapping's on-failure destination: a pointer, not the records."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from datetime import datetime, timezone
from typing import Any

_log = logging.getLogger("posthorn")


def send_to_destination(
    mapping: dict[str, Any], records: list[dict[str, Any]], result: dict[str, Any], condition: str, attempts: int
) -> None:
    """Sends the published record of a discarded batch to the mapping's queue or topic."""
    destination = ((mapping.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination", "")
    _log.warning("%s discarded %d stream record(s): %s", mapping["FunctionName"], len(records), condition)
    if not destination:
        return
    body = json.dumps(_record(mapping, records, result, condition, attempts))
    if ":sqs:" in destination:
        enqueue(destination, body)
    elif ":sns:" in destination:
        from ministack.services import sns

        sns.publish_internal(destination, body)


def enqueue(queue_arn: str, body: str) -> None:
    """Puts a message into a queue, as the service itself would."""
    from ministack.core.responses import get_account_id, new_uuid
    from ministack.services import lambda_svc, sqs

    queue = sqs._queue_by_arn(queue_arn)
    if queue is None:
        _log.error("no queue %s", queue_arn)
        return
    now = time.time()
    queue["messages"].append({
        "id": new_uuid(), "body": body, "md5_body": hashlib.md5(body.encode()).hexdigest(), "md5_attrs": "",
        "receipt_handle": None, "sent_at": now, "visible_at": now + sqs.queue_delay(queue),
        "receive_count": 0, "first_receive_at": None, "message_attributes": {},
        "sys": {"SenderId": get_account_id(), "SentTimestamp": str(int(now * 1000))},
        "group_id": None, "dedup_id": None, "dedup_cache_key": None, "seq": None,
    })
    lambda_svc._esm_wake.set()


def _record(
    mapping: dict[str, Any], records: list[dict[str, Any]], result: dict[str, Any], condition: str, attempts: int
) -> dict[str, Any]:
    from ministack.core.responses import new_uuid

    first, last = records[0]["dynamodb"], records[-1]["dynamodb"]
    record: dict[str, Any] = {
        "requestContext": {
            "requestId": new_uuid(),
            "functionArn": mapping.get("FunctionArn", ""),
            "condition": condition,
            "approximateInvokeCount": attempts,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "version": "1.0",
        "timestamp": _instant(time.time(), "milliseconds"),
        "DDBStreamBatchInfo": {
            "shardId": "shardId-00000000000000000000-00000000",
            "startSequenceNumber": first["SequenceNumber"],
            "endSequenceNumber": last["SequenceNumber"],
            "approximateArrivalOfFirstRecord": _instant(first["ApproximateCreationDateTime"], "seconds"),
            "approximateArrivalOfLastRecord": _instant(last["ApproximateCreationDateTime"], "seconds"),
            "batchSize": len(records),
            "streamArn": mapping["EventSourceArn"],
        },
    }
    if not result.get("error"):
        # Reported by the function itself: it ran to its end.
        del record["responseContext"]["functionError"]
    return record


def _instant(seconds: float, precision: str) -> str:
    moment = datetime.fromtimestamp(float(seconds), tz=timezone.utc)
    return moment.isoformat(timespec=precision).replace("+00:00", "Z")
