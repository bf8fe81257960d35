"""Pages: what a claim's page says, that it never varies, and that every claim has one."""

from __future__ import annotations

import dataclasses
import json
import pkgutil
import re
import sys
from importlib import import_module
from pathlib import Path

import jsonschema
import pytest

from proofs_check import claims, registry
from proofs_check.claim import Figure
from proofs_check.cli import main
from proofs_check.loading.find import find
from proofs_check.points.witness import Witness
from proofs_check.report import page_files
from proofs_check.report.pages import Judged, Settings, index, page
from proofs_check.schemas import schema
from proofs_check.statements.mixture import Mixture
from proofs_check.verdict import CheckResult, ClaimResult, ControlResult, Method, Verdict
from tests.proofs_check import demo_claims

PAGES = Path(__file__).parents[3] / "docs" / "claims"
WITNESS = Witness(
    Mixture.of([["1"], ["2"]]), "L = 2 K", "[0.5 +/- 1e-31]", "[" + "1" * 40 + " +/- 1e-31]", 30
)
PROVED = CheckResult("root|2", Verdict.PROVED, Method.BALL, "0 < a < 1", "1e-50", 50)
SUPPORTED = CheckResult(
    "cases", Verdict.SUPPORTED, Method.GENERATED, "200 cases", "1e-9", 15, 200, 3.5, ("a note",)
)
REFUTED = CheckResult(
    "2 K", Verdict.REFUTED, Method.BALL, "n = 2", notes=(str(WITNESS),), witness=WITNESS
)
RESULT = ClaimResult("T9", (PROVED, SUPPORTED), (ControlResult("two", "2 for 1", REFUTED),), 7.0)
SETTINGS = Settings("full", 20, 3)


def parabola(axes, context):
    axes.plot([0, 1, 2], [0, 1, 4])


draw = parabola


@pytest.fixture
def claim(monkeypatch):
    """A registered claim with all texts and a figure."""
    made = dataclasses.replace(
        demo_claims.DEMO,
        identifier="T9",
        derived=("I1", "by hand"),
        argument="Both together.",
        sharper="By a factor 2.",
        limits="Nothing *else*.",
        figure=Figure("A parabola.", __name__),
    )
    monkeypatch.setitem(registry._CLAIMS, "T9", made)
    return made


def test_a_page_says_what_was_found(claim):
    text = page(claim, Judged(RESULT, SETTINGS), page_files.commands_of_derivations())
    for line in (
        "# T9: de Bruijn's identity",
        "**SUPPORTED** (generated); 1 of 1 controls refuted. All claims: [index](index.md).",
        r"sum\_j v\_j . grad\_j K = L",
        "- `I1`: `proofs-check derive I1`",
        "- by hand",
        "Both together.",
        r"| `root\|2` | 0 &lt; a &lt; 1 | ball | - | 1e-50 | 50 |",
        "| `cases` | 200 cases | generated | 200 | 1e-9 | 15 |",
        "- `cases`: a note",
        "- **two** (2 for 1): REFUTED, ball.",
        "  - L = 2 K fails at means ((1), (2)), weights (1/2, 1/2):",
        "    `[0.5 +/- 1e-31]` against `[1.1111111111111111111e39 +/- 1.2e19]`, confirmed to 30 "
        "digits.",
        "By a factor 2.",
        "A parabola.",
        "Nothing *else*.",
        "proofs-check verify T9 --budget full --digits 20 --seed 3   # the verdicts",
    ):
        assert line in text.splitlines(), line
    headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert headings[:2] == ["Statement", "Figure"]
    assert headings[-3:] == ["What this does not show", "Details of the checks", "Made by"]
    assert "What is PROVED" in headings
    assert "What is SUPPORTED" in headings
    assert "What is INCONCLUSIVE" not in headings
    assert "3.5" not in text  # no times
    assert "| [T9](T9.md) | de Bruijn's identity | SUPPORTED | generated | 1 of 1 |" in index(
        [Judged(RESULT, SETTINGS, claim.title)]
    )


def test_a_page_opens_with_a_sentence_and_tells_why_a_check_failed_beside_it(claim):
    said = dataclasses.replace(claim, plain="Both losses agree, up to a factor.")
    plain = page(said, Judged(RESULT, SETTINGS)).splitlines()
    assert plain[2] == "Both losses agree, up to a factor."
    assert page(claim, Judged(RESULT, SETTINGS)).splitlines()[2] == "De Bruijn's identity."
    assert plain.index("- `cases`: a note") > plain.index("## Details of the checks")
    open_one = dataclasses.replace(SUPPORTED, verdict=Verdict.INCONCLUSIVE)
    parts = dataclasses.replace(RESULT, checks=(open_one,))
    lines = page(claim, Judged(parts, SETTINGS)).splitlines()
    assert lines.index("- `cases`: a note") < lines.index("## Controls")
    assert "## Details of the checks" not in lines


def test_the_index_explains_its_letters_where_all_claims_are_listed():
    named = [
        Judged(dataclasses.replace(RESULT, identifier=each.identifier), SETTINGS, each.title)
        for each in shipped_claims()
    ]
    text = index(named, "../concepts/verdicts.md")
    assert {each.result.identifier[0] for each in named} == set(
        re.findall(r"^- ([A-Z]): ", text, re.MULTILINE)
    )
    assert "[verdicts](../concepts/verdicts.md)" in text
    assert "- E: " not in index([Judged(RESULT, SETTINGS, "mine")])


