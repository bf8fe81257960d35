"""The fate of a point: certified where a theorem can be applied to enclosures, else numerical.

Batches share what is expensive to make: kernels, plans and evaluators are kept by the process that
computes them (`prepare`), and points of one family find them ready.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from decimal import ROUND_CEILING, Decimal, localcontext
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from numerics.descent.certificate import make_certificate
from numerics.descent.gradient_source import evaluator_source
from numerics.descent.problem import plan_descent
from numerics.descent.result import Descent, RunOptions
from numerics.descent.run import descend, run_descent
from numerics.errors import InputError
from numerics.evaluation.evaluator import Evaluator
from numerics.evaluation.float_once import PRODUCT_RANK
from numerics.numbers.exact import to_float
from numerics.sweeps import two_groups
from numerics.sweeps.parameters import OBJECTIVES
from numerics.sweeps.points import Point
from numerics.sweeps.rows import certificate_text, empty_row, summary

if TYPE_CHECKING:
    from derive.losses.objectives import Objective

Row = dict[str, Any]
#: A run, and its rate at the end.
Found = tuple[Descent, float | None]
#: Dimensions over which balls integrate: what "auto" certifies, and "always".
_RANKS = {"auto": 1, "always": 3}
_FLOAT_DIGITS = 15
_LONGEST_NOTE = 2000
#: Significant digits of a rate: the rest is rounding.
_RATE_DIGITS = 8
#: Significant digits of the loss of a numerical row, at most.
_LOSS_DIGITS = 10


def prepare(own: Mapping[str, Objective]) -> Callable[[Sequence[Point]], list[Row]]:
    """Return the function that computes points; what it needs is kept from call to call.

    Examples
    --------
    >>> from fractions import Fraction
    >>> work = prepare({})
    >>> (row,) = work([Point.of({"spread": Fraction(1, 10**6), "steps": 400})])
    >>> row["status"], row["fates"], row["theorem"], row["steps"]
    ('certified', ['converged', 'escaped'], 'Lemma E', 68)
    """

    def work(points: Sequence[Point]) -> list[Row]:
        return [fate(point, own) for point in points]

    return work


def fate(point: Point, own: Mapping[str, Objective]) -> Row:
    """Compute one point's row; what is wrong with the point itself is in its ``note``."""
    row = empty_row(point)
    try:
        run, rate = _certified(point) or _numerical(point, own)
    except InputError as error:
        row.update(status="failed", fate="failed", note=_note(error)[:_LONGEST_NOTE])
        return row
    row.update(_outcome(run), rate=_shown(rate))
    if run.stopped == "certified":
        certificate = make_certificate(run)
        assert certificate is not None
        text = certificate_text(certificate)
        row["certificate_sha256"] = hashlib.sha256(text.encode()).hexdigest()
        if point.values["certificate"] == "full":
            row["certificate"] = text
    return row


def _note(error: InputError) -> str:
    """What is wrong, without advice on options that a sweep has not."""
    return re.sub(r" \(raise the limit[^()]*(\([^()]*\)[^()]*)*\)", "", str(error))


def _certified(point: Point) -> Found | None:
    """The run in balls, if a theorem decides it."""
    values = point.values
    if values["objective"] not in OBJECTIVES or values["certify"] == "never":
        return None
    problem = plan_descent(
        values["objective"],
        point.means,
        digits=values["digits"],
        backend="ball",
        **_arguments(point),
    )
    if problem.reduction.rank > _RANKS[values["certify"]]:
        return None
    if two_groups.applies(problem):
        with suppress(two_groups.OtherRunError):
            return two_groups.certified_descent(problem)
    run = run_descent(problem, evaluator_source, RunOptions(certify=True))
    return (run, _rate(run)) if run.stopped == "certified" else None


def _numerical(point: Point, own: Mapping[str, Objective]) -> Found:
    """All steps in float64, or at more digits where the means are too close for it."""
    name, digits = point.values["objective"], point.values["digits"]
    objective, arguments = own.get(name, name), _arguments(point)
    if digits <= _FLOAT_DIGITS:
        try:
            run = descend(objective, point.means, digits=digits, **arguments)
            return run, _rate(run)
        except InputError as error:
            if error.argument not in ("means", "backend"):
                raise
    run = descend(objective, point.means, digits=digits, backend="mpmath", **arguments)
    return run, _rate(run)


