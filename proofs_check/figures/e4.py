"""E4: how often every teacher mean is met, by number of students and objective."""

from __future__ import annotations

from typing import Any

from proofs_check.checks.mixture_frequencies import Setting, descend
from proofs_check.claim import Context
from proofs_check.figures.style import finish

_TRIALS = 200
_WORDS = {"start": "at the start", "kl": "after gradient EM", "reverse": "after reverse descent"}
_STUDENTS = {2: (2, 3, 4, 5, 6), 3: (3, 4, 5, 6, 8)}


def draw(axes: Any, context: Context) -> None:
    """Shares at the start, after gradient EM, after reverse descent; two and three means."""
    for number, (teachers, students) in enumerate(_STUDENTS.items()):
        shares: dict[str, list[float]] = {"start": [], "kl": [], "reverse": []}
        for n in students:
            for objective in ("kl", "reverse"):
                ends = descend(
                    Setting(n, teachers, 1), "6", _TRIALS, objective=objective, seed=context.seed
                )
                shares[objective].append(_met(ends.last, teachers))
            shares["start"].append(_met(ends.first, teachers))
        for name, style in (("start", "--"), ("kl", "-"), ("reverse", ":")):
            axes.plot(
                students,
                shares[name],
                style,
                marker="o",
                color=f"C{number}",
                label=f"$m = {teachers}$, {_WORDS[name]}",
            )
    finish(
        axes,
        "Gradient EM meets every teacher mean; reverse descent those met at the start",
        "number of students $n$",
        "share of starts with all $m$ means met",
    )


def _met(nearest: Any, teachers: int) -> float:
    """Share of rows in which every teacher mean occurs."""
    rows = [set(row) >= set(range(teachers)) for row in nearest.tolist()]
    return sum(rows) / len(rows)
