"""The Key Lemma for each deviation: a cluster whose components are all within rho of its centre.

``|Y_j - mean Y| <= y`` for every j, where ``y`` is of the order of ``rho^2``, whatever n is; the
moments are those of `cluster_moments`, for ``r^2 = 2 rho^2 >= |delta_j|^2 + sigma^2``.
"""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.cluster_drift import (
    MEAN_DRIFT,
    MOVED_BY_Y,
    TURNED_BY_C,
    centre_steps,
    deviation_steps,
)
from proofs_check.proofs.cluster_geometry import centred_steps, pointwise_steps, tilt_steps
from proofs_check.proofs.cluster_moments import (
    ALPHA,
    NU_MOST,
    PULL_MOST,
    SECOND_MOST,
    first_moment_steps,
    first_order_steps,
    imbalance_steps,
    second_moment_steps,
)
from proofs_check.proofs.cluster_parts import (
    B2,
    DRIFT,
    PARTS,
    PHI,
    PHI_BOUND,
    PHI_RATE,
    PULLED,
    PULLED_RATE,
    decomposition_steps,
    field_steps,
    left_of_square,
    pulled_completed,
    pulled_steps,
    turned_steps,
    unbalanced_entry,
)
from proofs_check.proofs.cluster_tactics import AbsoluteBound, Certificate, Row, shown
from proofs_check.proofs.cluster_words import (
    BETA,
    C2,
    D2,
    ERROR,
    HALF,
    MU2,
    OMEGA,
    RUN,
    S2,
    SECOND,
    SIGMA2,
    THETA,
    C,
    H,
    P,
    R,
    U,
    W,
    deviation,
    deviation_square,
    uniform,
)
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.tactics.bounds import Contracted
from proofs_check.proofs.tactics.language import (
    N_,
    A,
    J,
    V,
    at_most,
    define,
    equal,
    every,
    largest,
    mean_q,
    nonnegative,
    psi,
    real,
    total,
)
from proofs_check.proofs.tactics.minkowski import Minkowski
from proofs_check.proofs.tactics.script import Hypothesis, Step
from proofs_check.proofs.tactics.steps import (
    TEACHER,
    Average,
    Bound,
    Combination,
    Derived,
    Specialise,
    Square,
    Squares,
)

F = Fraction
#: ``rho``, a bound of every ``|delta_j|``; ``r`` is at least the root of 2 times it.
RHO = real("rho")
#: ``7 r (1 + b^2) <= 1``, so that every ``|theta_j|`` is at most ``TILT``.
SMALL, TILT = F(7), F(1, 14)
#: ``|e_j| <= rho^2 FIRST_ORDER``, and ``E (w_j - 1)^2 <= rho^2 IMBALANCE``.
FIRST_ORDER = 2 * ALPHA + PULL_MOST
_CONSTANT = F(6, 5) + PULL_MOST, F(4, 3)
_IMBALANCE = (F(214, 25), F(22, 7))
IMBALANCE = _IMBALANCE[0] + _IMBALANCE[1] * B2
#: Of ``theta_j^2`` in ``E (w_j - 1)^2``.
_BEND = F(5, 3) + F(2, 3) * TILT
#: Coefficients of ``rho^3`` by powers of ``b^2``.
UNBALANCED, TURNED_BY = (F(17, 2), F(199, 10), F(71, 10)), F(10, 3)
_LINEAR = tuple((1 + 2 * TILT) * c for c in _CONSTANT)
#: ``y = rho^2 b LINEAR + rho^3 SECOND``.
LINEAR = (_LINEAR[0], _LINEAR[1] + 1)
DRIFT_RATE = (
    UNBALANCED[0] + TURNED_BY + 2 * PULLED[0],
    UNBALANCED[1] + 2 * PULLED[1],
    UNBALANCED[2],
)

