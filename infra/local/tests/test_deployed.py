"""What CloudFormation deploys works as its template says."""

from __future__ import annotations

import io
import json
import sys
import unittest
import zipfile
from pathlib import Path

from support import Launcher, until

_TEMPLATE = {
    "Parameters": {"Concurrency": {"Type": "Number", "Default": 3}},
    "Resources": {
        "Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": {"Ref": "AWS::StackName"}, "ProtocolType": "HTTP"}},
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": 600}},
        "Function": {"Type": "AWS::Lambda::Function", "Properties": {
            "FunctionName": "consumer", "Runtime": "provided.al2023", "Handler": "bootstrap",
            "Role": "arn:aws:iam::000000000000:role/test", "Code": {"S3Bucket": "code", "S3Key": "code.zip"},
            "Environment": {"Variables": {"MODE": "consume"}},
        }},
        "Mapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {
            "FunctionName": {"Ref": "Function"}, "EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]},
            "ScalingConfig": {"MaximumConcurrency": {"Ref": "Concurrency"}},
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
        }},
        "Schedule": {"Type": "AWS::Scheduler::Schedule", "Properties": {
            "ScheduleExpression": "rate(1 minute)", "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": {
                "Arn": {"Fn::GetAtt": ["Function", "Arn"]}, "RoleArn": "arn:aws:iam::000000000000:role/test",
                "Input": '{"time":"<aws.scheduler.scheduled-time>"}',
            },
        }},
    },
    "Outputs": {"Queue": {"Value": {"Ref": "Queue"}}, "Api": {"Value": {"Ref": "Api"}}},
}


class DeployedTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.run_ = run = Launcher()
        cls.addClassCleanup(run.end)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            info = zipfile.ZipInfo("bootstrap")
            info.external_attr = 0o755 << 16
            archive.writestr(info, f"#!{sys.executable}\n" + Path(__file__).with_name("bootstrap.py").read_text())
        run.client("s3").create_bucket(Bucket="code")
        run.client("s3").put_object(Bucket="code", Key="code.zip", Body=packed.getvalue())
        cloudformation = run.client("cloudformation")
        cloudformation.create_stack(StackName="small", TemplateBody=json.dumps(_TEMPLATE))

        def outputs():
            stack = cloudformation.describe_stacks(StackName="small")["Stacks"][0]
            assert "FAILED" not in stack["StackStatus"], stack
            return stack["StackStatus"] == "CREATE_COMPLETE" and {o["OutputKey"]: o["OutputValue"] for o in stack["Outputs"]}

        cls.outputs = until(outputs, "the stack is deployed")

    def test_the_api_s_id_follows_from_its_name(self) -> None:
        self.assertEqual(self.outputs["Api"], self.run_.control("GET", "api-id?name=small")["id"])

    def test_a_queue_is_polled_though_a_parameter_is_a_text(self) -> None:
        self.run_.client("sqs").send_message(QueueUrl=self.outputs["Queue"], MessageBody="a")
        until(lambda: "a" in self.run_.done("consumer"), "the message is consumed")

    def test_a_failed_message_comes_again_when_it_is_told_to_hurry(self) -> None:
        # Hidden for ten minutes after the failure.
        self.run_.client("sqs").send_message(QueueUrl=self.outputs["Queue"], MessageBody="fails once")

        def hidden() -> bool:
            rows = self.run_.control("GET", "pending")["queues"]
            return any(row["hidden"] == 1 for row in rows)

        until(hidden, "the message waits")
        self.assertEqual(self.run_.control("POST", "hurry", {})["messages"], 1)
        until(lambda: "fails once" in self.run_.done("consumer"), "the message is consumed")

    def test_pausing_the_schedules_is_answered(self) -> None:
        self.assertEqual(self.run_.control("POST", "schedules", {"paused": True}), {"paused": True})
        self.assertEqual(self.run_.control("POST", "schedules", {"paused": False}), {"paused": False})


class ContextTest(unittest.TestCase):
    def test_the_schedule_s_time_is_filled_in(self) -> None:
        sys.path.insert(0, str(Path(__file__).parents[1]))
        from emulator.schedules import _with_context

        seen = []
        invoke = _with_context(lambda target, *_: seen.append(json.loads(target["Input"])))
        invoke({"Input": '{"time":"<aws.scheduler.scheduled-time>"}'}, {"Time": 1_700_000_000.5}, {})
        self.assertEqual(seen, [{"time": "2023-11-14T22:13:20Z"}])


if __name__ == "__main__":
    unittest.main()
