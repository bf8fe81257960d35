"""Checks, one module per topic; the kinds that most claims need are public here."""

from proofs_check.checks.boxes import BoxCheck
from proofs_check.checks.general import (
    BallCheck,
    DerivationCheck,
    DerivedCheck,
    FunctionCheck,
    GeneratedCheck,
    IdentityCheck,
)

__all__ = [
    "BallCheck",
    "BoxCheck",
    "DerivationCheck",
    "DerivedCheck",
    "FunctionCheck",
    "GeneratedCheck",
    "IdentityCheck",
]