#: The parts of ``Y_ja`` less its mean. The means of the errors and of the ``w_j - 1`` are zero.
_TILTED_ERROR = ERROR * (1 - THETA) + U * total(ERROR * THETA, J)
_TILT = THETA**2 - U * total(THETA**2, J)
_MEANS = {name: U * total(PARTS[name], J) for name in ("turned", "pulled")}
OWN = {
    "linear": define("Z1_{1}{2}", _TILTED_ERROR * C, V, J, A)(V, J, A),
    "tilted": define("Z2_{1}{2}", _TILT * C, V, J, A)(V, J, A),
    "unbalanced": PARTS["unbalanced"],
    "turned": define("Z4_{1}{2}", PARTS["turned"] - _MEANS["turned"], V, J, A)(V, J, A),
    "pulled": define("Z5_{1}{2}", PARTS["pulled"] - _MEANS["pulled"], V, J, A)(V, J, A),
}


def _by_b(coefficients: tuple[Fraction, ...]) -> Term:
    return Term("add", tuple(c * B2**k for k, c in enumerate(coefficients)))


BOUNDS = {
    "linear": RHO**2 * BETA * _by_b(_LINEAR),
    "tilted": RHO**2 * BETA**3,
    "unbalanced": RHO**3 * _by_b(UNBALANCED),
    "turned": TURNED_BY * RHO**3,
    "pulled": 2 * RHO**3 * _by_b(PULLED),
}
#: ``y``, the bound of every ``|Y_j - mean Y|``.
TOTAL = Term("add", tuple(BOUNDS.values()))


def reach_hypotheses() -> tuple[Hypothesis, ...]:
    """Uniform weights, ``|delta_j| <= rho`` for all j, ``|c| <= b``, ``7 r (1 + b^2) <= 1``."""
    return (
        uniform(),
        Hypothesis("r >= 0", nonnegative(R), "r is a radius"),
        Hypothesis("b >= 0", nonnegative(BETA), "b is a distance"),
        Hypothesis("rho >= 0", nonnegative(RHO), "rho is a radius"),
        Hypothesis("reach", every(at_most(S2, RHO**2), J), "every component is within rho"),
        Hypothesis("r and rho", at_most(2 * RHO**2, R**2), "r is large enough"),
        Hypothesis("centre", at_most(C2, BETA**2), "the centre lies within b"),
        Hypothesis("smaller", at_most(SMALL * R * (1 + B2), 1), "r is small against b"),
        Hypothesis("h >= 0", nonnegative(H), "the step size is h n"),
    )


def reach_steps() -> tuple[Step, ...]:
    """Everything about one state."""
    return (
        *centred_steps(),
        *_within_steps(),
        *tilt_steps(),
        *_small_steps(),
        *pointwise_steps(),
        *first_moment_steps(),
        *second_moment_steps(),
        *imbalance_steps(),
        *first_order_steps(),
        *field_steps(),
        *_error_steps(),
        *_own_imbalance_steps(),
        *_own_part_steps(),
        *_own_drift_steps(),
        *centre_steps(),
    )


def _within_steps() -> tuple[Step, ...]:
    """``s_j <= rho``, ``sigma <= rho``, ``s_j^2 + sigma^2 <= r^2``."""
    return (
        Step("s_j^2 <= rho^2", "each j", at_most(S2, RHO**2), Specialise((J,)), ("reach",)),
        Step(
            "sum of s_j^2 and rho",
            "over j",
            at_most(D2, N_ * RHO**2),
            Average((J,)),
            ("s_j^2 <= rho^2",),
        ),
        shown(
            "sigma^2 <= rho^2",
            "divided by n",
            at_most(SIGMA2, RHO**2),
            (1, ("u >= 0", "sum of s_j^2 and rho")),
            using=("1/n",),
        ),
        shown(
            "s_j^2 + sigma^2",
            "with 2 rho^2 <= r^2",
            at_most(S2 + SIGMA2, R**2),
            (1, ("s_j^2 <= rho^2",)),
            (1, ("sigma^2 <= rho^2",)),
            (1, ("r and rho",)),
        ),
        shown(
            "2 sigma^2",
            "with 2 rho^2 <= r^2",
            at_most(2 * SIGMA2, R**2),
            (2, ("sigma^2 <= rho^2",)),
            (1, ("r and rho",)),
        ),
    )


