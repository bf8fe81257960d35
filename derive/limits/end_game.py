r"""The end game: all means converge, slowly, along the complement of the weights.

With ``D = diag(pi)`` and ``P`` the orthogonal projection onto the complement of ``pi`` (in
:math:`\mathbb{R}^n`), the means split into ``Y = PV`` and their centre ``c``. The order-four loss
``|c|^2 + |Cov|^2`` (I5) drives ``c`` at rate one and ``Y`` at third order only: ``c`` is slaved,
``c = O(|Y|^3)``, and to leading order

.. math:: Y' = -4 A Y (Y^T A Y), \qquad A = PDP, \qquad L = \|Y^T A Y\|_F^2 .

This *reduced equation* is solved here; that the flow follows it is argued, not derived.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sympy

from derive.steps.derivation import Derivation, DerivationStep, Scope, identity_step, rational

Expression = Any

L = sympy.Symbol("l")
_TIME = sympy.Symbol("tau", positive=True)
_INSTANCE_N, _INSTANCE_D = 3, 2


def compressed_polynomial(weights: Sequence[Expression]) -> Expression:
    r"""Polynomial in ``l`` with the eigenvalues of ``A`` on the complement of ``pi`` as roots.

    It is :math:`\sum_j \pi_j^2 \prod_{i \ne j} (\pi_i - l)`, minus a bordered determinant.

    Examples
    --------
    >>> half = sympy.Rational(1, 2)
    >>> sympy.roots(compressed_polynomial([half, half]), L)
    {1/2: 1}
    """
    total = sympy.Integer(0)
    for j, weight in enumerate(weights):
        others = (other - L for i, other in enumerate(weights) if i != j)
        total += weight**2 * sympy.prod(others)
    return sympy.expand(total)


def compressed_eigenvalues(weights: Sequence[Expression]) -> list[Expression]:
    """Exact roots of `compressed_polynomial` in increasing order, with multiplicity.

    Examples
    --------
    >>> compressed_eigenvalues([sympy.Rational(1, 4)] * 4)
    [1/4, 1/4, 1/4]
    """
    return list(sympy.Poly(compressed_polynomial(weights), L).real_roots())


def limit_constant(eigenvalues: Sequence[Expression]) -> Expression:
    """``lim L tau^2`` of the reduced equation when the given eigenvalues are the surviving ones.

    Examples
    --------
    >>> limit_constant(compressed_eigenvalues([sympy.Rational(1, 2)] * 2))
    1/16
    """
    return sum((1 / (64 * value**2) for value in eigenvalues), sympy.Integer(0))


def _weights() -> list[Expression]:
    """Positive symbols; the last weight is one minus the others."""
    free = list(sympy.symbols(f"pi1:{_INSTANCE_N}", positive=True))
    return [*free, 1 - sum(free)]


def _projection(weights: Sequence[Expression]) -> Expression:
    column = sympy.Matrix(weights)
    return sympy.eye(len(weights)) - column * column.T / (column.T * column)[0]


def _lowest_terms(entry: Expression) -> Expression:
    return sympy.cancel(sympy.together(entry))


def _gradient_step() -> DerivationStep:
    means = sympy.Matrix(_INSTANCE_N, _INSTANCE_D, sympy.symbols("v1:7"))
    weights = _weights()
    diagonal = sympy.diag(*weights)

    def centre() -> Expression:
        return means.T * sympy.Matrix(weights)

    def covariance() -> Expression:
        return means.T * diagonal * means - centre() * centre().T

    def gradient() -> Expression:
        loss = (centre().T * centre())[0] + (covariance() * covariance()).trace()
        return means.applyfunc(lambda entry: sympy.diff(loss, entry))

    def stated() -> Expression:
        ones = sympy.ones(_INSTANCE_N, 1)
        deviations = means - ones * centre().T
        return 2 * sympy.Matrix(weights) * centre().T + 4 * diagonal * deviations * covariance()

    return identity_step(
        "gradient of |c|^2 + |Cov|^2 (n = 3, d = 2, any weights); the third term -2 c.Cov c of I5 "
        "has a factor c in its gradient, too",
        ("grad (|c|^2 + |Cov|_F^2)", "2 pi c^T + 4 D (V - 1 c^T) Cov"),
        gradient,
        stated,
        kind="differentiation",
        simplify=_lowest_terms,
    )


def _projection_steps() -> list[DerivationStep]:
    weights = _weights()
    column, diagonal = sympy.Matrix(weights), sympy.diag(*weights)
    bordered = sympy.BlockMatrix(
        [[diagonal - L * sympy.eye(_INSTANCE_N), column], [column.T, sympy.zeros(1, 1)]]
    )
    pair = list(sympy.symbols("pi1:3", positive=True))
    square = pair[0] ** 2 + pair[1] ** 2
    count = sympy.Symbol("n", positive=True)
    return [
        identity_step(
            "the projection kills the fast term: P pi = 0",
            ("P pi", "0"),
            lambda: _projection(weights) * column,
            lambda: sympy.zeros(_INSTANCE_N, 1),
            simplify=_lowest_terms,
        ),
        identity_step(
            "eigenvalues of A on the complement of pi (n = 3): minus the bordered determinant",
            ("-det [[D - l, pi], [pi^T, 0]]", "sum_j pi_j^2 prod_{i != j} (pi_i - l)"),
            lambda: -bordered.as_explicit().det(),
            lambda: compressed_polynomial(weights),
        ),
        identity_step(
            "n = 2: (pi_2, -pi_1) spans the complement, l = pi_1 pi_2/(pi_1^2 + pi_2^2)",
            ("1/(64 l^2)", "(pi_1^2 + pi_2^2)^2/(64 pi_1^2 pi_2^2)"),
            lambda: limit_constant(
                [sympy.solve(compressed_polynomial(pair), L)[0].subs(pair[0] + pair[1], 1)]
            ).subs(pair[1], 1 - pair[0]),
            lambda: (square**2 / (64 * pair[0] ** 2 * pair[1] ** 2)).subs(pair[1], 1 - pair[0]),
            simplify=sympy.simplify,
        ),
        identity_step(
            "uniform weights: all eigenvalues are 1/n, so r of them give r n^2/64 (r = 3)",
            ("sum of 3 terms 1/(64 l^2), l = 1/n", "3 n^2/64"),
            lambda: limit_constant([1 / count] * 3),
            lambda: 3 * count**2 / 64,
        ),
    ]


def _uniform_steps() -> list[DerivationStep]:
    entries = sympy.symbols("q11 q12 q22")
    start = sympy.Matrix([[entries[0], entries[1]], [entries[1], entries[2]]])
    count = sympy.Symbol("n", positive=True)
    equal = [sympy.Rational(1, _INSTANCE_N)] * _INSTANCE_N

    def compressed() -> Expression:
        return _projection(equal) * sympy.diag(*equal) * _projection(equal)

    def solution() -> Expression:
        return (start + 8 * _TIME / count * sympy.eye(2)).inv()

    return [
        identity_step(
            "uniform weights: A^2 = A/n (n = 3), so Cov' = -(8/n) Cov^2",
            ("A^2", "A/n"),
            lambda: compressed() * compressed(),
            lambda: compressed() / _INSTANCE_N,
            simplify=_lowest_terms,
        ),
        identity_step(
            "solved by Cov = (Cov_0^{-1} + 8 tau/n)^{-1} (d = 2; Cov_0 restricted to its range): "
            "tau Cov -> n/8 there",
            ("d/dtau (Q + 8 tau/n)^{-1}", "-(8/n) (Q + 8 tau/n)^{-2}"),
            lambda: solution().applyfunc(lambda entry: sympy.diff(entry, _TIME)),
            lambda: -8 / count * solution() * solution(),
            kind="differentiation",
            simplify=_lowest_terms,
        ),
    ]


def _line_steps() -> list[DerivationStep]:
    """One dimension: modes ``y_k`` with eigenvalues ``l_k``."""
    eigenvalues = sympy.symbols("l1:4", positive=True)
    modes = sympy.symbols("y1:4", positive=True)
    pairs = list(zip(eigenvalues, modes, strict=True))
    size = sum(value * mode**2 for value, mode in pairs)

    def along(expression: Expression) -> Expression:
        """Derivative along ``y_k' = -4 l_k y_k s``."""
        return sum(sympy.diff(expression, mode) * (-4 * v * mode * size) for v, mode in pairs)

    mean = sum(value**2 * mode**2 for value, mode in pairs) / size
    second = sum(value**3 * mode**2 for value, mode in pairs) / size
    return [
        identity_step(
            "d = 1, s = Cov = sum l_k y_k^2: 1/s grows at 8 times a mean of the eigenvalues "
            "(weights l_k y_k^2/s): at least 8 l_1 and at most 8 l_max",
            ("d(1/s)/dtau", "8 sum l_k^2 y_k^2 / sum l_k y_k^2"),
            lambda: along(1 / size),
            lambda: 8 * mean,
            kind="differentiation",
            simplify=rational,
        ),
        identity_step(
            "that mean decreases: its derivative is -8 s times a variance",
            ("d mean/dtau", "-8 s (mean of l^2 - (mean of l)^2)"),
            lambda: along(mean),
            lambda: -8 * size * (second - mean**2),
            kind="differentiation",
            simplify=rational,
        ),
        identity_step(
            "to the smallest eigenvalue: y_k/y_1 decays like exp(-4 (l_k - l_1) int s), and "
            "int s diverges as 1/s grows at most linearly; hence s tau -> 1/(8 l_1)",
            ("d ln(y_2/y_1)/dtau", "-4 (l_2 - l_1) s"),
            lambda: along(sympy.log(modes[1]) - sympy.log(modes[0])),
            lambda: -4 * (eigenvalues[1] - eigenvalues[0]) * size,
            kind="differentiation",
        ),
    ]


