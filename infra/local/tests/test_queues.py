"""Queues do what an operator and an unlucky day ask of them: a redrive, and everything twice."""

from __future__ import annotations

import json
import unittest

from support import Launcher, until


class QueueTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.run_ = run = Launcher()
        cls.addClassCleanup(run.end)
        cls.sqs = run.client("sqs")

    def pair(self, name: str) -> tuple[str, str, str, str]:
        """A queue and its dead letters: address and ARN of each."""
        dead, dead_arn = self.run_.queue(f"{name}-dlq")
        policy = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 5})
        url = self.sqs.create_queue(QueueName=name, Attributes={"RedrivePolicy": policy})["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        return url, arn, dead, dead_arn

    def test_a_redrive_moves_what_lies_in_the_dead_letters(self) -> None:
        url, arn, dead, dead_arn = self.pair("moved")
        for word in ("one", "two"):
            self.sqs.send_message(QueueUrl=dead, MessageBody=json.dumps(word))
        task = self.sqs.start_message_move_task(SourceArn=dead_arn, DestinationArn=arn)
        self.assertTrue(task["TaskHandle"])
        self.assertEqual(sorted(self.run_.receive(url, 2)), ["one", "two"])
        self.assertNotIn("Messages", self.sqs.receive_message(QueueUrl=dead))

    def test_without_a_destination_they_go_where_they_came_from(self) -> None:
        url, _, dead, dead_arn = self.pair("back")
        self.sqs.send_message(QueueUrl=dead, MessageBody='"home"')
        self.sqs.start_message_move_task(SourceArn=dead_arn)
        self.assertEqual(self.run_.receive(url), ["home"])

    def test_only_dead_letters_can_be_redriven(self) -> None:
        _, arn, _, _ = self.pair("alive")
        with self.assertRaisesRegex(Exception, "Dead Letter Queue"):
            self.sqs.start_message_move_task(SourceArn=arn)

    def test_on_request_a_queue_gathers_until_its_window_is_over(self) -> None:
        run = self.run_
        url, arn, _, _ = self.pair("gathered")
        function = run.function("gathering", "consume")
        run.control("POST", "windows", {"on": True})
        self.addCleanup(run.control, "POST", "windows", {"on": False})
        run.client("lambda").create_event_source_mapping(
            EventSourceArn=arn, FunctionName=function, BatchSize=100, MaximumBatchingWindowInSeconds=2,
        )
        run.control("DELETE", "usage")
        for number in range(15):
            self.sqs.send_message(QueueUrl=url, MessageBody=str(number))
        until(lambda: len(run.done("gathering")) >= 15, "all came")
        usage = run.control("GET", "usage")["functions"]
        self.assertEqual([row["invocations"] for row in usage if row["function"] == "gathering"], [1])

    def test_on_request_every_batch_comes_twice(self) -> None:
        run = self.run_
        url, arn, _, _ = self.pair("twice")
        function = run.function("repeated", "consume")
        run.client("lambda").create_event_source_mapping(EventSourceArn=arn, FunctionName=function)
        stream = run.table("twice")
        run.function("repeated-stream", "report")
        run.client("lambda").create_event_source_mapping(
            EventSourceArn=stream, FunctionName="repeated-stream", StartingPosition="TRIM_HORIZON",
            FunctionResponseTypes=["ReportBatchItemFailures"],
        )
        run.control("POST", "repeats", {"on": True})
        self.sqs.send_message(QueueUrl=url, MessageBody="a")
        run.put("twice", "a")
        until(lambda: len(run.done("repeated")) >= 2 and len(run.done("repeated-stream")) >= 2, "all came twice")
        run.settle()
        self.assertEqual(set(run.done("repeated")), {"a"})
        report = run.control("GET", "repeats")
        self.assertEqual(report, {"on": True, "repeated": {"repeated": 1, "repeated-stream": 1}})
        run.control("POST", "repeats", {"on": False})
        self.assertEqual(run.control("GET", "repeats"), {"on": False, "repeated": {}})


if __name__ == "__main__":
    unittest.main()
