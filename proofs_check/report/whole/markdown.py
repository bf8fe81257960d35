"""The Markdown of claims as HTML or LaTeX: words, code, emphasis, lists; no links, no images.

A report stands alone, so an address is shown and not followed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from markupsafe import Markup, escape

from proofs_check.formulas.tex_text import Tex, code, prose

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


def to_html(text: str) -> Markup:
    """Markdown as HTML.

    Examples
    --------
    >>> print(to_html("At *most* `1`, see [there](x.md) <b>."))
    <p>At <em>most</em> <code>1</code>, see there &lt;b&gt;.</p>
    """
    made = _written(_parsed(text), _HTML, escape, lambda t: f"<code>{escape(t)}</code>", "<br>")
    return Markup(made)


def to_tex(text: str) -> Tex:
    r"""Markdown as LaTeX.

    Examples
    --------
    >>> print(to_tex("At *most* 5%."))
    At \emph{most} 5\%.
    """
    return Tex(_written(_parsed(text), _TEX, prose, code, r"\\ ").strip())


@cache
def _parser() -> Any:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).disable(["image", "autolink"])


def _parsed(text: str) -> Sequence[Any]:
    found: Sequence[Any] = _parser().parse(text)
    return found


def _written(
    parsed: Sequence[Any],
    marks: dict[str, tuple[str, str]],
    words: Callable[[str], str],
    literal: Callable[[str], str],
    newline: str,
) -> str:
    parts: list[str] = []
    for token in parsed:
        if token.type == "inline":
            parts.append(_written(token.children or (), marks, words, literal, newline))
        elif token.type == "text":
            parts.append(words(token.content))
        elif token.type == "softbreak":
            parts.append("\n")
        elif token.type == "hardbreak":
            parts.append(newline)
        elif token.type in ("code_inline", "code_block", "fence"):
            parts.append(literal(token.content.rstrip("\n")))
        else:
            kind, _, side = token.type.rpartition("_")
            if kind in marks and not token.hidden:
                parts.append(marks[kind][side == "close"])
    return "".join(parts)
