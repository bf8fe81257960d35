"""The trusted core: terms, their normal form, and the rules that alone make theorems."""

from proofs_check.proofs.kernel.rules import (
    antisymmetry,
    assume,
    axiom,
    bound,
    combine,
    cut,
    generalise,
    induction,
    monotone,
    oracle,
    specialise,
    split,
    stein,
    substitute,
)
from proofs_check.proofs.kernel.terms import Definition, Objective, ProofError, Sort, Term
from proofs_check.proofs.kernel.theorem import Theorem, seal

seal()

__all__ = [
    "Definition",
    "Objective",
    "ProofError",
    "Sort",
    "Term",
    "Theorem",
    "antisymmetry",
    "assume",
    "axiom",
    "bound",
    "combine",
    "cut",
    "generalise",
    "induction",
    "monotone",
    "oracle",
    "specialise",
    "split",
    "stein",
    "substitute",
]
