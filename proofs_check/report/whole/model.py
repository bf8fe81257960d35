"""What a report shows, as plain data that both formats read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from proofs_check.report.changes import Change
from proofs_check.report.pages import Settings
from proofs_check.verdict import CheckResult, ClaimResult, ControlResult, Verdict


@dataclass(frozen=True)
class Formula:
    """A formula: in plain text, and in LaTeX where there is one."""

    text: str
    latex: str = ""


@dataclass(frozen=True)
class ShownTheorem:
    """What the kernel proved, read back from its terms."""

    quantifiers: str
    hypotheses: tuple[Formula, ...]
    conclusion: Formula
    runs: tuple[str, ...]


@dataclass(frozen=True)
class ShownStep:
    """A step of a proof or of a derivation."""

    name: str
    description: str
    kind: str
    goal: Formula | None
    uses: tuple[str, ...] = ()
    detail: str = ""
    holds: bool = True


@dataclass(frozen=True)
class ShownProof:
    """A proof or a derivation, replayed for the report.

    Attributes
    ----------
    name, title, source, scope : str
    verdict : Verdict
        Of the replay.
    theorems : tuple of ShownTheorem
    beside : tuple of str
        Conclusions that derivations give, and not the kernel.
    words : tuple of (Formula, str)
        Definitions, with their meaning in words.
    hypotheses : tuple of (str, Formula, str)
        Name, formula, and meaning.
    steps : tuple of ShownStep
    notes : tuple of (str, str)
        What it rests on, an instance of the hypotheses, gaps, remarks: heading and text.
    coq : str
        What Coq said of it when it was last asked; empty for derivations.
    commands : tuple of str
        How it is replayed.
    """

    name: str
    title: str
    source: str
    scope: str
    verdict: Verdict
    theorems: tuple[ShownTheorem, ...]
    beside: tuple[str, ...]
    words: tuple[tuple[Formula, str], ...]
    hypotheses: tuple[tuple[str, Formula, str], ...]
    steps: tuple[ShownStep, ...]
    notes: tuple[tuple[str, str], ...]
    coq: str
    commands: tuple[str, ...]
    anchor: str = ""

    @property
    def kind(self) -> str:
        """``proof`` or ``derivation``."""
        return "proof" if self.coq else "derivation"


@dataclass(frozen=True)
class Loss:
    """Where a claim lost the guarantee of a proof.

    Attributes
    ----------
    parts : tuple of str
        Checks and controls that keep the claim from ``PROVED``.
    verdict : Verdict
        Their verdict.
    why, lift : str
        Why they say no more, and what would lift it.
    """

    parts: tuple[str, ...]
    verdict: Verdict
    why: str
    lift: str


@dataclass(frozen=True)
class ShownPart:
    """A check or the changed check of a control, with what the report adds.

    Attributes
    ----------
    name : str
    result : CheckResult
    notes : tuple of str
        Its notes, without those that the report shows elsewhere.
    command : str
        What computes it again.
    proof : str
        Anchor of the proof it replays, if the report has it.
    change : str
        Of a control: the change in words.
    """

    name: str
    result: CheckResult
    notes: tuple[str, ...]
    command: str
    proof: str = ""
    change: str = ""


@dataclass(frozen=True)
class ShownFigure:
    """A figure: SVG text, or the bytes of a PDF, and its caption in Markdown."""

    caption: str
    svg: str = ""
    pdf: bytes = b""


@dataclass(frozen=True)
class ShownClaim:
    """A claim with its result and what is known of it.

    A claim of a saved report whose claims file was not named is known by its result only: then
    `known` is false, and statement and texts are empty.
    """

    result: ClaimResult
    title: str
    anchor: str
    known: bool
    checks: tuple[ShownPart, ...]
    controls: tuple[ShownPart, ...]
    losses: tuple[Loss, ...]
    commands: tuple[tuple[str, str], ...]
    statement: str = ""
    formula: Formula | None = None
    source: str = ""
    hypotheses: tuple[tuple[str, bool], ...] = ()
    derived: tuple[tuple[str, str], ...] = ()  # name, and anchor if it is shown
    proofs: tuple[ShownProof, ...] = ()
    argument: str = ""
    sharper: str = ""
    limits: str = ""
    figure: ShownFigure | None = None
    warnings: tuple[str, ...] = ()

    @property
    def refuted(self) -> int:
        """Number of controls that did their work."""
        return sum(control.refuted for control in self.result.controls)

    @property
    def standing(self) -> tuple[ControlResult, ...]:
        """Controls that are not refuted."""
        return tuple(control for control in self.result.controls if not control.refuted)


@dataclass(frozen=True)
class Against:
    """The comparison with an earlier report."""

    name: str
    changes: tuple[Change, ...]
    settings_differ: str = ""


@dataclass(frozen=True)
class Report:
    """Everything that a report shows."""

    claims: tuple[ShownClaim, ...]
    proofs: tuple[ShownProof, ...]
    settings: Settings
    versions: Mapping[str, str]
    seconds: float | None
    stopped: str
    errors: tuple[tuple[str, str, str], ...]
    command: str
    against: Against | None = None
    warnings: tuple[str, ...] = ()

    @property
    def counts(self) -> Mapping[Verdict, int]:
        """Number of claims of each verdict."""
        verdicts = [claim.result.verdict for claim in self.claims]
        return {verdict: verdicts.count(verdict) for verdict in Verdict}

    @property
    def controls(self) -> tuple[int, int]:
        """Number of controls that are refuted, and of all."""
        every = [control for claim in self.claims for control in claim.result.controls]
        return sum(control.refuted for control in every), len(every)

    def dearest(self, most: int = 8) -> Sequence[tuple[float, ShownClaim, str]]:
        """The checks and controls that took longest: seconds, claim, name."""
        parts = [
            (part.result.seconds, claim, part.name)
            for claim in self.claims
            for part in (*claim.checks, *claim.controls)
        ]
        return sorted(parts, key=lambda part: -part[0])[:most]
