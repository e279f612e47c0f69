"""The mapping from a table's stream to a function, as AWS documents it.

The emulator's own ignores `batchItemFailures`, `BisectBatchOnFunctionError` and
`MaximumRetryAttempts`. This one honours them, `ParallelizationFactor` (lanes by
partition key) and the on-failure destination. Where AWS's text leaves a choice,
the harsher reading is taken: a batch whose *first* record is reported again and
again is discarded whole in the end, it is not split.

`MaximumBatchingWindowInSeconds` is not waited for: a batch is taken at once.
"""

from __future__ import annotations

import json
import threading
import time
import zlib
from collections import deque
from typing import Any

from .patching import replace
from .stream_failures import send_to_destination

_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 1.0
_READ_AHEAD = 10_000


class Streams:
    """The readers of all mappings from streams."""

    def __init__(self) -> None:
        self._readers: dict[str, Reader] = {}

    def install(self) -> None:
        from ministack.services import lambda_svc

        replace(lambda_svc, "_poll_dynamodb_streams", lambda _: self.poll)
        replace(lambda_svc, "_release_esm_poll_state", self._releasing)

    def poll(self) -> bool:
        """Hands new records to their lanes; called by the emulator's poll loop."""
        from ministack.services import lambda_svc

        found = False
        for account, region, mapping in lambda_svc._iter_all_esms():
            source = mapping.get("EventSourceArn", "")
            if ":dynamodb:" not in source or "/stream/" not in source:
                continue
            reader = self._readers.get(mapping["UUID"])
            if reader is None:
                reader = self._readers[mapping["UUID"]] = Reader(mapping["UUID"], account, region)
            found = reader.read(mapping) or found
        return found

    def pending(self) -> dict[str, int]:
        """Records not yet dealt with, by function."""
        from ministack.services import lambda_svc

        counts: dict[str, int] = {}
        for account, region, mapping in lambda_svc._iter_all_esms():
            reader = self._readers.get(mapping["UUID"])
            if reader is not None and mapping.get("Enabled", True):
                name = mapping["FunctionName"]
                counts[name] = counts.get(name, 0) + reader.unread(mapping) + reader.waiting()
        return counts

    def _releasing(self, original):
        def release(mapping_id: str) -> None:
            self._readers.pop(mapping_id, None)
            original(mapping_id)

        return release


class Reader:
    """Reads one table's stream for one mapping and keeps the order of each key."""

    def __init__(self, mapping_id: str, account: str, region: str) -> None:
        self.mapping_id = mapping_id
        self.account = account
        self.region = region
        self._lanes: dict[int, Lane] = {}

    def read(self, mapping: dict[str, Any]) -> bool:
        from ministack.services import dynamodb, lambda_svc

        if not mapping.get("Enabled", True):
            return False
        with _scope(self.account, self.region):
            table = _table(mapping)
            stored = dynamodb._tables.get(table)
            if not stored or stored.get("LatestStreamArn") != mapping["EventSourceArn"]:
                return False
            positions = lambda_svc._dynamodb_stream_positions
            with lambda_svc._dynamodb_stream_positions_lock:
                horizon, end = dynamodb.stream_start_position(table), dynamodb.stream_end_position(table)
                if self.mapping_id not in positions:
                    latest = mapping.get("StartingPosition", "LATEST") != "TRIM_HORIZON"
                    positions[self.mapping_id] = end if latest else horizon
                position = max(positions[self.mapping_id], horizon)
                records = dynamodb.stream_records_since(table, position, _READ_AHEAD)
                wanted = lambda_svc._apply_filter_criteria(records, mapping) if records else []
                # Queued before the position moves, so that no record is ever in neither count.
                for record in wanted:
                    self._lane(record, mapping).put(record)
                positions[self.mapping_id] = position + len(records)
        for lane in list(self._lanes.values()):
            lane.wake()
        return bool(records)

    def waiting(self) -> int:
        return sum(lane.waiting() for lane in list(self._lanes.values()))

    def unread(self, mapping: dict[str, Any]) -> int:
        from ministack.services import dynamodb, lambda_svc

        with _scope(self.account, self.region), lambda_svc._dynamodb_stream_positions_lock:
            end = dynamodb.stream_end_position(_table(mapping))
            return max(0, end - lambda_svc._dynamodb_stream_positions.get(self.mapping_id, end))

    def _lane(self, record: dict[str, Any], mapping: dict[str, Any]) -> Lane:
        keys = record["dynamodb"]["Keys"]
        partition = json.dumps(next(iter(keys.values()), None), sort_keys=True)
        number = zlib.crc32(partition.encode()) % max(1, int(mapping.get("ParallelizationFactor") or 1))
        lane = self._lanes.get(number)
        if lane is None:
            lane = self._lanes[number] = Lane(self)
        return lane


