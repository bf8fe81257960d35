"""R1: the gradient of the reverse Fisher divergence; identities I2 and I4."""

from __future__ import annotations

from fractions import Fraction

from proofs_check.checks import DerivationCheck, IdentityCheck
from proofs_check.claim import Claim, Control, Figure

CLAIMS = (
    Claim(
        "R1",
        "The gradient of the reverse Fisher divergence",
        "For $R=E_p|m|^2$, any $n$, $d$ and weights: "
        r"$\nabla_jR=E_p[\psi_j\,((x-v_j)|m|^2+2m+2\,((v_j-m)\cdot m)(x-v_j))] = "
        r"2E_p[\psi_j\,(m+C\,(v_j-m))]$; $\sum_jv_j\cdot \nabla_jR = 2R+2E_p|C|^2$ (so "
        r"$R(sv)/s^2$ does not decrease in $s$); $\sum_j\nabla_jR\,v_j^T = 2E_p[mm^T+C^2]$.",
        r"\nabla_j R = 2E_p[\psi_j(m+C(v_j-m))],\quad"
        r" \sum_j v_j\cdot\nabla_j R = 2R+2E_p|C|_F^2",
        "arXiv:2606.19876, the objective; identities I2 and I4 derived for this project",
        ("unit covariances", "fixed positive weights that sum to one", "teacher $N(0,I)$"),
        (
            DerivationCheck("density-rules"),
            IdentityCheck("reverse-gradient-x"),
            IdentityCheck("reverse-gradient"),
            IdentityCheck("reverse-hessian-symmetry"),
            IdentityCheck("I2"),
            IdentityCheck("I4-reverse"),
        ),
        (
            Control(
                "a density that does not move",
                "the term of the moving density lowered by 5%",
                IdentityCheck("reverse-gradient-x", ("motion of the density", Fraction(19, 20))),
            ),
            Control(
                "covariance with the other sign",
                "one sign in the Stein form",
                IdentityCheck("reverse-gradient", ("covariance", Fraction(-2))),
            ),
            Control(
                "I2 with 2.1 for 2",
                "the coefficient of E|C|^2 raised by 5%",
                IdentityCheck("I2", ("covariance", Fraction(21, 10))),
            ),
            Control(
                "I4 with 2.1 for 2",
                "the coefficient of E[C^2] raised by 5%",
                IdentityCheck("I4-reverse", ("covariance", Fraction(21, 10))),
            ),
        ),
        plain="A formula, in two forms, for the gradient of the reverse Fisher divergence (the "
        "score error averaged over the model instead of the data), for every number of "
        "components, dimension and choice of weights.",
        derived=(
            "density-rules",
            "reverse-gradient-x",
            "reverse-gradient",
            "reverse-hessian-symmetry",
            "I2",
            "I4-reverse",
        ),
        argument="The expectation moves with the parameters; the derivative of the density is "
        "part of the rules that `density-rules` proves. Both sides of each identity are "
        "expanded after Stein's identity, and the expansions coincide for all n, d and "
        "weights. I2 gives at once that $R(sv)/s^2$ does not decrease in $s$.",
        limits="Convergence of reverse descent: that is R2. I2 shows only that no point but the "
        "truth is stationary.",
        figure=Figure(
            r"Means $s\,(0,3)$, uniform weights. By identity I2 $R(sv)/s^2$ does not decrease "
            "along a ray; the forward loss has no such property.",
            "proofs_check.figures.r1",
        ),
    ),
)
