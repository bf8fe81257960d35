"""What claims files say is shown as it is: nothing unseen turns text round or drives a terminal."""

from __future__ import annotations

import io
import json
import re
import unicodedata
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from numerics.visible import visible
from proofs_check import registry
from proofs_check.cli import main
from proofs_check.report import console
from tests.proofs_check import own_claims

UNSEEN = [*map(chr, range(0x20)), *map(chr, range(0x7F, 0xA0)), *"\u061c\u200e\u200f\ufeff"]
UNSEEN += [*map(chr, range(0x2028, 0x202F)), *map(chr, range(0x2066, 0x206A))]
UNSEEN = [character for character in UNSEEN if character not in "\n\t"]
BAD = re.compile("[" + re.escape("".join(UNSEEN)) + "]")
MARKS = "\u202e\u2066\u200f\x1b[31m\x07\x9b2J"
TEXT = (
    own_claims.TEXT.replace('CLAIMS = (claim("Own1"), claim("Own2"))', "")
    .replace(
        '"small", "2 K < sum", "2 K", "mine", (), (check,), (control,))',
        'M + "t", M + "s", "2 K" + M, M + "o", (M + "h",), (check,), (control,), argument=M + "a")',
    )
    .replace('"the sign turned"', 'M + "change"')
    + 'CLAIMS = (claim("Own1", ">", ">="),)\n'
)


def test_all_that_is_unseen_is_shown_and_nothing_else():
    for number in range(0x3000):
        character = chr(number)
        assert (visible(character) != character) == (character in UNSEEN)
        if unicodedata.bidirectional(character) in (
            "LRE",
            "RLE",
            "PDF",
            "LRO",
            "RLO",
            "LRI",
            "RLI",
        ):
            assert character in UNSEEN
    text = "".join(UNSEEN) + "a\n\té"
    assert json.loads(f'"{visible(text)}"'.replace("\n", "\\n").replace("\t", "\\t")) == text


def test_no_output_of_claims_has_unseen_characters(tmp_path, capsys):
    path = own_claims.write(tmp_path, f"M = {MARKS!r}\n" + TEXT)
    run, junit, out = (str(tmp_path / name) for name in ("run.json", "junit.xml", "out"))
    calls = [
        ["list", "-v", path],
        ["explain", path],
        ["verify", "-v", path, "--json", run, "--junit", junit],
        ["pages", path, "--report", run, "--out", out],
        ["report", path, "--report", run, "--against", run, "--no-figures", "--out", out],
        ["report", path, "--report", run, "--format", "latex", "--no-figures", "--out", out],
    ]
    for words in calls:
        assert main(words) in (0, 1)
        said = capsys.readouterr()
        assert not BAD.search(said.out + said.err), words
    for each in (tmp_path / "junit.xml", tmp_path / "run.json", *(tmp_path / "out").iterdir()):
        text = each.read_text(encoding="utf-8")
        assert not BAD.search(text), each
    assert r"\u202e" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    ElementTree.parse(junit)
    assert json.loads((tmp_path / "run.json").read_text())["claims"][0]["title"] == MARKS + "t"


@pytest.mark.parametrize(
    "latex",
    [
        r"\immediate\write18{id}",
        r"\input{/etc/passwd}",
        r"\href{javascript:alert(1)}{x}",
        r"</math><script>alert(1)</script>",
        "x $ y",
        "\u202ex",
    ],
)
def test_a_notebook_typesets_known_commands_only(latex):
    claim = replace(registry.get("E6"), latex=latex)
    shown = claim._repr_latex_() or ""
    text = claim._repr_html_()
    for bad in ("write18", "input", "href", "<", "\u202e"):
        assert bad not in shown
    for bad in ("<script", "\u202e"):
        assert bad not in text
    if not shown:
        assert "<code>" in text


class Terminal(io.StringIO):
    """A stream that takes colours."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("line", "red"),
    [
        ("2 of 2 controls REFUTED, as they should be.", False),
        ("    control  REFUTED       turned: ball", False),
        ("    control  PROVED        turned: ball", True),
        ("F1 control is PROVED, not REFUTED: turned.", True),
        ("1 of 2 controls REFUTED, as all should be.", False),
        ("    check    REFUTED       points: ball", True),
        ("1 claim: 1 REFUTED.", True),
        ("    check    PROVED        points: ball", False),
    ],
)
def test_what_is_wrong_is_red_and_nothing_else(monkeypatch, line, red):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    stream = Terminal()
    console.write_lines([line], stream)
    assert ("\x1b[1;31m" in stream.getvalue()) is red
