"""Formulas as MathML, written when the pages are built.

Sphinx's own renderers need a network (MathJax from a server), megabytes beside the pages (MathJax
from a folder) or TeX (images). Browsers draw MathML themselves, and reports make it from
the subset of LaTeX that claims may use; a formula beyond it is an error of the build.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from proofs_check.report.whole import mathml

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator


def visit_inline(self: HTML5Translator, node: nodes.math) -> None:
    """Write a formula in a line of text."""
    self.body.append(_made(node, mathml.mathml))
    raise _skip()


def visit_display(self: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula of its own."""
    self.body.append(f'<div class="formula">{_made(node, mathml.display)}</div>')
    raise _skip()


def _made(node: nodes.math | nodes.math_block, make: Callable[[str], str]) -> str:
    found = make(node.astext())
    if not found:
        raise ValueError(f"{node.source}: a formula that cannot be typeset: {node.astext()}")
    return found


def _skip() -> Exception:
    from docutils.nodes import SkipNode

    return SkipNode()


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the renderer."""
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_display, None))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
