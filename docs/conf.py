"""The documentation as pages to browse: ``sphinx-build -W --keep-going -b html docs build/docs``."""

from __future__ import annotations

import sys
from pathlib import Path

import proofs_check

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

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
]
source_suffix = {".md": "myst-nb", ".ipynb": "myst-nb", ".py": "claims-file"}
exclude_patterns = ["_ext", "conf.py", "figures", "**/.ipynb_checkpoints"]
# Sections list pages that a checkout may have or not, by a pattern that may match none.
suppress_warnings = ["toc.empty_glob"]

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

html_theme = "furo"
html_title = "proofs-check"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_math_renderer = "mathml"
html_copy_source = False
html_show_sourcelink = False
