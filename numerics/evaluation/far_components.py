r"""Integrals over more than three dimensions as sums of smaller ones, where components are far.

Under one Gaussian ``N(0, I)``, with ``t_j = pi_j exp(-|x - v_j|^2/2)``, let ``h(A)`` be the kernel
with the components of ``A`` alone, ``k`` the dominant one at the teacher, and the others in an
order, by how much they matter. For any sets :math:`T_j \subset \{k, \ldots, j - 1\}` that contain
``k``

.. math:: h = h(\{k\}) + \sum_j [h(T_j \cup j) - h(T_j)] + R, \qquad
          |E R| \le \sum_j M_j \sum_{l < j,\ l \notin T_j} C_{jl} .

*Proof.* ``h`` telescopes into :math:`h(\{k, \ldots, j\}) - h(\{k, \ldots, j-1\})`. From that to
``h(T_j + j) - h(T_j)`` take the ``l`` away one after the other: each step is a second difference in
``j`` and ``l`` over a background ``A`` that contains ``k``. With ``u = t_j/t_A``, ``v = t_l/t_A``,
``s = 1 + u + v`` the responsibilities have

.. math:: \partial_u \psi = \frac{e_j - \psi}{s}, \quad
          \partial_v \psi = \frac{e_l - \psi}{s}, \quad
          \partial_u \partial_v \psi = -\frac{e_j + e_l - 2\psi}{s^2} .

The kernel's majorant ``F(S)`` (`numerics.quadrature.majorant`) bounds a sum of multilinear forms,
so its first and second derivatives are bounded by ``F'(1)`` and ``F''(1)`` in the norm ``|.|_1``,
in which ``e - psi`` has length at most 2: the mixed derivative is at most ``M/s^2``, ``M = 4 (F'(1)
+ F''(1))``, and

.. math:: \int_0^u \int_0^v \frac{du\,dv}{(1 + u + v)^2} = J :=
          \log\Bigl(1 + \frac{uv}{1 + u + v}\Bigr) \le w := \frac{uv}{1 + u + v} .

It is also at most ``4 F'(1) <= M`` (two changes of ``psi``, each by at most 2). Hence at most ``M
min(1, u) min(1, v) <= M u^a v^b`` for ``a``, ``b`` in [0, 1]; and ``u <= t_j/t_k``, ``v <=
t_l/t_k``. Completing the square gives the mean

.. math:: E\Bigl[\Bigl(\frac{t_j}{t_k}\Bigr)^a \Bigl(\frac{t_l}{t_k}\Bigr)^b\Bigr] = C_{jl} =
          \exp\bigl(a l_j + b l_l + \tfrac12 |a \delta_j + b \delta_l|^2\bigr),

where ``l_j = log(pi_j/pi_k) + (|v_k|^2 - |v_j|^2)/2``, ``delta_j = v_j - v_k``. The logarithm of
the density has the second difference ``-J``, and for ``a + b > 0`` with ``g = min(1, a + b)``: ``J
<= log(1 + w) <= w^g/g <= u^a v^b/g`` (as ``w <= u^p v^q`` for ``p``, ``q`` in [0, 1] with ``p + q
>= 1``; here ``p = a/g``, ``q = b/g``). *End of proof.*

*Sharper.* That mean is one of ``u^a v^b`` where ``min(1, u) min(1, v)`` was wanted. Under the
Gaussian moved to ``a delta_j + b delta_l`` the logarithms ``U``, ``V`` are normal with the Gram
matrix ``G`` of the deltas as covariance, so their density is at most ``1/(2 pi sqrt(det G))``, and
the remaining factor is a product of :math:`e^{-aU} \min(1, e^U)`, whose integral is ``1/a + 1/(1 -
a)``. Hence for ``a``, ``b`` inside (0, 1) also

.. math:: E[\min(1, t_j/t_k) \min(1, t_l/t_k)]
          \le \frac{C_{jl}}{2\pi \sqrt{\det G}\; a(1 - a)\, b(1 - b)},

and for one component ``C_j/(sqrt(2 pi) |delta_j| a (1 - a))``.

A component may also be left out entirely: adding it last changes the kernel by at most ``2 F'(1)
u^a``, the logarithm by ``u^a/a`` (`numerics.quadrature.proposals`). The kernel's output must vanish
for components without responsibility, which is read off its terms.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from derive.algebra.program import Factor, Program
from numerics.mixtures.frame import turns
from numerics.mixtures.problem import Problem
from numerics.numbers.exact import dot, subtract
from numerics.numbers.protocols import ScalarArithmetic
from numerics.quadrature.majorant import Sizes, majorant
from numerics.quadrature.proposals import bare_logarithm

#: Highest rank of the parts: that of the deterministic rules.
PART_RANK = 3
_MOST_COMPONENTS = 40
_MOST_PARTS = 100
_LARGEST = 10**60  # entries of means beyond are not planned for in floats
_STEP = Fraction(1, 1 << 10)  # of the difference quotients that bound the majorant's derivatives
_EXPONENT_BITS = 16  # exponents a, b are rounded to: every value in [0, 1] gives a bound

Array = Any


@dataclass(frozen=True)
class FarExpansion:
    """The sum of lower rank, and what bounds the rest.

    Attributes
    ----------
    parts : tuple of (int, tuple of int)
        Coefficient and components of every ``h(A)``.
    order : tuple of int
        All components; the dominant one first, those left out last.
    dropped : tuple of (int, int, Fraction)
        Position ``j`` in the order of what is left out, of a component before it, and ``a``.
    pairs : tuple of (int, int, Fraction, Fraction)
        Positions ``j``, ``l`` and exponents ``a``, ``b``.
    """

    program: Program
    problem: Problem
    parts: tuple[tuple[int, tuple[int, ...]], ...]
    order: tuple[int, ...]
    dropped: tuple[tuple[int, int, Fraction], ...]
    pairs: tuple[tuple[int, int, Fraction, Fraction], ...]

    def bound(self, arithmetic: ScalarArithmetic) -> Any:
        """Bound of ``|E R|`` (every entry), in any number type."""
        seen = _Sight(self.program, self.problem, self.order)
        total = arithmetic.constant(0)
        for j, other, a in self.dropped:
            slope = seen.slopes(arithmetic, j)[0]
            total = total + slope * seen.factor(arithmetic, other, ((j, a),))
        for j, other, a, b in self.pairs:
            slope = seen.slopes(arithmetic, j)[1]
            total = total + slope * seen.factor(arithmetic, 0, ((j, a), (other, b)))
        return total

    def sub_problem(self, components: Sequence[int]) -> Problem:
        """Return the problem of some components, with weights that sum to one."""
        total = sum((self.problem.weights[j] for j in components), Fraction(0))
        return Problem(
            tuple(self.problem.means[j] for j in components),
            tuple(self.problem.weights[j] / total for j in components),
            self.problem.teacher,
        )

    def logarithm(self, components: Sequence[int]) -> tuple[Fraction, Fraction]:
        """``(c, w)``: ``h(A)`` is that of the problem of ``A`` plus ``c log w``."""
        total = sum((self.problem.weights[j] for j in components), Fraction(0))
        factor = sum(
            (
                term.coefficient
                for term in self.program.output.terms
                if term.factors == (Factor("log_student"),)
            ),
            Fraction(0),
        )
        return factor, total

    def place(self, value: Array, components: Sequence[int]) -> Array:
        """Write a part's loss, gradient or Hessian into one of all components."""
        if value.ndim == 0:
            return value
        d, n = self.problem.dimension, self.problem.n
        blocks = len(self.program.output.indices) // 2
        result = np.full((n, d) * blocks, 0 * value.flat[0], dtype=value.dtype)
        result[np.ix_(*(list(components), range(d)) * blocks)] = value
        return result


