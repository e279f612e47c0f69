"""The ledger of what the run would be billed for: capacity, invocations, requests.

Write units are the emulator's own, which follow AWS (one per started KB, double
in a transaction, an index only when its entry changes). Its read units ignore
the size of what is read, so those are computed here from the answer: half a unit
per started 4 KB, double when consistent, double again in a transaction.
"""

from __future__ import annotations

import json
import math
import threading
import time
from collections import defaultdict
from typing import Any

from .calls import Call

_READS = {"GetItem", "Query", "Scan", "BatchGetItem", "TransactGetItems"}
_WRITES = {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"}
# What deploys and what keeps the code is no cost of running.
_NOT_COUNTED = {"s3", "cloudformation", "iam", "sts"}
_REFUSED_BUT_BILLED = "ConditionalCheckFailedException"


class Usage:
    """Counters since the start or the last reset."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        with self._lock:
            self.since = time.time()
            self._calls: dict[tuple, dict[str, float]] = defaultdict(lambda: defaultdict(float))
            self._tables: dict[tuple, dict[str, float]] = defaultdict(lambda: defaultdict(float))
            self._functions: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
            self._http = 0

    def http_api_request(self) -> None:
        with self._lock:
            self._http += 1

    def invocation(self, function: str, *, memory_mb: int, duration_ms: float, failed: bool) -> None:
        with self._lock:
            row = self._functions[function]
            row["invocations"] += 1
            row["errors"] += failed
            row["duration_ms"] += duration_ms
            row["gb_seconds"] += memory_mb / 1024 * duration_ms / 1000
            row["memory_mb"] = memory_mb

    def call(self, call: Call, function: str, status: int, answer: bytes) -> None:
        """Counts one AWS call, with its capacity when it is one of DynamoDB's."""
        if call.service in _NOT_COUNTED:
            return
        entries = call.json.get("Entries")
        with self._lock:
            row = self._calls[function, call.service, call.operation]
            row["calls"] += 1
            row["failed"] += status >= 400
            row["entries"] += len(entries) if isinstance(entries, list) else 1
            row["chunks_64kb"] += max(1, math.ceil(len(call.body) / 65536))
            if call.is_dynamodb:
                self._count_capacity(call, function, status, answer)

    def _count_capacity(self, call: Call, function: str, status: int, answer: bytes) -> None:
        if call.operation not in _READS | _WRITES:
            return
        try:
            parsed = json.loads(answer)
        except ValueError:
            return
        if status >= 400:
            if _REFUSED_BUT_BILLED in str(parsed.get("__type", "")):
                self._add(function, call, call.resource, "", write_units=1.0)
            return
        consumed = parsed.get("ConsumedCapacity") or []
        rows = consumed if isinstance(consumed, list) else [consumed]
        read_sizes = _read_sizes(call, parsed)
        for row in rows:
            table = row.get("TableName", "")
            indexes = {**(row.get("GlobalSecondaryIndexes") or {}), **(row.get("LocalSecondaryIndexes") or {})}
            index_units = sum(entry["CapacityUnits"] for entry in indexes.values())
            if call.operation in _READS:
                units = max(float(row.get("CapacityUnits", 0)), read_sizes.get(table, 0.0))
                self._add(function, call, table, next(iter(indexes), ""), read_units=units)
                continue
            self._add(function, call, table, "", write_units=float(row["CapacityUnits"]) - index_units)
            for name, entry in indexes.items():
                self._add(function, call, table, name, write_units=float(entry["CapacityUnits"]), calls=0)

    def _add(self, function: str, call: Call, table: str, index: str, *, read_units: float = 0.0,
             write_units: float = 0.0, calls: int = 1) -> None:
        row = self._tables[function, call.operation, table, index]
        row["calls"] += calls
        row["read_units"] += read_units
        row["write_units"] += write_units

    def report(self) -> dict[str, Any]:
        """Everything counted; a caller outside any function has the name ``."""
        with self._lock:
            tables = [
                {"function": f, "operation": o, "table": t, "index": i, **row}
                for (f, o, t, i), row in sorted(self._tables.items())
            ]
            calls = [
                {"function": f, "service": s, "operation": o, **row}
                for (f, s, o), row in sorted(self._calls.items())
            ]
            functions = [{"function": f, **row} for f, row in sorted(self._functions.items())]
            return {
                "since": self.since,
                "dynamodb": tables,
                "calls": calls,
                "functions": functions,
                "http_api_requests": self._http,
                "totals": {
                    "read_units": sum(row["read_units"] for row in tables),
                    "write_units": sum(row["write_units"] for row in tables),
                    "invocations": sum(row["invocations"] for row in functions),
                    "gb_seconds": sum(row["gb_seconds"] for row in functions),
                },
            }


def ask_for_capacity(call: Call) -> bytes:
    """The request's body, asking for capacity even when the caller did not."""
    return json.dumps({**call.json, "ReturnConsumedCapacity": "INDEXES"}).encode()


def hide_capacity(call: Call, answer: bytes) -> bytes:
    """The answer as the caller asked for it."""
    wanted = call.json.get("ReturnConsumedCapacity", "NONE")
    if wanted == "INDEXES":
        return answer
    parsed = json.loads(answer)
    if "ConsumedCapacity" not in parsed:
        return answer
    if wanted == "NONE":
        del parsed["ConsumedCapacity"]
    else:
        rows = parsed["ConsumedCapacity"]
        for row in rows if isinstance(rows, list) else [rows]:
            for detail in ("Table", "GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
                row.pop(detail, None)
    return json.dumps(parsed).encode()


def wants_capacity(call: Call) -> bool:
    return call.is_dynamodb and call.operation in _READS | _WRITES and bool(call.json)


def _read_sizes(call: Call, answer: dict[str, Any]) -> dict[str, float]:
    """Read units by table, from the size of the items in the answer."""
    if call.operation == "TransactGetItems":
        units: dict[str, float] = defaultdict(float)
        asked = call.json.get("TransactItems") or []
        for item, found in zip(asked, answer.get("Responses") or [], strict=False):
            units[item["Get"]["TableName"]] += 2 * _units([found.get("Item") or {}])
        return units
    if call.operation == "BatchGetItem":
        asked = call.json.get("RequestItems") or {}
        return {
            table: sum(_units([item], asked.get(table, {}).get("ConsistentRead", False)) for item in items)
            for table, items in (answer.get("Responses") or {}).items()
        }
    items = answer.get("Items") if "Items" in answer else [answer.get("Item") or {}]
    return {call.resource: _units(items or [{}], call.json.get("ConsistentRead", False))}


def _units(items: list[dict[str, Any]], consistent: bool | None = True) -> float:
    from ministack.services.dynamodb import _item_size_bytes

    size = sum(_item_size_bytes(item) for item in items if item)
    return max(1, math.ceil(size / 4096)) * (1.0 if consistent else 0.5)
