"""Every code block of README, CONTRIBUTING and docs: run, or counted as not run with its reason."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from proofs_check.runner import run
from proofs_check.verdict import Verdict
from tests.documentation.blocks import ROOT, RUN, Block, blocks, compare, pages, plain, reader
from tests.proofs_check.own_claims import write

#: ``PROOFS_CHECK_SLOW_EXAMPLES=1``: run the slow blocks too (an hour; some need coqc).
SLOW = "PROOFS_CHECK_SLOW_EXAMPLES" in os.environ
#: Blocks that an ordinary run of the tests leaves out, by page; a new one is added here on purpose.
LEFT_OUT = {
    "CONTRIBUTING.md": 3,
    "README.md": 4,
    "docs/certificates.md": 2,
    "docs/figures.md": 1,
    "docs/gallery/README.md": 1,
    "docs/how-to/flow.md": 1,
    "docs/how-to/long-runs.md": 1,
    "docs/how-to/make-pages.md": 2,
    "docs/how-to/stationary-points.md": 2,
    "docs/index.md": 1,
    "docs/licences.md": 1,
    "docs/performance/descent.md": 1,
    "docs/performance/dimensions.md": 1,
    "docs/performance/error-bars.md": 1,
    "docs/performance/gradient.md": 1,
    "docs/performance/growth.md": 1,
    "docs/proof-assistant.md": 4,
    "docs/proofs.md": 2,
    "docs/reliability.md": 1,
    "docs/results/comparison.md": 1,
    "docs/results/experiment.md": 1,
    "docs/results/precision.md": 2,
    "docs/results/reverse.md": 1,
    "docs/results/stationary-census.md": 2,
    "docs/results/stationary-two-components.md": 1,
    "docs/results/stationary-weights.md": 2,
    "docs/tutorials/coq-proof.md": 1,
}


#: Pages of docs none of whose blocks are run here, and what tests them instead.
LEFT_OUT_WHOLE = {
    "cluster.md": "schedulers and workers: tests/faults",
    "report.md": "installs, and runs TeX: tests/proofs_check/report",
    "sweeps.md": "minutes of sweeps: tests/numerics/sweeps",
    "terminal.md": "changes the reader's shell: tests/proofs_check/cli",
}


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def with_code() -> list[Path]:
    return [
        path
        for path in pages()
        if path.name not in LEFT_OUT_WHOLE and any(block.kind in RUN for block in blocks(path))
    ]


@pytest.mark.parametrize("path", with_code(), ids=name)
def test_the_blocks_of_a_page_do_what_it_says(path: Path, tmp_path: Path) -> None:
    with reader(tmp_path) as typing:
        for block in blocks(path):
            typing.take(block, slow=SLOW)


def left_out() -> list[tuple[Path, Block]]:
    """Every block that is not run, with its page."""
    return [
        (path, replace(block, mark=block.mark or "not run", why=block.why or whole))
        for path in pages()
        for whole in (LEFT_OUT_WHOLE.get(path.name, ""),)
        for block in blocks(path)
        if block.mark or (whole and block.kind in RUN)
    ]


def test_what_is_left_out_is_counted_and_listed(record_property: pytest.RecordProperty) -> None:
    counted: dict[str, int] = {}
    for path, block in left_out():
        assert block.kind in RUN, (path, block)
        if path.name not in LEFT_OUT_WHOLE:
            counted[name(path)] = counted.get(name(path), 0) + 1
        line = f"{name(path)}: {block.mark}, {block.why}: {block.text.strip().splitlines()[0]}"
        record_property("left out", line)
        print(line)
    assert counted == LEFT_OUT


def test_the_example_for_contributors_holds(tmp_path: Path) -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    (result,) = run(write(tmp_path, example)).results
    assert result.verdict is Verdict.PROVED
    assert [control.refuted for control in result.controls] == [True]


@pytest.mark.parametrize(
    ("expected", "output"),
    [
        ("a\nb\n", "b\na\n"),  # the order
        ("a ... c\n", "a b\n"),
        ("a\n", "ab\n"),  # whole lines
        ("a\na\n", "a\n"),  # each line once
    ],
)
def test_what_is_not_printed_is_noticed(expected: str, output: str) -> None:
    with pytest.raises(AssertionError, match="not printed"):
        compare(expected, output)
    compare("...\na ... c\n", "first\n  a b c\nlast\n")


def test_a_wrong_page_is_noticed(tmp_path: Path) -> None:
    with reader(tmp_path) as typing:
        typing.take(Block("sh", "true"))
        typing.take(Block("python", "print(1 + 1)"))
        with pytest.raises(AssertionError, match="not printed"):
            typing.take(Block("text", "3\n"))
        with pytest.raises(AssertionError, match="exit code 2"):
            typing.take(Block("sh", "proofs-check verify F99\n"))
        with pytest.raises(AssertionError, match="unknown kind"):
            typing.take(Block("pyhton", "1 + 1\n"))


def test_only_plain_commands_run_without_a_shell() -> None:
    assert plain("proofs-check list  # the claims\n") == [["list"]]
    assert plain("proofs-check eval \\\n    --means '[[0], [1]]'\n") == [
        ["eval", "--means", "[[0], [1]]"]
    ]
    for text in ("proofs-check list | head", "proofs-check list || true", "pytest", "a=1", "ls *"):
        assert plain(text) is None