class _Sight:
    """Majorants and Gaussian factors in the order of an expansion."""

    def __init__(self, program: Program, problem: Problem, order: Sequence[int]) -> None:
        self.program, self.problem, self.order = program, problem, order
        self._slopes: dict[int, tuple[Any, Any]] = {}

    def slopes(self, arithmetic: ScalarArithmetic, j: int) -> tuple[Any, Any]:
        """Bounds of a first and a second difference of the kernel of the first ``j + 1``."""
        if j not in self._slopes:
            if self.program.log_degree:
                size = abs(Fraction(1) * sum(abs(t.coefficient) for t in self.program.output.terms))
                self._slopes[j] = (arithmetic.constant(size),) * 2
            else:
                self._slopes[j] = self._derivatives(arithmetic, j)
        return self._slopes[j]

    def _derivatives(self, arithmetic: ScalarArithmetic, j: int) -> tuple[Any, Any]:
        """``2 F'(1)`` and ``4 (F'(1) + F''(1))`` by difference quotients (``F`` is convex)."""
        means = self.problem.means
        largest = [
            max(abs(means[i][a]) for i in self.order[: j + 1])
            for a in range(self.problem.dimension)
        ]
        sizes = Sizes(j + 1, [arithmetic.constant(x) for x in largest], self.problem.dimension)
        at = [
            majorant(arithmetic, self.program, sizes, arithmetic.constant(1 + i * _STEP))
            for i in range(3)
        ]
        rate = arithmetic.constant(1 / _STEP)
        first = (at[1] - at[0]) * rate
        second = (at[2] - 2 * at[1] + at[0]) * rate * rate
        return 2 * first, 4 * (first + second)

    def level(self, j: int, k: int) -> tuple[Fraction, Fraction]:
        """``l`` as a rational plus the logarithm of a rational, for positions ``j`` and ``k``."""
        means, weights = self.problem.means, self.problem.weights
        one, two = self.order[j], self.order[k]
        gap = (dot(means[two], means[two]) - dot(means[one], means[one])) / 2
        return gap, weights[one] / weights[two]

    def factor(
        self, arithmetic: ScalarArithmetic, k: int, exponents: Sequence[tuple[int, Fraction]]
    ) -> Any:
        """``C`` of one or two components against ``k``; with logarithms over ``min(1, sum a)``."""
        means = self.problem.means
        shift = (Fraction(0),) * self.problem.dimension
        plain, logs = Fraction(0), arithmetic.constant(0)
        for j, a in exponents:
            gap, ratio = self.level(j, k)
            plain += a * gap
            if ratio != 1:
                logs = logs + arithmetic.constant(a) * arithmetic.log(arithmetic.constant(ratio))
            delta = subtract(means[self.order[j]], means[self.order[k]])
            shift = tuple(x + a * y for x, y in zip(shift, delta, strict=True))
        result = arithmetic.exp(arithmetic.constant(plain + dot(shift, shift) / 2) + logs)
        if self.program.log_degree:
            return result / arithmetic.constant(min(Fraction(1), sum(a for _, a in exponents)))
        deltas = [subtract(means[self.order[j]], means[self.order[k]]) for j, _ in exponents]
        determinant = dot(deltas[0], deltas[0])
        if len(deltas) == 2:
            determinant = determinant * dot(deltas[1], deltas[1]) - dot(*deltas) ** 2
        sizes = [a * (1 - a) for _, a in exponents]
        if _log_sharper(float(determinant), [float(size) for size in sizes]) < 0:
            for size in sizes:
                result = result / arithmetic.constant(size)
                result = result / arithmetic.sqrt(2 * arithmetic.pi())
            result = result / arithmetic.sqrt(arithmetic.constant(determinant))
        return result


