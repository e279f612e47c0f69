"""Replacing a part of the pinned emulator by name, and noticing when it has moved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class MovedError(RuntimeError):
    """The emulator no longer has the part that a patch replaces."""


def replace(owner: Any, name: str, make: Callable[[Any], Any]) -> None:
    """Puts `make(original)` in place of `owner.name`."""
    original = getattr(owner, name, None)
    if original is None:
        where = getattr(owner, "__name__", repr(owner))
        raise MovedError(
            f"{where}.{name} is gone: the emulator is not the version that "
            "infra/local/requirements-emulator.txt pins"
        )
    setattr(owner, name, make(original))
