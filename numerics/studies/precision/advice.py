"""How many digits a user's own descent needs, and why."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from numerics.errors import InputError
from numerics.numbers.exact import parse_means, parse_number, parse_vector, parse_weights, subtract
from numerics.studies.precision.plain_descent import covered
from numerics.studies.precision.rounding_rule import RoundingRule, rounding_rule
from numerics.studies.precision.splitting import Splitting, splitting
from numerics.studies.precision.study import (
    EXTRA_BITS,
    Examination,
    Stop,
    StudyStart,
    Truth,
    certified_truth,
    examine,
    ladder_bits,
)

FLOAT_BITS = 53
_MOST_STEPS = 10**6
#: Amplification, in digits, that is hardly one.
_LITTLE = 0.3
#: Precisions tried where there is no rule.
_WITHOUT_RULE = 53


@dataclass(frozen=True)
class Advice:
    """Digits for one run.

    Attributes
    ----------
    start : StudyStart
    rule : RoundingRule or None
        None where the amplification law does not apply.
    truth : Truth
    found : Examination or None
        The run itself in all arithmetics; None above two dimensions or when time was up.
    splitting : Splitting
        Whether the components split, and by what margin.
    reasons : tuple of str
        Sentences about the digits.
    """

    start: StudyStart
    rule: RoundingRule | None
    truth: Truth
    found: Examination | None
    splitting: Splitting
    reasons: tuple[str, ...]

    @property
    def digits(self) -> int | None:
        """Digits to work with: the rule's, or what the trials needed if that is more."""
        wanted = [] if self.rule is None else [self.rule.digits]
        if self.found is not None and self.found.needed_digits is not None:
            wanted.append(self.found.needed_digits)
        return math.ceil(max(wanted)) if wanted else None

    @property
    def float64_is_enough(self) -> bool | None:
        """Whether double precision has these digits; None if they are not known."""
        return None if self.digits is None else self.digits <= FLOAT_BITS * math.log10(2)

    def to_data(self) -> dict[str, Any]:
        """Return plain data."""
        rule = self.rule
        found = self.found
        return {
            "digits": self.digits,
            "float64_is_enough": self.float64_is_enough,
            "float64_verdict": None if found is None else found.fixed["float64"],
            "split": self.splitting.split,
            "critical_spread_log10": _rounded(self.splitting.critical_log10),
            "margin_log10": _rounded(self.splitting.margin_log10),
            "outcome": list(self.splitting.sentences),
            "reasons": list(self.reasons),
            "rule": None
            if rule is None
            else {
                "distance": round(rule.distance, 6),
                "spread_log10": None if rule.spread_log is None else round(rule.spread_log, 3),
                "amplification": round(rule.amplification, 4),
                "injection": round(rule.injection, 4),
                "digits": round(rule.digits, 2),
                "limited_by": "spread" if rule.limited_by_spread else "amplification",
            },
            "fates": list(self.truth.fates),
            "criterion": self.truth.criterion,
            "certified": self.truth.certified,
            "needed_bits": None if found is None else found.needed_bits,
            "fixed": None if found is None else dict(found.fixed),
            "steps": self.start.steps,
        }


