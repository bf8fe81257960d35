"""The Markdown of claims as HTML or LaTeX: words, formulas, code, lists; no links, no images.

A report stands alone, so an address is shown and not followed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from markupsafe import Markup, escape

from proofs_check.formulas.mixed import formula_at
from proofs_check.formulas.tex_text import Tex, code, prose
from proofs_check.report.whole import mathml, tex_formulas

_FORMULA = "formula"
_HTML = {
    "paragraph": ("<p>", "</p>"),
    "em": ("<em>", "</em>"),
    "strong": ("<strong>", "</strong>"),
    "bullet_list": ("<ul>", "</ul>"),
    "ordered_list": ("<ol>", "</ol>"),
    "list_item": ("<li>", "</li>"),
    "blockquote": ("<blockquote>", "</blockquote>"),
    "heading": ("<p><strong>", "</strong></p>"),
}
_TEX = {
    "paragraph": ("", "\n\n"),
    "em": (r"\emph{", "}"),
    "strong": (r"\textbf{", "}"),
    "bullet_list": ("\\begin{itemize}\n", "\\end{itemize}\n"),
    "ordered_list": ("\\begin{enumerate}\n", "\\end{enumerate}\n"),
    "list_item": (r"\item ", "\n"),
    "blockquote": ("\\begin{quote}\n", "\\end{quote}\n"),
    "heading": (r"\textbf{", "}\n\n"),
}


@dataclass(frozen=True)
class _Words:
    """How prose, code and formulas are written, and the end of a line."""

    prose: Callable[[str], str]
    code: Callable[[str], str]
    formula: Callable[[str], str]
    newline: str


def to_html(text: str) -> Markup:
    r"""Markdown as HTML.

    Examples
    --------
    >>> print(to_html("At *most* `1`, see [there](x.md) <b>."))
    <p>At <em>most</em> <code>1</code>, see there &lt;b&gt;.</p>
    >>> print(to_html(r"$a_b$"))
    <p><span class="formula"><math><mrow><msub><mi>a</mi><mi>b</mi></msub></mrow></math></span></p>
    """
    words = _Words(escape, lambda t: f"<code>{escape(t)}</code>", mathml.inline, "<br>")
    return Markup(_written(_parsed(text), _HTML, words))


def to_tex(text: str) -> Tex:
    r"""Markdown as LaTeX.

    Examples
    --------
    >>> print(to_tex("At *most* 5%."))
    At \emph{most} 5\%.
    """
    words = _Words(prose, code, tex_formulas.inline, r"\\ ")
    return Tex(_written(_parsed(text), _TEX, words).strip())


@cache
def _parser() -> Any:
    from markdown_it import MarkdownIt

    found = MarkdownIt("commonmark", {"html": False}).disable(["image", "autolink"])
    found.inline.ruler.before("escape", _FORMULA, _formula)
    return found


def _formula(state: Any, silent: bool) -> bool:
    """The rule of Markdown for a formula between dollars."""
    found = formula_at(state.src, state.pos) if state.src[state.pos] == "$" else ""
    if found and not silent:
        state.push(_FORMULA, "", 0).content = found
    state.pos += len(found) + 2 if found else 0
    return bool(found)


def _parsed(text: str) -> Sequence[Any]:
    found: Sequence[Any] = _parser().parse(text)
    return found


def _written(
    parsed: Sequence[Any],
    marks: dict[str, tuple[str, str]],
    words: _Words,
) -> str:
    parts: list[str] = []
    for token in parsed:
        if token.type == "inline":
            parts.append(_written(token.children or (), marks, words))
        elif token.type == "text":
            parts.append(words.prose(token.content))
        elif token.type == "softbreak":
            parts.append("\n")
        elif token.type == "hardbreak":
            parts.append(words.newline)
        elif token.type in ("code_inline", "code_block", "fence"):
            parts.append(words.code(token.content.rstrip("\n")))
        elif token.type == _FORMULA:
            parts.append(words.formula(token.content))
        else:
            kind, _, side = token.type.rpartition("_")
            if kind in marks and not token.hidden:
                parts.append(marks[kind][side == "close"])
    return "".join(parts)
