"""Verdicts, methods and the results of checks and controls."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import Enum, StrEnum

from numerics import markup
from proofs_check.points.witness import Witness


@functools.total_ordering
class Verdict(Enum):
    """What can be said of a claim, from the strongest to the one that overrules all others.

    ``PROVED`` > ``SUPPORTED`` > ``INCONCLUSIVE`` > ``REFUTED``: a claim is worth the weakest check
    that is not marked as further evidence, and one refuted check refutes it.

    Examples
    --------
    >>> Verdict.SUPPORTED < Verdict.PROVED
    True
    >>> weakest([Verdict.PROVED, Verdict.INCONCLUSIVE])
    <Verdict.INCONCLUSIVE: 'INCONCLUSIVE'>
    """

    PROVED = "PROVED"
    SUPPORTED = "SUPPORTED"
    INCONCLUSIVE = "INCONCLUSIVE"
    REFUTED = "REFUTED"

    def __str__(self) -> str:
        return self.value

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Verdict):
            return NotImplemented
        return _STRENGTH[self] < _STRENGTH[other]


_STRENGTH = {
    Verdict.REFUTED: 0,
    Verdict.INCONCLUSIVE: 1,
    Verdict.SUPPORTED: 2,
    Verdict.PROVED: 3,
}


def weakest(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the weakest verdict; no verdict at all is ``INCONCLUSIVE``."""
    return min(verdicts, default=Verdict.INCONCLUSIVE)


class Method(StrEnum):
    """How a verdict was reached."""

    SYMBOLIC = "symbolic"  # a derivation whose every step was re-verified
    BALL = "ball"  # enclosures: rounding, truncation and discretisation included
    GENERATED = "generated"  # generated cases
    NUMERICAL = "numerical"  # floating point at two precisions, margin stated
    STATISTICAL = "statistical"  # a test at a stated level
    NONE = "none"  # nothing was concluded


#: Methods that can prove; the others only support.
PROVING = frozenset({Method.SYMBOLIC, Method.BALL})
#: Methods that may refute without an exact witness, for limit and probability statements.
WITNESS_FREE = frozenset({Method.NUMERICAL, Method.STATISTICAL})


