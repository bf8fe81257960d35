"""A state of a cluster: its centre's distance, ``Lambda`` there, and reciprocals that rise."""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.cluster_growth import GAMMA, P_, S, decay, growth
from proofs_check.proofs.cluster_product import REST, SMALL_STEPS, StepRange, Z, polynomial
from proofs_check.proofs.cluster_tactics import shown
from proofs_check.proofs.cluster_words import C2, RUN, H, centre, centre_square, spread
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.kernel.terms import replaced
from proofs_check.proofs.tactics.arithmetic import Reciprocal
from proofs_check.proofs.tactics.bounds import Instantiated, RootOf
from proofs_check.proofs.tactics.language import (
    A,
    V,
    at_most,
    define,
    equal,
    exponential,
    inverse,
    nonnegative,
    positive,
    root,
    step,
)
from proofs_check.proofs.tactics.script import Step
from proofs_check.proofs.tactics.steps import Square, Squares

F = Fraction
#: ``|c|`` and ``D`` of a state.
distance = define("|c|({})", root(centre_square(V)), V)
width = define("D({})", root(spread(V)), V)
B_ = distance(V)
AFTER = RUN.after(V)
B_AFTER, C2_AFTER = distance(AFTER), centre_square(AFTER)
#: So many factors of the product that few are left.
MANY = step("L")
#: p of the reciprocal ``1/(p + |c|^2)``.
BEND = F(21, 5)
near = define("1/(p+|c|^2)({})", inverse(BEND + C2), V, latex=r"(p+|c|^2({}))^{{-1}}")
U_ = near(V)
#: ``1/(1 + 4 h |c|^2)``.
share = define("1/(1+4h|c|^2)({1})", inverse(1 + 4 * H * C2), H, V)


def number_steps(largest: Fraction) -> tuple[Step, ...]:
    """``1 <= g <= 1/(1 - largest)``, and ``h <= 1/2``."""
    most = 1 / (1 - largest)
    return (
        shown("1 - h > 0", "h is small", positive(1 - H), (1, ("largest h",)), (1 - largest, ())),
        Step("g", "its reciprocal", equal((1 - H) * GAMMA, 1), Reciprocal(), ("1 - h > 0",)),
        Step("g^2", "a square", nonnegative(GAMMA**2), Squares((Square(GAMMA),))),
        shown(
            "g >= 0", "g = g^2 (1 - h)", nonnegative(GAMMA), (1, ("1 - h > 0", "g^2")), using=("g",)
        ),
        shown("g >= 1", "g - 1 = g h", at_most(1, GAMMA), (1, ("g >= 0", "h >= 0")), using=("g",)),
        shown(
            f"g <= {most}",
            "the largest h",
            at_most(GAMMA, most),
            (most, ("g >= 0", "largest h")),
            using=("g",),
        ),
        shown(
            "1 - 2 h >= 0",
            "h is small",
            nonnegative(1 - 2 * H),
            (2, ("largest h",)),
            (1 - 2 * largest, ()),
        ),
    )


def centre_root(of: Term, name: str) -> tuple[Step, ...]:
    """``|c|`` of a state as a root."""
    own = Square(centre(of, A), (A,))
    return root_steps("|c|", distance(of), centre_square(of), own, name)


def root_steps(symbol: str, root_of: Term, whole: Term, own: Square, name: str) -> tuple[Step, ...]:
    """The root of a sum of squares: the sum's sign, the root's square and its sign."""
    return (
        Step(f"{symbol}^2 >= 0{name}", "a sum of squares", nonnegative(whole), Squares((own,))),
        Step(
            f"{symbol}^2{name}",
            "the root's square",
            equal(root_of**2, whole),
            RootOf(whole),
            (f"{symbol}^2 >= 0{name}",),
        ),
        Step(
            f"{symbol} >= 0{name}",
            "a root",
            nonnegative(root_of),
            RootOf(whole),
            (f"{symbol}^2 >= 0{name}",),
        ),
    )


def inverse_steps(name: str, whole: Term, of: Term, sign: str) -> tuple[Step, ...]:
    """A reciprocal of something positive: its equation and sign."""
    return (
        Step(name, "its reciprocal", equal(whole * of, 1), Reciprocal(), (sign,)),
        Step(f"{name} squared", "a square", nonnegative(of**2), Squares((Square(of),))),
        shown(
            f"{name} >= 0",
            "a positive number times a square",
            nonnegative(of),
            (1, (sign, f"{name} squared")),
            using=(name,),
        ),
    )


