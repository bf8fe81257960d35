"""E6: de Bruijn's identity along the means."""

from __future__ import annotations

from fractions import Fraction

from proofs_check.checks import DerivationCheck, IdentityCheck
from proofs_check.claim import Claim, Control, Figure

CLAIMS = (
    Claim(
        "E6",
        "De Bruijn's identity along the means",
        r"$\sum_jv_j\cdot \nabla_jK=L$ for any $n$, $d$ and weights: the radial derivative of "
        r"$\operatorname{KL}(q\,\|\,p)$ is the forward Fisher divergence (so $K(v)$ is the "
        "integral of $L(sv)/s$ over $s$ in $(0,1)$, $K$ vanishing at the truth); for "
        r"$\operatorname{KL}(p\,\|\,q)$ the same holds with $R$.",
        r"\sum_j v_j\cdot\nabla_j K = L,\quad"
        r" \sum_j v_j\cdot\nabla_j \mathrm{KL}(p\|q) = R",
        "derived for this project (identity I1)",
        ("unit covariances", "fixed positive weights that sum to one", "teacher $N(0,I)$"),
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
        plain="Moving the means of a mixture straight away from the truth changes the Kullback- "
        "Leibler divergence at a rate that is exactly the Fisher divergence, the loss of score "
        "matching.",
        derived=("density-rules", "I1", "I1-student"),
        argument="Both identities are decided symbolically. That $K(v)$ is the integral of "
        "$L(sv)/s$ over s in $(0,1)$ follows by integrating along the ray from the "
        "truth, where K vanishes; that consequence is not a check of its own.",
        limits="A rate for descent. Along the ray both sides are functions of one variable; "
        "nothing is said about the gradient across it.",
        figure=Figure(
            r"Means $s\,(-1,2,3)$, uniform weights: the derivative of $K(sv)$ in $s$ (from the "
            "gradient of K) and $L(sv)/s$ agree; 1.05 times that, the control, does not.",
            "proofs_check.figures.e6",
        ),
    ),
)