def _selection_steps() -> list[DerivationStep]:
    """Any ``d``: self-similar solutions, one per set of eigenvalues, and their stability."""
    chosen, other = sympy.symbols("l_k l_j", positive=True)
    height = 1 / (8 * chosen * _TIME)  # Cov of the chosen mode
    mode = sympy.sqrt(height / chosen)
    power = sympy.Symbol("p", real=True)
    return [
        identity_step(
            "any d, self-similar solution with r chosen eigenvectors, one per direction: "
            "y = (8 tau)^{-1/2}/l_k, Cov = 1/(8 l_k tau)",
            ("y'", "-4 l_k y Cov"),
            lambda: sympy.diff(mode, _TIME),
            lambda: -4 * chosen * mode * height,
            kind="differentiation",
            simplify=sympy.simplify,
        ),
        identity_step(
            "a small part along another eigenvector l_j: y_j ~ tau^p with p = -l_j/(2 l_k); "
            "relative to y_k it decays if and only if l_j > l_k: only the r smallest are stable "
            "against the others",
            ("(tau^p)'", "-4 l_j tau^p Cov"),
            lambda: sympy.diff(_TIME**power, _TIME).subs(power, -other / (2 * chosen)),
            lambda: (-4 * other * _TIME**power * height).subs(power, -other / (2 * chosen)),
            kind="differentiation",
            simplify=sympy.simplify,
        ),
    ]


