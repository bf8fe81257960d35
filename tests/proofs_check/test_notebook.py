"""What a notebook shows: escaped, short, and the stored notebook runs."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path

import mpmath
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import numerics
from numerics import markup
from numerics.descent.run import descend
from proofs_check import registry, runner
from proofs_check.proofs import catalogue
from proofs_check.proofs.tactics.script import replay
from proofs_check.verdict import CheckResult, ClaimResult, ControlResult, Method, Verdict

NOTEBOOK = Path(__file__).parents[2] / "docs" / "notebooks" / "first-look.ipynb"


class Balanced(HTMLParser):
    """Checks that every tag is closed, and gathers the text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        assert not attributes
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def shown(thing: object) -> str:
    """The text that a notebook shows of a thing."""
    text = thing._repr_html_()
    assert len(text) < 12_000
    return " ".join(Balanced(text).texts)


def test_numbers_are_short():
    options = {"quantity": "loss", "digits": 400, "backend": "ball"}
    found = numerics.evaluate("forward", [[0], ["2.5"]], **options)
    text = shown(found)
    assert "0.47925762730" in text
    assert len(text) < 250
    assert "(20 of 402 digits)" in text
    latex = found._repr_latex_()
    assert latex.startswith("$0.47925762730")
    assert r"\pm" in latex
    assert len(latex) < 120
    plain = numerics.evaluate("forward", [[0], ["2.5"]])
    assert "forward loss, 15 digits" in shown(plain)
    assert plain._repr_latex_().startswith("$0.479257")


@pytest.mark.parametrize("backend", ["float64", "ball"])
def test_a_gradient_is_a_table(backend):
    found = numerics.evaluate("kl", [[0], ["2.5"]], quantity="gradient", backend=backend)
    assert shown(found).count("+/-") == 2
    latex = found._repr_latex_()
    assert latex.count(r"\pm") == 2
    assert latex.startswith(r"$\begin{bmatrix} 0.19170305092")
    assert latex.endswith(r"\end{bmatrix}$")


@settings(max_examples=200)
@given(
    st.integers(-(10**60), 10**60),
    st.integers(-80, 60),
    st.one_of(st.just(Fraction(0)), st.fractions(0, 1)).map(lambda x: x**8),
    st.sampled_from(["text", "mpf", "float"]),
)
def test_a_shortened_enclosure_encloses(mantissa, exponent, radius, kind):
    if kind == "text":
        middle = f"{mantissa}e{exponent}"
        exact = Fraction(middle)
    elif kind == "mpf":
        with mpmath.workdps(60):
            middle = mpmath.mpf(mantissa) * mpmath.mpf(2) ** exponent
        exact = Fraction(mantissa) * Fraction(2) ** exponent
        assume(abs(mantissa) < 2**199)
    else:
        middle = float(mantissa) * 2.0**exponent
        exact = Fraction(middle)
    error = float(radius)
    shown, bound, note = markup.short_enclosure(middle, error)
    assert abs(Fraction(shown) - exact) + Fraction(error) <= Fraction(bound)
    assert len(re.sub(r"e.*|\D", "", shown).lstrip("0")) <= markup.DIGITS
    assert "E" not in shown + bound
    if not note and error:
        assert Fraction(bound) <= 2 * Fraction(error)


def test_all_digits_of_the_error_hold_beside_what_is_shown():
    found = numerics.evaluate("kl", [[0], ["2.5"]], digits=40, backend="mpmath")
    (cell,) = re.findall(r"<td>(\S+) \+/- (\S+) \(20 of \d+ digits\)", found._repr_html_())
    with mpmath.workdps(60):
        assert abs(mpmath.mpf(cell[0]) - found.value) + found.error <= mpmath.mpf(cell[1])
    assert mpmath.mpf(cell[1]) < 1e-18


def test_large_tables_say_what_is_left_out():
    found = numerics.evaluate("kl", [[0], ["2.5"]], quantity="gradient")
    large = replace(found, value=np.ones((50, 50)), error=np.ones((50, 50)))
    text = shown(large)
    assert f"and {50 - markup.ROWS} more" in text
    assert text.count("+/-") == markup.ROWS * markup.COLUMNS


def test_texts_are_escaped_and_cut():
    claim = replace(
        registry.get("E6"), title="<script>alert(1)</script> & more", statement="x" * 10**5
    )
    assert "<script>" not in claim._repr_html_()
    assert "<script>alert(1)</script> & more" in shown(claim)
    note = "1/" + "7" * 10**5
    check = CheckResult("a < b", Verdict.PROVED, Method.BALL, "n < 3", notes=(note,))
    assert "a < b: PROVED" in shown(check)
    control = ControlResult("raised", "5% more", check)
    assert "should be REFUTED" in shown(ClaimResult("X", (check,), (control,), 1.0))


def test_latex_is_the_claims_or_nothing():
    claim = registry.get("F5")
    assert claim.latex in claim._repr_latex_()
    assert replace(claim, latex="")._repr_latex_() is None
    assert replace(claim, latex="x" * 10**5)._repr_latex_() is None


def test_proofs_descents_and_runs():
    assert "not replayed" in shown(catalogue.proof("F"))
    assert "Proof I1: PROVED" in shown(replay(catalogue.proof("I1")))
    assert "converged" in shown(descend("kl", [[1], [-2]], step_size=Fraction(1, 2), steps=20))
    check = CheckResult("loss", Verdict.PROVED, Method.BALL, "n < 3")
    assert "E6 PROVED" in shown(runner.Run((ClaimResult("E6", (check,), (), 1.0),), "", 1.0))


def test_the_stored_notebook_runs_and_says_the_same():
    pytest.importorskip("nbclient")
    import nbformat
    from nbclient import NotebookClient

    stored = nbformat.read(NOTEBOOK, as_version=4)
    again = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(again, timeout=600, kernel_name="python3").execute()
    for before, after in zip(stored.cells, again.cells, strict=True):
        if before.cell_type == "code":
            assert [outputs(x) for x in before.outputs] == [outputs(x) for x in after.outputs]


def outputs(output) -> dict:
    """What an output says; the picture of a figure only as far as that there is one."""
    data = {kind: text for kind, text in output.get("data", {}).items() if kind != "text/plain"}
    if "image/svg+xml" in data:
        data["image/svg+xml"] = ""
    return data | {"text": output.get("text", "")}
