"""The blocks of docs/domains.md run and print what the page says."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "docs" / "domains.md"


def test_the_blocks_print_what_the_page_says() -> None:
    text = PAGE.read_text(encoding="utf-8")
    parts = re.findall(r"^```python\n(.*?)^```\n\nThis prints `(\w+)`", text, re.M | re.S)
    assert len(parts) == 2
    names: dict[str, Any] = {}
    for block, expected in parts:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(block, names)
        assert printed.getvalue().strip() == expected
