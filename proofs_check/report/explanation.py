"""A claim, a proof or a derivation explained in plain text: its page, and how it is proved."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from proofs_check.claim import Claim
from proofs_check.formulas.mixed import plain
from proofs_check.proofs import catalogue as proofs
from proofs_check.report.console import wrapped

if TYPE_CHECKING:
    from proofs_check.proofs.tactics.script import Script, ScriptReplay

#: Most steps of a proof that are printed unless all are asked for.
MOST_STEPS = 30


def claim_text(claim: Claim, columns: int) -> Iterator[str]:
    """Lines about a claim: what it says, why the checks give it, and what that leaves open.

    Parameters
    ----------
    claim : Claim
    columns : int
        Width of the lines.

    Examples
    --------
    >>> from proofs_check.registry import get
    >>> next(claim_text(get("E6"), 80))
    "E6: De Bruijn's identity along the means"
    """
    yield from wrapped(f"{claim.identifier}: {claim.title}", columns)
    if claim.plain:
        yield ""
        yield from wrapped(claim.plain, columns)
    yield from _section("Statement", claim.statement, columns)
    yield ""
    yield from wrapped(f"Source: {plain(claim.source)}", columns)
    for known in claim.hypotheses:
        yield from wrapped(f"Hypothesis: {plain(str(known))}", columns, "", "  ")
    yield from _section("How the checks give the statement", claim.argument, columns)
    yield from _heading("Checks", columns)
    for check in claim.checks:
        yield from wrapped(check.name, columns, "- ", "  ")
    yield from _heading("Controls: one small change each, which must be refuted", columns)
    for control in claim.controls:
        yield from wrapped(f"{control.name} ({control.change})", columns, "- ", "  ")
    yield from _section("Beside the source", claim.sharper, columns)
    yield from _section("What this does not show", claim.limits, columns)


def derived_text(
    claim: Claim, own: Mapping[str, Script], columns: int, *, every_step: bool, replayed: bool
) -> Iterator[str]:
    """Lines about each proof and derivation that a claim rests on.

    Parameters
    ----------
    claim : Claim
    own : mapping
        Proofs of the claim's own file, by name.
    columns : int
    every_step, replayed : bool
        As of `named_text`.
    """
    for name in claim.derived:
        found = named_text(name, own, columns, every_step=every_step, replayed=replayed)
        if found is None:
            yield from _section("What is derived", name, columns)
        else:
            yield from found


def named_text(
    name: str, own: Mapping[str, Script], columns: int, *, every_step: bool, replayed: bool
) -> Iterator[str] | None:
    """Lines about a proof or derivation; None if there is none of that name.

    Parameters
    ----------
    name : str
    own : mapping
        Proofs beside those of this package, by name.
    columns : int
    every_step : bool
        Whether all steps of a proof are printed, however many.
    replayed : bool
        Whether a proof is replayed, and said what the kernel proved.
    """
    from derive import catalogue as derivations

    if name in own or name in proofs.names():
        script = own[name] if name in own else proofs.proof(name)
        return _proof(script, columns, every_step=every_step, replayed=replayed)
    if name in derivations.names():
        return _derivation(name, columns)
    return None


def _proof(script: Script, columns: int, *, every_step: bool, replayed: bool) -> Iterator[str]:
    yield from _heading(f"Proof {script.name}: {script.title}", columns)
    yield from wrapped(f"For {script.scope}; {len(script.steps)} steps.", columns)
    if replayed:
        yield from _replayed(script, columns)
    shown = script.steps
    if not every_step and len(shown) > MOST_STEPS:
        shown = tuple(step for step in shown if step.name in script.conclusions)
        yield from wrapped("The steps that make up the theorem (-v: all steps):", columns)
    places = {step.name: number for number, step in enumerate(script.steps, 1)}
    for step in shown:
        used = f"; from {', '.join(step.uses)}" if step.uses else ""
        line = f"{places[step.name]}. {step.name}: {step.description} [{step.kind}{used}]"
        yield from wrapped(line, columns, "  ", "     ")


def _replayed(script: Script, columns: int) -> Iterator[str]:
    from proofs_check.proofs.tactics import printing
    from proofs_check.proofs.tactics.script import replay

    found: ScriptReplay = replay(script)
    yield from wrapped(f"{found.verdict}: {len(found.outcomes)} steps replayed.", columns)
    for shown in printing.statements(found):
        yield from wrapped(f"{printing.heading(found)}: {shown}", columns, "", "  ")


def _derivation(name: str, columns: int) -> Iterator[str]:
    from derive import catalogue

    derivation = catalogue.derivation(name)
    title, *lines = derivation.text().splitlines()
    yield from _heading(f"Derivation {title}", columns)
    for line in lines:
        indent = line[: len(line) - len(line.lstrip())]
        yield from wrapped(line, columns, indent, f"{indent}  ")


def _heading(text: str, columns: int) -> Iterator[str]:
    yield ""
    yield from wrapped(text, columns, "== ", "   ")


def _section(heading: str, text: str, columns: int) -> Iterator[str]:
    """A heading and Markdown as plain text; nothing of an empty text."""
    if text:
        yield from _heading(heading, columns)
        for number, paragraph in enumerate(re.split(r"\n\s*\n", text.strip())):
            if number:
                yield ""
            yield from wrapped(plain(re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", paragraph)), columns)
