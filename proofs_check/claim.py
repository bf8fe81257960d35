"""Claims: a statement with its source, hypotheses, checks and controls.

A check of a class of this package (`proofs_check`) may prove. What another class, or a function,
says of itself nobody has checked: it is worth ``SUPPORTED`` at most (`run_check`), and that only
beside a control that makes the same class or function refute something (`run_part`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from importlib import import_module
from typing import Any, Literal, Protocol

from numerics import markup
from numerics.errors import InputError
from proofs_check.cpu_time import passed
from proofs_check.statements.origin import origin_field
from proofs_check.statements.relation import Point, Predicate
from proofs_check.verdict import CheckResult, ControlResult, Verdict, inconclusive

Budget = Literal["quick", "full"]


@dataclass(frozen=True)
class Hypothesis:
    """What a claim assumes, as a predicate: no case counts where it does not hold.

    Attributes
    ----------
    text : str
        The hypothesis in plain text.
    holds : callable
        Takes a `Point` and says whether it holds there, from ``at.mixture`` (exact numbers) or from
        balls, whose comparisons are true only if they are certain.
    origin : str
        File and line where it was written.

    Examples
    --------
    >>> near = Hypothesis("rho <= 1/10", lambda at: max(map(abs, at.mixture.means[0])) <= 1)
    >>> print(near)
    rho <= 1/10
    """

    text: str
    holds: Predicate = field(repr=False)
    origin: str = origin_field()

    def __str__(self) -> str:
        return self.text

    def met(self, at: Point) -> bool:
        """Whether it (certainly) holds at a point.

        Raises
        ------
        InputError
            If it cannot be evaluated as it is written.
        """
        try:
            return bool(self.holds(at))
        except (InputError, NotImplementedError):
            raise
        except (AttributeError, LookupError, NameError, TypeError, ValueError) as error:
            found = f"{type(error).__name__}: {error}"
            where = f"hypothesis {self.text!r}, written at {self.origin}"
            raise InputError(where, found, "what a Point offers, and exact numbers") from error


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
    hypotheses : tuple of Hypothesis
        Those of the claim that are predicates; `run_part` sets them.

    Examples
    --------
    >>> Context().cases, Context(budget="full").cases
    (200, 1000)
    """

    budget: Budget = "quick"
    digits: int = 15
    seed: int = 0
    deadline: float | None = field(default=None, compare=False)  # says nothing about results
    hypotheses: tuple[Hypothesis, ...] = ()

    @property
    def cases(self) -> int:
        """Number of generated cases a check should draw."""
        return 200 if self.budget == "quick" else 1000

    @property
    def expired(self) -> bool:
        """Whether the CPU time is up."""
        return passed(self.deadline)


#: Why another class does not prove.
NOT_CHECKED = (
    "says so of itself: a class or function from outside proofs_check supports, and proves only by "
    "what is checked (Enclosed, Certified)"
)


def run_check(check: Check, context: Context) -> CheckResult:
    """Run a check, and make sure that it is a `CheckResult` that comes back.

    A check whose class is not of this package supports at most.

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
    if is_own_kind(check):
        return result
    return replace(by_own_word(result), name=check.name)


def by_own_word(result: CheckResult) -> CheckResult:
    """What a result that nobody has checked is worth: ``SUPPORTED`` at most, and marked."""
    marked = replace(result, own_word=True)
    return marked.weakened(NOT_CHECKED) if result.verdict is Verdict.PROVED else marked


def is_own_kind(check: object) -> bool:
    """Whether the class of a check is one of this package, as it stands there.

    Examples
    --------
    >>> from proofs_check.checks import IdentityCheck
    >>> is_own_kind(IdentityCheck("I1")), is_own_kind(type("Mine", (IdentityCheck,), {})("I1"))
    (True, False)
    """
    kind = type(check)
    if kind.__module__.split(".")[0] != __name__.split(".")[0]:
        return False
    found: Any = import_module(kind.__module__)
    for name in kind.__qualname__.split("."):
        found = getattr(found, name, None)
    return found is kind


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
    drops : tuple of str
        Texts of those hypotheses (predicates) of the claim that the change drops.
    origin : str
        File and line where it was written.
    """

    name: str
    change: str
    check: Check
    drops: tuple[str, ...] = ()
    origin: str = origin_field()

    def run(self, context: Context) -> ControlResult:
        """Run the changed check."""
        kept = tuple(known for known in context.hypotheses if known.text not in self.drops)
        context = replace(context, hypotheses=kept)
        return ControlResult(self.name, self.change, run_check(self.check, context))


@dataclass(frozen=True)
class FurtherEvidence:
    """A check that looks again at what other checks of the claim decide.

    It cannot lower the claim's verdict, unless it refutes it.

    Attributes
    ----------
    check : Check
        The check.

    Examples
    --------
    >>> from proofs_check.checks import IdentityCheck
    >>> FurtherEvidence(IdentityCheck("I1")).run(Context()).supports
    True
    """

    check: Check

    @property
    def name(self) -> str:
        """The check's name."""
        return self.check.name

    def run(self, context: Context) -> CheckResult:
        """Run the check."""
        return replace(run_check(self.check, context), supports=True)


@dataclass(frozen=True)
class Figure:
    """The figure of a claim's page, drawn by a module that is loaded only then.

    Attributes
    ----------
    caption : str
        What the figure shows, in Markdown.
    module : str or callable
        Module with a function ``draw(axes, context)``, or such a function; ``axes`` has the methods
        of `matplotlib.axes.Axes`. See ``proofs_check/figures``.
    columns : int
        Number of panels side by side; for more than one, ``draw`` is given a list of axes.
    """

    caption: str
    module: str | Callable[[Any, Context], None]
    columns: int = 1

    def draw(self, axes: Any, context: Context) -> None:
        """Draw into axes, with what the context allows to spend."""
        draw = import_module(self.module).draw if isinstance(self.module, str) else self.module
        draw(axes, context)


