"""A table's stream reaches a function as AWS documents it."""

from __future__ import annotations

import unittest

from support import Launcher, until


class StreamTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.run_ = Launcher()
        cls.addClassCleanup(cls.run_.end)

    def mapping(self, name: str, mode: str, items: list[str], **options) -> str:
        """One batch of `items` for a function in `mode`; the on-failure queue's address."""
        run = self.run_
        stream = run.table(name)
        url, arn = run.queue(f"{name}-failures")
        function = run.function(name, mode)
        run.put(name, *items)
        run.client("lambda").create_event_source_mapping(
            EventSourceArn=stream, FunctionName=function, StartingPosition="TRIM_HORIZON",
            DestinationConfig={"OnFailure": {"Destination": arn}}, **options,
        )
        return url

    def test_a_partial_failure_keeps_the_rest_and_starts_again_at_the_first_failure(self) -> None:
        self.mapping("partial", "report", ["a", "b", "c:flaky", "d", "e"],
                     FunctionResponseTypes=["ReportBatchItemFailures"], MaximumRetryAttempts=5)
        until(lambda: len(self.run_.done("partial")) >= 5, "all are done")
        self.run_.settle()
        self.assertEqual(self.run_.done("partial"), ["a", "b", "c", "d", "e"])

    def test_without_report_batch_item_failures_the_answer_means_nothing(self) -> None:
        self.mapping("unreported", "report", ["a", "b:poison"])
        until(lambda: "a" in self.run_.done("unreported"), "the first is done")
        self.run_.settle()
        self.assertEqual(self.run_.done("unreported"), ["a"])

    def test_bisecting_isolates_a_poison_record(self) -> None:
        url = self.mapping("bisect", "throw", ["a", "b", "c", "d", "e:poison", "f", "g"],
                           BisectBatchOnFunctionError=True, MaximumRetryAttempts=1)
        (failure,) = self.run_.receive(url)
        until(lambda: len(self.run_.done("bisect")) >= 6, "the others are done")
        self.assertEqual(self.run_.done("bisect"), ["a", "b", "c", "d", "f", "g"])
        self.assertEqual(failure["DDBStreamBatchInfo"]["batchSize"], 1)
        self.assertEqual(failure["responseContext"]["functionError"], "Unhandled")

    def test_without_bisecting_the_whole_batch_is_discarded(self) -> None:
        url = self.mapping("whole", "throw", ["a", "b:poison", "c"], MaximumRetryAttempts=1)
        (failure,) = self.run_.receive(url)
        self.assertEqual(failure["DDBStreamBatchInfo"]["batchSize"], 3)
        self.run_.put("whole", "d")
        until(lambda: self.run_.done("whole") == ["d"], "the shard goes on")

    def test_retries_end_in_the_on_failure_queue(self) -> None:
        url = self.mapping("retries", "report", ["a", "b:poison"], BisectBatchOnFunctionError=True,
                           FunctionResponseTypes=["ReportBatchItemFailures"], MaximumRetryAttempts=2)
        (failure,) = self.run_.receive(url)
        self.assertEqual(failure["requestContext"]["condition"], "RetryAttemptsExhausted")
        self.assertEqual(failure["requestContext"]["approximateInvokeCount"], 3)
        info = failure["DDBStreamBatchInfo"]
        self.assertEqual(info["startSequenceNumber"], info["endSequenceNumber"])
        self.assertIn(":table/retries/stream/", info["streamArn"])
        self.assertEqual(self.run_.done("retries"), ["a"])

    def test_a_record_that_grew_too_old_is_discarded(self) -> None:
        # AWS wants at least 60 seconds; the emulator does not mind.
        url = self.mapping("aged", "throw", ["a:poison"], MaximumRecordAgeInSeconds=1)
        (failure,) = self.run_.receive(url)
        self.assertEqual(failure["requestContext"]["condition"], "MaxRecordAgeExceeded")
        self.run_.settle()

    def test_without_a_number_of_retries_age_alone_ends_them(self) -> None:
        url = self.mapping("patient", "report", ["a", "b:poison"], MaximumRetryAttempts=-1, MaximumRecordAgeInSeconds=3,
                           BisectBatchOnFunctionError=True, FunctionResponseTypes=["ReportBatchItemFailures"])
        (failure,) = self.run_.receive(url)
        self.assertEqual(failure["requestContext"]["condition"], "MaxRecordAgeExceeded")
        self.assertGreater(failure["requestContext"]["approximateInvokeCount"], 2)
        self.assertEqual(self.run_.done("patient"), ["a"])
        self.run_.settle()

    def test_only_what_the_filter_lets_through_arrives(self) -> None:
        pattern = '{"dynamodb": {"NewImage": {"kind": {"S": ["wanted"]}}}}'
        self.mapping("filtered", "throw", ["a", "b:wanted", "c:poison", "d:wanted"],
                     FilterCriteria={"Filters": [{"Pattern": pattern}]})
        until(lambda: len(self.run_.done("filtered")) == 2, "both are done")
        self.assertEqual(self.run_.done("filtered"), ["b", "d"])

    def test_lanes_keep_the_order_of_a_key(self) -> None:
        names = [f"{number:02}" for number in range(40)]
        self.mapping("lanes", "throw", names, ParallelizationFactor=4, BatchSize=3)
        until(lambda: len(self.run_.done("lanes")) == 40, "all are done")
        self.assertEqual(self.run_.done("lanes"), names)


if __name__ == "__main__":
    unittest.main()
