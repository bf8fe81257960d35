"""E1: the gradient of KL(teacher || student), whose descent is gradient EM."""

from __future__ import annotations

from fractions import Fraction

from proofs_check.checks import DerivationCheck, IdentityCheck
from proofs_check.claim import Claim, Control, Figure
from proofs_check.sampling import Cases

_TEACHERS = Cases((1, 2), (1, 1), ("1e-1", "5"), on_line=True, teacher=(2, 2))

CLAIMS = (
    Claim(
        "E1",
        "The gradient of KL(teacher || student)",
        r"For $K = \operatorname{KL}(q\,\|\,p)$, any $n$, $d$ and weights: "
        r"$\nabla_jK=E_q[\psi_j\,(v_j-x)]=E_q[\psi_jm]$, and $\sum_j\nabla_jK\,v_j^T=E_q[mm^T]$; "
        r"for a mixture teacher $T$, $E_T[\psi_j\,(v_j-x)]=E_T[\psi_jM]$ with $M=m_S-m_T$.",
        r"\nabla_j K = E_q[\psi_j(v_j-x)] = E_q[\psi_j m]",
        "arXiv:2407.00490 and arXiv:2506.06584, gradient EM; identity I4 derived for this project",
        ("unit covariances", "fixed positive weights that sum to one"),
        (
            DerivationCheck("density-rules"),
            IdentityCheck("kl-gradient-x"),
            IdentityCheck("kl-gradient"),
            IdentityCheck("kl-gradient-mixture"),
            IdentityCheck("kl-hessian-symmetry"),
            IdentityCheck("I4-kl"),
        ),
        (
            Control(
                "1.05 m for m",
                "the Stein form raised by 5%",
                IdentityCheck("kl-gradient", ("score error", Fraction(21, 20))),
            ),
            Control(
                "x - v_j with the other sign",
                "one sign in the first form",
                IdentityCheck("kl-gradient-x", ("displacement", Fraction(1))),
            ),
            Control(
                "1.05 M for M",
                "the mixture-teacher form raised by 5%",
                IdentityCheck("kl-gradient-mixture", ("score error", Fraction(21, 20)), _TEACHERS),
            ),
            Control(
                "I4 with 1.05 for 1",
                "the coefficient of E[m m^T] raised by 5%",
                IdentityCheck("I4-kl", ("second moment", Fraction(21, 20))),
            ),
        ),
        plain="A formula for the gradient of the Kullback-Leibler divergence from a Gaussian "
        "mixture to its teacher, which is the step of gradient EM: it holds for every number of "
        "components, dimension and choice of weights.",
        derived=(
            "density-rules",
            "kl-gradient-x",
            "kl-gradient",
            "kl-gradient-mixture",
            "kl-hessian-symmetry",
            "I4-kl",
        ),
        argument="The first form is the derivative of the loss, by the rules proved from the "
        "density. The second follows by Stein's identity. Both sides are expanded, and the "
        "expansions coincide for all n, d and weights.",
        limits="Anything about descent on K: that is E2. The mixture-teacher form is refuted and "
        "confirmed in numbers only for means on a line.",
        figure=Figure(
            "Gradient of K and half the gradient of L in the moving component, on the slice "
            "$(0,a)$, uniform weights. Near the truth they agree (E5). The first keeps its sign; "
            "the second vanishes again at $a = 2.456$ (F4).",
            "proofs_check.figures.e1",
        ),
    ),
)
