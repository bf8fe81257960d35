"""A state of a cluster outside ``|V|^2 < 1`` and within the invariant: the Key Lemma applies."""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.cluster_drift import CENTRE
from proofs_check.proofs.cluster_drift_words import TOTAL
from proofs_check.proofs.cluster_growth import P_, decay, growth
from proofs_check.proofs.cluster_potential import (
    AT,
    AT_STATE,
    BOTTOM,
    SMALL,
    TOP,
    W_,
    X_,
    Potential,
    beyond,
)
from proofs_check.proofs.cluster_product import REST, polynomial
from proofs_check.proofs.cluster_pull import (
    moved_centre,
)
from proofs_check.proofs.cluster_search import PolynomialCertificate
from proofs_check.proofs.cluster_state import (
    AFTER,
    B_,
    BEND,
    MANY,
    U_,
    centre_root,
    distance,
    inverse_steps,
    near,
    product_at_state,
    reciprocal_steps,
    root_steps,
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
            ("D after a step", *AT_STATE),
        ),
        Step(
            "moved after",
            "the Key Lemma",
            replaced(at_most(moved_centre(), H**2 * SIGMA2**2 * CENTRE), AT),
            Instantiated(AT, "c after a step"),
            ("c after a step", *AT_STATE),
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
