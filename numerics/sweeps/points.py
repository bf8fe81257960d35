"""A point of a sweep: exact content, the start it stands for, and its key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import derive
import numerics
from numerics.errors import InputError
from numerics.execution.versions import installed
from numerics.kernels import load_program
from numerics.numbers.exact import parse_weights
from numerics.sweeps.parameters import PARAMETERS, UNIFORM, plain

if TYPE_CHECKING:
    from derive.losses.objectives import Objective

#: Hexadecimal digits of a key: 128 bits of a SHA-256.
KEY_DIGITS = 32
_LIBRARIES = ("proofs-check", "numpy", "python-flint")
#: Decimal places of drawn starts, relative to the spread.
_PLACES = 15

Means = tuple[tuple[Fraction, ...], ...]


@dataclass(frozen=True)
class Point:
    """One point of a sweep.

    Attributes
    ----------
    values : mapping
        Every parameter that matters to its start family (`numerics.sweeps.parameters`), checked.
    own : str
        Digest of a user's own objective; empty for the others.
    """

    values: Mapping[str, Any]
    own: str = ""

    @classmethod
    def of(cls, values: Mapping[str, Any], own: Mapping[str, str] | None = None) -> Point:
        """Complete values by the defaults; check what concerns several parameters.

        Raises
        ------
        InputError
            If they do not go together.

        Examples
        --------
        >>> Point.of({"distance": Fraction(3), "draw": 7}).values["components"]
        2
        """
        start = values.get("start", PARAMETERS["start"].default)
        full = {
            name: values.get(name, parameter.default)
            for name, parameter in PARAMETERS.items()
            if not parameter.starts or start in parameter.starts
        }
        _check(full)
        return cls(full, (own or {}).get(full["objective"], ""))

    @cached_property
    def content(self) -> str:
        """The point as JSON text with exact numbers; the same text for the same point."""
        data = {name: plain(value) for name, value in self.values.items()}
        if self.own:
            data["objective_digest"] = self.own
        return json.dumps(data, sort_keys=True, separators=(",", ":"))

    @cached_property
    def key(self) -> str:
        """Hash of content and versions: rows of one key are the same.

        Examples
        --------
        >>> one, other = Point.of({"distance": Fraction(3)}), Point.of({"distance": Fraction(4)})
        >>> len(one.key), one.key == Point.of({"distance": Fraction(3)}).key, one.key == other.key
        (32, True, False)
        """
        text = f"{self.content}\n{versions_text()}"
        return hashlib.sha256(text.encode()).hexdigest()[:KEY_DIGITS]

    @property
    def means(self) -> Means:
        """The initial means.

        Examples
        --------
        >>> Point.of({"distance": Fraction(6), "spread": Fraction(1, 2)}).means
        ((Fraction(23, 4),), (Fraction(25, 4),))
        """
        given = self.values
        if given["start"] == "means":
            means: Means = given["means"]
            return means
        n, d = given["components"], given["dimension"]
        distance, spread = given["distance"], given["spread"]
        rest = (Fraction(0),) * (d - 1)
        if given["start"] == "normal":
            return _drawn(given["seed"], given["draw"], n, d, distance, spread)
        if given["start"] == "spaced":
            firsts = [distance + spread * (Fraction(i, n - 1) - Fraction(1, 2)) for i in range(n)]
        else:
            far = distance + spread / n
            firsts = [far - spread, *[far] * (n - 1)]
        return tuple((first, *rest) for first in firsts)

    @property
    def weights(self) -> tuple[Fraction, ...] | None:
        """The weights; None: uniform."""
        return None if self.values["weights"] == UNIFORM else self.values["weights"]


def objective_digest(objective: Objective) -> str:
    """Digest of what a row says of a user's own objective: its loss and its gradient.

    Examples
    --------
    >>> from derive.losses.objectives import OBJECTIVES
    >>> len(objective_digest(OBJECTIVES["kl"]))
    64
    """
    programs = [load_program(objective, name).to_data() for name in ("loss", "gradient")]
    return hashlib.sha256(json.dumps(programs, sort_keys=True).encode()).hexdigest()


def _check(values: Mapping[str, Any]) -> None:
    if values["start"] == "means":
        if values["means"] is None:
            raise InputError("means", "nothing", 'the list of means that start = "means" needs')
        count = len(values["means"])
    else:
        count = values["components"]
        if values["start"] in ("apart", "spaced") and count < 2:
            raise InputError("components", count, f'at least 2 with start = "{values["start"]}"')
    if values["weights"] != UNIFORM:
        parse_weights(list(values["weights"]), count)


def _drawn(seed: int, draw: int, n: int, d: int, distance: Fraction, spread: Fraction) -> Means:
    """Standard normal numbers, rounded to decimals, times the spread about the distance."""
    numbers = np.random.default_rng([seed, draw]).standard_normal((n, d))
    unit = 10**_PLACES
    return tuple(
        tuple(
            (distance if a == 0 else 0) + spread * Fraction(round(float(x) * unit), unit)
            for a, x in enumerate(row)
        )
        for row in numbers
    )


@lru_cache(maxsize=1)
def versions_text() -> str:
    """`versions` as JSON text."""
    return json.dumps(versions(), sort_keys=True, separators=(",", ":"))


def versions() -> dict[str, str]:
    """Versions that a row depends on, and a digest of the sources.

    Examples
    --------
    >>> sorted(versions())
    ['numpy', 'proofs-check', 'python-flint', 'sources']
    """
    return {**installed(_LIBRARIES), "sources": _sources()}


def _sources() -> str:
    digest = hashlib.sha256()
    for package in (derive, numerics):
        root = Path(str(package.__file__)).parent
        for path in sorted(root.rglob("*.py")):
            digest.update(path.relative_to(root).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:KEY_DIGITS]
