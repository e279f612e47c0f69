"""Stands in for what SES reports after it took a message.

The emulator stores a configuration set's event destinations and publishes
nothing to them. This publishes Send, Delivery, Bounce and Complaint in SES's
published JSON, and Open, Click and the like when a test asks, to the SNS topics
of the message's configuration set as CloudFormation deployed them.

It also keeps each message with its headers and tags, which the emulator drops.
"""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from datetime import datetime, timezone
from email.utils import parseaddr
from typing import Any

from . import mail_message
from .calls import Call

_log = logging.getLogger("posthorn")
_SUBJECT = "Amazon SES Email Event Notification"
# SES answers first and reports a moment later.
_DELAY_S = 0.02

# What the mailbox simulator's addresses do; every other address takes delivery.
_SIMULATOR = "simulator.amazonses.com"
_OUTCOMES = {"bounce": ["Bounce"], "complaint": ["Delivery", "Complaint"], "suppressionlist": ["Bounce"]}


class UnknownMessageError(LookupError):
    """A test named a message that was never sent."""


class Mail:
    """The messages of the run and the events about them."""

    def __init__(self) -> None:
        self._sent: dict[str, dict[str, Any]] = {}
        self._scope: dict[str, tuple[str, str]] = {}
        self.unpublished = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def messages(self, recipient: str = "") -> list[dict[str, Any]]:
        return [message for message in self._sent.values() if not recipient or recipient in message["to"]]

    def clear(self) -> None:
        self._sent.clear()

    def sent(self, call: Call, function: str, answer: bytes) -> None:
        """Keeps a message that SES accepted and reports what becomes of it."""
        from ministack.core.responses import get_account_id, get_region

        message_id = json.loads(answer)["MessageId"]
        message = mail_message.read(call.json)
        message.update(message_id=message_id, sent_at=_now(), function=function)
        self._sent[message_id] = message
        self._scope[message_id] = get_account_id(), get_region()
        self.unpublished += 1
        task = asyncio.get_running_loop().create_task(self._report(message_id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def publish(self, message_id: str, kind: str, detail: dict[str, Any] | None = None) -> int:
        """Publishes one event about a message; the number of topics that got it."""
        message = self._sent.get(message_id)
        if message is None:
            raise UnknownMessageError(f"no message {message_id} was sent in this run")
        account, region = self._scope[message_id]
        event = {
            "eventType": kind,
            "mail": mail_message.envelope(message, account, region),
            _key(kind): {**_detail(kind, message), **(detail or {})},
        }
        topics = _topics(message["configuration_set"], kind, account, region)
        for topic in topics:
            _send(topic, event, account, region)
        return len(topics)

    async def _report(self, message_id: str) -> None:
        try:
            await asyncio.sleep(_DELAY_S)
            message = self._sent[message_id]
            for kind in ["Send", *_outcome(message["to"])]:
                self.publish(message_id, kind)
        finally:
            self.unpublished -= 1


def _outcome(recipients: list[str]) -> list[str]:
    local, _, domain = parseaddr(recipients[0] if recipients else "")[1].partition("@")
    if domain.lower() != _SIMULATOR:
        return ["Delivery"]
    return _OUTCOMES.get(local.lower().split("+")[0], ["Delivery"])


def _topics(configuration_set: str, kind: str, account: str, region: str) -> list[str]:
    from ministack.services import ses_v2

    stored = ses_v2._config_sets.get_scoped(account, region, configuration_set) or {}
    wanted = "".join(f"_{letter}" if letter.isupper() else letter for letter in kind).upper().lstrip("_")
    return [
        destination["SnsDestination"]["TopicArn"]
        for destination in (stored.get("EventDestinations") or {}).values()
        if destination.get("Enabled") and "SnsDestination" in destination and wanted in destination["MatchingEventTypes"]
    ]


def _send(topic: str, event: dict[str, Any], account: str, region: str) -> None:
    from ministack.core.responses import set_request_account_id, set_request_region
    from ministack.services import sns

    set_request_account_id(account)
    set_request_region(region)
    if sns.publish_internal(topic, json.dumps(event), _SUBJECT) is None:
        _log.error("SES event for a topic that is not there: %s", topic)


def _key(kind: str) -> str:
    """`DeliveryDelay` lies under `deliveryDelay`; a rendering failure under `failure`."""
    return "failure" if kind == "RenderingFailure" else kind[0].lower() + kind[1:]


def _detail(kind: str, message: dict[str, Any]) -> dict[str, Any]:
    recipients, now = message["to"], _now()
    address = recipients[0] if recipients else ""
    suppressed = address.lower().startswith("suppressionlist")
    return {
        "Send": {},
        "Delivery": {
            "timestamp": now, "processingTimeMillis": 20, "recipients": recipients,
            "smtpResponse": "250 2.6.0 Message received", "reportingMTA": "a8-50.smtp-out.amazonses.com",
        },
        "Bounce": {
            "bounceType": "Permanent", "bounceSubType": "Suppressed" if suppressed else "General",
            "bouncedRecipients": [{
                "emailAddress": address, "action": "failed", "status": "5.1.1",
                "diagnosticCode": "smtp; 550 5.1.1 user unknown",
            }],
            "timestamp": now, "feedbackId": str(uuid.uuid4()), "reportingMTA": "dsn; a8-50.smtp-out.amazonses.com",
        },
        "Complaint": {
            "complainedRecipients": [{"emailAddress": address}], "timestamp": now, "feedbackId": str(uuid.uuid4()),
            "userAgent": "Amazon SES Mailbox Simulator", "complaintFeedbackType": "abuse", "arrivalDate": now,
        },
        "Open": {"ipAddress": "192.0.2.1", "timestamp": now, "userAgent": "Mozilla/5.0"},
        "Click": {
            "ipAddress": "192.0.2.1", "timestamp": now, "userAgent": "Mozilla/5.0",
            "link": "https://example.com/", "linkTags": None,
        },
        "Reject": {"reason": "Bad content"},
        "RenderingFailure": {"templateName": "", "errorMessage": "Attribute is not present in the rendering data."},
        "DeliveryDelay": {
            "timestamp": now, "delayType": "TransientCommunicationFailure", "expirationTime": now,
            "delayedRecipients": [{"emailAddress": address, "status": "4.4.1", "diagnosticCode": "smtp; 421 4.4.1 timeout"}],
        },
    }.get(kind, {})


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
