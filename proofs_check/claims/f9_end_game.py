"""F9: all converging, L tau^2 has a limit that the weights and the rank determine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any, Literal

import mpmath

from proofs_check.checks import DerivationCheck
from proofs_check.checks.end_game_pair import PairEndGame
from proofs_check.checks.flow_sequences import FlowStart, end_game_level
from proofs_check.checks.limits import LimitCheck, geometric
from proofs_check.claim import Claim, Control, Figure

_TIMES = ("1e4", "1e6", "1e8")
_LATER = ("1e4", "1e6", "1e8", "1e10")
#: rank 1, in mpmath
EQUAL_PAIR = FlowStart((("1.5",), ("-1",)), _TIMES, _LATER, ("1/2", "1/2"))
PAIR = FlowStart((("1.5",), ("-1",)), _TIMES, _LATER, ("3/10", "7/10"))
TRIPLE = FlowStart((("1",), ("-1",), ("0.5",)), _TIMES, _LATER, ("1/5", "1/2", "3/10"))
#: ranks 2 and 3, in float64
PLANE = FlowStart(
    (("0.5", "0"), ("-0.4", "0.3"), ("0.1", "-0.5")),
    _TIMES,
    _TIMES,
    ("1/5", "1/2", "3/10"),
    backend="float64",
)
EQUAL_PLANE = replace(PLANE, weights=("1/3",) * 3)
FOUR = FlowStart(
    (*PLANE.means, ("-0.2", "-0.3")),
    _TIMES,
    _TIMES,
    ("1/10", "1/5", "3/10", "2/5"),
    backend="float64",
)
EQUAL_SPACE = FlowStart(
    (("0.5", "0", "0.1"), ("-0.4", "0.3", "0"), ("0.1", "-0.5", "0.2"), ("-0.2", "-0.3", "-0.4")),
    ("1e2", "1e3", "1e4"),
    ("1e3", "1e4", "1e5"),
    ("1/4",) * 4,
    backend="float64",
)
SPACE = replace(
    EQUAL_SPACE,
    weights=FOUR.weights,
    quick=("1e3", "1e4", "1e5"),
    full=("1e4", "1e5", "1e6"),
)


def constant(
    start: FlowStart, rank: int, choice: Literal["smallest", "largest"] = "smallest"
) -> Callable[[], Any]:
    """``sum 1/(64 l_k^2)`` over the ``rank`` smallest (or largest) compressed eigenvalues."""

    def value() -> Any:
        import sympy

        from derive.limits.end_game import compressed_eigenvalues, limit_constant

        shares = [Fraction(weight) for weight in start.weights or ()]
        weights = [sympy.Rational(share.numerator, share.denominator) for share in shares]
        found = compressed_eigenvalues(weights)
        chosen = found[:rank] if choice == "smallest" else found[-rank:]
        return mpmath.mpf(sympy.N(limit_constant(chosen), 30))

    return value


def uniform_constant(start: FlowStart, rank: int) -> Callable[[], Any]:
    """``r n^2/64``."""
    return lambda: mpmath.mpf(rank * start.components**2) / 64


def scaled(factor: str, value: Callable[[], Any]) -> Callable[[], Any]:
    """A constant times ``factor``."""
    return lambda: mpmath.mpf(factor) * value()


def law(start: FlowStart, rank: int, limit: Callable[[], Any], text: str) -> LimitCheck:
    """``L tau^2`` (R, K for the other losses) tends to a constant."""
    letter = {"forward": "L", "reverse": "R", "kl": "K"}[start.objective]
    coarse = rank == 3
    return LimitCheck(
        f"{letter} tau^2 -> {text}, rank {rank}, weights ({', '.join(start.weights or ())})",
        end_game_level(start),
        limit,
        "the value that Aitken's process gives, within the last change",
        resolution="2e-2" if coarse else "1e-2",
        digits=(3, 4) if coarse else (5, 6) if start.backend == "mpmath" else (4, 5),
        extrapolate=geometric,
    )


_SUM = "sum 1/(64 l_k^2) over the smallest l_k"


CLAIMS = (
    Claim(
        "F9",
        "The end game: the loss falls like one over the square of time",
        r"All means converging under the gradient flow, $L\tau^2 \to \sum_{k \le r}1/(64l_k^2)$, "
        r"$l_k$ the $r$ smallest eigenvalues of $\operatorname{diag}(\pi)$ compressed to the "
        r"orthogonal complement of $\pi$ (the roots of $\sum_j\pi_j^2\prod_{i \ne j}(\pi_i-l)$), "
        r"$r$ the rank of the limit of $\tau\operatorname{Cov}$, generically $\min(d,n-1)$; "
        r"uniform weights: $rn^2/64$; $n = 2$: $(\pi_1^2+\pi_2^2)^2/(64\pi_1^2\pi_2^2)$. Two "
        r"components with equal weights, any $d$, once $|v_1|^2+|v_2|^2 \le 2/5$: with $q = "
        r"|v_2-v_1|^2/4$ and $c$ the midpoint, $q^2(1-2q) \le L \le q^2+|c|^2$, $(|c|^2)' \le "
        r"-|c|^2$ and $4-12q-5|c|^2/q \le (1/q)' \le 4$ along the flow; so where both converge "
        r"and differ, $L\tau^2 \to 1/16$.",
        r"L\tau^2\to\sum_{k\le r}\frac1{64\,l_k^2};\quad \pi_i=\tfrac1n:\ \frac{r n^2}{64}",
        "derived for this project",
        (
            "teacher $N(0,I)$",
            "gradient flow (gradient descent with small steps)",
            "all components converge",
            "generic initial means",
        ),
        (
            DerivationCheck("small-v-expansion"),
            DerivationCheck("end-game", scope="reduced equation"),
            DerivationCheck("end-game-pair", scope="n = 2, all d"),
            PairEndGame(),
            law(EQUAL_PAIR, 1, uniform_constant(EQUAL_PAIR, 1), "r n^2/64"),
            law(PAIR, 1, constant(PAIR, 1), _SUM),
            law(TRIPLE, 1, constant(TRIPLE, 1), _SUM),
            law(EQUAL_PLANE, 2, uniform_constant(EQUAL_PLANE, 2), "r n^2/64"),
            law(PLANE, 2, constant(PLANE, 2), _SUM),
            law(FOUR, 2, constant(FOUR, 2), _SUM),
            law(EQUAL_SPACE, 3, uniform_constant(EQUAL_SPACE, 3), "r n^2/64"),
            law(SPACE, 3, constant(SPACE, 3), _SUM),
        ),
        (
            Control(
                "two equal components, 39/10 for 4",
                "a slower pace",
                PairEndGame(pace=Fraction(39, 10)),
            ),
            Control(
                "two equal components, 41/10 for 4",
                "a faster pace",
                PairEndGame(pace=Fraction(41, 10)),
            ),
            Control(
                "two equal components, |c|^2 like e^{-3 tau}",
                "a faster decay of the midpoint (the true rate is 2)",
                PairEndGame(decay=Fraction(3)),
            ),
            Control(
                "two equal components, L <= (99/100) q^2 + |c|^2",
                "a lower loss",
                PairEndGame(excess=Fraction(99, 100)),
            ),
            Control(
                "r n^2/64, weights 3/10 and 7/10",
                "the constant of uniform weights",
                law(PAIR, 1, uniform_constant(PAIR, 1), "r n^2/64"),
            ),
            Control(
                "r n^2/64, four unequal weights",
                "the constant of uniform weights",
                law(FOUR, 2, uniform_constant(FOUR, 2), "r n^2/64"),
            ),
            Control(
                "1.05 n^2/64, n = 2",
                "the constant raised by 5%",
                law(
                    EQUAL_PAIR,
                    1,
                    scaled("1.05", uniform_constant(EQUAL_PAIR, 1)),
                    "1.05 r n^2/64",
                ),
            ),
            Control(
                "0.95 of the sum, rank 2",
                "the constant lowered by 5%",
                law(PLANE, 2, scaled("0.95", constant(PLANE, 2)), f"0.95 {_SUM}"),
            ),
            Control(
                "the largest eigenvalue, d = 1",
                "the r largest eigenvalues instead of the r smallest",
                law(
                    TRIPLE,
                    1,
                    constant(TRIPLE, 1, "largest"),
                    "sum 1/(64 l_k^2) over the largest l_k",
                ),
            ),
            Control(
                "the largest eigenvalues, d = 2",
                "the r largest eigenvalues instead of the r smallest",
                law(
                    FOUR,
                    2,
                    constant(FOUR, 2, "largest"),
                    "sum 1/(64 l_k^2) over the largest l_k",
                ),
            ),
        ),
        plain="Measured: when score matching brings all components to the truth, the loss ends "
        "like a constant over the square of time, and the constant depends only on the weights "
        "and the dimension of the final approach.",
        derived=("small-v-expansion", "end-game", "end-game-pair"),
        argument=(
            r"To order four $L = |c|^2+|\operatorname{Cov}|^2-2c\cdot \operatorname{Cov}c$ "
            r"(identity I5, proved). Split the means into the part $Y$ in the complement of $\pi$ "
            r"and the centre $c$: the gradient's part $2\pi c^T$ lies along $\pi$, so $c$ relaxes "
            r"at rate one and is slaved, $c=O(|Y|^3)$, while $Y' = -4AY\,(Y^TAY)$ to leading "
            r"order, $A$ the compression of $\operatorname{diag}(\pi)$."
            "\n\n"
            "Of this reduced equation the following is derived (`end-game`). Uniform weights, "
            r"any $d$: $\operatorname{Cov}' = -(8/n)\operatorname{Cov}^2$, solved by "
            r"$(\operatorname{Cov}_0^{-1}+8\tau/n)^{-1}$, hence $rn^2/64$. Any weights, $d = 1$: "
            r"$1/\operatorname{Cov}$ grows at 8 times a mean of the eigenvalues, which decreases "
            "to the smallest. Any weights, any $d$: a self-similar solution for every set of $r$ "
            "eigenvectors, and only the $r$ smallest are stable against the others: a part along "
            r"another eigenvector falls like $\tau^{-l_j/(2l_k)}$ instead of $\tau^{-1/2}$."
            "\n\n"
            "*Two equal components: the flow itself.* "
            r"With $y = (v_2-v_1)/2$, $s = c\cdot y$ and $t = \tanh u$, $u = x\cdot y-s$, the loss "
            r"is $|c|^2+E[2st+qt^2]$ in every dimension (`end-game-pair`); $u$ is Gaussian, and "
            r"bounds of $t^2$, $utt'$, $t'$ by polynomials in $u^2$, valid for every $u$, bound "
            r"$L$, $q'$ and $(|c|^2)'$ by polynomials in $q$ and $s^2 \le |c|^2q$. The six "
            "inequalities are those polynomials' Bernstein coefficients, in exact fractions. What "
            r"follows is integration: $(|c|^2+q)' \le -|c|^2/4-q^2$, so that the flow stays where "
            r"$|v_1|^2+|v_2|^2 \le 2/5$; $1/q \le 1/q_0+4\tau$, so the integral of $5|c|^2/q$ is "
            r"at most $5|c_0|^2(1/q_0+4)$; $q \le 1/5$, hence $(1/q)' \ge 8/5-5|c|^2/q$ and in the "
            r"end $1/q = 4\tau-O(\ln\tau)$. A flow whose means both converge enters the region, "
            r"and $q > 0$ is kept: coincident means stay coincident."
            "\n\n"
            "That the flow follows the reduced equation in the other cases is argued, not "
            "derived; there the limit is extrapolated from flows at two precisions, with the "
            "unknown rate of approach removed by Aitken's process. (Its uncertainty is the last "
            "change of the sequence.)"
        ),
        sharper=(
            "The selection of the smallest eigenvalues for $d > 1$ is not only measured: it is "
            "the linear stability of the self-similar solutions of the reduced equation. The "
            r"same exponents say how fast its limit is approached: like $\tau^{-(l_j/l_k-1)}$, "
            "slowly where two eigenvalues nearly agree. (For the weights 1/5, 1/2, 3/10 and $d = "
            "1$ that is 0.63, the slope in the figure. This is not a check.)"
        ),
        limits=(
            "Global convergence to the self-similar solution for unequal weights and $d > 1$, "
            "and the reduction itself beyond two equal components, are not proved. Starts are a "
            r"few generic ones; a limit of $\tau\operatorname{Cov}$ of lower rank (symmetric "
            "starts) has fewer terms. Rank 3 is followed less far and at fewer digits than the "
            "others."
        ),
        figure=Figure(
            r"Distance of $L\tau^2$ to its claimed limit along gradient flows of ranks 1, 2 and "
            "3. Dotted: to $rn^2/64$ with unequal weights (a control). Rank 3, whose integrals "
            r"have three dimensions, is followed to $\tau = 10^{4}$ only.",
            "proofs_check.figures.f9",
        ),
    ),
)
