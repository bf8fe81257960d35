"""A proof as a check of a claim."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from proofs_check.claim import Check, Context, run_check
from proofs_check.verdict import CheckResult, Method, Verdict, inconclusive

if TYPE_CHECKING:
    from proofs_check.proofs.tactics.script import Script, ScriptReplay


@dataclass(frozen=True)
class ProofCheck:
    """``PROVED`` if every step of a proof holds when replayed, ``SUPPORTED`` if one is open.

    A step that fails proves nothing about the statement: the result is ``INCONCLUSIVE``. Attacks
    look for counterexamples to consequences all the same. One that is found and confirmed refutes;
    those that find none are reported beside the proof and add nothing to it.

    Attributes
    ----------
    name : str
        Name within the claim; the proof's name in `proofs_check.proofs.catalogue` unless `build`
        is given.
    build : callable or None
        Builds the proof.
    attacks : tuple of Check
        Searches for counterexamples.

    Examples
    --------
    >>> result = ProofCheck("K").run(Context())
    >>> print(result.verdict, result.scope)
    PROVED all n, d, weights, initializations
    """

    name: str
    build: Callable[[], Script] | None = None
    attacks: tuple[Check, ...] = ()

    def run(self, context: Context) -> CheckResult:
        """Replay the proof, then attack it."""
        result = self._replayed()
        for attack in self.attacks:
            found = run_check(attack, context)
            if found.verdict is Verdict.REFUTED:
                return replace(found, name=self.name)
            result = replace(result, notes=(*result.notes, _report(attack.name, found)))
        return result

    def _replayed(self) -> CheckResult:
        from proofs_check.proofs.catalogue import builder
        from proofs_check.proofs.coq.recorded import status
        from proofs_check.proofs.tactics.script import replay_once

        found = replay_once(self.build or builder(self.name))
        scope = found.proof.scope
        if found.verdict is Verdict.INCONCLUSIVE:
            return inconclusive(self.name, "; ".join(_reasons(found)), scope)
        method = Method.BALL if _uses_balls(found) else Method.SYMBOLIC
        rests = ", ".join(found.tags) or "the kernel alone"
        result = CheckResult(
            self.name,
            Verdict.PROVED,
            method,
            scope,
            notes=(
                f"{len(found.outcomes)} steps replayed; rests on {rests}",
                *_proved(found),
                status(found),
                *found.proof.remarks,
            ),
        )
        for step in found.open_steps:
            result = result.weakened(f"open step: {step}")
        return result


def _report(name: str, found: CheckResult) -> str:
    """What an attack that refuted nothing says."""
    if found.verdict is Verdict.INCONCLUSIVE:
        return f"attack {name!r} is inconclusive: {'; '.join(found.notes)}"
    margin = f", margin {found.margin}" if found.margin is not None else ""
    return f"attack {name!r} found no counterexample: {found.scope}{margin}"


def _proved(found: ScriptReplay) -> list[str]:
    """What the kernel proved, read back from its theorems: the scope is the author's word."""
    from proofs_check.proofs.tactics.printing import heading, statements

    return [f"{heading(found).lower()}: {shown}" for shown in statements(found)]


def _uses_balls(found: ScriptReplay) -> bool:
    return any(tag.startswith(("cover: ", "roots: ")) for tag in found.tags)


def _reasons(found: ScriptReplay) -> list[str]:
    failed = [f"step {o.step.name!r} does not hold: {o.detail}" for o in found.failed]
    return [*failed, *found.gaps] or ["the proof has no steps"]
