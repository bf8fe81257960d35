"""What is kept of a point: a row with the same columns for every one.

Nothing in a row depends on the machine's speed, on the batch that it was computed in, or on what
was computed before: so that datasets of the same points have the same bytes. Floats of numerical
rows are rounded to digits that hold, because processors of other kinds round the last ones
differently; where a descent amplifies that, or a digit is on the edge, rows still differ.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from numerics.numbers.exact import log10_fraction, rational_text, to_float
from numerics.sweeps.parameters import UNIFORM
from numerics.sweeps.points import Point, versions_text

#: Columns: kind ("text", "texts", "integer", "number", "truth") and meaning.
COLUMNS: Mapping[str, tuple[str, str]] = {
    "key": ("text", "hash of the point and of the versions"),
    "point": ("text", "the point, exact, as JSON"),
    "objective": ("text", "forward, reverse, kl, or an own one's name"),
    "start": ("text", "start family"),
    "components": ("integer", "n"),
    "dimension": ("integer", "d"),
    "weights": ("text", "uniform, or the n weights"),
    "distance": ("number", "of the start, rounded"),
    "spread": ("number", "of the start, rounded (0 below 1e-308)"),
    "log10_spread": ("number", "its decimal logarithm"),
    "step_size": ("number", "the first step, rounded"),
    "schedule": ("text", "all step sizes, exact; empty where there is one"),
    "time": ("number", "noise time, rounded"),
    "seed": ("integer", "of a drawn start"),
    "draw": ("integer", "of a drawn start"),
    "status": ("text", "certified, numerical, or failed"),
    "fate": (
        "text",
        "converged (all do), escaped (some do), local optimum, undecided (some are), failed",
    ),
    "fates": ("texts", "of each component"),
    "converged": ("integer", "number of components that converge"),
    "escaped": ("integer", "number of components that escape"),
    "theorem": ("text", "theorem or criterion that decided"),
    "steps": ("integer", "steps done"),
    "tau": ("number", "sum of the steps done"),
    "loss": ("number", "at the last iterate, rounded (numerical: to digits that hold)"),
    "loss_error": ("number", "bound of this number's error (certified), or an estimate"),
    "rate": ("number", "|grad L|^2/L at the last iterate: -d ln L/dtau of the flow, in floats"),
    "digits": ("integer", "digits asked for"),
    "working_digits": ("integer", "digits that the means were held at"),
    "backend": ("text", "arithmetic"),
    "certificate_sha256": ("text", "of the certificate's JSON text; empty: no certificate"),
    "certificate": ("text", 'the certificate, with certificate = "full"'),
    "note": ("text", "what is missing to decide; why a point failed"),
    "versions": ("text", "versions that the row rests on"),
}
_UNKNOWN: Mapping[str, Any] = {
    "text": "",
    "texts": [],
    "integer": None,
    "number": None,
}


def empty_row(point: Point) -> dict[str, Any]:
    """The row of a point before anything is known of its fate.

    Examples
    --------
    >>> from fractions import Fraction
    >>> row = empty_row(Point.of({"spread": Fraction("1e-400")}))
    >>> row["spread"], round(row["log10_spread"], 9), row["status"]
    (0.0, -400.0, '')
    """
    row = {name: _UNKNOWN[kind] for name, (kind, _) in COLUMNS.items()}
    values = point.values
    spread = values.get("spread")
    row.update(
        key=point.key,
        point=point.content,
        objective=values["objective"],
        start=values["start"],
        components=len(values["means"]) if "means" in values else values["components"],
        dimension=len(values["means"][0]) if "means" in values else values["dimension"],
        distance=_rounded(values.get("distance")),
        weights=_weights_text(point),
        spread=_rounded(spread),
        log10_spread=log10_fraction(spread) if spread else None,
        step_size=first_step(values["step_size"]),
        schedule=values["step_size"] if ":" in values["step_size"] else "",
        time=_rounded(values["time"]),
        seed=values.get("seed"),
        draw=values.get("draw"),
        digits=values["digits"],
        versions=versions_text(),
    )
    return row


def _weights_text(point: Point) -> str:
    """Equal weights are uniform, listed or not."""
    weights = point.weights
    if weights is None or len(set(weights)) == 1:
        return UNIFORM
    return " ".join(map(rational_text, weights))


def first_step(text: str) -> float:
    """The first step size of a schedule's text, rounded."""
    from fractions import Fraction

    return to_float(Fraction(text.split(",")[0].rpartition(":")[2]))


def summary(fates: Sequence[str]) -> str:
    """One word for the fates of all components.

    Examples
    --------
    >>> summary(["converged", "escaped"]), summary(["converged", "undecided"])
    ('escaped', 'undecided')
    """
    for word in ("undecided", "escaped", "local optimum"):
        if word in fates:
            return word
    return "converged"


def certificate_text(certificate: Mapping[str, Any]) -> str:
    """A certificate as the text whose digest is kept."""
    return json.dumps(certificate, sort_keys=True, separators=(",", ":"))


def _rounded(value: Any) -> float | None:
    return None if value is None else to_float(value)
