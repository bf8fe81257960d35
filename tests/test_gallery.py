"""The gallery's files: each verified as written, from an empty folder, by the command."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from proofs_check.cli import main

GALLERY = Path(__file__).parents[1] / "docs" / "gallery"
VERDICTS = {
    "balanced_pair": {"DTZ": "PROVED", "DTZ-ZERO": "PROVED", "DTZ-ROOT": "SUPPORTED"},
    "spurious_optimum": {"JIN": "PROVED", "JIN-EM": "SUPPORTED"},
    "unbalanced_pair": {"PAIR-FAST": "PROVED", "PAIR-SLOW": "SUPPORTED"},
    "polyak_steps": {"POLYAK": "SUPPORTED", "SLOW-GROWTH": "PROVED"},
    "simplex_means": {"SIMPLEX": "SUPPORTED"},
    "implicit_score_matching": {"ISM": "PROVED"},
}


@pytest.mark.parametrize("name", VERDICTS)
def test_a_file_from_an_empty_folder(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(GALLERY / f"{name}.py", tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(["verify", f"{name}.py", "--json", "report.json"]) == 0
    report = json.loads((tmp_path / "report.json").read_text())
    assert {claim["id"]: claim["verdict"] for claim in report["claims"]} == VERDICTS[name]
    controls = [control for claim in report["claims"] for control in claim["controls"]]
    assert controls
    assert all(control["verdict"] == "REFUTED" for control in controls)


def test_every_file_is_tested_and_on_the_page() -> None:
    files = {path.stem for path in GALLERY.glob("*.py")}
    assert files == set(VERDICTS)
    page = (GALLERY / "README.md").read_text()
    for name, verdicts in VERDICTS.items():
        assert f"[{name}.py]({name}.py)" in page
        for identifier, verdict in verdicts.items():
            assert f"| {identifier} | {verdict} |" in page
