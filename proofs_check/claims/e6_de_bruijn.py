"""E6: de Bruijn's identity along the means."""

from __future__ import annotations

from fractions import Fraction

from proofs_check.checks import DerivationCheck, IdentityCheck
from proofs_check.claim import Claim, Control

CLAIMS = (
    Claim(
        "E6",
        "De Bruijn's identity along the means",
        "sum_j v_j.grad_j K = L for any n, d and weights: the radial derivative of "
        "KL(q || p) is the forward Fisher divergence (so K(v) is the integral of L(sv)/s over s in "
        "(0, 1), K vanishing at the truth); for KL(p || q) the same holds with R.",
        r"\sum_j v_j\cdot\nabla_j K = L,\quad"
        r" \sum_j v_j\cdot\nabla_j \mathrm{KL}(p\|q) = R",
        "derived for this project (I1)",
        ("unit covariances", "fixed positive weights that sum to one", "teacher N(0, I)"),
        (
            DerivationCheck("density-rules"),
            IdentityCheck("I1"),
            IdentityCheck("I1-student"),
        ),
        (
            Control(
                "1.05 L for L",
                "the constant raised by 5%",
                IdentityCheck("I1", ("loss", Fraction(21, 20))),
            ),
            Control(
                "0.95 R for R",
                "the constant lowered by 5%",
                IdentityCheck("I1-student", ("loss", Fraction(19, 20))),
            ),
        ),
    ),
)
