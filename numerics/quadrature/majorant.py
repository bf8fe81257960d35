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

*Mixture teachers.* The teacher's responsibilities ``phi_t`` are those of another mixture: the proof
above holds for its centres ``theta_t``, their own middle and their own
:math:`\theta' = a \max_{s,t} |(\theta_s - \theta_t) \cdot e| < \pi`, and gives
:math:`\sum_t |\phi_t(z)| \le S' = 1/\cos(\theta'/2)`. A kernel is a polynomial in both families:
sums over ``t`` follow the rules of sums over ``j``, with ``S'`` for ``S`` and ``rho`` for ``pi``.
The Gaussians of the base, at ``theta_t`` or at ``s_j``, need neither ``S`` nor ``S'``.

*Logarithms.* ``log_student(z) = log sum_j t_j(z) - |p|^2/2 + const`` (the branch that is real on
the real axis; it exists because the sum does not vanish on the simply connected strip). Then
:math:`\log\sum_j t_j(z) = iyc + \log\sum_j t_j(x) + \log W`, where
:math:`W = e^{-iyc} \sum_j t_j(z) / \sum_j t_j(x)` has :math:`1/S \le |W| \le 1` and
:math:`|\arg W| \le \theta/2`. Since :math:`\sum_j t_j(x)` is a weighted mean of
:math:`\exp(x.s_j - |s_j|^2/2)`, its logarithm lies between the smallest and the largest
exponent, so with
:math:`R = \max_j |s_j|`

.. math:: |\mathrm{log\_student}(z)| \le R|x| + B, \qquad
          B = aR + R^2/2 + \log S + \theta/2 + |{-|p|^2/2} + const| .

``log_teacher`` is bounded in the same way with its own ``R'`` and ``B'`` (no constant: the origin
lies in the affine hull of the ``theta_t``, so that they have no part perpendicular to the span).

A program of degree 1 in the logarithms gives, with both replaced by 1, a bound ``F`` in which every
monomial has degree 0 or 1; so its modulus is at most
:math:`F \max(1, R|x| + B) \le F(1 + R|x| + B)` with the larger ``R`` and ``B``: the envelope of
`numerics.quadrature.trapezoid`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Any, Protocol

import numpy as np

from derive.algebra.program import Program, Term, kind
from numerics.errors import InputError
from numerics.kernels.handle import Handle, written
from numerics.kernels.monomials import Emitter
from numerics.numbers.protocols import ScalarArithmetic
from numerics.quadrature.trapezoid import Envelope

