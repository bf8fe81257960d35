"""The documentation as pages: ``sphinx-build -W --keep-going -b html docs build/docs``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import proofs_check
from proofs_check.registry import all_claims

if TYPE_CHECKING:
    from sphinx.application import Sphinx

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS / "_ext"))

project = "proofs-check"
author = "The proofs-check authors"
copyright = author  # noqa: A001  (Sphinx's name)
release = version = proofs_check.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "mathml",
    "claims_file",
    "commands",
]
source_suffix = {".md": "myst-nb", ".ipynb": "myst-nb", ".py": "claims-file"}
exclude_patterns = ["_*", "conf.py", "**/.ipynb_checkpoints"]

myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4
nb_execution_mode = "off"

# In docstrings `name` is code.
default_role = "literal"
autodoc_typehints = "none"
autodoc_member_order = "bysource"
autosummary_generate = False
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_param = False
# fields of a class once, without targets: some names stand in many classes
napoleon_custom_sections = [("Attributes", "params_style")]

html_theme = "furo"
html_title = "proofs-check"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_math_renderer = "mathml"
html_copy_source = False
html_show_sourcelink = False

#: Pages at the top that sections list themselves.
LISTED = {
    "architecture",
    "certificates",
    "cluster",
    "index",
    "performance",
    "proof-assistant",
    "proofs",
    "reliability",
}
#: Sections of others; the rest are how-to pages.
SECTIONS = {"sweeps": "tutorials/index", "figures": "results/index"}


def entries(page: str) -> list[str]:
    """Return the pages below one whose text names none: they are made, or come and go."""
    if page == "claims/index":
        return [claim.identifier for claim in all_claims()]
    if page == "gallery/README":
        return sorted(path.stem for path in (DOCS / "gallery").glob("*.py"))
    found = [
        f"/{path.stem}"
        for path in sorted(DOCS.glob("*.md"))
        if path.stem not in LISTED and SECTIONS.get(path.stem, "how-to/index") == page
    ]
    if page == "tutorials/index":
        found += [f"/notebooks/{path.stem}" for path in sorted(DOCS.glob("notebooks/*.ipynb"))]
    return found


def add_entries(app: Sphinx, page: str, source: list[str]) -> None:
    """Add the entries of a page to its text as it is read."""
    found = entries(page)
    if found:
        hidden = ":hidden:\n" if page in ("claims/index", "gallery/README") else ""
        source[0] += "\n```{toctree}\n" + hidden + "\n" + "\n".join(found) + "\n```\n"


def setup(app: Sphinx) -> None:
    """Connect what this file adds."""
    app.connect("source-read", add_entries)
