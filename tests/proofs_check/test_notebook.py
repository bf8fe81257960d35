"""What a notebook shows: escaped, short, and the stored notebook runs."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

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
    assert len(text) < 200
    latex = found._repr_latex_()
    assert latex.startswith("$0.47925762730")
    assert r"\pm" in latex
    assert len(latex) < 100
    plain = numerics.evaluate("forward", [[0], ["2.5"]])
    assert "forward loss, 15 digits" in shown(plain)
    assert plain._repr_latex_().startswith("$0.479257")


@pytest.mark.parametrize("backend", ["float64", "ball"])
def test_a_gradient_is_a_table(backend):
    found = numerics.evaluate("kl", [[0], ["2.5"]], quantity="gradient", backend=backend)
    assert shown(found).count("+/-") == 2
    assert found._repr_latex_() is None


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
    NotebookClient(again, timeout=120, kernel_name="python3").execute()
    for before, after in zip(stored.cells, again.cells, strict=True):
        if before.cell_type == "code":
            assert [outputs(x) for x in before.outputs] == [outputs(x) for x in after.outputs]


def outputs(output) -> dict:
    """What an output says; the picture of a figure only as far as that there is one."""
    data = {kind: text for kind, text in output.get("data", {}).items() if kind != "text/plain"}
    if "image/svg+xml" in data:
        data["image/svg+xml"] = ""
    return data | {"text": output.get("text", "")}
