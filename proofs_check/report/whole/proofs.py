"""Proofs and derivations replayed for a report, as plain data."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from typing import TYPE_CHECKING

from proofs_check.report.whole.model import Formula, ShownProof, ShownStep, ShownTheorem
from proofs_check.verdict import Verdict

if TYPE_CHECKING:
    from derive.steps.derivation import Derivation
    from proofs_check.proofs.kernel import Term, Theorem
    from proofs_check.proofs.tactics.script import Outcome, Script, ScriptReplay


def worker(job: object) -> Callable[[str], ShownProof]:
    """Return what shows a proof or derivation of the catalogues by name, for `run_parts`."""
    return by_name


def by_name(name: str) -> ShownProof:
    """Replay a proof, or verify a derivation, of this package.

    Examples
    --------
    >>> shown = by_name("TV")
    >>> print(shown.verdict, shown.kind, len(shown.steps))
    PROVED proof 5
    """
    from derive import catalogue as derivations
    from proofs_check.proofs import catalogue as proofs

    if name in proofs.names():
        return of_script(proofs.proof(name), name)
    return _of_derivation(derivations.derivation(name))


def known(name: str) -> bool:
    """Whether a name is that of a proof or derivation of this package."""
    from derive import catalogue as derivations
    from proofs_check.proofs import catalogue as proofs

    return name in proofs.names() or name in derivations.names()


def of_script(script: Script, address: str) -> ShownProof:
    """Replay a proof; ``address`` is how ``proofs-check prove`` names it, empty if it cannot."""
    from proofs_check.proofs.coq.recorded import status
    from proofs_check.proofs.tactics import printing
    from proofs_check.proofs.tactics.script import replay

    found = replay(script)
    name = shlex.quote(address)
    return ShownProof(
        script.name,
        script.title,
        script.source,
        script.scope,
        found.verdict,
        tuple(_theorem(theorem) for theorem in found.theorems.values()),
        tuple(o.step.description for o in found.outcomes if o.step.name in found.beside),
        tuple((_equation(*sides), meaning) for sides, meaning in printing.vocabulary(found)),
        tuple((h.name, _formula(h.formula), h.meaning) for h in script.hypotheses),
        tuple(_step(outcome) for outcome in found.outcomes),
        tuple(_notes(found)),
        status(found),
        (f"proofs-check prove {name}", f"proofs-check prove {name} --check coq") if address else (),
    )


def _notes(found: ScriptReplay) -> list[tuple[str, str]]:
    notes = [("Rests on", ", ".join(found.tags) or "the kernel alone")]
    notes.append(("Hypotheses", found.instance()))
    notes += [("Open", tag) for tag in found.open_steps]
    notes += [("Gap", gap) for gap in found.gaps]
    notes += [("Remark", remark) for remark in found.proof.remarks]
    return notes


def _theorem(theorem: Theorem) -> ShownTheorem:
    from proofs_check.proofs.tactics import rendering

    *given, conclusion = rendering.formulas(theorem)
    return ShownTheorem(
        rendering.quantifiers(theorem),
        tuple(map(_formula, given)),
        _formula(conclusion),
        rendering.runs(theorem),
    )


def _formula(term: Term) -> Formula:
    from proofs_check.proofs.tactics import rendering

    return Formula(rendering.text(term), _breakable(rendering.latex(term)))


def _equation(left: Term, right: Term) -> Formula:
    one, other = _formula(left), _formula(right)
    return Formula(f"{one.text} = {other.text}", f"{one.latex} = {other.latex}")


def _breakable(latex: str) -> str:
    r"""Brackets that do not grow, for a line to end between them; names with hyphens as names.

    Examples
    --------
    >>> print(_breakable(r"E_q\left[\mathrm{kl-student}(V)\right]"))
    E_q[\text{kl-student}(V)]
    """
    plain = latex.replace(r"\left[", "[").replace(r"\right]", "]")
    return re.sub(r"\\mathrm(\{\w+(?:-\w+)+\})", r"\\text\1", plain)


def _step(outcome: Outcome) -> ShownStep:
    step = outcome.step
    return ShownStep(
        step.name,
        step.description,
        step.kind,
        None if step.goal is None else _formula(step.goal),
        step.uses,
        outcome.detail,
        outcome.holds,
    )


def _of_derivation(derivation: Derivation) -> ShownProof:
    verification = derivation.verify()
    steps = tuple(
        ShownStep(
            "",
            step.description,
            step.kind,
            Formula(
                f"{step.left} = {step.right}",
                f"{step.left_latex} = {step.right_latex}"
                if step.left_latex and step.right_latex
                else "",
            ),
            holds=holds,
        )
        for step, holds in zip(derivation.steps, verification.holds, strict=True)
    )
    statement = Formula(derivation.statement, derivation.latex)
    return ShownProof(
        derivation.name,
        derivation.title,
        derivation.source,
        str(derivation.scope),
        Verdict.PROVED if verification else Verdict.INCONCLUSIVE,
        (ShownTheorem(str(derivation.scope), (), statement, ()),),
        (),
        (),
        (),
        steps,
        tuple(("Hypothesis", text) for text in derivation.hypotheses),
        "",
        (f"proofs-check derive {derivation.name}",),
    )
