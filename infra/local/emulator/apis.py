"""HTTP APIs get an id that follows from their name, so that the address is known beforehand."""

from __future__ import annotations

import hashlib

from .patching import replace


def install() -> None:
    from ministack.services import apigateway
    from ministack.services.cloudformation import provisioners

    replace(apigateway, "_create_api", _called)
    handlers = provisioners._RESOURCE_HANDLERS["AWS::ApiGatewayV2::Api"]
    handlers["create"] = _deployed(handlers["create"])


def api_id(name: str) -> str:
    """Ten hexadecimal digits, as AWS's ids have ten characters."""
    return hashlib.sha256(name.encode()).hexdigest()[:10]


def _called(original):
    return lambda data: original(_tagged(data, "name", "tags"))


def _deployed(original):
    return lambda logical_id, properties, stack: original(logical_id, _tagged(properties, "Name", "Tags"), stack)


def _tagged(api: dict, name: str, tags: str) -> dict:
    """The API with the tag that is the emulator's own way to choose an id."""
    from ministack.services import apigateway

    wanted = api_id(api.get(name, ""))
    if apigateway.find_api_scope(wanted) is not None:
        return api
    return {**api, tags: {"ms-custom-id": wanted, **(api.get(tags) or {})}}
