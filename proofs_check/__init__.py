"""Claims about score matching for Gaussian mixtures, and the verdicts on them.

A claim (`proofs_check.claim`) is a statement with its source, hypotheses, checks and controls;
the runner (`proofs_check.runner`) runs the checks; `proofs_check.report.formats` prints the
verdicts. Submodules are imported on demand, so that the command line starts quickly.
"""

__version__ = "0.1.0"
