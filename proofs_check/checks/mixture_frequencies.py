"""Where the students of a mixture teacher end, from random starts: frequencies with intervals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from proofs_check.claim import Context
from proofs_check.statements.exact_text import decimal_text
from proofs_check.verdict import MORE_TIME, CheckResult, Method, Verdict, inconclusive

if TYPE_CHECKING:
    from numerics.ensembles.mixture_teacher import Ends

Event = Literal["ends near the closest", "every teacher mean is met"]

#: Confidence of each interval; exact (Clopper and Pearson).
LEVEL = Fraction(999, 1000)
#: Distance within which a student is near a teacher mean.
NEAR = 0.5
STEP_SIZE, STEPS = 0.5, 100


@dataclass(frozen=True)
class Setting:
    """Numbers of students, of teacher means, and of dimensions."""

    students: int
    teachers: int
    dimension: int

    def __str__(self) -> str:
        return f"n = {self.students}, m = {self.teachers}, d = {self.dimension}"


@dataclass(frozen=True)
class Count:
    """How often an event happened, and the exact interval of its probability."""

    setting: Setting
    successes: int
    trials: int
    low: Fraction
    high: Fraction

    def __str__(self) -> str:
        low, high = decimal_text(self.low, 4), decimal_text(self.high, 4)
        return f"{self.setting}: {self.successes} of {self.trials}, probability in [{low}, {high}]"


@dataclass(frozen=True)
class EndsNearClosest:
    """The probability that random starts end as claimed is at least some number.

    Teacher: ``m`` equal weights, neighbours ``separation`` apart (on a line; a regular polygon for
    ``m = 3``, ``d = 2``). Students: ``n`` equal weights, each started at an independent draw from
    the teacher; gradient descent with step 1/2 for 100 steps, in float64.

    Attributes
    ----------
    name : str
        Name within the claim.
    separation : str
    settings : tuple of Setting
    at_least : Fraction
        The probability claimed; refuted if an interval lies below it.
    event : str
        ``"ends near the closest"``: every student ends within 1/2 of the teacher mean that was
        closest to it at the start. ``"every teacher mean is met"``: every teacher mean is the one
        closest to some student at the end.
    objective : {"forward", "reverse", "kl"}
    trials : pair of int
        By budget, in one dimension; in two a tenth.
    """

    name: str
    separation: str
    settings: tuple[Setting, ...]
    at_least: Fraction = Fraction(9, 10)
    event: Event = "ends near the closest"
    objective: str = "reverse"
    trials: tuple[int, int] = (250, 4000)

    def run(self, context: Context) -> CheckResult:
        """Descend from random starts, and compare the intervals with the claim."""
        scope = f"separation {self.separation}; {'; '.join(map(str, self.settings))}"
        counts = []
        for setting in self.settings:
            if context.expired:
                return inconclusive(self.name, "time ran out", scope, decide=MORE_TIME)
            counts.append(self.count(setting, context))
        if context.expired:  # the last descents may have stopped early
            return inconclusive(self.name, "time ran out", scope, decide=MORE_TIME)
        notes = tuple(map(str, counts))
        verdict = Verdict.INCONCLUSIVE
        if any(count.high < self.at_least for count in counts):
            verdict = Verdict.REFUTED
        elif all(count.low >= self.at_least for count in counts):
            verdict = Verdict.SUPPORTED
        if verdict is Verdict.INCONCLUSIVE:
            return inconclusive(
                self.name,
                "; ".join(notes),
                scope,
                decide="more starts: an interval holds the bound (--budget full)",
            )
        worst = min(counts, key=lambda count: count.low)
        shown = worst.low if verdict is Verdict.SUPPORTED else worst.high
        return CheckResult(
            self.name,
            verdict,
            Method.STATISTICAL,
            scope,
            margin=f"{decimal_text(abs(shown - self.at_least), 3)} at confidence 0.999 for each",
            cases=sum(count.trials for count in counts),
            notes=notes,
        )

    def count(self, setting: Setting, context: Context) -> Count:
        """Run one setting's starts and count."""
        from proofs_check.sampling.confidence import clopper_pearson

        trials = self.trials[0] if context.budget == "quick" else self.trials[1]
        if setting.dimension > 1:
            trials //= 10
        ends = descend(
            setting,
            self.separation,
            trials,
            objective=self.objective,
            seed=context.seed,
            expired=lambda: context.expired,
        )
        successes = int(_happened(self.event, ends, setting.teachers).sum())
        return Count(setting, successes, trials, *clopper_pearson(successes, trials, LEVEL))


def descend(
    setting: Setting,
    separation: str,
    trials: int,
    *,
    objective: str = "reverse",
    seed: int = 0,
    expired: Callable[[], bool] = lambda: False,
) -> Ends:
    """Run descents from random starts; reproducible from the setting and the seed.

    Examples
    --------
    >>> ends = descend(Setting(2, 2, 1), "6", 50)
    >>> ends.first.shape, float((ends.distances <= NEAR).all(axis=1).mean())
    ((50, 2), 1.0)
    """
    from numerics.ensembles.mixture_teacher import MixtureEnsemble, arrangement, drawn_from

    apart = Fraction(separation)
    teacher = arrangement(setting.teachers, setting.dimension, float(apart))
    key = (seed, setting.students, setting.teachers, setting.dimension)
    starts = drawn_from(teacher, setting.students, trials, (*key, int(1000 * apart)))
    ensemble = MixtureEnsemble(objective, teacher, setting.students)
    return ensemble.descend(starts, step_size=STEP_SIZE, steps=STEPS, expired=expired)


def _happened(event: Event, ends: Ends, teachers: int) -> Any:
    if event == "ends near the closest":
        return (ends.distances <= NEAR).all(axis=1)
    met = [(ends.last == mean).any(axis=1) for mean in range(teachers)]
    happened = met[0]
    for more in met[1:]:
        happened = happened & more
    return happened
