"""Pointers of the stream: all of them, to the last record."""

from __future__ import annotations

import io
import json
import sys
import unittest
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import redrive  # noqa: E402 - it lies beside this folder.

from support import Launcher, until  # noqa: E402


def record(number: int, sk: str = "ORDER", name: str = "INSERT") -> dict[str, Any]:
    return {
        "eventName": name,
        "dynamodb": {
            "ApproximateCreationDateTime": datetime(2026, 11, 22, 10, tzinfo=timezone.utc),
            "Keys": {"pk": {"S": "ORDER#acme#1"}, "sk": {"S": sk}},
            "NewImage": {"scans": {"B": b"\x00\x01"}},
            "SequenceNumber": str(number),
        },
    }


class Streams:
    """A shard whose records come two to a page, with empty pages between them."""

    def __init__(self, records: list[dict[str, Any]]) -> None:
        self.records = records

    def get_shard_iterator(self, *, SequenceNumber: str, **_: Any) -> dict[str, str]:
        return {"ShardIterator": f"{SequenceNumber}:1"}

    def get_records(self, *, ShardIterator: str) -> dict[str, Any]:
        start, is_empty = (int(part) for part in ShardIterator.split(":"))
        if is_empty:
            return {"Records": [], "NextShardIterator": f"{start}:0"}
        page = [r for r in self.records if int(r["dynamodb"]["SequenceNumber"]) >= start][:2]
        end = int(page[-1]["dynamodb"]["SequenceNumber"]) + 1 if page else start
        return {"Records": page, "NextShardIterator": f"{end}:1"}


class Queue:
    def __init__(self, pointers: list[tuple[int, int, int]]) -> None:
        self.messages = [
            {
                "MessageId": str(index),
                "ReceiptHandle": str(index),
                "Body": json.dumps({"DDBStreamBatchInfo": {
                    "streamArn": "arn", "shardId": "shard", "startSequenceNumber": str(first),
                    "endSequenceNumber": str(last), "batchSize": size,
                }}),
            }
            for index, (first, last, size) in enumerate(pointers)
        ]
        self.deleted: list[str] = []
        self.shown: list[str] = []
        self._next = 0

    def receive_message(self, **_: Any) -> dict[str, Any]:
        page = self.messages[self._next : self._next + 1]
        self._next += 1
        return {"Messages": page}

    def delete_message(self, *, ReceiptHandle: str, **_: Any) -> None:
        self.deleted.append(ReceiptHandle)

    def change_message_visibility(self, *, ReceiptHandle: str, VisibilityTimeout: int, **_: Any) -> None:
        assert VisibilityTimeout == 0
        self.shown.append(ReceiptHandle)


class Function:
    """Does all records but those in `fails`, each of which fails so many times."""

    def __init__(self, fails: dict[str, int] | None = None) -> None:
        self.fails = dict(fails or {})
        self.done: list[str] = []

    def invoke(self, *, Payload: bytes, **_: Any) -> dict[str, Any]:
        failures = []
        for given in json.loads(Payload)["Records"]:
            number = given["dynamodb"]["SequenceNumber"]
            if self.fails.get(number, 0) > 0:
                self.fails[number] -= 1
                failures = [{"itemIdentifier": number}]
                break
            self.done.append(number)
        return {"Payload": io.BytesIO(json.dumps({"batchItemFailures": failures}).encode())}


