"""The square of each part of ``Y_j - mean Y``, in the max norm."""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.cluster_drift_words import B2, PARTS, PHI
from proofs_check.proofs.cluster_field import PHI_BOUND, PHI_RATE
from proofs_check.proofs.cluster_moments import (
    NU_MOST,
    SECOND_MOST,
)
from proofs_check.proofs.cluster_parts import (
    PULLED_RATE,
    decomposition_steps,
    left_of_square,
    pulled_completed,
    pulled_steps,
    turned_steps,
    unbalanced_entry,
)
from proofs_check.proofs.cluster_tactics import AbsoluteBound, Certificate, Row, shown
from proofs_check.proofs.cluster_words import (
    BETA,
    ERROR,
    HALF,
    SIGMA2,
    THETA,
    U,
    W,
)
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.reach_words import (
    BOUNDS,
    FIRST_ORDER,
    IMBALANCE,
    IMBALANCE_RATE,
    MEANS,
    OWN,
    RHO,
    TILT,
    TILT_SQUARE,
    TILTED_ERROR,
    TURNED_BY,
    UNBALANCED,
)
from proofs_check.proofs.tactics.averages import Average
from proofs_check.proofs.tactics.language import (
    N_,
    A,
    J,
    at_most,
    mean_q,
    nonnegative,
    total,
)
from proofs_check.proofs.tactics.script import Step
from proofs_check.proofs.tactics.steps import TEACHER, Square, Squares

F = Fraction


def own_part_steps() -> tuple[Step, ...]:
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
            (1, ("centre",), (TILTED_ERROR,)),
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
            at_most(TILT_SQUARE, RHO**2 * B2),
            (1, ("theta_j^2 and rho",)),
            (1, ("u >= 0", "sum of theta^2 >= 0")),
        ),
        shown(
            "tilt about its mean from below",
            "the square is not negative",
            at_most(-TILT_SQUARE, RHO**2 * B2),
            (1, ("mean of theta_j^2",)),
            (1, ("theta^2 >= 0",)),
        ),
        Step(
            "tilt about its mean squared",
            "from both sides",
            at_most(TILT_SQUARE**2, (RHO**2 * B2) ** 2),
            AbsoluteBound("tilt about its mean from above", "tilt about its mean from below"),
            ("tilt about its mean from above", "tilt about its mean from below"),
        ),
        shown(
            "tilted square",
            "|c| <= b",
            at_most(total(OWN["tilted"] ** 2, A), BOUNDS["tilted"] ** 2),
            (1, ("centre",), (TILT_SQUARE,)),
            (1, ("tilt about its mean squared",), (BETA,)),
        ),
    )


def _own_unbalanced() -> tuple[Step, ...]:
    three = PARTS["unbalanced"]
    one, size = mean_q((W - 1) ** 2), mean_q(total(PHI**2, A))
    product = [F(0)] * (len(IMBALANCE_RATE) + len(PHI_RATE) - 1)
    for i, a in enumerate(IMBALANCE_RATE):
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
            *((c, ("E|Phi|^2",), (RHO * BETA**k,)) for k, c in enumerate(IMBALANCE_RATE)),
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
    part, mean = PARTS[name], MEANS[name]
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
