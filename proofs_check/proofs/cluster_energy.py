"""One step of descent of a cluster that is still outside ``|V|^2 < 1``.

The centre approaches the truth, and ``D exp(Lambda_N(|c|^2)) F(|c|)`` passes to at most its value
with one factor more in ``Lambda``: ``F`` falls by what the linear law leaves.
"""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.cluster_drift_words import DRIFT_RATE, TOTAL
from proofs_check.proofs.cluster_exponent import exponent_steps, spread_steps
from proofs_check.proofs.cluster_growth import GAMMA
from proofs_check.proofs.cluster_outside import SHARE_MOST
from proofs_check.proofs.cluster_potential import (
    AT,
    BOTTOM,
    LINEAR,
    PULLED,
    SMALL,
    W_,
    W_AFTER,
    X_,
    Potential,
    beyond,
)
from proofs_check.proofs.cluster_product import REST, polynomial
from proofs_check.proofs.cluster_pull import (
    centre_falls,
    contraction_step,
    pull_steps,
)
from proofs_check.proofs.cluster_search import PolynomialCertificate
from proofs_check.proofs.cluster_state import (
    AFTER,
    B_,
    BEND,
    U_,
    cube_rises,
    near,
    rise_steps,
    share,
)
from proofs_check.proofs.cluster_tactics import Weighted, shown
from proofs_check.proofs.cluster_words import (
    C2,
    SIGMA2,
    H,
    U,
)
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.kernel.terms import replaced
from proofs_check.proofs.tactics.language import (
    V,
    at_most,
    nonnegative,
)
from proofs_check.proofs.tactics.script import Step

F = Fraction


#: ``|c| S <= ALONG``, S the pull on the centre.
ALONG = (F(39, 40), F(36, 5))


#: ``e/n + |c|`` is at most so many times ``|c|``.
NEARLY = 1 + SHARE_MOST * SMALL


def approach_steps(contraction: Fraction, of: Potential) -> tuple[Step, ...]:
    """``|c+| <= (1 - 9/5 h) |c|``."""
    spare = 2 - contraction
    _, first, second, third = of.steps.product
    most = max(F(1), first)
    return (
        *pull_steps(W_, "D >= 0"),
        shown(
            "D |c|^2",
            "part of the product",
            at_most(4 * W_ * (1 + most * B_**2 + second * B_**4), 1),
            (1, ("D U",)),
            (BOTTOM - 4, ("D >= 0",)),
            (BOTTOM * first - 4 * most, ("D >= 0",), (B_,)),
            ((BOTTOM - 4) * second, ("D >= 0",), (B_**2,)),
            (BOTTOM * third, ("D >= 0",), (B_**3,)),
            using=("|c|^2",),
        ),
        Step(
            "pull of the spread",
            "a polynomial in D and |c|",
            at_most(F(16, 15) * B_ * W_**2 * PULLED, spare),
            PolynomialCertificate(
                {"D |c|^2": 1, "D >= 0": 3, "|c| >= 0": 8},
                {W_: 4, B_: 9},
                {B_: tuple(F(k, 4) for k in range(1, 16))},
            ),
            ("D |c|^2", "D >= 0", "|c| >= 0"),
        ),
        shown(
            "sigma^2 S",
            "so the centre is hardly pulled",
            at_most(SIGMA2 * PULLED, spare * B_),
            (F(1, 15), ("sigma^2 and |c|", "S >= 0")),
            (1, ("pull of the spread", "|c| >= 0")),
        ),
        contraction_step(contraction),
    )


def energy_steps(
    contraction: Fraction, of: Potential, paid: Fraction | int = 1
) -> tuple[Step, ...]:
    """``E_N+ <= E_(N+1)``; ``paid`` is the part of the fall of F that is used."""
    return (
        *_fall_steps(contraction, of),
        *_scalar_steps(contraction, paid, of),
        *spread_steps(of.spread),
        *exponent_steps(
            of.spread,
            contraction,
            (
                (2, ("h >= 0", "|c| >= 0", "linear")),
                (2, ("h >= 0", "u >= 0", "cost of the second")),
                (2, ("h >= 0", "u >= 0", "cost of the centre")),
                (2, ("h >= 0", "u >= 0", "D F >= 0", "D >= 0", "|c| S")),
            ),
        ),
        *_loose_steps(of.steps.largest),
    )


