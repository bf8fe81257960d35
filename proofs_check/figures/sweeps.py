"""Figures of a sweep: fate map, threshold against the amplification law, rates with their fits."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from numerics.errors import InputError
from numerics.sweeps.plot_data import (
    FAMILY,
    Bracket,
    brackets,
    families,
    of_one_version,
    power_law,
    spread_growth,
)
from proofs_check.figures.style import BLACK, BLUE, CYCLE, GREEN, GREY, RED, finish
from proofs_check.figures.symbols import axis

__all__ = ["Panel", "of_one_version", "panels"]

Row = Mapping[str, Any]
MOST_PANELS = 4
MOST_CURVES = 8
#: Colours and markers.
_FATES = {
    "converged": (BLUE, "o"),
    "escaped": (RED, "^"),
    "local optimum": (GREEN, "s"),
    "undecided": (GREY, "x"),
    "failed": (BLACK, "+"),
}
_CURVES = (*CYCLE, GREY)
_LABELS = {
    "distance": axis("truth"),
    "log10_spread": axis("spread", log=r"\log_{10}"),
    "step_size": axis("step size"),
    "components": axis("components"),
    "rate": axis("rate", "at the last iterate"),
    "steps": axis("steps"),
}
#: What a title calls a column.
_WORDS = {"log10_spread": "spread", "step_size": "step size", "components": "number of components"}
_FAR = 3.0  # centred: from here on the law holds (docs/results/threshold.md)


@dataclass(frozen=True)
class Panel:
    """One pair of axes: what draws it, and what it shows in words."""

    draw: Callable[[Any], None]
    summary: str


def panels(kind: str, rows: Sequence[Row], x: str | None, y: str | None) -> list[Panel]:
    """The panels of a figure.

    Parameters
    ----------
    kind : {"fates", "threshold", "rates"}
    rows : sequence of rows
    x, y : str or None
        Columns, where a kind has a choice.

    Raises
    ------
    InputError
        If the rows do not have what the figure shows, or too many panels would be needed.
    """
    makers: Mapping[str, Callable[..., list[Panel]]] = {
        "fates": _fate_maps,
        "threshold": _thresholds,
        "rates": _rates,
    }
    if not rows:
        raise InputError("--where", "no rows", "a condition that some rows satisfy")
    return makers[kind](rows, x, y)


def _name(names: Sequence[str], values: Sequence[Any], rows: Sequence[Row]) -> str:
    """The columns that tell the families apart, with their values."""
    short = {"step_size": "step", "components": "n", "dimension": "d"}
    varied = [name for name in names if len({row[name] for row in rows}) > 1]
    parts = [
        f"{short.get(name, name)} = {value:g}" if isinstance(value, float | int) else str(value)
        for name, value in zip(names, values, strict=True)
        if name in varied and value != ""
    ]
    return ", ".join(parts)


def _fate_maps(rows: Sequence[Row], x: str | None, y: str | None) -> list[Panel]:
    across, up = x or "distance", y or "log10_spread"
    names = [name for name in FAMILY if name not in (across, up)]
    for option, name in (("--x", across), ("--y", up)):
        if all(row[name] is None for row in rows):
            raise InputError(option, f"{name}: no row has one", "a column that rows have")
    groups = {
        values: group
        for values, group in families(rows, names).items()
        if any(row[across] is not None and row[up] is not None for row in group)
    }
    if not groups:
        raise InputError("--kind", f"fates: no row has {across} and {up}", "rows that have both")
    if len(groups) > MOST_PANELS:
        varied = ", ".join(name for name in names if len({row[name] for row in rows}) > 1)
        allowed = f"at most {MOST_PANELS} panels: choose by --where one value of {varied}"
        raise InputError("--kind", f"fates: {len(groups)} panels", allowed)
    return [
        _fate_map(group, across, up, _name(names, values, rows)) for values, group in groups.items()
    ]


def _fate_map(rows: Sequence[Row], x: str, y: str, title: str) -> Panel:
    shown = [row for row in rows if row[x] is not None and row[y] is not None]
    counts = {fate: sum(row["fate"] == fate for row in shown) for fate in _FATES}
    certified = sum(row["status"] == "certified" for row in shown)
    words = ", ".join(f"{count} {fate}" for fate, count in counts.items() if count)
    summary = f"{title or 'all'}: {words}; {certified} of {len(shown)} certified"
    if len(shown) < len(rows):
        summary += f"; {len(rows) - len(shown)} without {x} or {y} left out"

    def draw(axes: Any) -> None:
        for fate, (colour, marker) in _FATES.items():
            for proved in (True, False):
                chosen = [
                    row
                    for row in shown
                    if row["fate"] == fate and (row["status"] == "certified") is proved
                ]
                if chosen:
                    axes.plot(
                        [row[x] for row in chosen],
                        [row[y] for row in chosen],
                        marker,
                        color=colour,
                        markersize=4,
                        fillstyle="full" if proved else "none",
                        label=f"{fate}, {'certified' if proved else 'numerical'}",
                    )
        found = _found_in_map(shown, x, y)
        text = f"{title}: {found}" if title else found[:1].upper() + found[1:]
        finish(axes, text, _LABELS.get(x, x), _LABELS.get(y, y))

    return Panel(draw, summary)


def _found_in_map(rows: Sequence[Row], x: str, y: str) -> str:
    """What a fate map shows: a border that rises or falls, if there is one, or how many converge.

    Examples
    --------
    >>> fates = {(3, -2): "converged", (3, -1): "escaped", (4, -2): "escaped"}
    >>> rows = [{"distance": a, "log10_spread": b, "fate": f} for (a, b), f in fates.items()]
    >>> _found_in_map(rows, "distance", "log10_spread")
    'all components converge below a spread that falls with the distance'
    """
    columns: dict[float, list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row[x], row[y])):
        columns.setdefault(row[x], []).append(row)
    border, split = [], True
    for column in columns.values():
        good = [row["fate"] == "converged" for row in column]
        split = split and good == sorted(good, reverse=True)
        border.append(next((row[y] for row in column if row["fate"] != "converged"), math.inf))
    if split and border and border[0] != border[-1]:
        for way, ordered in (("falls", sorted(border, reverse=True)), ("rises", sorted(border))):
            if border == ordered:
                above, across = (_word(name) for name in (y, x))
                return f"all components converge below a {above} that {way} with the {across}"
    converged = sum(row["fate"] == "converged" for row in rows)
    return f"all components converge from {converged} of {len(rows)} starts"


def _word(column: str) -> str:
    return _WORDS.get(column, column.replace("_", " "))


def _thresholds(rows: Sequence[Row], x: str | None, y: str | None) -> list[Panel]:
    _no_choice("threshold", x, y)
    forward = [row for row in rows if row["objective"] == "forward" and row["start"] == "apart"]
    names = ("components", "dimension", "weights", "time", "step_size", "schedule")
    found = {
        values: part
        for values, group in families(forward, names).items()
        if (part := brackets(group))
    }
    if not found:
        allowed = 'forward runs from start "apart" whose fate changes with the spread'
        raise InputError("--kind", "threshold: no change of fate", allowed)
    chosen = dict(list(found.items())[:MOST_CURVES])
    laws = {values: _law(group, values[names.index("time")]) for values, group in chosen.items()}
    lines = []
    for values, group in chosen.items():
        certified = sum(bracket.certified for bracket in group)
        name = _name(names, values, forward) or "all"
        constant = "too near for the law" if laws[values] is None else f"k = {laws[values]:.3f}"
        widest = max(bracket.high - bracket.low for bracket in group)
        lines.append(
            f"{name}: {constant}, {len(group)} distances ({certified} between certified fates), "
            f"brackets up to {widest:.2f} wide"
        )

    def draw(axes: Any) -> None:
        for (values, group), colour in zip(chosen.items(), _CURVES, strict=False):
            _draw_threshold(
                axes, group, laws[values], colour, _name(names, values, forward), values
            )
        place = names.index("time")
        finding = _found_of_law(
            [(group, laws[values], values[place]) for values, group in chosen.items()]
        )
        finish(axes, finding, _LABELS["distance"], axis("spread", "critical", log=r"\ln"))

    return [Panel(draw, "\n".join(lines))]


def _found_of_law(groups: Sequence[tuple[Sequence[Bracket], float | None, float]]) -> str:
    r"""Through how many brackets the law passes, at distances at which it holds.

    Examples
    --------
    >>> print(_found_of_law([([Bracket(4.0, -3.0, -2.9, 5.0, True)], 1.4, 0.0)]))
    The law $\ln 2 + k - \Lambda$ passes through 1 of 1 measured brackets
    """
    hit = [
        abs(bracket.constant - constant) <= (bracket.high - bracket.low) / 2
        for group, constant, time in groups
        if constant is not None
        for bracket in group
        if bracket.distance >= _FAR * math.exp(time)
    ]
    if not hit:
        return "All distances are too short for the amplification law"
    passed = f"passes through {sum(hit)} of {len(hit)} measured brackets"
    return rf"The law $\ln 2 + k - \Lambda$ {passed}"


def _law(group: Sequence[Bracket], time: float) -> float | None:
    """The constant of the law: median over far distances."""
    near = _FAR * math.exp(time)
    far = [bracket.constant for bracket in group if bracket.distance >= near]
    return median(far) if far else None


def _draw_threshold(
    axes: Any,
    group: Sequence[Bracket],
    constant: float | None,
    colour: str,
    name: str,
    values: tuple[Any, ...],
) -> None:
    components, _, _, time, step, _ = values
    axes.errorbar(
        [bracket.distance for bracket in group],
        [bracket.middle for bracket in group],
        yerr=[(bracket.high - bracket.low) / 2 for bracket in group],
        fmt="o",
        markersize=3,
        capsize=3,
        color=colour,
        label=name or "measured",
    )
    if constant is None:
        return
    low, high = group[0].distance, group[-1].distance
    places = [low + (high - low) * i / 100 for i in range(101)]
    law = [
        math.log(2) + constant - spread_growth(place, _exact(step), components, time)
        for place in places
    ]
    axes.plot(places, law, "-", color=colour, label=rf"law, $\ln(s/2) = {constant:.2f} - \Lambda$")


def _exact(step: float) -> Any:
    from fractions import Fraction

    return Fraction(repr(step))


def _rates(rows: Sequence[Row], x: str | None, y: str | None) -> list[Panel]:
    _no_choice("rates", None, y)
    across = x or next(
        (
            name
            for name in ("distance", "components", "step_size", "log10_spread")
            if len({row[name] for row in rows}) > 1
        ),
        "distance",
    )
    names = [name for name in (*FAMILY, "fate") if name != across]
    known = [row for row in rows if row["rate"] and row[across] is not None]
    if not known:
        raise InputError("--kind", "rates: no row has one", "rows with a rate")
    groups = dict(list(families(known, names).items())[:MOST_CURVES])
    fits = {
        values: power_law([row[across] for row in group], [row["rate"] for row in group])
        for values, group in groups.items()
    }
    lines = []
    for values, group in groups.items():
        fit, name = fits[values], _name(names, values, known) or "all"
        law = "no fit" if fit is None else f"{fit.factor:.4g} x^{fit.exponent:.3f}"
        scatter = "" if fit is None else f", scatter {fit.scatter:.2g} in ln"
        lines.append(f"{name}: rate = {law}{scatter}, x = {across}, {len(group)} points")

    def draw(axes: Any) -> None:
        for (values, group), colour in zip(groups.items(), _CURVES, strict=False):
            places = [row[across] for row in group]
            fit, name = fits[values], _name(names, values, known) or "all"
            label = name if fit is None else f"{name}: exponent {fit.exponent:.2f}"
            axes.plot(places, [row["rate"] for row in group], "o", ms=3, color=colour, label=label)
            if fit is not None:
                ends = sorted({min(p for p in places if p > 0), max(places)})
                axes.plot(ends, [fit.at(end) for end in ends], "-", color=colour)
        axes.set_yscale("log")
        if all(row[across] > 0 for row in known):
            axes.set_xscale("log")
        exponents = [fit.exponent for fit in fits.values() if fit is not None]
        finding = _found_of_rates(_word(across), exponents)
        finish(axes, finding, _LABELS.get(across, across), _LABELS["rate"], legend=1)

    return [Panel(draw, "\n".join(lines))]


def _found_of_rates(across: str, exponents: Sequence[float]) -> str:
    """The exponents of the power laws that are fitted to the rates.

    Examples
    --------
    >>> _found_of_rates("distance", [-2.04, -1.9])
    'Fitted powers of the distance in the rate: exponents from -2.04 to -1.90'
    """
    if not exponents:
        return f"No power of the {across} can be fitted to the rate"
    low, high = (f"{end(exponents):.2f}" for end in (min, max))
    found = f"exponent {low}" if low == high else f"exponents from {low} to {high}"
    return f"Fitted powers of the {across} in the rate: {found}"


def _no_choice(kind: str, x: str | None, y: str | None) -> None:
    for option, value in (("--x", x), ("--y", y)):
        if value is not None:
            raise InputError(option, value, f"nothing with --kind {kind}")
