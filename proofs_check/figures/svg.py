"""A claim's figure as SVG text: the same bytes for the same numbers."""

from __future__ import annotations

import io
from importlib import import_module
from typing import Any

from numerics.errors import InputError
from proofs_check.claim import Context, Figure

#: Size of one column, in inches.
WIDTH, HEIGHT = 6.4, 4.0
#: Settings that reach the file; identifiers in it come from the salt, not from chance.
_SETTINGS: dict[str, Any] = {
    "svg.hashsalt": "proofs-check",
    "svg.fonttype": "none",  # text stays text
    "pdf.fonttype": 42,  # text stays text, in TrueType
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "axes.grid": True,
    "grid.alpha": 0.3,
}


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
    """Draw a claim's figure; returns SVG text without dates or names of programs."""
    return draw_svg(lambda axes: figure.draw(axes, context), figure.columns)


def render_pdf(figure: Figure, context: Context) -> bytes:
    """Draw a claim's figure as PDF, for LaTeX; as `render`."""
    target = io.BytesIO()
    _save(lambda axes: figure.draw(axes, context), figure.columns, target, "pdf", ("CreationDate",))
    return target.getvalue()


def draw_svg(draw: Any, columns: int = 1) -> str:
    """Return the SVG text of what ``draw(axes)`` draws; ``axes`` is a list for several columns.

    Raises
    ------
    InputError
        If matplotlib is not installed.
    """
    text = io.StringIO()
    _save(draw, columns, text, "svg", ("Date",))
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines()) + "\n"


def _save(draw: Any, columns: int, target: Any, kind: str, dates: tuple[str, ...]) -> None:
    """Draw into a file, without dates or names of programs."""
    require_plotting()
    import matplotlib
    from matplotlib.figure import Figure as Canvas

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        parameters: Any = matplotlib.rcParams  # its keys are typed as literals
        parameters.update(_SETTINGS)
        canvas = Canvas(figsize=(WIDTH * columns, HEIGHT), layout="constrained")
        axes = canvas.subplots(1, columns)
        draw(axes if columns == 1 else list(axes))
        canvas.savefig(target, format=kind, metadata=dict.fromkeys((*dates, "Creator")))
