"""The spec of a sweep with the objectives of the claims file that it names."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from numerics.errors import InputError
from numerics.sweeps.points import objective_digest
from numerics.sweeps.spec import Spec, parse_spec, read_text

if TYPE_CHECKING:
    from derive.losses.objectives import Objective


def read(path: Path) -> tuple[Spec, Mapping[str, Objective]]:
    """Read a spec; its ``from`` is looked for beside it first.

    Raises
    ------
    InputError
        If spec or claims file cannot be used.
    """
    text, source = _text(path)
    found: Mapping[str, Objective] = {}
    if source:
        from proofs_check.loading.load import load

        beside = path.parent / source
        found = load(str(beside) if os.path.exists(beside) else source).objectives
    digests = {name: objective_digest(own) for name, own in found.items()}
    with _named(path):
        return parse_spec(text, digests), found


def read_received(path: Path) -> Spec:
    """Read the spec of a dataset, whoever made it: the claims file it may name is not executed."""
    text, _ = _text(path)
    with _named(path):
        return parse_spec(text, known_only=True)


def _text(path: Path) -> tuple[str, str]:
    """The spec's text and the claims file that it names."""
    with _named(path):
        return read_text(path)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Errors name a key of the file, no option."""
    try:
        yield
    except InputError as error:
        if error.argument == "SPEC":  # the file as a whole
            raise
        raise InputError(f"{path.name}: {error.argument}", error.value, error.allowed) from error
