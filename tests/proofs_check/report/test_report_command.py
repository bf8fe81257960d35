"""``proofs-check report``: from a saved report or a run, for claims of this package and others."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from html.parser import HTMLParser
from pathlib import Path

import pytest

import proofs_check
from proofs_check import runner
from proofs_check.cli import main
from proofs_check.loading.find import find
from proofs_check.report.whole import environment
from proofs_check.report.whole.lost import losses
from proofs_check.verdict import CheckResult, ClaimResult, Method, Verdict
from tests.proofs_check import own_claims
from tests.proofs_check.commands import refusal
from tests.proofs_check.report.report_case import ATTACK, claims_of, report_file, results


class Page(HTMLParser):
    """Elements of a page with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)

    def values(self, name: str) -> list[str]:
        return [attributes[name] for _, attributes in self.elements if name in attributes]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def hostile(hostile_report) -> Page:
    return Page(hostile_report.read_text(encoding="utf-8"))


def test_texts_of_claims_do_not_become_markup(hostile):
    tags = [tag for tag, _ in hostile.elements]
    assert tags.count("script") == 1
    assert "img" not in tags
    assert "b" in tags
    assert hostile.text.count("onerror=alert(1)") > 20
    assert not [name for _, found in hostile.elements for name in found if name.startswith("on")]


def test_the_page_loads_nothing_and_links_only_within_itself(hostile):
    ids = hostile.values("id")
    assert sorted(ids) == sorted(set(ids))
    assert {name for tag, found in hostile.elements for name in found} & {"src", "srcset"} == set()
    references = hostile.values("href") + hostile.values("xlink:href")
    inner = [reference for reference in references if reference != "data:,"]
    assert inner
    assert [r for r in inner if not r.startswith("#") or r[1:] not in ids] == []
    used = {i for value in hostile.values("clip-path") for i in re.findall(r"#([^)]+)", value)}
    assert used <= set(ids)


def test_what_was_proved_lost_and_changed_is_said(hostile):
    assert "Where the guarantee was lost" in hostile.text
    assert "drawn cases: what holds at each of them may fail at another" in hostile.text
    assert "Coq: 17 of 17 steps" in hostile.text
    assert "17 steps of K" in hostile.text
    assert "proofs-check prove K --check coq" in hostile.text
    assert "proofs-check derive I1-student" in hostile.text
    assert "Changes since old.json" in hostile.text
    assert "confirmed" in hostile.text.lower()
    assert "means ((1/3), (2)), weights (1/2, 1/2)" in hostile.text


def test_formulas_are_mathml_or_text(hostile):
    tags = [tag for tag, _ in hostile.elements]
    assert tags.count("math") > 10
    assert r"\input{/etc/passwd} \href{javascript:alert(1)}{x}" in hostile.text


def test_the_same_results_give_the_same_bytes(tmp_path):
    found = find(["E6"])
    saved = report_file(tmp_path / "run.json", found)
    texts = []
    for _ in range(2):
        assert main(["report", "--report", saved, "--no-figures", "--out", str(tmp_path)]) == 0
        texts.append((tmp_path / "report.html").read_bytes())
    assert texts[0] == texts[1]


def test_a_file_named_in_a_report_is_not_run(tmp_path, capsys):
    found = claims_of(tmp_path)
    saved = report_file(tmp_path / "run.json", found)
    Path(tmp_path, "hostile.py").write_text("raise SystemExit('it ran')", encoding="utf-8")
    assert main(["report", "--report", saved, "--out", str(tmp_path / "out")]) == 0
    page = Page((tmp_path / "out" / "report.html").read_text(encoding="utf-8"))
    assert "Its statement stands in" in page.text
    assert "n = 2, ψ" in page.text


