"""The commands that a newcomer copies first."""

from __future__ import annotations

import re
from pathlib import Path

README = Path(__file__).parent.parent / "README.md"


def test_the_two_set_up_commands_are_one_line_each() -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```$", README.read_text(encoding="utf-8"), re.M | re.S)
    verify, test = blocks[:2]
    for block in (verify, test):
        assert block.count("\n") == 1
        assert block.startswith("python3 -m venv .venv && .venv/bin/python -m pip install ")
    assert verify.endswith(" && .venv/bin/proofs-check verify\n")
    assert test.endswith(" && .venv/bin/python -m pytest -q -n auto\n")
