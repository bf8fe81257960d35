"""Beyond the radius rho: ``beta - nu`` grows, so the component is pushed away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from proofs_check.proofs.cluster_tactics import Row, shown
from proofs_check.proofs.far_words import (
    AXIS,
    B_J,
    BETA,
    FLOOR,
    HALF,
    KAPPA,
    LOG_TWO,
    TWICE_PHI,
    norm,
    norm_square,
    nu_at,
    radial,
    rate_parts,
)
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.kernel.terms import number
from proofs_check.proofs.lemma_far import lemma_far
from proofs_check.proofs.level_words import LOG_J, OMEGA, RATIO, RHO, ROOT, beta_at
from proofs_check.proofs.tactics.arithmetic import Reciprocal
from proofs_check.proofs.tactics.averages import Average
from proofs_check.proofs.tactics.bounds import Generalise, RootOf
from proofs_check.proofs.tactics.exponentials import (
    ExponentialGrows,
    ExponentialPositive,
    ExponentialSign,
    LogarithmBound,
    NoOdds,
)
from proofs_check.proofs.tactics.language import (
    D_,
    I_,
    J,
    K,
    Number,
    V,
    X,
    at_most,
    below,
    delta,
    entry,
    equal,
    every,
    exponential,
    inverse,
    nonnegative,
    pi,
    positive,
    root,
)
from proofs_check.proofs.tactics.script import Hypothesis, Step
from proofs_check.proofs.tactics.steps import (
    TEACHER,
    Axiom,
    Combination,
    Derived,
    Lemma,
    Specialise,
    Square,
    Squares,
)

A2, R = norm_square(V, J), norm(V, J)
NEAR, AT = inverse(RHO), inverse(R)
NU_AT = {r: nu_at(r, RATIO) for r in (R, RHO)}
_ONE = number(1)


def radius_hypotheses(share: Number = Fraction(1, 8)) -> tuple[Hypothesis, ...]:
    """``rho > 0``, ``sqrt L_0 <= rho``, ``nu_j(rho) < beta_j(rho)``."""
    return (
        Hypothesis("log 2", equal(exponential(LOG_TWO), 2), "s = log 2"),
        Hypothesis("rho > 0", positive(RHO), "a radius"),
        Hypothesis("rho >= sqrt(L_0)", at_most(ROOT, RHO), "beyond the loss"),
        Hypothesis("rho", below(NU_AT[RHO], beta_at(RHO, share)), "nu_j < beta_j at rho"),
    )


def log_weight_steps() -> tuple[Step, ...]:
    """``omega, u, omega - u >= 0``, and ``pi_j <= exp(omega - u) pi_k``."""
    ratio = exponential(RATIO)
    return (
        Step("pi_j > 0", "a weight", positive(pi(J)), Axiom("weight", (J,))),
        Step("pi_j <= 1", "the others are positive", at_most(pi(J), 1),
             Squares((Square(_ONE, (I_,), 1, (pi(I_), 1 - delta(I_, J))),))),
        Step("exp(0)", "a number", equal(exponential(number(0)), 1), NoOdds()),
        Step("pi_j and omega", "for k = j", at_most(1, exponential(OMEGA) * pi(J)),
             Specialise((J,)), ("weights",)),
        shown("exp(omega) >= 1", "pi_j <= 1", at_most(1, exponential(OMEGA)),
              (1, ("pi_j and omega",)), (1, ("exp(omega) >= 0", "pi_j <= 1"))),
        Step("omega >= 0", "its logarithm", nonnegative(OMEGA), LogarithmBound("exp(omega) >= 1"),
             ("exp(omega) >= 1", "exp(0)")),
        Step("exp(u) >= 0", "an exponential", nonnegative(exponential(LOG_J)), ExponentialSign()),
        shown("exp(u) >= 1", "pi_j <= 1", at_most(1, exponential(LOG_J)),
              (1, ("exp(u) >= 0", "pi_j <= 1")), using=("u",)),
        Step("u >= 0", "its logarithm", nonnegative(LOG_J), LogarithmBound("exp(u) >= 1"),
             ("exp(u) >= 1", "exp(0)")),
        Step("exp(omega)", "of a sum", equal(exponential(OMEGA), exponential(LOG_J) * ratio),
             Axiom("exponential of a sum", (LOG_J, RATIO))),
        Step("exp(omega - u)", "times pi_j", equal(ratio, exponential(OMEGA) * pi(J)), Derived(),
             ("exp(omega)", "u")),
        shown("exp(omega - u) >= 1", "pi_j exp(omega)", at_most(1, ratio),
              (1, ("pi_j and omega",)), using=("exp(omega - u)",)),
        Step("omega - u >= 0", "its logarithm", nonnegative(RATIO),
             LogarithmBound("exp(omega - u) >= 1"), ("exp(omega - u) >= 1", "exp(0)")),
        shown("pi_j and pi_k", "pi_j times 1 <= exp(omega) pi_k", at_most(pi(J), ratio * pi(K)),
              (1, ("pi_j > 0", "pi_k and omega")), using=("exp(omega - u)",)),
        Step("kappa", "for every k", every(at_most(pi(J), ratio * pi(K)), K), Generalise((K,)),
             ("pi_j and pi_k",)),
    )  # fmt: skip


@dataclass(frozen=True)
class Bracket:
    """A bound of ``B_j`` from below that grows with ``|v_j|`` from an edge on.

    Attributes
    ----------
    at : callable
        ``beta_j`` of a radius: ``share`` times the square of its distance from the edge, less what
        does not depend on it.
    share : number
    edge : str
        Premise: the edge is at most rho.
    room : tuple of rows
        What is left of ``8 beta_j(rho)`` in ``rho^2 - d - 4``.
    """

    at: Callable[[Term], Term]
    share: Number
    edge: str
    room: tuple[Row, ...]


def level_bracket(share: Number = Fraction(1, 8)) -> Bracket:
    """The bound by the level of the loss."""
    return Bracket(
        lambda r: beta_at(r, share),
        share,
        "rho >= sqrt(L_0)",
        (
            (4, ("L_0 >= 0",)), (4, ("omega >= 0",)), (2, ("sqrt(d L_0) >= 0",)),
            (8, ("gamma >= 0",)), (1, ("sqrt(L_0) >= 0", "rho >= sqrt(L_0)")),
            (1, ("sqrt(L_0) >= 0", "rho > 0")),
        ),
    )  # fmt: skip


def growing_steps(bracket: Bracket) -> tuple[Step, ...]:
    """Beyond rho ``beta_j - nu_j`` grows with ``|v_j|``, and ``|v_j|^2 >= d + 4``."""
    here, there = rate_parts(R, RATIO), rate_parts(RHO, RATIO)
    weight, axis = inverse(pi(J)), entry(X, AXIS)
    beta, share = bracket.at, Fraction(bracket.share)
    return (
        Step("x_b^2 >= 0", "a square", nonnegative(axis**2), Combination((), ((1, axis),))),
        Step("|x_b| >= 0", "a root", nonnegative(root(axis**2)), RootOf(axis**2), ("x_b^2 >= 0",)),
        Step("2 phi(0) >= 0", "2 phi(0) = E_q|x_b|", nonnegative(TWICE_PHI),
             Average((TEACHER,)), ("|x_b| >= 0",)),
        Step("1/pi_j", "the reciprocal", equal(pi(J) * weight, 1), Reciprocal(), ("pi_j > 0",)),
        shown("1/pi_j >= 0", "positive", nonnegative(weight), (1, ("pi_j > 0",), (weight,)),
              using=("1/pi_j",)),
        shown("|v_j| > 0", "beyond rho", positive(R), (1, ("beyond",)), (1, ("rho > 0",))),
        Step("1/rho", "the reciprocal", equal(RHO * NEAR, 1), Reciprocal(), ("rho > 0",)),
        Step("1/|v_j|", "the reciprocal", equal(R * AT, 1), Reciprocal(), ("|v_j| > 0",)),
        shown("1/rho >= 0", "positive", nonnegative(NEAR), (1, ("rho > 0",), (NEAR,)),
              using=("1/rho",)),
        shown("1/|v_j| >= 0", "positive", nonnegative(AT), (1, ("|v_j| > 0",), (AT,)),
              using=("1/|v_j|",)),
        shown("reciprocals", "the reciprocal falls", at_most(AT, NEAR),
              (1, ("1/rho >= 0", "1/|v_j| >= 0", "beyond")), using=("1/rho", "1/|v_j|")),
        shown("cubes", "the same", at_most(AT**3, NEAR**3),
              (1, ("reciprocals",), (NEAR,)), (1, ("reciprocals", "1/rho >= 0", "1/|v_j| >= 0")),
              (1, ("reciprocals",), (AT,))),
        shown("fifth powers", "the same", at_most(AT**5, NEAR**5),
              (1, ("cubes",), (NEAR,)),
              (1, ("reciprocals", "1/|v_j| >= 0", "1/rho >= 0"), (AT,)),
              (1, ("reciprocals", "1/|v_j| >= 0", "1/|v_j| >= 0"), (AT,))),
        shown("cube >= 0", "positive", nonnegative(NEAR**3), (1, ("1/rho >= 0",), (NEAR,))),
        shown("fifth power >= 0", "positive", nonnegative(NEAR**5),
              (1, ("1/rho >= 0",), (NEAR**2,))),
        shown("polynomials", "in the reciprocals", at_most(here[1], there[1]),
              (HALF, ("reciprocals",)), (1, ("omega - u >= 0", "cubes")), (HALF, ("cubes",)),
              (3, ("fifth powers",))),
        shown("polynomial >= 0", "positive", nonnegative(there[1]),
              (HALF, ("1/rho >= 0",)), (1, ("omega - u >= 0", "cube >= 0")),
              (HALF, ("cube >= 0",)), (3, ("fifth power >= 0",))),
        shown("squares", "of the radii", at_most(RHO**2, R**2),
              (1, ("beyond", "beyond")), (2, ("beyond", "rho > 0"))),
        shown("exponents", "the larger square", at_most(_exponent(R), _exponent(RHO)),
              (Fraction(1, 4), ("squares",))),
        Step("decays", "the exponential grows", at_most(here[0], there[0]), ExponentialGrows(),
             ("exponents",)),
        Step("decay > 0", "an exponential", positive(here[0]), ExponentialPositive()),
        Step("decay at rho > 0", "an exponential", positive(there[0]), ExponentialPositive()),
        shown("nu falls", "all factors", at_most(NU_AT[R], NU_AT[RHO]),
              (1, ("2 phi(0) >= 0", "1/pi_j >= 0", "decays", "polynomial >= 0")),
              (1, ("2 phi(0) >= 0", "1/pi_j >= 0", "decay > 0", "polynomials"))),
        shown("nu >= 0", "all factors", nonnegative(NU_AT[RHO]),
              (1, ("2 phi(0) >= 0", "1/pi_j >= 0", "decay at rho > 0", "polynomial >= 0"))),
        shown("beta grows", "beyond sqrt L_0", at_most(beta(RHO), beta(R)),
              (share, ("beyond", "beyond")), (2 * share, ("beyond", bracket.edge))),
        shown("beta at rho > 0", "nu >= 0", positive(beta(RHO)),
              (1, ("rho",)), (1, ("nu >= 0",))),
        shown("beta >= 0", "it grows", nonnegative(beta(R)),
              (1, ("beta at rho > 0",)), (1, ("beta grows",))),
        shown("rho^2", "beta > 0 needs that rho is far from the edge", at_most(D_ + 4, RHO**2),
              (8, ("beta at rho > 0",)), (3, ("d >= 1",)), (7, ()), *bracket.room),
        shown("far", "beyond rho", at_most(D_ + 4, A2), (1, ("rho^2",)), (1, ("squares",)),
              using=("|v_j| and its square",)),
        shown("margin", "beta - nu grows", at_most(margin(RHO, bracket), margin(R, bracket)),
              (1, ("beta grows",)), (1, ("nu falls",))),
        shown("margin > 0", "at rho", positive(margin(RHO, bracket)), (1, ("rho",))),
    )  # fmt: skip


def _exponent(r: Term) -> Term:
    return rate_parts(r, RATIO)[0].args[0]


def margin(r: Term, bracket: Bracket) -> Term:
    """``beta_j(r) - nu_j(r)``."""
    return bracket.at(r) - NU_AT[r]


def outward_steps(bracket: Bracket) -> tuple[Step, ...]:
    """``v_j.grad_j L < 0`` beyond rho."""
    beta, values = bracket.at, {BETA: bracket.at(R), KAPPA: RATIO}
    gain = pi(J) * A2 * FLOOR
    return (
        Step("bracket at every x", "for every point", every(at_most(beta(R), B_J), X),
             Generalise((X,)), ("bracket",)),
        Step("lemma", "Lemma F'", at_most(gain * margin(R, bracket), -radial(V, J)),
             Lemma(lemma_far, "lemma", values),
             ("log 2", "kappa", "far", "beta >= 0", "bracket at every x")),
        shown("|v_j|^2 > 0", "the square", positive(A2), (1, ("|v_j| > 0", "|v_j| > 0")),
              using=("|v_j| and its square",)),
        Step("floor > 0", "an exponential", positive(FLOOR), ExponentialPositive()),
        shown("outward", "v_j moves away from the truth", below(radial(V, J), 0),
              (1, ("lemma",)), (1, ("pi_j > 0", "|v_j|^2 > 0", "floor > 0", "margin")),
              (1, ("pi_j > 0", "|v_j|^2 > 0", "floor > 0", "margin > 0"))),
    )  # fmt: skip
