r"""The report as LaTeX: an appendix to ``\input``, a file that compiles it, figures as PDF."""

from __future__ import annotations

import re
from collections.abc import Mapping

from numerics.markup import counted
from proofs_check import __version__
from proofs_check.formulas.tex_text import Tex, code, prose, tex
from proofs_check.report.whole import markdown
from proofs_check.report.whole.environment import templates
from proofs_check.report.whole.html import seconds
from proofs_check.report.whole.model import Report
from proofs_check.report.whole.tex_formulas import formula, mixed

#: The appendix, and the document that holds nothing else.
APPENDIX, MAIN = "appendix.tex", "main.tex"


def render(report: Report) -> Mapping[str, str | bytes]:
    """Return the files of a report by name.

    Texts are escaped; a formula is typeset if it consists of known commands in balance, and else
    printed as the text it is.
    """
    found = templates(
        finalize=tex,
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
    )
    found.filters |= {
        "counted": counted,
        "code": code,
        "prose": prose,
        "markdown": markdown.to_tex,
        "formula": formula,
        "mixed": mixed,
        "seconds": seconds,
        "sentence": sentence,
        "key": Tex,  # of `gather`, letters and digits only
        "bookmark": lambda text: Tex(re.sub(r"[^A-Za-z0-9 .,:-]", " ", text)),
        "one_paragraph": lambda text: Tex(re.sub(r"\n\s*\n", " ", text)),
    }
    figures = {
        claim.anchor: Tex(f"figure-{_file_name(claim.anchor)}.pdf")
        for claim in report.claims
        if claim.figure is not None
    }
    shown = {
        "report": report,
        "figures": figures,
        "version": __version__,
        "appendix": Tex(APPENDIX),
    }
    files: dict[str, str | bytes] = {
        name: found.get_template(f"{name}.jinja").render(shown) for name in (APPENDIX, MAIN)
    }
    for claim in report.claims:
        if claim.figure is not None:
            files[figures[claim.anchor]] = claim.figure.pdf
    return files


def sentence(text: str) -> str:
    """A text with a full stop, unless it ends a sentence already."""
    stripped = text.rstrip()
    return stripped if stripped.endswith((".", "!", "?", ":")) else f"{stripped}."


def _file_name(anchor: str) -> str:
    r"""The name of a figure's file: ``\includegraphics`` takes the first dot for a suffix's.

    Examples
    --------
    >>> _file_name("claim-F1.2")
    'F1-2'
    """
    return anchor.removeprefix("claim-").replace(".", "-")
