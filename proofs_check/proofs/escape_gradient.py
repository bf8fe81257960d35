"""Where the two places are, and the bounds of the gradient there that a cover of balls shows."""

from __future__ import annotations

from fractions import Fraction

from numerics.fates.escape_region import (
    NEAR,
)
from proofs_check.proofs.escape_words import (
    AXIS,
    I_,
    PULL,
    EscapeConstants,
    EscapeRegion,
    Quantities,
)
from proofs_check.proofs.kernel.terms import number
from proofs_check.proofs.tactics.arithmetic import Reciprocal
from proofs_check.proofs.tactics.averages import Average, CauchySchwarz
from proofs_check.proofs.tactics.bounds import (
    Asked,
    Contracted,
    LargerOf,
    Linear,
    RootOf,
    SquareRoot,
)
from proofs_check.proofs.tactics.exponentials import (
    ExponentialSign,
)
from proofs_check.proofs.tactics.language import (
    A,
    V,
    X,
    at_most,
    entry,
    equal,
    exponential,
    nonnegative,
    positive,
    root,
    total,
    v,
)
from proofs_check.proofs.tactics.script import Step
from proofs_check.proofs.tactics.steps import TEACHER, Combination, Derived, Square, Squares


def place_steps(of: Quantities, far: Fraction) -> tuple[Step, ...]:
    """``|alpha| <= 0.15``, ``a >= far - 0.15``, ``eps (far - 0.15) <= 1``."""
    near2, far2, inner, gap = of.near(V), of.far(V), of.inner(V), of.gap(V)
    a, eps, alpha, across = of.a(V), of.eps(V), of.alpha(V), of.across(V)
    w = of.pair(V).place("apart", A)
    return (
        Step("|w|^2 >= 0", "a sum of squares", nonnegative(gap), Squares((Square(w, (A,)),))),
        Step("a^2", "a root", equal(a**2, gap), RootOf(of.pair(V).dot("apart", "apart")),
             ("|w|^2 >= 0",)),
        Step("a >= 0", "a root", nonnegative(a), RootOf(of.pair(V).dot("apart", "apart")),
             ("|w|^2 >= 0",)),
        Step("|v_2|^2", "v_2 = v_1 + w", equal(far2, near2 + 2 * inner + gap), Derived()),
        Step("Cauchy-Schwarz", "v_1.w <= |v_1||w|", at_most(inner**2, near2 * gap),
             CauchySchwarz(v(V, I_, A), w, over=(A,))),
        Step("(v_1.w)^2", "with |v_1| <= 0.15", at_most(inner**2, (NEAR * a) ** 2),
             Combination(((1, ("Cauchy-Schwarz",)), (1, ("near", "|w|^2 >= 0")))),
             ("Cauchy-Schwarz", "near", "|w|^2 >= 0", "a^2")),
        Step("0.15 a >= 0", "a product", nonnegative(NEAR * a), Combination(((NEAR, ("a >= 0",)),)),
             ("a >= 0",)),
        Step("v_1.w from above", "the root", at_most(inner, NEAR * a),
             SquareRoot("(v_1.w)^2", "0.15 a >= 0"), ("(v_1.w)^2", "0.15 a >= 0")),
        Step("far^2 and a", "|v_2| <= |v_1| + a", at_most(far**2, (a + NEAR) ** 2),
             Combination(((1, ("far",)), (1, ("near",)), (2, ("v_1.w from above",)))),
             ("far", "near", "v_1.w from above", "|v_2|^2", "a^2")),
        Step("a + 0.15 >= 0", "a sum", nonnegative(a + NEAR),
             Combination(((1, ("a >= 0",)), (NEAR, ()))), ("a >= 0",)),
        Step("far and a", "the root", at_most(far, a + NEAR),
             SquareRoot("far^2 and a", "a + 0.15 >= 0"), ("far^2 and a", "a + 0.15 >= 0")),
        Step("a > 0", "far is beyond 0.15", positive(a),
             Combination(((1, ("far and a",)), (far - NEAR, ()))), ("far and a",)),
        Step("eps", "eps = 1/a", equal(a * eps, 1), Reciprocal(), ("a > 0",)),
        Step("eps^2 >= 0", "a square", nonnegative(eps**2), Combination((), ((1, eps),))),
        Step("eps >= 0", "a eps^2", nonnegative(eps), Combination(((1, ("a >= 0", "eps^2 >= 0")),)),
             ("a >= 0", "eps^2 >= 0", "eps")),
        Step("alpha", "alpha = v_1.w/a", equal(alpha, eps * inner), Derived()),
        Step("inner", "a alpha", equal(inner, a * alpha),
             Linear(((-a, "alpha"), (-inner, "eps"))), ("alpha", "eps")),
        Step("|v_1|^2", "the squares of its two parts", equal(near2, alpha**2 + across), Derived()),
        Step("|p|^2 >= 0", "|v_1|^2 less the square along w", nonnegative(across),
             Combination(((1, ("Cauchy-Schwarz", "eps^2 >= 0")),)),
             ("Cauchy-Schwarz", "eps^2 >= 0", "eps", "a^2", "alpha", "|v_1|^2")),
        Step("alpha^2", "|v_1|^2 less |p|^2", at_most(alpha**2, NEAR**2),
             Combination(((1, ("near",)), (1, ("|p|^2 >= 0",)))),
             ("near", "|p|^2 >= 0", "|v_1|^2")),
        Step("|p|^2 and alpha", "the same", at_most(across, NEAR**2 - alpha**2),
             Combination(((1, ("near",)),)), ("near", "|v_1|^2")),
        Step("0.15 >= 0", "a number", nonnegative(NEAR), Combination(((NEAR, ()),))),
        Step("alpha from above", "the root", at_most(alpha, NEAR),
             SquareRoot("alpha^2", "0.15 >= 0"), ("alpha^2", "0.15 >= 0")),
        Step("alpha from below", "the root", at_most(-alpha, NEAR),
             SquareRoot("alpha^2", "0.15 >= 0"), ("alpha^2", "0.15 >= 0")),
        Step("eps from above", "1 - eps a0 = eps (a - a0)", at_most(eps * (far - NEAR), 1),
             Combination(((1, ("eps >= 0", "far and a")),)), ("eps >= 0", "far and a", "eps")),
    )  # fmt: skip


