"""Which AWS call an HTTP request is: service, operation, caller and resource."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, unquote

_TARGETS = {
    "DynamoDB_20120810": "dynamodb",
    "DynamoDBStreams_20120810": "dynamodbstreams",
    "AmazonSQS": "sqs",
    "AWSEvents": "events",
    "AmazonSSM": "ssm",
    "secretsmanager": "secretsmanager",
    "TrentService": "kms",
    "Logs_20140328": "logs",
}
_ALIASES = {"sesv2": "ses", "email": "ses", "eventbridge": "events"}
_CREDENTIAL = re.compile(r"Credential=[^/]+/[^/]+/[^/]+/([^/]+)/aws4_request")
_CALLER = re.compile(r"\bapp/fn-(\d+)\b")
_INVOKE = re.compile(r"^/2015-03-31/functions/([^/]+)/invocations$")


def service_name(name: str) -> str:
    """One name for each service, whatever its SDK calls it."""
    name = name.lower()
    return _ALIASES.get(name, name)


@dataclass
class Call:
    """One call of an AWS API."""

    service: str
    operation: str
    body: bytes
    # The port of the runtime API of the Lambda environment that called, if any.
    caller: int | None = None
    resource: str = ""
    query: dict[str, list[str]] = field(default_factory=dict)

    @cached_property
    def json(self) -> dict[str, Any]:
        """The request's JSON, or nothing when it is not JSON."""
        try:
            parsed = json.loads(self.body)
        except ValueError:
            return {}
        return parsed if isinstance(parsed, dict) else {}

    @property
    def is_dynamodb(self) -> bool:
        return self.service == "dynamodb"

    @property
    def is_send_email(self) -> bool:
        return self.service == "ses" and self.operation == "SendEmail"


def classify(method: str, path: str, headers: dict[str, str], query_string: str, body: bytes) -> Call | None:
    """The AWS call in a request, or `None` for anything else that the emulator serves."""
    call = _classify(method, path, headers, query_string, body)
    if call is not None:
        found = _CALLER.search(headers.get("user-agent", ""))
        call.caller = int(found.group(1)) if found else None
        call.resource = _resource(call)
    return call


def _classify(method: str, path: str, headers: dict[str, str], query_string: str, body: bytes) -> Call | None:
    if path.startswith(("/_ministack/", "/_aws/", "/_posthorn/")):
        return None
    target, _, operation = headers.get("x-amz-target", "").rpartition(".")
    if target in _TARGETS:
        return Call(_TARGETS[target], operation, body)
    if path.startswith("/v2/email/"):
        sends = method == "POST" and path.rstrip("/") == "/v2/email/outbound-emails"
        return Call("ses", "SendEmail" if sends else f"{method} {path}", body)
    if found := _INVOKE.match(path):
        return Call("lambda", "Invoke", body, resource=unquote(found.group(1)))
    credential = _CREDENTIAL.search(headers.get("authorization", ""))
    if credential is None:
        return None
    service = service_name(credential.group(1))
    form = headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    params = parse_qs(body.decode("utf-8", "replace") if form else query_string, keep_blank_values=True)
    operation = params.get("Action", [f"{method} {path}"])[0]
    return Call(service, operation, body, query=params)


def _resource(call: Call) -> str:
    """What the call names: a table, a queue, a topic, a bus, a function."""
    if call.resource:
        return call.resource
    if call.is_dynamodb:
        return call.json.get("TableName", "")
    if call.service == "sqs":
        return str(call.json.get("QueueUrl", "")).rpartition("/")[2]
    if call.service == "sns":
        return call.query.get("TopicArn", call.query.get("PhoneNumber", [""]))[0]
    if call.service == "events":
        entries = call.json.get("Entries") or [{}]
        return str(entries[0].get("EventBusName", "default")) if isinstance(entries[0], dict) else ""
    if call.service == "ssm":
        return str(call.json.get("Name", ""))
    return ""
