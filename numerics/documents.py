"""Reading the JSON files of earlier runs: bounded in size and depth, and checked by a schema.

Such a file may have been cut short, edited, or be something else altogether. Whoever reads it gets
data of the schema's shape with finite numbers, or a `DocumentError` that says what is wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from numerics.errors import shorten, why
from numerics.files import read_bounded

#: Bytes and levels that no document of this package comes near.
MOST_BYTES = 100_000_000
MOST_LEVELS = 64
_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
_OTHER = re.compile(r"[^][{}]+")


class DocumentError(ValueError):
    """The file is not such a document; the message says why, and where."""


def read_document(
    path: Path, schema: Mapping[str, Any] | None = None, most_bytes: int = MOST_BYTES
) -> Any:
    """Read a JSON file.

    Parameters
    ----------
    path : Path
    schema : mapping, optional
        JSON Schema that it must satisfy.
    most_bytes : int

    Raises
    ------
    DocumentError
        If it cannot be read, is no regular file, larger, nested more deeply, no JSON, names a key
        twice, holds a number that is not finite, or is not as the schema says.
    """
    try:
        text = read_bounded(path, most_bytes)
    except (OSError, ValueError) as error:
        raise DocumentError(why(error)) from error
    return parse_document(text, schema)


def parse_document(text: str, schema: Mapping[str, Any] | None = None) -> Any:
    """Parse a document's text, as `read_document` does.

    Examples
    --------
    >>> parse_document('{"steps": 3}', {"properties": {"steps": {"type": "integer"}}})
    {'steps': 3}
    >>> parse_document('{"steps": "3"}', {"properties": {"steps": {"type": "integer"}}})
    Traceback (most recent call last):
    ...
    numerics.documents.DocumentError: steps: '3' is not of type 'integer'
    >>> parse_document("[" * 100000)
    Traceback (most recent call last):
    ...
    numerics.documents.DocumentError: nested more than 64 levels deep
    """
    check_depth(text)
    try:
        document = json.loads(
            text, parse_float=_finite, parse_constant=_refuse, object_pairs_hook=_unique
        )
    except DocumentError:
        raise
    except ValueError as error:
        raise DocumentError(f"truncated or no JSON ({error})") from error
    if schema is not None:
        check_document(document, schema)
    return document


def check_document(document: Any, schema: Mapping[str, Any]) -> None:
    """Compare plain data with a JSON Schema.

    Raises
    ------
    DocumentError
        Names the first place where they differ.
    """
    from jsonschema import Draft202012Validator

    for error in Draft202012Validator(schema).iter_errors(document):
        place = ".".join(map(str, error.absolute_path))
        message = shorten(error.message, 120)
        raise DocumentError(f"{place}: {message}" if place else message)


def check_depth(text: str) -> None:
    """Refuse text whose brackets, outside strings, are nested too deeply to be parsed.

    Raises
    ------
    DocumentError
        Beyond `MOST_LEVELS`.
    """
    level = 0
    for bracket in _OTHER.sub("", _STRING.sub("", text)):
        level += 1 if bracket in "[{" else -1
        if level > MOST_LEVELS:
            raise DocumentError(f"nested more than {MOST_LEVELS} levels deep")


def _finite(text: str) -> float:
    value = float(text)
    if value - value != 0:
        raise DocumentError(f"the number {shorten(text, 20)} is too large")
    return value


def _refuse(constant: str) -> NoReturn:
    raise DocumentError(f"{constant} is no finite number")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise DocumentError("a key occurs twice in one object")
    return found
