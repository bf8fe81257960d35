"""SPEC.toml: a declared grid or sample of descents, read and checked."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod
from pathlib import Path
from typing import Any

from numerics.errors import InputError, why
from numerics.files import read_bounded
from numerics.sweeps.axes import MOST_POINTS, Axis, Draws, read_axis, sampled, zipped
from numerics.sweeps.conditions import Condition
from numerics.sweeps.parameters import OBJECTIVES, PARAMETERS, read_parameter
from numerics.sweeps.points import Point

#: Tables and keys of a spec, and what they hold.
KEYS: Mapping[str, str] = {
    "title": "a line of text",
    "from": "a claims file (or module) whose OBJECTIVES may be named",
    "seconds_per_point": "CPU seconds after which a point is given up (default: 3600)",
    "conditions": "a list of comparisons that every point must satisfy",
    "fixed": "a table: parameters and their one value",
    "grid": "a table: parameters and their values, all combinations",
    "zip": "one or more tables [[zip]]: parameters whose values go together",
    "sample": "a table: seed, draws, and parameters that are drawn",
}
_MOST_BYTES = 10_000_000
_CHECKED_AT_ONCE = 1000
_ASKED_EVERY = 256
DEFAULT_SECONDS = 3600


@dataclass(frozen=True)
class Spec:
    """A sweep as declared.

    Attributes
    ----------
    title : str
    axes : tuple of Axis
        The points are all combinations of their entries, the last one varying fastest.
    conditions : tuple of Condition
    own : mapping
        Digests of the user's own objectives.
    source : str
        The claims file they are from, or nothing.
    seconds_per_point : int
    text : str
        The file's text.
    known_only : bool
        Whether points of objectives that are not at hand are passed over.
    """

    title: str
    axes: tuple[Axis, ...]
    conditions: tuple[Condition, ...]
    own: Mapping[str, str]
    source: str
    seconds_per_point: int
    text: str
    known_only: bool = False

    @property
    def combinations(self) -> int:
        """Number of combinations, before conditions."""
        return prod(len(axis) for axis in self.axes)

    @cached_property
    def may_repeat(self) -> bool:
        """Whether two combinations may be the same point."""
        starts = {row[0] for axis in self.axes if axis.names == ("start",) for row in axis.rows}
        starts = starts or {PARAMETERS["start"].default}
        together = any(len(axis.names) > 1 and not _continuous(axis) for axis in self.axes)
        return together or any(
            len(axis) > 1 and own and not starts <= set(own)
            for axis in self.axes
            for own in (PARAMETERS[name].starts for name in axis.names if len(axis.names) == 1)
        )

    def points(
        self, stop: Callable[[], bool] = lambda: False, most: int | None = None
    ) -> Iterator[Point]:
        r"""Yield the points one by one, each once.

        Parameters
        ----------
        stop : callable
            Asked from time to time, also where no point satisfies the conditions; true ends it.
        most : int, optional
            Combinations that are looked at; all by default.

        Raises
        ------
        InputError
            At values that do not go together.

        Examples
        --------
        >>> spec = parse_spec('[grid]\nspread = ["1e-2", "1"]\n[fixed]\ndistance = 3')
        >>> [float(point.values["spread"]) for point in spec.points()]
        [0.01, 1.0]
        """
        seen: set[bytes] = set()
        for number in range(min(self.combinations, most or self.combinations)):
            if number % _ASKED_EVERY == 0 and stop():
                return
            values: dict[str, Any] = {}
            rest = number
            for axis in reversed(self.axes):
                rest, index = divmod(rest, len(axis))
                values.update(axis.at(index))
            if self.known_only and not self._knows(values):
                continue
            point = Point.of(values, self.own)
            if not all(condition.holds(point.values) for condition in self.conditions):
                continue
            if self.may_repeat:
                key = bytes.fromhex(point.key)
                if key in seen:
                    continue
                seen.add(key)
            yield point

    def _knows(self, values: Mapping[str, Any]) -> bool:
        name = values.get("objective", PARAMETERS["objective"].default)
        return name in OBJECTIVES or name in self.own


def _continuous(axis: Axis) -> bool:
    """Whether the rows are drawn from intervals."""
    return isinstance(axis.rows, Draws) and any(kind != "choice" for _, kind, _ in axis.rows.drawn)


def read_text(path: Path) -> tuple[str, str]:
    """Read a spec's file: its text, and the claims file that it names (or nothing).

    Raises
    ------
    InputError
        If it cannot be read or is no TOML.
    """
    try:
        text = read_bounded(path, _MOST_BYTES)
    except (OSError, ValueError) as error:
        raise InputError("SPEC", str(path), f"a readable TOML file ({why(error)})") from error
    try:
        table = _table(text)
    except InputError as error:
        raise InputError("SPEC", str(path), error.allowed) from error
    return text, _source(table)


def _source(table: Mapping[str, Any]) -> str:
    source = table.get("from", "")
    if not isinstance(source, str):
        raise InputError("from", source, KEYS["from"])
    return source


def parse_spec(
    text: str, own: Mapping[str, str] | None = None, *, known_only: bool = False
) -> Spec:
    r"""Read a spec; numbers are exact (a TOML float is its decimal text).

    Parameters
    ----------
    text : str
    own : mapping, optional
        Names of the user's own objectives, with a digest of each.
    known_only : bool
        Pass over points of other objectives, whose claims file is not to be executed.

    Raises
    ------
    InputError
        Naming the key, its value and what is allowed.

    Examples
    --------
    >>> parse_spec("[grid]\nspred = [1]")
    Traceback (most recent call last):
    ...
    numerics.errors.InputError: grid.spred: got spred; allowed: one of the parameters ...
    """
    table = _table(text)
    for key in table:
        if key not in KEYS:
            allowed = "; ".join(f"{name} ({meaning})" for name, meaning in KEYS.items())
            raise InputError(key, table[key], f"no such key; there are {allowed}")
    title = table.get("title", "")
    if not isinstance(title, str):
        raise InputError("title", title, KEYS["title"])
    axes = _axes(table)
    conditions = table.get("conditions", [])
    if not isinstance(conditions, list):
        raise InputError("conditions", conditions, KEYS["conditions"])
    seconds = table.get("seconds_per_point", DEFAULT_SECONDS)
    if isinstance(seconds, bool) or not isinstance(seconds, int) or not 1 <= seconds <= 10**7:
        raise InputError("seconds_per_point", seconds, "an integer from 1 to 10000000")
    spec = Spec(
        title,
        axes,
        tuple(Condition(c, f"conditions[{i}]") for i, c in enumerate(conditions)),
        own or {},
        _source(table),
        seconds,
        text,
        known_only,
    )
    if spec.combinations > MOST_POINTS:
        raise InputError("grid", f"{spec.combinations} combinations", f"at most {MOST_POINTS}")
    if not known_only:
        _check_objectives(spec)
    for _ in spec.points(most=_CHECKED_AT_ONCE):
        pass
    return spec


def _table(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text, parse_float=str)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError("TOML", "a fault", f"a TOML file ({error})") from error
    except ValueError as error:
        digits = sys.get_int_max_str_digits()
        allowed = f"a TOML file; integers of more than {digits} digits are written as text"
        raise InputError("TOML", "a fault", allowed) from error


def _axes(table: Mapping[str, Any]) -> tuple[Axis, ...]:
    """All axes; every parameter stands in one of them at most."""
    axes: list[Axis] = []
    for name, value in _section(table, "fixed").items():
        axes.append(Axis((name,), [(read_parameter(name, value, f"fixed.{name}"),)]))
    for name, value in _section(table, "grid").items():
        axes.append(read_axis(name, value, f"grid.{name}"))
    tables = table.get("zip", [])
    if not isinstance(tables, list) or not all(isinstance(entry, dict) for entry in tables):
        raise InputError("zip", tables, KEYS["zip"])
    axes.extend(zipped(entry, f"zip[{i}]") for i, entry in enumerate(tables))
    if "sample" in table:
        axes.append(sampled(_section(table, "sample"), "sample"))
    seen: set[str] = set()
    for axis in axes:
        for name in axis.names:
            if name in seen:
                raise InputError(name, "in two places", "each parameter in one table")
            seen.add(name)
    return tuple(axes)


def _section(table: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = table.get(name, {})
    if not isinstance(value, dict):
        raise InputError(name, value, KEYS[name])
    return value


def _check_objectives(spec: Spec) -> None:
    for axis in spec.axes:
        if "objective" not in axis.names or not isinstance(axis.rows, list):
            continue
        place = axis.names.index("objective")
        for row in axis.rows:
            if row[place] not in (*OBJECTIVES, *spec.own):
                hint = "" if spec.source else ', or one of a claims file named by from = "FILE"'
                known = ", ".join((*OBJECTIVES, *spec.own))
                raise InputError("objective", row[place], f"one of {known}{hint}")