def reciprocal_steps(
    name: str, whole: Term, of: Term, sign: str, least: Fraction
) -> tuple[Step, ...]:
    """The same of ``least +`` something that is not negative."""
    return (
        shown(f"{name} below", "a sum", positive(whole), (1, (sign,)), (least, ())),
        *inverse_steps(name, whole, of, f"{name} below"),
    )


def rise_steps(
    name: str, now: Term, after: Term, of: Term, rate: Fraction, falls: tuple[str, str]
) -> tuple[Step, ...]:
    """``rate h of now^2 <= after - now`` where ``of`` falls by ``rate h of``."""
    order, fall = falls
    ahead = f"{name} after"
    return (
        shown(
            f"{name} rises",
            "its denominator falls",
            at_most(now, after),
            (1, (order, f"{name} >= 0", f"{ahead} >= 0")),
            using=(name, ahead),
        ),
        shown(
            f"{name} by how much",
            "1/s - 1/t = (t - s)/(s t)",
            at_most(rate * H * of * now**2, after - now),
            (1, (order, f"{name} >= 0", f"{name} rises")),
            (1, (fall,), (now,)),
            using=(name, ahead),
        ),
    )


def product_at_state(steps: StepRange = SMALL_STEPS) -> tuple[Step, ...]:
    """``U(|c|^2) <= exp(Lambda_L)``, the same of T with one factor more, and the share."""
    at = {S: C2, Z: GAMMA * C2, P_: MANY}
    product = exponential(growth(MANY, H, C2))
    given = (*steps.premises, "many", "g |c|^2 >= 0", "s and z at V")
    return (
        shown("g |c|^2 >= 0", "a product", nonnegative(GAMMA * C2), (1, ("g >= 0", "|c|^2 >= 0"))),
        shown("s and z at V", "g (1 - h) = 1", equal((1 - H) * (GAMMA * C2), C2), using=("g",)),
        Step(
            "U at V",
            "many factors of the product",
            at_most(polynomial(steps.product, C2), product),
            Instantiated(at, "product from below, in s"),
            ("product from below, in s", *given),
        ),
        Step(
            "T at V",
            "many factors of the product, and one more",
            at_most(polynomial(steps.grown, C2), (1 + 4 * H * C2) * product),
            Instantiated(at, "grown from below, in s"),
            ("grown from below, in s", *given),
        ),
        Step(
            "first order at V",
            "all factors of the product together",
            replaced(at_most(1 + Z * (1 - decay(P_, H)), exponential(growth(P_, H, S))), at),
            Instantiated(at, "first order"),
            ("first order", *given),
        ),
        shown(
            "product and g |c|^2",
            "few factors are left",
            at_most(1 + (1 - REST) * (GAMMA * C2), product),
            (1, ("first order at V",)),
            (1, ("g |c|^2 >= 0", "many")),
        ),
        shown(
            "1 + 4 h |c|^2 > 0",
            "at least one",
            positive(1 + 4 * H * C2),
            (4, ("h >= 0", "|c|^2 >= 0")),
            (1, ()),
        ),
        Step(
            "share",
            "its reciprocal",
            equal((1 + 4 * H * C2) * share(H, V), 1),
            Reciprocal(),
            ("1 + 4 h |c|^2 > 0",),
        ),
        Step(
            "share squared",
            "a square",
            nonnegative(share(H, V) ** 2),
            Squares((Square(share(H, V)),)),
        ),
        shown(
            "share >= 0",
            "a positive number times a square",
            nonnegative(share(H, V)),
            (1, ("1 + 4 h |c|^2 > 0", "share squared")),
            using=("share",),
        ),
    )


def cube_rises(
    name: str, now: Term, after: Term, of: Term, rate: Fraction, falls: tuple[str, str]
) -> tuple[Step, ...]:
    """``3 rate h of now^4 <= after^3 - now^3``."""
    return (
        *rise_steps(name, now, after, of, rate, falls),
        shown(
            f"{name} cubed",
            "a tangent",
            at_most(3 * rate * H * of * now**4, after**3 - now**3),
            (3, (f"{name} by how much",), (now,)),
            (1, (f"{name} after >= 0",), (after - now,)),
            (2, (f"{name} >= 0",), (after - now,)),
        ),
    )
