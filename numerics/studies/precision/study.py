r"""The same descent in arithmetics of rising width: which verdicts are right, and from where on.

A case is a cluster at some distance from the truth. Along the centre: one component lies the spread
away from the others (which coincide). Across it: equally spaced components whose distances along
the centre are exactly zero, on an axis that no floating-point number represents exactly. The
centre is moved by a tiny rational offset drawn from a seed, so that no rounding is special.

The truth is the fate certified by ball arithmetic. `numerics.studies.precision.plain_descent` runs
in every fixed arithmetic of the platform and at rising precision; reported is the smallest
precision whose verdict, the fate of every component, is right and stays right at all larger ones
that were tried.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from numerics.descent.result import RunOptions
from numerics.descent.run import descend
from numerics.errors import InputError
from numerics.execution import Executor, call
from numerics.numbers.exact import Vector, rational_text
from numerics.studies.precision.number_systems import NumberSystem, fixed_systems, multiple
from numerics.studies.precision.plain_descent import MOST_SPREAD, PlainRun, covered, plain_descent
from numerics.studies.precision.rounding_rule import RoundingRule, rounding_rule

Family = Literal["along", "across"]
Judgement = Literal["right", "wrong", "undecided"]
Stop = Callable[[], bool]
FAMILIES: tuple[Family, ...] = ("along", "across")
#: Precisions tried beyond the rule's, in bits.
EXTRA_BITS = 24
_COARSEST = 12
#: Components across the centre: certifying more takes minutes.
MOST_ACROSS = 4
#: Smallest step (a descent takes some 30 over it), and most cases of one study.
_LEAST_STEP = Fraction(1, 10**9)
_MOST_CASES = 10_000


@dataclass(frozen=True)
class StudyStart:
    """A run to be judged.

    Attributes
    ----------
    means : n x d rationals
        Relative to the teacher's mean.
    step_size : Fraction
    steps : int
    weights : tuple of Fraction or None
        None is uniform.
    objective : str
    """

    means: tuple[Vector, ...]
    step_size: Fraction
    steps: int
    weights: tuple[Fraction, ...] | None = None
    objective: str = "forward"


@dataclass(frozen=True)
class Truth:
    """Fates of all components, and whether they are certified.

    Attributes
    ----------
    fates : tuple of str
    criterion : str
    certified : bool
    note : str
        Why not, if not.
    """

    fates: tuple[str, ...]
    criterion: str
    certified: bool
    note: str = ""


@dataclass(frozen=True)
class Examination:
    """Verdicts in all arithmetics against the truth.

    Attributes
    ----------
    truth : Truth
    fixed : mapping of str to str
        Judgement by name of the arithmetic.
    silent : bool
        Whether float64's verdict is wrong although the arithmetic reported nothing.
    coincided : bool
        Whether float64 rounded distinct means to equal ones.
    ladder : mapping of int to str
        Judgement by bits.
    """

    truth: Truth
    fixed: Mapping[str, Judgement]
    silent: bool
    coincided: bool
    ladder: Mapping[int, Judgement]

    @property
    def needed_bits(self) -> int | None:
        """Smallest precision from which on every verdict is right, None if there is none."""
        return stays_right(self.ladder)

    @property
    def needed_digits(self) -> float | None:
        """The same in decimal digits."""
        bits = self.needed_bits
        return None if bits is None else bits * math.log10(2)

    def to_data(self) -> dict[str, Any]:
        """Return plain data."""
        digits = self.needed_digits
        return {
            "fates": list(self.truth.fates),
            "criterion": self.truth.criterion,
            "certified": self.truth.certified,
            "needed_bits": self.needed_bits,
            "needed_digits": None if digits is None else round(digits, 2),
            "fixed": dict(self.fixed),
            "float64_silently_wrong": self.silent,
            "float64_means_coincide": self.coincided,
            "ladder": {str(bits): judgement for bits, judgement in self.ladder.items()},
        }


@dataclass(frozen=True)
class Case:
    """One start of the study.

    Attributes
    ----------
    distance, spread : Fraction
    components : int
    family : {"along", "across"}
    step_size : Fraction
    offset : Fraction
        Added to the distance.
    """

    distance: Fraction
    spread: Fraction
    components: int
    family: Family
    step_size: Fraction
    offset: Fraction = Fraction(0)

    @property
    def start(self) -> StudyStart:
        """The exact means, and enough steps for the centre to arrive and for escapes to be seen.

        Examples
        --------
        >>> start = Case(Fraction(6), Fraction(1, 4), 3, "along", Fraction(1, 10)).start
        >>> start.means[0], start.steps
        ((Fraction(25, 4),), 578)
        """
        rate = 2 * float(self.step_size) / self.components
        steps = math.ceil((2 * math.log(10 * float(self.distance) + 10) + 30) / rate)
        return StudyStart(self._means(), self.step_size, steps)

    def _means(self) -> tuple[Vector, ...]:
        centre = self.distance + self.offset
        if self.family == "along":
            return ((centre + self.spread,), *(((centre,),) * (self.components - 1)))
        axis, side = (Fraction(5, 13), Fraction(12, 13)), (Fraction(-12, 13), Fraction(5, 13))
        last = self.components - 1
        places = (self.spread * (Fraction(1, 2) - Fraction(i, last)) for i in range(last + 1))
        return tuple(
            tuple(centre * a + place * b for a, b in zip(axis, side, strict=True))
            for place in places
        )

    @property
    def rule(self) -> RoundingRule:
        """What the amplification law says about it."""
        start = self.start
        return rounding_rule(start.objective, start.means, start.step_size, start.steps)

    def to_data(self) -> dict[str, Any]:
        """Return plain data that identify the case."""
        return {
            "distance": rational_text(self.distance),
            "spread": rational_text(self.spread),
            "components": self.components,
            "family": self.family,
            "step_size": rational_text(self.step_size),
            "offset": rational_text(self.offset),
        }


def _check_values(
    distances: Sequence[Fraction],
    spreads: Sequence[Fraction],
    components: Sequence[int],
    families: Sequence[Family],
    step_size: Fraction,
) -> None:
    for name, values in (("distance", distances), ("spread", spreads)):
        for value in values:
            if not 0 < value <= 1000:
                raise InputError(name, value, "positive numbers, at most 1000")
    if any(not 2 <= n <= 16 for n in components):
        raise InputError("components", ",".join(map(str, components)), "numbers from 2 to 16")
    if not _LEAST_STEP <= step_size <= Fraction(1, 2):
        raise InputError("step_size", step_size, f"a number from {float(_LEAST_STEP):g} to 1/2")
    count = len(distances) * len(spreads) * len(components)
    if count > _MOST_CASES:
        raise InputError("distance", f"{count} cases", f"at most {_MOST_CASES} cases in all")
    if "along" not in families and max(components, default=2) > MOST_ACROSS:
        shown = ",".join(map(str, components))
        raise InputError("components", shown, f"2 to {MOST_ACROSS} with the family across")


def make_cases(
    distances: Sequence[Fraction],
    spreads: Sequence[Fraction],
    components: Sequence[int],
    families: Sequence[Family],
    step_size: Fraction,
    seed: int,
) -> list[Case]:
    """All combinations; across the centre at most `MOST_ACROSS` components, the largest spread.

    Raises
    ------
    InputError
        For values that make no case.

    Examples
    --------
    >>> len(make_cases([Fraction(6)], [Fraction(1, 9)], [2, 3], FAMILIES, Fraction(1, 10), 0))
    4
    """
    _check_values(distances, spreads, components, families, step_size)
    cases = []
    for family in families:
        taken = components if family == "along" else [n for n in components if n <= MOST_ACROSS]
        for n in taken:
            for distance in distances:
                for spread in spreads if family == "along" else [max(spreads)]:
                    numbers = " ".join(map(rational_text, (distance, spread, step_size)))
                    key = f"{seed} {family} {n} {numbers}"
                    offset = Fraction(random.Random(key).randrange(10**30), 10**33)
                    cases.append(Case(distance, spread, n, family, step_size, offset))
    for case in cases:
        _refuse_too_wide(case)
    return cases


def _refuse_too_wide(case: Case) -> None:
    means = case.start.means
    if not covered(means):
        most = MOST_SPREAD[len(means[0])]
        allowed = f"at most {most} in each coordinate for the family {case.family}"
        raise InputError("spread", str(case.spread), allowed)


def certified_truth(start: StudyStart, max_seconds: float | None = None) -> Truth:
    """Fates certified by ball arithmetic (undecided if no theorem applies within the steps)."""
    run = descend(
        start.objective,
        start.means,
        weights=start.weights,
        step_size=start.step_size,
        steps=start.steps,
        backend="ball",
        digits=6,
        options=RunOptions(certify=True, max_seconds=max_seconds),
    )
    certified = run.stopped == "certified"
    first = run.fates[0]
    return Truth(tuple(fate.fate for fate in run.fates), first.criterion, certified, first.note)


def judge(run: PlainRun, truth: Truth) -> Judgement:
    """Compare the fate of every component."""
    if not truth.certified or "undecided" in run.names:
        return "undecided"
    return "right" if run.names == truth.fates else "wrong"


def ladder_bits(rule_bits: int) -> list[int]:
    """Precisions to try: `EXTRA_BITS` or a quarter beyond the rule's, in steps of a tenth.

    Every second one from six bits below the rule's to its own joins.

    Examples
    --------
    >>> ladder_bits(30)
    [12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 31, 34, 37, 41, 45, 50, 55]
    """
    last = rule_bits + max(EXTRA_BITS, rule_bits // 4)
    bits = [_COARSEST]
    while bits[-1] < last:
        bits.append(bits[-1] + max(2, bits[-1] // 9))
    near = {rule_bits - k for k in (0, 2, 4, 6) if rule_bits - k > _COARSEST}
    return sorted(near.union(bits))


def examine(
    start: StudyStart, bits: Sequence[int], stop: Stop = lambda: False, truth: Truth | None = None
) -> Examination | None:
    """Certify, run in every fixed arithmetic and at the given precisions.

    Parameters
    ----------
    start : StudyStart
        In at most two dimensions (see `numerics.studies.precision.plain_descent.covered`).
    bits : sequence of int
    stop : callable
        Asked between runs; when true, the result is None.
    truth : Truth, optional
        If it is known already.
    """
    truth = truth or certified_truth(start)
    runs: list[PlainRun] = []
    fixed = fixed_systems()
    systems: Iterable[NumberSystem] = [*fixed, *map(multiple, bits)]
    for system in systems:
        if stop():
            return None
        runs.append(
            plain_descent(
                start.objective,
                start.means,
                system,
                step_size=start.step_size,
                steps=start.steps,
                weights=start.weights,
            )
        )
    native, rising = runs[: len(fixed)], runs[len(fixed) :]
    double = next(run for run in native if run.system == "float64")
    return Examination(
        truth,
        {run.system: judge(run, truth) for run in native},
        judge(double, truth) == "wrong" and not double.warning,
        double.coincided,
        {run.bits: judge(run, truth) for run in rising},
    )


def stays_right(ladder: Mapping[int, Judgement]) -> int | None:
    """Smallest precision from which on every verdict is right.

    Examples
    --------
    >>> stays_right({12: "right", 24: "wrong", 53: "right", 106: "right"})
    53
    """
    needed = None
    for bits in sorted(ladder, reverse=True):
        if ladder[bits] != "right":
            break
        needed = bits
    return needed


def case_data(case: Case, found: Examination) -> dict[str, Any]:
    """A case, what the rule says and what was found, as plain data."""
    rule = case.rule
    return {
        **case.to_data(),
        "amplification": round(rule.amplification, 4),
        "injection": round(rule.injection, 4),
        "rule_digits": round(rule.digits, 2),
        "rule_bits": rule.bits,
        "limited_by": "spread" if rule.limited_by_spread else "amplification",
        **found.to_data(),
    }


def study(
    cases: Sequence[Case], pool: Executor, stop: Stop = lambda: False
) -> Iterator[tuple[Case, dict[str, Any]]]:
    """Yield cases, each with its `case_data`, as they are finished; ends when ``stop`` says so."""
    tasks = [
        call(str(number), studied, case, seconds=typical_seconds(case))
        for number, case in enumerate(cases)
    ]
    for outcome in pool.run(tasks, stop):
        yield cases[int(outcome.key)], outcome.result()


def studied(case: Case) -> dict[str, Any]:
    """Return `case_data` of a case."""
    found = examine(case.start, ladder_bits(case.rule.bits))
    assert found is not None  # nothing stopped it
    return case_data(case, found)


def typical_seconds(case: Case) -> float:
    """Estimate of a case's time from nodes, steps and precisions (for the display alone)."""
    rate = 2 * float(case.step_size) / case.components
    steps = (math.log(float(case.distance) + 1) + 2) / rate
    nodes, each = (65, 1.2e-5) if case.family == "along" else (800, 1.6e-5)
    each *= case.components
    return steps * nodes * each * (len(ladder_bits(case.rule.bits)) + 4) + 0.3
