"""The SMS of the run, and SNS's delivery reports about them.

SNS writes a report for each SMS into CloudWatch Logs, in the group
`sns/<region>/<account>/DirectPublishToPhoneNumber` (`…/Failure` when it failed).
The emulator does not; a test asks for a report here.
"""

from __future__ import annotations

import json
import time
from datetime import datetime, timezone
from typing import Any


class UnknownSmsError(LookupError):
    """A test named an SMS that was never sent."""


def messages(recipient: str = "") -> list[dict[str, Any]]:
    """What was sent, oldest first."""
    return [
        {
            "message_id": record["MessageId"],
            "to": record["PhoneNumber"],
            "text": record["Message"],
            "attributes": {
                name: value.get("Value", value.get("StringValue", value)) if isinstance(value, dict) else value
                for name, value in (record.get("MessageAttributes") or {}).items()
            },
        }
        for _, record in _records()
        if not recipient or record["PhoneNumber"] == recipient
    ]


def clear() -> None:
    from ministack.services import sns

    sns._sms_messages.clear()


def report(message_id: str, status: str, provider_response: str) -> str:
    """Writes a delivery report; the log group that holds it."""
    from ministack.core.responses import set_request_account_id, set_request_region
    from ministack.services import cloudwatch_logs

    found = next((r for r in _records() if r[1]["MessageId"] == message_id), None)
    if found is None:
        raise UnknownSmsError(f"no SMS {message_id} was sent in this run")
    (account, region), record = found
    set_request_account_id(account)
    set_request_region(region)
    group = f"sns/{region}/{account}/DirectPublishToPhoneNumber" + ("" if status == "SUCCESS" else "/Failure")
    now = int(time.time() * 1000)
    event = {"timestamp": now, "message": json.dumps(_report(record, status, provider_response)), "ingestionTime": now}
    groups = cloudwatch_logs._log_groups
    if group not in groups:
        groups[group] = {
            "arn": cloudwatch_logs._make_group_arn(group), "creationTime": now, "retentionInDays": None,
            "tags": {}, "subscriptionFilters": {}, "streams": {},
        }
    stream = groups[group]["streams"].setdefault(message_id, {
        "events": [], "uploadSequenceToken": "1", "creationTime": now, "firstEventTimestamp": None,
        "lastEventTimestamp": None, "lastIngestionTime": None,
    })
    cloudwatch_logs._append_log_events(stream, [event])
    cloudwatch_logs._fanout_to_subscription_filters(group, message_id, [event])
    return group


def _report(record: dict[str, Any], status: str, provider_response: str) -> dict[str, Any]:
    return {
        "notification": {
            "messageId": record["MessageId"],
            "timestamp": datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3],
        },
        "delivery": {
            "mnc": 0, "numberOfMessageParts": 1, "destination": record["PhoneNumber"], "priceInUSD": 0.00645,
            "smsType": "Transactional", "mcc": 0, "providerResponse": provider_response,
            "dwellTimeMs": 599, "dwellTimeMsUntilDeviceAck": 1344,
        },
        "status": status,
    }


def _records() -> list[tuple[tuple[str, str], dict[str, Any]]]:
    from ministack.services import sns

    return [
        ((account, region), record)
        for (account, region, _), records in list(sns._sms_messages.all_items())
        for record in records
    ]