def _small_steps() -> tuple[Step, ...]:
    """``4 r (1 + b^2) <= 1`` and ``14 r b <= 1``."""
    return (
        shown(
            "small",
            "4 <= 7",
            at_most(4 * R * (1 + B2), 1),
            (F(4) / SMALL, ("smaller",)),
            (1 - F(4) / SMALL, ()),
        ),
        shown(
            "14 r b <= 1",
            "7 r (1 - b)^2 >= 0",
            at_most(2 * SMALL * R * BETA, 1),
            (1, ("smaller",)),
            (SMALL, ("r >= 0",), (1 - BETA,)),
        ),
    )


def _error_steps() -> tuple[Step, ...]:
    """``|theta_j| <= 1/14``, ``|e_j| <= rho^2 FIRST_ORDER``, powers of sigma."""
    bound = RHO**2 * FIRST_ORDER

    def by_rho(name: str, side: Term) -> Step:
        return shown(
            f"{name} and rho",
            "s_j, sigma <= rho",
            at_most(side, bound),
            (1, (name,)),
            (F(3, 5), ("s_j^2 <= rho^2",)),
            (F(2, 3), ("s_j^2 <= rho^2",), (BETA,)),
            (F(3, 5) + PULL_MOST, ("sigma^2 <= rho^2",)),
            (F(2, 3), ("sigma^2 <= rho^2",), (BETA,)),
        )

    return (
        shown(
            "theta_j >= -1/14",
            "r b <= 1/14",
            at_most(-TILT, THETA),
            (1, ("-theta_j <= r b",)),
            (TILT, ("14 r b <= 1",)),
        ),
        shown(
            "theta_j <= 1/14",
            "r b <= 1/14",
            at_most(THETA, TILT),
            (1, ("theta_j <= r b",)),
            (TILT, ("14 r b <= 1",)),
        ),
        by_rho("e_j from above", ERROR),
        by_rho("e_j from below", -ERROR),
        shown(
            "sigma^4 <= rho^4",
            "its square",
            at_most(SIGMA2**2, RHO**4),
            (1, ("sigma^2 <= rho^2",), (RHO,)),
            (1, ("sigma^2 <= rho^2", "sigma^2 >= 0")),
        ),
    )


def _own_imbalance_steps() -> tuple[Step, ...]:
    """``E (w_j - 1)^2 <= rho^2 IMBALANCE``."""
    one = mean_q((W - 1) ** 2)
    positive_part = 1 + THETA - F(2, 3) * THETA**2
    spread_at_x = total(psi(V, J) * S2, J)
    return (
        Step(
            "spread at x and rho",
            "averaged",
            at_most(spread_at_x, RHO**2),
            Average((J,), (psi(V, J),)),
            ("s_j^2 <= rho^2",),
        ),
        shown(
            "|mu|^2 <= rho^2",
            "a mean of the deviations",
            at_most(MU2, RHO**2),
            (1, ("variance at x",)),
            (1, ("spread at x and rho",)),
        ),
        shown(
            "-delta_j.mu and rho",
            "at most (s_j^2 + |mu|^2)/2",
            at_most(-P, RHO**2),
            (HALF, ("delta_j + mu",)),
            (HALF, ("s_j^2 <= rho^2",)),
            (HALF, ("|mu|^2 <= rho^2",)),
        ),
        shown(
            "-w_j^2 delta_j.mu and rho",
            "times w_j^2",
            at_most(-(W**2) * P, RHO**2 * W**2),
            (1, ("w_j^2 >= 0", "-delta_j.mu and rho")),
        ),
        Step(
            "-E w_j^2 delta_j.mu and rho",
            "averaged",
            at_most(-mean_q(W**2 * P), RHO**2 * SECOND),
            Average((TEACHER,)),
            ("-w_j^2 delta_j.mu and rho",),
        ),
        shown(
            "1 + theta_j - 2/3 theta_j^2 >= 0",
            "theta_j is small",
            nonnegative(positive_part),
            (F(2, 3), ("theta_j >= -1/14", "theta_j <= 1/14")),
            (1, ("theta_j >= -1/14",)),
            (1 - TILT - F(2, 3) * TILT**2, ()),
        ),
        Step(
            "E (w_j - 1)^2 by moments",
            "Q_j - 2 omega_j + 1",
            equal(one, SECOND - 2 * OMEGA + 1),
            Derived(),
        ),
        shown(
            "E (w_j - 1)^2 and rho",
            "with Q_j, and omega_j = 1 - theta_j + e_j",
            at_most(one, IMBALANCE * RHO**2),
            (1, ("Q_j",)),
            (2, ("-E w_j^2 delta_j.mu and rho",)),
            (F(3, 2), ("s_j^2 <= rho^2", "Q_j >= 0")),
            (HALF, ("sigma^2 <= rho^2", "Q_j >= 0")),
            (4, ("Q_j <= 5/3",), (RHO,)),
            (1, ("e_j from below and rho", "1 + theta_j - 2/3 theta_j^2 >= 0")),
            *((c, ("theta_j <= 1/14",), (RHO * BETA**k,)) for k, c in enumerate(_CONSTANT)),
            *((F(2, 3) * c, (), (RHO * THETA * BETA**k,)) for k, c in enumerate(_CONSTANT)),
            (F(2, 3), ("theta_j >= -1/14", "theta^2 >= 0")),
            (_BEND, ("theta_j^2",)),
            (_BEND, ("s_j^2 <= rho^2",), (BETA,)),
            *((c, (), (RHO * BETA**k,)) for k, c in enumerate(_left_of_imbalance())),
            using=("E (w_j - 1)^2 by moments",),
        ),
    )


