"""Checks, one module per topic; the kinds that most claims need are public here."""

from proofs_check.checks.boxes import BoxCheck
from proofs_check.checks.functions import Certified, Enclosed, FunctionCheck
from proofs_check.checks.general import (
    BallCheck,
    DerivationCheck,
    DerivedCheck,
    GeneratedCheck,
    IdentityCheck,
)

__all__ = [
    "BallCheck",
    "BoxCheck",
    "Certified",
    "DerivationCheck",
    "DerivedCheck",
    "Enclosed",
    "FunctionCheck",
    "GeneratedCheck",
    "IdentityCheck",
]
