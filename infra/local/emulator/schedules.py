"""Schedules that a test can hold still, with the context that AWS puts into their input."""

from __future__ import annotations

import time
import uuid
from datetime import datetime, timezone

from .patching import replace


class Schedules:
    """Fires EventBridge's schedules unless they are paused."""

    def __init__(self) -> None:
        self.paused = False

    def install(self) -> None:
        from ministack.services import eventbridge, scheduler

        replace(scheduler, "_tick_schedules", self._pausing)
        replace(eventbridge, "_tick_scheduled_rules", self._pausing)
        replace(eventbridge, "_invoke_target", _with_context)

    def _pausing(self, original):
        def tick() -> None:
            if not self.paused:
                original()

        return tick


def _with_context(original):
    """Fills in `<aws.scheduler.…>`, which the emulator leaves as it stands."""

    def invoke(target, event, rule, view=None):
        if "<aws.scheduler." in str(target.get("Input", "")):
            moment = datetime.fromtimestamp(float(event.get("Time", time.time())), tz=timezone.utc)
            text = target["Input"]
            for name, value in {
                "schedule-arn": rule.get("Arn", ""),
                "scheduled-time": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "execution-id": str(uuid.uuid4()),
                "attempt-number": "1",
            }.items():
                text = text.replace(f"<aws.scheduler.{name}>", value)
            target = {**target, "Input": text}
        return original(target, event, rule, view)

    return invoke
