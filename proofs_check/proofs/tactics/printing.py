"""Replayed scripts as text, LaTeX and plain data; statements are read back from the theorems."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from derive.steps.derivation import escape
from proofs_check import __version__
from proofs_check.proofs.kernel import Definition, Term, Theorem
from proofs_check.proofs.kernel.terms import opened
from proofs_check.proofs.tactics import rendering
from proofs_check.proofs.tactics.language import variable
from proofs_check.proofs.tactics.script import Outcome, ScriptReplay


def text(replay: ScriptReplay, second_judge: str = "") -> str:
    """A replay as plain text: what was proved, words, each step with its kind and time.

    Parameters
    ----------
    replay : ScriptReplay
    second_judge : str
        What another judge says of it, in one line.
    """
    script = replay.proof
    lines = [f"Theorem {script.name}: {script.title}", f"Source: {script.source}"]
    lines += [f"{heading(replay)}: {shown}" for shown in statements(replay)]
    for hypothesis in script.hypotheses:
        sort = "Assumed until discharged" if hypothesis.temporary else "Hypothesis"
        shown = rendering.text(hypothesis.formula)
        lines.append(f"{sort} ({hypothesis.name}): {shown}; {hypothesis.meaning}")
    lines.append("Words:")
    lines += [f"  {word}" for word in _words(replay)]
    lines.append("Steps:")
    for number, outcome in enumerate(replay.outcomes, 1):
        lines += _step_text(number, outcome)
    lines += [f"Remark: {remark}" for remark in script.remarks]
    lines.append(f"Rests on: {', '.join(replay.tags) or 'the kernel alone'}.")
    lines.append(f"Hypotheses: {replay.instance()}.")
    lines += [second_judge] if second_judge else []
    lines += [f"Open: {tag}" for tag in replay.open_steps]
    lines += [f"Gap: {gap}" for gap in replay.gaps]
    lines.append(f"{replay.verdict}: {_summary(replay)}")
    return "\n".join(lines)


def heading(replay: ScriptReplay) -> str:
    """How what was replayed is called: proved only if no step is open."""
    return "Shown but for the open steps" if replay.open_steps else "Proved"


def statements(replay: ScriptReplay) -> list[str]:
    """What the kernel proved, with quantifiers and hypotheses."""
    shown = [rendering.statement(theorem) for theorem in replay.theorems.values()]
    return shown + [
        f"(not by the kernel) {o.step.description}"
        for o in replay.outcomes
        if o.step.name in replay.beside
    ]


def vocabulary(replay: ScriptReplay) -> tuple[tuple[tuple[Term, Term], str], ...]:
    """Every definition that the theorem uses: both sides of its equation, and words for it."""
    terms = [part for theorem in replay.theorems.values() for part in rendering.formulas(theorem)]
    meanings = dict(replay.proof.words)
    return tuple((sides, meanings.get(found, "")) for found, sides in equations(terms).items())


def equations(terms: Iterable[Term]) -> dict[Definition, tuple[Term, Term]]:
    """Both sides of the equation of every definition that terms use."""
    return {found: _equation(found, uses) for found, uses in rendering.definitions(terms).items()}


def _words(replay: ScriptReplay) -> list[str]:
    lines = []
    for sides, meaning in vocabulary(replay):
        left, right = map(rendering.text, sides)
        lines.append(f"{left} = {right}{': ' if meaning else ''}{meaning}")
    return lines


def _equation(definition: Definition, uses: Collection[tuple[Term, ...]]) -> tuple[Term, Term]:
    """A definition at variables, and its meaning.

    An argument that the name does not show is the one that it has wherever the theorem uses it,
    if that is always the same: what the meaning says of it is said of the theorem's variables.
    """
    values = {place: {args[place] for args in uses} for place in rendering.hidden(definition)}
    arguments = {
        place: next(iter(found))
        for place, found in values.items()
        if len(found) == 1 and not any(term.loose for term in found)
    }
    taken = [part for term in arguments.values() for part in term.free]
    for place, sort in enumerate(definition.sorts):
        if place not in arguments:
            arguments[place] = variable(sort, taken)
            taken.append(arguments[place])
    given = tuple(arguments[place] for place in range(len(definition.sorts)))
    return definition(*given), opened(definition.body, given)


def _step_text(number: int, outcome: Outcome) -> list[str]:
    step = outcome.step
    mark = "" if outcome.holds else "FAILS: "
    lines = [
        f"  {number}. {mark}{step.name}: {step.description} [{step.kind}; {outcome.seconds:.2f} s]"
    ]
    if step.goal is not None:
        lines.append(f"     {rendering.text(step.goal)}")
    if step.uses:
        lines.append(f"     from: {', '.join(step.uses)}")
    if outcome.detail:
        lines.append(f"     {outcome.detail}")
    return lines


def _summary(replay: ScriptReplay) -> str:
    if replay.failed:
        return "steps that do not hold: " + ", ".join(o.step.name for o in replay.failed)
    return f"{len(replay.outcomes)} steps replayed in {replay.seconds:.1f} s"


def latex(replay: ScriptReplay, second_judge: str = "") -> str:
    """A replay as a LaTeX fragment (``amsmath``) for an appendix; arguments as of `text`."""
    script = replay.proof
    lines = [rf"\paragraph{{Theorem {escape(script.name)}: {prose(script.title)}.}}"]
    lines += [_theorem_latex(theorem) for theorem in replay.theorems.values()]
    lines += [prose(f"Source: {script.source}."), "", r"\emph{Notation and hypotheses.}"]
    lines.append(r"\begin{itemize}")
    for (left, right), meaning in vocabulary(replay):
        shown = f"{rendering.latex(left)} = {rendering.latex(right)}"
        lines.append(rf"  \item ${shown}${': ' if meaning else ''}{prose(meaning)}.")
    for hypothesis in script.hypotheses:
        shown = rendering.latex(hypothesis.formula)
        meaning = prose(hypothesis.meaning)
        lines.append(rf"  \item (\emph{{{escape(hypothesis.name)}}}) ${shown}$: {meaning}.")
    lines += [r"\end{itemize}", r"\emph{Proof.}", r"\begin{enumerate}"]
    for outcome in replay.outcomes:
        step = outcome.step
        why = [step.kind, *(["from " + ", ".join(step.uses)] if step.uses else [])]
        failed = "" if outcome.holds else r"\textbf{Does not hold.} "
        lines.append(
            rf"  \item {failed}\emph{{{prose(step.name)}}}: {prose(step.description)} "
            rf"({prose('; '.join(why))})."
        )
        if step.goal is not None:
            lines.append(rf"    \[ {rendering.latex(step.goal)} \]")
    lines.append(r"\end{enumerate}")
    lines += [prose(remark) for remark in script.remarks]
    rests = ", ".join(replay.tags) or "the kernel alone"
    lines.append(
        prose(f"Rests on: {rests}. Verdict of the replay: {replay.verdict} ({_summary(replay)}).")
    )
    lines += [prose(f"{second_judge}.")] if second_judge else []
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


def _theorem_latex(theorem: Theorem) -> str:
    given = sorted(rendering.latex(h) for h in theorem.record.hypotheses)
    under = r"\text{ if }" + r",\ ".join(given) if given else ""
    words = escape("; ".join([rendering.quantifiers(theorem), *rendering.runs(theorem)]))
    return rf"For {words}: \[ {rendering.latex(theorem.record.conclusion)}{under}. \]"


def data(replay: ScriptReplay) -> dict[str, Any]:
    """A replay as plain data for ``--json``."""
    script = replay.proof
    shown = [rendering.latex(theorem.record.conclusion) for theorem in replay.theorems.values()]
    return {
        "name": script.name,
        "title": script.title,
        "statement": "; ".join(statements(replay)),
        "latex": r",\quad ".join(shown),
        "source": script.source,
        "scope": script.scope,
        "hypotheses": [
            {
                "name": hypothesis.name,
                "statement": rendering.text(hypothesis.formula),
                "meaning": hypothesis.meaning,
                "by_definition": False,
                "temporary": hypothesis.temporary,
            }
            for hypothesis in script.hypotheses
        ],
        "glossary": [
            {
                "name": rendering.text(left),
                "labels": [],
                "meaning": meaning,
                "formula": rendering.text(right),
            }
            for (left, right), meaning in vocabulary(replay)
        ],
        "steps": [
            {
                "name": outcome.step.name,
                "description": outcome.step.description,
                "kind": outcome.step.kind,
                "conclusion": None
                if outcome.step.goal is None
                else rendering.text(outcome.step.goal),
                "uses": list(outcome.step.uses),
                "cites": outcome.cites or None,
                "holds": outcome.holds,
                "detail": outcome.detail,
                "seconds": round(outcome.seconds, 6),
            }
            for outcome in replay.outcomes
        ],
        "conclusions": [
            {"step": name, "rests_on": list(used)} for name, used in replay.rests_on.items()
        ],
        "remarks": list(script.remarks),
        "cites": list(replay.cites),
        "tags": list(replay.tags),
        "instance": replay.instance(),
        "open": list(replay.open_steps),
        "gaps": list(replay.gaps),
        "verdict": str(replay.verdict),
        "seconds": round(replay.seconds, 6),
        "version": __version__,
    }