def end_game() -> Derivation:
    """The reduced equation of the end game, solved.

    Examples
    --------
    >>> derivation = end_game()
    >>> len(derivation.steps), bool(derivation.verify())
    (12, True)
    """
    builders: tuple[Callable[[], list[DerivationStep]], ...] = (
        lambda: [_gradient_step()],
        _projection_steps,
        _uniform_steps,
        _line_steps,
        _selection_steps,
    )
    steps = tuple(step for build in builders for step in build())
    return Derivation(
        "end-game",
        "The reduced equation of the end game",
        "Y' = -4 A Y Cov, Cov = Y^T A Y, A = diag(pi) compressed to the complement of pi: for "
        "uniform weights |Cov|_F^2 tau^2 -> r n^2/64, r the rank; for d = 1 and any weights "
        "-> 1/(64 l_1^2), l_1 the smallest eigenvalue of A; for any d, self-similar solutions have "
        "sum 1/(64 l_k^2) over r eigenvalues, and only the r smallest are stable against the "
        "others",
        ("single Gaussian teacher at the origin", "the centre slaved to the covariance"),
        Scope("reduced equation, instances n = 3 (gradient, eigenvalues, modes) and d = 2"),
        steps,
        "derived here",
        r"Y' = -4AY(Y^TAY),\quad L\tau^2\to\sum_{k\le r}\frac1{64\,l_k^2}",
    )
