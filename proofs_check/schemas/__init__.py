"""JSON schemas of the documents that ``--json`` writes, as package data (``NAME.json``)."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from numerics.errors import InputError


def names() -> tuple[str, ...]:
    """Names of the schemas.

    Examples
    --------
    >>> "verify" in names()
    True
    """
    found = (entry.name for entry in files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(".json") for name in found if name.endswith(".json")))


def schema(name: str) -> dict[str, Any]:
    """Return a schema (JSON Schema, draft 2020-12).

    Raises
    ------
    InputError
        If there is none of that name.

    Examples
    --------
    >>> schema("verify")["title"]
    'proofs-check verify --json'
    """
    if name not in names():
        raise InputError("name", name, "one of " + ", ".join(names()))
    text = files(__name__).joinpath(f"{name}.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded
