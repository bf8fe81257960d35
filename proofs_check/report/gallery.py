"""The page that shows all figures."""

from __future__ import annotations

from collections.abc import Iterator

from proofs_check.claim import Claim, Figure
from proofs_check.figures.gallery import FIGURES
from proofs_check.registry import all_claims, get
from proofs_check.report.pages import escape

_TALK = "F10"


def gallery(figures: str, claims: str) -> str:
    """Return the page as Markdown.

    Parameters
    ----------
    figures, claims : str
        Folders of the figures without a claim, and of the claims' pages, as the page links to them.

    Examples
    --------
    >>> gallery("figures", "claims").splitlines()[0]
    '# Figures'
    """
    return "\n".join(_lines(figures, claims)) + "\n"


def _lines(figures: str, claims: str) -> Iterator[str]:
    yield "# Figures"
    yield ""
    yield "What the theorems look like: every figure says in its title what it shows. All are drawn"
    yield "from this project's own numbers, as SVG and PDF files whose bytes do not vary:"
    yield ""
    yield "<!-- slow: most of a minute -->"
    yield "```sh"
    yield "proofs-check figures    # SVG files in docs/figures, and this page"
    yield "```"
    yield ""
    yield "```sh"
    yield "proofs-check figures F10 fate-map --format pdf --out talk   # for a talk"
    yield "```"
    yield ""
    yield "## How small must an initialization be?"
    yield from _claim(get(_TALK), claims)
    yield ""
    yield "## Maps and laws"
    for name, figure in FIGURES.items():
        yield ""
        yield f"### `{name}`: {escape(figure.title)}"
        yield from _picture(figure.title, f"{figures}/{name}.svg", figure)
    yield ""
    yield "## Claims"
    for claim in all_claims():
        if claim.figure is not None and claim.identifier != _TALK:
            yield from _claim(claim, claims)


def _claim(claim: Claim, folder: str) -> Iterator[str]:
    assert claim.figure is not None
    title = f"[{claim.identifier}]({folder}/{claim.identifier}.md): {escape(claim.title)}"
    yield ""
    yield f"### {title}"
    yield from _picture(claim.title, f"{folder}/{claim.identifier}.svg", claim.figure)


def _picture(title: str, path: str, figure: Figure) -> Iterator[str]:
    yield ""
    yield f"![{escape(title)}]({path})"
    yield ""
    yield figure.caption