def advise(
    means: object,
    *,
    step_size: object,
    steps: int | None = None,
    weights: object = None,
    teacher_mean: object = None,
    objective: str = "forward",
    max_seconds: float | None = None,
    stop: Stop = lambda: False,
) -> Advice:
    """Say how many digits a descent needs for its verdict.

    Parameters
    ----------
    means, weights, teacher_mean
        As in `numerics.descend`.
    step_size : number or str
        Constant step.
    steps : int, optional
        Default: enough for the centre to arrive and for escapes to be seen.
    objective : {"forward", "kl", "reverse"}
    max_seconds : float, optional
        For the certified run.
    stop : callable
        When true, the trials in other arithmetics are given up.

    Raises
    ------
    InputError
        Naming argument, value and what is allowed.

    Examples
    --------
    >>> advice = advise([["6.0000005"], ["5.9999995"]], step_size="0.1", stop=lambda: True)
    >>> advice.digits, advice.float64_is_enough, advice.truth.fates
    (8, True, ('escaped', 'converged'))
    """
    start = _read(means, step_size, steps, weights, teacher_mean, objective)
    uniform = start.weights is None
    rule = None
    if uniform:
        rule = rounding_rule(objective, start.means, start.step_size, start.steps)
    truth = certified_truth(start, max_seconds)
    found = None
    tried = covered(start.means) and objective != "reverse"
    if tried and truth.certified:
        bits = _WITHOUT_RULE - EXTRA_BITS if rule is None else rule.bits
        found = examine(start, ladder_bits(bits), stop, truth)
    reasons = _reasons(start, rule, truth, found, tried)
    basis = f"certified, {truth.criterion}" if truth.certified else "not certified"
    outcome = splitting(objective, start.means, start.step_size, truth.fates, basis, rule, stop)
    return Advice(start, rule, truth, found, outcome, reasons)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _read(
    means: object,
    step_size: object,
    steps: int | None,
    weights: object,
    teacher_mean: object,
    objective: str,
) -> StudyStart:
    rows = parse_means(means)
    if teacher_mean is not None:
        origin = parse_vector(teacher_mean, "teacher_mean", length=len(rows[0]))
        rows = tuple(subtract(row, origin) for row in rows)
    exact = parse_weights(weights, len(rows))
    eta = parse_number(step_size, "step_size")
    if not 0 < eta <= 1:
        raise InputError("step_size", step_size, "a positive number, at most 1")
    if steps is None:
        size = max(float(abs(entry)) for row in rows for entry in row)
        steps = math.ceil((2 * math.log(10 * size + 10) + 30) * len(rows) / (2 * float(eta)))
    if not 1 <= steps <= _MOST_STEPS:
        raise InputError("steps", steps, f"an integer from 1 to {_MOST_STEPS}")
    uniform = len(set(exact)) == 1
    return StudyStart(rows, eta, steps, None if uniform else tuple(exact), objective)


def _reasons(
    start: StudyStart,
    rule: RoundingRule | None,
    truth: Truth,
    found: Examination | None,
    tried: bool,
) -> tuple[str, ...]:
    """Sentences: what amplifies, what limits, what the trials say."""
    lines = list(_about_rule(rule))
    if not truth.certified:
        lines.append(f"no trial is judged, since ball arithmetic certified no fate: {truth.note}")
    elif found is None:
        why = (
            "trials take one or two dimensions, means not far apart, and the losses forward and kl"
        )
        lines.append(f"not tried in other arithmetics: {'time is up' if tried else why}")
    else:
        lines += _about_trials(found)
    return tuple(lines)


def _about_rule(rule: RoundingRule | None) -> Sequence[str]:
    if rule is None:
        return [
            "unequal weights: the amplification law does not apply, since a coincident cluster "
            "comes apart by itself; only trials tell"
        ]
    size = (
        f"rounding is worth an initial difference of 2 u C A, C = {rule.distance:.4g} the "
        f"distance of the centre, A = {rule.injection:.3g} for the errors of all steps"
    )
    amplified = f"exp(Lambda) = 1e{rule.amplification_digits:.1f}"
    if rule.spread_digits <= 0:
        return [
            "the means are apart along the centre already: the amplification law, which is for "
            "one tight cluster, asks for no digits of their spread (a tight cluster among them "
            "is not seen by it)",
            size,
        ]
    if rule.limited_by_spread:
        reached = rule.amplification_digits - rule.spread_digits
        return [
            f"a spread of 1e{rule.spread_log:.1f} along the centre, amplified by {amplified}, "
            f"would reach 1e{reached:.1f}, more than one, about where components part: its own "
            "digits must survive rounding",
            size,
        ]
    if rule.amplification_digits < _LITTLE:
        return [
            f"next to nothing is amplified (exp(Lambda) = {math.exp(rule.amplification):.3g})",
            size,
        ]
    start = "there is no spread along the centre, and none appears"
    if rule.spread_log is not None:
        start = f"a spread of 1e{rule.spread_log:.1f} along the centre stays below one"
    return [
        f"{start} when amplified by {amplified}: what rounding adds is amplified as well, and must "
        "stay below one, too",
        size,
    ]


def _about_trials(found: Examination) -> Sequence[str]:
    verdict = found.fixed["float64"]
    lines = [f"tried: plain float64 is {verdict}"]
    if found.coincided:
        lines[0] += "; it rounds distinct means to equal ones, which then stay equal"
    if found.needed_bits is None:
        lines.append("no precision that was tried is right from there on: close to a threshold")
    else:
        lines.append(
            f"tried: right from {found.needed_bits} bits ({found.needed_digits:.1f} digits) on"
        )
    return lines
