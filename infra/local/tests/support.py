"""A running launcher, and short words for what the tests ask of it."""

from __future__ import annotations

import io
import json
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import boto3
from botocore.config import Config

_HERE = Path(__file__).parent
T = TypeVar("T")


class Launcher:
    """The launcher in a process of its own, which ends with this one."""

    def __init__(self, *options: str) -> None:
        self._folder = tempfile.TemporaryDirectory()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = Path(self._folder.name) / "log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(_HERE.parent / "launcher.py"), "--port", str(self.port),
                 "--state-dir", self._folder.name, "--with-parent", *options],
                stdin=subprocess.PIPE, stdout=log, stderr=log,
            )
        until(self._answers, "the launcher answers")

    def _answers(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        try:
            return bool(self.control("GET", "health"))
        except urllib.error.URLError:
            return False

    def end(self) -> None:
        self.process.stdin.close()
        self.process.wait(timeout=10)
        self._folder.cleanup()

    def control(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_posthorn/{path}", data, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read().decode()
        return json.loads(text) if answer.headers["content-type"] == "application/json" else text

    def client(self, service: str, **config: Any) -> Any:
        return boto3.client(
            service, endpoint_url=self.url, region_name="us-east-1",
            aws_access_key_id="test", aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}, **config),
        )

    def table(self, name: str, **options: Any) -> str:
        """Makes a table with a stream; the stream's ARN."""
        attributes = [{"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk")]
        table = self.client("dynamodb").create_table(
            TableName=name, BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
            **{"AttributeDefinitions": attributes, **options},
        )
        return table["TableDescription"]["LatestStreamArn"]

    def put(self, table: str, *items: str) -> None:
        """Writes items `name` or `name:kind`, all under one partition key."""
        for item in items:
            name, _, kind = item.partition(":")
            self.client("dynamodb").put_item(
                TableName=table, Item={"pk": {"S": "p"}, "sk": {"S": name}, "kind": {"S": kind or "good"}}
            )

    def function(self, name: str, mode: str) -> str:
        """Deploys a handler of `bootstrap.py`."""
        source = f"#!{sys.executable}\n" + (_HERE / "bootstrap.py").read_text()
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            info = zipfile.ZipInfo("bootstrap")
            info.external_attr = 0o755 << 16
            archive.writestr(info, source)
        self.client("lambda").create_function(
            FunctionName=name, Runtime="provided.al2023", Handler="bootstrap", Timeout=20,
            Role="arn:aws:iam::000000000000:role/test", Code={"ZipFile": packed.getvalue()},
            Environment={"Variables": {"MODE": mode}},
        )
        return name

    def invoke(self, name: str, event: Any) -> dict[str, Any]:
        answer = self.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event))
        return {"error": answer.get("FunctionError"), "payload": json.loads(answer["Payload"].read() or b"null")}

    def queue(self, name: str) -> tuple[str, str]:
        sqs = self.client("sqs")
        url = sqs.create_queue(QueueName=name)["QueueUrl"]
        return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def receive(self, url: str, at_least: int = 1) -> list[Any]:
        """The bodies of the messages in a queue, which are then gone."""
        sqs, found = self.client("sqs"), []

        def enough() -> bool:
            for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
                found.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            return len(found) >= at_least

        until(enough, f"{at_least} message(s) in {url}")
        return found

    def done(self, function: str) -> list[str]:
        """What a function says it has done, in order."""
        lines = self.control("GET", f"logs?function={function}").splitlines()
        return [line.partition(": done ")[2] for line in lines if ": done " in line]

    def settle(self) -> None:
        until(lambda: self.control("GET", "pending")["quiet_for_ms"] > 200, "the run is quiet")


def until(condition: Callable[[], T], what: str, within_s: float = 15.0) -> T:
    deadline = time.monotonic() + within_s
    while not (value := condition()):
        assert time.monotonic() < deadline, f"not within {within_s} s: {what}"
        time.sleep(0.05)
    return value