def _left_of_imbalance() -> tuple[Fraction, Fraction]:
    """What ``IMBALANCE`` has beyond what is used."""
    used = (
        4 * SECOND_MOST + (1 + TILT) * _CONSTANT[0],
        (1 + TILT) * _CONSTANT[1] + _BEND,
    )
    return _IMBALANCE[0] - used[0], _IMBALANCE[1] - used[1]


def _own_part_steps() -> tuple[Step, ...]:
    """The square of each part of ``Y_j - mean Y``."""
    return (
        *decomposition_steps(),
        *_errors_about_mean(),
        *_tilts_about_mean(),
        *_own_unbalanced(),
        *turned_steps(),
        *_about_mean("turned"),
        _own_turned(),
        *pulled_steps(),
        *_about_mean("pulled"),
        _own_pulled(),
    )


def _errors_about_mean() -> tuple[Step, ...]:
    """``|e_j (1 - theta_j) + mean of e_i theta_i| <= 8/7`` times the bound of ``|e_j|``."""
    bound = RHO**2 * FIRST_ORDER
    most = (1 + 2 * TILT) * bound
    product, mean = ERROR * THETA, U * total(ERROR * THETA, J)

    def times_tilt(name: str, side: Term, above: str, beneath: str) -> Step:
        return shown(
            name,
            "|theta_j| <= 1/14",
            at_most(side, TILT * bound),
            (HALF, (above, "theta_j >= -1/14")),
            (HALF, (beneath, "theta_j <= 1/14")),
        )

    def averaged(name: str, side: Term) -> tuple[Step, Step]:
        return (
            Step(
                f"sum of {name}",
                "over j",
                at_most(total(side, J), N_ * TILT * bound),
                Average((J,)),
                (name,),
            ),
            shown(
                f"mean of {name}",
                "divided by n",
                at_most(U * total(side, J), TILT * bound),
                (1, ("u >= 0", f"sum of {name}")),
                using=("1/n",),
            ),
        )

    up, down = "e_j from above and rho", "e_j from below and rho"
    return (
        times_tilt("e_j theta_j", product, up, down),
        times_tilt("-e_j theta_j", -product, down, up),
        *averaged("e_j theta_j", product),
        *averaged("-e_j theta_j", -product),
        shown(
            "1 - theta_j >= 0",
            "theta_j <= 1/14",
            nonnegative(1 - THETA),
            (1, ("theta_j <= 1/14",)),
            (1 - TILT, ()),
        ),
        shown(
            "error about its mean from above",
            "together",
            at_most(ERROR * (1 - THETA) + mean, most),
            (1, (up,)),
            (1, ("-e_j theta_j",)),
            (1, ("mean of e_j theta_j",)),
        ),
        shown(
            "error about its mean from below",
            "together",
            at_most(-ERROR * (1 - THETA) - mean, most),
            (1, (down,)),
            (1, ("e_j theta_j",)),
            (1, ("mean of -e_j theta_j",)),
        ),
        Step(
            "error about its mean squared",
            "from both sides",
            at_most((ERROR * (1 - THETA) + mean) ** 2, most**2),
            AbsoluteBound("error about its mean from above", "error about its mean from below"),
            ("error about its mean from above", "error about its mean from below"),
        ),
        shown(
            "linear square",
            "|c| <= b",
            at_most(total(OWN["linear"] ** 2, A), BOUNDS["linear"] ** 2),
            (1, ("centre",), (_TILTED_ERROR,)),
            (1, ("error about its mean squared",), (BETA,)),
        ),
    )


