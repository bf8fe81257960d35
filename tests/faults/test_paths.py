"""Names of files that cannot be, or that are as long as can be: refused at once, or written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.test_fuzz import answer

DESCEND = ["descend", "--objective", "kl", "--means", "[[1]]", "--step-size", "0.1", "--steps", "2"]
STUDY = ["precision", "--distance", "3", "--spread", "1e-2", "--family", "along"]
COMPARE = ["compare", "--means", "[[1]]", "--steps", "100"]
#: Commands that read or write ``{}``, which none of them may begin to work for.
WORDS = (
    ["list", "{}.py"],
    ["explain", "{}.py"],
    ["prove", "{}.py::T"],
    ["prove", "I1", "--out", "{}"],
    ["prove", "I1", "--json", "{}"],
    ["verify", "{}.py"],
    ["verify", "E6", "--against", "{}"],
    ["verify", "E6", "--resume", "{}"],
    ["verify", "E6", "--junit", "{}"],
    ["new-claim", "T1", "--kind", "identity", "--out", "{}"],
    ["pages", "E6", "--report", "{}"],
    ["pages", "E6", "--out", "{}"],
    ["report", "E6", "--report", "{}", "--out", "out"],
    ["report", "E6", "--out", "{}"],
    ["figures", "E6", "--out", "{}"],
    ["eval", "--objective", "kl", "--means", "[[1]]", "--from", "{}"],
    ["eval", "--objective", "kl", "--means", "[[1]]", "--json", "{}"],
    [*DESCEND, "--out", "{}"],
    [*DESCEND, "--out", "{}.csv"],
    [*DESCEND, "--out", "{}.csv", "--resume"],
    [*DESCEND, "--backend", "ball", "--certify", "--certificate", "{}"],
    [*STUDY, "--resume", "{}"],
    [*STUDY, "--out", "{}"],
    [*STUDY, "--figure", "{}.svg"],
    [*COMPARE, "--output", "{}"],
    ["reproduce", "X1", "--output", "{}"],
    ["check-certificate", "{}"],
    ["doctor", "--json", "{}"],
    ["sweep", "{}", "--out", "out"],
    ["sweep", "status", "{}"],
    ["sweep", "show", "{}"],
    ["sweep", "plot", "{}", "--kind", "fates", "--out", "x.svg"],
    ["sweep", "merge", "{}", "{}", "--out", "out"],
)


@pytest.mark.parametrize(
    "name", ["a" * 5000, "x\x00y", "\udcff\ud800", "a" * 300 + "/b", "x/" * 3000]
)
def test_names_that_cannot_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    for words in WORDS:
        code, errors = answer([word.replace("{}", name) for word in words])
        assert code == 2, (words, errors[-500:])
        assert errors.startswith("proofs-check: error: "), words
        assert errors.count("\n") == 1, words
        assert list(tmp_path.iterdir()) == [], words


@pytest.mark.parametrize("length", [200, 201, 230, 240, 244, 249, 255])
def test_a_name_is_refused_before_work_or_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    monkeypatch.chdir(tmp_path)
    for words, end in (([*COMPARE, "--output"], ".md"), ([*DESCEND, "--out"], ".csv")):
        name = "\u03b7" * ((length - len(end)) // 2) + end
        code, errors = answer([*words, name])
        there = [path.name for path in tmp_path.iterdir()]
        if code == 0:
            assert there == [name]
            Path(name).unlink()
        else:
            assert length > 240
            assert (code, there) == (2, [])
            assert "File name too long" in errors
