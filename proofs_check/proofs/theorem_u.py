"""Theorem U: on the slice (0, a u) there is exactly one stationary point besides the truth."""

from __future__ import annotations

from fractions import Fraction

from derive.losses.objectives import FORWARD
from proofs_check.proofs.escape_words import I_, K
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.kernel.oracles.slice_equation import Slice, enclosure
from proofs_check.proofs.kernel.terms import number, replaced
from proofs_check.proofs.tactics.arithmetic import Cancel, Reciprocal, Vanishes
from proofs_check.proofs.tactics.averages import Average
from proofs_check.proofs.tactics.bounds import Asked, Contracted, Instantiated, Linear, RootOf
from proofs_check.proofs.tactics.exponentials import (
    ExponentialOrder,
    ExponentialPositive,
    ExponentialsAgree,
    NoOdds,
)
from proofs_check.proofs.tactics.facts import Over
from proofs_check.proofs.tactics.language import (
    A,
    Descent,
    J,
    V,
    X,
    at_most,
    below,
    define,
    delta,
    entry,
    equal,
    every,
    exponential,
    inverse,
    mean_q,
    nonnegative,
    pi,
    point,
    positive,
    psi,
    root,
    state,
    total,
    v,
)
from proofs_check.proofs.tactics.score import m
from proofs_check.proofs.tactics.script import Hypothesis, Script, Step
from proofs_check.proofs.tactics.steps import (
    TEACHER,
    Axiom,
    Cases,
    Combination,
    Derived,
    Discharge,
    Instance,
    Specialise,
    Square,
    Squares,
)
from proofs_check.proofs.tactics.vacuity import Proposal

HALF, QUARTER = Fraction(1, 2), Fraction(1, 4)
#: Digits of the root.
DIGITS = 30
W, Y = state("W"), point("y")
_SLICE = Slice(V, I_, K)
_RUN = Descent(FORWARD)
_RATIO = exponential(Term("log_ratio", (V, X)))

#: The second component's responsibility, ``tanh s`` and ``sech^2 s``.
_P = psi(V, K)
_TANH, _SECH = 2 * _P - 1, 4 * _P * (1 - _P)
square = define("a({0})^2", total(v(V, K, A) ** 2, A), V, K)
variable = define(
    "s({0},{2})", HALF * total(entry(X, A) * v(V, K, A), A) - QUARTER * square(V, K), V, K, X
)
_A2, _S = square(V, K), variable(V, K, X)
_E = exponential(2 * _S)
#: Means under the teacher, and under the law.
_ONE, _R, _Q, _T, _Z = (
    mean_q(_P * h) for h in (number(1), _SECH, _S * _S, _S * _TANH, _S * _S * _SECH)
)
_I, _U = inverse(_ONE), 4 * inverse(_A2)
law_r = define("r({0})", _R * _I, V, K)
law_q = define("q({0})", _Q * _I, V, K)
law_t = define("t({0})", _T * _I, V, K)
law_z = define("z({0})", _Z * _I, V, K)
r, q, t, z = (law(V, K) for law in (law_r, law_q, law_t, law_z))
speed = define("a r'({0})", _U * (z - q * r), V, K)
_SPEED = speed(V, K)


