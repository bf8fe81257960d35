"""How all figures look: fonts, colours, titles that say the finding, legends beside the data.

Colours are those of M. Okabe and K. Ito, which colour-blind readers tell apart; symbols are set as
on the pages. In SVG texts become outlines, so that a figure looks the same on every machine.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

#: Size of one column, in inches.
WIDTH, HEIGHT = 6.4, 4.2
BLUE, ORANGE, GREEN, RED, SKY, PURPLE = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#D55E00",
    "#56B4E9",
    "#CC79A7",
)
BLACK, GREY, PALE = "#000000", "#6E6E6E", "#DADADA"
#: In the order in which curves are drawn; ``"C0"`` is the first.
CYCLE = (BLUE, RED, GREEN, ORANGE, PURPLE, SKY, BLACK)
#: What is deliberately wrong, or a bound, looks the same in every figure.
CONTROL = {"color": GREY, "linestyle": ":", "linewidth": 1.8}
BOUND = {"color": BLACK, "linestyle": "--", "linewidth": 1.2}
ZERO = {"color": BLACK, "linewidth": 0.8}
#: Names in an SVG file come from the salt, not from chance; texts of PDF files can be searched.
SETTINGS: dict[str, Any] = {
    "svg.hashsalt": "proofs-check",
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 10.0,
    "mathtext.fontset": "dejavusans",
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 10.0,
    "axes.labelsize": 10.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": PALE,
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.8,
    "lines.markersize": 5.0,
    "legend.frameon": False,
    "legend.fontsize": 9.0,
    "savefig.facecolor": "white",
}
#: Distance of a legend below the panel, in its heights: room for the label of the axis.
_BELOW = -0.19
#: Characters in a line of the title.
_TITLE = 60
#: Mathematics in a text: from one dollar to the next; an escaped one is a dollar.
_MATHEMATICS = re.compile(r"(?<!\\)\$.*?(?<!\\)\$", re.DOTALL)
#: Stands for a space at which no line ends.
_UNBROKEN = "\0"


def wrapped(text: str, width: int = _TITLE) -> str:
    r"""Break a text into lines, at spaces outside mathematics only.

    A line break between two dollars would show the mathematics as it is typed.

    Examples
    --------
    >>> print(wrapped("it turns at $a = 2.456$", 14))
    it turns at
    $a = 2.456$
    """
    kept = _MATHEMATICS.sub(lambda found: re.sub(r"\s+", _UNBROKEN, found[0]), text)
    lines = textwrap.wrap(kept, width, break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines).replace(_UNBROKEN, " ")


def finish(
    axes: Any, finding: str, across: str, up: str, *, legend: int = 2, beside: bool = False
) -> None:
    """Write what is found above a panel, names and units at its axes, and the legend outside it.

    Parameters
    ----------
    axes : Axes
    finding : str
        One sentence; it is broken where it is too long for the panel.
    across, up : str
        Labels of the axes, with symbols as the page writes them.
    legend : int
        Columns of the legend; 0: none.
    beside : bool
        Whether the legend stands to the right, as for square panels, instead of below.
    """
    axes.set_title(wrapped(finding))
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    if legend:
        axes.legend(
            loc="upper left",
            bbox_to_anchor=(1.04, 1.0) if beside else (-0.02, _BELOW),
            ncols=legend,
            borderaxespad=0.0,
            columnspacing=1.6,
            handlelength=2.4,
        )


def plane(axes: Any, reach: float) -> None:
    """Show the plane of two means up to ``reach``, in equal units, with lines through the truth."""
    axes.axhline(0.0, **ZERO)
    axes.axvline(0.0, **ZERO)
    axes.set_aspect("equal")
    axes.set_xlim(-reach, reach)
    axes.set_ylim(-reach, reach)


@contextmanager
def canvas(draw: Any, columns: int = 1, height: float = HEIGHT) -> Iterator[Any]:
    """Yield the matplotlib figure of what ``draw(axes)`` draws; the user's settings have no effect.

    Parameters
    ----------
    draw : callable
        Given axes, or a list of them for several columns.
    columns : int
    height : float
        In inches.
    """
    import matplotlib
    from cycler import cycler
    from matplotlib.figure import Figure

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        parameters: Any = matplotlib.rcParams  # its keys are typed as literals
        parameters.update(SETTINGS)
        parameters["axes.prop_cycle"] = cycler(color=CYCLE)
        figure = Figure(figsize=(WIDTH * columns, height), layout="constrained")
        axes = figure.subplots(1, columns)
        draw(axes if columns == 1 else list(axes))
        yield figure
