"""Texts of claims in a report: formulas, Markdown and figures are shown and never act."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs_check import registry
from proofs_check.formulas.formula import pieces, typeset
from proofs_check.formulas.tex_text import code, prose, tex
from proofs_check.proofs import catalogue
from proofs_check.proofs.tactics import rendering
from proofs_check.report.whole import latex, markdown, mathml, svg_inline
from proofs_check.report.whole.model import Formula
from tests.proofs_check.report.report_case import ATTACK

ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
_WORDS = r"""
    x 1 + - = < | \| { } ( ) ^ _ & \\ \, \frac \text \left \right \big \sum \le \sqrt
    \begin{cases} \end{cases} \href \input \mathrm \operatorname <script> ψ ² ☃ % $ # ^^5c
"""
TOKENS = st.lists(st.sampled_from(_WORDS.split()), max_size=14).map(" ".join)


def elements(markup: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(f"<x>{markup.replace('<wbr>', '<wbr/>')}</x>").iter())[1:]


def test_every_claims_formula_is_typeset():
    formulas = [claim.latex for claim in registry.all_claims() if claim.latex]
    assert len(formulas) > 20
    assert [shown for shown in formulas if not mathml.mathml(shown)] == []
    typeset_by_tex = [latex.formula(Formula("no", shown)) for shown in formulas]
    assert [made for made in typeset_by_tex if not made.startswith("$")] == []


@pytest.mark.parametrize("name", ["K", "TV"])
def test_every_step_of_a_proof_is_typeset(name):
    goals = [step.goal for step in catalogue.proof(name).steps if step.goal is not None]
    assert goals
    assert [g for g in map(rendering.latex, goals) if not mathml.mathml(g)] == []


@given(TOKENS | ANY)
def test_mathml_is_of_known_elements_only(text):
    found = mathml.mathml(text)
    made = elements(found)
    assert {element.tag for element in made} <= mathml._ELEMENTS | {"wbr"}
    assert {name for element in made for name in element.attrib} <= mathml._ATTRIBUTES


@given(TOKENS)
def test_pieces_are_the_formula(text):
    safe = typeset(text)
    assert "".join("".join(pieces(safe)).split()) == "".join(safe.split())


@given(ANY)
def test_text_for_latex_is_ascii_and_escaped(text):
    for made in (tex(text), prose(text), code(text)):
        assert made.isascii()
        assert not re.search(r"(?<!\\)[%&#$]", made)
        depth = 0
        for token in re.findall(r"\\.|[{}]", made):
            depth += {"{": 1, "}": -1}.get(token, 0)
            assert depth >= 0
        assert depth == 0


def test_accents_and_greek_for_latex():
    assert tex("Łojasiewicz–Hölder, ψ²") == (r"\L{}ojasiewicz--H\"{o}lder, \ensuremath{\psi}2")
    assert typeset("‖ψ₁‖² ≤ ½") == r"\|\psi_{1}\|^{2} \le \tfrac{1}{2}"


@pytest.mark.parametrize(
    "wrong",
    [
        r"\input{/etc/passwd}",
        r"\write18{ls}",
        r"x} \end{document}",
        r"\begin{tikzpicture}\end{tikzpicture}",
        "x & y",
        "50% of x",
        "$x$",
        r"\left( x",
        r"\big x",
        "a\n\nb",
        r"\def\x{1}",
        "^^5cinput",
    ],
)
def test_unsafe_latex_is_shown_as_text(wrong):
    shown = Formula(wrong, wrong)
    assert latex.formula(shown).startswith(r"\texttt{")
    assert mathml.formula(shown).startswith("<code>")


def test_a_long_formula_is_cut_at_its_relations_and_signs():
    long = r"a_1 + b \le \sum_j |v_j - c_0|^2 + " + r"\frac{1 + x}{2}\,y + " * 4 + "z"
    found = pieces(long)
    assert found[0] == "a_1 + b"
    assert r"+ \frac{1 + x}{2}\,y" in found
    assert r"\le \sum_j |v_j - c_0|^2" in found


def test_markdown_shows_addresses_and_html_as_text():
    made = markdown.to_html(f"[a](javascript:alert) ![b](http://x.invalid) {ATTACK}\n\n- `c`")
    assert not re.search(r"<(a|img|script|/td)\b", made)
    assert "<li>" in made


def test_inlined_figures_have_identifiers_of_their_own():
    svg = """<?xml version="1.0"?><!DOCTYPE svg>
    <svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9">
    <style>* {color: red}</style><script>alert(1)</script>
    <defs><path id="m"/><clipPath id="p"/></defs>
    <a xlink:href="javascript:alert(1)"><path d="M0"/></a>
    <g clip-path="url(#p)" onclick="alert(1)" style="fill: url(http://x.invalid/#a)">
    <use xlink:href="#m"/><image xlink:href="http://x.invalid/i.png"/></g></svg>"""
    one, two = (svg_inline.inlined(svg, prefix, 'a "curve"') for prefix in ("F1", "F2"))
    assert set(re.findall(r'id="([^"]*)"', one)) == {"F1-m", "F1-p"}
    assert 'href="#F1-m"' in one
    assert "url(#F1-p)" in one
    assert "url(#F2-p)" in two
    for gone in ("script", "style>", "javascript", "onclick", "x.invalid", "width="):
        assert gone not in one
