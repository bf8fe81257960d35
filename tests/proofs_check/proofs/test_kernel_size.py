"""How much is trusted: the size of the kernel, as docs/proofs.md states it."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from pathlib import Path

from proofs_check.proofs import kernel

FOLDER = Path(kernel.__file__).parent
DOCS = Path(__file__).resolve().parents[3] / "docs" / "proofs.md"
LAYOUT = {
    tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT,
    tokenize.ENDMARKER,
}  # fmt: skip


def code_lines(source: str) -> int:
    """Lines with code on them, without docstrings, comments, imports and ``__all__``."""
    left_out: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        name = ast.unparse(node.targets[0]) if isinstance(node, ast.Assign) else ""
        text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if text or name == "__all__" or isinstance(node, ast.Import | ast.ImportFrom):
            assert isinstance(node, ast.stmt)
            left_out |= set(range(node.lineno, (node.end_lineno or 0) + 1))
    found: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in LAYOUT:
            found |= set(range(token.start[0], token.end[0] + 1))
    return len(found - left_out)


def test_lines_of_code_are_counted() -> None:
    source = (
        '"""Words."""\nimport a\n\n# why\nx = """1\n2"""  # text\n\ndef f():\n    """Words."""\n'
    )
    assert code_lines(source) == 3


def test_the_kernel_is_as_small_as_the_docs_say() -> None:
    """At most the stated numbers, and at most one percent below."""
    counts = {
        "kernel": sum(code_lines(path.read_text()) for path in FOLDER.glob("*.py")),
        "oracles": sum(code_lines(path.read_text()) for path in FOLDER.glob("oracles/*.py")),
    }
    text = DOCS.read_text()
    for part, count in counts.items():
        (stated,) = re.findall(rf"(\d+) lines of code in the {part}", text)
        assert 0.98 * int(stated) <= count <= int(stated)


def test_the_kernel_has_at_most_fifteen_rules() -> None:
    assert len([name for name in kernel.__all__ if name[0].islower()]) <= 15


def test_what_the_kernel_is_given_from_outside() -> None:
    """Only the order of labels, which is checked."""
    for path in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("proofs_check"):
                inside = str(node.module).startswith("proofs_check.proofs.kernel")
                assert inside or [a.name for a in node.names] == ["proposed_order"]
                assert inside or path.name == "normal.py"