class Lane:
    """One sequence of records, processed strictly in order by one thread at a time."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._records: deque[dict[str, Any]] = deque()
        self._busy = 0
        self._running = False
        self._lock = threading.Lock()

    def put(self, record: dict[str, Any]) -> None:
        with self._lock:
            self._records.append(record)

    def waiting(self) -> int:
        with self._lock:
            return len(self._records) + self._busy

    def wake(self) -> None:
        from ministack.core.concurrency import spawn_background

        with self._lock:
            if self._running or not self._records:
                return
            self._running = True
        spawn_background(self._run, thread_name="posthorn-stream")

    def _run(self) -> None:
        with _scope(self._reader.account, self._reader.region):
            while (batch := self._take()) is not None:
                try:
                    Batch(self._reader.mapping_id, batch).settle()
                finally:
                    with self._lock:
                        self._busy = 0

    def _take(self) -> list[dict[str, Any]] | None:
        mapping = _mapping(self._reader.mapping_id)
        with self._lock:
            if not self._records or mapping is None or not mapping.get("Enabled", True):
                self._running = False
                return None
            size = min(len(self._records), int(mapping.get("BatchSize") or 100))
            batch = [self._records.popleft() for _ in range(size)]
            self._busy = size
            return batch


class Batch:
    """A batch on its way through the function, until every record is done or discarded."""

    def __init__(self, mapping_id: str, records: list[dict[str, Any]]) -> None:
        self._mapping_id = mapping_id
        self._records = records

    def settle(self) -> None:
        # Batches still to be processed, the next one first, with the retries used on them.
        todo: list[tuple[list[dict[str, Any]], int]] = [(self._records, 0)]
        pause = _FIRST_PAUSE_S
        while todo:
            mapping = _mapping(self._mapping_id)
            if mapping is None:
                return
            records, attempts = todo.pop(0)
            records = self._discard_expired(mapping, records, attempts)
            if not records:
                continue
            result = self._invoke(mapping, records)
            if result.get("throttle"):
                todo.insert(0, (records, attempts))
                time.sleep(pause)
                continue
            failed_at, threw = _judge(mapping, records, result)
            if failed_at is None:
                mapping["LastProcessingResult"] = f"OK - {len(records)} records"
                pause = _FIRST_PAUSE_S
                continue
            mapping["LastProcessingResult"] = "PROBLEM: Function call failed"
            if failed_at > 0:
                todo.insert(0, (records[failed_at:], 0))
            elif threw and mapping.get("BisectBatchOnFunctionError") and len(records) > 1:
                half = len(records) // 2
                todo[:0] = [(records[:half], attempts), (records[half:], attempts)]
            elif _exhausted(mapping, attempts):
                send_to_destination(mapping, records, result, "RetryAttemptsExhausted", attempts + 1)
            else:
                todo.insert(0, (records, attempts + 1))
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_S)

    def _discard_expired(self, mapping: dict[str, Any], records: list[dict[str, Any]], attempts: int) -> list[dict[str, Any]]:
        limit = int(mapping.get("MaximumRecordAgeInSeconds") or -1)
        if limit <= 0:
            return records
        oldest_allowed = time.time() - limit
        expired = [r for r in records if float(r["dynamodb"].get("ApproximateCreationDateTime", time.time())) < oldest_allowed]
        if expired:
            send_to_destination(mapping, expired, {}, "MaxRecordAgeExceeded", attempts)
        return [record for record in records if record not in expired]

    def _invoke(self, mapping: dict[str, Any], records: list[dict[str, Any]]) -> dict[str, Any]:
        from ministack.services import lambda_svc

        function, _ = lambda_svc._get_func_record_for_qualifier(mapping["FunctionName"], mapping.get("Qualifier"))
        if function is None:
            return {"throttle": True}
        return lambda_svc._execute_function(function, {"Records": records})


def _judge(mapping: dict[str, Any], records: list[dict[str, Any]], result: dict[str, Any]) -> tuple[int | None, bool]:
    """Where the batch must go on, or `None` if it is done; and whether the function threw."""
    if result.get("error"):
        return 0, True
    if "ReportBatchItemFailures" not in (mapping.get("FunctionResponseTypes") or []):
        return None, False
    body = result.get("body")
    if isinstance(body, str):
        try:
            body = json.loads(body)
        except ValueError:
            body = None
    failures = body.get("batchItemFailures") if isinstance(body, dict) else None
    if not failures:
        return None, False
    numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
    reported = [failure.get("itemIdentifier") if isinstance(failure, dict) else None for failure in failures]
    if any(number not in numbers for number in reported):
        # An empty, missing or unknown identifier: a complete failure.
        return 0, False
    return min(numbers.index(number) for number in reported), False


def _exhausted(mapping: dict[str, Any], attempts: int) -> bool:
    allowed = mapping.get("MaximumRetryAttempts")
    return allowed is not None and 0 <= int(allowed) <= attempts


def _mapping(mapping_id: str) -> dict[str, Any] | None:
    from ministack.services import lambda_svc

    return next((m for _, _, m in lambda_svc._iter_all_esms() if m["UUID"] == mapping_id), None)


def _table(mapping: dict[str, Any]) -> str:
    return mapping["EventSourceArn"].split("/stream/")[0].rpartition("/")[2]


class _scope:  # noqa: N801 - reads as the statement that it is.
    """The account and region that the emulator's stores are looked up in."""

    def __init__(self, account: str, region: str) -> None:
        self._account, self._region = account, region

    def __enter__(self) -> None:
        from ministack.core.responses import get_account_id, get_region, set_request_account_id, set_request_region

        self._before = get_account_id(), get_region()
        set_request_account_id(self._account)
        set_request_region(self._region)

    def __exit__(self, *_: object) -> None:
        from ministack.core.responses import set_request_account_id, set_request_region

        set_request_account_id(self._before[0])
        set_request_region(self._before[1])
