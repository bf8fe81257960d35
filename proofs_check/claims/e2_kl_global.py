"""E2: gradient EM converges from every initialization (Theorem K)."""

from __future__ import annotations

from fractions import Fraction

from proofs_check.checks import BallCheck, GeneratedCheck
from proofs_check.checks.descent_steps import (
    constant_step,
    first_rate,
    gradient_bound,
    no_growth,
    other_sizes,
    square_decreases,
)
from proofs_check.checks.rates import RateCheck
from proofs_check.claim import Claim, Control, Figure
from proofs_check.proofs.check import ProofCheck
from proofs_check.sampling import Cases
from proofs_check.statements import Mixture, Relation, scaled

_ONE = constant_step(Fraction(1))


def _speed(eta: Fraction) -> Fraction:
    return eta * (2 - eta)


def decrease(eta: Fraction, edge: Fraction = Fraction(2)) -> Relation:
    """``|V+|^2 <= |V|^2 - eta (edge - eta) L``, after one step of gradient EM."""
    return square_decreases(
        "kl",
        constant_step(eta),
        lambda at: scaled(eta * (edge - eta), at.loss("forward")),
        f"|V+|^2 <= |V|^2 - eta ({edge} - eta) L, eta = {eta}",
    )


def rate(factor: Fraction) -> Relation:
    """The rate of the least loss after one step with ``eta = 1``."""
    text = f"{factor} N min L_k <= |V_0|^2 for N = 1, eta = 1"
    return first_rate(text, "forward", constant_step(factor))


_LINE = Cases((1, 3), (1, 1), ("1e-6", "20"))
_SPACE = Cases((1, 4), (1, 3), ("1e-6", "6"))
_SINGLE = Mixture.of([["1"]])
#: Far, coincident, nearly coincident, and wildly unequal weights.
_EXTREME = (
    Mixture.of([["8"], ["8.00000000000001"], ["-9"]]),
    Mixture.of([["-1/10"], ["3"]], ["0.999999", "0.000001"]),
    Mixture.of([["3"], ["-1/10"]], ["0.999999", "0.000001"]),
    Mixture.of([["7/10"], ["-7/10"]]),
    Mixture.of([["10"], ["10"]]),
)

_ATTACKS = (
    GeneratedCheck("one step, eta = 1", decrease(Fraction(1)), _SPACE),
    RateCheck("runs, eta = 1", "kl", "forward", _ONE, _speed, _LINE),
)

CLAIMS = (
    Claim(
        "E2",
        "Gradient EM converges from every initialization",
        r"Single-Gaussian teacher, any $n$, $d$ and fixed weights: $|\nabla K|^2 \le L$, so for "
        r"$0 \le \eta \le 2$: $|V_{k+1}|^2 \le |V_k|^2-\eta\,(2-\eta)L_k$ and $\min_{k<N}L_k \le "
        r"|V_0|^2/(\eta\,(2-\eta)N)$, $L$ the forward Fisher divergence; $L^2 \le |V|^2|\nabla "
        "K|^2$, and the truth is the only stationary point.",
        r"|\nabla K|^2\le L,\quad |V_{k+1}|^2\le|V_k|^2-\eta(2-\eta)L_k,\quad"
        r" \min_{k<N}L_k\le\frac{|V_0|^2}{\eta(2-\eta)N}",
        "arXiv:2407.00490 and arXiv:2506.06584, as formalized here: global convergence, loss "
        r"$O(1/\sqrt{\tau})$; the theorem with its constants derived for this project (Theorem K)",
        ("unit covariances", "fixed positive weights that sum to one", "teacher $N(0,I)$"),
        (
            ProofCheck("K", attacks=_ATTACKS),
            ProofCheck("K-stationary"),
            BallCheck("one step, extreme starts", decrease(Fraction(1)), _EXTREME),
        ),
        (
            Control(
                "|grad K|^2 <= 0.95 L",
                "the constant lowered by 5%",
                BallCheck("0.95", gradient_bound(Fraction(19, 20)), (_SINGLE,)),
            ),
            Control(
                "2.1 - eta for 2 - eta",
                "the longest step raised by 5%",
                BallCheck("2.1 - eta", decrease(Fraction(1), Fraction(21, 10)), (_SINGLE,)),
            ),
            Control(
                "no growth at eta = 2.1",
                "a step 5% beyond the longest",
                BallCheck(
                    "step 2.1",
                    no_growth("kl", constant_step(Fraction(21, 10)), "= 2.1"),
                    (_SINGLE,),
                ),
            ),
            Control(
                "rate 1.05",
                "the constant of the rate raised by 5%",
                BallCheck("rate 1.05", rate(Fraction(21, 20)), (_SINGLE,)),
            ),
            *other_sizes("kl", _ONE, "1"),
        ),
        plain="When a Gaussian mixture with fixed weights is fitted to a single Gaussian, "
        "gradient EM with steps up to 2 moves no further from the truth, from whatever start, "
        "and with steps below 2 the best of its first N iterates has a score error (forward "
        "Fisher divergence) of at most a constant over N.",
        derived=("kl-gradient", "I1", "K", "K-stationary"),
        argument=r"The gradient is $E_q[\psi_jm]$. By Jensen's inequality and $\psi_j \le 1$ its "
        r"square is at most $E_q[\psi_j|m|^2]$, which sums to L; by identity I1 the "
        r"radial derivative is L. So one step changes $|V|^2$ by at most $-2\eta "
        r"L+\eta^2L$, for every step size up to 2, from everywhere, and the sum over the "
        r"steps gives the rate. Cauchy-Schwarz and I1 give $L \le |V||\nabla K|$; and $L "
        r"= 0$ only at the truth, as $\sum_jE_q[\psi_j]|v_j|^2=L+E_q\operatorname{tr}C$ "
        r"with $(E_q\operatorname{tr}C)^2 \le dL$.",
        sharper=r"One step size, $\eta = 1$, serves all n, d, weights and starts, and the least "
        "forward loss of N steps is at most $|V_0|^2/N$. The constants of the decrease "
        "and of the first step's rate are attained by one component.",
        limits="The rate bounds the forward divergence L, not K itself, and the best of N steps, "
        "not the last. It is not the end game's. Convergence can still be slow for very many "
        "steps (claim E3), within this bound.",
        figure=Figure(
            r"Least forward loss along gradient EM with $\eta = 1$, divided by $|V_0|^2$, against "
            "the number of steps; the line is the bound $1/N$.",
            "proofs_check.figures.e2",
        ),
    ),
)