def _cover_step(
    of: Quantities, region: EscapeRegion, which: str, value: Fraction, description: str
) -> Step:
    """One of the bounds that the cover shows."""
    room = of.eps(V) ** 2 * (NEAR**2 - of.alpha(V) ** 2)
    f, q, size = of.outward(V), of.pull(V), of.size(V)
    tug = (q - f) ** 2 + room * q**2
    goal = {
        "outward": at_most((1 + of.alpha(V) * of.eps(V)) * f + room * of.positive(V),
                           -value * size),
        "drift": at_most(tug, value**2),
        "pull": at_most(tug, value**2 * size**2),
    }[which]  # fmt: skip
    arguments = (of.pair(V), which, value, region.near_weight, region.far, region.boxes)
    uses = (*of.groups.premises, "near", "far", "near weight", "log odds")
    return Step(which, description, goal, Asked("escape region", arguments), uses)


def gradient_steps(
    of: Quantities, region: EscapeRegion, growth: Fraction, constants: EscapeConstants
) -> tuple[Step, ...]:
    """The two inequalities, by the cover."""
    pair, drift = of.pair(V), constants.drift
    a, eps, alpha, across = of.a(V), of.eps(V), of.alpha(V), of.across(V)
    f, q, positive_part, size = of.outward(V), of.pull(V), of.positive(V), of.size(V)
    w, near, far = (pair.place(which, A) for which in ("apart", "near", "far"))
    grad_far, both = pair.gradient("far", A), pair.gradient("near", A) + pair.gradient("far", A)
    moved = eps * f * w + eps * q * (near - eps * alpha * w)
    turned = eps * q * w - moved
    d = pair.gradient("near", A) - 2 * near
    radial = (alpha + a) * f + (eps * q * across if constants.covariance_term else 0)
    tug = (q - f) ** 2 + (eps * q) ** 2 * across
    products = ("w.w", "v_1.w", "v_1.v_1", "eps")
    # d = slope w - pulled v_1
    pulled, slope = eps * q, eps * (q - f) + eps**2 * q * alpha
    rest = q - f + eps * q * alpha
    exponent = Fraction(-1, 2) * of.y(V) ** 2
    axis = entry(X, AXIS)
    return (
        Step("near square", "written out", equal(of.near(V), total(near**2, A)), Derived()),
        Step("product", "written out", equal(of.inner(V), total(near * w, A)), Derived()),
        Step("gap square", "written out", equal(of.gap(V), total(w**2, A)), Derived()),
        Step("x_b^2 >= 0", "a square", nonnegative(axis**2), Combination((), ((1, axis),))),
        Step("|x_b| >= 0", "a root", nonnegative(root(axis**2)), RootOf(axis**2), ("x_b^2 >= 0",)),
        Step("2 phi(0) >= 0", "2 phi(0) = E_q|x_b|", nonnegative(of.axis),
             Average((TEACHER,)), ("|x_b| >= 0",)),
        Step("phi >= 0", "an exponential", nonnegative(exponential(exponent)), ExponentialSign()),
        Step("a^2 >= 0", "a square", nonnegative(a**2), Combination((), ((1, a),))),
        Step("G", "2 a^2 phi(y)", equal(size, a**2 * of.axis * exponential(exponent)), Derived()),
        Step("G >= 0", "a product", nonnegative(size),
             Combination(((1, ("a^2 >= 0", "2 phi(0) >= 0", "phi >= 0")),)),
             ("a^2 >= 0", "2 phi(0) >= 0", "phi >= 0", "G")),
        _cover_step(of, region, "outward", growth,
                    "(1 + alpha eps) F + eps^2 (0.15^2 - alpha^2) Q+ is negative"),
        _cover_step(of, region, "drift", drift, "the pull on v_1"),
        _cover_step(of, region, "pull", PULL, "the same by G"),
        Step("|w|^2 > 0", "the square of a", positive(of.gap(V)),
             Combination(((1, ("a > 0", "a > 0")),)), ("a > 0", "a^2")),
        Step("grad_2", "from the loss, as two integrals", equal(grad_far, moved),
             Asked("escape gradient", (pair, "far", A), "symbolic identity"),
             (*of.groups.premises, "|w|^2 > 0")),
        Step("grad_1 + grad_2", "likewise: x drops out", equal(both, 2 * near + eps * q * w),
             Asked("escape gradient", (pair, "both", A), "symbolic identity"),
             (*of.groups.premises, "|w|^2 > 0")),
        Step("d", "the difference", equal(d, turned), Derived(), ("grad_2", "grad_1 + grad_2")),
        Step("w.w", "a^2", equal(total(w**2, A), a**2), Derived(), ("gap square", "a^2")),
        Step("v_1.w", "a alpha", equal(total(near * w, A), a * alpha),
             Linear(((-1, "product"), (1, "inner"))), ("product", "inner")),
        Step("v_1.v_1", "alpha^2 + |p|^2", equal(total(near**2, A), alpha**2 + across), Derived(),
             ("near square", "|v_1|^2")),
        Step("radial", "written out", equal(of.radial(V), total(far * grad_far, A)), Derived()),
        Step("grad_2 times v_2", "summed", equal(total(far * grad_far, A), total(far * moved, A)),
             Contracted("grad_2", far, (A,)), ("grad_2",)),
        Step("v_2.grad_2 L", "in a and alpha", equal(of.radial(V), radial),
             Linear(((1, "radial"), (1, "grad_2 times v_2"),
                     (eps * f - pulled * eps * alpha, "w.w"),
                     (eps * f + pulled - pulled * eps * alpha, "v_1.w"), (pulled, "v_1.v_1"),
                     ((alpha + a) * (f - pulled * alpha), "eps"))),
             ("radial", "grad_2 times v_2", *products)),
        Step("drift square", "written out", equal(of.drift(V), total(d**2, A)), Derived()),
        Step("d times d", "summed", equal(total(d**2, A), total(turned**2, A)),
             Contracted("d", d + turned, (A,)), ("d",)),
        Step("|d|^2", "in a and alpha", equal(of.drift(V), tug),
             Linear(((1, "drift square"), (1, "d times d"), (slope**2, "w.w"),
                     (-2 * slope * pulled, "v_1.w"),
                     (pulled**2, "v_1.v_1"), (rest * (2 * (q - f) - (1 - a * eps) * rest), "eps"))),
             ("drift square", "d times d", *products)),
        Step("along", "written out", equal(of.along(V), total(near * d, A)), Derived()),
        Step("d times v_1", "summed", equal(total(near * d, A), total(near * turned, A)),
             Contracted("d", near, (A,)), ("d",)),
        Step("v_1.d", "in a and alpha",
             equal(of.along(V), alpha * (q - f) - pulled * across),
             Linear(((1, "along"), (1, "d times v_1"), (slope, "v_1.w"), (-pulled, "v_1.v_1"),
                     (alpha * rest, "eps"))),
             ("along", "d times v_1", *products)),
        Step("Q+ >= Q", "by cases", at_most(q, positive_part), LargerOf(q, number(0), 0)),
        Step("Q+ >= 0", "by cases", nonnegative(positive_part), LargerOf(q, number(0), 1)),
        Step("Q^2 >= 0", "a square", nonnegative(q**2), Combination((), ((1, q),))),
        Step("G^2 >= 0", "a square", nonnegative(size**2), Combination((), ((1, size),))),
        Step("inequality (2)", "v_2 is pushed outward", at_most(of.radial(V), -growth * a * size),
             Combination((
                 (1, ("a >= 0", "outward")),
                 (1, ("a >= 0", "eps^2 >= 0", "|p|^2 and alpha", "Q+ >= 0")),
                 (1, ("a >= 0", "eps^2 >= 0", "|p|^2 >= 0", "Q+ >= Q")),
             )),
             ("a >= 0", "outward", "eps^2 >= 0", "|p|^2 and alpha", "Q+ >= 0", "|p|^2 >= 0",
              "Q+ >= Q", "v_2.grad_2 L", "eps")),
        Step("inequality (1)", "v_1 is pulled to the truth but for a small drift",
             at_most(of.drift(V), drift**2),
             Combination((
                 (1, ("drift",)), (1, ("eps^2 >= 0", "Q^2 >= 0", "|p|^2 and alpha")),
             )),
             ("drift", "eps^2 >= 0", "Q^2 >= 0", "|p|^2 and alpha", "|d|^2")),
        Step("drift and G", "the same by G", at_most(of.drift(V), PULL**2 * size**2),
             Combination((
                 (1, ("pull",)), (1, ("eps^2 >= 0", "Q^2 >= 0", "|p|^2 and alpha")),
             )),
             ("pull", "eps^2 >= 0", "Q^2 >= 0", "|p|^2 and alpha", "|d|^2")),
    )  # fmt: skip
