"""Numbers of event source mappings, which the emulator takes as text from a template's parameters.

`MaximumConcurrency: !Ref PollConcurrency` would otherwise end every poll of
every queue with a comparison of a number to a text.
"""

from __future__ import annotations

from .patching import replace

_NUMBERS = (
    "BatchSize", "MaximumBatchingWindowInSeconds", "MaximumRetryAttempts",
    "MaximumRecordAgeInSeconds", "ParallelizationFactor",
)


def install() -> None:
    from ministack.services import lambda_svc

    replace(lambda_svc, "_iter_all_esms", _numeric)


def _numeric(original):
    def mappings():
        for account, region, mapping in original():
            for name in _NUMBERS:
                if isinstance(mapping.get(name), str):
                    mapping[name] = int(mapping[name])
            scaling = mapping.get("ScalingConfig") or {}
            if isinstance(scaling.get("MaximumConcurrency"), str):
                scaling["MaximumConcurrency"] = int(scaling["MaximumConcurrency"])
            yield account, region, mapping

    return mappings