def _tilts_about_mean() -> tuple[Step, ...]:
    """``|theta_j^2 - mean of theta_i^2| <= rho^2 b^2``."""
    squares = total(THETA**2, J)
    return (
        shown(
            "theta_j^2 and rho",
            "s_j <= rho",
            at_most(THETA**2, RHO**2 * B2),
            (1, ("theta_j^2",)),
            (1, ("s_j^2 <= rho^2",), (BETA,)),
        ),
        Step(
            "sum of theta_j^2",
            "over j",
            at_most(squares, N_ * RHO**2 * B2),
            Average((J,)),
            ("theta_j^2 and rho",),
        ),
        shown(
            "mean of theta_j^2",
            "divided by n",
            at_most(U * squares, RHO**2 * B2),
            (1, ("u >= 0", "sum of theta_j^2")),
            using=("1/n",),
        ),
        Step(
            "sum of theta^2 >= 0", "over j", nonnegative(squares), Average((J,)), ("theta^2 >= 0",)
        ),
        shown(
            "tilt about its mean from above",
            "the mean is not negative",
            at_most(_TILT, RHO**2 * B2),
            (1, ("theta_j^2 and rho",)),
            (1, ("u >= 0", "sum of theta^2 >= 0")),
        ),
        shown(
            "tilt about its mean from below",
            "the square is not negative",
            at_most(-_TILT, RHO**2 * B2),
            (1, ("mean of theta_j^2",)),
            (1, ("theta^2 >= 0",)),
        ),
        Step(
            "tilt about its mean squared",
            "from both sides",
            at_most(_TILT**2, (RHO**2 * B2) ** 2),
            AbsoluteBound("tilt about its mean from above", "tilt about its mean from below"),
            ("tilt about its mean from above", "tilt about its mean from below"),
        ),
        shown(
            "tilted square",
            "|c| <= b",
            at_most(total(OWN["tilted"] ** 2, A), BOUNDS["tilted"] ** 2),
            (1, ("centre",), (_TILT,)),
            (1, ("tilt about its mean squared",), (BETA,)),
        ),
    )


def _own_unbalanced() -> tuple[Step, ...]:
    three = PARTS["unbalanced"]
    one, size = mean_q((W - 1) ** 2), mean_q(total(PHI**2, A))
    product = [F(0)] * (len(_IMBALANCE) + len(PHI_RATE) - 1)
    for i, a in enumerate(_IMBALANCE):
        for k, b in enumerate(PHI_RATE):
            product[i + k] += a * b
    return (
        unbalanced_entry(),
        Step(
            "unbalanced part of j",
            "over a",
            at_most(total(three**2, A), one * size),
            Average((A,)),
            ("unbalanced entry",),
        ),
        Step(
            "|Phi|^2 >= 0",
            "a mean of squares",
            nonnegative(size),
            Squares((Square(PHI, (A,)),), TEACHER),
        ),
        shown(
            "unbalanced before",
            "with both bounds",
            at_most(total(three**2, A), IMBALANCE * PHI_BOUND * RHO**2 * SIGMA2**2),
            (1, ("unbalanced part of j",)),
            (1, ("E (w_j - 1)^2 and rho", "|Phi|^2 >= 0")),
            *((c, ("E|Phi|^2",), (RHO * BETA**k,)) for k, c in enumerate(_IMBALANCE)),
        ),
        Step(
            "unbalanced square",
            "no coefficient of what is left is negative",
            at_most(total(three**2, A), BOUNDS["unbalanced"] ** 2),
            Certificate(
                (
                    (1, ("unbalanced before",), ()),
                    *((c, ("sigma^4 <= rho^4",), (RHO * BETA**k,)) for k, c in enumerate(product)),
                    *(
                        (c, (), (RHO**3 * BETA**k,))
                        for k, c in enumerate(left_of_square(UNBALANCED, tuple(product)))
                    ),
                )
            ),
            ("unbalanced before", "sigma^4 <= rho^4"),
        ),
    )


