"""Proofs and their replays as text, LaTeX and plain data."""

from __future__ import annotations

from typing import Any

from derive.calculus import single_teacher
from derive.derivation import escape
from derive.display import latex as polynomial_latex
from derive.display import text as polynomial_text
from proofs_check import __version__
from proofs_check.proofs.proof import Outcome, Proof, Replay
from proofs_check.proofs.quantities import Quantity
from proofs_check.proofs.tactics import printing as scripts
from proofs_check.proofs.tactics.script import ScriptReplay


def text(replay: Replay | ScriptReplay) -> str:
    """A replay as plain text: statement, words, every step with its kind and time, verdict."""
    if isinstance(replay, ScriptReplay):
        return scripts.text(replay)
    proof = replay.proof
    lines = [
        f"Theorem {proof.name}: {proof.title}",
        f"Statement: {proof.statement}",
        f"Scope: {proof.scope}",
        f"Source: {proof.source}",
    ]
    for hypothesis in proof.hypotheses:
        sort = "By definition" if hypothesis.by_definition else "Hypothesis"
        sort = "Assumed until discharged" if hypothesis.temporary else sort
        lines.append(f"{sort} ({hypothesis.name}): {hypothesis.statement}; {hypothesis.meaning}")
    lines.append("Words:")
    lines += [f"  {_word(quantity)}" for quantity in proof.glossary]
    lines.append("Steps:")
    for number, outcome in enumerate(replay.outcomes, 1):
        lines += _step_text(number, outcome)
    lines.append("Shown:")
    for name, used in replay.rests_on.items():
        lines.append(f"  {name} (under: {', '.join(used) or 'no hypothesis'})")
    lines += [f"Remark: {remark}" for remark in proof.remarks]
    lines.append(f"Cited: {', '.join(replay.cites) or 'nothing'}.")
    lines += [f"Open: {step}" for step in replay.open_steps]
    lines += [f"Gap: {gap}" for gap in replay.gaps]
    lines.append(f"{replay.verdict}: {_summary(replay)}")
    return "\n".join(lines)


#: Longer formulas are left to their words.
_SHOWN = 120


def _word(quantity: Quantity) -> str:
    formula = defining(quantity)
    shown = f"; {formula}" if formula and len(formula) <= _SHOWN else ""
    return f"{quantity.name}: {quantity.meaning}{shown}"


#: Free labels as they are printed.
_LABELS = {"j0": "j", "j1": "k", "j2": "l", "a0": "a", "a1": "b", "a2": "c"}
_MEAN = {"teacher": "E_q[{}]", "student": "E_p[{}]", None: "{}"}


def defining(quantity: Quantity) -> str:
    """The formula of ``derive``, or the expression in other words, that a quantity means."""
    if quantity.polynomial is not None:
        shown = polynomial_text(single_teacher(quantity.polynomial).rename(_LABELS))
        return _MEAN[quantity.base].format(shown)
    if quantity.expression is None:
        return ""
    sort = {"total": "sum", "series": "sum", "largest": "max", "least": "min"}[quantity.sort]
    over = ",".join(_LABELS.get(label, label) for label in quantity.over)
    return f"{sort} over {over} of {quantity.expression}"


def _step_text(number: int, outcome: Outcome) -> list[str]:
    step = outcome.step
    mark = "" if outcome.holds else "FAILS: "
    cited = f"; {step.rule.cites}" if step.rule.cites else ""
    lines = [
        f"  {number}. {mark}{step.name}: {step.description} "
        f"[{step.kind}{cited}; {outcome.seconds:.2f} s]"
    ]
    if step.conclusion is not None:
        lines.append(f"     {step.conclusion}")
    if step.uses:
        lines.append(f"     from: {', '.join(step.uses)}")
    if outcome.detail:
        lines.append(f"     {outcome.detail}")
    return lines


def _summary(replay: Replay) -> str:
    if replay.failed:
        return "steps that do not hold: " + ", ".join(o.step.name for o in replay.failed)
    return f"{len(replay.outcomes)} steps replayed in {replay.seconds:.1f} s"


