"""Checks, one module per topic; the kinds that most claims need are public here."""

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
    "DerivationCheck",
    "DerivedCheck",
    "FunctionCheck",
    "GeneratedCheck",
    "IdentityCheck",
]
