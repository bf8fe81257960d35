"""The LaTeX appendix compiles, whatever stands in the claims."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from proofs_check.cli import main
from tests.proofs_check.report.report_case import claims_of, report_file


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """An appendix on the hostile claims and two of this package, with proofs and figures."""
    made = tmp_path_factory.mktemp("latex")
    found = claims_of(made, "E6", "E2")
    saved = report_file(made / "run.json", found)
    words = [str(made / "hostile.py"), "E6", "E2", "--report", saved, "--against", saved]
    assert main(["report", *words, "--format", "latex", "--out", str(made / "out")]) == 0
    return made / "out"


def test_the_appendix_is_ascii_and_names_its_figures(folder):
    text = (folder / "appendix.tex").read_text(encoding="utf-8")
    assert text.isascii()
    named = re.findall(r"\\includegraphics\[[^]]*\]\{([^}]*)\}", text)
    assert sorted(named) == sorted(path.name for path in folder.glob("*.pdf"))
    assert len(named) == 5
    for name in named:
        assert (folder / name).read_bytes().startswith(b"%PDF")
    assert r"\input{" not in text
    labels = re.findall(r"\\label\{([^}]*)\}", text)
    references = re.findall(r"\\hyperref\[([^]]*)\]", text)
    assert len(labels) == len(set(labels))
    assert set(references) <= set(labels)


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_it_compiles(folder):
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape"]
    for _ in range(2):  # the second time references are known
        done = subprocess.run(
            [*command, "main.tex"], cwd=folder, capture_output=True, timeout=300, check=False
        )
        log = (folder / "main.log").read_text(encoding="latin-1")
        assert done.returncode == 0, log[-3000:]
    assert "LaTeX Warning: Reference" not in log
    assert "LaTeX Font Warning" not in log
    wide = [float(size) for size in re.findall(r"Overfull \\hbox \(([\d.]+)pt", log)]
    assert [size for size in wide if size > 10] == []
    assert "root:x:" not in log
