"""The report as one HTML file that loads nothing: styles, script, figures and formulas in it."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from typing import Any

from numerics.markup import counted
from numerics.visible import visible
from proofs_check import __version__
from proofs_check.formulas.mixed import plain
from proofs_check.report.whole import markdown, mathml, svg_inline
from proofs_check.report.whole.environment import templates
from proofs_check.report.whole.model import Report
from proofs_check.verdict import Verdict

#: Name of the file in the report's folder.
NAME = "report.html"


def render(report: Report) -> str:
    """Return the HTML text of a report.

    Texts of claims are escaped, formulas are rebuilt from known MathML elements, figures are
    pruned of what acts or loads, and a content security policy allows this file's script only.
    """
    script = _resource("report.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    found = templates(autoescape=True)
    found.filters |= {
        "counted": counted,
        "formula": mathml.formula,
        "markdown": markdown.to_html,
        "mixed": mathml.mixed,
        "plain": plain,
        "seconds": seconds,
    }
    found.globals |= {"inlined": svg_inline.inlined}
    shown: dict[str, Any] = {
        "report": report,
        "script": script,
        "script_digest": digest,
        "style": _resource("report.css"),
        "version": __version__,
        "verdicts": tuple(Verdict),
    }
    return visible(found.get_template("report.html.jinja").render(shown))


def seconds(value: float) -> str:
    """Seconds with three significant digits at most.

    Examples
    --------
    >>> seconds(0.0312), seconds(12.34), seconds(217.286)
    ('0.031 s', '12.3 s', '217 s')
    """
    return f"{value:.3f} s" if value < 1 else f"{value:.1f} s" if value < 100 else f"{value:.0f} s"


def _resource(name: str) -> str:
    folder = resources.files("proofs_check.report.whole").joinpath("templates")
    return folder.joinpath(name).read_text(encoding="utf-8")