class RedriveTest(unittest.TestCase):
    def run_(self, records, pointers, fails=None) -> tuple[redrive.Tally, Queue, Function]:
        queue, function = Queue(pointers), Function(fails)
        clients = {"sqs": queue, "dynamodbstreams": Streams(records), "lambda": function}
        with mock.patch.object(redrive.boto3, "client", clients.__getitem__), \
             mock.patch.object(redrive, "outputs", lambda _: {"EvaluateDlqUrl": "url"}):
            return redrive.redrive("posthorn"), queue, function

    def test_all_pointers_are_followed_to_their_last_record(self) -> None:
        records = [record(n) for n in range(1, 12)]
        tally, queue, function = self.run_(records, [(1, 7, 7), (8, 8, 1), (9, 11, 3)])
        self.assertEqual((tally.pointers, tally.records, tally.left), (3, 11, 0))
        self.assertEqual(function.done, [str(n) for n in range(1, 12)])
        self.assertEqual(queue.deleted, ["0", "1", "2"])

    def test_what_the_filter_holds_back_does_not_count(self) -> None:
        records = [record(1), record(2, "CONTACT"), record(3, name="REMOVE"), record(4, "SHIPMENT#0001")]
        tally, queue, function = self.run_(records, [(1, 4, 2)])
        self.assertEqual((tally.left, function.done, queue.deleted), (0, ["1", "4"], ["0"]))

    def test_a_pointer_to_more_than_the_stream_has_is_left_and_the_others_go_on(self) -> None:
        records = [record(n) for n in (3, 4, 5)]
        with self.assertLogsTo() as said:
            tally, queue, function = self.run_(records, [(1, 4, 4), (5, 5, 1)])
        self.assertIn("the stream has 2 of them", said.getvalue())
        self.assertEqual((tally.left, queue.deleted, queue.shown), (1, ["1"], ["0"]))
        self.assertEqual(function.done, ["3", "4", "5"])

    def test_what_the_function_does_not_do_is_tried_again_from_there_and_then_left(self) -> None:
        records = [record(n) for n in (1, 2, 3)]
        tally, queue, function = self.run_(records, [(1, 3, 3)], {"2": 1})
        self.assertEqual((tally.left, function.done), (0, ["1", "2", "3"]))
        with self.assertLogsTo():
            tally, queue, _ = self.run_(records, [(1, 3, 3)], {"2": 99})
        self.assertEqual((tally.left, queue.deleted), (1, []))

    def test_a_record_is_written_as_lambda_writes_it(self) -> None:
        written = redrive.as_lambda_has_it(record(1))["dynamodb"]
        self.assertEqual(written["ApproximateCreationDateTime"], 1_795_341_600)
        self.assertEqual(written["NewImage"]["scans"]["B"], "AAE=")

    def assertLogsTo(self):  # noqa: N802 - named as its kin in unittest.
        return mock.patch("sys.stderr", new_callable=io.StringIO)


class DeployedTest(unittest.TestCase):
    """The same against the emulator, from the table to the function."""

    def test_what_a_mapping_gave_up_is_done_after_a_redrive(self) -> None:
        run = Launcher()
        self.addCleanup(run.end)
        stream = run.table("orders")
        url, arn = run.queue("evaluate-dlq")
        function = run.function("posthorn-evaluate", "report")
        run.put("orders", "ORDER", "SHIPMENT#0001:flaky", "SHIPMENT#0002")
        run.client("lambda").create_event_source_mapping(
            EventSourceArn=stream, FunctionName=function, StartingPosition="TRIM_HORIZON",
            DestinationConfig={"OnFailure": {"Destination": arn}}, MaximumRetryAttempts=0,
            FunctionResponseTypes=["ReportBatchItemFailures"],
        )
        sqs = run.client("sqs")
        count = {"QueueUrl": url, "AttributeNames": ["ApproximateNumberOfMessages"]}
        depth = lambda: sqs.get_queue_attributes(**count)["Attributes"]["ApproximateNumberOfMessages"]  # noqa: E731
        until(lambda: depth() == "1", "the pointer lies aside")
        clients = {name: run.client(name) for name in ("sqs", "dynamodbstreams", "lambda")}
        with mock.patch.object(redrive.boto3, "client", clients.__getitem__), \
             mock.patch.object(redrive, "outputs", lambda _: {"EvaluateDlqUrl": url}):
            dry = redrive.redrive("posthorn", is_dry=True)
            self.assertEqual((dry.pointers, dry.records, dry.left), (1, 2, 0))
            tally = redrive.redrive("posthorn")
        self.assertEqual((tally.pointers, tally.records, tally.left), (1, 2, 0))
        self.assertEqual(run.done(function), ["ORDER", "SHIPMENT#0001", "SHIPMENT#0002"])
        self.assertEqual(depth(), "0")


if __name__ == "__main__":
    unittest.main()
