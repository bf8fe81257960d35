"""Reading a trajectory certificate: strictly, so that it can only mean one thing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn

from flint import fmpz

from numerics.documents import check_depth
from numerics.errors import why
from numerics.files import read_bounded

FORMAT = "proofs-check trajectory certificate"
VERSION = 1
THEOREMS = {
    "Theorem F": "forward",
    "Lemma E": "forward",
    "Region E": "forward",
    "Theorem E_n": "forward",
    "Theorem E_n'": "forward",
    "Theorem L": "forward",
    "Theorem R": "reverse",
    "Theorem K": "kl",
}
#: Theorems with an escape region in the certificate; by the last some components escape, too.
ESCAPES = ("Lemma E", "Region E")
DISTINCT_FAR = "Theorem E_n"
SMALL_STEPS = "Theorem E_n'"
#: Its certificates enclose the loss. Some components escape; nothing is said of the others.
LOSS_BARRIER = "Theorem L"

_RATIONAL = re.compile(r"-?[0-9]{1,20000}(/[0-9]{1,20000})?")
_DECIMAL = re.compile(r"-?[0-9]{1,20000}(\.[0-9]{0,20000})?([eE][+-]?[0-9]{1,5})?")
_PATH = re.compile(r"[01]{0,60}")
_LARGEST_FILE = 50_000_000
_MOST_STEPS = 1_000_000
_KEYS = (
    "format version objective means weights teacher_mean time step_size step theorem fates "
    "checkpoints escape_region"
)

Ball = tuple[Fraction, Fraction]
Rows = tuple[tuple[Ball, ...], ...]


class MalformedError(ValueError):
    """The file is not a certificate of this format; the message says where."""


@dataclass(frozen=True)
class Region:
    """``|v| <= near`` and ``|v| >= far``, and the leaves of a subdivision as paths of halvings."""

    near: Fraction
    far: Fraction
    boxes: tuple[str, ...]


@dataclass(frozen=True)
class Certificate:
    """What a certificate says, all numbers exact.

    Attributes
    ----------
    means, weights, teacher_mean, time, starts, sizes
        The problem: ``sizes[i]`` is the step in ``mu`` from step ``starts[i]`` on.
    objective, theorem, fates, step
        The claim: from ``step`` on the theorem decides the fates.
    checkpoints : tuple of (step, n x d of (midpoint, radius))
        Claimed enclosures of ``v = e^-t (mu - mu*)``; the last is at ``step``.
    region : Region or None
    loss : Ball or None
        Claimed enclosure of the loss at ``step``, with Theorem L.
    """

    objective: str
    means: tuple[tuple[Fraction, ...], ...]
    weights: tuple[Fraction, ...]
    teacher_mean: tuple[Fraction, ...]
    time: Fraction
    starts: tuple[int, ...]
    sizes: tuple[Fraction, ...]
    step: int
    theorem: str
    fates: tuple[str, ...]
    checkpoints: tuple[tuple[int, Rows], ...]
    region: Region | None
    loss: Ball | None = None

    def step_at(self, step: int) -> Fraction:
        """Return the step size used from iterate ``step`` to the next."""
        return [size for start, size in zip(self.starts, self.sizes, strict=True) if start <= step][
            -1
        ]

    @property
    def largest_step(self) -> Fraction:
        """The largest step size from the certified step on."""
        ends = (*self.starts[1:], None)
        later = [
            size
            for end, size in zip(ends, self.sizes, strict=True)
            if end is None or end > self.step
        ]
        return max(later)


def read_certificate(path: Path) -> Certificate:
    """Read a certificate file.

    Raises
    ------
    MalformedError
        If the file cannot be read, is truncated, repeats a key, holds anything unexpected, or is
        of another version.
    """
    try:
        return parse_certificate(read_bounded(path, _LARGEST_FILE))
    except MalformedError:
        raise
    except (OSError, ValueError) as error:
        raise MalformedError(f"not a readable text file ({why(error)})") from error


def parse_certificate(text: str) -> Certificate:
    """Parse a certificate's text.

    Examples
    --------
    >>> parse_certificate("[]")
    Traceback (most recent call last):
    ...
    proofs_check.certificates.file_format.MalformedError: document: an object with the keys ...
    """
    try:
        check_depth(text)
        data = json.loads(
            text, object_pairs_hook=_unique, parse_float=_refuse, parse_constant=_refuse
        )
    except MalformedError:
        raise
    except ValueError as error:
        raise MalformedError(f"not a JSON document ({error})") from error
    level = " loss" if isinstance(data, dict) and data.get("theorem") == LOSS_BARRIER else ""
    fields = _object(data, "document", _KEYS + level)
    version = fields["version"]
    if fields["format"] != FORMAT or version != VERSION or isinstance(version, bool):
        raise MalformedError(f"version: format {FORMAT!r}, version {VERSION} expected")
    means = _matrix(fields["means"], "means", _rational)
    shape = (len(means), len(means[0]))
    weights = _vector(fields["weights"], "weights", _rational, shape[0])
    if min(weights) <= 0 or sum(weights) != 1:
        raise MalformedError("weights: positive numbers with sum 1 expected")
    time = _rational(fields["time"], "time")
    if not 0 <= time <= 10_000:
        raise MalformedError("time: a number from 0 to 10000 expected")
    starts, sizes = _schedule(fields["step_size"])
    step = _integer(fields["step"], "step", _MOST_STEPS)
    region = _region(fields["escape_region"])
    theorem = _choice(fields["theorem"], "theorem", tuple(THEOREMS))
    if (region is not None) != (theorem in ESCAPES):
        raise MalformedError("escape_region: expected with the theorems on escape, and only there")
    return Certificate(
        _choice(fields["objective"], "objective", ("forward", "reverse", "kl")),
        means,
        weights,
        _vector(fields["teacher_mean"], "teacher_mean", _rational, shape[1]),
        time,
        starts,
        sizes,
        step,
        theorem,
        _vector(fields["fates"], "fates", _fate, shape[0]),
        _checkpoints(fields["checkpoints"], shape, step),
        region,
        _level(fields["loss"]) if level else None,
    )


def _level(value: Any) -> Ball:
    fields = _object(value, "loss", "mid rad")
    middle, radius = (_decimal(fields[key], f"loss.{key}") for key in ("mid", "rad"))
    if radius < 0:
        raise MalformedError("loss.rad: a radius of at least 0 expected")
    return middle, radius


def _checkpoints(value: Any, shape: tuple[int, int], last: int) -> tuple[tuple[int, Rows], ...]:
    result: list[tuple[int, Rows]] = []
    for number, entry in enumerate(_list(value, "checkpoints")):
        where = f"checkpoints[{number}]"
        fields = _object(entry, where, "step centred_means")
        balls = _object(fields["centred_means"], where, "mid rad")
        middles = _matrix(balls["mid"], f"{where}.mid", _decimal)
        radii = _matrix(balls["rad"], f"{where}.rad", _decimal)
        for matrix in (middles, radii):
            if (len(matrix), len(matrix[0])) != shape:
                raise MalformedError(f"{where}: {shape[0]} x {shape[1]} numbers expected")
        if min(radius for row in radii for radius in row) < 0:
            raise MalformedError(f"{where}.rad: radii of at least 0 expected")
        rows: Rows = tuple(
            tuple((middle, radius) for middle, radius in zip(*pair, strict=True))
            for pair in zip(middles, radii, strict=True)
        )
        result.append((_integer(fields["step"], where, last), rows))
    steps = [step for step, _ in result]
    if steps[-1] != last or any(a >= b for a, b in pairwise(steps)):
        raise MalformedError("checkpoints: increasing steps that end with the certified one")
    return tuple(result)


def _schedule(value: Any) -> tuple[tuple[int, ...], tuple[Fraction, ...]]:
    starts, sizes = [], []
    for entry in _list(value, "step_size"):
        fields = _object(entry, "step_size", "from_step in_mu")
        starts.append(_integer(fields["from_step"], "step_size", 10**18))
        sizes.append(_rational(fields["in_mu"], "step_size"))
    if starts[0] != 0 or any(a >= b for a, b in pairwise(starts)) or min(sizes) <= 0:
        raise MalformedError("step_size: positive steps, from step 0 on, increasing")
    return tuple(starts), tuple(sizes)


def _region(value: Any) -> Region | None:
    if value is None:
        return None
    fields = _object(value, "escape_region", "near far boxes")
    near, far = (_rational(fields[key], "escape_region") for key in ("near", "far"))
    if not 0 < near < far:
        raise MalformedError("escape_region: 0 < near < far expected")
    return Region(near, far, _vector(fields["boxes"], "escape_region.boxes", _box))


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise MalformedError("a key occurs twice in one object")
    return result


def _refuse(number: str) -> NoReturn:
    raise MalformedError(f"the JSON number {number}: exact numbers are texts here")


def _object(value: Any, where: str, keys: str) -> Mapping[str, Any]:
    if not isinstance(value, dict) or sorted(value) != sorted(keys.split()):
        raise MalformedError(f"{where}: an object with the keys {', '.join(keys.split())} expected")
    return value


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise MalformedError(f"{where}: a list expected, not empty")
    return value


def _vector(
    value: Any, where: str, read: Callable[[Any, str], Any], length: int | None = None
) -> tuple[Any, ...]:
    entries = _list(value, where)
    if length is not None and len(entries) != length:
        raise MalformedError(f"{where}: {length} entries expected")
    return tuple(read(entry, where) for entry in entries)


def _matrix(
    value: Any, where: str, read: Callable[[Any, str], Fraction]
) -> tuple[tuple[Fraction, ...], ...]:
    rows = tuple(_vector(row, where, read) for row in _list(value, where))
    if any(len(row) != len(rows[0]) for row in rows):
        raise MalformedError(f"{where}: rows of one length expected")
    return rows


def _rational(value: Any, where: str) -> Fraction:
    if not isinstance(value, str) or not _RATIONAL.fullmatch(value):
        raise MalformedError(f"{where}: integers or p/q as text expected")
    numerator, _, denominator = value.partition("/")
    bottom = _whole(denominator or "1")
    if not bottom:
        raise MalformedError(f"{where}: denominator 0")
    return Fraction(_whole(numerator), bottom)


def _whole(digits: str) -> int:
    """Read an integer of any length (Python's own conversion stops at 4300 digits)."""
    return int(fmpz(digits))


def _decimal(value: Any, where: str) -> Fraction:
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
        raise MalformedError(f"{where}: finite decimal numbers as text expected")
    mantissa, _, exponent = value.lower().partition("e")
    whole, _, decimals = mantissa.partition(".")
    return _whole(whole + decimals) * Fraction(10) ** (int(exponent or "0") - len(decimals))


def _integer(value: Any, where: str, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise MalformedError(f"{where}: an integer from 0 to {most} expected")
    return value


def _choice(value: Any, where: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise MalformedError(f"{where}: one of {', '.join(allowed)} expected")
    return str(value)


def _fate(value: Any, where: str) -> str:
    return _choice(value, where, ("converged", "escaped", "undecided"))


def _box(value: Any, where: str) -> str:
    if not isinstance(value, str) or not _PATH.fullmatch(value):
        raise MalformedError(f"{where}: paths of 0 and 1 expected")
    return value
