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
from proofs_check.checks.own_runs import DecayCheck, OwnFates, OwnRun, own_sequence

__all__ = [
    "BallCheck",
    "BoxCheck",
    "Certified",
    "DecayCheck",
    "DerivationCheck",
    "DerivedCheck",
    "Enclosed",
    "FunctionCheck",
    "GeneratedCheck",
    "IdentityCheck",
    "OwnFates",
    "OwnRun",
    "own_sequence",
]