@dataclass(frozen=True)
class CheckResult:
    """Outcome of one check.

    Attributes
    ----------
    name : str
        Name of the check.
    verdict : Verdict
        What the check says.
    method : Method
        How it was reached.
    scope : str
        The cases it speaks about, for example ``"all n, d"`` or ``"200 generated cases, n <= 4"``.
    margin : str or None
        How far the deciding comparison was from the other outcome, as decimal text.
    digits : int or None
        Digits the numbers were computed to.
    cases : int or None
        Number of cases evaluated.
    seconds : float
        Wall time.
    notes : tuple of str
        What a reader must know: share of rejected draws, unproved steps, reasons.
    witness : Witness or None
        The confirmed exact counterexample of a refutation.
    supports : bool
        Whether it is further evidence (`proofs_check.claim.FurtherEvidence`), which does not lower
        the claim's verdict unless it refutes.
    own_word : bool
        Whether a function or a class from outside said so, and nothing checked it.

    Raises
    ------
    ValueError
        If the verdict claims more than the method can give: ``PROVED`` by floating point or
        samples, ``REFUTED`` without a confirmed witness, anything but ``INCONCLUSIVE`` without a
        method; or if verdict, method or witness is of another type (their texts are not them).

    Examples
    --------
    >>> CheckResult("loss", Verdict.PROVED, Method.GENERATED, "200 generated cases")
    Traceback (most recent call last):
    ...
    ValueError: loss: method 'generated' cannot prove
    """

    name: str
    verdict: Verdict
    method: Method
    scope: str
    margin: str | None = None
    digits: int | None = None
    cases: int | None = None
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    witness: Witness | None = None
    supports: bool = False
    own_word: bool = field(default=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        for name, kind in (("verdict", Verdict), ("method", Method)):
            if not isinstance(getattr(self, name), kind):
                raise ValueError(f"{self.name}: {getattr(self, name)!r} is no {kind.__name__}")
        if not isinstance(self.witness, Witness | None):
            raise ValueError(f"{self.name}: the witness is no Witness")
        if self.method is Method.NONE and self.verdict is not Verdict.INCONCLUSIVE:
            raise ValueError(f"{self.name}: {self.verdict} without a method")
        if self.verdict is Verdict.PROVED and self.method not in PROVING:
            raise ValueError(f"{self.name}: method {self.method.value!r} cannot prove")
        if self.verdict is Verdict.REFUTED and not (self.witness or self.method in WITNESS_FREE):
            raise ValueError(f"{self.name}: refuted without a confirmed witness")

    def _repr_html_(self) -> str:
        return markup.html_table(f"{self.name}: {self.verdict}", (), _cells(self))

    def weakened(self, reason: str) -> CheckResult:
        """Return the result with ``PROVED`` turned into ``SUPPORTED``, and the reason noted.

        Examples
        --------
        >>> proved = CheckResult("root", Verdict.PROVED, Method.BALL, "(0, a)")
        >>> proved.weakened("step 2 is not proved").verdict
        <Verdict.SUPPORTED: 'SUPPORTED'>
        """
        return replace(
            self, verdict=min(self.verdict, Verdict.SUPPORTED), notes=(*self.notes, reason)
        )


def _cells(result: CheckResult) -> list[tuple[str, str]]:
    """What a result says beside its name and verdict."""
    known = (
        ("method", result.method.value),
        ("over", result.scope),
        ("margin", result.margin),
        ("digits", result.digits),
        ("cases", result.cases),
        *(("note", note) for note in result.notes),
    )
    return [(name, str(value)) for name, value in known if value not in (None, "")]


#: What decides a check that could not conclude.
FULL_BUDGET = "more is tried with --budget full"
MORE_TIME = f"more time: {FULL_BUDGET}, which has a longer limit"
MORE_DIGITS = "more digits (--digits), if the values are not equal"
MORE_CASES = f"more time or fewer rejected cases: {FULL_BUDGET}"


def inconclusive(
    name: str, reason: str, scope: str = "", seconds: float = 0.0, *, decide: str = ""
) -> CheckResult:
    """Return the result of a check that could not conclude: the reason, and what would decide.

    Examples
    --------
    >>> inconclusive("root", "the enclosures overlap", decide=MORE_DIGITS).notes[1]
    'to decide: more digits (--digits), if the values are not equal'
    """
    notes = (reason, f"to decide: {decide}") if decide else (reason,)
    return CheckResult(name, Verdict.INCONCLUSIVE, Method.NONE, scope, seconds=seconds, notes=notes)


def refuted(name: str, witness: Witness, scope: str, cases: int | None = None) -> CheckResult:
    """Return the result of a check that a confirmed exact counterexample refutes."""
    return CheckResult(
        name,
        Verdict.REFUTED,
        Method.BALL,
        scope,
        digits=witness.digits,
        cases=cases,
        notes=(str(witness),),
        witness=witness,
    )


@dataclass(frozen=True)
class ControlResult:
    """Outcome of a control: a claim with one small change, which must be refuted.

    Attributes
    ----------
    name : str
        Name of the control.
    change : str
        The one small change, in words.
    result : CheckResult
        What the changed check says.

    Raises
    ------
    ValueError
        If it says nothing of the kind.
    """

    name: str
    change: str
    result: CheckResult

    def __post_init__(self) -> None:
        if not isinstance(self.result, CheckResult):
            raise ValueError(f"{self.name}: the result of a control is a CheckResult")

    @property
    def verdict(self) -> Verdict:
        """Verdict of the changed check."""
        return self.result.verdict

    @property
    def method(self) -> Method:
        """Method of the changed check."""
        return self.result.method

    @property
    def refuted(self) -> bool:
        """Whether the control did its work."""
        return self.verdict is Verdict.REFUTED


@dataclass(frozen=True)
class ClaimResult:
    """Outcome of a claim: its checks and its controls.

    Attributes
    ----------
    identifier : str
        Identifier of the claim.
    checks : tuple of CheckResult
        One per check, in order.
    controls : tuple of ControlResult
        One per control, in order.
    seconds : float
        Wall time.
    """

    identifier: str
    checks: tuple[CheckResult, ...]
    controls: tuple[ControlResult, ...]
    seconds: float

    def _repr_html_(self) -> str:
        rows = [("check", c.name, c.verdict.value, c.method.value, c.scope) for c in self.checks]
        for control in self.controls:
            word = control.verdict.value + ("" if control.refuted else ", should be REFUTED")
            rows.append(("control", control.name, word, control.method.value, control.change))
        title = f"{self.identifier}: {self.verdict} ({self.method})"
        return markup.html_table(title, ("", "name", "verdict", "method", "over"), rows)

    @property
    def verdict(self) -> Verdict:
        """The weakest verdict of the checks that decide; any ``REFUTED`` wins.

        Further evidence does not lower it; without other checks it decides.
        """
        return weakest(check.verdict for check in self.deciding)

    @property
    def method(self) -> str:
        """Methods of the checks that decide the verdict, joined by ``+``."""
        methods = (check.method for check in self.deciding if check.verdict is self.verdict)
        return "+".join(dict.fromkeys(method.value for method in methods)) or Method.NONE.value

    @property
    def deciding(self) -> tuple[CheckResult, ...]:
        """The checks that decide: all but further evidence, and what is refuted."""
        decide = tuple(
            check for check in self.checks if not check.supports or check.verdict is Verdict.REFUTED
        )
        return decide or self.checks
