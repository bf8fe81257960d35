"""Why a component is undecided: what each criterion lacks, what would decide."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from numerics.fates.criteria import (
    LEAST_SAMPLES,
    LEAST_STEPS,
    Fate,
    FateInputs,
    below_golden_square,
    recorded,
    theorem_f_step,
    theorem_r_step,
)
from numerics.fates.escape_region import FAR, NEAR
from numerics.fates.standing import Standing
from numerics.numbers.exact import decimal_text, to_float

_HALF = Fraction(1, 2)
#: How the word on a saddle ends: whether a direction down is open to the run.
_OPEN = "): another start or more steps decide"
_CLOSED = (
    "; none of its directions down is open to this run, which keeps coincident and symmetric "
    "components so exactly): another start decides"
)


def with_reasons(
    situation: FateInputs,
    fates: Sequence[Fate],
    *,
    theorems_only: bool = False,
    stands: Standing | None = None,
    stopped: bool = False,
    loss: str = "",
) -> tuple[Fate, ...]:
    """Fill in `Fate.note`: of undecided components, a local optimum, and ones near a teacher mean.

    Parameters
    ----------
    situation : FateInputs
    fates : sequence of Fate
    theorems_only : bool
        Whether the numerical criteria were left out.
    stands : Standing or None
        Where the run stands, if that was looked at.
    stopped : bool
        Whether the run was stopped before its last step.
    loss : str
        At the last iterate.

    Examples
    --------
    >>> from numerics.fates.criteria import decide_fates
    >>> square = (Fraction(9), Fraction(9))
    >>> there = FateInputs("kl", (_HALF, _HALF), (square, square), Fraction(2), "enclosure", [], 0)
    >>> fates = decide_fates(there, theorems_only=True)
    >>> with_reasons(there, fates, theorems_only=True)[0].note
    'Theorem K needs every later step below 2 (here 2): smaller steps decide'
    """
    shared = [_theorems(situation)]
    if theorems_only:
        shared[0] += _remedy(situation)
    if stopped:
        shared.append("the run was stopped: what is left of it may decide")

    def note(fate: Fate) -> str:
        if fate.fate == "local optimum" and stands is not None:
            return stands.detail
        parts = list(shared)
        if not theorems_only:
            parts.append(_by_norms(situation, fate.component))
        if stands is not None:
            parts.append(_standing(stands))
        return "; ".join(parts)

    told = ("undecided", "local optimum")
    missing = _missing(situation, fates, loss)
    return tuple(replace(fate, note=note(fate) if fate.fate in told else missing) for fate in fates)


def _missing(situation: FateInputs, fates: Sequence[Fate], loss: str) -> str:
    """Of components that are each near a teacher mean: why the student is not the teacher."""
    if not any(fate.criterion == "nearest" for fate in fates):
        return ""
    shares = [Fraction(0)] * len(situation.teacher_weights)
    near = [False] * len(shares)
    nearest = situation.nearest or (0,) * len(situation.weights)
    bounds = zip(nearest, situation.weights, situation.squared_norms, strict=True)
    for index, weight, (_, upper) in bounds:
        shares[index] += weight
        near[index] |= upper <= NEAR**2
    settled = all(fate.fate == "converged" for fate in fates)
    parts = []
    for k, (share, weight) in enumerate(zip(shares, situation.teacher_weights, strict=True)):
        if not near[k]:
            parts.append(f"teacher component {k} has no student component near it")
        elif settled and share != weight and all(near):
            parts.append(f"the weights near teacher component {k} add up to {share}, not {weight}")
    if not parts:
        return ""
    return f"{'; '.join(parts)}: the student is not the teacher (loss {loss})"


def _theorems(situation: FateInputs) -> str:
    """What the theorem for this objective lacks."""
    step, objective = situation.largest_step, situation.objective
    if situation.mixture:
        return "no theorem here is about mixture teachers"
    if objective == "kl":
        return f"Theorem K needs every later step below 2 (here {_number(step)})"
    total = situation.total_upper
    if objective == "reverse":
        most = theorem_r_step(total, max(situation.weights))
        return f"Theorem R needs every later step at most {_number(most)} (here {_number(step)})"
    if objective != "forward":
        return "no theorem here is about this objective"
    parts = [_convergence(total, step), *_escape(situation, step)]
    if situation.loss is not None:
        parts.append(_barrier(situation))
    return "; ".join(parts)


def _barrier(situation: FateInputs) -> str:
    """What Theorem L lacks, or that it leaves this component open."""
    return (
        "Theorem L is about components that are far enough for the loss (here "
        f"{_number(situation.loss[1] if situation.loss else Fraction(0))}), at later steps below 2 "
        "over a bound of the Hessian, and about no others"
    )


def _convergence(total: Fraction, step: Fraction) -> str:
    if not below_golden_square(total):
        return f"Theorem F needs |V|^2 below 2.618 (here {_number(total)})"
    most = theorem_f_step(total) or Fraction(0)
    return f"Theorem F needs every later step at most {_number(most)} (here {_number(step)})"


def _escape(situation: FateInputs, step: Fraction) -> Iterator[str]:
    """What Lemma E and Region E lack, for a run with a component far away."""
    groups = len(set(situation.class_of or range(len(situation.weights))))
    if step > _HALF:
        yield f"Lemma E and Region E need every later step at most 1/2 (here {_number(step)})"
    elif groups != 2:
        yield f"Lemma E and Region E need two groups of coincident components (here {groups})"
        if groups > 2:
            yield _distinct_far(situation)
    else:
        lows, highs = zip(*situation.squared_norms, strict=True)
        yield (
            f"Lemma E and Region E need one group within {_number(NEAR)} of the truth (here "
            f"{_root(min(highs))}) and the other beyond {_number(FAR)} or the radius for its "
            f"weights (here {_root(max(lows))})"
        )


def _distinct_far(situation: FateInputs) -> str:
    """What Theorem E_n lacks."""
    nearest, *others = sorted(situation.squared_norms, key=lambda bounds: bounds[1])
    return (
        "Theorem E_n needs equal weights, one component near the truth (here the nearest is at "
        f"{_root(nearest[1])}) and all others far away (here from "
        f"{_root(min(low for low, _ in others))} on)"
    )


def _remedy(situation: FateInputs) -> str:
    if situation.objective in ("kl", "reverse"):
        return ": smaller steps decide"
    if situation.objective == "forward":
        return ": more steps may decide"
    return ""


def _by_norms(situation: FateInputs, component: int) -> str:
    """What the numerical criterion lacks, for one component."""
    name = "nearest" if situation.mixture else "window"
    found = len(recorded(situation))
    if found < LEAST_SAMPLES:
        return (
            f"the numerical criterion {name} needs at least {LEAST_SAMPLES} recorded steps in the "
            f"second half of the run (here {found}): that is at least {LEAST_STEPS} steps"
        )
    low, high = situation.squared_norms[component]
    if situation.mixture or situation.objective != "forward":
        if high > NEAR**2:
            where = "the nearest teacher mean" if situation.mixture else "the truth"
            return (
                f"the numerical criterion {name} needs it within {_number(NEAR)} of {where} (here "
                f"{_root(high)})"
            )
        return f"the numerical criterion {name} needs distances that do not increase"
    if high > NEAR**2 and low < FAR**2:
        return (
            f"the numerical criterion {name} needs it within {_number(NEAR)} of the truth or "
            f"beyond {_number(FAR)} (here {_root(high)})"
        )
    return (
        f"the numerical criterion {name} needs every component near the truth or far from it and "
        "not approaching, and one near"
    )


def _standing(stands: Standing) -> str:
    """What the criterion of local optima lacks."""
    return {
        "moving": f"not stationary ({stands.detail}): more steps may decide",
        "saddle": f"stands at a saddle ({stands.detail}{_CLOSED if stands.closed else _OPEN}",
        "flat": f"stationary, but neither minimum nor saddle in float64 ({stands.detail})",
        "least loss": f"loss 0 up to its error ({stands.detail}): more steps may decide",
        "unmatched": (
            f"stands at a local minimum ({stands.detail}) and no lower loss is known, since these "
            "weights cannot be grouped into the teacher's: compare the loss from other starts"
        ),
        "unknown": f"not looked at for a local optimum: {stands.detail}",
        "local optimum": "",
    }[stands.kind]


def _root(square: Fraction) -> str:
    return f"{math.sqrt(to_float(square)):.3g}"


def _number(value: Fraction) -> str:
    return decimal_text(value, 4)