def expansion(program: Program, problem: Problem, log_goal: float) -> FarExpansion | None:
    """Plan an expansion whose rest is at most ``exp(log_goal)``; None where there is none.

    Examples
    --------
    >>> from numerics.kernels import load_program
    >>> far = [[0] * 4] + [[20 * (a == b) for a in range(4)] for b in range(4)]
    >>> plan = expansion(load_program("forward", "loss"), Problem.from_user(far), -60.0)
    >>> sorted(plan.parts)[:2]
    [(-3, (0,)), (1, (0, 1))]
    """
    if not _covered(program, problem):
        return None
    return _Planner(program, problem).plan(log_goal)


def _covered(program: Program, problem: Problem) -> bool:
    """One Gaussian as base, no weights in the kernel, and an output that vanishes without psi."""
    if program.base != "teacher" or len(problem.teacher.means) > 1 or not turns(program):
        return False
    if problem.n > _MOST_COMPONENTS or "pi" in program.inputs:
        return False
    if any(abs(entry) > _LARGEST for mean in problem.means for entry in mean):
        return False
    if program.log_degree and (program.log_degree > 1 or not bare_logarithm(program)):
        return False
    wanted = [label for label in program.output.indices if label.startswith("j")]
    for term in program.output.terms:
        alive = {f.indices[0] for f in term.factors if f.head == "psi"}
        for factor in term.factors:
            if factor.head == "delta_component" and alive & set(factor.indices):
                alive |= set(factor.indices)
        if not alive.issuperset(wanted):
            return False
    return True


