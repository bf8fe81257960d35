"""``proofs-check figures``: figures as SVG or PDF, and the page that shows them."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from numerics.errors import InputError
from proofs_check.cli import arguments as shared

if TYPE_CHECKING:
    from proofs_check.claim import Figure

#: Options that name folders.
FOLDERS = ("out",)


def add_parser(subparsers: shared.Subparsers) -> None:
    """Declare the arguments of ``figures``."""
    parser = shared.add_command(
        subparsers,
        "figures",
        "Draw figures as SVG or PDF files: those of claims, and maps that belong to no claim. The "
        "same numbers give the same bytes. Needs matplotlib.",
        "proofs-check figures F10 fate-map --format pdf --out talk",
    )
    parser.add_argument(
        "names",
        nargs="*",
        metavar="FIGURE",
        help="fate-map, star-region, threshold-law, precision-map, end-games; a claim: F10, "
        "my_claims.py::T1 (default: those of no claim, and the page)",
    )
    parser.add_argument(
        "--format", choices=("svg", "pdf"), default="svg", help="(default: %(default)s)"
    )
    parser.add_argument(
        "--out",
        default="docs/figures",
        metavar="FOLDER",
        help="where to; the page is FOLDER.md (default: %(default)s)",
    )
    shared.add_max_seconds(parser)


def run(arguments: argparse.Namespace) -> int:
    """Draw and write."""
    from proofs_check.claim import Context
    from proofs_check.figures import svg
    from proofs_check.report.gallery import gallery
    from proofs_check.store.files import write_bytes, write_text

    svg.require_plotting()
    chosen = _chosen(arguments.names)
    folder = Path(arguments.out)
    for name, figure in chosen.items():
        path = folder / f"{name}.{arguments.format}"
        if sys.stderr.isatty():
            print(f"figure {name}", file=sys.stderr)
        if arguments.format == "svg":
            write_text(svg.render(figure, Context()), str(path), "--out")
        else:
            write_bytes(svg.render_pdf(figure, Context()), str(path), "--out")
        print(path)
    if not arguments.names and arguments.format == "svg":
        page = folder.with_suffix(".md")
        claims = os.path.relpath("docs/claims", folder.parent)
        write_text(gallery(folder.name, claims), str(page), "--out")
        print(page)
    return 0


def _chosen(names: list[str]) -> Mapping[str, Figure]:
    """The figures named, by the names of their files."""
    from proofs_check.figures.gallery import FIGURES
    from proofs_check.loading.find import find

    if not names:
        return FIGURES
    found: dict[str, Figure] = {}
    for name in names:
        if name in FIGURES:
            found[name] = FIGURES[name]
            continue
        for each in find([name]):
            if each.claim.figure is None:
                raise InputError("FIGURE", name, "a claim with a figure")
            found[each.claim.identifier] = each.claim.figure
    return found