def _about_mean(name: str) -> tuple[Step, ...]:
    """A part less its mean: at most twice the squares of both."""
    part, mean = PARTS[name], _MEANS[name]
    return (
        Step(
            f"{name}, less its mean",
            "(x - y)^2 <= 2 x^2 + 2 y^2",
            at_most(total(OWN[name] ** 2, A), 2 * total(part**2, A) + 2 * total(mean**2, A)),
            Squares((Square(part + mean, (A,)),)),
        ),
        Step(
            f"{name}, its variance",
            "a sum of squares",
            nonnegative(total((part - mean) ** 2, J, A)),
            Squares((Square(part - mean, (J, A)),)),
        ),
        shown(
            f"{name}, its mean",
            "a variance is not negative",
            at_most(total(mean**2, A), U * total(part**2, J, A)),
            (1, ("u >= 0", f"{name}, its variance")),
            using=("1/n",),
        ),
    )


def _by_both(
    name: str, own: str, summed: str, rate: tuple[tuple[Fraction, int], ...]
) -> tuple[Row, ...]:
    """From ``sum of c b^(2 k) sigma^4`` times ``s_j^2`` and ``D^2`` to four times it by rho."""
    return (
        (1, (f"{name}, less its mean",)),
        (2, (f"{name}, its mean",)),
        (2, (own,)),
        (2, ("u >= 0", summed)),
        *((2 * c, ("s_j^2 <= rho^2",), (SIGMA2 * BETA**k,)) for c, k in rate),
        *((2 * c, ("sigma^2 <= rho^2",), (SIGMA2 * BETA**k,)) for c, k in rate),
        *((4 * c, ("sigma^4 <= rho^4",), (RHO * BETA**k,)) for c, k in rate),
    )


def _own_turned() -> Step:
    return shown(
        "turned square",
        "with s_j and sigma at most rho",
        at_most(total(OWN["turned"] ** 2, A), BOUNDS["turned"] ** 2),
        *_by_both("turned", "turned part of j and C", "turned part", ((TURNED_BY**2 / 4, 0),)),
    )


def _own_pulled() -> Step:
    rate = tuple((SECOND_MOST * NU_MOST * c, k) for c, k in PULLED_RATE)
    return shown(
        "pulled square",
        "with s_j and sigma at most rho, and a square is completed",
        at_most(total(OWN["pulled"] ** 2, A), BOUNDS["pulled"] ** 2),
        *_by_both("pulled", "pulled part of j and nu^2", "pulled part", rate),
        *((4 * c, names, squares) for c, names, squares in pulled_completed(RHO**3)),
    )