def theorem_u(
    *,
    slowest: Fraction | int = 1,
    least_ratio: Fraction = HALF,
    gaussian_term: bool = True,
    root: tuple[str, str] = ("2", "2829/1000"),
) -> Script:
    """Theorem U, with constants that can be changed to see the proof fail.

    Parameters
    ----------
    slowest : number
        ``a r'/r >= -slowest``.
    least_ratio : number
        ``r >= least_ratio``.
    gaussian_term : bool
        Whether the Gaussian's derivative enters the integration by parts.
    root : pair of str
        Range of ``a`` in which balls enclose the root.

    Examples
    --------
    >>> from proofs_check.proofs.tactics.script import replay
    >>> replay(theorem_u(least_ratio=Fraction(101, 200))).failed[0].step.name
    'r from below'
    """
    ends = Fraction(root[0]), Fraction(root[1])
    two, weight, here = _SLICE.hypotheses()
    hypotheses = (
        Hypothesis("two components", two, "there are two components, i and l"),
        Hypothesis("weight", weight, "of equal weight"),
        Hypothesis("at the truth", here, "v_1 = 0"),
        Hypothesis("apart", positive(_SLICE.square), "v_2 is not 0; a = |v_2|"),
        Hypothesis("stationary", _stationary(V), "V is a stationary point"),
        Hypothesis("root of g", equal(_A2 * r, 4), "a^2 r/4 = 1"),
        Hypothesis("at the truth in W", _OTHER.hypotheses()[2], "w_1 = 0"),
        Hypothesis("apart in W", positive(_OTHER.square), "w_2 is not 0"),
        Hypothesis("stationary W", _stationary(W), "W is a stationary point"),
        Hypothesis(
            "from below",
            at_most(ends[0] ** 2, _SLICE.square),
            "in the searched range",
            temporary=True,
        ),
        Hypothesis(
            "from above",
            at_most(_SLICE.square, ends[1] ** 2),
            "in the searched range",
            temporary=True,
        ),
        Hypothesis(
            "no root",
            _SLICE.never(*enclosure(*ends, DIGITS)),
            "no state on the slice is stationary with a between the ends",
        ),
        Hypothesis(
            "disorder", below(_OTHER.square, _SLICE.square), "the other case", temporary=True
        ),
        Hypothesis("order", at_most(_SLICE.square, _OTHER.square), "|v_2| <= |w_2|"),
    )
    steps = (
        *_responsibility_steps(),
        *_parts_steps(gaussian_term),
        *_law_steps(Fraction(slowest), Fraction(least_ratio)),
        *_equation_steps(Fraction(least_ratio)),
        *_order_steps(),
        *_root_steps(*ends, Fraction(least_ratio)),
    )
    return Script(
        "U",
        "The stationary point on the slice (0, a u) is unique",
        "derived for this project (Theorem U)",
        hypotheses,
        steps,
        (
            "r falls", "r falls slowly", "r from above", "r from below", "equation", "converse 1",
            "converse 2", "range above", "range below", "r at V and W", "a r at V and W",
            "one root", "enclosed", "existence",
        ),
        (
            (law_r, "the mean of sech^2 s under the law with density p"),
            (law_q, "of s^2"),
            (law_t, "of s tanh s"),
            (law_z, "of s^2 sech^2 s"),
            (speed, "u Cov(s^2, sech^2 s), u = 4/a^2: a times the derivative of r in a"),
        ),
        "n = 2, uniform weights, all d, all a > 0",
        ("in words, v_1 is v_i and v_2 is v_l",
         "existence says: it is absurd that no state is stationary, on the slice, in the range",),
        (_instance(ends),),
    )  # fmt: skip


def _instance(ends: tuple[Fraction, Fraction]) -> Proposal:
    """The stationary point to the digits of its enclosure."""
    place = ((Fraction(0),), (enclosure(*ends, DIGITS)[0],))
    half = (HALF, HALF)
    return Proposal(half, 1, ((I_, 0), (K, 1), (V, place), (W, place)), 1e-6)


_OTHER = _SLICE._replace(state=W)


def _stationary(of: Term) -> Term:
    """``grad L = 0``."""
    return every(equal(_RUN.gradient(of, J, A), 0), J, A)


def _exponent(j: Term) -> Term:
    return total(entry(X, A) * v(V, j, A) - HALF * v(V, j, A) ** 2, A)


