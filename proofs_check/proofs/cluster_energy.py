"""One step of descent of a cluster that is still outside ``|V|^2 < 1``.

The centre approaches the truth, and ``D exp(Lambda_N(|c|^2)) F(|c|)`` passes to at most its value
with one factor more in ``Lambda``: ``F`` falls by what the linear law leaves.
"""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.cluster_drift import CENTRE
from proofs_check.proofs.cluster_exponent import exponent_steps, spread_steps
from proofs_check.proofs.cluster_growth import GAMMA, P_, decay, growth
from proofs_check.proofs.cluster_parts import DRIFT_RATE, TOTAL
from proofs_check.proofs.cluster_potential import (
    AT,
    AT_STATE,
    BOTTOM,
    LINEAR,
    PULLED,
    SMALL,
    TOP,
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
    moved_centre,
    pull_steps,
)
from proofs_check.proofs.cluster_search import PolynomialCertificate
from proofs_check.proofs.cluster_state import (
    AFTER,
    B_,
    BEND,
    MANY,
    U_,
    centre_root,
    cube_rises,
    distance,
    inverse_steps,
    near,
    product_at_state,
    reciprocal_steps,
    rise_steps,
    root_steps,
    share,
    width,
)
from proofs_check.proofs.cluster_tactics import Weighted, shown
from proofs_check.proofs.cluster_words import (
    BETA,
    C2,
    D2,
    SIGMA2,
    H,
    R,
    U,
    centre_square,
    deviation,
    spread,
)
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.kernel.terms import replaced
from proofs_check.proofs.tactics.bounds import Instantiated, SquareRoot
from proofs_check.proofs.tactics.exponentials import ExponentialSign
from proofs_check.proofs.tactics.language import (
    N_,
    A,
    J,
    V,
    at_most,
    below,
    equal,
    exponential,
    nonnegative,
    positive,
    term,
)
from proofs_check.proofs.tactics.score import square
from proofs_check.proofs.tactics.script import Hypothesis, Step
from proofs_check.proofs.tactics.steps import (
    Cases,
    Derived,
    Square,
)

F = Fraction
#: ``u <= 10/13 |c|`` outside.
SHARE_MOST = F(10, 13)
#: ``|c| S <= ALONG``, S the pull on the centre.
ALONG = (F(39, 40), F(36, 5))
#: ``e/n + |c|`` is at most so many times ``|c|``.
NEARLY = 1 + SHARE_MOST * SMALL