def _own_drift_steps() -> tuple[Step, ...]:
    """``|Y_j - mean Y| <= y``, and a deviation after a step."""
    parts = Term("add", tuple(OWN.values()))
    after = RUN.after(V)
    less = DRIFT - MEAN_DRIFT
    return (
        shown("rho^3 >= 0", "a product", nonnegative(RHO**3), (1, ("rho >= 0",), (RHO,))),
        shown(
            "linear >= 0",
            "a product",
            nonnegative(BOUNDS["linear"]),
            *((c, ("b >= 0",), (RHO * BETA**k,)) for k, c in enumerate(_LINEAR)),
        ),
        shown(
            "tilted >= 0",
            "a product",
            nonnegative(BOUNDS["tilted"]),
            (1, ("b >= 0",), (RHO * BETA,)),
        ),
        *(
            shown(
                f"{name} >= 0",
                "a product",
                nonnegative(BOUNDS[name]),
                *((c, ("rho^3 >= 0",), (BETA**k,)) for k, c in enumerate(rates)),
            )
            for name, rates in (
                ("unbalanced", UNBALANCED),
                ("turned", (TURNED_BY,)),
                ("pulled", tuple(2 * c for c in PULLED)),
            )
        ),
        Step(
            "y >= 0",
            "a sum",
            nonnegative(TOTAL),
            Combination(tuple((1, (f"{name} >= 0",)) for name in OWN)),
            tuple(f"{name} >= 0" for name in OWN),
        ),
        Step(
            "sum of the parts",
            "Minkowski's inequality",
            at_most(total(parts**2, A), TOTAL**2),
            Minkowski(
                tuple((OWN[name], BOUNDS[name], f"{name} square", f"{name} >= 0") for name in OWN),
                (A,),
            ),
            tuple(f"{name} {what}" for name in OWN for what in ("square", ">= 0")),
        ),
        Step(
            "Y_j less its mean",
            "the means of e_j and of w_j - 1 are zero",
            equal(less, parts),
            Derived(),
            ("drift", "1/n"),
        ),
        Step(
            "|Y_j - mean|^2",
            "the sum of its parts",
            equal(total(less**2, A), total(parts**2, A)),
            Contracted("Y_j less its mean", less + parts, (A,)),
            ("Y_j less its mean",),
        ),
        shown(
            "|Y_j - mean|",
            "so Y_j is near its mean",
            at_most(total(less**2, A), TOTAL**2),
            (1, ("sum of the parts",)),
            using=("|Y_j - mean|^2",),
        ),
        *deviation_steps(),
        shown(
            "turned deviation",
            "s_j <= rho",
            at_most(total(TURNED_BY_C**2, A), ((1 + 4 * H * B2) * RHO) ** 2),
            (1, ("turned by c",)),
            (1, ("s_j^2 <= rho^2",), (1 + 4 * H * B2,)),
        ),
        shown(
            "(1 + 4 h b^2) rho >= 0",
            "a product",
            nonnegative((1 + 4 * H * B2) * RHO),
            (1, ("rho >= 0",)),
            (4, ("h >= 0", "rho >= 0"), (BETA,)),
        ),
        shown(
            "moved by Y",
            "times 2 h",
            at_most(total(MOVED_BY_Y**2, A), (2 * H * TOTAL) ** 2),
            (4, ("|Y_j - mean|",), (H,)),
        ),
        shown("2 h y >= 0", "a product", nonnegative(2 * H * TOTAL), (2, ("h >= 0", "y >= 0"))),
        Step(
            "both",
            "Minkowski's inequality",
            at_most(
                total((TURNED_BY_C + MOVED_BY_Y) ** 2, A),
                ((1 + 4 * H * B2) * RHO + 2 * H * TOTAL) ** 2,
            ),
            Minkowski(
                (
                    (
                        TURNED_BY_C,
                        (1 + 4 * H * B2) * RHO,
                        "turned deviation",
                        "(1 + 4 h b^2) rho >= 0",
                    ),
                    (MOVED_BY_Y, 2 * H * TOTAL, "moved by Y", "2 h y >= 0"),
                ),
                (A,),
            ),
            ("turned deviation", "(1 + 4 h b^2) rho >= 0", "moved by Y", "2 h y >= 0"),
        ),
        Step(
            "s_j^2 after a step",
            "its deviation",
            equal(deviation_square(after, J), total((TURNED_BY_C + MOVED_BY_Y) ** 2, A)),
            Contracted("deviation after", deviation(after, J, A) + TURNED_BY_C + MOVED_BY_Y, (A,)),
            ("deviation after",),
        ),
        shown(
            "s_j after a step",
            "together",
            at_most(deviation_square(after, J), ((1 + 4 * H * B2) * RHO + 2 * H * TOTAL) ** 2),
            (1, ("both",)),
            using=("s_j^2 after a step",),
        ),
        Step(
            "largest after a step",
            "for each j",
            at_most(
                largest(deviation_square(after, J), J),
                ((1 + 4 * H * B2) * RHO + 2 * H * TOTAL) ** 2,
            ),
            Bound((J,)),
            ("s_j after a step",),
        ),
    )