def _responsibility_steps() -> tuple[Step, ...]:
    """``p = exp(2s)(1 - p)``, so that ``tanh s = 2p - 1`` has the sign of s."""
    p1 = psi(V, I_)
    return (
        Step("belongs", "component j is i or l", equal(delta(J, I_) + delta(J, K), 1),
             Specialise((J,)), ("two components",)),
        Step("responsibilities", "their sum", equal(p1 + _P, 1),
             Contracted("belongs", psi(V, J), (J,)), ("belongs",)),
        Step("weights", "their sum", equal(pi(I_) + pi(K), 1),
             Contracted("belongs", pi(J), (J,)), ("belongs",)),
        Step("v_1", "zero", equal(v(V, I_, A), 0), Specialise((A,)), ("at the truth",)),
        Step("m", "p v_2", equal(m(V, X, A), _P * v(V, K, A)),
             Contracted("belongs", psi(V, J) * v(V, J, A), (J,)), ("belongs", "v_1")),
        *(Step(f"density {name}", "psi p/q = pi exp(x.v - |v|^2/2)",
               equal(psi(V, j) * _RATIO, pi(j) * exponential(_exponent(j))),
               Axiom("density", (V, j, X)))
          for name, j in (("1", I_), ("2", K))),
        Step("exponent 1", "zero", equal(_exponent(I_), 0),
             Contracted("v_1", entry(X, A) - HALF * v(V, I_, A), (A,)), ("v_1",)),
        Step("exponential 1", "of zero", equal(exponential(_exponent(I_)), exponential(0)),
             ExponentialsAgree(), ("exponent 1",)),
        Step("exp 0", "one", equal(exponential(0), 1), NoOdds()),
        Step("exponential 2", "of 2s", equal(exponential(_exponent(K)), _E), Derived()),
        Step("p/q > 0", "an exponential", positive(_RATIO), ExponentialPositive()),
        Step("odds times p/q", "p = exp(2s)(1 - p)",
             equal(_RATIO * _P, _RATIO * (_E * (1 - _P))),
             Linear(((1, "density 2"), (pi(K), "exponential 2"), (-_E, "density 1"),
                     (-_E * pi(I_), "exponential 1"), (-_E * pi(I_), "exp 0"),
                     (_RATIO * _E, "responsibilities"), (_E, "weights"),
                     (-2 * _E, "weight"))),
             ("density 2", "exponential 2", "density 1", "exponential 1", "exp 0",
              "responsibilities", "weights", "weight")),
        Step("odds", "p/q divided out", equal(_P, _E * (1 - _P)),
             Cancel("p/q > 0", "odds times p/q"), ("p/q > 0", "odds times p/q")),
        Step("p > 0", "a responsibility", positive(_P), Axiom("responsibility", (V, K, X))),
        Step("psi_1 > 0", "a responsibility", positive(p1), Axiom("responsibility", (V, I_, X))),
        Step("1 - p > 0", "the other one", positive(1 - _P), Combination(((1, ("psi_1 > 0",)),)),
             ("psi_1 > 0", "responsibilities")),
        Step("s and exp", "the exponential grows", nonnegative(2 * _S * (_E - exponential(0))),
             ExponentialOrder(2 * _S, number(0))),
        Step("s tanh s", "(1 - p)(exp(2s) - 1) = 2p - 1", nonnegative(_S * _TANH),
             Combination(((HALF, ("s and exp", "1 - p > 0")),)),
             ("s and exp", "1 - p > 0", "odds", "exp 0")),
        Step("E p > 0", "a mean", positive(_ONE), Average((TEACHER,)), ("p > 0",)),
        Step("1/E p", "its reciprocal", equal(_ONE * _I, 1), Reciprocal(), ("E p > 0",)),
        Step("(1/E p)^2", "a square", nonnegative(_I**2), Combination((), ((1, _I),))),
        Step("1/E p >= 0", "E p (1/E p)^2", nonnegative(_I),
             Combination(((1, ("E p > 0", "(1/E p)^2")),)), ("E p > 0", "(1/E p)^2", "1/E p")),
    )  # fmt: skip


