"""A Lambda runtime in a page, and the handlers that the tests deploy with it."""

import json
import os
import sys
import time
import urllib.request

API = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime"


def keys(record):
    return record["dynamodb"]["Keys"]["sk"]["S"]


def number(record):
    return record["dynamodb"]["SequenceNumber"]


def kind(record):
    return record["dynamodb"]["NewImage"].get("kind", {}).get("S", "")


def report(event, state):
    """Reports poison always, and what is flaky the first two times; says what it did."""
    failures = []
    for record in event["Records"]:
        name = keys(record)
        state[name] = state.get(name, 0) + 1
        if kind(record) == "poison" or (kind(record) == "flaky" and state[name] < 3):
            failures.append({"itemIdentifier": number(record)})
            break
        print(f"done {name}", flush=True)
    return {"batchItemFailures": failures}


def throw(event, state):
    if any(kind(record) == "poison" for record in event["Records"]):
        raise ValueError("poison")
    for record in event["Records"]:
        print(f"done {keys(record)}", flush=True)
    return {}


def write(event, state):
    """Writes an item, so that a fault can meet the call."""
    import boto3

    boto3.client("dynamodb").put_item(TableName=event["table"], Item={"pk": {"S": "p"}, "sk": {"S": event["sk"]}})
    print(f"wrote {event['sk']}", flush=True)
    return {"environment": sorted(os.environ)}


def consume(event, state):
    """Reports a message that fails once; says what it did."""
    failures = []
    for record in event.get("Records", []):
        name = record["body"]
        state[name] = state.get(name, 0) + 1
        if name == "fails once" and state[name] == 1:
            failures.append({"itemIdentifier": record["messageId"]})
        else:
            print(f"done {name}", flush=True)
    return {"batchItemFailures": failures}


def sleep(event, state):
    print("sleeping", flush=True)
    time.sleep(60)


def main():
    handler, state = globals()[os.environ["MODE"]], {}
    while True:
        with urllib.request.urlopen(f"{API}/invocation/next") as answer:
            request_id, event = answer.headers["Lambda-Runtime-Aws-Request-Id"], json.load(answer)
        try:
            path, result = "response", handler(event, state)
        except Exception as error:
            path, result = "error", {"errorMessage": str(error), "errorType": type(error).__name__}
        urllib.request.urlopen(f"{API}/invocation/{request_id}/{path}", json.dumps(result).encode()).read()


sys.exit(main())
