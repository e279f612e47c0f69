"""Prints what the SAM transform makes of a template, as AWS would deploy it.

    python expand.py infra/template.yaml > expanded.json

Nothing is built and no service is called: a function's code is said to lie in a bucket.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from samcli.yamlhelper import yaml_parse
from samtranslator.translator.transform import transform


class _NoPolicies:
    """Names no managed policies, which would have to be asked of an account."""

    def load(self) -> dict[str, str]:
        return {}


def main() -> int:
    template = yaml_parse(Path(sys.argv[1]).read_text())
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://nowhere/code"
    json.dump(transform(template, {}, _NoPolicies()), sys.stdout, indent=1)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
