"""The conclusion of another proof as a step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from proofs_check.proofs.certificates import is_zero
from proofs_check.proofs.proof import Finding, Proof, Situation, StepKind, replay
from proofs_check.proofs.quantities import Expression, Glossary
from proofs_check.verdict import Verdict


@dataclass(frozen=True)
class Lemma:
    """A conclusion of another proof, which is replayed.

    The step must use every hypothesis the conclusion rests on, with the same statement, and its
    symbols must mean the same.

    Attributes
    ----------
    build : callable
        Builds the other proof.
    conclusion : str
        Name of one of its conclusions.
    cites : str
        The classical results that the other proof cites, for the reader.
    """

    build: Callable[[], Proof]
    conclusion: str
    cites: str = ""
    kind: ClassVar[StepKind] = "inference"
    discharges: ClassVar[tuple[str, ...]] = ()

    def verify(self, situation: Situation) -> Finding:
        """Replay the other proof, and compare."""
        found = replay(self.build())
        proof, words = found.proof, situation.glossary
        if found.verdict is not Verdict.PROVED or self.conclusion not in found.rests_on:
            return Finding(False, f"{proof.name} is not proved, or does not show this")
        step = next(step for step in proof.steps if step.name == self.conclusion)
        given, target = step.conclusion, situation.target
        if given is None or given.sign != target.sign:
            return Finding(False, "the relation differs")
        if not is_zero(given.expression - target.expression):
            return Finding(False, f"{proof.name} shows {given}")
        if set(found.cites) != set(filter(None, self.cites.split(", "))):
            return Finding(False, f"it cites {', '.join(found.cites)}")
        others = {hypothesis.name: hypothesis for hypothesis in proof.hypotheses}
        rests_on = found.rests_on[self.conclusion]
        symbols = set(given.expression.free_symbols)
        for name in rests_on:
            statement = others[name].statement
            symbols |= statement.expression.free_symbols
            if situation.statement(name) != statement:
                return Finding(False, f"the hypothesis {name!r} differs")
        differing = [s for s in symbols if not same_meaning(s, proof.glossary, words)]
        if differing:
            return Finding(False, f"{differing[0]} means something else there")
        return Finding(True, f"{proof.name}: {len(found.outcomes)} steps replayed")


def same_meaning(symbol: Expression, first: Glossary, second: Glossary) -> bool:
    """Tell whether a symbol has the same meaning in two glossaries, all the way down."""
    if symbol not in first or symbol not in second or first[symbol] != second[symbol]:
        return False
    inner = first[symbol].expression
    return inner is None or all(same_meaning(s, first, second) for s in inner.free_symbols)
