"""Faults act where they are told to, the ledger counts, and nothing outlives a run."""

from __future__ import annotations

import os
import threading
import time
import unittest

from botocore.exceptions import BotoCoreError, ClientError
from support import Launcher, until


class FaultTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.run_ = Launcher()
        cls.addClassCleanup(cls.run_.end)
        cls.run_.table("items")
        cls.run_.function("writer", "write")

    def setUp(self) -> None:
        self.run_.control("DELETE", "faults")
        self.run_.control("DELETE", "usage")

    def stored(self, name: str) -> bool:
        key = {"pk": {"S": "p"}, "sk": {"S": name}}
        return "Item" in self.run_.client("dynamodb").get_item(TableName="items", Key=key)

    def test_a_lost_answer_means_that_the_call_was_done(self) -> None:
        self.run_.control("POST", "faults", {"service": "dynamodb", "operation": "PutItem", "fault": "lost_answer"})
        with self.assertRaises(BotoCoreError):
            self.run_.put("items", "lost-answer")
        self.assertTrue(self.stored("lost-answer"))
        self.run_.put("items", "after")

    def test_a_lost_request_means_that_it_was_not(self) -> None:
        self.run_.control("POST", "faults", {"service": "dynamodb", "operation": "PutItem", "fault": "lost_request"})
        with self.assertRaises(BotoCoreError):
            self.run_.put("items", "lost-request")
        self.assertFalse(self.stored("lost-request"))

    def test_throttling_is_what_the_sdk_believes(self) -> None:
        self.run_.control("POST", "faults", {"service": "dynamodb", "fault": "throttle", "times": 2, "skip": 1})
        self.assertFalse(self.stored("x"))
        for _ in range(2):
            with self.assertRaises(ClientError) as thrown:
                self.stored("x")
            self.assertEqual(thrown.exception.response["Error"]["Code"], "ThrottlingException")
        self.assertFalse(self.stored("x"))

    def test_a_fault_can_be_meant_for_one_function(self) -> None:
        self.run_.control("POST", "faults", {"operation": "PutItem", "function": "writer", "fault": "error"})
        self.run_.put("items", "from-outside")
        answer = self.run_.invoke("writer", {"table": "items", "sk": "with-retry"})
        self.assertIsNone(answer["error"])
        (fault,) = self.run_.control("GET", "faults")
        self.assertEqual(fault["hits"], 1)

    def test_a_function_killed_after_its_call_leaves_the_write_and_no_answer(self) -> None:
        self.run_.control("POST", "faults", {"operation": "PutItem", "function": "writer", "fault": "kill_after"})
        answer = self.run_.invoke("writer", {"table": "items", "sk": "killed"})
        self.assertEqual(answer["error"], "Unhandled")
        self.assertTrue(self.stored("killed"))
        self.assertIsNone(self.run_.invoke("writer", {"table": "items", "sk": "next"})["error"])

    def test_a_function_is_killed_by_name(self) -> None:
        self.run_.function("sleeper", "sleep")
        answers = []
        call = threading.Thread(target=lambda: answers.append(self.run_.invoke("sleeper", {})))
        call.start()
        until(lambda: "sleeping" in self.run_.control("GET", "logs?function=sleeper"), "it runs")
        self.assertEqual(len(self.run_.control("POST", "kill", {"function": "sleeper"})["killed"]), 1)
        call.join(timeout=5)
        self.assertEqual(answers[0]["error"], "Unhandled")

    def test_a_function_sees_nothing_of_the_machine(self) -> None:
        names = self.run_.invoke("writer", {"table": "items", "sk": "seen"})["payload"]["environment"]
        self.assertNotIn("HOME", names)
        self.assertIn("MODE", names)


class UsageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.run_ = run = Launcher()
        cls.addClassCleanup(run.end)
        run.table("items", AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "due")
        ], GlobalSecondaryIndexes=[{
            "IndexName": "due", "KeySchema": [{"AttributeName": "due", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        }])
        cls.dynamodb = run.client("dynamodb")

    def setUp(self) -> None:
        self.run_.control("DELETE", "usage")

    def units(self) -> dict[tuple[str, str], tuple[float, float]]:
        rows = self.run_.control("GET", "usage")["dynamodb"]
        return {(row["operation"], row["index"]): (row["read_units"], row["write_units"]) for row in rows}

    def test_a_write_counts_its_size_and_its_index(self) -> None:
        item = {"pk": {"S": "a"}, "sk": {"S": "a"}, "due": {"S": "1"}, "text": {"S": "x" * 1500}}
        answer = self.dynamodb.put_item(TableName="items", Item=item)
        self.assertNotIn("ConsumedCapacity", answer)
        self.assertEqual(self.units(), {("PutItem", ""): (0, 2), ("PutItem", "due"): (0, 1)})

    def test_a_transaction_costs_double(self) -> None:
        item = {"pk": {"S": "t"}, "sk": {"S": "t"}}
        self.dynamodb.transact_write_items(TransactItems=[{"Put": {"TableName": "items", "Item": item}}])
        self.assertEqual(self.units()["TransactWriteItems", ""], (0, 2))

    def test_a_read_counts_the_size_of_what_it_finds(self) -> None:
        item = {"pk": {"S": "big"}, "sk": {"S": "1"}, "text": {"S": "x" * 9000}}
        self.dynamodb.put_item(TableName="items", Item=item)
        self.run_.control("DELETE", "usage")
        self.dynamodb.query(TableName="items", KeyConditionExpression="pk = :p",
                            ExpressionAttributeValues={":p": {"S": "big"}})
        self.assertEqual(self.units(), {("Query", ""): (1.5, 0)})

    def test_a_refused_condition_is_billed(self) -> None:
        with self.assertRaises(self.dynamodb.exceptions.ConditionalCheckFailedException):
            self.dynamodb.put_item(TableName="items", Item={"pk": {"S": "c"}, "sk": {"S": "c"}},
                                   ConditionExpression="attribute_exists(pk)")
        self.assertEqual(self.units(), {("PutItem", ""): (0, 1)})

    def test_asking_for_the_total_gives_the_total(self) -> None:
        answer = self.dynamodb.put_item(TableName="items", Item={"pk": {"S": "c"}, "sk": {"S": "c"}},
                                        ReturnConsumedCapacity="TOTAL")
        self.assertEqual(answer["ConsumedCapacity"], {"TableName": "items", "CapacityUnits": 1.0})

    def test_invocations_and_requests_are_counted(self) -> None:
        self.run_.function("counted", "write")
        self.run_.invoke("counted", {"table": "items", "sk": "x"})
        usage = self.run_.control("GET", "usage")
        (function,) = usage["functions"]
        self.assertEqual((function["function"], function["invocations"]), ("counted", 1))
        self.assertIn(("counted", "dynamodb", "PutItem"),
                      {(row["function"], row["service"], row["operation"]) for row in usage["calls"]})


class LifetimeTest(unittest.TestCase):
    @unittest.skipUnless(os.path.isdir("/proc"), "reads processes from /proc")
    def test_nothing_outlives_the_parent(self) -> None:
        run = Launcher()
        run.table("items")
        run.function("writer", "write")
        run.invoke("writer", {"table": "items", "sk": "x"})
        (child,) = _children(run.process.pid)
        run.end()
        self.assertEqual(run.process.returncode, 0)
        self.assertFalse(os.path.exists(f"/proc/{child}"))

    @unittest.skipUnless(os.path.isdir("/proc"), "reads processes from /proc")
    def test_a_killed_launcher_leaves_no_function_behind(self) -> None:
        run = Launcher()
        run.table("items")
        run.function("writer", "write")
        run.invoke("writer", {"table": "items", "sk": "x"})
        (child,) = _children(run.process.pid)
        run.process.kill()
        deadline = time.monotonic() + 5
        while os.path.exists(f"/proc/{child}") and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertFalse(os.path.exists(f"/proc/{child}"))
        run.end()

    def test_a_run_that_is_not_used_ends(self) -> None:
        run = Launcher("--idle-limit", "1")
        self.addCleanup(run.end)
        self.assertEqual(run.process.wait(timeout=10), 0)
        self.assertIn("unused for 1 s", run.log.read_text())

    def test_an_api_s_id_follows_from_its_name(self) -> None:
        run = Launcher()
        self.addCleanup(run.end)
        created = run.client("apigatewayv2").create_api(Name="posthorn-local", ProtocolType="HTTP")["ApiId"]
        self.assertEqual(created, run.control("GET", "api-id?name=posthorn-local")["id"])


def _children(pid: int) -> list[int]:
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        direct = file.read().split()
    found = set(direct)
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/children") as file:
            found |= set(file.read().split())
    return sorted(int(child) for child in found)


if __name__ == "__main__":
    unittest.main()
