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


@dataclass(frozen=True)
class _Shown:
    """In the place of a tactic: what it showed."""

    theorem: Theorem
    kind: str

    def prove(self, goal: Term, premises: Mapping[str, Theorem]) -> Theorem:
        return self.theorem


#: Proofs with steps in common, which are replayed once.
RELATED = (
    ("A", "A-steps", "A-upper", "B", "A-prime", "A-source", "A-radius", "A-large-step"),
    ("V", "V-prime"),
    ("E-n", "E-n-prime"),
)
_REPLAYED: dict[str, ScriptReplay] = {}


@cache
def replayed(name: str) -> ScriptReplay:
    """A proof, replayed; shipped proofs that it uses as lemmas are replayed once for all."""
    asked = SHORTER[name]() if name in SHORTER else proof(name)
    related = {other for family in RELATED if name in family for other in family}
    before = [found for other, found in _REPLAYED.items() if other in related]
    with patch.object(script, "replay", shipped_once):
        found = replay(_shown(asked, *before))
    back = {step.name: step for step in asked.steps}
    outcomes = tuple(replace(o, step=back[o.step.name]) for o in found.outcomes)
    _REPLAYED[name] = replace(found, proof=asked, outcomes=outcomes)
    return _REPLAYED[name]


def shipped_once(asked: Script) -> ScriptReplay:
    """Replay a proof; a shipped one once for all tests of a process."""
    shipped = asked.name in names() and asked == proof(asked.name)
    return replayed(asked.name) if shipped else replay(asked)


@cache
def exported(name: str) -> Exported:
    """The same for Coq."""
    return export(replayed(name))


def replayed_changed(changed: Script) -> ScriptReplay:
    """Replay a changed proof; steps that stand on nothing that was changed are not proved again."""
    return replay(_shown(changed, replayed(changed.name)))


def _shown(asked: Script, *before: ScriptReplay) -> Script:
    """With what was shown for the steps with goal, tactic and premises as in a replayed proof."""
    steps = {step.name: step for step in asked.steps}
    for found in before:
        formulas = {h.name: h.formula for h in found.proof.hypotheses}
        same = {h.name for h in asked.hypotheses if formulas.get(h.name) == h.formula}
        shown = {o.step.name: o for o in found.outcomes}
        for step in asked.steps:
            old = shown.get(step.name)
            if old and old.theorem and step == old.step and same.issuperset(step.uses):
                same.add(step.name)
                steps[step.name] = replace(step, tactic=_Shown(old.theorem, step.kind))
    return replace(asked, steps=tuple(steps.values()))