@dataclass(frozen=True)
class Claim:
    """A statement to be judged, and what its page says about it.

    Attributes
    ----------
    identifier : str
        For example ``"F1"``.
    title : str
        One line.
    statement : str
        The statement, in plain text with formulas in LaTeX between dollars.
    latex : str
        Its main formula in LaTeX, shown by itself; may be empty.
    source : str
        Where it comes from.
    hypotheses : tuple of str or Hypothesis
        What it assumes: in words, which nothing enforces, or as a predicate, which every case of
        its checks and controls must satisfy; formulas between dollars.
    checks : tuple of Check
        All must hold; the claim is worth the weakest that is no `FurtherEvidence`.
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
    plain : str
        The claim in one sentence for readers from outside the field, in plain text; by default the
        title is said instead.
    origin : str
        File and line where it was written.

    Raises
    ------
    ValueError
        If there is no check (`FurtherEvidence` aside) or no control, a control stands among the
        checks or a check among the controls, or two of them share a name.

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
    hypotheses: tuple[str | Hypothesis, ...]
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
    plain: str = ""
    origin: str = origin_field()

    def __post_init__(self) -> None:
        decisive = [part for part in self.checks if not isinstance(part, FurtherEvidence)]
        if not decisive or not self.controls:
            raise ValueError(f"{self.identifier}: a claim needs at least one check and one control")
        strays = [part.name for part in self.checks if isinstance(part, Control)]
        strays += [part.name for part in self.controls if not isinstance(part, Control)]
        if strays:
            raise ValueError(f"{self.identifier}: {strays[0]!r} stands among the wrong kind")
        names = [part.name for part in self.parts]
        if len(set(names)) != len(names):
            raise ValueError(f"{self.identifier}: two checks or controls share a name")

    def _repr_html_(self) -> str:
        from proofs_check.formulas.mixed import plain

        rows = [("check", check.name, "") for check in self.checks]
        rows += [("control", control.name, control.change) for control in self.controls]
        table = markup.html_table(f"{self.identifier}: {self.title}", (), rows)
        formula = f"<p><code>{markup.html_text(self.latex)}</code></p>"
        as_text = formula if self.latex and self._repr_latex_() is None else ""
        return f"{table}<p>{markup.html_text(plain(self.statement))}</p>{as_text}"

    def _repr_latex_(self) -> str | None:
        """The formula, if it is whole and of known commands; HTML cannot start within it."""
        from proofs_check.formulas.formula import typeset

        safe = typeset(self.latex) if len(self.latex) <= markup.CHARACTERS else ""
        shown = safe.replace("<", r"\lt ").replace(">", r"\gt ")
        return f"$\\displaystyle {shown}$" if shown else None

    @property
    def sentence(self) -> str:
        """What the claim says in one sentence: `plain`, or else the title.

        Examples
        --------
        >>> from proofs_check.registry import get
        >>> get("R6").sentence[:34]
        'Measured along its gradient flow, '
        """
        return self.plain or f"{self.title[:1].upper()}{self.title[1:].rstrip('.')}."

    @property
    def predicates(self) -> tuple[Hypothesis, ...]:
        """The hypotheses that are predicates."""
        return tuple(known for known in self.hypotheses if isinstance(known, Hypothesis))

    @property
    def parts(self) -> tuple[Check | Control, ...]:
        """Checks, then controls, in the order they run."""
        return (*self.checks, *self.controls)


def run_part(claim: Claim, part: Check | Control, context: Context) -> CheckResult | ControlResult:
    """Run a check or control of a claim, under the claim's hypotheses.

    What a function or a class from outside this package says counts only if a control of the claim
    shows that the same function or class can refute: else it is ``INCONCLUSIVE``.

    Examples
    --------
    >>> from proofs_check.registry import get
    >>> claim = get("E6")
    >>> run_part(claim, claim.checks[1], Context()).verdict
    <Verdict.PROVED: 'PROVED'>
    """
    context = replace(context, hypotheses=claim.predicates)
    if isinstance(part, Control):
        return part.run(context)
    result = run_check(part, context)
    says_so = result.own_word and result.verdict in (Verdict.PROVED, Verdict.SUPPORTED)
    if not says_so or any(kind_of(part) == kind_of(control) for control in claim.controls):
        return result
    open_result = inconclusive(part.name, CANNOT_FAIL, result.scope, decide=ITS_CONTROL)
    return replace(open_result, supports=result.supports)


#: Why what a function says is no evidence, and what would make it one.
CANNOT_FAIL = "cannot fail, as far as is seen: no control makes its function or class refute"
ITS_CONTROL = "a control with the same function or class and one change, which it refutes"


def bare(part: Check | Control) -> Check:
    """Return the check of a control, or the one that is marked as further evidence."""
    while isinstance(part, Control | FurtherEvidence):
        part = part.check
    return part


def kind_of(part: Check | Control) -> tuple[object, object]:
    """What two checks of one kind have in common: the class and, of a function, its code.

    Examples
    --------
    >>> from proofs_check.checks import FunctionCheck
    >>> def check(factor, context): ...
    >>> one, other = (FunctionCheck(str(k), partial(check, k)) for k in (1, 2))
    >>> kind_of(one) == kind_of(other), kind_of(one) == kind_of(FunctionCheck("3", lambda c: c))
    (True, False)
    """
    check = bare(part)
    function: Any = getattr(check, "function", None)
    while isinstance(function, partial):
        function = function.func
    function = getattr(function, "__func__", function)  # of a method
    return type(check), getattr(function, "__code__", type(function))
