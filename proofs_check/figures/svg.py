"""A claim's figure as SVG text or as a PDF file: the same bytes for the same numbers."""

from __future__ import annotations

import io
from importlib import import_module
from typing import Any

from numerics.errors import InputError
from proofs_check.claim import Context, Figure
from proofs_check.figures.style import canvas


def require_plotting() -> None:
    """Refuse, before any work is done, to draw without matplotlib.

    Raises
    ------
    InputError
        If it is not installed; names the extra that brings it.
    """
    try:
        import_module("matplotlib.figure")
    except ImportError as error:
        remedy = "an installed matplotlib for figures: pip install 'proofs-check[plot]'"
        raise InputError("matplotlib", "not installed", remedy) from error


def render(figure: Figure, context: Context) -> str:
    """Draw a claim's figure; returns SVG text without dates or names of programs.

    Raises
    ------
    InputError
        If matplotlib is not installed.
    """
    return draw_svg(lambda axes: figure.draw(axes, context), figure.columns)


def render_pdf(figure: Figure, context: Context) -> bytes:
    """Draw a claim's figure; returns a PDF file without dates or names of programs.

    Raises
    ------
    InputError
        If matplotlib is not installed.
    """
    dates = dict.fromkeys(("CreationDate", "ModDate", "Creator", "Producer"))
    return _saved(lambda axes: figure.draw(axes, context), figure.columns, "pdf", dates)


def draw_svg(draw: Any, columns: int = 1) -> str:
    """Return the SVG text of what ``draw(axes)`` draws; ``axes`` is a list for several columns.

    Raises
    ------
    InputError
        If matplotlib is not installed.
    """
    text = _saved(draw, columns, "svg", {"Date": None, "Creator": None}).decode()
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def _saved(draw: Any, columns: int, kind: str, metadata: dict[str, None]) -> bytes:
    require_plotting()
    with canvas(draw, columns) as figure:
        file = io.BytesIO()
        figure.savefig(file, format=kind, metadata=metadata)
    return file.getvalue()
