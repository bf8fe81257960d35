"""F1: the gradient of the forward Fisher divergence, in all its forms."""

from __future__ import annotations

from fractions import Fraction

from proofs_check.checks import DerivationCheck, IdentityCheck
from proofs_check.claim import Claim, Control, Figure
from proofs_check.sampling import Cases

_TEACHERS = Cases((1, 2), (1, 1), ("1e-1", "5"), on_line=True, teacher=(2, 2))

CLAIMS = (
    Claim(
        "F1",
        "The gradient of the forward Fisher divergence",
        r"For $L=E_q|m|^2$, any $n$, $d$ and weights: $\nabla_jL = "
        r"2E_q[\psi_jm+\psi_j\,((v_j-m)\cdot m)(x-v_j)] = 2E_q[\psi_j\,((1-(v_j-m)\cdot "
        r"m)m+C\,(v_j-2m))]$, which is Lemma 2.2 of S1 (arXiv:2511.22069); and the identities I3, "
        "I4 along the means. With a mixture teacher $m$ becomes $M=m_S-m_T$, except in "
        "$v_j-m_S$.",
        r"\nabla_j L = 2E_q[\psi_j m + \psi_j((v_j-m)\cdot m)(x-v_j)]"
        r" = 2E_q[\psi_j((1-(v_j-m)\cdot m)m + C(v_j-2m))]",
        "S1 (Zhang, Xu, Zhou, Fazel, Du, arXiv:2511.22069), Lemma 2.2, as reported; I3 and I4 "
        "derived for this project",
        ("unit covariances", "fixed positive weights that sum to one"),
        (
            DerivationCheck("density-rules"),
            IdentityCheck("forward-gradient-x"),
            IdentityCheck("forward-gradient"),
            IdentityCheck("lemma-2.2"),
            IdentityCheck("forward-gradient-mixture"),
            IdentityCheck("forward-hessian-symmetry"),
            IdentityCheck("I3"),
            IdentityCheck("I4-forward"),
        ),
        (
            Control(
                "Lemma 2.2 with 3.15 for 3",
                "the coefficient of (v.v) v raised by 5%",
                IdentityCheck("lemma-2.2", ("cubic", Fraction(63, 10))),
            ),
            Control(
                "Lemma 2.2 with 0.95 for the second moment",
                "the second-moment term of Lemma 2.2 lowered by 5%",
                IdentityCheck("lemma-2.2", ("second moment", Fraction(19, 10))),
            ),
            Control(
                "covariance with the other sign",
                "one sign in the Stein form",
                IdentityCheck("forward-gradient", ("covariance", Fraction(-2))),
            ),
            Control(
                "responsibilities that do not move",
                "one term of the first form lowered by 5%",
                IdentityCheck(
                    "forward-gradient-x", ("motion of the responsibilities", Fraction(19, 10))
                ),
            ),
            Control(
                "M for every m",
                "M also in place of m in v_j - m_S, mixture teacher",
                IdentityCheck("forward-gradient-mixture-every-m", cases=_TEACHERS),
            ),
            Control(
                "I3 with 4.2 for 4",
                "the coefficient of m.Cm raised by 5%",
                IdentityCheck("I3", ("mixed", Fraction(-42, 10))),
            ),
            Control(
                "I4 with 2.1 for 2",
                "the coefficient of |m|^2 m m^T raised by 5%",
                IdentityCheck("I4-forward", ("quartic", Fraction(-21, 10))),
            ),
        ),
        plain="A formula, in two forms, for the gradient of the score-matching loss (the forward "
        "Fisher divergence) of a Gaussian mixture: both hold for every number of components, "
        "dimension and choice of weights.",
        derived=(
            "density-rules",
            "forward-gradient-x",
            "forward-gradient",
            "lemma-2.2",
            "forward-gradient-mixture",
            "forward-hessian-symmetry",
            "I3",
            "I4-forward",
        ),
        argument="The first form is the derivative of the loss, by the differentiation rules "
        "that `density-rules` proves from the density. Explicit $x$ is removed by "
        "Stein's identity, both sides of each identity are expanded, and the expansions "
        "coincide: for all n, d and weights, and for mixture teachers where stated. "
        "That mixed second derivatives agree (`forward-hessian-symmetry`) is a further "
        "test of the rules.",
        sharper="Lemma 2.2 is stated for uniform weights; here the weights are any, and the "
        "teacher may be a mixture.",
        limits="Anything about descent. S1's text was not at hand: its Lemma 2.2 is checked as "
        "reported.",
        figure=Figure(
            "Means -3/4 and 17/8, weights 1/3 and 2/3. Both sides of Lemma 2.2 are integrated "
            "separately in ball arithmetic; shown is the largest difference that the enclosures "
            "leave. It falls with the digits; with 3.15 in place of 3 (a control) it stays.",
            "proofs_check.figures.f1",
        ),
    ),
)