def _arguments(point: Point) -> dict[str, Any]:
    """What descents in all arithmetics are told."""
    names = ("step_size", "steps", "time")
    return {"weights": point.weights, **{name: point.values[name] for name in names}}


def _outcome(run: Descent) -> Row:
    """The columns that a run gives."""
    fates = [found.fate for found in run.fates]
    decided = next((found for found in run.fates if found.criterion != "none"), run.fates[0])
    with run.arithmetic.context():
        low, high = run.arithmetic.bounds(run.loss)
    if run.arithmetic.rigorous:
        loss, error = enclosed(low, high)
    else:
        loss, error = that_holds(to_float((low + high) / 2), float(run.loss_error))
    return {
        "status": "certified" if run.stopped == "certified" else "numerical",
        "fate": summary(fates),
        "fates": fates,
        "converged": fates.count("converged"),
        "escaped": fates.count("escaped"),
        "theorem": decided.criterion,
        "steps": run.steps,
        "tau": to_float(run.tau),
        "loss": loss,
        "loss_error": error,
        "working_digits": run.working_digits,
        "backend": run.problem.backend,
        "note": "; ".join(dict.fromkeys(found.note for found in run.fates if found.note))[
            :_LONGEST_NOTE
        ],
    }


def enclosed(low: Fraction, high: Fraction) -> tuple[float, float]:
    """A float of an interval and a bound of its distance from all of it, rounding included.

    Examples
    --------
    >>> value, error = enclosed(Fraction(1, 3), Fraction(1, 3))
    >>> 0 < abs(Fraction(value) - Fraction(1, 3)) <= Fraction(error)
    True
    """
    value = to_float((low + high) / 2)
    if not math.isfinite(value):
        return value, math.inf
    exact = max(high - Fraction(value), Fraction(value) - low)
    error = to_float(exact)
    if math.isfinite(error) and Fraction(error) < exact:
        error = math.nextafter(error, math.inf)
    return value, error


def that_holds(value: float, error: float) -> tuple[float, float]:
    """A float without its last digits, and the error with this rounding, to two digits.

    It keeps what an estimate of its error leaves, and 10 significant digits at most.

    Examples
    --------
    >>> that_holds(0.29237717475723674, 1.2e-15), that_holds(0.123456, 3e-4)
    ((0.2923771748, 5.1e-11), (0.1235, 0.00035))
    """
    if not (math.isfinite(value) and math.isfinite(error)):
        return value, error
    digits = Decimal(value).adjusted() - (_LOSS_DIGITS - 1) if value else None
    own = Decimal(error).adjusted() if error else None
    places = [place for place in (digits, own) if place is not None]
    if not places:
        return value, error
    unit = Decimal(1).scaleb(max(places))
    with localcontext(prec=60):
        rounded = (Decimal(value) / unit).to_integral_value() * unit
        room = Decimal(error) + unit / 2
        last = Decimal(1).scaleb(room.adjusted() - 1)
        return float(rounded), float((room / last).to_integral_value(ROUND_CEILING) * last)


def _rate(run: Descent) -> float | None:
    """``|grad L|^2/L`` at the last iterate, in floats; None where there is none.

    A fresh evaluator: one that is kept rounds differently after other points.
    """
    problem = run.problem
    rank = problem.reduction.rank
    if rank > PRODUCT_RANK:
        return None
    means = np.array([[float(entry) for entry in row] for row in run.centred_means])
    evaluator = Evaluator(
        problem.objective,
        ("loss", "gradient"),
        n=problem.n,
        dimension=problem.dimension,
        weights=problem.weights,
        rank=rank,
        digits=_FLOAT_DIGITS,
    )
    try:
        found = evaluator(means)
    except InputError:  # far apart: too many nodes for floats
        return None
    loss, square = float(found["loss"]), float((found["gradient"] ** 2).sum())
    scale = math.exp(-2 * float(problem.paper.time))
    return scale * square / loss if loss > 0 else None


def _shown(rate: float | None) -> float | None:
    if rate is None or not math.isfinite(rate):
        return None
    return float(f"{rate:.{_RATE_DIGITS}g}")
