"""Words that only the authors of a text could understand do not stand in what users read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from derive import catalogue as derivations
from proofs_check.claims import f6_escape
from proofs_check.figures import f6
from proofs_check.proofs import catalogue as proofs
from proofs_check.report.gallery import gallery
from tests.documentation.blocks import ROOT
from tests.proofs_check.report.test_pages import shipped_claims

INTERNAL = re.compile(r"\b(?:briefs?|second part|today)\b", re.IGNORECASE)
#: A paper's short name, and how it stands where it is used first.
SHORT = re.compile(r"\bS1\b")
EXPLAINED = re.compile(r"S1 \([^)]*arXiv:2511\.22069\)")
IDENTITY = re.compile(r"(?<![\w`\"-])I[1-6]\b(?![-`\w])")
CLAIMS = pytest.mark.parametrize("claim", shipped_claims(), ids=lambda claim: claim.identifier)


def texts(claim) -> Iterator[str]:
    """A claim's texts in the order of its page."""
    yield from (claim.title, claim.sentence, claim.statement, claim.source)
    yield from map(str, claim.hypotheses)
    yield claim.figure.caption if claim.figure else ""
    yield from (claim.argument, claim.sharper, claim.limits)


@CLAIMS
def test_a_claim_is_said_in_the_words_of_its_readers(claim) -> None:
    assert not INTERNAL.search("\n".join(texts(claim)))
    assert len(claim.plain.split()) >= 15, claim.plain
    assert re.fullmatch(r"[A-Z][^.]*[^.]\.", claim.plain.replace("1.5", "")), "one sentence"
    assert not re.search(r"[_^|=<>]", claim.plain), "a formula"


@CLAIMS
def test_a_paper_and_an_identity_are_named_where_they_are_used_first(claim) -> None:
    said = "\n".join(texts(claim))
    used, told = SHORT.search(said), EXPLAINED.search(said)
    assert used is None or (told is not None and told.start() == used.start())
    alone = IDENTITY.search(said)
    assert alone is None or re.search(
        r"identit(?:y|ies) (?:I\d(?:,| and) )*$", said[: alone.start()]
    )
    if claim.figure is not None and SHORT.search(claim.figure.caption):
        assert EXPLAINED.search(claim.figure.caption), "stands alone on the page of figures"


@pytest.mark.parametrize("name", derivations.names())
def test_a_derivation_says_where_it_is_from(name: str) -> None:
    text = derivations.derivation(name).text()
    assert not INTERNAL.search(text)
    assert not SHORT.search(text)


@pytest.mark.parametrize("name", proofs.names())
def test_a_proof_says_where_it_is_from(name: str) -> None:
    assert not INTERNAL.search(proofs.proof(name).source)


def pages() -> list[Path]:
    """All pages but those that a run makes of the texts of claims."""
    made = ROOT / "docs" / "claims"
    return [path for path in (ROOT / "docs").rglob("*.md") if made not in path.parents]


def test_no_page_has_words_of_its_authors() -> None:
    for path in [ROOT / "README.md", *pages()]:
        text = path.read_text(encoding="utf-8")
        assert not INTERNAL.search(text), path.name
        used = SHORT.search(text)
        assert used is None or EXPLAINED.match(text, used.start()), path.name


def test_the_page_of_figures_explains_its_papers() -> None:
    text = gallery("figures", "claims")
    used = SHORT.search(text)
    assert used is not None
    assert EXPLAINED.match(text, used.start())


def test_every_spread_of_the_first_figure_is_certified() -> None:
    certified = {abs(Fraction(s.means[0][0]) - Fraction(s.means[1][0])) for s in f6_escape.pairs()}
    assert {Fraction(spread) for spread in f6._SPREADS} <= certified