def latex(replay: Replay | ScriptReplay) -> str:
    """A replay as a LaTeX fragment (``amsmath``) for an appendix."""
    if isinstance(replay, ScriptReplay):
        return scripts.latex(replay)
    proof = replay.proof
    lines = [
        rf"\paragraph{{Theorem {escape(proof.name)}: {prose(proof.title)}.}}",
        rf"\[ {proof.latex} \]",
        prose(f"Scope: {proof.scope}. Source: {proof.source}."),
        "",
        r"\emph{Notation and hypotheses.}",
        r"\begin{itemize}",
    ]
    lines += [rf"  \item {_word_latex(quantity)}." for quantity in proof.glossary]
    for hypothesis in proof.hypotheses:
        shown = hypothesis.statement.to_latex(proof.glossary)
        meaning = prose(hypothesis.meaning)
        lines.append(rf"  \item (\emph{{{escape(hypothesis.name)}}}) ${shown}$: {meaning}.")
    lines += [r"\end{itemize}", r"\emph{Proof.}", r"\begin{enumerate}"]
    for outcome in replay.outcomes:
        lines += _step_latex(proof, outcome)
    lines.append(r"\end{enumerate}")
    lines += [prose(remark) for remark in proof.remarks]
    cited = ", ".join(replay.cites) or "nothing"
    lines.append(
        prose(f"Cited: {cited}. Verdict of the replay: {replay.verdict} ({_summary(replay)}).")
    )
    return "\n".join(lines)


def prose(text: str) -> str:
    r"""Plain text for LaTeX, with formulas in it set in typewriter type.

    Examples
    --------
    >>> print(prose("as |m|^2 is 5% of psi_j"))
    as \texttt{|m|\textasciicircum{}2} is 5\% of \texttt{psi\_j}
    """
    words = text.split(" ")
    return " ".join(
        rf"\texttt{{{escape(word)}}}" if set(word) & set("_^|<>*") else escape(word)
        for word in words
    )


def _word_latex(quantity: Quantity) -> str:
    shown = f"${quantity.latex}$"
    if quantity.polynomial is not None:
        formula = polynomial_latex(single_teacher(quantity.polynomial).rename(_LABELS))
        if len(formula) <= 2 * _SHOWN:
            shown = f"${quantity.latex} = {_MEAN[quantity.base].format(formula)}$"
    return f"{shown}: {prose(quantity.meaning)}"


def _step_latex(proof: Proof, outcome: Outcome) -> list[str]:
    step = outcome.step
    why = [step.kind, *([step.rule.cites] if step.rule.cites else [])]
    if step.uses:
        why.append("from " + ", ".join(step.uses))
    failed = "" if outcome.holds else r"\textbf{Does not hold.} "
    lines = [
        rf"  \item {failed}\emph{{{prose(step.name)}}}: {prose(step.description)} "
        rf"({prose('; '.join(why))})."
    ]
    shown = step.latex
    if not shown and step.conclusion is not None:
        shown = step.conclusion.to_latex(proof.glossary)
    if shown:
        lines.append(rf"    \[ {shown} \]")
    return lines


def data(replay: Replay | ScriptReplay) -> dict[str, Any]:
    """A replay as plain data for ``--json``."""
    if isinstance(replay, ScriptReplay):
        return scripts.data(replay)
    proof = replay.proof
    return {
        "name": proof.name,
        "title": proof.title,
        "statement": proof.statement,
        "latex": proof.latex,
        "source": proof.source,
        "scope": proof.scope,
        "hypotheses": [
            {
                "name": hypothesis.name,
                "statement": str(hypothesis.statement),
                "meaning": hypothesis.meaning,
                "by_definition": hypothesis.by_definition,
                "temporary": hypothesis.temporary,
            }
            for hypothesis in proof.hypotheses
        ],
        "glossary": [
            {
                "name": quantity.name,
                "labels": list(quantity.labels),
                "meaning": quantity.meaning,
                "formula": defining(quantity) or None,
            }
            for quantity in proof.glossary
        ],
        "steps": [
            {
                "name": outcome.step.name,
                "description": outcome.step.description,
                "kind": outcome.step.kind,
                "conclusion": None
                if outcome.step.conclusion is None
                else str(outcome.step.conclusion),
                "uses": list(outcome.step.uses),
                "cites": outcome.step.rule.cites or None,
                "holds": outcome.holds,
                "detail": outcome.detail,
                "seconds": round(outcome.seconds, 6),
            }
            for outcome in replay.outcomes
        ],
        "conclusions": [
            {"step": name, "rests_on": list(used)} for name, used in replay.rests_on.items()
        ],
        "remarks": list(proof.remarks),
        "cites": list(replay.cites),
        "open": list(replay.open_steps),
        "gaps": list(replay.gaps),
        "verdict": str(replay.verdict),
        "seconds": round(replay.seconds, 6),
        "version": __version__,
    }
