"""Makes an API key for a shop, stores its hash, prints the key.

The endpoint and the credentials come from the environment, as for any AWS tool.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import secrets
import sys
from datetime import datetime, timezone

import boto3
from botocore.exceptions import BotoCoreError, ClientError

# What `posthorn_domain::id::ShopId` takes: a key for another id would be made
# and allow no request.
SHOP = re.compile(r"[a-z0-9-]{1,32}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stack", required=True)
    parser.add_argument("--shop", required=True)
    parser.add_argument("--label", default="")
    options = parser.parse_args()
    if not SHOP.fullmatch(options.shop):
        print("a shop's id has 1 to 32 of a to z, 0 to 9 and -", file=sys.stderr)
        return 1
    try:
        table = settings_table(options.stack)
        if not has_sender(table, options.shop):
            print(
                f"the shop {options.shop} has no settings with a from_email yet, without which every mail "
                "fails for good: put them first (README.md, A shop and its key)",
                file=sys.stderr,
            )
            return 1
        print(create(table, options.shop, options.label))
    except (BotoCoreError, ClientError, LookupError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def has_sender(table: str, shop: str) -> bool:
    """Whether the shop's settings name a sender of its mail."""
    key = {"pk": {"S": f"SHOP#{shop}"}, "sk": {"S": "SETTINGS"}}
    item = boto3.client("dynamodb").get_item(TableName=table, Key=key).get("Item", {})
    return bool(item.get("from_email", {}).get("S"))


def create(table: str, shop: str, label: str) -> str:
    """A new key; `posthorn_platform::api_key` is where such a key is read."""
    key = f"ph_{secrets.token_urlsafe(32)}"
    boto3.client("dynamodb").put_item(
        TableName=table,
        Item={
            "pk": {"S": f"KEY#{hashlib.sha256(key.encode()).hexdigest()}"},
            "sk": {"S": "KEY"},
            "shop": {"S": shop},
            "label": {"S": label},
            "created_at": {"S": datetime.now(timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")},
        },
    )
    return key


def settings_table(stack: str) -> str:
    described = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    for output in described.get("Outputs", []):
        if output["OutputKey"] == "SettingsTable":
            return output["OutputValue"]
    raise LookupError(f"the stack {stack} has no output SettingsTable")


if __name__ == "__main__":
    raise SystemExit(main())
