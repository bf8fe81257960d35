"""Every block of docs/your-own-theorem.md, run in order in an empty folder, as a reader would."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from proofs_check.runner import run
from proofs_check.verdict import Verdict
from tests.proofs_check.own_claims import write
from tests.proofs_check.test_pytest_plugin import PLUGIN

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "your-own-theorem.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, re.M | re.S)


def test_every_block_does_what_it_says(tmp_path):
    environment = {key: value for key, value in os.environ.items() if key != "PYTEST_ADDOPTS"}
    environment |= {
        "PYTHONPATH": str(ROOT),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PYTEST_ADDOPTS": " ".join(PLUGIN),
    }
    output = ""
    for kind, block in BLOCKS:
        if kind == "python":
            name = re.match(r"# (\w+\.py)\n", block)[1]
            (tmp_path / name).write_text(block, encoding="utf-8")
        elif kind == "ini":
            (tmp_path / "pytest.ini").write_text(block, encoding="utf-8")
        elif kind == "sh":
            done = subprocess.run(
                ["bash", "-eu", "-o", "pipefail", "-c", block],
                cwd=tmp_path,
                env=environment,
                capture_output=True,
                text=True,
                timeout=600,
                check=False,
            )
            output = done.stdout + done.stderr
            assert done.returncode == 0, f"{block}\n{output}"
        else:
            assert kind == "text"
            for line in block.splitlines():
                pattern = re.escape(line).replace(r"\.\.\.", ".*")
                assert re.search(rf"^\s*{pattern.lstrip()}$", output, re.M), f"{line}\n{output}"


def test_links_resolve():
    prose = re.sub(r"^```.*?^```$", "", TEXT, flags=re.M | re.S)
    for target in re.findall(r"\]\(([^)]+)\)", prose):
        name, _, place = target.partition("#")
        path = ROOT / "docs" / name
        assert path.exists(), target
        headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.M)
        anchors = {re.sub(r"[^\w -]", "", each).lower().replace(" ", "-") for each in headings}
        assert not place or place in anchors, target


def test_the_example_for_contributors_holds(tmp_path):
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```python\n(.*?)^```$", text, re.M | re.S)
    (result,) = run(write(tmp_path, example)).results
    assert result.verdict is Verdict.PROVED
    assert [control.refuted for control in result.controls] == [True]