def _parts_steps(gaussian_term: bool) -> tuple[Step, ...]:
    """Stein's identity along v_2, of ``p s`` and of ``p tanh s``."""
    along = total(entry(X, A) * v(V, K, A), A)
    slope = total((v(V, K, A) - m(V, X, A)) * v(V, K, A), A)
    known = _A2 * (1 - _P)
    moved = 2 * _S + HALF * _A2
    inverse_square = inverse(_A2)
    gaussian = _U * q if gaussian_term else number(0)

    def parts(name: str, f: Term, rest: Term, change: Term) -> tuple[Step, ...]:
        """``E[x.v_2 f] = E[change slope + rest]``."""
        return (
            Step(f"Stein {name}", "along v_2",
                 equal(mean_q(along * f), mean_q(change * slope + rest)), Derived()),
            Step(f"left {name}", "x.v_2 = 2s + a^2/2",
                 equal(mean_q(along * f), mean_q(moved * f)),
                 Contracted("x.v_2", f, (TEACHER,)), ("x.v_2",)),
            Step(f"right {name}", "(v_2 - m).v_2 = a^2 (1 - p)",
                 equal(mean_q(change * slope), mean_q(change * known)),
                 Contracted("slope", change, (TEACHER,)), ("slope",)),
        )  # fmt: skip

    def names(name: str) -> tuple[str, str, str]:
        return f"left {name}", f"Stein {name}", f"right {name}"

    def factors(c: int, name: str) -> tuple[tuple[int, str], ...]:
        return tuple(zip((c, -c, -c), names(name), strict=True))

    return (
        Step("x.v_2", "by definition", equal(along, moved), Derived()),
        Step("slope", "m = p v_2", equal(slope, known), Contracted("m", -v(V, K, A), (A,)), ("m",)),
        *parts("s", _P * _S, HALF * _A2 * _P, _P * _S),
        *parts("tanh", _P * _TANH, number(0), _P * _TANH + 2 * _P * _P),
        Step("means with s", "with tanh s = 2p - 1", equal(_A2 * _ONE, _A2 * _T + 4 * _Q),
             Linear(factors(2, "s")), names("s")),
        Step("means with tanh", "with sech^2 s = 4p(1 - p)",
             equal(4 * _T, _A2 * (2 * _R - _ONE)), Linear(factors(-2, "tanh")), names("tanh")),
        Step("a > 0", "its square", positive(_A2), Combination(((1, ("apart",)),)), ("apart",)),
        Step("1/a^2", "its reciprocal", equal(_A2 * inverse_square, 1), Reciprocal(), ("a > 0",)),
        *(Step(f"law of {name}", "by definition", equal(law, mean * _I), Derived())
          for name, law, mean in (("r", r, _R), ("q", q, _Q), ("t", t, _T), ("z", z, _Z))),
        Step("parts with s", "the derivative of s w(s) has mean zero", equal(1, t + gaussian),
             Linear(((_I * inverse_square, "means with s"),
                     ((_T - _ONE) * _I, "1/a^2"), (-1, "1/E p"), (-1, "law of t"),
                     (-_U, "law of q"))),
             ("means with s", "1/a^2", "1/E p", "law of t", "law of q")),
        Step("parts with tanh", "the derivative of tanh(s) w(s) has mean zero",
             equal(2 * r - 1, _U * t),
             Linear(((-_I * inverse_square, "means with tanh"),
                     ((_ONE - 2 * _R) * _I, "1/a^2"), (1, "1/E p"), (2, "law of r"),
                     (-_U, "law of t"))),
             ("means with tanh", "1/a^2", "1/E p", "law of r", "law of t")),
    )  # fmt: skip