def test_a_claim_that_has_changed_since_is_marked(tmp_path):
    saved = report_file(tmp_path / "run.json", find(["E6"]))
    document = json.loads(Path(saved).read_text(encoding="utf-8"))
    document["claims"][0]["checks"][0]["name"] = "another"
    Path(saved).write_text(json.dumps(document), encoding="utf-8")
    words = ["--report", saved, "--no-proofs", "--no-figures", "--out", str(tmp_path)]
    assert main(["report", "E6", *words]) == 0
    page = Page((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert "The claim has changed since the run" in page.text


@pytest.mark.parametrize(("verdict", "code"), [("SUPPORTED", 0), ("INCONCLUSIVE", 3)])
def test_exit_codes_are_those_of_the_run(tmp_path, verdict, code):
    saved = report_file(tmp_path / "run.json", find(["E6"]), verdict=Verdict(verdict))
    words = ["--report", saved, "--no-proofs", "--no-figures", "--out", str(tmp_path)]
    assert main(["report", *words]) == code


def test_a_weaker_verdict_than_before_ends_with_1(tmp_path):
    old = report_file(tmp_path / "old.json", find(["E6"]))
    new = report_file(tmp_path / "new.json", find(["E6"]), verdict=Verdict.INCONCLUSIVE)
    words = ["--no-proofs", "--no-figures", "--out", str(tmp_path)]
    assert main(["report", "--report", new, "--against", old, *words]) == 1
    assert 'class="bad"' in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_saved_run_of_some_claims_does_not_lose_the_others(tmp_path):
    old = report_file(tmp_path / "old.json", find(["E6", "E2"]))
    new = report_file(tmp_path / "new.json", find(["E6"]))
    words = ["--no-proofs", "--no-figures", "--out", str(tmp_path)]
    assert main(["report", "--report", new, "--against", old, *words]) == 0
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Nothing changed." in text


def test_an_interrupted_run_writes_no_report(tmp_path, monkeypatch, capsys):
    def interrupted(found, context, **options):
        return runner.Run(tuple(results(found)), "interrupted", 1.0, found=tuple(found))

    monkeypatch.setattr(runner, "run", interrupted)
    assert main(["report", "E6", "--out", str(tmp_path / "out")]) == 130
    assert "no report was written" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_fresh_run_of_own_claims(tmp_path):
    path = own_claims.write(tmp_path)
    assert main(["report", path, "--out", str(tmp_path / "out")]) == 0
    page = Page((tmp_path / "out" / "report.html").read_text(encoding="utf-8"))
    assert "2 claims: 2 PROVED" in page.text
    assert f"proofs-check verify {path}::Own1 --budget quick" in page.text


OWN_PROOFS = """
from dataclasses import replace

from proofs_check.proofs.check import ProofCheck
from proofs_check.proofs.divergence_bounds import total_variation


def mine():
    return replace(total_variation(), name="mine")


def other():
    return replace(total_variation(), name="other")


PROOFS = (mine,)
CLAIMS = tuple(
    replace(c, checks=(*c.checks, ProofCheck("mine", mine), ProofCheck("other", other)))
    for c in CLAIMS[:1]
)
"""


def test_proofs_of_a_claims_file_are_shown(tmp_path, capsys):
    path = own_claims.write(tmp_path, own_claims.TEXT + OWN_PROOFS)
    saved = report_file(tmp_path / "run.json", find([path]))
    words = ["report", path, "--report", saved, "--no-figures", "--out", str(tmp_path / "out")]
    assert main(words) == 0
    page = Page((tmp_path / "out" / "report.html").read_text(encoding="utf-8"))
    assert "5 steps of mine" in page.text
    assert f"proofs-check prove {path}::mine" in page.text
    assert "5 steps of other" in page.text
    assert f"proofs-check prove {path}::other" not in page.text
    capsys.readouterr()
    broken = own_claims.TEXT + OWN_PROOFS.replace('name="other")', "nam=1)")
    own_claims.write(tmp_path, broken)
    report_file(tmp_path / "run.json", find([path]))
    assert "my_claims.py:" in refusal(capsys, *words)


def test_what_cannot_be_reported_is_refused(tmp_path, capsys, monkeypatch):
    out = ["--out", str(tmp_path / "out")]
    saved = report_file(tmp_path / "run.json", find(["E6"]))
    assert "a claim of the report: E6" in refusal(capsys, "report", "F1", "--report", saved, *out)
    assert "No such file" in refusal(capsys, "report", "--report", "none.json", *out)
    empty = report_file(tmp_path / "empty.json", [])
    assert "with claims in it" in refusal(capsys, "report", "--report", empty, *out)
    twice = report_file(tmp_path / "twice.json", [*find(["E6"])] * 2)
    assert "the same identifier" in refusal(capsys, "report", "--report", twice, *out)
    assert not (tmp_path / "out").exists()
    monkeypatch.setitem(sys.modules, "jinja2", None)
    assert "proofs-check[report]" in refusal(capsys, "report", "--report", saved, *out)


def test_why_a_claim_is_not_proved():
    def lost(**facts: object) -> list[tuple[str, str]]:
        check = CheckResult("c", scope="n = 2", **facts)  # type: ignore[arg-type]
        found = losses(ClaimResult("T", (check,), (), 0.0))
        return [(loss.why, loss.lift) for loss in found]

    assert lost(verdict=Verdict.PROVED, method=Method.BALL) == []
    open_step = lost(verdict=Verdict.SUPPORTED, method=Method.BALL, notes=("step 2 is open",))
    assert open_step == [("step 2 is open", "a proof of what is missing there")]
    notes = ("the time was up", "to decide: more time")
    (late,) = lost(verdict=Verdict.INCONCLUSIVE, method=Method.NONE, notes=notes)
    assert late == ("the time was up", "more time")
    for method in (Method.GENERATED, Method.NUMERICAL, Method.STATISTICAL):
        (found,) = lost(verdict=Verdict.SUPPORTED, method=method)
        assert all(found)


def test_the_templates_are_in_the_package():
    """The wheel takes what the patterns of package-data name, and nothing else."""
    names = environment.templates().list_templates()
    assert {"report.html.jinja", "appendix.tex.jinja", "main.tex.jinja"} <= set(names)
    root = Path(proofs_check.__file__).parent
    project = tomllib.loads((root.parent / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]["proofs_check"]
    packed = {path for pattern in patterns for path in root.glob(pattern)}
    kept = {p for p in root.rglob("*") if p.is_file() and p.suffix not in (".py", ".pyc", ".nbi")}
    assert kept - packed == set()


def test_results_of_the_cases_are_as_a_run_has_them(tmp_path):
    for result in results(claims_of(tmp_path)):
        assert result.verdict is Verdict.PROVED
        assert ATTACK in result.checks[0].name
