"""R6: the end game of reverse descent has the constants of the forward one."""

from __future__ import annotations

from dataclasses import replace

from proofs_check.checks import DerivationCheck
from proofs_check.claim import Claim, Control, Figure
from proofs_check.claims.f9_end_game import (
    EQUAL_PAIR,
    PAIR,
    PLANE,
    TRIPLE,
    constant,
    law,
    scaled,
    uniform_constant,
)

REVERSE_EQUAL = replace(EQUAL_PAIR, objective="reverse")
REVERSE_PAIR = replace(PAIR, objective="reverse")
REVERSE_TRIPLE = replace(TRIPLE, objective="reverse")
REVERSE_PLANE = replace(PLANE, objective="reverse")

CLAIMS = (
    Claim(
        "R6",
        "The end game of the reverse loss: the constants of the forward one",
        r"Under the gradient flow of $R$ (all means converge, Theorem R), $R\tau^2 \to \sum_{k "
        r"\le r}1/(64l_k^2)$, with F9's $l_k$ and $r$; uniform weights: $rn^2/64$.",
        r"R\tau^2\to\sum_{k\le r}\frac1{64\,l_k^2}",
        "derived for this project",
        ("teacher $N(0,I)$", "gradient flow", "generic initial means"),
        (
            DerivationCheck("small-v-expansion"),
            DerivationCheck("end-game", scope="reduced equation"),
            law(REVERSE_EQUAL, 1, uniform_constant(REVERSE_EQUAL, 1), "r n^2/64"),
            law(REVERSE_PAIR, 1, constant(REVERSE_PAIR, 1), "the sum"),
            law(REVERSE_TRIPLE, 1, constant(REVERSE_TRIPLE, 1), "the sum"),
            law(REVERSE_PLANE, 2, constant(REVERSE_PLANE, 2), "the sum"),
        ),
        (
            Control(
                "1.05 n^2/64, n = 2",
                "the constant raised by 5%",
                law(
                    REVERSE_EQUAL,
                    1,
                    scaled("1.05", uniform_constant(REVERSE_EQUAL, 1)),
                    "1.05 r n^2/64",
                ),
            ),
            Control(
                "r n^2/64, weights 3/10 and 7/10",
                "the constant of uniform weights",
                law(REVERSE_PAIR, 1, uniform_constant(REVERSE_PAIR, 1), "r n^2/64"),
            ),
            Control(
                "KL's constant",
                "sum 1/(16 l_k^2), four times as much",
                law(
                    REVERSE_PAIR,
                    1,
                    scaled("4", constant(REVERSE_PAIR, 1)),
                    "sum 1/(16 l_k^2)",
                ),
            ),
        ),
        plain="Measured along its gradient flow, the reverse Fisher divergence ends like a "
        "constant over the square of time, with the same constants as the forward one.",
        derived=("small-v-expansion", "end-game"),
        argument=r"To fourth order $R = |c|^2+|\operatorname{Cov}|^2$: it differs from L only by "
        r"the term $-2c\cdot \operatorname{Cov}c$, which is of sixth order once the "
        "centre is slaved. So the reduced equation of F9 is the same, with the same "
        "limit; it is measured along reverse flows.",
        sharper="The expansion of L and K (identity I5) is extended to R, which has no cross "
        r"term $c\cdot \operatorname{Cov}c$ at fourth order (`proofs-check derive "
        "small-v-expansion`).",
        limits="As F9: that the flow follows the reduced equation is argued, not derived; the "
        "limit is extrapolated at two precisions from a few generic starts.",
        figure=Figure(
            r"Distance of $R\tau^2$ (dashed: $L\tau^2$) to the claimed limit along gradient "
            "flows.",
            "proofs_check.figures.r6",
        ),
    ),
)