def _law_steps(slow: Fraction, least: Fraction) -> tuple[Step, ...]:
    """``1/2 <= r <= 1`` and ``-1 <= a r'/r <= 0``."""
    return (
        Step("(1/a^2)^2", "a square", nonnegative(inverse(_A2) ** 2),
             Combination((), ((1, inverse(_A2)),))),
        Step("u >= 0", "4/a^2", nonnegative(_U), Combination(((4, ("a > 0", "(1/a^2)^2")),)),
             ("a > 0", "(1/a^2)^2", "1/a^2")),
        Step("t at x", "s tanh s is nowhere negative", nonnegative(_P * (_S * _TANH)),
             Combination(((1, ("p > 0", "s tanh s")),)), ("p > 0", "s tanh s")),
        Step("E t", "averaged", nonnegative(_T), Average((TEACHER,)), ("t at x",)),
        Step("t >= 0", "divided by E p", nonnegative(t),
             Combination(((1, ("E t", "1/E p >= 0")),)), ("E t", "1/E p >= 0", "law of t")),
        Step("s^2 >= 0", "a square", nonnegative(_S**2), Combination((), ((1, _S),))),
        Step("z at x", "a square", nonnegative(_P * (_S * _S * _SECH)),
             Combination(((4, ("p > 0", "p > 0", "1 - p > 0", "s^2 >= 0")),)),
             ("p > 0", "1 - p > 0", "s^2 >= 0")),
        Step("E z", "averaged", nonnegative(_Z), Average((TEACHER,)), ("z at x",)),
        Step("z >= 0", "divided by E p", nonnegative(z),
             Combination(((1, ("E z", "1/E p >= 0")),)), ("E z", "1/E p >= 0", "law of z")),
        Step("tanh^2 >= 0", "a square", nonnegative(_TANH**2), Combination((), ((1, _TANH),))),
        Step("r at x", "1 - sech^2 = tanh^2", at_most(_P * _SECH, _P),
             Combination(((1, ("p > 0", "tanh^2 >= 0")),)), ("p > 0", "tanh^2 >= 0")),
        Step("E r", "averaged", at_most(_R, _ONE), Average((TEACHER,)), ("r at x",)),
        Step("r from above", "divided by E p", at_most(r, 1),
             Combination(((1, ("E r", "1/E p >= 0")),)),
             ("E r", "1/E p >= 0", "law of r", "1/E p")),
        Step("r from below", "2r - 1 = u t", at_most(least, r),
             Combination(((HALF, ("u >= 0", "t >= 0")), (HALF - least, ()))),
             ("u >= 0", "t >= 0", "parts with tanh")),
        *_chebyshev_steps(),
        Step("a r'", "by definition", equal(_SPEED, _U * (z - q * r)), Derived()),
        Step("r falls", "a r' = -u (q r - z)", at_most(_SPEED, 0),
             Combination(((1, ("u >= 0", "covariance")),)), ("u >= 0", "covariance", "a r'")),
        Step("r >= 0", "r is above a positive number", nonnegative(r),
             Combination(((1, ("r from below",)), (least, ()))), ("r from below",)),
        Step("r falls slowly", "a r' + r = u z + r t, since u q = 1 - t: a r'/r >= -1",
             at_most(-slow * r, _SPEED),
             Combination(((1, ("u >= 0", "z >= 0")), (1, ("r >= 0", "t >= 0")),
                          (slow - 1, ("r >= 0",)))),
             ("u >= 0", "z >= 0", "r >= 0", "t >= 0", "a r'", "parts with s")),
    )  # fmt: skip


def _chebyshev_steps() -> tuple[Step, ...]:
    """Chebyshev's covariance inequality, proved by two independent points x and y."""
    here = {X: Y}
    p, s_, e = _P, _S, _E
    p_y, s_y, e_y = (replaced(f, here) for f in (p, s_, e))
    tanh_y = replaced(_TANH, here)
    both = exponential(2 * s_ + 2 * s_y)
    product = (s_**2 - s_y**2) * (_TANH**2 - tanh_y**2)
    return (
        Step("odds at y", "likewise", equal(p_y, e_y * (1 - p_y)), Instance(here), ("odds",)),
        Step("p > 0 at y", "likewise", positive(p_y), Instance(here), ("p > 0",)),
        Step("1 - p > 0 at y", "likewise", positive(1 - p_y), Instance(here), ("1 - p > 0",)),
        Step("exp of a sum", "a product", equal(both, e * e_y),
             Axiom("exponential of a sum", (2 * s_, 2 * s_y))),
        Step("differences and exp", "the exponential grows",
             nonnegative((2 * s_ - 2 * s_y) * (e - e_y)), ExponentialOrder(2 * s_, 2 * s_y)),
        Step("sums and exp", "the exponential grows",
             nonnegative((2 * s_ + 2 * s_y) * (both - exponential(0))),
             ExponentialOrder(2 * s_ + 2 * s_y, number(0))),
        Step("p - p_y", "(1 - p)(1 - p_y)(exp(2s) - exp(2 s_y))",
             equal(p - p_y, (1 - p) * (1 - p_y) * (e - e_y)),
             Linear(((1 - p_y, "odds"), (p - 1, "odds at y"))), ("odds", "odds at y")),
        Step("p + p_y", "(1 - p)(1 - p_y)(exp(2s + 2 s_y) - 1)",
             equal(p + p_y - 1, (1 - p) * (1 - p_y) * (both - 1)),
             Linear(((p_y, "odds"), (e * (1 - p), "odds at y"),
                     (-(1 - p) * (1 - p_y), "exp of a sum"))),
             ("odds", "odds at y", "exp of a sum")),
        Step("differences", "tanh rises", nonnegative((s_ - s_y) * (p - p_y)),
             Combination(((HALF, ("differences and exp", "1 - p > 0", "1 - p > 0 at y")),)),
             ("differences and exp", "1 - p > 0", "1 - p > 0 at y", "p - p_y")),
        Step("sums", "tanh is odd", nonnegative((s_ + s_y) * (p + p_y - 1)),
             Combination(((HALF, ("sums and exp", "1 - p > 0", "1 - p > 0 at y")),)),
             ("sums and exp", "1 - p > 0", "1 - p > 0 at y", "p + p_y", "exp 0")),
        Step("pairs", "s^2 rises with |s|, sech^2 falls", nonnegative(p * p_y * product),
             Combination(((4, ("differences", "sums", "p > 0", "p > 0 at y")),)),
             ("differences", "sums", "p > 0", "p > 0 at y")),
        Step("means over pairs", "averaged over x and y", at_most(2 * _ONE * _Z, 2 * _Q * _R),
             Average((Over(Y, "mean_teacher"), TEACHER)), ("pairs",)),
        Step("covariance", "divided by the square of E p", at_most(z, q * r),
             Combination(((HALF, ("means over pairs", "(1/E p)^2")),)),
             ("means over pairs", "(1/E p)^2", "law of r", "law of q", "law of z", "1/E p")),
    )  # fmt: skip