def _fall_steps(contraction: Fraction, of: Potential) -> tuple[Step, ...]:
    """``F - F+ >= h (3 A' |c|^2/(p + |c|^2)^4 + 3 B' |c|/(q + |c|)^4)``."""
    k, largest = of.power, of.steps.largest
    rises, how_much = (cube_rises, "cubed") if k == 3 else (rise_steps, "by how much")
    rate = contraction * (2 - contraction * largest)
    return (
        *centre_falls(contraction, largest),
        *rises("1/(p + |c|^2)", U_, near(AFTER), C2, rate, ("|c|^2 does not rise", "|c|^2 falls")),
        *rises(
            "1/(q + |c|)", of.far(V), of.far(AFTER), B_, contraction, ("|c| falls", "contraction")
        ),
        *rise_steps(
            "1/(e/n + |c|)", X_, beyond(AFTER), B_, contraction, ("|c| falls", "contraction")
        ),
        shown(
            "fall of F",
            "all three",
            at_most(
                k * of.squared * rate * H * C2 * U_ ** (k + 1)
                + k * of.straight * contraction * H * B_ * of.far(V) ** (k + 1)
                + of.last * contraction * H * U * B_ * X_**2,
                of.f(V) - of.f(AFTER),
            ),
            (of.squared, (f"1/(p + |c|^2) {how_much}",)),
            (of.straight, (f"1/(q + |c|) {how_much}",)),
            (of.last, ("u >= 0", "1/(e/n + |c|) by how much")),
        ),
    )


