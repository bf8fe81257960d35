"""Every formula of a page can be typeset; the build of the documentation asks for it, too."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from proofs_check.report.whole import mathml

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted(DOCS.rglob("*.md"))


def formulas(text: str) -> list[str]:
    """Formulas outside of code, displayed ones first."""
    text = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"`[^`\n]*`", "", text)
    display = r"\$\$(.+?)\$\$"
    shown = re.findall(display, text, re.DOTALL)
    rest = re.sub(display, "", text, flags=re.DOTALL)
    inline = re.findall(r"(?<![\\$])\$([^$]+?)(?<!\\)\$(?!\d)", rest)
    return [*shown, *inline]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_formulas_are_typeset(page: Path) -> None:
    wrong = [found for found in formulas(page.read_text("utf-8")) if not mathml.mathml(found)]
    assert wrong == []


@pytest.mark.parametrize("formula", [r"w^\top C", r"\lceil x\rceil"])
def test_a_formula_that_cannot_be_typeset_is_told(formula: str) -> None:
    assert formulas(f"text ${formula}$ text") == [formula]
    assert not mathml.mathml(formula)