_PREMISES = ("two components", "weight", "at the truth")


def _equation_steps(least: Fraction) -> tuple[Step, ...]:
    """Stationary points of the slice are the roots of ``(a^2/4) r = 1``."""
    gradient, place = _RUN.gradient, v(V, K, A)
    plain = _ONE - QUARTER * _A2 * _R
    return (
        *(Step(f"(C) for {name}", "both gradients are g(a) u",
               equal(gradient(V, j, A), plain * place),
               Asked("slice gradient", (_SLICE, j, A), "symbolic identity"), _PREMISES)
          for name, j in (("1", I_), ("2", K))),
        Step("no gradient", "of the second mean", equal(gradient(V, K, A), 0), Specialise((K, A)),
             ("stationary",)),
        Step("g v_2 = 0", "stationary", equal(plain * place, 0),
             Linear(((1, "no gradient"), (-1, "(C) for 2"))), ("no gradient", "(C) for 2")),
        Step("a^2 g = 0", "times v_2", equal(_A2 * plain, 0), Contracted("g v_2 = 0", place, (A,)),
             ("g v_2 = 0",)),
        Step("g = 0", "a^2 divided out", equal(plain, 0), Cancel("a > 0", "a^2 g = 0"),
             ("a > 0", "a^2 g = 0")),
        Step("equation", "(a^2/4) r = 1", equal(_A2 * r, 4),
             Linear(((_A2, "law of r"), (-4 * _I, "g = 0"), (4, "1/E p"))),
             ("law of r", "g = 0", "1/E p")),
        Step("g at a root", "(a^2/4) r = 1", equal(plain, 0),
             Linear(((-QUARTER * _ONE, "root of g"), (QUARTER * _A2 * _ONE, "law of r"),
                     (QUARTER * _A2 * _R, "1/E p"))),
             ("root of g", "law of r", "1/E p")),
        *(Step(f"converse {name}", "then the gradient vanishes", equal(gradient(V, j, A), 0),
               Linear(((1, f"(C) for {name}"), (place, "g at a root"))),
               (f"(C) for {name}", "g at a root"))
          for name, j in (("1", I_), ("2", K))),
        Step("range below", "r <= 1", at_most(4, _A2),
             Combination(((1, ("a > 0", "r from above")),)), ("a > 0", "r from above", "equation")),
        Step("range above", "r >= 1/2", at_most(least * _A2, 4),
             Combination(((1, ("a > 0", "r from below")),)), ("a > 0", "r from below", "equation")),
    )  # fmt: skip