def _roots(at: Term, name: str, of: Potential) -> tuple[Step, ...]:
    """``|c|`` and ``D`` of a state as roots."""
    return (
        *centre_root(at, name),
        *root_steps("D", width(at), spread(at), Square(deviation(at, J, A), (J, A)), name),
        *reciprocal_steps(
            f"1/(p + |c|^2){name}",
            BEND + centre_square(at),
            near(at),
            f"|c|^2 >= 0{name}",
            BEND,
        ),
        *reciprocal_steps(
            f"1/(q + |c|){name}", of.place + distance(at), of.far(at), f"|c| >= 0{name}", of.place
        ),
        shown(
            f"e/n + |c| > 0{name}",
            "1/n > 0",
            positive(SMALL * U + distance(at)),
            (SMALL, ("u > 0",)),
            (1, (f"|c| >= 0{name}",)),
        ),
        *inverse_steps(
            f"1/(e/n + |c|){name}", SMALL * U + distance(at), beyond(at), f"e/n + |c| > 0{name}"
        ),
        shown(
            f"F <= F_1{name}",
            "all reciprocals are positive",
            at_most(of.f(at), TOP),
            (of.squared, (f"1/(p + |c|^2){name} >= 0",), (near(at) ** (of.power // 2),)),
            (of.straight, (f"1/(q + |c|){name} >= 0",), (of.far(at) ** (of.power // 2),)),
            (of.last, ("u >= 0", f"1/(e/n + |c|){name} >= 0")),
        ),
    )


def state_hypotheses(of: Potential) -> tuple[Hypothesis, ...]:
    """Of a state within the invariant and outside the region; the cases of the steps."""
    after = of.f(AFTER)
    return (
        Hypothesis("n >= 2", at_most(2, N_), "more than one component"),
        Hypothesis(
            "many", at_most(decay(MANY, H), REST), "L is large; it is used for nothing else"
        ),
        Hypothesis("outside", at_most(1, square(V)), "not yet in the region", temporary=True),
        Hypothesis("within", at_most(of.energy(MANY, H, V), 1), "the invariant", temporary=True),
        Hypothesis("loose", at_most(20 * W_, 7), "the other invariant", temporary=True),
        Hypothesis("u <= 0", at_most(U, 0), "a case", temporary=True),
        Hypothesis("0 < u", positive(U), "the other", temporary=True),
        Hypothesis("F+ >= 0", nonnegative(after), "a case", temporary=True),
        Hypothesis("F+ < 0", below(after, term(0)), "the other", temporary=True),
    )


def state_steps(of: Potential) -> tuple[Step, ...]:
    """At a state outside the region and within the invariant: the Key Lemma applies."""
    return (
        shown(
            "u <= 0 is absurd",
            "n u = 1",
            positive(U),
            (1, ()),
            (1, ("u <= 0", "n > 0")),
            (1, ("u >= 0",)),
            using=("1/n",),
        ),
        Step(
            "u > 0",
            "1/n",
            positive(U),
            Cases(U, term(0), "u <= 0 is absurd", "0 < u"),
            ("u <= 0 is absurd", "0 < u"),
        ),
        *_roots(V, "", of),
        *_roots(AFTER, " after", of),
        Step(
            "exp(Lambda) >= 0",
            "a square",
            nonnegative(exponential(growth(P_, H, C2))),
            ExponentialSign(),
        ),
        *_outside_steps(of),
        shown("F >= 0", "F_0 > 0", nonnegative(of.f(V)), (1, ("F_0",)), (BOTTOM, ())),
        shown("D F >= 0", "a product", nonnegative(of.size), (1, ("D >= 0", "F >= 0"))),
        *_small_steps(of),
        shown("D^2 within", "trivially", at_most(D2, W_**2), using=("D^2",)),
        shown("|c|^2 within", "trivially", at_most(C2, B_**2), using=("|c|^2",)),
        Step(
            "spread after",
            "the Key Lemma",
            replaced(at_most(spread(AFTER), ((1 + 4 * H * BETA**2) * R + 2 * H * TOTAL) ** 2), AT),
            Instantiated(AT, "D after a step"),
            (
                "D after a step",
                "D >= 0",
                "|c| >= 0",
                "D^2 within",
                "|c|^2 within",
                "small at V",
                "h >= 0",
            ),
        ),
        Step(
            "moved after",
            "the Key Lemma",
            replaced(at_most(moved_centre(), H**2 * SIGMA2**2 * CENTRE), AT),
            Instantiated(AT, "c after a step"),
            (
                "c after a step",
                "D >= 0",
                "|c| >= 0",
                "D^2 within",
                "|c|^2 within",
                "small at V",
                "h >= 0",
            ),
        ),
        shown(
            "16 D^2 <= 1",
            "D <= 1/4",
            at_most(16 * W_**2, 1),
            (4, ("D >= 0", "4 D <= 1")),
            (1, ("4 D <= 1",)),
        ),
        shown(
            "16 n |c|^2",
            "outside, the centre is far",
            at_most(15, 16 * N_ * centre_square(V)),
            (16, ("outside",)),
            (1, ("16 D^2 <= 1",)),
            using=("D and c at V", "D^2"),
        ),
        shown(
            "15/n",
            "divided by n",
            at_most(15 * U, 16 * B_**2),
            (1, ("u >= 0", "16 n |c|^2")),
            using=("1/n", "|c|^2"),
        ),
        shown(
            "sigma^2 and |c|",
            "sigma^2 = D^2/n",
            at_most(15 * SIGMA2, 16 * B_**2 * W_**2),
            (1, ("15/n", "D^2 >= 0")),
            using=("D^2",),
        ),
        Step(
            "2 sigma^2 at V",
            "n >= 2, or D = 0",
            at_most(2 * SIGMA2, W_**2),
            Instantiated(AT, "2 sigma^2"),
            ("2 sigma^2", *AT_STATE),
        ),
        shown("sigma^2 by n", "the same", equal(SIGMA2, U * W_**2), using=("D^2",)),
    )


def _outside_steps(of: Potential) -> tuple[Step, ...]:
    """Outside with ``D <= 7/20`` the centre is far, and ``F >= F_0``."""
    k = of.power
    places = tuple(F(k, 6) for k in range(1, 13))
    cost = (
        of.squared * (of.place + B_) ** k
        + of.straight * (BEND + B_**2) ** k
        + of.last * U * X_ * (BEND + B_**2) ** k * (of.place + B_) ** k
    )
    whole = (BEND + B_**2) ** k * (of.place + B_) ** k
    left = TOP - BOTTOM - of.last * U * X_
    return (
        Step(
            "D and c at V",
            "the squares add up",
            equal(square(V), spread(V) + N_ * centre_square(V)),
            Derived(),
            ("1/n",),
        ),
        shown(
            "8 n |c|^2",
            "outside, the centre is far",
            at_most(7, 8 * N_ * C2),
            (8, ("outside",)),
            (F(2, 5), ("D >= 0", "loose")),
            (F(7, 50), ("loose",)),
            (F(1, 50), ()),
            using=("D and c at V", "D^2"),
        ),
        shown(
            "7/n",
            "divided by n",
            at_most(7 * U, 8 * B_**2),
            (1, ("u >= 0", "8 n |c|^2")),
            using=("1/n", "|c|^2"),
        ),
        shown("2 u <= 1", "n >= 2", at_most(2 * U, 1), (1, ("u >= 0", "n >= 2")), using=("1/n",)),
        shown(
            "u^2 and |c|",
            "u^2 <= u/2",
            at_most(U**2, (SHARE_MOST * B_) ** 2),
            (F(1, 2), ("u >= 0", "2 u <= 1")),
            (F(1, 14), ("7/n",)),
            (SHARE_MOST**2 - F(4, 7), (), (B_,)),
        ),
        shown(
            "10/13 |c| >= 0", "a product", nonnegative(SHARE_MOST * B_), (SHARE_MOST, ("|c| >= 0",))
        ),
        Step(
            "u and |c|",
            "the root",
            at_most(U, SHARE_MOST * B_),
            SquareRoot("u^2 and |c|", "10/13 |c| >= 0"),
            ("u^2 and |c|", "10/13 |c| >= 0"),
        ),
        shown(
            "u/|c|",
            "u <= 10/13 |c|",
            at_most(U * X_, SHARE_MOST),
            (1, ("u and |c|", "1/(e/n + |c|) >= 0")),
            (SHARE_MOST * SMALL, ("u >= 0", "1/(e/n + |c|) >= 0")),
            using=("1/(e/n + |c|)",),
        ),
        shown(
            "u/|c| and |c|",
            "7 u <= 8 |c|^2",
            at_most(7 * U * X_, 8 * B_),
            (1, ("7/n", "1/(e/n + |c|) >= 0")),
            (8 * SMALL, ("|c| >= 0", "u >= 0", "1/(e/n + |c|) >= 0")),
            using=("1/(e/n + |c|)",),
        ),
        shown(
            "u/|c| >= 0", "a product", nonnegative(U * X_), (1, ("u >= 0", "1/(e/n + |c|) >= 0"))
        ),
        Step(
            "polynomial of F_0",
            "a polynomial in u/|c| and |c|",
            at_most(cost, (TOP - BOTTOM) * whole),
            PolynomialCertificate(
                {"u/|c|": 1, "u/|c| and |c|": 1, "u/|c| >= 0": 1, "|c| >= 0": 3 * k},
                {U: 1, X_: 1, B_: 3 * k + 1},
                {B_: places},
            ),
            ("u/|c|", "u/|c| and |c|", "u/|c| >= 0", "|c| >= 0"),
        ),
        shown(
            "1/(p + |c|^2) by |c|",
            "the same",
            equal((BEND + B_**2) * U_, 1),
            using=("1/(p + |c|^2)", "|c|^2"),
        ),
        *of.powers(k),
        shown(
            "powers >= 0 at V",
            "products",
            nonnegative(U_**k * of.far(V) ** k),
            (1, ("1/(p + |c|^2) >= 0", "1/(q + |c|) >= 0"), ((U_ * of.far(V)) ** (k // 2),)),
        ),
        Step(
            "F >= F_0",
            "divided",
            at_most(
                of.squared * U_**k + of.straight * of.far(V) ** k + of.last * U * X_, TOP - BOTTOM
            ),
            Weighted(
                ((1, ("polynomial of F_0", "powers >= 0 at V"), ()),),
                (
                    (left - of.straight * of.far(V) ** k, f"(p + |c|^2)^{k} by |c|"),
                    (
                        left * (BEND + B_**2) ** k * U_**k - of.squared * U_**k,
                        f"(q + |c|)^{k}",
                    ),
                ),
            ),
            ("polynomial of F_0", "powers >= 0 at V", f"(p + |c|^2)^{k} by |c|", f"(q + |c|)^{k}"),
        ),
        shown("F_0", "by its definition", at_most(BOTTOM, of.f(V)), (1, ("F >= F_0",))),
    )


def _small_steps(of: Potential) -> tuple[Step, ...]:
    """``D F U(|c|^2) <= 1`` and ``D F T(|c|^2)/(1 + 4 h |c|^2) <= 1`` from the invariant."""
    return (
        *product_at_state(of.steps),
        shown(
            "D F U",
            "the invariant",
            at_most(of.size * polynomial(of.steps.product, C2), 1),
            (1, ("within",)),
            (1, ("D F >= 0", "U at V")),
        ),
        shown("Z >= 0", "a product", nonnegative(of.shared), (1, ("D F >= 0", "share >= 0"))),
        shown(
            "Z T",
            "the invariant",
            at_most(of.shared * polynomial(of.steps.grown, C2), 1),
            (1, ("within",)),
            (1, ("Z >= 0", "T at V")),
            using=("share",),
        ),
        shown(
            "D U",
            "F >= F_0",
            at_most(BOTTOM * W_ * polynomial(of.steps.product, C2), 1),
            (1, ("D F U",)),
            *(
                (c, ("D >= 0", "F_0", *("|c|^2 >= 0",) * (m % 2)), (C2 ** (m // 2),))
                for m, c in enumerate(of.steps.product)
            ),
        ),
        shown(
            "small at V",
            "the Key Lemma's condition",
            at_most(4 * W_ * (1 + B_**2), 1),
            (1, ("D U",)),
            (BOTTOM - 4, ("D >= 0",)),
            *(
                (
                    BOTTOM * c - (4 if m == 1 else 0),
                    ("D >= 0", *("|c|^2 >= 0",) * (m % 2)),
                    (C2 ** (m // 2),),
                )
                for m, c in enumerate(of.steps.product)
                if m
            ),
            using=("|c|^2",),
        ),
        shown(
            "4 D <= 1",
            "|c|^2 >= 0",
            at_most(4 * W_, 1),
            (1, ("small at V",)),
            (4, ("D >= 0",), (B_,)),
        ),
        shown(
            "8 D |c| <= 1",
            "(1 - |c|)^2 >= 0",
            at_most(8 * W_ * B_, 1),
            (1, ("small at V",)),
            (4, ("D >= 0",), (1 - B_,)),
        ),
    )


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
