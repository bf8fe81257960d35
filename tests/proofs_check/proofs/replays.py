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
#: Proofs most of whose steps are those of another one.
AFTER = {"V-prime": "V", "E-n-prime": "E-n"}


@cache
def replayed(name: str) -> ScriptReplay:
    """A proof, replayed; shipped proofs that it uses as lemmas are replayed once for all."""
    with patch.object(script, "replay", _once):
        given = SHORTER[name]() if name in SHORTER else proof(name)
        if name in AFTER:
            return replace(replay(_shown(given, replayed(AFTER[name]))), proof=given)
        return replay(given)


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
    """Replay a changed proof; steps that stand on nothing that was changed are not proved again."""
    return replay(_shown(changed, replayed(changed.name)))


def _shown(changed: Script, found: ScriptReplay) -> Script:
    """With what was shown for the steps with goal, tactic and premises as in a replayed proof."""
    pairs = zip(found.proof.steps, found.outcomes, strict=True)
    shipped = {step.name: (step, outcome.theorem) for step, outcome in pairs}
    same = {h.name for h in changed.hypotheses if h in found.proof.hypotheses}
    steps = []
    for step in changed.steps:
        old, theorem = shipped.get(step.name, (None, None))
        if theorem and step == old and same.issuperset(step.uses):
            same.add(step.name)
            steps.append(replace(step, tactic=_Shown(theorem, step.kind)))
        else:
            steps.append(step)
    return replace(changed, steps=tuple(steps))
