"""SES reports what became of a message, as it does on AWS."""

from __future__ import annotations

import json
import unittest
import urllib.error

from support import Launcher, until


class MailTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.run_ = run = Launcher()
        cls.addClassCleanup(run.end)
        cls.ses = run.client("sesv2")
        cls.ses.create_email_identity(EmailIdentity="shop@example.com")
        topic = run.client("sns").create_topic(Name="mail")["TopicArn"]
        cls.queue, arn = run.queue("mail")
        run.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        cls.ses.create_configuration_set(ConfigurationSetName="set")
        cls.ses.create_configuration_set_event_destination(
            ConfigurationSetName="set", EventDestinationName="events",
            EventDestination={
                "Enabled": True, "SnsDestination": {"TopicArn": topic},
                "MatchingEventTypes": ["SEND", "BOUNCE", "COMPLAINT", "CLICK"],
            },
        )

    def send(self, to: str) -> str:
        return self.ses.send_email(
            FromEmailAddress="Shop <shop@example.com>", Destination={"ToAddresses": [to]}, ConfigurationSetName="set",
            EmailTags=[{"Name": "notification", "Value": "n-1"}],
            Content={"Simple": {
                "Subject": {"Data": "On its way"}, "Body": {"Text": {"Data": "Hello"}},
                "Headers": [{"Name": "List-Unsubscribe", "Value": "<https://example.com/u>"}],
            }},
        )["MessageId"]

    def events(self, number: int) -> list[dict]:
        return [json.loads(body["Message"]) for body in self.run_.receive(self.queue, number)]

    def test_a_bounce_arrives_with_the_message_s_tags(self) -> None:
        message_id = self.send("bounce@simulator.amazonses.com")
        sent, bounced = self.events(2)
        self.assertEqual([sent["eventType"], bounced["eventType"]], ["Send", "Bounce"])
        self.assertEqual(bounced["mail"]["messageId"], message_id)
        self.assertEqual(bounced["mail"]["tags"]["notification"], ["n-1"])
        self.assertEqual(bounced["mail"]["tags"]["ses:configuration-set"], ["set"])
        self.assertEqual(bounced["bounce"]["bounceType"], "Permanent")

    def test_only_the_wanted_types_are_published(self) -> None:
        # A complaint comes with a delivery, which the destination does not want.
        self.send("complaint@simulator.amazonses.com")
        self.assertEqual([event["eventType"] for event in self.events(2)], ["Send", "Complaint"])

    def test_a_click_comes_when_a_test_asks(self) -> None:
        message_id = self.send("anna@example.com")
        self.events(1)
        detail = {"link": "https://example.com/t/1"}
        self.run_.control("POST", "mail/events", {"message_id": message_id, "event": "Click", "detail": detail})
        (event,) = self.events(1)
        self.assertEqual(event["click"]["link"], "https://example.com/t/1")

    def test_an_event_for_an_unknown_message_is_refused(self) -> None:
        with self.assertRaises(urllib.error.HTTPError) as refused:
            self.run_.control("POST", "mail/events", {"message_id": "no", "event": "Click"})
        self.assertEqual(refused.exception.code, 404)

    def test_the_inbox_keeps_headers_and_tags(self) -> None:
        message_id = self.send("ben@example.com")
        (message,) = self.run_.control("GET", "mail?to=ben@example.com")
        self.assertEqual(message["message_id"], message_id)
        self.assertEqual(message["headers"]["List-Unsubscribe"], "<https://example.com/u>")
        self.assertEqual((message["subject"], message["text"]), ("On its way", "Hello"))
        self.events(1)

    def test_the_inbox_can_be_read_by_a_person(self) -> None:
        self.send("reader@example.com")
        self.run_.client("sns").publish(PhoneNumber="+12025550199", Message="Arrives today")
        self.assertEqual(
            self.run_.control("GET", "inbox?to=reader@example.com"),
            "To: reader@example.com\nSubject: On its way\n\nHello\n",
        )
        self.assertIn("To: +12025550199\n\nArrives today\n", self.run_.control("GET", "inbox"))

    def test_an_sms_report_lies_in_the_log_group_that_sns_uses(self) -> None:
        sns = self.run_.client("sns")
        message_id = sns.publish(PhoneNumber="+4915112345678", Message="Hello")["MessageId"]
        (message,) = self.run_.control("GET", "sms")
        self.assertEqual((message["message_id"], message["text"]), (message_id, "Hello"))
        report = {"message_id": message_id, "status": "FAILURE", "provider_response": "Phone is unreachable"}
        group = self.run_.control("POST", "sms/reports", report)["log_group"]
        self.assertTrue(group.endswith("DirectPublishToPhoneNumber/Failure"))
        lines = until(lambda: self.run_.client("logs").filter_log_events(logGroupName=group)["events"], "the report")
        self.assertEqual(json.loads(lines[0]["message"])["status"], "FAILURE")


if __name__ == "__main__":
    unittest.main()
