"""Scripts: a theorem's steps, each proved by a tactic from named hypotheses and earlier steps."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Protocol

from numerics import markup
from proofs_check.proofs import kernel
from proofs_check.proofs.kernel import Definition, ProofError, Term, Theorem
from proofs_check.verdict import Verdict

if TYPE_CHECKING:
    from proofs_check.proofs.tactics.vacuity import Proposal

#: Tags that do not weaken a verdict begin with one of these.
ACCEPTED = ("derive: ", "cited: ", "cover: ", "roots: ")


class Tactic(Protocol):
    """How a step is proved.

    Attributes
    ----------
    kind : str
        For the reader.
    """

    @property
    def kind(self) -> str: ...  # noqa: D102

    def prove(self, goal: Term, premises: Mapping[str, Theorem]) -> Theorem:
        """Return a theorem with that conclusion, or raise a `ProofError`."""
        ...


class Replay(Protocol):
    """A step beside the theorem: a derivation of ``derive``, verified again."""

    @property
    def kind(self) -> str: ...  # noqa: D102

    def verify(self) -> str:
        """Return what was verified, or raise a `ProofError`."""
        ...


@dataclass(frozen=True)
class Hypothesis:
    """Something the theorem assumes.

    Attributes
    ----------
    name : str
    formula : Term
    meaning : str
        In words, for the reader.
    temporary : bool
        Assumed until a step discharges it; no conclusion may rest on it.
    """

    name: str
    formula: Term
    meaning: str
    temporary: bool = False


@dataclass(frozen=True)
class Step:
    """One step of a script.

    Attributes
    ----------
    name : str
    description : str
        What is shown, and why, in one line; for the reader.
    goal : Term or None
        The formula; ``None`` for a derivation that is replayed beside the theorem.
    tactic : Tactic or Replay
    uses : tuple of str
        Names of earlier steps and hypotheses.
    """

    name: str
    description: str
    goal: Term | None
    tactic: Tactic | Replay
    uses: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """Kind of the step."""
        return self.tactic.kind


@dataclass(frozen=True)
class Script:
    """A theorem and how it is proved. What it says is read back from what the kernel proved.

    Attributes
    ----------
    name, title, source : str
    hypotheses : tuple of Hypothesis
    steps : tuple of Step
    conclusions : tuple of str
        Names of the steps that make up the theorem.
    words : tuple of (Definition, str)
        Definitions to explain to the reader, with their meaning in words.
    scope : str
        The cases it covers, for lists; the page shows the quantifiers of the theorem.
    remarks : tuple of str
    instances : tuple of Proposal
        Mixtures and numbers at which the hypotheses hold, where a random search finds none.

    Raises
    ------
    ValueError
        If two steps or hypotheses share a name, or a conclusion is no step.
    """

    name: str
    title: str
    source: str
    hypotheses: tuple[Hypothesis, ...]
    steps: tuple[Step, ...]
    conclusions: tuple[str, ...]
    words: tuple[tuple[Definition, str], ...] = field(default=(), repr=False)
    scope: str = "all n, d, weights"
    remarks: tuple[str, ...] = ()
    instances: tuple[Proposal, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        names = [h.name for h in self.hypotheses] + [s.name for s in self.steps]
        if len(set(names)) != len(names):
            raise ValueError(f"{self.name}: two steps or hypotheses share a name")
        if not self.conclusions or not set(self.conclusions) <= {s.name for s in self.steps}:
            raise ValueError(f"{self.name}: a conclusion is no step")

    def _repr_html_(self) -> str:
        rows = [(step.name, step.description, step.kind) for step in self.steps]
        title = f"Proof {self.name}: {self.title} ({self.scope}; not replayed)"
        return markup.html_table(title, ("step", "shows", "by"), rows)


@dataclass(frozen=True)
class Outcome:
    """A step, whether it holds, the time taken, and a remark (the reason if it does not)."""

    step: Step
    holds: bool
    seconds: float
    detail: str = ""
    theorem: Theorem | None = None

    @property
    def cites(self) -> str:
        """Tags that the step's theorem rests on."""
        return ", ".join(sorted(self.theorem.record.tags)) if self.theorem is not None else ""