def _order_steps() -> tuple[Step, ...]:
    """``r`` falls and ``a r`` rises along the slice, so ``a^2 r`` rises strictly."""
    a, b = root(_SLICE.square), root(_OTHER.square)
    r_w = law_r(W, K)
    w2 = square(W, K)
    uses = (*_PREMISES, "at the truth in W", "apart", "order")
    return (
        Step("falls", "at every a > 0", at_most(_SLICE.change, 0),
             Combination(((1, ("r falls",)),)), ("r falls",)),
        Step("rises", "at every a > 0", at_most(-1 * _SLICE.ratio, _SLICE.change),
             Combination(((1, ("r falls slowly",)),)), ("r falls slowly",)),
        Step("r at V and W", "r falls", at_most(r_w, r),
             Asked("slice order", (_SLICE, W, "falls"), "symbolic identity", ("falls",)),
             ("falls", *uses)),
        Step("a r at V and W", "a r rises", at_most(a * r, b * r_w),
             Asked("slice order", (_SLICE, W, "rises"), "symbolic identity", ("rises",)),
             ("rises", *uses)),
        Step("a^2 >= 0", "a sum of squares", nonnegative(_A2),
             Squares((Square(v(V, K, A), (A,)),))),
        Step("root of a^2", "a", equal(a**2, _A2), RootOf(_SLICE.square), ("a^2 >= 0",)),
        Step("a >= 0", "a root", nonnegative(a), RootOf(_SLICE.square), ("a^2 >= 0",)),
        Step("root of a^2 in W", "likewise", equal(b**2, w2), Instance({V: W}), ("root of a^2",)),
        Step("a >= 0 in W", "likewise", nonnegative(b), Instance({V: W}), ("a >= 0",)),
        Step("equation in W", "likewise", equal(w2 * r_w, 4),
             Instantiated({V: W}, "equation"), ("equation",)),
        Step("a (b - a) r", "b (b r_W) = 4 = a (a r)", nonnegative(4 * a * (a - b)),
             Combination(((1, ("a >= 0 in W", "a r at V and W", "a^2 >= 0")),)),
             ("a >= 0 in W", "a r at V and W", "a^2 >= 0", "root of a^2", "root of a^2 in W",
              "equation", "equation in W")),
        Step("a^2 (a - b)", "a product", nonnegative(_A2 * (a - b)),
             Combination(((QUARTER, ("a >= 0", "a (b - a) r")),)),
             ("a >= 0", "a (b - a) r", "root of a^2")),
        Step("b <= a", "a^2 divided out", at_most(b, a), Cancel("a > 0", "a^2 (a - b)"),
             ("a > 0", "a^2 (a - b)")),
        Step("not above", "if a <= b then b <= a", at_most(w2, _A2),
             Combination(((1, ("b <= a", "a >= 0")), (1, ("b <= a", "a >= 0 in W")))),
             ("b <= a", "a >= 0", "a >= 0 in W", "root of a^2", "root of a^2 in W")),
        Step("below", "the other case", at_most(w2, _A2), Combination(((1, ("disorder",)),)),
             ("disorder",)),
        Step("W is not beyond V", "in both cases", at_most(w2, _A2),
             Cases(_SLICE.square, _OTHER.square, "not above", "below"), ("not above", "below")),
        Step("V is not beyond W", "likewise", at_most(_A2, w2), Instance({V: W, W: V}),
             ("W is not beyond V",)),
        Step("difference", "of the squares", equal(w2 - _A2, 0), Vanishes(w2 - _A2),
             ("W is not beyond V", "V is not beyond W")),
        Step("one root", "any two stationary points are at the same distance", equal(w2, _A2),
             Linear(((1, "difference"),)), ("difference",)),
    )  # fmt: skip


def _root_steps(low: Fraction, high: Fraction, least: Fraction) -> tuple[Step, ...]:
    """Existence and digits."""
    outside = _SLICE.outside(*enclosure(low, high, DIGITS))
    return (
        Step("digits", "the root in balls", at_most(outside, 0),
             Asked("slice root", (_SLICE, "digits", low, high, DIGITS)),
             (*_PREMISES, "g = 0", "from below", "from above")),
        Step("range from below", "the searched range", at_most(low**2, _SLICE.square),
             Combination(((1, ("range below",)), (4 - low**2, ()))), ("range below",)),
        Step("range from above", "the searched range", at_most(_SLICE.square, high**2),
             Combination(((1 / least, ("range above",)), (high**2 - 4 / least, ()))),
             ("range above",)),
        Step("enclosed", "a stationary point lies between the ends", at_most(outside, 0),
             Discharge("digits", ("range from below", "range from above")),
             ("digits", "range from below", "range from above")),
        Step("existence", "it is absurd that none does", at_most(1, 0),
             Asked("slice root", (_SLICE, "exists", low, high, DIGITS)),
             ("two components", "weight", "no root")),
    )  # fmt: skip