def test_the_same_results_give_the_same_files(claim, tmp_path):
    first, second = tmp_path / "a", tmp_path / "b"
    slower = dataclasses.replace(RESULT, seconds=99.0)
    page_files.write_pages(first, find(["T9"]), {"T9": Judged(RESULT, SETTINGS)})
    page_files.write_pages(second, find(["T9"]), {"T9": Judged(slower, SETTINGS)})
    names = sorted(path.name for path in first.iterdir())
    assert names == ["T9.md", "T9.svg", "index.md", "verdicts.json"]
    for name in names:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name
    assert "<svg" in (first / "T9.svg").read_text()
    assert "dc:date" not in (first / "T9.svg").read_text()
    jsonschema.validate(json.loads((first / "verdicts.json").read_text()), schema("pages"))


def test_pages_of_other_claims_stay_in_the_index(claim, tmp_path):
    proved = dataclasses.replace(RESULT, identifier="T2", checks=(PROVED,))
    page_files.write_pages(tmp_path, find(["T2"]), {"T2": Judged(proved, SETTINGS)})
    page_files.write_pages(tmp_path, find(["T9"]), {"T9": Judged(RESULT, SETTINGS)})
    listed = (tmp_path / "index.md").read_text()
    assert "[T9](T9.md)" in listed
    assert "[T2](T2.md)" in listed
    (read,) = page_files.read_verdicts(tmp_path)["T2"].result.checks
    assert read == PROVED


def test_pages_from_a_report(claim, tmp_path, capsys):
    report = tmp_path / "report.json"
    assert main(["verify", "E6", "--json", str(report)]) == 0
    capsys.readouterr()
    assert main(["pages", "--report", str(report), "--output", str(tmp_path / "pages")]) == 0
    assert "PROVED" in capsys.readouterr().out
    text = (tmp_path / "pages" / "E6.md").read_text()
    assert "| `I1` | all n, d, all weights | symbolic | - | - | - |" in text
    assert "1.05 L for L" in text
    assert re.search(r"`\[-?0\.\d+ \+/- [\d.]+e-\d+\]` against", text)  # the witness's enclosures


@pytest.mark.parametrize(
    ("content", "words", "allowed"),
    [
        ("{}", [], "a report that proofs-check verify --json wrote ('claims' is a required"),
        ("[", [], "a report that proofs-check verify --json wrote (truncated or no JSON"),
        (None, [], "a report that proofs-check verify --json wrote (No such file or directory)"),
        ('{"environment": {"budget": "quick", "digits": 15, "seed": 0}, "claims": []}', ["F1"], ""),
    ],
)
def test_reports_that_cannot_be_used_are_one_line(tmp_path, capsys, content, words, allowed):
    path = tmp_path / "report.json"
    if content is not None:
        path.write_text(content)
    assert main(["pages", *words, "--report", str(path), "--output", str(tmp_path / "p")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert allowed in line
    assert not (tmp_path / "p").exists()


def test_a_report_cannot_say_more_than_its_method(tmp_path, capsys):
    data = {"name": "c", "verdict": "PROVED", "method": "generated", "scope": "", "seconds": 0}
    data |= {"margin": None, "digits": None, "cases": 9, "notes": [], "witness": None}
    claims = [{"id": "E6", "checks": [data], "controls": [], "seconds": 0}]
    environment = {"budget": "quick", "digits": 15, "seed": 0}
    path = tmp_path / "report.json"
    path.write_text(json.dumps({"claims": claims, "environment": environment}))
    assert main(["pages", "--report", str(path), "--output", str(tmp_path / "pages")]) == 2
    assert "method 'generated' cannot prove" in capsys.readouterr().err


def test_without_matplotlib_the_error_names_the_extra(monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert main(["pages", "E6", "--output", str(tmp_path)]) == 2
    assert "pip install 'proofs-check[plot]'" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_report_without_claims_is_refused(tmp_path, capsys):
    report = tmp_path / "report.json"
    assert main(["verify", "E6", "--json", str(report)]) == 0
    empty = {**json.loads(report.read_text()), "claims": []}
    report.write_text(json.dumps(empty))
    capsys.readouterr()
    assert main(["pages", "--report", str(report), "--output", str(tmp_path / "pages")]) == 2
    assert "a report with claims in it" in capsys.readouterr().err


def shipped_claims():
    """Claims of the package; tests register further ones."""
    modules = pkgutil.iter_modules(claims.__path__, "proofs_check.claims.")
    return [
        claim for found in modules for claim in getattr(import_module(found.name), "CLAIMS", ())
    ]


@pytest.mark.parametrize("claim", shipped_claims(), ids=lambda claim: claim.identifier)
def test_every_claim_has_its_page(claim):
    """The committed page is what `proofs-check pages` makes of the committed verdicts."""
    remedy = f"run: proofs-check pages {claim.identifier}"
    assert claim.limits, "a claim says what it does not show"
    found = page_files.read_verdicts(PAGES).get(claim.identifier)
    assert found is not None, remedy
    judged = [part.name for part in (*found.result.checks, *found.result.controls)]
    assert judged == [part.name for part in claim.parts], remedy
    committed = (PAGES / f"{claim.identifier}.md").read_text()
    assert committed == page(claim, found, page_files.commands_of_derivations()), remedy
    assert (claim.figure is None) or (PAGES / f"{claim.identifier}.svg").exists(), remedy
    assert f"[{claim.identifier}]({claim.identifier}.md)" in (PAGES / "index.md").read_text()
