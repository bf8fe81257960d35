"""Texts of claims: what is mathematics in them is set as mathematics, and reads as plain text."""

from __future__ import annotations

import re

import pytest

from proofs_check.claim import Claim
from proofs_check.formulas.mixed import plain, rewritten
from proofs_check.report.pages import with_formulas
from proofs_check.report.whole import mathml, tex_formulas
from tests.proofs_check.report.test_pages import shipped_claims

CLAIMS = pytest.mark.parametrize(
    "claim", [pytest.param(claim, id=claim.identifier) for claim in shipped_claims()]
)
#: Mathematics as it is typed where it cannot be set: a sign of it, or a name that words do not use.
TYPED = re.compile(
    r"[_^<>=|\\]|\d\.\.\d|\d(?:\.\d+)?e-?\d|"
    r"\b(?:grad|eta|tau|sigma|rho|psi|mu|exp|sqrt|ln|infinity)\b|\b[A-Za-z]\([a-z]"
)


def texts(claim: Claim) -> list[str]:
    caption = claim.figure.caption if claim.figure else ""
    said = (claim.statement, claim.source, claim.argument, claim.sharper, claim.limits, caption)
    return [*said, *map(str, claim.hypotheses)]


def split(text: str) -> tuple[str, list[str]]:
    """Prose without code, and the formulas."""
    found: list[str] = []
    prose = rewritten(text, str, lambda latex: found.append(latex) or "")
    return re.sub(r"`[^`]*`", "", prose), found


@CLAIMS
def test_mathematics_stands_in_formulas(claim: Claim) -> None:
    for text in (claim.title, claim.sentence):
        assert "$" not in text
    assert split(claim.statement)[1] or claim.latex, "a statement without a formula"
    for text in texts(claim):
        prose, _ = split(text)
        assert "$" not in prose, f"a dollar that opens no formula: {text}"
        assert not TYPED.search(prose), f"{TYPED.search(prose)} in: {prose}"


@CLAIMS
def test_every_format_sets_the_formulas(claim: Claim) -> None:
    for text in texts(claim):
        _, formulas = split(text)
        page, report, appendix = with_formulas(text), mathml.mixed(text), tex_formulas.mixed(text)
        assert report.count("<math>") >= len(formulas)
        for latex in formulas:
            assert f"${latex}$" in page
            assert tex_formulas.inline(latex).startswith("$")
            assert tex_formulas.inline(latex) in appendix


@CLAIMS
def test_a_terminal_shows_no_latex(claim: Claim) -> None:
    for text in texts(claim):
        assert not re.search(r"[$\\{}]", re.sub(r"_\{[^{}]*\}", "", plain(text))), plain(text)
