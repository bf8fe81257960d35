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

#: Pages at the top that sections list; any other is a tutorial or a how-to page.
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
TUTORIALS = {"sweeps"}


def entries(page: str) -> list[str]:
    """Return the pages below one whose text names none: they are made, or come and go."""
    others = sorted({path.stem for path in DOCS.glob("*.md")} - LISTED)
    if page == "claims/index":
        return [claim.identifier for claim in all_claims()]
    if page == "gallery/README":
        return sorted(path.stem for path in (DOCS / "gallery").glob("*.py"))
    if page == "tutorials/index":
        notebooks = sorted(path.stem for path in DOCS.glob("notebooks/*.ipynb"))
        return [f"/{name}" for name in others if name in TUTORIALS] + [
            f"/notebooks/{name}" for name in notebooks
        ]
    if page == "how-to/index":
        return [f"/{name}" for name in others if name not in TUTORIALS]
    return []


def add_entries(app: Sphinx, page: str, source: list[str]) -> None:
    """Add the entries of a page to its text as it is read."""
    found = entries(page)
    if found:
        hidden = "" if page in ("tutorials/index", "how-to/index") else ":hidden:\n"
        source[0] += "\n```{toctree}\n" + hidden + "\n" + "\n".join(found) + "\n```\n"


def setup(app: Sphinx) -> None:
    """Connect what this file adds."""
    app.connect("source-read", add_entries)
