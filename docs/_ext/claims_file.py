"""A page for a claims file: its docstring, what it claims, how to run it, and the file itself."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, Any

from myst_nb.sphinx_ import Parser

from proofs_check.loading.load import load
from proofs_check.report.pages import escape, with_formulas

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx

    from proofs_check.claim import Claim


class ClaimsFileParser(Parser):
    """Reads a claims file as the Markdown that describes it."""

    supported = ("claims-file",)

    def parse(self, inputstring: str, document: nodes.document) -> None:
        """Parse the page that the file makes."""
        super().parse(page(Path(document["source"]), inputstring), document)


def page(path: Path, text: str) -> str:
    """Return the page of a claims file.

    Parameters
    ----------
    path : Path
        The file, which is loaded for the texts of its claims.
    text : str
        What stands in it.
    """
    title, _, rest = (ast.get_docstring(ast.parse(text)) or path.stem).partition("\n")
    command = f"proofs-check verify docs/gallery/{path.name}"
    parts = [
        f"# {escape(title.rstrip('.'))}",
        "A published theorem, written as a claims file and judged like every other claim. "
        "All of them: [the gallery](README.md).",
        escape(rest.strip()),
        *(_claim(claim) for claim in load(str(path)).claims),
        f"## Run it\n\n```sh\n{command}\n```",
        f"## The file\n\n```python\n{text.rstrip()}\n```",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _claim(claim: Claim) -> str:
    lines = [f"## {claim.identifier}: {escape(claim.title)}", with_formulas(claim.statement)]
    if claim.latex:
        lines.append(f"$$\n{claim.latex}\n$$")
    lines.append(f"Source: {with_formulas(claim.source)}.")
    return "\n\n".join(lines)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the parser."""
    app.add_source_parser(ClaimsFileParser)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
