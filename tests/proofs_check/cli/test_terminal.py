"""What people see: at every width, in every encoding, with and without colours."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from proofs_check import registry
from proofs_check.claim import Claim, Control
from proofs_check.cli import main
from proofs_check.loading.find import Found
from proofs_check.report import formats
from proofs_check.runner import Run
from proofs_check.verdict import (
    CheckResult,
    ClaimResult,
    ControlResult,
    Method,
    Verdict,
    inconclusive,
)
from tests.proofs_check.commands import refusal
from tests.proofs_check.own_claims import write

ROOT = str(Path(__file__).parents[3])
ESCAPE = "\x1b["


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def result(name: str, *verdicts: Verdict, standing: bool = False) -> ClaimResult:
    checks = tuple(
        inconclusive(f"check {i}", "time ran out")
        if verdict is Verdict.INCONCLUSIVE
        else CheckResult(f"check {i}", verdict, Method.SYMBOLIC, "all n, d", notes=(f"note {i}",))
        for i, verdict in enumerate(verdicts)
    )
    refuted = CheckResult("raised", Verdict.REFUTED, Method.STATISTICAL, "", margin="3 sigma")
    control = checks[0] if standing else refuted
    return ClaimResult(name, checks, (ControlResult("raised", "5% more", control),), 1.0)


def run_of(*results: ClaimResult) -> Run:
    def claim(name: str) -> Claim:
        part = registry.get("E6").checks[0]
        control = Control("raised", "5% more", part)
        words = "a statement that is long enough to be broken " * 3
        return Claim(name, f"Title of {name}", words, "", "here", (), (part,), (control,))

    found = tuple(Found(claim(each.identifier)) for each in results)
    return Run(results, "", 1.0, found=found)


GOOD = result("Good", Verdict.PROVED, Verdict.PROVED)
WEAK = result("Weak", Verdict.PROVED, Verdict.SUPPORTED, Verdict.SUPPORTED)
OPEN = result("Open", Verdict.PROVED, Verdict.INCONCLUSIVE)
STANDS = result("Stands", Verdict.PROVED, standing=True)


def shown(*results: ClaimResult, stream: io.StringIO | None = None, **options: bool) -> str:
    stream = stream or io.StringIO()
    formats.show(run_of(*results), stream, **options)
    return stream.getvalue()


def test_the_table_comes_first_and_says_what_keeps_a_claim_from_more():
    header, rule, good, weak, *_ = shown(GOOD, WEAK).splitlines()
    assert header.split("  ")[0] == "claim"
    assert set(rule) == {"-"}
    assert [cell.strip() for cell in good.split("  ") if cell.strip() and "Title" not in cell] == [
        "Good",
        "PROVED",
        "all proved (symbolic)",
        "1 of 1",
    ]
    assert "SUPPORTED" in weak
    assert "check 1, 1" in weak


def test_what_is_good_is_short_and_what_is_not_is_shown_in_full():
    short, full = shown(GOOD, WEAK), shown(GOOD, WEAK, details=True)
    assert "note 0" not in short
    assert full.count("note 0") == 2
    for bad, words in ((OPEN, "time ran out"), (STANDS, "<- should be REFUTED")):
        text = shown(GOOD, bad)
        assert words in text
        assert "Title of Good" in text.splitlines()[2]
        assert text.count("Title of Good") == 1


@pytest.mark.parametrize("columns", [80, 40])
def test_lines_are_as_wide_as_the_output(monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    text = shown(GOOD, WEAK, OPEN, STANDS, details=True)
    assert max(map(len, text.splitlines())) <= columns
    assert all(name in text for name in ("Good", "Weak", "Open", "Stands"))
    assert " ".join(text.split()).count("long enough to be broken a statement that is long") == 4


def test_long_names_and_numbers_stay_whole(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    number = "1/" + "3" * 60
    found = CheckResult("point", Verdict.PROVED, Method.BALL, "one", notes=(f"at {number} it",))
    control = ControlResult("raised", "more", result("x", Verdict.PROVED).controls[0].result)
    text = shown(ClaimResult("Long", (found,), (control,), 1.0), details=True)
    assert number in text


def test_colours_are_for_terminals_that_take_them(monkeypatch):
    coloured = shown(GOOD, stream=Terminal())
    assert f"{ESCAPE}1;32mPROVED" in coloured
    plain = shown(GOOD)
    assert ESCAPE not in plain
    assert ESCAPE not in shown(GOOD, stream=Terminal(), colours=False)
    monkeypatch.setenv("NO_COLOR", "1")
    assert shown(GOOD, stream=Terminal()) == plain
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert shown(GOOD, stream=Terminal()) == plain


@pytest.mark.parametrize("columns", [80, 40])
def test_list_fits(monkeypatch, capsys, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    assert main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= columns
    listed = [line.split()[0] for line in lines[2:] if not line.startswith(" ")]
    assert listed == [claim.identifier for claim in registry.all_claims()]
    assert "arXiv" not in "".join(lines)
    assert main(["list", "-v", "F5"]) == 0
    assert "arXiv:2511.22069" in capsys.readouterr().out


def test_explain_in_colour_unless_quiet():
    for words, coloured in ((["explain", "E6"], True), (["explain", "E6", "--quiet"], False)):
        stream = Terminal()
        with redirect_stdout(stream):
            assert main(words) == 0
        assert (ESCAPE in stream.getvalue()) is coloured


def piped(*words: str, **environment: str) -> bytes:
    """Output of a command whose output goes to a pipe."""
    found = subprocess.run(
        [sys.executable, "-m", "proofs_check", *words],
        env={**os.environ, "PYTHONPATH": ROOT, **environment},
        capture_output=True,
        timeout=300,
        check=True,
    )
    assert found.stderr == b""
    return found.stdout


def test_a_pipe_gets_the_same_plain_bytes_whatever_the_terminal_is(tmp_path):
    written = write(tmp_path)
    text = Path(written).read_text().replace('"2 K < sum"', '"2 K \u2264 \u2211 |v|\u00b2"')
    Path(written).write_text(text, encoding="utf-8")
    words = ("explain", f"{written}::Own1")
    whole = piped(*words, PYTHONIOENCODING="utf-8")
    assert whole == piped(*words, PYTHONIOENCODING="utf-8", TERM="dumb", NO_COLOR="1")
    assert "\u2264" in whole.decode()
    narrow = piped(*words, PYTHONIOENCODING="ascii", LC_ALL="C")
    assert narrow.decode("ascii") == whole.decode().encode("ascii", "backslashreplace").decode()


def test_explain_shows_page_and_proofs(capsys):
    assert main(["explain", "F5"]) == 0
    text = capsys.readouterr().out
    claim = registry.get("F5")
    assert text.startswith(f"F5: {claim.title}\n")
    headings = [line for line in text.splitlines() if line.startswith("== ")]
    assert "== What this does not show" in headings
    for name in ("Proof A:", "Proof E:", "Derivation amplification-forward"):
        assert any(heading.startswith(f"== {name}") for heading in headings)
    assert all(control.name in text for control in claim.controls)
    assert max(map(len, text.splitlines())) <= 80 + len("== Derivation ")
    steps = text.count("; from ")
    assert main(["explain", "-v", "F5"]) == 0
    assert capsys.readouterr().out.count("; from ") > 5 * steps


@pytest.mark.parametrize("columns", [80, 40])
@pytest.mark.parametrize("what", ["F5", "E6", "A-source"])
def test_explain_keeps_to_the_width(what, columns, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", str(columns))
    assert main(["explain", what]) == 0
    for line in capsys.readouterr().out.splitlines():
        assert len(line) <= columns or len(line.split()) == 1, line


def test_explain_a_proof_a_derivation_and_nothing(capsys):
    assert main(["explain", "I1", "--replay"]) == 0
    assert "PROVED: 2 steps replayed." in capsys.readouterr().out
    assert main(["explain", "lemma-2.2"]) == 0
    assert "lemma-2.2" in capsys.readouterr().out
    assert "CLAIM|PROOF: got nothing-of-the-kind" in refusal(
        capsys, "explain", "nothing-of-the-kind"
    )
