"""Pages of claims as Markdown: pure functions of a claim, its result and the run's settings."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numerics.markup import short_number
from numerics.visible import visible
from proofs_check.claim import Claim, Hypothesis
from proofs_check.formulas.mixed import rewritten
from proofs_check.verdict import CheckResult, ClaimResult, ControlResult, Verdict

_HEADINGS = {
    Verdict.PROVED: "What is PROVED",
    Verdict.SUPPORTED: "What is SUPPORTED",
    Verdict.INCONCLUSIVE: "What is INCONCLUSIVE",
    Verdict.REFUTED: "What is REFUTED",
}
#: Section of the notes of checks that hold; of others the notes say why, beside the verdict.
_DETAILS = "Details of the checks"
_NOTES_LATER = (Verdict.PROVED, Verdict.SUPPORTED)
#: What the first letter of a claim of this package says, in the order of the index.
_SUBJECTS = {
    "E": "the Kullback-Leibler divergence KL(teacher || student); gradient descent on it is "
    "gradient EM",
    "F": "the forward Fisher divergence, the loss of score matching: the error of the score, "
    "averaged over the teacher",
    "R": "the reverse Fisher divergence: the same error, averaged over the student",
    "X": "the forward Fisher divergence, in a published experiment",
}

#: JSON Schema of each field of `Settings`.
SETTINGS_SCHEMA: Mapping[str, Any] = {
    "budget": {"enum": ["quick", "full"]},
    "digits": {"type": "integer", "minimum": 1, "maximum": 10000},
    "seed": {"type": "integer", "minimum": 0, "maximum": 10**20},
}


@dataclass(frozen=True)
class Settings:
    """What a result depends on, beside the sources.

    Examples
    --------
    >>> Settings("quick", 15, 0).options
    '--budget quick'
    """

    budget: str
    digits: int
    seed: int

    @property
    def options(self) -> str:
        """Command-line options that give these settings; defaults are left out."""
        words = [f"--budget {self.budget}"]
        if self.digits != 15:
            words.append(f"--digits {self.digits}")
        if self.seed:
            words.append(f"--seed {self.seed}")
        return " ".join(words)


@dataclass(frozen=True)
class Judged:
    """A result with the settings of its run, the claim's title, and what must be said beside it."""

    result: ClaimResult
    settings: Settings
    title: str = ""
    warning: str = ""


def page(
    claim: Claim,
    judged: Judged,
    derivations: Mapping[str, str] | None = None,
    *,
    address: str = "",
    output: str = "",
) -> str:
    """Return a claim's page.

    Parameters
    ----------
    claim : Claim
        Statement and texts.
    judged : Judged
        Verdicts.
    derivations : mapping
        Command that prints a derivation or proof, by its name; names that are not in it are
        printed as they stand.
    address : str
        The claim as the command line names it; by default its identifier.
    output : str
        The folder of the pages, if the command that makes them should name it.
    """
    result, settings = judged.result, judged.settings
    title = escape(claim.title)
    parts = [
        f"# {claim.identifier}: {title}",
        escape(claim.sentence),
        f"**{result.verdict}** ({result.method}); "
        f"{sum(control.refuted for control in result.controls)} of {len(result.controls)} controls "
        "refuted. All claims: [index](index.md).",
        *_warned(judged.warning),
        *_statement(claim),
        *_figure(claim),
        *_derived(claim, derivations or {}),
        *(_section("How the checks give the statement", claim.argument)),
        *(text for verdict in Verdict for text in _checks(verdict, result.checks)),
        "## Controls\n\nThe same checks with one small change; each must be refuted.",
        "\n".join(line for control in result.controls for line in _control(control)),
        *_section("Beside the source", claim.sharper),
        *_section("What this does not show", claim.limits),
        *_details(result.checks),
        *_commands(claim, address or claim.identifier, output, settings),
    ]
    return visible("\n\n".join(parts)) + "\n"


def index(claims: Sequence[Judged], explained: str = "") -> str:
    """Return the table of claims with their verdicts.

    Parameters
    ----------
    claims : sequence of Judged
    explained : str
        Link to the text on how a verdict is reached; empty: only named.
    """
    rows = [
        f"| [{judged.result.identifier}]({judged.result.identifier}.md) | {escape(judged.title)} "
        f"| {judged.result.verdict} | {judged.result.method} "
        f"| {sum(c.refuted for c in judged.result.controls)} of {len(judged.result.controls)} |"
        for judged in claims
    ]
    where = "docs/concepts/verdicts.md of proofs-check"
    if explained:
        where = f"[verdicts]({explained})"
    lines = [
        "# Claims and their verdicts",
        "",
        "Each claim is a mathematical statement that a program has checked: here is what it found, "
        "and each name leads to a page with the statement, a sentence for readers from outside the "
        "field, and the evidence.",
        "",
        *_letters(claims),
        f"What PROVED and the other words mean: {where}. A control is a copy of a claim with one "
        "small error, which must be refuted. This page is made by `proofs-check pages`.",
        "",
        *(
            f"**{each.result.identifier}: {escape(each.warning)}**\n"
            for each in claims
            if each.warning
        ),
        "| claim | title | verdict | method | controls refuted |",
        "| --- | --- | --- | --- | --- |",
        *rows,
    ]
    return visible("\n".join(lines)) + "\n"


def _letters(claims: Sequence[Judged]) -> Iterator[str]:
    """What the letters of this package's claims say; nothing where other claims stand alone."""
    if {"E1", "F1", "R1"} <= {judged.result.identifier for judged in claims}:
        yield "The means of a mixture of Gaussians, the student, are trained by gradient descent to"
        yield "match a teacher. The letter of a claim names what is minimized:"
        yield ""
        yield from (f"- {letter}: {escape(subject)}" for letter, subject in _SUBJECTS.items())
        yield ""