#: Dropped, or counted already.
_AT_MOST_ONE = frozenset({"pi", "rho", "delta_component", "dimension"})


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
    teachers : int
        Components of a mixture teacher; 0 for one Gaussian at the origin.
    teacher_coordinates : sequence of numbers
        ``max_t |theta_t[a]|``.
    """

    components: int
    coordinates: Sequence[Any]
    dimension: int
    teachers: int = 0
    teacher_coordinates: Sequence[Any] = ()


def secant(arithmetic: ScalarArithmetic, strip: Any, spread: Any, share: Any = 0) -> Any:
    r"""Return :math:`S = (1 + \delta)/(\cos(\theta/2) - \delta)`, ``theta = strip * spread``.

    The share :math:`\delta` is that of components which the spread leaves out
    (`numerics.quadrature.windows.far_share`).

    Raises
    ------
    ValueError
        If ``theta < pi`` and a positive denominator are not certain.
    """
    theta = strip * spread
    if not theta < arithmetic.pi():
        raise ValueError("the strip reaches the poles of the responsibilities")
    least = arithmetic.cos(theta / 2) - share
    if not least > 0:
        raise ValueError("components that were left out are not negligible")
    return (1 + share) / least


class MajorantArithmetic(Protocol):
    """What a number type must offer for the majorant alone."""

    def constant(self, value: int | Fraction) -> Any:
        """Return the exact rational as a number of this type."""

    def maximum(self, left: Any, right: Any) -> Any:
        """Return a number that is at least both."""


@dataclass(frozen=True)
class FloatBounds:
    """Floats, or arrays of them, as a `MajorantArithmetic`."""

    dtype: type[np.floating[Any]] = np.float64

    def constant(self, value: int | Fraction) -> Any:
        """Round a rational."""
        return self.dtype(value.numerator) / self.dtype(value.denominator)

    def maximum(self, left: Any, right: Any) -> Any:
        """Return the larger number, entry by entry."""
        return np.maximum(left, right)


def majorant(
    arithmetic: MajorantArithmetic,
    program: Program,
    sizes: Sizes,
    secant_value: Any,
    teacher_secant: Any = None,
    logarithms: tuple[Any, Any] = (None, None),
) -> Any:
    """Bound ``|kernel|`` on the strip, for every entry of the output.

    Parameters
    ----------
    arithmetic : MajorantArithmetic
        The number type.
    program : Program
    sizes : Sizes
    secant_value : number
        ``S`` of `secant`; 1 on the real line.
    teacher_secant : number, optional
        ``S'``, the same for a mixture teacher.
    logarithms : pair of numbers, optional
        Bounds of the student's and the teacher's; they count as 1 by default.

    Returns
    -------
    number
        The proof is in the module's docstring.

    Raises
    ------
    InputError
        If the program has degree above 1 in the logarithms, or is a mixture teacher's and `sizes`
        has none.

    Examples
    --------
    >>> from numerics.kernels import load_program
    >>> from numerics.numbers.mpfr import MP
    >>> loss = load_program("forward", "loss", "single")
    >>> int(majorant(MP, loss, Sizes(2, [MP.constant(3)], 1), MP.constant(2)))
    36
    """
    if program.log_degree not in (0, 1):
        raise InputError("objective", f"a kernel of degree {program.log_degree}", "degree 0 or 1")
    if sizes.teachers and teacher_secant is None:
        raise TypeError("a mixture teacher has a secant of its own")
    if not sizes.teachers and program.inputs & {"phi", "theta", "rho"}:
        raise InputError("teacher", "one Gaussian", "a mixture, as the kernel's")
    counts = (sizes.components, sizes.teachers, len(sizes.coordinates), sizes.dimension)
    families = (sizes.coordinates, teacher_secant, sizes.teacher_coordinates)
    return _compiled(Handle(program), *counts)(arithmetic, secant_value, *families, *logarithms)


@lru_cache(maxsize=256)
def _compiled(
    handle: Handle, components: int, teachers: int, coordinates: int, dimension: int
) -> Callable[..., Any]:
    """Write the nonnegative program out as Python source (it runs several times for each plan)."""
    program = _collapsed(handle.program, {"j": components, "t": teachers}, dimension)
    emitter = Emitter(1, coordinates, frozenset(), unroll=True, teachers=min(teachers, 1))
    for statement in program.statements[:-1]:
        emitter.statement(statement)
    output = program.output
    assigned = (values for values, _ in emitter.assignments(output.indices))
    entries = [emitter.render(emitter.collect(output, values)) for values in assigned]
    emitter.drop_unread(entries)
    lines = ["constant, maximum = arithmetic.constant, arithmetic.maximum"]
    lines += ["one, zero = constant(1), constant(0)", "psi_0, phi_0 = S, T"]
    lines += ["log_student = one if log_student is None else log_student"]
    lines += ["log_teacher = one if log_teacher is None else log_teacher"]
    lines += [f"v_0_{a} = V[{a}]" for a in range(coordinates)]
    lines += [f"theta_0_{a} = H[{a}]" for a in range(coordinates if teachers else 0)]
    lines += [f"{name} = constant({value!r})" for value, name in emitter.constants.items()]
    lines += [*emitter.header, *emitter.body, f"result = {entries[0]}"]
    lines += [f"result = maximum(result, {entry})" for entry in dict.fromkeys(entries[1:])]
    head = "def bound(arithmetic, S, V, T, H, log_student, log_teacher):"
    source = "\n    ".join([head, *lines, "return result"])
    function: Callable[..., Any] = written(source, f"majorant {program.name}", Fraction=Fraction)[
        "bound"
    ]
    return function


def _collapsed(program: Program, sizes: Mapping[str, int], dimension: int) -> Program:
    """The program in nonnegative numbers, with one component in place of the largest of each."""

    def bound(term: Term) -> Term:
        count, used = 1, set[int]()
        for label in term.sums:
            if kind(label) == "a":
                continue
            position = _carrier(term, label, used)
            if position is None:
                count *= sizes[kind(label)]
            else:
                used.add(position)
        count *= dimension ** sum(factor.head == "dimension" for factor in term.factors)
        factors = tuple(factor for factor in term.factors if factor.head not in _AT_MOST_ONE)
        return Term(abs(term.coefficient) * count, factors, term.sums)

    statements = tuple(
        replace(statement, terms=tuple(map(bound, statement.terms)))
        for statement in program.statements
    )
    return replace(program, statements=statements)


def _carrier(term: Term, label: str, used: set[int]) -> int | None:
    """Position of a factor that bounds the sum over ``label``: psi, pi, a delta; phi, rho."""
    for head in ("psi", "pi", "delta_component") if kind(label) == "j" else ("phi", "rho"):
        for position, factor in enumerate(term.factors):
            # once: a sum over j of delta[j, j] is n
            if position not in used and factor.head == head and factor.indices.count(label) == 1:
                return position
    return None


def logarithm_envelope(
    arithmetic: ScalarArithmetic,
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
    arithmetic : ScalarArithmetic
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


def wider(arithmetic: ScalarArithmetic, left: Envelope, right: Envelope) -> Envelope:
    """Return an envelope of everything that lies in one of two."""
    return Envelope(
        arithmetic.maximum(left.slope, right.slope), arithmetic.maximum(left.offset, right.offset)
    )
