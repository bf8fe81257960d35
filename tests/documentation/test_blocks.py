"""Every code block of README, CONTRIBUTING and docs: run, or counted as not run with its reason."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.documentation.blocks import ROOT, Block, blocks, compare, pages, plain, reader

#: ``PROOFS_CHECK_SLOW_EXAMPLES=1``: run the slow blocks too.
SLOW = "PROOFS_CHECK_SLOW_EXAMPLES" in os.environ
#: Blocks that an ordinary run of the tests leaves out, by page; a new one is added here on purpose.
LEFT_OUT: dict[str, int] = {}


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def with_code() -> list[Path]:
    return [
        path
        for path in pages()
        if any(block.kind in {"python", "sh", "console"} for block in blocks(path))
    ]


@pytest.mark.parametrize("path", with_code(), ids=name)
def test_the_blocks_of_a_page_do_what_it_says(path: Path, tmp_path: Path) -> None:
    with reader(tmp_path) as typing:
        for block in blocks(path):
            typing.take(block, slow=SLOW)


def left_out() -> list[tuple[str, Block]]:
    return [(name(path), block) for path in pages() for block in blocks(path) if block.mark]


def test_what_is_left_out_is_counted_and_listed(record_property: pytest.RecordProperty) -> None:
    counted: dict[str, int] = {}
    for page, block in left_out():
        assert block.kind in {"python", "sh", "console"}, (page, block)
        counted[page] = counted.get(page, 0) + 1
        first = block.text.strip().splitlines()[0]
        record_property("left out", f"{page}: {block.mark}, {block.why}: {first}")
        print(f"{page}: {block.mark}, {block.why}: {first}")
    assert counted == LEFT_OUT
