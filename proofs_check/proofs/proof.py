"""Proofs: steps that are verified one after another, each from named earlier ones."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol, overload

from sympy.polys.polyerrors import BasePolynomialError

from proofs_check.proofs.certificates import is_real_polynomial
from proofs_check.proofs.kernel import ProofError
from proofs_check.proofs.quantities import Glossary, Statement
from proofs_check.proofs.tactics.script import Script, ScriptReplay
from proofs_check.proofs.tactics.script import replay as replay_script
from proofs_check.verdict import Verdict

StepKind = Literal[
    "symbolic identity",
    "pointwise inequality",
    "ball cover",
    "classical result",
    "inference",
    "open",
]


class Finding(NamedTuple):
    """What a rule says of a step: whether it holds, and a remark (the reason if it does not)."""

    holds: bool
    detail: str = ""


@dataclass(frozen=True)
class Known:
    """An established statement and the hypotheses it rests on."""

    statement: Statement | None
    rests_on: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Situation:
    """What a rule may look at: the step's conclusion, its premises, all hypotheses, the words.

    Attributes
    ----------
    conclusion : Statement or None
    premises : mapping of str to Known
        The earlier steps and hypotheses that the step names, in that order.
    hypotheses : mapping of str to Hypothesis
    glossary : Glossary
    """

    conclusion: Statement | None
    premises: Mapping[str, Known]
    hypotheses: Mapping[str, Hypothesis]
    glossary: Glossary

    @property
    def target(self) -> Statement:
        """The conclusion.

        Raises
        ------
        ProofError
            If the step has none.
        """
        if self.conclusion is None:
            raise ProofError("the step has no conclusion")
        return self.conclusion

    def statement(self, name: str) -> Statement:
        """Statement of a premise.

        Raises
        ------
        ProofError
            If the premise is not among those the step names, or states nothing.
        """
        known = self.premises.get(name)
        if known is None or known.statement is None:
            raise ProofError(f"premise {name!r} is not at hand")
        return known.statement

    def only(self) -> Statement:
        """The single premise's statement.

        Raises
        ------
        ProofError
            If there is not exactly one premise.
        """
        if len(self.premises) != 1:
            raise ProofError(f"one premise is needed, {len(self.premises)} are given")
        return self.statement(next(iter(self.premises)))


def without_conclusion(situation: Situation) -> None:
    """Refuse a conclusion: for rules that verify something else than the step's statement.

    Raises
    ------
    ProofError
        If the step has one, since nothing would compare it with what is verified.
    """
    if situation.conclusion is not None:
        raise ProofError("the rule does not show the conclusion")


class Rule(Protocol):
    """How a step is verified.

    Attributes
    ----------
    kind : str
        Kind of the steps it verifies.
    cites : str
        The classical result it relies on, or nothing.
    discharges : tuple of str
        Hypotheses that the conclusion no longer rests on.
    """

    @property
    def kind(self) -> StepKind: ...  # noqa: D102

    @property
    def cites(self) -> str: ...  # noqa: D102

    @property
    def discharges(self) -> tuple[str, ...]: ...  # noqa: D102

    def verify(self, situation: Situation) -> Finding:
        """Verify a step from scratch; a `ProofError` counts as a failure."""
        ...


@dataclass(frozen=True)
class Hypothesis:
    """Something assumed, or true by the definition of a quantity.

    Attributes
    ----------
    name : str
    statement : Statement
    meaning : str
        In words.
    by_definition : bool
        True of every mixture: it restricts nothing.
    temporary : bool
        Assumed for the sake of a step that discharges it; the conclusion may not rest on it.
    """

    name: str
    statement: Statement
    meaning: str
    by_definition: bool = False
    temporary: bool = False


@dataclass(frozen=True)
class Step:
    """One step of a proof.

    Attributes
    ----------
    name : str
        By which later steps use it.
    description : str
        What is shown, and why, in one line.
    conclusion : Statement or None
        Machine-readable; ``None`` for a derivation that is replayed as a whole.
    rule : Rule
        How it is verified.
    uses : tuple of str
        Names of earlier steps and hypotheses.
    latex : str
        LaTeX of the conclusion where the glossary's does not read well.
    """

    name: str
    description: str
    conclusion: Statement | None
    rule: Rule
    uses: tuple[str, ...] = ()
    latex: str = ""

    @property
    def kind(self) -> StepKind:
        """Kind of the step."""
        return self.rule.kind


@dataclass(frozen=True)
class Proof:
    """A theorem with its proof.

    Attributes
    ----------
    name, title, statement, latex, source : str
        Identifier, one line, the statement in text and LaTeX, where it comes from.
    scope : str
        The cases it covers.
    glossary : Glossary
        Meaning of every symbol.
    hypotheses : tuple of Hypothesis
    steps : tuple of Step
    conclusions : tuple of str
        Names of the steps that make up the theorem.
    remarks : tuple of str
        What a reader must know, for example what the proof does not show.

    Raises
    ------
    ValueError
        If two steps or hypotheses share a name, or a conclusion is no step.
    """

    name: str
    title: str
    statement: str
    latex: str
    source: str
    scope: str
    glossary: Glossary = field(repr=False)
    hypotheses: tuple[Hypothesis, ...]
    steps: tuple[Step, ...]
    conclusions: tuple[str, ...]
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        steps = [step.name for step in self.steps]
        names = [*(hypothesis.name for hypothesis in self.hypotheses), *steps]
        if len(set(names)) != len(names):
            raise ValueError(f"{self.name}: two steps or hypotheses share a name")
        if not self.conclusions or not set(self.conclusions) <= set(steps):
            raise ValueError(f"{self.name}: the conclusions are not steps")


@dataclass(frozen=True)
class Outcome:
    """Result of replaying one step."""

    step: Step
    holds: bool
    seconds: float
    detail: str = ""


@dataclass(frozen=True)
class Replay:
    """Result of replaying a proof.

    Attributes
    ----------
    proof : Proof
    outcomes : tuple of Outcome
        One per step.
    rests_on : mapping of str to tuple of str
        For each conclusion of the theorem that holds, the hypotheses it rests on (those that are
        true by definition left out).
    gaps : tuple of str
        Why the conclusions do not follow although the steps hold.
    """

    proof: Proof
    outcomes: tuple[Outcome, ...]
    rests_on: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    gaps: tuple[str, ...] = ()

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """The steps that do not hold."""
        return tuple(outcome for outcome in self.outcomes if not outcome.holds)

    @property
    def open_steps(self) -> tuple[str, ...]:
        """Descriptions of the steps that are only argued."""
        return tuple(o.step.description for o in self.outcomes if o.step.kind == "open")

    @property
    def cites(self) -> tuple[str, ...]:
        """The classical results that are cited."""
        cited = ", ".join(o.step.rule.cites for o in self.outcomes if o.step.rule.cites)
        return tuple(dict.fromkeys(name for name in cited.split(", ") if name))

    @property
    def seconds(self) -> float:
        """Time taken."""
        return sum(outcome.seconds for outcome in self.outcomes)

    @property
    def verdict(self) -> Verdict:
        """``PROVED`` if every step holds and none is open, ``SUPPORTED`` if one is open."""
        if self.failed or self.gaps or not self.outcomes:
            return Verdict.INCONCLUSIVE
        return Verdict.SUPPORTED if self.open_steps else Verdict.PROVED


@overload
def replay(proof: Proof) -> Replay: ...


@overload
def replay(proof: Script) -> ScriptReplay: ...


@overload
def replay(proof: Proof | Script) -> Replay | ScriptReplay: ...


def replay(proof: Proof | Script) -> Replay | ScriptReplay:
    """Verify every step from scratch, in order; a step may use only what was established before.

    A step whose premise failed fails. The conclusions may rest on no temporary hypothesis.

    Raises
    ------
    ValueError
        If a hypothesis is no statement in the glossary's symbols.
    """
    if isinstance(proof, Script):
        return replay_script(proof)
    hypotheses = {hypothesis.name: hypothesis for hypothesis in proof.hypotheses}
    for hypothesis in proof.hypotheses:
        reason = _ill_formed(hypothesis.statement, proof.glossary)
        if reason:
            raise ValueError(f"{proof.name}: hypothesis {hypothesis.name!r}: {reason}")
    known = {
        name: Known(hypothesis.statement, frozenset({name}))
        for name, hypothesis in hypotheses.items()
    }
    outcomes = []
    for step in proof.steps:
        start = time.perf_counter()
        finding, rests_on = _verify(step, known, hypotheses, proof.glossary)
        outcomes.append(Outcome(step, finding.holds, time.perf_counter() - start, finding.detail))
        if finding.holds:
            known[step.name] = Known(step.conclusion, rests_on)
    bases = {
        name: [hypotheses[h] for h in hypotheses if h in known[name].rests_on]
        for name in proof.conclusions
        if name in known
    }
    gaps = tuple(
        f"{name} rests on the temporary hypothesis {hypothesis.name!r}"
        for name, base in bases.items()
        for hypothesis in base
        if hypothesis.temporary
    )
    shown = {
        name: tuple(hypothesis.name for hypothesis in base if not hypothesis.by_definition)
        for name, base in bases.items()
    }
    return Replay(proof, tuple(outcomes), shown, gaps)


def _ill_formed(statement: Statement, glossary: Glossary) -> str:
    """Why a statement means nothing: an unknown symbol, a float, not a real polynomial."""
    for side in (statement.left, statement.right):
        for symbol in side.free_symbols:
            # equal names with other assumptions are other symbols
            if symbol not in glossary or glossary[symbol].symbol != symbol:
                return f"no meaning is given for {symbol}"
        if not is_real_polynomial(side):
            return f"{side} is no polynomial with exact real coefficients"
    symbols = statement.left.free_symbols | statement.right.free_symbols
    quantities = [glossary[symbol] for symbol in symbols]
    if any("k" in q.over for q in quantities) and any(q.sort == "functional" for q in quantities):
        # min_{k<N} L_k <= L_k is said of the first N steps only, a bound at step k of all
        return "the number of the step beside a quantity of the first N steps"
    return ""


def _verify(
    step: Step,
    known: Mapping[str, Known],
    hypotheses: Mapping[str, Hypothesis],
    glossary: Glossary,
) -> tuple[Finding, frozenset[str]]:
    missing = [name for name in step.uses if name not in known]
    if missing:
        return Finding(False, f"not established: {', '.join(missing)}"), frozenset()
    premises = {name: known[name] for name in step.uses}
    rests_on = frozenset().union(*(premise.rests_on for premise in premises.values()))
    if step.conclusion is not None:
        reason = _ill_formed(step.conclusion, glossary)
        if step.conclusion.sign == "<":
            reason = "no rule gives a strict inequality"
        if reason:
            return Finding(False, reason), frozenset()
    try:
        finding = step.rule.verify(Situation(step.conclusion, premises, hypotheses, glossary))
    except (ProofError, BasePolynomialError) as error:
        finding = Finding(False, str(error) or type(error).__name__)
    return finding, rests_on - frozenset(step.rule.discharges)