class _Planner:
    """Chooses the sets in floats; what it chooses is bounded anew in the caller's numbers."""

    def __init__(self, program: Program, problem: Problem) -> None:
        self.program, self.problem = program, problem
        n = problem.n
        self.logarithm = bool(program.log_degree)
        level = [_log(w) - float(dot(v, v)) / 2 for v, w in zip(*self._rows(), strict=True)]
        self.level = np.array(level)
        self.gram = np.array([[float(dot(v, w)) for w in problem.means] for v in problem.means])
        self.squares = np.diag(self.gram)[:, None] + np.diag(self.gram)[None, :] - 2 * self.gram
        self.ranked = self._ranked(n)

    def _rows(self) -> tuple[Any, Any]:
        return self.problem.means, self.problem.weights

    def _ranked(self, n: int) -> list[tuple[int, int, float, float]]:
        """Component, the one it is measured against, ``a`` and ``log C``: the largest first."""
        first = int(self.level.argmax())
        result = [(first, first, 0.0, 0.0)]
        best = {j: (first, *self._single(j, first)) for j in range(n) if j != first}
        while best:
            j = max(best, key=lambda j: best[j][2])
            result.append((j, *best.pop(j)))
            for i in best:
                a, log_factor = self._single(i, j)
                if log_factor < best[i][2]:
                    best[i] = j, a, log_factor
        return result

    def _single(self, j: int, k: int) -> tuple[float, float]:
        """Exponent ``a`` and ``log C`` (with logarithms ``log(C/a)``) of ``j`` against ``k``."""
        level, square = self.level[j] - self.level[k], self.squares[j, k]
        if square <= 0:
            a = 1.0 if level < 0 or self.logarithm else 0.0
        elif self.logarithm:
            root = math.sqrt(level * level + 4 * square)
            a = min(1.0, 2 / (level + root) if level > 0 else (root - level) / (2 * square))
        else:
            a = min(1.0, max(0.0, -level / square))
        a = _rounded(a, self.logarithm)
        log_factor = a * level + a * a * square / 2
        if self.logarithm:
            return a, log_factor - math.log(a)
        return a, log_factor + min(0.0, _log_sharper(square, [a * (1 - a)]))

    def _pair(self, j: int, l: int, k: int) -> tuple[float, float, float]:  # noqa: E741
        """Exponents ``a``, ``b`` and ``log C`` of two components: coordinate descent."""
        one, two = self.level[j] - self.level[k], self.level[l] - self.level[k]
        p, q = self.squares[j, k], self.squares[l, k]
        both = self.gram[j, l] - self.gram[j, k] - self.gram[l, k] + self.gram[k, k]
        a, b = 0.0, 0.0
        for _ in range(20):
            a = min(1.0, max(0.0, -(one + b * both) / p)) if p > 0 else float(one < 0)
            b = min(1.0, max(0.0, -(two + a * both) / q)) if q > 0 else float(two < 0)
        a, b = _rounded(a, False), _rounded(b, self.logarithm)
        log_factor = a * one + b * two + (a * a * p + 2 * a * b * both + b * b * q) / 2
        if self.logarithm:
            return a, b, log_factor - math.log(min(1.0, a + b))
        sharper = _log_sharper(p * q - both * both, [a * (1 - a), b * (1 - b)])
        return a, b, log_factor + min(0.0, sharper)

    def plan(self, log_goal: float) -> FarExpansion | None:
        from numerics.numbers.mpfr import MP

        ranked = self.ranked
        sight = _Sight(self.program, self.problem, [j for j, *_ in ranked])
        logs = [(0.0, 0.0)] + [
            tuple(_log_of(x) for x in sight.slopes(MP, j)) for j in range(1, len(ranked))
        ]
        half = log_goal - math.log(2)
        dropped: set[int] = set()
        total = -math.inf
        for j in range(len(ranked) - 1, 0, -1):  # the last ones matter least
            total = float(np.logaddexp(total, logs[j][0] + ranked[j][3]))
            if total > half:
                break
            dropped.add(j)
        kept = [j for j in range(len(ranked)) if j not in dropped]
        share = half - math.log(max(1, len(kept) * (len(kept) - 1) // 2))
        parts: Counter[tuple[int, ...]] = Counter({(ranked[0][0],): 1})
        pairs = []
        for j in kept[1:]:
            near = [0]
            for other in range(1, j):
                a, b, log_factor = self._pair(ranked[j][0], ranked[other][0], ranked[0][0])
                if logs[j][1] + log_factor <= share:
                    pairs.append((j, other, Fraction(a), Fraction(b)))
                else:
                    near.append(other)
            background = tuple(sorted(ranked[i][0] for i in near))
            union = tuple(sorted((*background, ranked[j][0])))
            if len(union) > PART_RANK + 1 and self._rank(union) > PART_RANK:
                return None
            parts[union] += 1
            parts[background] -= 1
        places = {component: place for place, (component, *_) in enumerate(ranked)}
        found = tuple((count, part) for part, count in parts.items() if count)
        if len(found) > _MOST_PARTS:
            return None
        return FarExpansion(
            self.program,
            self.problem,
            found,
            tuple(j for j, *_ in ranked),
            tuple((j, places[ranked[j][1]], Fraction(ranked[j][2])) for j in sorted(dropped)),
            tuple(pairs),
        )

    def _rank(self, components: Sequence[int]) -> int:
        rows = tuple(self.problem.means[j] for j in components)
        weights = (Fraction(1, len(rows)),) * len(rows)
        return Problem(rows, weights, self.problem.teacher).rank


def _log_sharper(determinant: float, sizes: Sequence[float]) -> float:
    """Logarithm of the factor of the sharper bound; infinite where there is none."""
    if determinant <= 0 or min(sizes) <= 0:
        return math.inf
    logs = [math.log(2 * math.pi) / 2 + math.log(size) for size in sizes]
    return float(-math.log(determinant) / 2 - sum(logs))


def _rounded(value: float, positive: bool) -> float:
    """Round an exponent to a short binary fraction in [0, 1], (0, 1] if it must not vanish."""
    scaled = round(value * 2**_EXPONENT_BITS)
    return float(max(scaled, int(positive)) / 2**_EXPONENT_BITS)


def _log(weight: Fraction) -> float:
    from numerics.kernels.arrays import log_array

    return float(log_array([weight], np.float64)[0])


def _log_of(value: Any) -> float:
    """Logarithm of an mpf of any size."""
    import mpmath

    return float(mpmath.log(value)) if value > 0 else -math.inf