@dataclass(frozen=True)
class ScriptReplay:
    """What became of a script.

    Attributes
    ----------
    proof : Script
    outcomes : tuple of Outcome
    theorems : mapping of str to Theorem
        The conclusions that were proved.
    """

    proof: Script
    outcomes: tuple[Outcome, ...]
    theorems: Mapping[str, Theorem]

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """The steps that do not hold."""
        return tuple(outcome for outcome in self.outcomes if not outcome.holds)

    @property
    def beside(self) -> Mapping[str, str]:
        """Conclusions that are not the kernel's: derivations that were verified again."""
        return {
            o.step.name: o.detail
            for o in self.outcomes
            if o.step.name in self.proof.conclusions and o.step.goal is None and o.holds
        }

    @property
    def tags(self) -> tuple[str, ...]:
        """What the conclusions rest on beside the kernel."""
        found = {tag for theorem in self.theorems.values() for tag in theorem.record.tags}
        return tuple(sorted(found | {f"derive: {detail}" for detail in self.beside.values()}))

    @property
    def cites(self) -> tuple[str, ...]:
        """The results that are cited."""
        return tuple(t.removeprefix("cited: ") for t in self.tags if t.startswith("cited: "))

    @property
    def open_steps(self) -> tuple[str, ...]:
        """Tags that nothing verifies."""
        return tuple(tag for tag in self.tags if not tag.startswith(ACCEPTED))

    @property
    def gaps(self) -> tuple[str, ...]:
        """Conclusions that are missing, rest on what is not assumed, or cannot be read."""
        from proofs_check.proofs.tactics.rendering import unclear_names

        declared = {h.formula for h in self.proof.hypotheses if not h.temporary}
        found = []
        for name in self.proof.conclusions:
            if name in self.beside:
                continue
            if name not in self.theorems:
                found.append(f"{name} is not proved")
                continue
            extra = self.theorems[name].record.hypotheses - declared
            found += [f"{name} rests on what is not assumed: {_shown(f)}" for f in extra]
        if self.contradiction is not None:
            found.append("the hypotheses contradict each other")
        found += unclear_names(self.theorems.values())
        return tuple(found)

    @property
    def contradiction(self) -> Theorem | None:
        """``1 <= 0`` from the hypotheses of a conclusion, if the kernel finds it."""
        from proofs_check.proofs.tactics.vacuity import contradiction

        found = (contradiction(theorem.record.hypotheses) for theorem in self.theorems.values())
        return next((theorem for theorem in found if theorem is not None), None)

    def instance(self) -> str:
        """An instance of all hypotheses of the conclusions, or that none was found.

        A conclusion that is absurd says that its hypotheses have no instance; they are left out.
        """
        from proofs_check.proofs.tactics.vacuity import instance, proposed

        refuted = [name for name, t in self.theorems.items() if _absurd(t.record.conclusion)]
        every = frozenset().union(
            *(
                theorem.record.hypotheses
                for name, theorem in self.theorems.items()
                if name not in refuted
            )
        )
        if not every:
            return "there are no hypotheses"
        found = proposed(every, self.proof.instances) or instance(every, tries=4000)
        if found is None:
            return "no instance found"
        beside = f"; that those of {', '.join(refuted)} have none is what it shows"
        return f"all hold for {found}{beside if refuted else ''}"

    @property
    def rests_on(self) -> Mapping[str, tuple[str, ...]]:
        """Names of the hypotheses that each conclusion rests on."""
        return {
            name: tuple(
                h.name for h in self.proof.hypotheses if h.formula in theorem.record.hypotheses
            )
            for name, theorem in self.theorems.items()
        } | dict.fromkeys(self.beside, ())

    @property
    def seconds(self) -> float:
        """Time taken."""
        return sum(outcome.seconds for outcome in self.outcomes)

    @property
    def verdict(self) -> Verdict:
        """``PROVED`` if the kernel proved every conclusion and no tag is open."""
        if self.failed or self.gaps:
            return Verdict.INCONCLUSIVE
        return Verdict.SUPPORTED if self.open_steps else Verdict.PROVED

    def _repr_html_(self) -> str:
        rows = [(o.step.name, "holds" if o.holds else "fails", o.detail) for o in self.outcomes]
        title = f"Proof {self.proof.name}: {self.verdict}, {self.proof.title}"
        return markup.html_table(title, ("step", "", ""), rows)


def _absurd(formula: Term) -> bool:
    """Whether it is a false relation between two numbers."""
    if formula.op == "forall" or any(side.op != "number" for side in formula.args):
        return False
    left, right = (side.data for side in formula.args)
    return not {"equal": left == right, "at_most": left <= right}.get(formula.op, left < right)


def _shown(formula: Term) -> str:
    from proofs_check.proofs.tactics.rendering import text

    return text(formula)


def replay(script: Script) -> ScriptReplay:
    """Prove every step from scratch, in order; what uses a failed step fails."""
    known = {h.name: kernel.assume(h.formula) for h in script.hypotheses}
    outcomes = []
    for step in script.steps:
        start = time.perf_counter()
        theorem, detail, holds = _run(step, known)
        outcomes.append(Outcome(step, holds, time.perf_counter() - start, detail, theorem))
        if theorem is not None:
            known[step.name] = theorem
    theorems = {name: known[name] for name in script.conclusions if name in known}
    return ScriptReplay(script, tuple(outcomes), theorems)


@cache
def replay_once(build: Callable[[], Script]) -> ScriptReplay:
    """The same for a builder, once in a process: for the lemmas of other scripts."""
    return replay(build())


def _run(step: Step, known: Mapping[str, Theorem]) -> tuple[Theorem | None, str, bool]:
    missing = [name for name in step.uses if name not in known]
    if missing:
        return None, f"not established: {', '.join(missing)}", False
    try:
        if step.goal is None:
            return None, step.tactic.verify(), True  # type: ignore[union-attr]
        premises = {name: known[name] for name in step.uses}
        theorem = step.tactic.prove(step.goal, premises)  # type: ignore[union-attr]
    except ProofError as error:
        return None, str(error), False
    if theorem.record.conclusion != step.goal:
        return None, "the tactic shows something else", False
    return theorem, "", True
