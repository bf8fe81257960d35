"""Rules about sequences and flows: induction, sums over steps, integration along the flow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol

import sympy

from derive.losses.gradients import gradient_integrand
from derive.losses.objectives import Objective
from proofs_check.proofs.certificates import is_nonnegative_number, is_zero
from proofs_check.proofs.forms import ProofError, depends_on_means, difference, normalise
from proofs_check.proofs.proof import Finding, Hypothesis, Situation, StepKind
from proofs_check.proofs.quantities import Expression, Glossary

#: What the glossary must say of a number for a rule to take it for the value at a certain step.
AT_START, AT_END, COUNT = "the same at step 0", "the same after N steps", "the number of steps"


def is_called(symbol: Expression, meaning: str, glossary: Glossary) -> bool:
    """Whether a symbol is a number that the glossary introduces with these very words."""
    if symbol not in glossary:
        return False
    return glossary[symbol].sort == "parameter" and glossary[symbol].meaning == meaning


@dataclass(frozen=True)
class Update:
    """How a quantity of the means changes in one step of descent, ``v <- v - eta g``.

    Attributes
    ----------
    value, following : symbol
        The quantity before and after the step, both totals in the glossary.
    first : symbol
        Its value at step 0.
    mean, moved : symbol, expression
        ``v_ja`` and ``v_ja - eta g_ja``.
    """

    value: Expression
    following: Expression
    first: Expression
    mean: Expression
    moved: Expression

    def check(self, glossary: Glossary) -> None:
        """Verify that `following` means `value` at the moved means.

        Raises
        ------
        ProofError
            If it does not.
        """
        before, after = glossary[self.value], glossary[self.following]
        expected = before.expression.subs(self.mean, self.moved)
        same = before.sort == after.sort == "total" and before.over == after.over
        if not same or not is_zero(after.expression - expected):
            raise ProofError(f"{self.following} is not {self.value} after the step")
        if not is_called(self.first, AT_START, glossary):
            raise ProofError(f"{self.first} is not the value at step 0")


def fixed_along_the_steps(
    names: frozenset[str], hypotheses: Mapping[str, Hypothesis], glossary: Glossary
) -> bool:
    """Tell whether hypotheses, if they hold at one step, hold at every step."""
    return all(
        hypotheses[name].by_definition
        or not any(
            depends_on_means(symbol, glossary)
            for symbol in hypotheses[name].statement.expression.free_symbols
        )
        for name in names
    )


class InductionRule(Protocol):
    """A rule that names a temporary hypothesis and the premises that establish it."""

    @property
    def assumption(self) -> str: ...  # noqa: D102

    @property
    def start(self) -> str: ...  # noqa: D102

    @property
    def passage(self) -> str: ...  # noqa: D102


def passes_on(
    situation: Situation,
    rule: InductionRule,
    at_start: Mapping[Expression, Expression],
    after: Mapping[Expression, Expression],
) -> Finding:
    """Whether a temporary hypothesis holds at step 0 and passes from each step to the next.

    Parameters
    ----------
    situation : Situation
    rule : InductionRule
        Names the hypothesis and both premises.
    at_start, after : mapping
        What its symbols become at step 0, and at the next step.
    """
    hypothesis = situation.hypotheses[rule.assumption]
    claimed = hypothesis.statement.expression
    signs = {situation.target.sign, hypothesis.statement.sign}
    signs |= {situation.statement(name).sign for name in (rule.start, rule.passage)}
    if signs != {"<="}:
        return Finding(False, "not four statements with <=")
    pairs = (
        (situation.target.expression, claimed, "conclusion"),
        (
            situation.statement(rule.start).expression,
            claimed.subs(at_start, simultaneous=True),
            "statement at step 0",
        ),
        (
            situation.statement(rule.passage).expression,
            claimed.subs(after, simultaneous=True),
            "statement at the next step",
        ),
    )
    for found, wanted, what in pairs:
        if not is_zero(found - wanted):
            return Finding(False, f"the {what} is not the assumption's")
    if rule.assumption in situation.premises[rule.start].rests_on:
        return Finding(False, "the start rests on the assumption")
    rest = situation.premises[rule.passage].rests_on - {rule.assumption}
    if not fixed_along_the_steps(rest, situation.hypotheses, situation.glossary):
        return Finding(False, "a hypothesis of the passage may fail at a later step")
    return Finding(True)


@dataclass(frozen=True)
class Induction:
    """What holds at step 0 and passes from each step to the next holds at every step.

    Attributes
    ----------
    assumption : str
        The temporary hypothesis: the statement at step k.
    start, passage : str
        Premises: the statement at step 0, and at step k + 1.
    update : Update
    """

    assumption: str
    start: str
    passage: str
    update: Update
    kind: ClassVar[StepKind] = "inference"
    cites: ClassVar[str] = ""

    @property
    def discharges(self) -> tuple[str, ...]:
        """The temporary hypothesis."""
        return (self.assumption,)

    def verify(self, situation: Situation) -> Finding:
        """Compare the three statements; the rest of the hypotheses must not change with k."""
        words, update = situation.glossary, self.update
        update.check(words)
        hypothesis = situation.hypotheses[self.assumption]
        claimed = hypothesis.statement.expression
        moving = {s for s in claimed.free_symbols if depends_on_means(s, words)}
        if not hypothesis.temporary or not moving <= {update.value}:
            return Finding(False, f"{self.assumption!r} is not a statement about {update.value}")
        return passes_on(
            situation, self, {update.value: update.first}, {update.value: update.following}
        )


@dataclass(frozen=True)
class AtEveryStep:
    """A statement that rests on a temporary hypothesis, after that was shown by induction.

    Attributes
    ----------
    assumption : str
        The temporary hypothesis.
    statement, shown : str
        Premises: the statement, and the step that shows the hypothesis.
    """

    assumption: str
    statement: str
    shown: str
    kind: ClassVar[StepKind] = "inference"
    cites: ClassVar[str] = ""

    @property
    def discharges(self) -> tuple[str, ...]:
        """The temporary hypothesis."""
        return (self.assumption,)

    def verify(self, situation: Situation) -> Finding:
        """Compare statements."""
        hypothesis = situation.hypotheses[self.assumption].statement
        if self.assumption in situation.premises[self.shown].rests_on:
            return Finding(False, "the hypothesis is not shown yet")
        shown = situation.statement(self.shown)
        if shown.sign != hypothesis.sign or not is_zero(shown.expression - hypothesis.expression):
            return Finding(False, "what is shown is not the hypothesis")
        target, given = situation.target, situation.statement(self.statement)
        if target.sign != given.sign or not is_zero(target.expression - given.expression):
            return Finding(False, "the conclusion is not the statement")
        return Finding(True)


@dataclass(frozen=True)
class LastIsLeast:
    """What decreases at every step is at the end at most what it was at any step.

    The premise is ``following <= value`` at every step, the conclusion ``last <= value``.

    Attributes
    ----------
    update : Update
    last : symbol
        The quantity after N steps.
    """

    update: Update
    last: Expression
    kind: ClassVar[StepKind] = "inference"
    cites: ClassVar[str] = ""
    discharges: ClassVar[tuple[str, ...]] = ()

    def verify(self, situation: Situation) -> Finding:
        """Compare premise and conclusion; the hypotheses must not change with k."""
        name, known = next(iter(situation.premises.items()))
        words, update, target = situation.glossary, self.update, situation.target
        update.check(words)
        if not fixed_along_the_steps(known.rests_on, situation.hypotheses, words):
            return Finding(False, f"{name} rests on a hypothesis that may fail at a later step")
        if any(quantity.sort == "functional" for quantity in words):
            # "every earlier value" and "every step" are the same words here
            return Finding(False, "beside the number of the step: it may exceed N")
        if not is_called(self.last, AT_END, words) or target.is_equality:
            return Finding(False, "not a bound on the last value")
        if not is_zero(situation.only().expression - (update.value - update.following)):
            return Finding(False, "the premise is not a decrease at every step")
        if is_zero(target.expression - (update.value - self.last)):
            return Finding(True)
        return Finding(False, "the conclusion is not a bound by every earlier value")


@dataclass(frozen=True)
class SumOverSteps:
    """Add a statement that holds at every step over the first N steps.

    Attributes
    ----------
    count : symbol
        The number ``N`` of steps.
    update : Update or None
        The quantity whose differences telescope.
    last : symbol or None
        Its value after N steps.
    """

    count: Expression
    update: Update | None = None
    last: Expression | None = None
    kind: ClassVar[StepKind] = "inference"
    cites: ClassVar[str] = ""
    discharges: ClassVar[tuple[str, ...]] = ()

    def verify(self, situation: Situation) -> Finding:
        """Add up, and compare."""
        name, known = next(iter(situation.premises.items()))
        statement, words = situation.only(), situation.glossary
        if not fixed_along_the_steps(known.rests_on, situation.hypotheses, words):
            return Finding(False, f"{name} rests on a hypothesis that may fail at a later step")
        if situation.target.sign != statement.sign:
            return Finding(False, "the relation changes")
        if not is_called(self.count, COUNT, words):
            return Finding(False, f"{self.count} is not the number of steps")
        total = self._total(statement.expression, words)
        if is_zero(situation.target.expression - total):
            return Finding(True)
        return Finding(False, f"the sum over the steps is {total}")

    def _total(self, expression: Expression, words: Glossary) -> Expression:
        moving = sorted((s for s in expression.free_symbols if depends_on_means(s, words)), key=str)
        if not moving:
            return sympy.expand(self.count * expression)
        total = sympy.Integer(0)
        coefficients: dict[Expression, Expression] = {}
        for powers, coefficient in sympy.Poly(expression, *moving).terms():
            if sum(powers) > 1:
                raise ProofError("the statement is not linear in what changes from step to step")
            if sum(powers) == 0:
                total += self.count * coefficient
            else:
                coefficients[moving[powers.index(1)]] = coefficient
        if self.update is not None:
            self.update.check(words)
            before = coefficients.pop(self.update.value, sympy.Integer(0))
            after = coefficients.pop(self.update.following, sympy.Integer(0))
            if not is_zero(before + after) or not is_called(self.last, AT_END, words):
                raise ProofError(f"the differences of {self.update.value} do not telescope")
            total += before * (self.update.first - self.last)
        for symbol, coefficient in coefficients.items():
            total += coefficient * _series(symbol, words)
        return sympy.expand(total)


def _series(symbol: Expression, words: Glossary) -> Expression:
    for quantity in words:
        if quantity.sort == "series" and is_zero(quantity.expression - symbol):
            return quantity.symbol
    raise ProofError(f"the sum of {symbol} over the steps has no name")


@dataclass(frozen=True)
class FlowBound:
    """Integrate a decrease along the gradient flow whose loss does not increase.

    From ``dP/dt <= -c R`` and ``dR/dt <= 0`` on ``[0, T]`` (``dR/dt = -|grad R|^2``):
    ``c T R(T) <= P(0) - P(T)``.

    Attributes
    ----------
    value, rate : symbol
        ``P``, a total of `mean`, and its derivative along ``v' = -g``.
    loss, loss_rate : symbol
        ``R`` and its derivative, the total of ``-g^2``.
    mean, gradient : symbol
        ``v_ja`` and ``g_ja``.
    first, last, last_loss, time : symbol
        ``P(0)``, ``P(T)``, ``R(T)``, ``T``.
    decay, decrease, forward : str
        Premises ``rate <= -c loss``, ``loss_rate <= 0`` and ``0 <= T``.
    """

    value: Expression
    rate: Expression
    loss: Expression
    loss_rate: Expression
    mean: Expression
    gradient: Expression
    first: Expression
    last: Expression
    last_loss: Expression
    time: Expression
    decay: str
    decrease: str
    forward: str
    kind: ClassVar[StepKind] = "inference"
    cites: ClassVar[str] = ""
    discharges: ClassVar[tuple[str, ...]] = ()

    def verify(self, situation: Situation) -> Finding:
        """Check the derivatives against the meanings, then compare."""
        words = situation.glossary
        self._check_rates(words)
        names = (self.decay, self.decrease)
        for name in names:
            rests_on = situation.premises[name].rests_on if name in situation.premises else ()
            if not fixed_along_the_steps(frozenset(rests_on), situation.hypotheses, words):
                return Finding(False, f"{name} rests on a hypothesis that may fail later")
        decay, decrease = (situation.statement(name) for name in names)
        rest = sympy.expand(decay.expression + self.rate)
        speed = sympy.expand(-rest).coeff(self.loss)
        if not is_zero(rest + speed * self.loss) or not is_nonnegative_number(speed):
            return Finding(False, "the decay is not a bound by the loss")
        if not is_zero(situation.statement(self.forward).expression - self.time):
            return Finding(False, "the time is not shown to be nonnegative")
        if not is_zero(decrease.expression + self.loss_rate):
            return Finding(False, "the loss is not shown to decrease")
        bound = self.first - self.last - speed * self.time * self.last_loss
        if not situation.target.is_equality and is_zero(situation.target.expression - bound):
            return Finding(True)
        return Finding(False, f"the integral gives {bound} >= 0")

    def _check_rates(self, words: Glossary) -> None:
        value, rate, loss = words[self.value], words[self.rate], words[self.loss]
        expected = sympy.diff(value.expression, self.mean) * -self.gradient
        late = ((self.last, self.value), (self.last_loss, self.loss))
        for symbol, quantity in late:
            if not is_called(symbol, f"{quantity} at time T", words):
                raise ProofError(f"{symbol} is not {quantity} at time T")
        if not is_called(self.first, AT_START, words):
            raise ProofError(f"{self.first} is not the value at the start")
        totals = value.over == rate.over == words[self.loss_rate].over
        if not totals or not is_zero(rate.expression - expected):
            raise ProofError(f"{self.rate} is not the derivative of {self.value}")
        if not is_zero(words[self.loss_rate].expression + self.gradient**2):
            raise ProofError(f"{self.loss_rate} is not minus the square of the gradient")
        if loss.polynomial is None or loss.base is None:
            raise ProofError(f"{self.loss} is not an expectation")
        derived = gradient_integrand(Objective("loss", loss.base, loss.polynomial, "", ""))
        gradient = words[self.gradient]
        if gradient.polynomial is None or gradient.base != loss.base:
            raise ProofError(f"{self.gradient} is not a gradient")
        gap = normalise(gradient.polynomial - derived, words, loss.base)
        if difference(gap, normalise(derived - derived, words)):
            raise ProofError(f"{self.gradient} is not the gradient of {self.loss}")
