"""Evidence from generated cases: how many held, how closely, or a shrunk counterexample."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Generic, TypeVar
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable, UnsatisfiedAssumption

from proofs_check.claim import Context
from proofs_check.cpu_time import passed
from proofs_check.statements.exact_text import decimal_text
from proofs_check.verdict import MORE_CASES, CheckResult, Method, Verdict, inconclusive

Case = TypeVar("Case")

#: Fewest generated cases that may support a claim.
ENOUGH_CASES = 200
#: Runs of Hypothesis until enough cases count, and the most where hypotheses reject draws.
_SEARCH, _LONG_SEARCH = 5, 25


@dataclass(frozen=True)
class Trial:
    """What one case says: whether it may count, whether it held, and how closely.

    ``margin`` is larger the closer the case came to failing. ``undecided``: the numbers show
    neither that it held nor that it failed; such a case counts, and is no evidence. ``reason``:
    what rejected it.
    """

    held: bool
    margin: Fraction = Fraction(0)
    rejected: bool = False
    undecided: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Evidence(Generic[Case]):
    """Outcome of a search for counterexamples.

    Attributes
    ----------
    cases : int
        Distinct cases that were evaluated and counted.
    rejected : int
        Distinct draws that the hypotheses of the statement excluded.
    undecided : tuple of Case
        Counted cases that neither held nor failed, in the order drawn.
    worst_margin : Fraction or None
        Largest margin among the cases that held, undecided ones left out.
    counterexample : Case or None
        A failing case, shrunk.
    expired : bool
        Whether CPU time ran out before all cases were drawn. How many were is then an accident of
        the machine, and supports nothing.
    reasons : mapping of str to int
        How many draws were rejected for which stated reason.
    """

    cases: int
    rejected: int
    undecided: tuple[Case, ...]
    worst_margin: Fraction | None
    counterexample: Case | None
    expired: bool
    reasons: Mapping[str, int] = field(default_factory=dict)

    @property
    def rejected_share(self) -> Fraction:
        """Share of draws that were rejected."""
        drawn = self.cases + self.rejected
        return Fraction(self.rejected, drawn) if drawn else Fraction(0)

    @property
    def rejections(self) -> str:
        """The share of rejected draws, in words."""
        drawn = self.cases + self.rejected
        if not drawn:
            return "nothing was drawn"
        share = decimal_text(100 * self.rejected_share, 3)
        by = "; ".join(f"{count} by {reason}" for reason, count in self.reasons.items())
        return f"{share}% of {drawn} draws rejected" + (f" ({by})" if by else "")

    @property
    def shortfall(self) -> str:
        """Why the cases do not suffice to support a claim; empty if they do.

        After an expiry no count is named: it would depend on the machine.
        """
        if self.expired:
            return "time ran out"
        return "" if self.cases >= ENOUGH_CASES else f"too few cases: {self.rejections}"


def supported(
    name: str,
    evidence: Evidence[Case],
    scope: str,
    family: str,
    *,
    margin: str | None = None,
    digits: int | None = None,
    notes: tuple[str, ...] = (),
) -> CheckResult:
    """Return what a search without counterexample says: nothing, if too few cases count.

    Parameters
    ----------
    scope, family : str
        The scope where the cases suffice, which names their number, and where they do not.
    """
    if evidence.shortfall:
        return inconclusive(name, evidence.shortfall, family, decide=MORE_CASES)
    generated, cases = Method.GENERATED, evidence.cases
    return CheckResult(
        name, Verdict.SUPPORTED, generated, scope, margin, digits, cases, notes=notes
    )


class _FailedCaseError(AssertionError):
    """Raised inside the search so that Hypothesis shrinks the case."""


@dataclass
class _Record(Generic[Case]):
    """Outcomes by case; a case met again (while shrinking) is not evaluated or counted again."""

    trials: dict[Case, Trial] = field(default_factory=dict)
    failed: Case | None = None
    expired: bool = False


def gather(
    trial: Callable[[Case], Trial],
    strategy: st.SearchStrategy[Case],
    *,
    cases: int = ENOUGH_CASES,
    seed_value: int = 0,
    deadline: float | None = None,
) -> Evidence[Case]:
    """Draw cases until ``cases`` of them count, one fails, or time runs out; shrink a failing one.

    The draws depend on ``seed_value`` only.

    Parameters
    ----------
    trial : callable
        Judges one (hashable) case.
    strategy : SearchStrategy
        Where cases come from.
    cases : int
        Number of cases wanted.
    seed_value : int
        Seed of the draws.
    deadline : float or None
        Value of `proofs_check.cpu_time.cpu_seconds` after which no further case is judged.

    Examples
    --------
    >>> from proofs_check.strategies import log_uniform
    >>> small = gather(lambda value: Trial(value < 5, value), log_uniform("1e-3", "20"))
    >>> small.counterexample
    Fraction(511, 100)
    >>> gather(lambda value: Trial(value > 0, -value), log_uniform("1e-3", "20")).cases >= 200
    True
    """
    record: _Record[Case] = _Record()

    def judge(case: Case) -> None:
        if case not in record.trials:
            if passed(deadline):
                record.expired = True
                return
            record.trials[case] = _tried(trial, case)
        outcome = record.trials[case]
        if not outcome.held and not outcome.rejected:
            record.failed = case  # the last failing case is the smallest one: shrinking ends there
            raise _FailedCaseError

    # Duplicates and rejected draws count for Hypothesis, not for the evidence: draw on, unless
    # nothing counts. What a stated reason rejects costs little: then for longer.
    for attempt in range(_LONG_SEARCH):
        _search(judge, strategy, cases, seed_value + attempt)
        counted = sum(not outcome.rejected for outcome in record.trials.values())
        if record.failed is not None or record.expired or counted >= cases or not counted:
            break
        if attempt + 1 >= _SEARCH and not any(t.reason for t in record.trials.values()):
            break
    return _summary(record)


def _tried(trial: Callable[[Case], Trial], case: Case) -> Trial:
    """The trial; a case that it gives up by ``hypothesis.assume`` is rejected, and counted so."""
    try:
        return trial(case)
    except UnsatisfiedAssumption:
        return Trial(True, rejected=True, reason="hypothesis.assume")


def gather_for(
    context: Context, trial: Callable[[Case], Trial], strategy: st.SearchStrategy[Case]
) -> Evidence[Case]:
    """`gather` as many cases as a check should, within its time."""
    return gather(
        trial, strategy, cases=context.cases, seed_value=context.seed, deadline=context.deadline
    )


def _search(
    judge: Callable[[Case], None], strategy: st.SearchStrategy[Case], cases: int, seed_value: int
) -> None:
    configured = settings(
        max_examples=cases + cases // 10,
        derandomize=False,  # whatever profile is active: the seed decides
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        report_multiple_bugs=False,
    )
    search = seed(seed_value)(configured(given(strategy)(judge)))
    try:
        with _no_constants_of_loaded_modules(), _no_limit_by_the_clock():
            search()
    except (_FailedCaseError, Unsatisfiable):
        return


@contextmanager
def _no_constants_of_loaded_modules() -> Iterator[None]:
    """Keep Hypothesis from drawing constants that it finds in the modules loaded so far.

    Recent versions do, now and then: draws would depend on what else the process has imported.
    """
    from hypothesis.internal.conjecture import providers

    provider: Any = providers.HypothesisProvider
    name = "_maybe_draw_constant"
    if not hasattr(provider, name):  # older versions draw none
        yield
        return
    with patch.object(provider, name, lambda *arguments, **options: None):
        yield


@contextmanager
def _no_limit_by_the_clock() -> Iterator[None]:
    """Shrink to the end: Hypothesis stops after 300 s of wall time, with another witness."""
    from hypothesis.internal.conjecture import engine

    name = "MAX_SHRINKING_SECONDS"
    with patch.object(engine, name, math.inf, create=not hasattr(engine, name)):
        yield


def _summary(record: _Record[Case]) -> Evidence[Case]:
    counted = [outcome for outcome in record.trials.values() if not outcome.rejected]
    decided = [outcome for outcome in counted if outcome.held and not outcome.undecided]
    return Evidence(
        cases=len(counted),
        rejected=len(record.trials) - len(counted),
        undecided=tuple(
            case
            for case, outcome in record.trials.items()
            if outcome.undecided and not outcome.rejected
        ),
        worst_margin=max((outcome.margin for outcome in decided), default=None),
        counterexample=record.failed,
        expired=record.expired,
        reasons=Counter(
            outcome.reason
            for outcome in record.trials.values()
            if outcome.rejected and outcome.reason
        ),
    )
