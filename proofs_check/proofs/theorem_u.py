"""Theorem U: on the slice (0, a u) there is exactly one stationary point besides the truth."""

from __future__ import annotations

from fractions import Fraction

import sympy

from derive.slices.slice_law import MOMENTS, S
from proofs_check.proofs.law_rules import (
    ByParts,
    Chebyshev,
    EnclosedRoot,
    IntermediateValue,
    MeanDerivative,
    MeanSign,
)
from proofs_check.proofs.proof import Hypothesis, Proof, Step
from proofs_check.proofs.quantities import Expression, Glossary, at_most, equal, nonnegative
from proofs_check.proofs.rules import Combination, Replayed


def theorem_u(
    *,
    slowest: Expression = 1,
    least_ratio: Expression = Fraction(1, 2),
    gaussian_term: bool = True,
    root: tuple[str, str] = ("2", "2829/1000"),
) -> Proof:
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
    >>> from proofs_check.proofs.proof import replay
    >>> replay(theorem_u(least_ratio=Fraction(101, 200))).failed[0].step.name
    'r from below'
    """
    words = Glossary()
    u = words.parameter("u", "4/a^2", "u")
    r = words.parameter("r", f"mean of {MOMENTS['r']}: E sech^3(ay/2)/E sech(ay/2)", "r")
    q = words.parameter("q", f"mean of {MOMENTS['q']}", r"\langle s^2\rangle")
    t = words.parameter("t", f"mean of {MOMENTS['t']}", r"\langle s\tanh s\rangle")
    z = words.parameter("z", f"mean of {MOMENTS['z']}", r"\langle s^2\,\mathrm{sech}^2s\rangle")
    speed = words.parameter("a r'", "a times the derivative of r in a", "a\\,r'")
    means = {r: "r", q: "q", t: "t", z: "z"}
    slow, least = sympy.sympify(slowest), sympy.sympify(least_ratio)
    lower = least + (1 - slow) * least
    hypotheses = (
        Hypothesis("u >= 0", nonnegative(u), "u = 4/a^2 is positive", by_definition=True),
    )
    steps = (
        Step("(C)", "both gradients are g(a) u, with g as in equation (C)", None,
             Replayed("slice-0-a")),
        Step("law", "g(a) = 0 iff (a^2/4) r = 1; the law's dependence on a", None,
             Replayed("slice-law")),
        Step("derivative of r", "differentiated under the integral: a covariance",
             equal(speed, u * (z - q * r)), MeanDerivative(speed, r, q, z, means, u)),
        Step("parts with s", "the derivative of s w(s) has mean zero",
             equal(1, t + (u * q if gaussian_term else 0)), ByParts(S, means, u)),
        Step("parts with tanh", "the derivative of tanh(s) w(s) has mean zero",
             equal(2 * r - 1, u * t), ByParts(sympy.tanh(S), means, u)),
        Step("t >= 0", "s tanh s is nowhere negative", nonnegative(t), MeanSign(means, u)),
        Step("z >= 0", "a square", nonnegative(z), MeanSign(means, u)),
        Step("r from above", "1 - sech^2 = tanh^2", at_most(r, 1), MeanSign(means, u)),
        Step("r from below", "2r - 1 = u t", at_most(least, r),
             Combination(((Fraction(1, 2), ("u >= 0", "t >= 0")),
                          (Fraction(1, 2) - least, ()))),
             ("u >= 0", "t >= 0", "parts with tanh")),
        Step("covariance", "s^2 rises with |s|, sech^2 falls", at_most(z, q * r),
             Chebyshev(z, q, r, means, u)),
        Step("r falls", "a r' = -u (q r - z)", at_most(speed, 0),
             Combination(((1, ("u >= 0", "covariance")),)),
             ("u >= 0", "covariance", "derivative of r")),
        Step("r >= 0", "r is above a positive number", nonnegative(r),
             Combination(((1, ("r from below",)), (least, ()))), ("r from below",)),
        Step("r falls slowly", "a r' + r = u z + r t, since u q = 1 - t: a r'/r >= -1",
             at_most(-slow * r, speed),
             Combination(((1, ("u >= 0", "z >= 0")), (1, ("r >= 0", "t >= 0")),
                          (slow - 1, ("r >= 0",)))),
             ("u >= 0", "z >= 0", "r >= 0", "t >= 0", "derivative of r", "parts with s")),
        Step("a^2 r rises", "a (a^2 r)' = a^2 (2r + a r') >= a^2 r",
             at_most(lower, 2 * r + speed),
             Combination(((1, ("r falls slowly",)), (2 - slow, ("r from below",)))),
             ("r falls slowly", "r from below")),
        Step("one root", "a^2 r/4 is continuous and strictly increasing on a > 0, at most 1 where "
             "u = 1 (a = 2), at least 1 where u = 1/2 (a = 2 sqrt 2): exactly one root",
             None,
             IntermediateValue("a^2 r rises", "r from above", "r from below", r, speed, least, 1),
             ("a^2 r rises", "r from above", "r from below")),
        Step("digits", "the root in balls", None, EnclosedRoot("0,a", *root)),
    )  # fmt: skip
    return Proof(
        "U",
        "The stationary point on the slice (0, a u) is unique",
        "two components, equal weights, v = (0, a u), a > 0: grad L = 0 iff (a^2/4) r(a) = 1, "
        "r = E sech^3(ay/2)/E sech(ay/2); a r'/r lies in [-1, 0] and 1/2 <= r <= 1, so a^2 r "
        "increases strictly and there is exactly one such a, in [2, 2 sqrt 2]",
        r"\nabla L(0,au)=0\iff\tfrac{a^2}4r(a)=1,\quad -1\le\frac{a\,r'}r\le0,\quad "
        r"\tfrac12\le r\le1",
        "derived for this project (brief, Theorem U)",
        "n = 2, uniform weights, all d, all a > 0",
        words,
        hypotheses,
        steps,
        ("r falls", "r falls slowly", "r from above", "r from below", "one root", "digits"),
        ("used as calculus, not cited: differentiation under the integral, integration by parts, "
         "the intermediate value theorem",),
    )  # fmt: skip
