"""Hands what the Orders stream gave up to Evaluate again.

`EvaluateDlq` holds pointers: which records of which shard, not what they say. For
each of them this reads the records from the stream, page by page to the last one,
compares their number with the pointer's, hands them to the function in their order,
and deletes the pointer once every record is done. It goes through all of them, and
ends with 1 if any is left. Doing it twice is harmless.

The endpoint and the credentials come from the environment, as for any AWS tool.
"""

from __future__ import annotations

import argparse
import base64
import json
import sys
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Iterable, Iterator

import boto3
from botocore.exceptions import BotoCoreError, ClientError

# Lambda takes six megabytes in a synchronous call.
MOST_BYTES = 4_000_000
# As many records as the mapping hands over at once.
MOST_RECORDS = 100
# How often a call is tried whose records are not all done.
TRIES = 3
# A shard may have many pages without a record before the next one that has some.
MOST_EMPTY_PAGES = 500
# For as long no other reader sees the pointer.
HIDDEN_SECONDS = 900


@dataclass
class Pointer:
    """A message of the queue."""

    stream: str
    shard: str
    first: str
    last: str
    size: int

    @classmethod
    def read(cls, message: dict[str, Any]) -> Pointer:
        info = json.loads(message["Body"])["DDBStreamBatchInfo"]
        return cls(
            info["streamArn"],
            info["shardId"],
            info["startSequenceNumber"],
            info["endSequenceNumber"],
            int(info["batchSize"]),
        )


@dataclass
class Tally:
    """What came of it."""

    pointers: int = 0
    left: int = 0
    records: int = 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stack", required=True)
    parser.add_argument("--dry-run", action="store_true", help="read and count, hand in and delete nothing")
    options = parser.parse_args()
    try:
        tally = redrive(options.stack, options.dry_run)
    except (BotoCoreError, ClientError, LookupError) as error:
        print(error, file=sys.stderr)
        return 1
    verb = "would be handed in" if options.dry_run else "handed in"
    print(f"{tally.pointers} pointers, {tally.records} records {verb}, {tally.left} pointers left")
    return 1 if tally.left else 0


def redrive(stack: str, is_dry: bool = False) -> Tally:
    """Goes through all pointers of a stack."""
    resources = outputs(stack)
    sqs, streams, functions = (boto3.client(name) for name in ("sqs", "dynamodbstreams", "lambda"))
    queue, function = resources["EvaluateDlqUrl"], f"{stack}-evaluate"
    tally, kept = Tally(), []
    for message in messages(sqs, queue):
        tally.pointers += 1
        is_done = follow(message, streams, functions, function, tally, is_dry)
        if not is_done:
            tally.left += 1
        if is_done and not is_dry:
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        else:
            kept.append(message["ReceiptHandle"])
    # The next look must find them at once.
    for receipt in kept:
        sqs.change_message_visibility(QueueUrl=queue, ReceiptHandle=receipt, VisibilityTimeout=0)
    return tally


def follow(
    message: dict[str, Any], streams: Any, functions: Any, function: str, tally: Tally, is_dry: bool
) -> bool:
    """Hands in the records of one pointer; whether all that it names are done."""
    try:
        pointer = Pointer.read(message)
        records = list(read(streams, pointer))
    except (KeyError, ValueError, ClientError) as error:
        print(f"left a pointer: {error}", file=sys.stderr)
        return False
    is_done = is_dry or hand_in(functions, function, records)
    if is_done:
        tally.records += len(records)
    if len(records) != pointer.size:
        print(
            f"left a pointer to {pointer.size} records from {pointer.first} in {pointer.shard}: "
            f"the stream has {len(records)} of them",
            file=sys.stderr,
        )
        return False
    return is_done


def messages(sqs: Any, queue: str) -> Iterator[dict[str, Any]]:
    """Every message of the queue, once."""
    seen: set[str] = set()
    n_empty = 0
    # An answer without messages may come from a part of the queue that has none.
    while n_empty < 3:
        answer = sqs.receive_message(
            QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=HIDDEN_SECONDS, WaitTimeSeconds=2
        )
        fresh = [message for message in answer.get("Messages", []) if message["MessageId"] not in seen]
        n_empty = 0 if fresh else n_empty + 1
        for message in fresh:
            seen.add(message["MessageId"])
            yield message


def read(streams: Any, pointer: Pointer) -> Iterator[dict[str, Any]]:
    """The records that a pointer names, in their order."""
    iterator = streams.get_shard_iterator(
        StreamArn=pointer.stream,
        ShardId=pointer.shard,
        ShardIteratorType="AT_SEQUENCE_NUMBER",
        SequenceNumber=pointer.first,
    )["ShardIterator"]
    n_empty = 0
    while iterator and n_empty < MOST_EMPTY_PAGES:
        page = streams.get_records(ShardIterator=iterator)
        for record in page["Records"]:
            number = int(record["dynamodb"]["SequenceNumber"])
            if number > int(pointer.last):
                return
            if is_wanted(record):
                yield as_lambda_has_it(record)
            if number == int(pointer.last):
                return
        n_empty = n_empty + 1 if not page["Records"] else 0
        iterator = page.get("NextShardIterator")


def is_wanted(record: dict[str, Any]) -> bool:
    """Whether the mapping lets the record through: its filter in infra/template.yaml."""
    sk = record["dynamodb"]["Keys"].get("sk", {}).get("S", "")
    return record["eventName"] in ("INSERT", "MODIFY") and (sk == "ORDER" or sk.startswith("SHIPMENT#"))


def as_lambda_has_it(value: Any) -> Any:
    """A record as Lambda hands it over: times in seconds, bytes in base64."""
    if isinstance(value, dict):
        return {name: as_lambda_has_it(part) for name, part in value.items()}
    if isinstance(value, (list, set, tuple)):
        return [as_lambda_has_it(part) for part in value]
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    return value


def hand_in(functions: Any, function: str, records: list[dict[str, Any]]) -> bool:
    """Hands records to the function; whether it has done them all."""
    for part in parts(records):
        for _ in range(TRIES):
            answer = functions.invoke(FunctionName=function, Payload=json.dumps({"Records": part}).encode())
            said = json.loads(answer["Payload"].read() or b"null")
            if answer.get("FunctionError") or not isinstance(said, dict):
                continue
            failures = said.get("batchItemFailures") or []
            if not failures:
                break
            numbers = [record["dynamodb"]["SequenceNumber"] for record in part]
            failed = failures[0].get("itemIdentifier")
            part = part[numbers.index(failed) if failed in numbers else 0 :]
        else:
            print(f"{function} did not do {len(part)} records: see its log", file=sys.stderr)
            return False
    return True


def parts(records: list[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    """Runs of records that fit a call."""
    part: list[dict[str, Any]] = []
    size = 0
    for record in records:
        length = len(json.dumps(record))
        if part and (len(part) >= MOST_RECORDS or size + length > MOST_BYTES):
            yield part
            part, size = [], 0
        part.append(record)
        size += length
    if part:
        yield part


def outputs(stack: str) -> dict[str, str]:
    described = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    found = {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}
    if "EvaluateDlqUrl" not in found:
        raise LookupError(f"the stack {stack} has no output EvaluateDlqUrl")
    return found


if __name__ == "__main__":
    raise SystemExit(main())
