"""Figures of the pages that no claim has: ``python docs/_figures.py NAME`` writes one.

``nodes`` and ``enclosures`` are computed; ``gradient`` draws the table of its page.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from proofs_check.figures.style import BLUE, RED, finish
from proofs_check.figures.svg import draw_svg

DOCS = Path(__file__).parent


def nodes(axes: Any) -> None:
    """Digits of the forward loss that the trapezoid rule delivers, by its nodes."""
    import numpy as np

    from numerics import evaluate

    for first, second in (("-1/2", "1/2"), ("-3/4", "17/8"), ("0", "6")):
        exact = evaluate("forward", [[first], [second]], digits=60, backend="ball").balls
        found = []
        for count in range(4, 152, 4):
            error = abs(_trapezoid(first, second, count) - exact)
            found.append((count, -float(error.log()) / np.log(10)))
        axes.plot(*zip(*found, strict=True), label=f"means {first}, {second}")
    finding = "Digits grow in proportion to the nodes, the more slowly the further apart the means"
    finish(axes, finding, r"nodes on $|x| \leq 14$", "correct digits", legend=3)


def _trapezoid(first: str, second: str, count: int) -> Any:
    """The forward loss ``E m^2`` by a plain sum over equal steps on ``|x| <= 14``, in balls."""
    from flint import arb, ctx, fmpq

    before, ctx.prec = ctx.prec, 300
    try:
        one, two = (
            arb(fmpq(*(int(part) for part in f"{v}/1".split("/")[:2]))) for v in (first, second)
        )
        step = arb(28) / count
        total = arb(0)
        for index in range(count + 1):
            x = -14 + index * step
            odds = ((two - one) * x - (two**2 - one**2) / 2).exp()
            mean = (one + odds * two) / (1 + odds)
            total += mean**2 * (-(x**2) / 2).exp()
        return total * step / (2 * arb.pi()).sqrt()
    finally:
        ctx.prec = before


def enclosures(axes: Any) -> None:
    """What enclosures say about ``left <= right``."""
    rows = (
        ("apart: holds", 1.0, 2.2, 0.35, 0.35),
        ("touch: holds", 1.2, 2.0, 0.4, 0.4),
        ("overlap: undecided", 1.5, 1.9, 0.45, 0.4),
        ("apart, the other way round: fails", 2.3, 1.0, 0.35, 0.35),
    )
    for row, (text, left, right, one, two) in enumerate(rows):
        axes.errorbar([left], [-row], xerr=one, fmt="o", color=BLUE, capsize=5, lw=3)
        axes.errorbar([right], [-row - 0.18], xerr=two, fmt="s", color=RED, capsize=5, lw=3)
        axes.text(3.0, -row - 0.09, text, va="center")
    axes.plot([], [], "o", color=BLUE, label="left side")
    axes.plot([], [], "s", color=RED, label="right side")
    axes.set_xlim(0.4, 5.2)
    axes.set_ylim(-3.6, 0.4)
    axes.set_yticks([])
    axes.set_xticks([])
    finding = r"Enclosures decide left $\leq$ right if all of their members agree"
    finish(axes, finding, "value", "")


def gradient(axes: Any) -> None:
    """Seconds against digits for three components, from the table of the page."""
    series: dict[str, list[tuple[float, float]]] = {}
    for cells in _rows(DOCS / "performance" / "gradient.md", "-0.75, 2.125, 0.5"):
        if not cells[3].startswith(">"):
            series.setdefault(cells[2], []).append((float(cells[1]), float(cells[3])))
    for (method, found), mark in zip(series.items(), "os^dvP", strict=False):
        axes.loglog(*zip(*found, strict=True), f"{mark}-", label=method)
    finding = "Backends ball and mpmath stay far ahead of general integrators"
    finish(axes, finding, "digits asked for", "seconds for one gradient", legend=3)


def _rows(page: Path, first: str) -> list[Sequence[str]]:
    table = [line.strip("| \n").split(" | ") for line in page.open() if line.startswith("| ")]
    return [cells for cells in table if cells[0] == first]


FIGURES: dict[str, tuple[Callable[[Any], None], str]] = {
    "nodes": (nodes, "concepts/nodes.svg"),
    "enclosures": (enclosures, "concepts/enclosures.svg"),
    "gradient": (gradient, "performance/gradient.svg"),
}


def main(names: Sequence[str]) -> None:
    """Draw the figures named, or all."""
    for name in names or FIGURES:
        draw, target = FIGURES[name]
        (DOCS / target).write_text(draw_svg(draw), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
