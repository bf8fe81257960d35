"""Puts a report together: results, what claims say of themselves, proofs, figures."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Literal

from numerics.execution.ordered import run_parts
from proofs_check.claim import Claim, Context, Hypothesis, bare
from proofs_check.loading.find import Found
from proofs_check.loading.load import faults_named
from proofs_check.loading.scripts import scripts_beside
from proofs_check.loading.source import Source
from proofs_check.proofs.check import ProofCheck
from proofs_check.report.whole import figures, proofs
from proofs_check.report.whole.lost import losses
from proofs_check.report.whole.model import (
    Against,
    Formula,
    Report,
    ShownClaim,
    ShownFigure,
    ShownPart,
    ShownProof,
)
from proofs_check.report.whole.saved import Saved
from proofs_check.verdict import CheckResult, ClaimResult

if TYPE_CHECKING:
    from proofs_check.proofs.tactics.script import Script

#: Notes of a check that the report shows as a proof.
_SHOWN_AS_PROOF = ("proved: ", "Coq: ")


@dataclass(frozen=True)
class Wanted:
    """What a report should hold beside the results.

    Attributes
    ----------
    figures : {"", "svg", "pdf"}
    proofs : bool
        Whether proofs and derivations are replayed and shown step by step.
    """

    figures: Literal["", "svg", "pdf"] = "svg"
    proofs: bool = True


@dataclass(frozen=True)
class OwnProof:
    """A proof that a claim brings with it: what builds it, and how the command line names it."""

    build: Callable[[], Script]
    address: str
    source: Source | None

    def shown(self) -> ShownProof:
        """Build and replay it; what goes wrong in a claims file is named."""
        with nullcontext() if self.source is None else faults_named(self.source):
            script = self.build()
        return proofs.of_script(script, self.address)


@dataclass(frozen=True)
class Plan:
    """The slow parts of a report: proofs to replay and figures to draw.

    Attributes
    ----------
    named : tuple of str
        Proofs and derivations of this package.
    own : mapping of str to OwnProof
        Proofs of claims files, and those that are built for one check; they run in this process.
    drawn : tuple of Found
        Claims with a figure that is wanted.
    """

    named: tuple[str, ...]
    own: Mapping[str, OwnProof]
    drawn: tuple[Found, ...]

    @property
    def size(self) -> int:
        """Number of parts."""
        return len(self.named) + len(self.own) + len(self.drawn)


def plan(claims: Sequence[Found], wanted: Wanted) -> Plan:
    """Return what a report on these claims takes.

    Examples
    --------
    >>> from proofs_check.loading.find import find
    >>> plan(find(["E6"]), Wanted(figures="")).named
    ('density-rules', 'I1', 'I1-student')
    """
    named: dict[str, None] = {}
    own: dict[str, OwnProof] = {}
    for found in claims if wanted.proofs else ():
        for name in names_of(found.claim):
            if proofs.known(name):
                named[name] = None
        own |= _own(found)
    drawn = [f for f in claims if wanted.figures and f.claim.figure is not None]
    return Plan(tuple(named), own, tuple(drawn))


def names_of(claim: Claim) -> tuple[str, ...]:
    """Names of the proofs and derivations that a claim rests on: of its checks, and as it says."""
    checks = [bare(part) for part in claim.checks]
    built_in = [c.name for c in checks if isinstance(c, ProofCheck) and c.build is None]
    return tuple(dict.fromkeys((*claim.derived, *built_in)))


def _own(found: Found) -> dict[str, OwnProof]:
    """Proofs that a claim brings with it, by a key that no other claim has."""
    source, listed = found.source, scripts_beside(found)

    def address(name: str) -> str:
        return source.address(name) if source is not None and name in listed else ""

    kept = {
        _key(found, name): OwnProof(partial(listed.__getitem__, name), address(name), source)
        for name in found.claim.derived
        if name in listed
    }
    for part in map(bare, found.claim.checks):
        if isinstance(part, ProofCheck) and part.build is not None:
            proof = OwnProof(part.build, address(part.name), source)
            kept.setdefault(_key(found, part.name), proof)
    return kept


def _key(found: Found, name: str) -> str:
    return f"{found.address} {name}"


def gather(
    saved: Saved,
    claims: Sequence[Found],
    wanted: Wanted,
    *,
    command: str = "",
    against: Against | None = None,
    warnings: Mapping[str, str] | None = None,
    done: Callable[[], None] = lambda: None,
) -> Report:
    """Return the report on the claims of a run.

    Parameters
    ----------
    saved : Saved
        The results; each claim of them is shown.
    claims : sequence of Found
        Those that are known; of the others only the result is shown.
    wanted : Wanted
    command : str
        What makes the report again.
    against : Against, optional
    warnings : mapping, optional
        What has to be said beside the results of a claim, by identifier (`Recorded.warnings`).
    done : callable
        Called after each proof and figure (`Plan.size` times).
    """
    known = {found.claim.identifier: found for found in claims}
    work = plan(claims, wanted)
    shown = _replayed(work, done)
    context = Context(
        saved.settings.budget,  # type: ignore[arg-type]
        saved.settings.digits,
        saved.settings.seed,
    )
    drawn = figures.drawn(work.drawn, context, wanted.figures, done)
    anchors = _anchors(saved.results)
    said = warnings or {}
    return Report(
        tuple(
            _warned(
                _claim(saved, result, anchors[name], known.get(name), shown, drawn.get(name)),
                said.get(name, ""),
            )
            for name, result in saved.results.items()
        ),
        tuple(shown.values()),
        saved.settings,
        saved.versions,
        saved.seconds,
        saved.stopped,
        saved.errors,
        command,
        against,
        _together(said),
    )


def _warned(claim: ShownClaim, warning: str) -> ShownClaim:
    return replace(claim, warnings=(*claim.warnings, warning)) if warning else claim


def _together(said: Mapping[str, str]) -> tuple[str, ...]:
    """Warnings about claims, once each, with the claims that they are about.

    Examples
    --------
    >>> _together({"F1": "Old.", "F2": "Old."})
    ('F1, F2: Old.',)
    """
    claims: dict[str, list[str]] = {}
    for name, warning in said.items():
        claims.setdefault(warning, []).append(name)
    return tuple(f"{', '.join(names)}: {warning}" for warning, names in claims.items())


def _replayed(work: Plan, done: Callable[[], None]) -> dict[str, ShownProof]:
    """Proofs by name or key, with anchors that are their own."""
    found = run_parts(
        proofs.worker,
        None,
        work.named,
        figures.processes(len(work.named)),
        lambda number: done(),
    )
    shown = dict(zip(work.named, found, strict=True))
    for key, own in work.own.items():
        shown[key] = own.shown()
        done()
    anchors = _anchors(shown, "proof-")
    return {key: replace(proof, anchor=anchors[key]) for key, proof in shown.items()}


def _anchors(names: Mapping[str, object], prefix: str = "claim-") -> dict[str, str]:
    """An identifier for each name, no two alike, whatever stands in the names.

    Examples
    --------
    >>> _anchors({"F1": 0, "a b": 0, "a-b": 0})
    {'F1': 'claim-F1', 'a b': 'claim-a-b', 'a-b': 'claim-a-b.2'}
    """
    made: dict[str, str] = {}
    counts: dict[str, int] = {}
    for name in names:
        plain = prefix + re.sub(r"[^A-Za-z0-9_-]+", "-", name)
        counts[plain] = counts.get(plain, 0) + 1
        made[name] = plain if counts[plain] == 1 else f"{plain}.{counts[plain]}"
    return made


def _claim(
    saved: Saved,
    result: ClaimResult,
    anchor: str,
    found: Found | None,
    shown: Mapping[str, ShownProof],
    figure: ShownFigure | None,
) -> ShownClaim:
    settings = saved.settings.options
    if found is None:
        source = saved.sources[result.identifier]
        address = f"{source}::{result.identifier}" if source else result.identifier
        command = f"proofs-check verify {shlex.quote(address)} {settings}"
        missing = (
            f"Its statement stands in {source}: name this file to have it shown."
            if source
            else "No claim of this name is known to this version."
        )
        return ShownClaim(
            result,
            saved.titles[result.identifier],
            anchor,
            False,
            tuple(_part(check.name, check, command) for check in result.checks),
            tuple(_part(c.name, c.result, command, change=c.change) for c in result.controls),
            losses(result),
            ((command, "the verdicts"),),
            warnings=(missing,),
        )
    claim = found.claim
    command = f"proofs-check verify {shlex.quote(found.address)} {settings}"
    by_name = {name: shown[key] for name, key in _keys(found) if key in shown}
    return ShownClaim(
        result,
        claim.title,
        anchor,
        True,
        tuple(
            _part(check.name, check, command, by_name.get(check.name)) for check in result.checks
        ),
        tuple(_part(c.name, c.result, command, change=c.change) for c in result.controls),
        losses(result),
        tuple(_commands(found, command, settings)),
        claim.statement,
        Formula(claim.latex, claim.latex) if claim.latex else None,
        claim.source,
        tuple((str(known), isinstance(known, Hypothesis)) for known in claim.hypotheses),
        tuple((n, by_name[n].anchor if n in by_name else "") for n in claim.derived),
        _ordered(by_name, {check.name for check in claim.checks}),
        claim.argument,
        claim.sharper,
        claim.limits,
        figure,
        tuple(_changed(claim, result)),
    )


def _ordered(by_name: Mapping[str, ShownProof], checks: Set[str]) -> tuple[ShownProof, ...]:
    """Proofs before derivations, and those that are checks of the claim before others."""
    names = sorted(by_name, key=lambda name: (by_name[name].kind != "proof", name not in checks))
    return tuple(dict.fromkeys(by_name[name] for name in names))


def _keys(found: Found) -> Iterator[tuple[str, str]]:
    """Names of what a claim rests on, with the keys of what is shown."""
    for name in names_of(found.claim):
        yield name, name
    for name in (*(part.name for part in found.claim.checks), *found.claim.derived):
        yield name, _key(found, name)


def _part(
    name: str,
    result: CheckResult,
    command: str,
    proof: ShownProof | None = None,
    change: str = "",
) -> ShownPart:
    notes = result.notes
    if proof is not None:
        command = proof.commands[0] if proof.commands else command
        if proof.theorems or proof.beside:
            notes = tuple(note for note in notes if not note.startswith(_SHOWN_AS_PROOF))
    if result.witness is not None:
        notes = tuple(note for note in notes if note != str(result.witness))
    return ShownPart(name, result, notes, command, proof.anchor if proof else "", change)


def _commands(found: Found, verify: str, settings: str) -> Iterator[tuple[str, str]]:
    yield verify, "verdicts, margins, digits, witnesses"
    address = shlex.quote(found.address)
    if found.claim.figure is not None:
        yield f"proofs-check pages {address} {settings} --output pages", "the figure"


def _changed(claim: Claim, result: ClaimResult) -> Iterator[str]:
    """What differs between a claim as it stands now and as it was when the run was made."""
    then = [*(c.name for c in result.checks), *(c.name for c in result.controls)]
    if [part.name for part in claim.parts] != then:
        yield (
            "The claim has changed since the run: statement and texts are those of the claim as it "
            "stands now, verdicts those of the run."
        )
