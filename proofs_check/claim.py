"""Claims: a statement with its source, hypotheses, checks and controls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Literal, Protocol

from proofs_check.cpu_time import passed
from proofs_check.verdict import CheckResult, ControlResult

Budget = Literal["quick", "full"]


@dataclass(frozen=True)
class Context:
    """What a check may spend, and the numbers that make a run reproducible.

    Attributes
    ----------
    budget : {"quick", "full"}
        ``full`` draws more cases and covers more ground.
    digits : int
        Digits of the evaluations (counterexamples are confirmed at twice as many).
    seed : int
        Seed of all draws.
    deadline : float or None
        Value of `proofs_check.cpu_time.cpu_seconds` by which the check must be finished. CPU time,
        not that of a clock: a verdict does not depend on what else the machine does.

    Examples
    --------
    >>> Context().cases, Context(budget="full").cases
    (200, 1000)
    """

    budget: Budget = "quick"
    digits: int = 15
    seed: int = 0
    deadline: float | None = field(default=None, compare=False)  # says nothing about results

    @property
    def cases(self) -> int:
        """Number of generated cases a check should draw."""
        return 200 if self.budget == "quick" else 1000

    @property
    def expired(self) -> bool:
        """Whether the CPU time is up."""
        return passed(self.deadline)


def run_check(check: Check, context: Context) -> CheckResult:
    """Run a check, and make sure that it is a `CheckResult` that comes back.

    Raises
    ------
    TypeError
        If it is anything else, for example a `ControlResult`, which has a verdict too.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> run_check(SimpleNamespace(name="lost", run=lambda context: None), Context())
    Traceback (most recent call last):
    ...
    TypeError: check 'lost': run() returned NoneType, not CheckResult
    """
    result = check.run(context)
    if not isinstance(result, CheckResult):
        kind = type(result).__name__
        raise TypeError(f"check {check.name!r}: run() returned {kind}, not CheckResult")
    return result


class Check(Protocol):
    """One way to examine a claim: an object with a name that can be run.

    See `proofs_check.checks.general` for those that exist; any object of this shape will do.
    """

    @property
    def name(self) -> str:
        """Name within the claim."""
        ...

    def run(self, context: Context) -> CheckResult:
        """Examine the claim; must respect ``context.deadline``."""
        ...


@dataclass(frozen=True)
class Control:
    """A check of the claim with *one small change*; it must be refuted.

    Attributes
    ----------
    name : str
        Name within the claim.
    change : str
        The change in words: a constant within 5%, an exponent, a sign, a hypothesis dropped.
    check : Check
        The changed check.
    """

    name: str
    change: str
    check: Check

    def run(self, context: Context) -> ControlResult:
        """Run the changed check."""
        return ControlResult(self.name, self.change, run_check(self.check, context))


@dataclass(frozen=True)
class Figure:
    """The figure of a claim's page, drawn by a module that is loaded only then.

    Attributes
    ----------
    caption : str
        What the figure shows, in Markdown.
    module : str
        Module with a function ``draw(axes, context)``; ``axes`` has the methods of
        `matplotlib.axes.Axes`. See ``proofs_check/figures``.
    columns : int
        Number of panels side by side; for more than one, ``draw`` is given a list of axes.
    """

    caption: str
    module: str
    columns: int = 1

    def draw(self, axes: Any, context: Context) -> None:
        """Draw into axes, with what the context allows to spend."""
        import_module(self.module).draw(axes, context)


@dataclass(frozen=True)
class Claim:
    """A statement to be judged, and what its page says about it.

    Attributes
    ----------
    identifier : str
        For example ``"F1"``.
    title : str
        One line.
    statement, latex : str
        The statement in plain text and in LaTeX.
    source : str
        Where it comes from.
    hypotheses : tuple of str
        What it assumes.
    checks : tuple of Check
        All must hold; the claim is worth the weakest.
    controls : tuple of Control
        All must be refuted.
    seconds : mapping
        CPU seconds that each check and control may take, by budget.
    derived : tuple of str
        Derivations and proofs the claim rests on, by the names that ``proofs-check derive`` and
        ``proofs-check prove`` take; anything else is printed as it stands.
    argument : str
        How the checks together give the statement, in Markdown.
    sharper : str
        What is shown beyond the source, beside its constants, in Markdown.
    limits : str
        What the claim does not show, in Markdown.
    figure : Figure or None
        The figure of the page.

    Raises
    ------
    ValueError
        If there is no check or no control, a control stands among the checks or a check among
        the controls, or two of them share a name.

    Examples
    --------
    >>> Claim("X0", "empty", "", "", "nowhere", (), (), ())
    Traceback (most recent call last):
    ...
    ValueError: X0: a claim needs at least one check and one control
    """

    identifier: str
    title: str
    statement: str
    latex: str
    source: str
    hypotheses: tuple[str, ...]
    checks: tuple[Check, ...]
    controls: tuple[Control, ...]
    seconds: Mapping[Budget, float] = field(
        default_factory=lambda: {"quick": 300.0, "full": 1800.0}
    )
    derived: tuple[str, ...] = ()
    argument: str = ""
    sharper: str = ""
    limits: str = ""
    figure: Figure | None = None

    def __post_init__(self) -> None:
        if not self.checks or not self.controls:
            raise ValueError(f"{self.identifier}: a claim needs at least one check and one control")
        strays = [part.name for part in self.checks if isinstance(part, Control)]
        strays += [part.name for part in self.controls if not isinstance(part, Control)]
        if strays:
            raise ValueError(f"{self.identifier}: {strays[0]!r} stands among the wrong kind")
        names = [part.name for part in self.parts]
        if len(set(names)) != len(names):
            raise ValueError(f"{self.identifier}: two checks or controls share a name")

    @property
    def parts(self) -> tuple[Check | Control, ...]:
        """Checks, then controls, in the order they run."""
        return (*self.checks, *self.controls)
