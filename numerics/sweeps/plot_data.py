"""Numbers of the figures of a sweep: fate map, threshold against the law, rates."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from numerics.errors import InputError
from numerics.studies.amplification import log_amplification
from numerics.sweeps.parameters import UNIFORM
from numerics.sweeps.points import versions_text

Row = Mapping[str, Any]
#: Columns that tell the panels and curves of a figure apart.
FAMILY = (
    "objective",
    "start",
    "components",
    "dimension",
    "weights",
    "time",
    "step_size",
    "schedule",
)


@dataclass(frozen=True)
class Bracket:
    """Between which spreads the fate changes, for one distance.

    Attributes
    ----------
    distance : float
    low, high : float
        Natural logarithms of the largest spread below which all points converge, and of the
        smallest above it from which a component escapes.
    amplification : float
        `spread_growth`.
    certified : bool
        Whether both fates are.
    """

    distance: float
    low: float
    high: float
    amplification: float
    certified: bool

    @property
    def middle(self) -> float:
        """Middle of the bracket."""
        return (self.low + self.high) / 2

    @property
    def constant(self) -> float:
        """``k = ln(s/2) + Lambda`` at the middle."""
        return self.middle - math.log(2) + self.amplification


def families(
    rows: Iterable[Row], columns: Sequence[str] = FAMILY
) -> dict[tuple[Any, ...], list[Row]]:
    """Group rows by columns, in order.

    Examples
    --------
    >>> list(families([{"a": 2}, {"a": 1}, {"a": 2}], ["a"]))
    [(1,), (2,)]
    """
    found: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        found[tuple(row[name] for name in columns)].append(row)
    return dict(sorted(found.items(), key=lambda item: tuple(map(str, item[0]))))


def brackets(rows: Iterable[Row]) -> list[Bracket]:
    """Brackets of the critical spread, one a distance, of the forward loss from far clusters.

    The rows are of one family; distances at which the fates do not change once are left out.

    Raises
    ------
    InputError
        If the law is not about such rows: weights that are not uniform, step sizes that change.

    Examples
    --------
    >>> def row(spread, fate):
    ...     return {"distance": 6.0, "log10_spread": spread, "fate": fate, "status": "certified",
    ...             "point": '{"step_size":"1/10"}', "components": 2, "time": 0.0,
    ...             "weights": "uniform", "schedule": ""}
    >>> found = brackets([row(-7.0, "converged"), row(-6.0, "escaped")])
    >>> round(found[0].low / math.log(10), 6), round(found[0].constant, 1)
    (-7.0, 1.8)
    """
    import json

    found = []
    for (distance,), group in families(map(_of_the_law, rows), ["distance"]).items():
        known = [r for r in group if r["log10_spread"] is not None]
        below = [r for r in known if r["fate"] == "converged"]
        above = [r for r in known if r["fate"] == "escaped"]
        if not below or not above:
            continue
        low = max(below, key=lambda r: r["log10_spread"])
        high = min(above, key=lambda r: r["log10_spread"])
        if low["log10_spread"] >= high["log10_spread"]:
            continue
        step = Fraction(json.loads(low["point"])["step_size"])
        found.append(
            Bracket(
                distance,
                low["log10_spread"] * math.log(10),
                high["log10_spread"] * math.log(10),
                spread_growth(distance, step, low["components"], low["time"]),
                low["status"] == high["status"] == "certified",
            )
        )
    return sorted(found, key=lambda bracket: bracket.distance)


def _of_the_law(row: Row) -> Row:
    for name, allowed in (("weights", UNIFORM), ("schedule", "")):
        if row[name] != allowed:
            where = f"what the law is about: choose --where \"{name} = '{allowed}'\""
            raise InputError("--kind", f"threshold: {name} {row[name]}", where)
    return row


def spread_growth(distance: float, step: Fraction, components: int, time: float) -> float:
    """``Lambda`` of the descent at a noise time, counted for the means as they are given.

    The law is about the centred means: distance and spread times ``e^-t``, the step ``e^-2t``.

    Examples
    --------
    >>> law = log_amplification(6.0, Fraction(1, 10), 2)
    >>> scaled = spread_growth(6.0 * math.e, Fraction(0.1 * math.e**2), 2, 1.0)
    >>> spread_growth(6.0, Fraction(1, 10), 2, 0.0) == law, abs(scaled + 1 - law) < 1e-9
    (True, True)
    """
    if not time:
        return log_amplification(distance, step, components)
    centred = step * Fraction(math.exp(-2 * time))
    return log_amplification(distance * math.exp(-time), centred, components) - time


def of_one_version(rows: Sequence[Row]) -> list[Row]:
    """Each point once: the row of the present version, if there is one, else any, by its key.

    Examples
    --------
    >>> rows = [{"point": "p", "key": key, "versions": "old"} for key in "ab"]
    >>> of_one_version(rows)
    [{'point': 'p', 'key': 'b', 'versions': 'old'}]
    """
    best: dict[str, tuple[bool, str]] = {}
    for row in rows:
        mine = (row["versions"] == versions_text(), row["key"])
        best[row["point"]] = max(best.get(row["point"], mine), mine)
    return [row for row in rows if best[row["point"]][1] == row["key"]]


@dataclass(frozen=True)
class PowerLaw:
    """Least-squares fit ``y = factor x^exponent``.

    Attributes
    ----------
    factor, exponent : float
    scatter : float
        Standard deviation of ``ln y`` about the fit.
    """

    factor: float
    exponent: float
    scatter: float

    def at(self, x: float) -> float:
        """Value of the fit."""
        return float(self.factor * x**self.exponent)


def power_law(x: Sequence[float], y: Sequence[float]) -> PowerLaw | None:
    """Fit a power law to positive numbers; None for fewer than two different abscissae.

    Examples
    --------
    >>> fit = power_law([1, 2, 4], [3, 12, 48])
    >>> round(fit.factor, 9), round(fit.exponent, 9), fit.scatter < 1e-12
    (3.0, 2.0, True)
    """
    pairs = [(math.log(a), math.log(b)) for a, b in zip(x, y, strict=True) if a > 0 and b > 0]
    if len({a for a, _ in pairs}) < 2:
        return None
    logs = np.array(pairs)
    slope, offset = np.polyfit(logs[:, 0], logs[:, 1], 1)
    rest = logs[:, 1] - (slope * logs[:, 0] + offset)
    return PowerLaw(math.exp(offset), float(slope), float(rest.std()))
