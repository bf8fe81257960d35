"""What fails of a shipped proof without one of its hypotheses, or with a changed conclusion."""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs import kernel
from proofs_check.proofs.kernel import ProofError, Term
from proofs_check.proofs.tactics.language import at_most
from tests.proofs_check.proofs.replays import replayed

_BETTER, _WORSE = Fraction(101, 100), Fraction(99, 100)


def fails_without(name: str, hypothesis: str) -> str:
    """The first step that fails without a hypothesis; a conclusion fails, too."""
    found = replayed(name)
    left = tuple(h for h in found.proof.hypotheses if h.name != hypothesis)
    assert len(left) < len(found.proof.hypotheses)
    names, failed = {h.name for h in left}, []
    for step in found.proof.steps:
        if names.issuperset(step.uses):
            names.add(step.name)
        else:
            failed.append(step.name)
    assert set(found.proof.conclusions) & set(failed)
    return failed[0]


def notices(name: str, step: str) -> bool:
    """Whether no tactic proves the step, one percent off, from the same premises."""
    found = replayed(name)
    known = {h.name: kernel.assume(h.formula) for h in found.proof.hypotheses}
    known |= {o.step.name: o.theorem for o in found.outcomes if o.theorem}
    given = next(s for s in found.proof.steps if s.name == step)
    assert given.goal is not None
    left, right = given.goal.args
    if right == Term("number", (), Fraction(0)):
        changed = Term(given.goal.op, (left * _BETTER, right))
    else:
        changed = Term(given.goal.op, (left, right * _WORSE))
    if changed.op == "at_most" and left == Term("number", (), Fraction(0)):
        changed = at_most(right * Fraction(1, 100), 0)
    try:
        given.tactic.prove(changed, {used: known[used] for used in given.uses})  # type: ignore[union-attr]
    except ProofError:
        return True
    return False