def escape(text: str) -> str:
    r"""Return plain text as Markdown that shows the same characters.

    Examples
    --------
    >>> print(escape("L(v) = E|m|^2, mu* <= 1, grad_j"))
    L(v) = E\|m\|^2, mu\* &lt;= 1, grad\_j
    """
    marked = re.sub(r"([\\`*_|\[\]$])", r"\\\1", text)
    return marked.replace("<", "&lt;")


def with_formulas(text: str) -> str:
    r"""Return plain text with formulas as Markdown: its prose escaped, its formulas as they are.

    Examples
    --------
    >>> print(with_formulas(r"steps $\eta \le 2$ of mu*"))
    steps $\eta \le 2$ of mu\*
    """
    return rewritten(text, escape, "${}$".format)


def _section(heading: str, text: str) -> Iterator[str]:
    if text:
        yield f"## {heading}"
        yield text


def _warned(warning: str) -> Iterator[str]:
    if warning:
        yield f"> **{escape(warning)}**"


def _statement(claim: Claim) -> Iterator[str]:
    yield "## Statement"
    yield with_formulas(claim.statement)
    if claim.latex:
        yield f"$$\n{claim.latex}\n$$"
    lines = [f"- Source: {with_formulas(claim.source)}"]
    lines += [f"- {_hypothesis(known)}" for known in claim.hypotheses]
    yield "\n".join(lines)


def _hypothesis(known: str | Hypothesis) -> str:
    """A hypothesis, and whether it is enforced or only said."""
    enforced = " (every case satisfies it)" if isinstance(known, Hypothesis) else ""
    return f"Hypothesis: {with_formulas(str(known))}{enforced}"


def _derived(claim: Claim, derivations: Mapping[str, str]) -> Iterator[str]:
    if not claim.derived:
        return
    yield "## What is derived"
    yield "\n".join(
        f"- `{name}`: `{derivations[name]}`" if name in derivations else f"- {escape(name)}"
        for name in claim.derived
    )


def _checks(verdict: Verdict, checks: Sequence[CheckResult]) -> Iterator[str]:
    chosen = [check for check in checks if check.verdict is verdict]
    if not chosen:
        return
    yield f"## {_HEADINGS[verdict]}"
    head = (
        "| check | over | method | cases | margin | digits |\n| --- | --- | --- | --- | --- | --- |"
    )
    rows = "\n".join(
        f"| {_code(check.name)} | {escape(check.scope)} | {check.method.value} "
        f"| {_or_dash(check.cases)} | {_or_dash(check.margin)} | {_or_dash(check.digits)} |"
        for check in chosen
    )
    yield f"{head}\n{rows}"
    if verdict in _NOTES_LATER:
        if any(check.notes for check in chosen):
            yield f"What was found by each: [details](#{_DETAILS.lower().replace(' ', '-')})."
    else:
        yield from _notes(chosen)


def _details(checks: Sequence[CheckResult]) -> Iterator[str]:
    """The notes of the checks that hold, statements in the words of the proof kernel included."""
    notes = list(_notes([check for check in checks if check.verdict in _NOTES_LATER]))
    if notes:
        yield f"## {_DETAILS}"
        yield from notes


def _notes(checks: Sequence[CheckResult]) -> Iterator[str]:
    notes = [f"- {_code(check.name)}: {escape(note)}" for check in checks for note in check.notes]
    if notes:
        yield "\n".join(notes)


def _control(control: ControlResult) -> Iterator[str]:
    result = control.result
    yield f"- **{escape(control.name)}** ({escape(control.change)}): {_judgement(result)}"
    witness = result.witness
    if witness is not None:
        yield f"  - {escape(witness.statement)} fails at {escape(str(witness.mixture))}:"
        yield (
            f"    `{_shortened(witness.left)}` against `{_shortened(witness.right)}`, "
            f"confirmed to {witness.digits} digits."
        )
    shown = [note for note in result.notes if witness is None or note != str(witness)]
    yield from (f"  - {escape(note)}" for note in shown)


def _judgement(result: CheckResult) -> str:
    parts = [f"{result.verdict}, {result.method.value}"]
    if result.witness is None:
        parts += [escape(result.scope)] if result.scope else []
        parts += [f"margin {escape(result.margin)}"] if result.margin is not None else []
        parts += [f"{result.digits} digits"] if result.digits is not None else []
    return ", ".join(parts) + "."


def _figure(claim: Claim) -> Iterator[str]:
    if claim.figure is not None:
        yield "## Figure"
        yield f"![{escape(claim.title)}]({claim.identifier}.svg)"
        yield claim.figure.caption


def _commands(claim: Claim, address: str, output: str, settings: Settings) -> Iterator[str]:
    yield "## Made by"
    name = shlex.quote(address)
    options = f"{settings.options} --output {shlex.quote(output)}" if output else settings.options
    made = "this page and its figure" if claim.figure or not output else "this page"
    yield (
        "```sh\n"
        f"proofs-check verify {name} {settings.options}   # the verdicts\n"
        f"proofs-check pages {name} {options}    # {made}\n"
        "```"
    )


def _shortened(enclosure: str) -> str:
    """Shorten an enclosure ``[mid +/- rad]`` outwards: what is cut off is added to the radius.

    Examples
    --------
    >>> _shortened("[0.123456789012345678901234567890 +/- 1e-31]")
    '[0.12345678901234567890 +/- 1.3e-21]'
    """
    return short_number(enclosure, note=False) if enclosure.startswith("[") else enclosure


def _or_dash(value: Any) -> str:
    return "-" if value is None else escape(str(value))


def _code(text: str) -> str:
    return "`" + text.replace("|", "\\|") + "`"
