"""One HTML report for all tests that read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from proofs_check.cli import main
from proofs_check.verdict import Verdict
from tests.proofs_check.report.report_case import claims_of, report_file


@pytest.fixture(scope="session")
def hostile_report(tmp_path_factory) -> Path:
    """A report on the hostile claims and two of this package, with proofs, figures, changes."""
    folder = tmp_path_factory.mktemp("report")
    found = claims_of(folder, "E6", "E2")
    old = report_file(folder / "old.json", found[1:], verdict=Verdict.INCONCLUSIVE)
    new = report_file(folder / "new.json", found)
    words = [str(folder / "hostile.py"), "E6", "E2", "--report", new, "--against", old]
    assert main(["report", *words, "--out", str(folder / "out")]) == 0
    return folder / "out" / "report.html"
