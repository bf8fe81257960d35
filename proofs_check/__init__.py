"""Claims about score matching for Gaussian mixtures, and the verdicts on them.

A claim (`proofs_check.claim`) is a statement with its source, hypotheses, checks and controls;
the runner (`proofs_check.runner`) runs the checks; `proofs_check.report.formats` prints the
verdicts. Submodules are imported on demand, so that the command line starts quickly.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = ["assert_claim"]
__version__ = "0.2.0"


def __getattr__(name: str) -> Any:
    """Import what is public here when it is asked for."""
    if name == "assert_claim":
        # by name: all of the package imports this module, and it imports none of it
        return import_module("proofs_check.assertion").assert_claim
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
