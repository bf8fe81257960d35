"""Theorem F, first part: what holds at one point with ``|V|^2 <= P``."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from derive.losses.objectives import FORWARD
from proofs_check.proofs.kernel import Definition, Term
from proofs_check.proofs.tactics.arithmetic import Reciprocal, Sign
from proofs_check.proofs.tactics.averages import Average, CauchySchwarz
from proofs_check.proofs.tactics.language import (
    C_,
    A,
    B,
    Descent,
    J,
    K,
    Operand,
    V,
    X,
    at_most,
    case,
    define,
    delta,
    equal,
    inverse,
    mean_q,
    nonnegative,
    positive,
    psi,
    real,
    term,
    total,
    v,
)
from proofs_check.proofs.tactics.score import (
    covariance,
    covariance_square,
    forward_loss,
    gradient_square,
    radial,
    square,
)
from proofs_check.proofs.tactics.score_steps import (
    HALF,
    along,
    error_is_square,
    lagrange,
    mu,
    pair_squares,
    score,
    variance_and_norm,
)
from proofs_check.proofs.tactics.script import Step
from proofs_check.proofs.tactics.steps import (
    TEACHER,
    Axiom,
    Cases,
    Combination,
    Derived,
    Square,
    Squares,
)

RUN = Descent(FORWARD)
ONE = term(1)
ETA, P, M = RUN.size, real("P"), real("M")
size = covariance_square(V, X)
#: ``X_ab = C_ab - m_a m_b``, ``|X|^2``, ``S = E_q[|m|^2 + |X|^2]``.
excess = define(
    "X_{2}{3}", covariance(V, X, A, B) - score(A) * score(B), V, X, A, B, latex="X_{{{2}{3}}}"
)
excess_square = define("|X|^2", total(excess(V, X, A, B) ** 2, A, B), V, X)
dissipation = define("S({})", mean_q(mu + excess_square(V, X)), V)
half_radial = define("T({})", mean_q(mu - mu**2 + excess_square(V, X)), V)
image = define("(Cm)_{2}", total(covariance(V, X, A, B) * score(B), B), V, X, A)
pull = define(
    "tr XCX",
    total(excess(V, X, A, B) * covariance(V, X, B, C_) * excess(V, X, C_, A), A, B, C_),
    V, X,
    latex=r"\operatorname{{tr}}XCX",
)  # fmt: skip
energy = define("A", total((score(A) - image(V, X, A)) ** 2, A) + pull(V, X), V, X)
mean_energy = define("E[A]({})", mean_q(energy(V, X)), V)
GAP, S = excess_square(V, X), dissipation(V)


def kappa(at_one: Operand) -> Term:
    """``1/(1 + P)`` if ``P <= 1``, else ``1 - P^2/(3P - 1)``."""
    first, second = at_one * inverse(1 + P), 1 - P**2 * inverse(3 * P - 1)
    name = define("kappa", case(real("P"), 1, first, second), real("P"), latex=r"\kappa")
    return name(P)


def coercivity_steps(at_one: Operand, edge: Term) -> tuple[Step, ...]:
    """``V.grad L >= 2 kappa S``, in both cases of ``kappa``."""
    k = kappa(at_one)
    coercive = at_most(k * (mu + GAP), mu - mu**2 + GAP)
    start = square(RUN.start)
    return (
        Step(
            "I4",
            "the trace of I4: the radial derivative",
            equal(radial(RUN, V), 2 * half_radial(V)),
            Derived(),
        ),
        error_is_square(),
        Step(
            "m.Cm >= 0",
            "a variance",
            nonnegative(along),
            Squares((Square(from_mean(score), (J,), 1, (psi(V, J),)),)),
        ),
        Step(
            "|C|^2 >= 0",
            "a sum of squares",
            nonnegative(size),
            Squares((Square(covariance(V, X, A, B), (A, B)),)),
        ),
        Step(
            "|X|^2 >= 0",
            "a sum of squares",
            nonnegative(GAP),
            Squares((Square(excess(V, X, A, B), (A, B)),)),
        ),
        Step("|X|^2 expanded", "its square", equal(GAP, size - 2 * along + mu**2), Derived()),
        variance_and_norm(),
        Step(
            "variance and P",
            "with |V|^2 <= P",
            nonnegative(P * mu - mu**2 - 2 * along),
            Combination(((1, ("variance and |V|^2",)), (1, ("norm at k", "|m|^2 >= 0")))),
            ("variance and |V|^2", "norm at k", "|m|^2 >= 0"),
        ),
        Step(
            "first square",
            "a sum of squares",
            nonnegative(start),
            Squares((Square(v(RUN.start, J, A), (J, A)),)),
        ),
        Step(
            "P >= 0",
            "P is above a square",
            nonnegative(P),
            Combination(((1, ("start",)), (1, ("first square",)))),
            ("start", "first square"),
        ),
        Step(
            "M >= 0",
            "M is at least 1",
            nonnegative(M),
            Combination(((1, ("M >= 1",)), (1, ()))),
            ("M >= 1",),
        ),
        Step(
            "kappa >= 0",
            "kappa is at least 2 M eta",
            nonnegative(k),
            Combination(((1, ("largest step",)), (2, ("M >= 0", "step size")))),
            ("largest step", "M >= 0", "step size"),
        ),
        *_first_case(k, at_one, coercive),
        *_second_case(k, at_one, coercive, edge),
        Step(
            "coercivity",
            "in both cases",
            coercive,
            Cases(P, ONE, "coercivity for P <= 1", "coercivity for P > 1"),
            ("coercivity for P <= 1", "coercivity for P > 1"),
        ),
        Step(
            "mean coercivity",
            "averaged under the teacher",
            at_most(k * S, half_radial(V)),
            Average((TEACHER,)),
            ("coercivity",),
        ),
        Step(
            "radial bound",
            "with I4",
            at_most(2 * k * S, radial(RUN, V)),
            Combination(((2, ("mean coercivity",)),)),
            ("mean coercivity", "I4"),
        ),
    )


def _first_case(k: Term, at_one: Operand, coercive: Term) -> tuple[Step, ...]:
    first, second = at_one * inverse(1 + P), 1 - P**2 * inverse(3 * P - 1)
    return (
        Step(
            "1 + P > 0",
            "so 1/(1 + P) is defined",
            positive(1 + P),
            Combination(((1, ()), (1, ("P >= 0",)))),
            ("P >= 0",),
        ),
        Step(
            "1/(1 + P)",
            "its reciprocal",
            equal((1 + P) * inverse(1 + P), 1),
            Reciprocal(),
            ("1 + P > 0",),
        ),
        Step(
            "first kappa",
            "kappa = 1/(1 + P)",
            equal(k, first),
            Axiom("first case", (P, ONE, first, second)),
            ("P <= 1",),
        ),
        Step(
            "kappa for P <= 1",
            "kappa (1 + P) = 1",
            equal(k * (1 + P), at_one),
            Combination(),
            ("first kappa", "1/(1 + P)"),
        ),
        Step(
            "bracket for P <= 1",
            "P(|m|^2 + |X|^2) - (1 + P)|m|^4 = P|C|^2 + 2(1 - P) m.Cm + (P|m|^2 - |m|^4 - 2 m.Cm)",
            nonnegative(P * (mu + GAP) - (1 + P) * mu**2),
            Combination(
                (
                    (1, ("P >= 0", "|C|^2 >= 0")),
                    (2, ("P <= 1", "m.Cm >= 0")),
                    (1, ("variance and P",)),
                )
            ),
            ("P >= 0", "|C|^2 >= 0", "P <= 1", "m.Cm >= 0", "variance and P", "|X|^2 expanded"),
        ),
        Step(
            "coercivity for P <= 1",
            "kappa times the bracket, kappa (1 + P) = 1",
            coercive,
            Combination(((1, ("kappa >= 0", "bracket for P <= 1")),)),
            ("kappa >= 0", "bracket for P <= 1", "kappa for P <= 1"),
        ),
    )


def _second_case(k: Term, at_one: Operand, coercive: Term, edge: Term) -> tuple[Step, ...]:
    first, second = at_one * inverse(1 + P), 1 - P**2 * inverse(3 * P - 1)
    base = P * covariance(V, X, A, B) + (1 - P) * score(A) * score(B)
    name = define(
        "U",
        total((real("P") * covariance(V, X, A, B) + (1 - real("P")) * score(A) * score(B)) ** 2,
              A, B),
        real("P"), V, X,
    )  # fmt: skip
    outer = name(P, V, X)
    w = inverse(3 * P - 1)
    expanded = P**2 * size + 2 * P * (1 - P) * along + (1 - P) ** 2 * mu**2
    return (
        Step("U >= 0", "a sum of squares", nonnegative(outer), Squares((Square(base, (A, B)),))),
        Step("U expanded", "its square", equal(outer, expanded), Derived()),
        Step(
            "3P - 1 > 0",
            "so w = 1/(3P - 1) is defined",
            positive(3 * P - 1),
            Combination(((3, ("P > 1",)), (2, ()))),
            ("P > 1",),
        ),
        Step("w", "its reciprocal", equal((3 * P - 1) * w, 1), Reciprocal(), ("3P - 1 > 0",)),
        Step("w^2 >= 0", "a square", nonnegative(w**2), Combination((), ((1, w),))),
        Step(
            "w >= 0",
            "w = w^2 (3P - 1)",
            nonnegative(w),
            Combination(((1, ("3P - 1 > 0", "w^2 >= 0")),)),
            ("3P - 1 > 0", "w^2 >= 0", "w"),
        ),
        Step(
            "kappa for P > 1",
            "kappa = 1 - P^2 w",
            equal(k, second),
            Axiom("second case", (P, ONE, first, second)),
            ("P > 1",),
        ),
        Step(
            "bracket for P > 1",
            "P^2 (|m|^2 + |X|^2) - (3P - 1)|m|^4 = |P X + m m^T|^2 + P (P|m|^2 - |m|^4 - 2 m.Cm)",
            nonnegative(P**2 * (mu + GAP) - (3 * P - 1) * mu**2),
            Combination(((1, ("U >= 0",)), (1, ("P >= 0", "variance and P")))),
            ("U >= 0", "P >= 0", "variance and P", "U expanded", "|X|^2 expanded"),
        ),
        Step(
            "coercivity for P > 1",
            "w times the bracket, w (3P - 1) = 1",
            coercive,
            Combination(((1, ("w >= 0", "bracket for P > 1")),)),
            ("w >= 0", "bracket for P > 1", "w", "kappa for P > 1"),
        ),
        *_kappa_inside(edge),
    )


def _kappa_inside(edge: Term) -> tuple[Step, ...]:
    return (
        Step("edge and 4", "a number", nonnegative(4 - edge), Sign()),
        Step("edge - 2", "a number", nonnegative(edge - 2), Sign()),
        Step("edge number", "3e - 1 - e^2 >= 0", nonnegative(3 * edge - 1 - edge**2), Sign()),
        Step(
            "kappa inside",
            "3P - 1 - P^2 = (phi^2 - P)((P - 1) + 1/phi): kappa >= 0 up to P = phi^2",
            nonnegative(3 * P - 1 - P**2),
            Combination(((1, ("edge", "P > 1")), (1, ("edge - 2", "edge")), (1, ("edge number",)))),
            ("edge", "P > 1", "edge - 2", "edge number"),
        ),
    )


def from_mean(vector: Callable[[Term], Term]) -> Term:
    """``(v_j - m) . w``."""
    return total((v(V, J, A) - score(A)) * vector(A), A)


def gradient_bound_steps(constant: Fraction, covariance_pull: bool) -> tuple[Step, ...]:
    """``|grad L|^2 <= 4 max(1, P/2) S``."""
    body = score(A) - image(V, X, A)
    if covariance_pull:
        body = body + total(excess(V, X, A, B) * (v(V, J, B) - score(B)), B)
    move = define("A_{2}{3}", body, V, X, J, A, latex="A_{{{2}{3}}}")
    one = move(V, X, J, A)
    f = define("f_{1}{2}({0})", mean_q(psi(V, J) * one), V, J, A)(V, J, A)
    s = define("s_{1}{2}({0})", mean_q(psi(V, J) * one**2), V, J, A)(V, J, A)
    c = mean_q(psi(V, J))
    gradient = RUN.gradient(V, J, A)
    size_of_gradient = gradient_square(RUN, V)
    return (
        Step(
            "gradient",
            "the gradient is 2 E_q[psi_j A_j], A_j = m - C m + X (v_j - m)",
            equal(gradient, 2 * f),
            Derived(),
        ),
        Step(
            "mean of the square",
            "the square of a mean under the weight psi_j",
            at_most(f**2, c * s),
            CauchySchwarz(one, weights=(psi(V, J),)),
        ),
        responsibilities(),
        Step(
            "second moments",
            "s_ja is the mean of a square",
            nonnegative(s),
            Squares((Square(one, (), 1, (psi(V, J),)),), TEACHER),
        ),
        Step(
            "entry",
            "each entry of the gradient",
            at_most(gradient**2, 4 * s),
            Combination(
                ((4, ("mean of the square",)), (4, ("responsibilities", "second moments")))
            ),
            ("gradient", "mean of the square", "responsibilities", "second moments"),
        ),
        Step(
            "summed",
            "summed over components and coordinates, with sum_j psi_j (v_j - m) = 0",
            at_most(size_of_gradient, 4 * mean_energy(V)),
            Average((J, A)),
            ("entry",),
        ),
        *_energy_steps(),
        Step(
            "mean energy",
            "averaged under the teacher",
            at_most(mean_energy(V), M * S),
            Average((TEACHER,)),
            ("energy",),
        ),
        Step(
            "S >= 0",
            "the mean of a sum of squares",
            nonnegative(S),
            Squares((Square(score(A), (A,)), Square(excess(V, X, A, B), (A, B))), TEACHER),
        ),
        Step(
            "gradient bound",
            "together",
            at_most(size_of_gradient, constant * M * S),
            Combination(
                (
                    (1, ("summed",)),
                    (4, ("mean energy",)),
                    *(((constant - 4, ("M >= 0", "S >= 0")),) if constant != 4 else ()),
                )
            ),
            ("summed", "mean energy", "M >= 0", "S >= 0"),
        ),
        Step(
            "L <= S",
            "S - L is the mean of a sum of squares",
            at_most(forward_loss(V), S),
            Squares((Square(excess(V, X, A, B), (A, B)),), TEACHER),
        ),
    )


def responsibilities() -> Step:
    """``E_q psi_j <= 1``."""
    other = Square(1 - delta(J, K), (K,), 1, (psi(V, K),))
    return Step(
        "responsibilities",
        "1 - psi_j is the sum of the other responsibilities",
        at_most(mean_q(psi(V, J)), 1),
        Squares((other,), TEACHER),
    )


def _vector(name: str, w: Definition, *more: Term) -> tuple[Step, ...]:
    """``0 <= w.Cw`` and ``2 w.Cw <= P |w|^2``, for a vector ``w_a`` (with more labels)."""

    def entry(a: Term) -> Term:
        return w(V, X, a, *more)

    length, variance = lengths(w, *more)
    mean = total(score(A) * entry(A), A)
    return (
        Step(
            f"w.Cw, {name}",
            "a variance",
            nonnegative(variance),
            Squares((Square(from_mean(entry), (J,), 1, (psi(V, J),)),), kept=(w,)),
        ),
        Step(
            f"projections, {name}",
            "as above, for another vector: 2 w.Cw + (m.w)^2 <= |V|^2 |w|^2",
            nonnegative(square(V) * length - mean**2 - 2 * variance),
            Squares(
                (
                    *pair_squares(lambda j: total(v(V, j, A) * entry(A), A)),
                    lagrange(lambda a: v(V, J, a), entry, J),
                ),
                kept=(w,),
            ),
        ),
        Step(
            f"|w|^2, {name}",
            "a sum of squares",
            nonnegative(length),
            Squares((Square(entry(A), (A,)),)),
        ),
        Step(
            f"C and P, {name}",
            "so 2 w.Cw <= P |w|^2",
            nonnegative(P * length - 2 * variance),
            Combination(
                ((1, (f"projections, {name}",)), (1, ("norm at k", f"|w|^2, {name}"))),
                ((1, mean),),
            ),
            (f"projections, {name}", "norm at k", f"|w|^2, {name}"),
        ),
    )


def lengths(w: Definition, *more: Term) -> tuple[Term, Term]:
    """``|w|^2`` and ``w.Cw``."""
    length = total(w(V, X, A, *more) ** 2, A)
    variance = total(w(V, X, A, *more) * covariance(V, X, A, B) * w(V, X, B, *more), A, B)
    return length, variance


def _energy_steps() -> tuple[Step, ...]:
    """``|m - Cm|^2 + tr X C X <= M (|m|^2 + |X|^2)`` from two facts about every vector w."""
    rest = define("(2m-Cm)_{2}", 2 * score(A) - image(V, X, A), V, X, A)
    column = define("X_{2}{3} as a column", excess(V, X, A, B), V, X, A, B)
    image_square, cubic = lengths(image)
    p_bound = ("C and P, Cm", "P <= 4", "|w|^2, Cm")
    return (
        *_vector("Cm", image),
        *_vector("2m - Cm", rest)[:1],
        *_vector("X e", column, C_),
        Step(
            "P <= 4",
            "inside the region",
            at_most(P, 4),
            Combination(((1, ("edge",)), (1, ("edge and 4",)))),
            ("edge", "edge and 4"),
        ),
        Step(
            "w = Cm",
            "for w = C m: 2 w.Cw <= 4 |w|^2",
            nonnegative(4 * image_square - 2 * cubic),
            Combination(((1, p_bound[:1]), (1, p_bound[1:]))),
            p_bound,
        ),
        Step(
            "w = 2m - Cm",
            "for w = 2m - C m",
            nonnegative(4 * along - 4 * image_square + cubic),
            Combination(((1, ("w.Cw, 2m - Cm",)),)),
            ("w.Cw, 2m - Cm",),
        ),
        Step(
            "w = X e",
            "for the columns of X, added up",
            nonnegative(P * GAP - 2 * pull(V, X)),
            Average((C_,)),
            ("C and P, X e",),
        ),
        Step(
            "energy expanded",
            "its square",
            equal(energy(V, X), mu - 2 * along + image_square + pull(V, X)),
            Derived(),
        ),
        Step(
            "energy",
            "M(|m|^2 + |X|^2) - |m - Cm|^2 - tr XCX = (M - 1)|m|^2 + (M - P/2)|X|^2 + (2 m.Cm - "
            "|Cm|^2) + (P|X|^2 - 2 tr XCX)/2",
            at_most(energy(V, X), M * (mu + GAP)),
            Combination(
                (
                    (1, ("M >= 1", "|m|^2 >= 0")),
                    (1, ("M >= P/2", "|X|^2 >= 0")),
                    (HALF, ("w = 2m - Cm",)),
                    (Fraction(1, 4), ("w = Cm",)),
                    (HALF, ("w = X e",)),
                )
            ),
            (
                *("M >= 1", "|m|^2 >= 0", "M >= P/2", "|X|^2 >= 0"),
                *("w = 2m - Cm", "w = Cm", "w = X e", "energy expanded"),
            ),
        ),
    )
