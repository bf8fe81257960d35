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

__all__ = ["Panel", "of_one_version", "panels"]

Row = Mapping[str, Any]
MOST_PANELS = 4
MOST_CURVES = 8
#: Colours that colour-blind readers tell apart (Okabe and Ito), and markers.
_FATES = {
    "converged": ("#0072B2", "o"),
    "escaped": ("#D55E00", "^"),
    "local optimum": ("#009E73", "s"),
    "undecided": ("#999999", "x"),
    "failed": ("#000000", "+"),
}
_CURVES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#999999")
_LABELS = {
    "distance": r"distance $|c_0|$ of the start from the truth",
    "log10_spread": r"$\log_{10}$ of the spread",
    "step_size": r"step size $\eta$",
    "components": "components $n$",
    "rate": r"rate $|\nabla L|^2/L$ at the last iterate",
    "steps": "steps",
}
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
        axes.set_xlabel(_LABELS.get(x, x))
        axes.set_ylabel(_LABELS.get(y, y))
        axes.set_title(f"{title}: {words}" if title else words, fontsize="medium")
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=2, fontsize="small")

    return Panel(draw, summary)


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
        axes.set_xlabel(_LABELS["distance"])
        axes.set_ylabel(r"$\ln$ of the critical spread")
        axes.set_title(r"Measured (bars) and the law $\ln 2 + k - \Lambda$", fontsize="medium")
        axes.legend(fontsize="small")

    return [Panel(draw, "\n".join(lines))]


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
    axes.plot(places, law, "-", color=colour, label=f"law, k = {constant:.2f}")


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
        axes.set_xlabel(_LABELS.get(across, across))
        axes.set_ylabel(_LABELS["rate"])
        axes.set_title("Rate at the last iterate, and power laws", fontsize="medium")
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=2, fontsize="small")

    return [Panel(draw, "\n".join(lines))]


def _no_choice(kind: str, x: str | None, y: str | None) -> None:
    for option, value in (("--x", x), ("--y", y)):
        if value is not None:
            raise InputError(option, value, f"nothing with --kind {kind}")
