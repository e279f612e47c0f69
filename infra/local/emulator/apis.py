"""HTTP APIs get an id that follows from their name, so that the address is known beforehand."""

from __future__ import annotations

import hashlib

from .patching import replace


def install() -> None:
    from ministack.services import apigateway

    replace(apigateway, "_create_api", _named)


def api_id(name: str) -> str:
    """Ten hexadecimal digits, as AWS's ids have ten characters."""
    return hashlib.sha256(name.encode()).hexdigest()[:10]


def _named(original):
    from ministack.services import apigateway

    def create(data):
        wanted = api_id(data.get("name", ""))
        if apigateway.find_api_scope(wanted) is None:
            # The emulator's own way to choose an id.
            data = {**data, "tags": {"ms-custom-id": wanted, **data.get("tags", {})}}
        return original(data)

    return create
