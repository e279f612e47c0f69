"""A message of SES's `SendEmail`, read for the inbox and for the events about it."""

from __future__ import annotations

import base64
from email import policy
from email.parser import BytesParser
from email.utils import parseaddr
from typing import Any


def read(request: dict[str, Any]) -> dict[str, Any]:
    """The message in a request of SESv2's `SendEmail`."""
    destination = request.get("Destination") or {}
    content = request.get("Content") or {}
    message: dict[str, Any] = {
        "from": request.get("FromEmailAddress", ""),
        "to": [a for field in ("ToAddresses", "CcAddresses", "BccAddresses") for a in destination.get(field) or []],
        "reply_to": request.get("ReplyToAddresses") or [],
        "configuration_set": request.get("ConfigurationSetName", ""),
        "tags": {tag["Name"]: tag["Value"] for tag in request.get("EmailTags") or []},
    }
    if "Raw" in content:
        message.update(_raw(content["Raw"].get("Data", "")))
        message["to"] = message["to"] or message["headers"].get("To", "").split(", ")
        return message
    simple = content.get("Simple") or {}
    body = simple.get("Body") or {}
    message.update(
        subject=(simple.get("Subject") or {}).get("Data", ""),
        text=(body.get("Text") or {}).get("Data", ""),
        html=(body.get("Html") or {}).get("Data", ""),
        headers={header["Name"]: header["Value"] for header in simple.get("Headers") or []},
    )
    return message


def envelope(message: dict[str, Any], account: str, region: str) -> dict[str, Any]:
    """The `mail` object of SES's events."""
    sender = parseaddr(message["from"])[1]
    headers = {"From": message["from"], "To": ", ".join(message["to"]), "Subject": message["subject"], **message["headers"]}
    return {
        "timestamp": message["sent_at"],
        "source": message["from"],
        "sourceArn": f"arn:aws:ses:{region}:{account}:identity/{sender}",
        "sendingAccountId": account,
        "messageId": message["message_id"],
        "destination": message["to"],
        "headersTruncated": False,
        "headers": [{"name": name, "value": value} for name, value in headers.items()],
        "commonHeaders": {
            "from": [message["from"]],
            "to": message["to"],
            "messageId": message["message_id"],
            "subject": message["subject"],
        },
        "tags": {
            "ses:operation": ["SendEmail"],
            "ses:configuration-set": [message["configuration_set"]],
            "ses:source-ip": ["127.0.0.1"],
            "ses:from-domain": [sender.rpartition("@")[2]],
            "ses:caller-identity": [message["function"] or "local"],
            **{name: [value] for name, value in message["tags"].items()},
        },
    }


def _raw(data: str) -> dict[str, Any]:
    parsed = BytesParser(policy=policy.default).parsebytes(base64.b64decode(data))
    parts = {part.get_content_type(): part for part in parsed.walk() if not part.is_multipart()}
    return {
        "subject": str(parsed.get("Subject", "")),
        "headers": {name: str(value) for name, value in parsed.items()},
        "text": parts["text/plain"].get_content() if "text/plain" in parts else "",
        "html": parts["text/html"].get_content() if "text/html" in parts else "",
    }