def _scalar_steps(contraction: Fraction, paid: Fraction | int, of: Potential) -> tuple[Step, ...]:
    """What the drift costs, each part with its part of the fall of F."""
    k = of.power + 1
    half = paid * F(of.power, 2)
    straight = half * of.straight * contraction
    bent = half * of.squared * contraction * (2 - contraction * of.steps.largest)
    by_n = {
        name: paid * part * contraction / 2 / NEARLY**2
        for name, part in (("second", of.second), ("centre", of.centre))
    }
    p, q = BEND, of.place
    grown, product, linear_rate, second_rate, along = (
        polynomial(c, B_**2) for c in (of.steps.grown, of.steps.product, LINEAR, DRIFT_RATE, ALONG)
    )
    linear = straight * (p + B_**2) ** k + bent * B_ * (q + B_) ** k
    places = {B_: tuple(F(k, 6) for k in range(1, 30))}
    each = {"|c| >= 0": 15, "Z T by |c|": 1, "Z >= 0": 1}
    return (
        shown(
            "Z T by |c|", "the same", at_most(of.shared * grown, 1), (1, ("Z T",)), using=("|c|^2",)
        ),
        shown(
            "D U by |c|",
            "the same",
            at_most(BOTTOM * W_ * product, 1),
            (1, ("D U",)),
            using=("|c|^2",),
        ),
        shown(
            "D F U by |c|",
            "the same",
            at_most(of.size * product, 1),
            (1, ("D F U",)),
            using=("|c|^2",),
        ),
        Step(
            "linear polynomial",
            "a polynomial in Z and |c|",
            at_most(of.shared * linear_rate * (p + B_**2) ** k * (q + B_) ** k, linear),
            PolynomialCertificate(each, {W_: 1, of.f(V): 1, share(H, V): 1, B_: 15}, places),
            tuple(each),
        ),
        *of.powers(k),
        Step(
            "linear",
            "divided",
            at_most(of.shared * linear_rate, straight * of.far(V) ** k + bent * B_ * U_**k),
            Weighted(
                ((1, ("linear polynomial",), (U_ ** (k // 2), of.far(V) ** (k // 2))),),
                (
                    (
                        straight * of.far(V) ** k - of.shared * linear_rate,
                        f"(p + |c|^2)^{k} by |c|",
                    ),
                    (
                        bent * B_ * U_**k - of.shared * linear_rate * (p + B_**2) ** k * U_**k,
                        f"(q + |c|)^{k}",
                    ),
                ),
            ),
            ("linear polynomial", f"(p + |c|^2)^{k} by |c|", f"(q + |c|)^{k}"),
        ),
        Step(
            "second polynomial",
            "a polynomial in Z, D and |c|",
            at_most(of.shared * W_ * second_rate * B_, by_n["second"]),
            PolynomialCertificate(
                {**each, "D U by |c|": 1, "D >= 0": 1},
                {W_: 2, of.f(V): 1, share(H, V): 1, B_: 13},
                places,
            ),
            (*each, "D U by |c|", "D >= 0"),
        ),
        shown(
            "|c| S",
            "8 D |c| <= 1",
            at_most(B_ * PULLED, along),
            (F(39, 40), ("8 D |c| <= 1",)),
            (F(3, 5), ("8 D |c| <= 1",), (B_,)),
        ),
        Step(
            "centre polynomial",
            "a polynomial in D, F D and |c|",
            at_most(of.size * W_ * along * B_, by_n["centre"]),
            PolynomialCertificate(
                {"|c| >= 0": 13, "D F U by |c|": 1, "D F >= 0": 1, "D U by |c|": 1, "D >= 0": 1},
                {W_: 2, of.f(V): 1, B_: 13},
                places,
            ),
            ("|c| >= 0", "D F U by |c|", "D F >= 0", "D U by |c|", "D >= 0"),
        ),
        shown(
            "|c|/|c|",
            "u <= 10/13 |c|",
            at_most(1, NEARLY * B_ * X_),
            (SMALL, ("u and |c|", "1/(e/n + |c|) >= 0")),
            using=("1/(e/n + |c|)",),
        ),
        *(
            step
            for name, rates, factors, signs in (
                ("second", DRIFT_RATE, of.shared * W_, ("Z >= 0", "D >= 0")),
                ("centre", ALONG, of.size * W_, ("D F >= 0", "D >= 0")),
            )
            for step in _by_n_steps(name, rates, factors, by_n[name], signs)
        ),
    )


def _by_n_steps(
    name: str, rates: tuple[Fraction, ...], factors: Term, most: Fraction, signs: tuple[str, str]
) -> tuple[Step, ...]:
    """From ``cost |c| <= most`` to ``cost <= most (nearly |c| x)^2/|c|``, x the reciprocal."""
    cost = factors * polynomial(rates, B_**2)
    return (
        shown(
            f"cost of the {name} >= 0",
            "a product",
            nonnegative(cost),
            *((c, signs, (B_**m,)) for m, c in enumerate(rates)),
        ),
        shown(
            f"cost of the {name}",
            "|c| x is nearly one",
            at_most(cost, most * NEARLY**2 * B_ * X_**2),
            (NEARLY**2, (f"{name} polynomial", "|c| >= 0"), (X_,)),
            (1, (f"cost of the {name} >= 0", "|c|/|c|", "|c|/|c|")),
            (2, (f"cost of the {name} >= 0", "|c|/|c|")),
        ),
    )


def _loose_steps(largest: Fraction) -> tuple[Step, ...]:
    """``D+ <= 7/20``, which keeps the centre far as long as the run is outside."""
    y, most = replaced(TOTAL, AT), 20 / (1 - REST)
    return (
        shown(
            "D and g |c|^2",
            "F >= F_0",
            at_most(BOTTOM * W_ * (1 + (1 - REST) * GAMMA * C2), 1),
            (1, ("within",)),
            (1, ("D F >= 0", "product and g |c|^2")),
            (1, ("D >= 0", "F_0")),
            (1 - REST, ("D >= 0", "F_0", "g |c|^2 >= 0")),
        ),
        Step(
            "y is small",
            "a polynomial in D, sigma^2 and |c|",
            at_most(10 * y, 1),
            PolynomialCertificate(
                {"D |c|^2": 2, "D >= 0": 3, "|c| >= 0": 8, "2 sigma^2 at V": 1, "sigma^2 >= 0": 1},
                {W_: 4, SIGMA2: 1, B_: 8},
                {B_: tuple(F(k, 4) for k in range(1, 8))},
            ),
            ("D |c|^2", "D >= 0", "|c| >= 0", "2 sigma^2 at V", "sigma^2 >= 0"),
        ),
        shown(
            "D after, loosely",
            "4 h |c|^2 <= g |c|^2",
            at_most(20 * W_AFTER, 7),
            (20, ("D after",)),
            (20, ("D >= 0", "g |c|^2 >= 0"), (1 - 2 * H,)),
            (most / BOTTOM, ("D and g |c|^2",)),
            (most - 20, ("D >= 0",)),
            (40, ("largest h", "y at V >= 0")),
            (4 * largest, ("y is small",)),
            (7 - most / BOTTOM - 4 * largest, ()),
            using=("g", "|c|^2"),
        ),
    )
