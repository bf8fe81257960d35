"""A claims file that tries to break out of its report, and results without a run."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from proofs_check.claim import Control, FurtherEvidence
from proofs_check.loading.find import Found, find
from proofs_check.points.witness import Witness
from proofs_check.run.code import Recorded
from proofs_check.statements.mixture import Mixture
from proofs_check.store.results import claim_to_data
from proofs_check.verdict import (
    CheckResult,
    ClaimResult,
    ControlResult,
    Method,
    Verdict,
    inconclusive,
)

#: What must never act: it would write to the console, or change the title.
ATTACK = "</td></script><script>console.error('out')</script><img src=x onerror=alert(1)>"
HOSTILE = """\
from proofs_check.checks import BallCheck
from proofs_check.claim import Claim, Control, Figure
from proofs_check.statements import Mixture, Relation

ATTACK = @ATTACK@
AT = (Mixture.of([["0"], ["2"]]),)


def check(name, sign):
    return BallCheck(
        name, Relation("K 1", lambda at: at.loss("kl"), sign, lambda at: 1 + 0 * at.loss("kl")), AT
    )


def draw(axes, context):
    (line,) = axes.plot([0, 1], [0, 1], label=ATTACK)
    line.set_gid("claims")
    line.set_url("javascript:alert(1)")
    axes.set_title("plain")


def claim(name, latex):
    return Claim(
        name,
        title="Ψ ≤ " + ATTACK,
        statement="For all ε > 0: " + ATTACK + " \\\\input{/etc/passwd} 50% & {x} ₂ ☃",
        latex=latex,
        source="a_b^c # ~ \\\\end{document}" + ATTACK,
        hypotheses=(ATTACK,),
        checks=(check(ATTACK, "<"),),
        controls=(Control("turned & " + ATTACK, ATTACK, check("turned", ">")),),
        derived=("I1-student", ATTACK),
        argument="*em* `code` [link](javascript:alert(1)) ![i](http://x.invalid/i.png) " + ATTACK,
        sharper="- one\\n- two <b>bold</b>\\n\\nA paragraph.",
        limits="```\\n" + ATTACK + "\\n```",
        figure=Figure("A *caption*.\\n\\n" + ATTACK, draw),
    )


CLAIMS = (
    claim("First", r"\\sum_j |v_j|^2 \\le \\frac{1}{2}"),
    claim("Second", r"\\text{<script>console.error(1)</script>} \\le 1"),
    claim("Third", r"\\input{/etc/passwd} \\href{javascript:alert(1)}{x}"),
)
""".replace("@ATTACK@", repr(ATTACK))

WITNESS = Witness(
    Mixture.of([["1/3"], ["2"]]), f"K < 1 {ATTACK}", "[1.5 +/- 1e-31]", "1", 30, ("rho <= 1",)
)


def write_claims(folder: Path) -> str:
    """Write the claims file; returns its path."""
    path = folder / "hostile.py"
    path.write_text(HOSTILE, encoding="utf-8")
    return str(path)


def results(found: Iterable[Found], *, verdict: Verdict = Verdict.SUPPORTED) -> list[ClaimResult]:
    """Results of claims as a run might have them: PROVED by the first check, then ``verdict``."""
    return [
        ClaimResult(
            each.claim.identifier,
            tuple(
                _result(check.name, Verdict.PROVED if number == 0 else verdict)
                for number, check in enumerate(each.claim.checks)
                if not isinstance(check, FurtherEvidence)
            ),
            tuple(_control(control) for control in each.claim.controls),
            1.25,
        )
        for each in found
    ]


def _result(name: str, verdict: Verdict) -> CheckResult:
    if verdict is Verdict.INCONCLUSIVE:
        return inconclusive(name, "3 of 204 cases touch", "n = 2", decide="more digits")
    method = Method.BALL if verdict is Verdict.PROVED else Method.GENERATED
    return CheckResult(name, verdict, method, "n = 2, ψ", "1e-9", 15, 204, 0.5, ("a note",))


def _control(control: Control) -> ControlResult:
    refuted = CheckResult(
        control.name, Verdict.REFUTED, Method.BALL, "n = 2", digits=30, witness=WITNESS
    )
    return ControlResult(control.name, control.change, refuted)


def report_file(path: Path, found: Iterable[Found], **changes: object) -> str:
    """Write a ``verify --json`` report of claims; returns its path."""
    claims = list(found)
    verdict = changes.pop("verdict", Verdict.SUPPORTED)
    sources = {c.claim.identifier: c.source.name if c.source else None for c in claims}
    titles = {c.claim.identifier: c.claim.title for c in claims}
    recorded = Recorded.of(claims)
    document = {
        "claims": [
            {
                **claim_to_data(result, titles[result.identifier]),
                "source": sources[result.identifier],
                "code": recorded.claims[result.identifier].to_data(),
            }
            for result in results(claims, verdict=verdict)  # type: ignore[arg-type]
        ],
        "errors": [],
        "environment": {
            "versions": {"python": ATTACK},
            "budget": "quick",
            "digits": 15,
            "seed": 0,
            "stopped": "",
            "seconds": 12.5,
            "sources": recorded.sources,
        },
        **changes,
    }
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)


def claims_of(folder: Path, *further: str) -> tuple[Found, ...]:
    """The hostile claims, and others of this package."""
    return find([write_claims(folder), *further])
