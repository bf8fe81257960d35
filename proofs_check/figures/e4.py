"""E4: how often every teacher mean is met, by number of students and objective."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from proofs_check.checks.mixture_frequencies import Setting, descend
from proofs_check.claim import Context
from proofs_check.figures.style import finish
from proofs_check.figures.symbols import axis

_TRIALS = 200
_WORDS = {"start": "at the start", "kl": "gradient EM", "reverse": "reverse descent"}
#: Curves that may coincide: the lower ones are wider, with open markers.
_STYLES: dict[str, dict[str, Any]] = {
    "start": {"linestyle": "--", "marker": "o", "markersize": 9.0, "fillstyle": "none"},
    "kl": {"linestyle": "-", "marker": "s"},
    "reverse": {"linestyle": ":", "marker": "x"},
}
_UNDER = {"linewidth": 5.0, "alpha": 0.5}
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
        for name, style in _STYLES.items():
            axes.plot(
                students,
                shares[name],
                color=f"C{number}",
                label=_label(teachers, name, shares),
                **style,
                **(_UNDER if number == 0 and name == "kl" else {}),
            )
    finish(
        axes,
        "Gradient EM meets every teacher mean; reverse descent those met at the start",
        axis("students"),
        "share of starts with every teacher mean met",
    )


def _label(teachers: int, name: str, shares: Mapping[str, Sequence[float]]) -> str:
    """What a curve shows, and how near it is to the start's, on which reverse descent stays."""
    said = f"$m = {teachers}$, {_WORDS[name]}"
    if name != "reverse":
        return said
    pairs = zip(shares[name], shares["start"], strict=True)
    off = max(round(abs(one - other) * _TRIALS) for one, other in pairs)
    return f"{said} (within {off} of {_TRIALS})" if off else f"{said} (the same)"


def _met(nearest: Any, teachers: int) -> float:
    """Share of rows in which every teacher mean occurs."""
    rows = [set(row) >= set(range(teachers)) for row in nearest.tolist()]
    return sum(rows) / len(rows)
