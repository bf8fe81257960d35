"""Replays and exports of the shipped proofs, one of each for all tests of a process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from unittest.mock import patch

from proofs_check.proofs.catalogue import names, proof
from proofs_check.proofs.coq.export import Exported, export
from proofs_check.proofs.kernel import Term, Theorem
from proofs_check.proofs.pair_weights import SMALL, pair_weights
from proofs_check.proofs.tactics import script
from proofs_check.proofs.tactics.script import Script, ScriptReplay, replay

#: Proofs whose covers take minutes: the same with smaller ones.
SHORTER = {"F-weights": lambda: pair_weights(region=SMALL)}


@cache
def replayed(name: str) -> ScriptReplay:
    """A proof, replayed; shipped proofs that it uses as lemmas are replayed once for all."""
    with patch.object(script, "replay", _once):
        return replay(SHORTER[name]() if name in SHORTER else proof(name))


def _once(asked: Script) -> ScriptReplay:
    shipped = asked.name in names() and asked == proof(asked.name)
    return replayed(asked.name) if shipped else replay(asked)


@cache
def exported(name: str) -> Exported:
    """The same for Coq."""
    return export(replayed(name))


@dataclass(frozen=True)
class _Shown:
    """In the place of a tactic: what it showed."""

    theorem: Theorem
    kind: str

    def prove(self, goal: Term, premises: Mapping[str, Theorem]) -> Theorem:
        return self.theorem


def replayed_changed(changed: Script) -> ScriptReplay:
    """Replay a changed proof; steps that stand on nothing that was changed are not proved again.

    Such a step has the goal, the tactic and the premises that it has in the shipped proof.
    """
    found = replayed(changed.name)
    shipped = {o.step.name: o for o in found.outcomes}
    same = {h.name for h in changed.hypotheses if h in found.proof.hypotheses}
    steps = []
    for step in changed.steps:
        old = shipped.get(step.name)
        if old is not None and old.theorem and step == old.step and same.issuperset(step.uses):
            same.add(step.name)
            steps.append(replace(step, tactic=_Shown(old.theorem, step.kind)))
        else:
            steps.append(step)
    return replay(replace(changed, steps=tuple(steps)))
