r"""Explicit bounds of a kernel on a strip of the complex plane, in any number type.

Let ``t_j(x) = pi_j exp(x.s_j - |s_j|^2/2)`` and ``z = x + iy e`` with ``|y| <= a``, ``e`` a
coordinate direction, and :math:`\theta = a \max_{i,k} |(s_i - s_k).e| < \pi`.

*Responsibilities.* Let ``c`` be the middle of the range of the ``s_j.e``. The numbers
:math:`e^{-iyc} t_j(z) = t_j(x) e^{iy(s_j.e - c)}` have arguments in ``[-theta/2, theta/2]``, so

.. math:: \Big|\sum_j t_j(z)\Big| \ge \mathrm{Re}\, e^{-iyc} \sum_j t_j(z)
          \ge \cos(\theta/2) \sum_j t_j(x) > 0 .

Hence the responsibilities are analytic there, and with :math:`S = 1/\cos(\theta/2)`

.. math:: |\psi_j(z)| \le S \psi_j(x), \qquad \sum_j |\psi_j(z)| \le S .

*Kernels.* A kernel is a polynomial in the ``psi_j`` with coefficients in the means and weights. Its
modulus is bounded by running the program in nonnegative numbers: coefficients by absolute values,
every quantity by its maximum over components (one number for each tuple of coordinates), a sum over
``j`` of terms with a factor ``psi[j]`` by ``S`` times the largest cofactor, a sum with a factor
``pi[j]`` by the largest cofactor, any other sum by ``n`` times it.

*Logarithms.* ``log_student(z) = log sum_j t_j(z) - |p|^2/2 + const`` (the branch that is real on
the real axis; it exists because the sum does not vanish on the simply connected strip). By the above
:math:`\log\sum_j t_j(z) = iyc + \log\sum_j t_j(x) + \log W`, where
:math:`W = e^{-iyc} \sum_j t_j(z) / \sum_j t_j(x)` has :math:`1/S \le |W| \le 1` and
:math:`|\arg W| \le \theta/2`. Since :math:`\sum_j t_j(x)` is a weighted mean of
:math:`\exp(x.s_j - |s_j|^2/2)`, its logarithm lies between the smallest and largest exponent, so with
:math:`R = \max_j |s_j|`

.. math:: |\mathrm{log\_student}(z)| \le R|x| + B, \qquad
          B = aR + R^2/2 + \log S + \theta/2 + |{-|p|^2/2} + const| .

A program of degree 1 in the logarithm gives, with the logarithm replaced by 1, a bound ``F`` in
which every monomial has degree 0 or 1, so its modulus is at most
:math:`F \max(1, R|x| + B) \le F(1 + R|x| + B)`: the envelope of `numerics.quadrature`.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from derive.program import Factor, Program, Statement, Term, kind
from numerics.errors import InputError
from numerics.quadrature import BoundArithmetic, Envelope

_Table = dict[tuple[str, tuple[int, ...]], Any]


@dataclass(frozen=True)
class Sizes:
    """What the majorant needs to know about the mixture.

    Attributes
    ----------
    components : int
    coordinates : sequence of numbers
        ``max_j |v_j[a]|`` for every coordinate ``a`` of the means.
    dimension : int
        Ambient dimension ``d``.
    """

    components: int
    coordinates: Sequence[Any]
    dimension: int


def secant(arithmetic: BoundArithmetic, strip: Any, spread: Any) -> Any:
    r"""Return :math:`S = 1/\cos(\theta/2)`, ``theta = strip * spread``.

    Raises
    ------
    ValueError
        If ``theta < pi`` is not certain.
    """
    theta = strip * spread
    if not theta < arithmetic.pi():
        raise ValueError("the strip reaches the poles of the responsibilities")
    return 1 / arithmetic.cos(theta / 2)


def majorant(arithmetic: BoundArithmetic, program: Program, sizes: Sizes, secant_value: Any) -> Any:
    """Bound ``|kernel|`` on the strip, for every entry of the output (logarithms count as 1).

    Parameters
    ----------
    arithmetic : BoundArithmetic
        The number type.
    program : Program
    sizes : Sizes
    secant_value : number
        ``S`` of `secant`; 1 on the real line.

    Returns
    -------
    number
        The proof is in the module's docstring.

    Raises
    ------
    InputError
        If the program has degree above 1 in the logarithm or belongs to a mixture teacher.

    Examples
    --------
    >>> from numerics.kernels import load_program
    >>> from numerics.backends.mp import MP
    >>> loss = load_program("forward", "loss", "single")
    >>> int(majorant(MP, loss, Sizes(2, [MP.constant(3)], 1), MP.constant(2)))
    36
    """
    if program.log_degree not in (0, 1):
        raise InputError("objective", f"a kernel of degree {program.log_degree}", "degree 0 or 1")
    evaluation = _Evaluation(arithmetic, sizes, secant_value, {})
    largest = arithmetic.constant(0)
    for statement in program.statements:
        entries = evaluation.statement(statement)
        if statement is program.output:
            for value in entries:
                largest = arithmetic.maximum(largest, value)
    return largest


@dataclass
class _Evaluation:
    """One run of a program in nonnegative numbers."""

    arithmetic: BoundArithmetic
    sizes: Sizes
    secant: Any
    table: _Table

    def statement(self, statement: Statement) -> list[Any]:
        """Bound every entry; components are collapsed to their maximum."""
        labels = [label for label in statement.indices if kind(label) == "a"]
        entries = []
        for values in self._assignments(labels):
            total = self.arithmetic.constant(0)
            for term in statement.terms:
                total = total + self.term(term, values)
            self.table[statement.target, tuple(values[label] for label in labels)] = total
            entries.append(total)
        return entries

    def term(self, term: Term, values: Mapping[str, int]) -> Any:
        """Bound one term, its sums over components by the rules of the module."""
        count, used = self._component_sums(term)
        coordinates = [label for label in term.sums if kind(label) == "a"]
        total = self.arithmetic.constant(0)
        for local in self._assignments(coordinates):
            product = self.arithmetic.constant(abs(term.coefficient) * count)
            for position, factor in enumerate(term.factors):
                if used.get(position) != "absorbed":
                    product = product * self.factor(factor, {**values, **local})
            total = total + product
        return total

    def _component_sums(self, term: Term) -> tuple[int, dict[int, str]]:
        """Count the free sums over components; say which factors each of the others uses up."""
        count = 1
        used: dict[int, str] = {}
        for label in term.sums:
            if kind(label) != "j":
                continue
            found = ""
            for head in ("psi", "pi", "delta_component"):
                for position, factor in enumerate(term.factors):
                    if not found and factor.head == head and label in factor.indices:
                        if position in used:
                            continue
                        found = head
                        used[position] = "secant" if head == "psi" else "absorbed"
            if not found:
                count *= self.sizes.components
        return count, used

    def factor(self, factor: Factor, values: Mapping[str, int]) -> Any:
        """Bound one factor, whatever the component."""
        one = self.arithmetic.constant(1)
        match factor.head:
            case "psi":
                return self.secant
            case "v":
                return self.sizes.coordinates[values[factor.indices[1]]]
            case "pi" | "delta_component" | "log_student":
                return one
            case "delta_coordinate":
                first, second = (values[label] for label in factor.indices)
                return self.arithmetic.constant(int(first == second))
            case "dimension":
                return self.arithmetic.constant(self.sizes.dimension)
            case "log_teacher":  # zero: the single teacher is N(0, I)
                return self.arithmetic.constant(0)
            case "phi" | "theta" | "rho":
                raise InputError("teacher", "a mixture", "one Gaussian (a mixture needs float64)")
        indices = tuple(values[label] for label in factor.indices if kind(label) == "a")
        return self.table[factor.head, indices]

    def _assignments(self, labels: Sequence[str]) -> list[dict[str, int]]:
        """All values of coordinate labels."""
        ranges = [range(len(self.sizes.coordinates)) for _ in labels]
        return [dict(zip(labels, v, strict=True)) for v in itertools.product(*ranges)]


def logarithm_envelope(
    arithmetic: BoundArithmetic,
    *,
    strip: Any,
    theta: Any,
    secant_value: Any,
    radius: Any,
    constant: Any,
) -> Envelope:
    r"""Return the envelope of ``log_student`` on the strip: ``slope = R``, ``offset = B``.

    Parameters
    ----------
    arithmetic : BoundArithmetic
        The number type.
    strip, theta, secant_value : number
        ``a``, ``theta`` and ``S``; 0, 0 and 1 on the real line.
    radius : number
        At least ``max |s_j|``.
    constant : number
        What is added to ``log sum t_j`` apart from ``x``.
    """
    offset = strip * radius + radius * radius / 2 + arithmetic.log(secant_value) + theta / 2
    return Envelope(radius, offset + arithmetic.upper(constant))


def reads_logarithm(programs: Sequence[Program]) -> bool:
    """Whether a program reads ``log_student``."""
    return any("log_student" in program.inputs for program in programs)


