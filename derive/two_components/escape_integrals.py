r"""Two components near and far: the forward gradient as two integrals over one logistic variable.

``v_1 = p + alpha u``, ``v_2 - v_1 = a u``, ``|u| = 1``, ``p`` perpendicular to ``u``; any weights,
``l = log(pi_2/pi_1)``. In the variable ``t = a (x.u - alpha) - a^2/2 + l`` the responsibility of
the second component is the logistic function ``sigma(t)`` whatever the parameters. With
``kappa = sigma (1 - sigma)``, ``eps = 1/a``, ``gamma = alpha eps`` and ``beta = 1/2 + gamma -
l eps^2``,

    N(x; 0, 1) dx = eps phi(a beta) exp(-beta t - eps^2 t^2/2) dt,      G = 2 a^2 phi(a beta),
    u.grad_2 L = G F,      u.(grad_1 L + grad_2 L) - 2 alpha = G Q,
    perpendicular part of grad_2 L = eps G Q p,      of grad_1 L - 2 p = -eps G Q p,

``F`` and ``Q`` the integrals of the polynomials `integrand` in ``gamma``, ``eps^2``, ``l``, ``t``,
``sigma`` and ``kappa`` against ``exp(-beta t - eps^2 t^2/2) dt``. Both are bounded in ``eps`` down
to ``eps = 0``, so that an unbounded range of ``a`` is a bounded one of ``eps`` (Lemma E).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import Any, Literal

import sympy

from derive.algebra.calculus import expand, single_teacher
from derive.algebra.index import is_dummy, labels_of
from derive.algebra.program import Assignment, Factor, Program, Term
from derive.algebra.run_program import run
from derive.losses.gradients import gradient_with_x
from derive.losses.objectives import FORWARD, Objective
from derive.steps.derivation import (
    Derivation,
    DerivationStep,
    Scope,
    StepKind,
    identity_step,
    rational,
)

Expression = Any
Name = Literal["F", "Q"]

ALPHA, P, T, LOG_ODDS, GAMMA = sympy.symbols("alpha p t log_odds gamma", real=True)
X, Y, Z = sympy.symbols("x y z", real=True)
A, EPS, SQUARE = sympy.symbols("a epsilon square", positive=True)
SIGMA, KAPPA = sympy.symbols("sigma kappa", positive=True)
#: What the integrands depend on beside the integration variable; ``square`` is ``eps^2``.
PARAMETERS = (SQUARE, GAMMA)


@lru_cache(maxsize=8)
def pair_gradient(objective: Objective = FORWARD) -> dict[tuple[int, ...], Expression]:
    """First form of the gradient's integrand at ``v_1 = (alpha, p, 0)``, ``v_2 = v_1 + a u``.

    The point is ``(x, y, z)``, the responsibilities are ``1 - sigma`` and ``sigma``. In more
    dimensions every further coordinate is like the third.

    Examples
    --------
    >>> sympy.factor(pair_gradient()[1, 1]).subs(SIGMA, 1)
    2*p
    """
    polynomial = expand(single_teacher(gradient_with_x(objective)))
    terms = tuple(
        Term(
            value,
            tuple(Factor(head, indices) for head, indices in key),
            tuple(sorted(label for label in labels_of(key) if is_dummy(label))),
        )
        for key, value in polynomial.terms.items()
    )
    statement = Assignment("output", ("j0", "a0"), terms)
    program = Program("pair-gradient", objective.base, (statement,))
    zero = sympy.Integer(0)
    means = ((ALPHA, P, zero), (ALPHA + A, P, zero))
    inputs = {
        "psi": lambda index: (1 - SIGMA, SIGMA)[index[0]],
        "v": lambda index: means[index[0]][index[1]],
        "x": lambda index: (X, Y, Z)[index[0]],
    }
    return run(program, {"j": 2, "a": 3}, inputs, zero)


def across(expression: Expression) -> Expression:
    """Average over ``y`` and ``z``, which are centred and independent of the responsibilities.

    Raises
    ------
    ValueError
        If the expression is not of degree one in them.
    """
    if sympy.Poly(expression, Y, Z).total_degree() > 1:
        raise ValueError("not linear in the coordinates perpendicular to the means' difference")
    return expression.subs({Y: 0, Z: 0})


def in_logistic_variable(expression: Expression) -> Expression:
    """Rewrite in ``t``, ``gamma``, ``eps`` and multiply by ``eps^3/2``, the factor of ``1/G``.

    Examples
    --------
    >>> in_logistic_variable(2 * A * (X - ALPHA - A / 2))
    epsilon**3*(-log_odds + t)
    """
    place = ALPHA + A / 2 + (T - LOG_ODDS) / A
    moved = expression.subs(X, place).subs(ALPHA, GAMMA * A).subs(A, 1 / EPS)
    return sympy.factor(sympy.cancel(moved * EPS**3 / 2))


def outward(objective: Objective = FORWARD) -> Expression:
    """``u.grad_2``, in the logistic variable."""
    return in_logistic_variable(pair_gradient(objective)[1, 0])


def pull(objective: Objective = FORWARD) -> Expression:
    """``u.(grad_1 + grad_2) - 2 alpha``, in the logistic variable."""
    gradient = pair_gradient(objective)
    return in_logistic_variable(gradient[0, 0] + gradient[1, 0] - 2 * ALPHA)


@lru_cache(maxsize=4)
def integrand(name: Name) -> Expression:
    """``F`` or ``Q`` as a product of polynomials.

    Every factor is collected in the parameters ``eps^2``, ``gamma``: what multiplies them depends
    on the node alone.

    Examples
    --------
    >>> integrand("Q")
    -gamma*kappa - kappa*sigma + sigma*square
    """
    found = sympy.expand({"F": outward, "Q": pull}[name]()).subs(EPS, sympy.sqrt(SQUARE))
    coefficient, factors = sympy.factor_list(found)
    node = coefficient
    moving = []
    for factor, power in factors:
        if factor.has(*PARAMETERS):
            moving += [factor] * power
        else:
            node *= factor**power
    # the factors sigma and 1 - sigma go to the longest one, where they make kappa
    moving.sort(key=lambda factor: (len(sympy.Add.make_args(sympy.expand(factor))), str(factor)))
    last = sympy.expand(node * moving[-1])
    return sympy.Mul(*(collected(factor) for factor in (*moving[:-1], last)))


def collected(factor: Expression) -> Expression:
    """Collect in the parameters, with ``sigma^2 = sigma - kappa`` in the coefficients.

    Examples
    --------
    >>> collected(SQUARE * SIGMA * (1 - SIGMA) + GAMMA * SIGMA)
    gamma*sigma + kappa*square
    """
    polynomial = sympy.Poly(sympy.expand(factor), *PARAMETERS)
    total = sympy.Integer(0)
    for monomial, coefficient in polynomial.terms():
        power = sympy.prod(x**k for x, k in zip(PARAMETERS, monomial, strict=True))
        reduced = sympy.rem(coefficient, SIGMA**2 - SIGMA + KAPPA, SIGMA)
        total += power * sympy.expand(reduced)
    return total


def lowered(name: Name) -> Program:
    """Lower `integrand` to a kernel: node statements ``node...``, then factors, then the output.

    Examples
    --------
    >>> [statement.target for statement in lowered("F").statements]
    ['nodeA', 'nodeB', 'nodeC', 'nodeD', 'factorA', 'factorB', 'output']
    """
    statements: list[Assignment] = []
    letters = iter("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    factors: list[str] = []
    whole = integrand(name)
    products = whole.args if isinstance(whole, sympy.Mul) else (whole,)
    bodies: list[tuple[Term, ...]] = []
    for factor in products:
        terms = []
        for monomial, coefficient in sympy.Poly(factor, *PARAMETERS).terms():
            node = f"node{next(letters)}"
            statements.append(Assignment(node, (), _terms(coefficient)))
            heads = _powers(dict(zip(PARAMETERS, monomial, strict=True)))
            terms.append(Term(Fraction(1), (*heads, Factor(node))))
        bodies.append(tuple(terms))
    for letter, body in zip("ABCDEFGH", bodies, strict=False):
        factors.append(f"factor{letter}")
        statements.append(Assignment(factors[-1], (), body))
    product = Term(Fraction(1), tuple(Factor(name) for name in factors))
    statements.append(Assignment("output", (), (product,)))
    return Program(f"escape/{name}", FORWARD.base, tuple(statements))


def _terms(coefficient: Expression) -> tuple[Term, ...]:
    variables = (T, SIGMA, KAPPA, LOG_ODDS)
    return tuple(
        Term(Fraction(int(value.p), int(value.q)), _powers(dict(zip(variables, key, strict=True))))
        for key, value in sympy.Poly(coefficient, *variables).terms()
    )


def _powers(exponents: dict[Expression, int]) -> tuple[Factor, ...]:
    return tuple(Factor(str(x)) for x, power in exponents.items() for _ in range(power))


def _restored(name: Name) -> Expression:
    """`integrand` with ``kappa`` and ``eps^2`` written out."""
    return integrand(name).subs({KAPPA: SIGMA * (1 - SIGMA), SQUARE: EPS**2})


def _exponent(place: Expression, centre: Expression) -> Expression:
    return place * centre - centre**2 / 2


def _identity(
    description: str,
    sides: tuple[str, str],
    left: Callable[[], Expression],
    right: Callable[[], Expression],
    kind: StepKind = "symbolic identity",
) -> DerivationStep:
    return identity_step(description, sides, left, right, kind=kind, simplify=rational)


def _variable_steps() -> tuple[DerivationStep, ...]:
    place = ALPHA + A / 2 + (T - LOG_ODDS) / A
    beta = sympy.Rational(1, 2) + ALPHA / A - LOG_ODDS / A**2
    return (
        _identity(
            "responsibilities: log(psi_2/psi_1) = log(pi_2/pi_1) + difference of the exponents; at "
            "the point x(t) it is t, so psi_2 = sigma(t)",
            ("l + x v_2 - v_2^2/2 - (x v_1 - v_1^2/2)", "t"),
            lambda: LOG_ODDS + _exponent(place, ALPHA + A) - _exponent(place, ALPHA),
            lambda: T,
            "substitution",
        ),
        _identity(
            "the Gaussian in the variable t: exponents",
            ("-x(t)^2/2", "-(a beta)^2/2 - beta t - eps^2 t^2/2"),
            lambda: -(place**2) / 2,
            lambda: -((A * beta) ** 2) / 2 - beta * T - T**2 / (2 * A**2),
            "substitution",
        ),
        _identity(
            "and dx = eps dt",
            ("dx/dt", "eps"),
            lambda: sympy.diff(place, T),
            lambda: 1 / A,
            "substitution",
        ),
    )


def _gradient_steps(objective: Objective) -> tuple[DerivationStep, ...]:
    def part(component: int, coordinate: int) -> Expression:
        return across(pair_gradient(objective)[component, coordinate])

    return (
        _identity(
            "outward component of grad_2 (first form, at x(t)), times eps^3/2",
            ("(eps^3/2) u.grad_2", f"F = {integrand('F')}"),
            lambda: in_logistic_variable(part(1, 0)),
            lambda: _restored("F"),
        ),
        _identity(
            "sum of both along u, less 2 alpha: x drops out, since sum psi_j (v_j - m) = 0",
            ("(eps^3/2) (u.(grad_1 + grad_2) - 2 alpha)", f"Q = {integrand('Q')}"),
            lambda: in_logistic_variable(part(0, 0) + part(1, 0) - 2 * ALPHA),
            lambda: _restored("Q"),
        ),
        _identity(
            "perpendicular part of grad_2, after averaging over y",
            ("(eps^3/2) e.grad_2", "eps Q p"),
            lambda: in_logistic_variable(part(1, 1)),
            lambda: EPS * _restored("Q") * P,
        ),
        _identity(
            "perpendicular parts of both together",
            ("e.(grad_1 + grad_2)", "2 p"),
            lambda: part(0, 1) + part(1, 1),
            lambda: 2 * P,
        ),
        _identity(
            "components in a direction perpendicular to all means",
            ("e'.grad_1, e'.grad_2", "0"),
            lambda: part(0, 2) ** 2 + part(1, 2) ** 2,
            lambda: sympy.Integer(0),
        ),
    )


def escape_integrals(objective: Objective = FORWARD) -> Derivation:
    """Lemma E's reduced gradient, from the forward gradient's first form.

    Examples
    --------
    >>> derivation = escape_integrals()
    >>> len(derivation.steps), bool(derivation.verify())
    (8, True)
    """
    return Derivation(
        "escape-integrals",
        "The forward gradient of two components as two integrals over the logistic variable",
        "v_1 = p + alpha u, v_2 - v_1 = a u, G = 2 a^2 phi(a beta), eps = 1/a: u.grad_2 L = G F, "
        "u.(grad_1 L + grad_2 L) - 2 alpha = G Q, perpendicular parts of grad_2 L and grad_1 L - "
        f"2 p: eps G Q p and -eps G Q p; F and Q are the integrals of {integrand('F')} and "
        f"{integrand('Q')} (square = eps^2) against exp(-beta t - eps^2 t^2/2) dt, beta = 1/2 + "
        "gamma - l eps^2",
        ("single Gaussian teacher at the origin", "any weights, l = log(pi_2/pi_1)"),
        Scope("n = 2, all d"),
        (*_variable_steps(), *_gradient_steps(objective)),
        "derived here, for Lemma E",
        r"u\cdot\nabla_2L = 2a^2\varphi(a\beta)\int F\,e^{-\beta t-\varepsilon^2t^2/2}\,dt",
    )


def reduced_vectors(
    size: Expression, outward_mean: Expression, pull_mean: Expression
) -> dict[str, tuple[Expression, Expression]]:
    """Components along ``u`` and ``p`` of the means, of ``grad_2 L`` and of ``grad_1 L - 2 v_1``.

    ``size`` is ``G``, the means are the integrals of ``F`` and ``Q``: what `escape_integrals`
    derives.

    Examples
    --------
    >>> reduced_vectors(*sympy.symbols("G F Q"))["grad_2"]
    (F*G, G*Q*epsilon)
    """
    across_part = EPS * size * pull_mean
    return {
        "v_1": (ALPHA, sympy.Integer(1)),
        "v_2": (ALPHA + A, sympy.Integer(1)),
        "grad_2": (size * outward_mean, across_part),
        "drift": (size * (pull_mean - outward_mean), -across_part),
    }
