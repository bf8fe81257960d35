"""Independent evaluation of kernels in ball arithmetic, for confirming counterexamples.

Interprets a `derive.algebra.program.Program` statement by statement on Arb's complex balls and
integrates with Arb's adaptive Gauss-Legendre quadrature plus an explicit bound of the Gaussian
tails, where all differences of means (and of teacher means) are parallel. Where they span two or
three dimensions, a grid does (`proofs_check.points.tensor_rule`). Nothing is shared with the
evaluation in ``numerics``.

Reference: F. Johansson, *Numerical integration in arbitrary-precision ball arithmetic*, 2018.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Hashable, Sequence
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any

from flint import acb, arb, ctx

from derive.algebra.program import Program, kind
from numerics.numbers.exact import Vector
from proofs_check.cpu_time import passed
from proofs_check.points.interpreter import (
    Interpreter,
    NotConfirmedError,
    ProductPlan,
    ball,
    precision,
)
from proofs_check.points.line import Line, constant_input
from proofs_check.points.memory import Memory
from proofs_check.points.tensor_rule import TensorRule, digits_for, directions
from proofs_check.statements.mixing import mixed, mixing
from proofs_check.statements.mixture import Mixture, coordinates

if TYPE_CHECKING:
    from derive.losses.objectives import Objective

_EVALUATION_LIMIT = 200_000


def _program(objective: str | Objective, quantity: str, mixture: Mixture) -> Program:
    from numerics.kernels import load_program

    return load_program(objective, quantity, "mixture" if mixture.teacher_means else "single")


class IndependentPoint:
    """A `proofs_check.statements.relation.Point` whose numbers come from this module.

    What is asked for twice, also ``elsewhere``, is evaluated once.

    Parameters
    ----------
    mixture : Mixture
        The exact point; the differences of its means span at most three dimensions.
    digits : int
        Values have radius at most ``10**-digits * max(1, |value|)``; in two and three dimensions
        no more digits than `proofs_check.points.tensor_rule.DIGITS`.
    deadline : float or None
        Value of `proofs_check.cpu_time.cpu_seconds` after which the evaluation gives up.
    memory : Memory or None
        That of the point from which this one was reached.

    Raises
    ------
    NotConfirmedError
        If the kernel depends on more than three coordinates, or no narrow enclosure is found.

    Examples
    --------
    >>> with precision(20):
    ...     print(IndependentPoint(Mixture.of([["0"], ["2"]]), 20).loss("forward").str(15))
    [0.449599509206673 +/- 1.71e-16]
    """

    def __init__(
        self,
        mixture: Mixture,
        digits: int,
        deadline: float | None = None,
        memory: Memory | None = None,
    ) -> None:
        self.mixture = mixture
        self.memory = memory or Memory()
        self.digits = digits_for(mixture, digits)
        self.deadline = deadline
        self.asked = digits
        self.means = [[mixing(entry) for entry in mean] for mean in mixture.means]
        self.weights = [mixing(weight) for weight in mixture.weights]
        self._plans: dict[int, ProductPlan] = {}
        self._kernels: dict[Any, Interpreter] = {}

    def loss(self, objective: str | Objective) -> arb:
        """Loss of an objective."""
        value: arb = self.expectation(_program(objective, "loss", self.mixture))
        return value

    def gradient(self, objective: str | Objective) -> list[list[arb]]:
        """Gradient in the means, ``n x d``."""
        result: list[list[arb]] = self.expectation(_program(objective, "gradient", self.mixture))
        return result

    def hessian(
        self, objective: str | Objective, rows: Sequence[int] | None = None
    ) -> list[list[arb]]:
        """Hessian in the means, ``nd x nd``, or its principal submatrix in some rows."""
        chosen = tuple(range(self.mixture.n * self.mixture.dimension) if rows is None else rows)
        result: list[list[arb]] = self._recalled(
            (objective, "hessian", chosen), lambda: self._hessian(objective, chosen)
        )
        return result

    def _hessian(self, objective: str | Objective, rows: Sequence[int]) -> list[list[arb]]:
        program = _program(objective, "hessian", self.mixture)
        d = self.mixture.dimension
        places = [divmod(row, d) for row in rows]
        if len(directions(self.mixture)) > 1:
            pairs = [(*p, *q) for p in places for q in places]
            values = iter(
                TensorRule(self.mixture, self.digits, self.deadline).expect(program, pairs)
            )
            return [[next(values) for _ in places] for _ in places]
        line = Line(self.mixture)
        self._forget()
        # Symmetric by a derived identity: half of the entries are integrated.
        half = [
            [self._expect(program, line, (*p, *q)) for q in places[: number + 1]]
            for number, p in enumerate(places)
        ]
        size = range(len(places))
        return [[half[max(i, k)][min(i, k)] for k in size] for i in size]

    @property
    def parameters(self) -> dict[str, arb]:
        """Values of the parameters of the mixture's family, as balls."""
        return {name: mixing(value) for name, value in self.mixture.parameters}

    def total_variation(self) -> arb:
        """Total variation in one dimension: ``|p - q|`` integrated adaptively, tails bounded."""
        value: arb = self._recalled("total variation", self._total_variation)
        return value

    def _total_variation(self) -> arb:
        teacher_means, teacher_weights = self.mixture.teacher
        families = (
            [acb(ball(x)) for x in coordinates(means)]
            for means in (self.mixture.means, teacher_means)
        )
        signs = [ball(w) for w in self.mixture.weights] + [-ball(w) for w in teacher_weights]
        centres = [centre for family in families for centre in family]
        reach = math.isqrt(5 * min(self.digits, 15)) + 4
        reals = coordinates((*self.mixture.means, *teacher_means))

        def integrand(z: acb, analytic: bool) -> acb:
            # The signs add up to 0: relative to N(0, 1) each term may be counted from 1.
            terms = (s * (z * c - c * c / 2).expm1() for c, s in zip(centres, signs, strict=True))
            return (sum(terms, acb(0)) * (-z * z / 2).exp()).real_abs(analytic=analytic)

        goal = arb(10) ** -min(self.digits, 15)
        low, high = ball(min(reals) - reach), ball(max(reals) + reach)
        total = acb.integral(integrand, low, high, abs_tol=goal, rel_tol=goal).real
        tails = 2 * (arb(reach) / arb(2).sqrt()).erfc()
        value = total / (2 * arb.pi()).sqrt() + arb(0, tails.abs_upper())
        if not (value.is_finite() and bool(value.rad() < 1)):  # densities that nearly agree
            raise NotConfirmedError("total variation: the integral has no useful enclosure")
        return value / 2

    def elsewhere(self, mixture: Mixture) -> IndependentPoint:
        """Return the same kind of evaluation at another mixture."""
        return IndependentPoint(mixture, self.asked, self.deadline, self.memory)

    def expectation(self, program: Program) -> Any:
        """Expectation of a lowered integrand, nested in the order of its free labels."""
        return self._recalled(program, lambda: self._expectation(program))

    def _recalled(self, question: Hashable, compute: Callable[[], Any]) -> Any:
        return self.memory.recall(self.mixture, question, lambda: mixed(compute()))

    def _expectation(self, program: Program) -> Any:
        if len(directions(self.mixture)) > 1:
            return self._on_a_grid(program)
        self._forget()
        line = Line(self.mixture)
        return self._entries(program, line, program.output.indices, ())

    def _on_a_grid(self, program: Program) -> Any:
        """All entries in one pass over a grid in two or three dimensions."""
        rule = TensorRule(self.mixture, self.digits, self.deadline)
        sizes = [rule.sizes[kind(label)] for label in program.output.indices]
        entries = list(itertools.product(*(range(size) for size in sizes)))
        values = iter(rule.expect(program, entries))

        def nested(depth: int) -> Any:
            if depth == len(sizes):
                return next(values)
            return [nested(depth + 1) for _ in range(sizes[depth])]

        return nested(0)

    def _forget(self) -> None:
        """Drop what was kept for the previous kernel."""
        self._plans.clear()
        self._kernels.clear()

    def _entries(
        self, program: Program, line: Line, labels: tuple[str, ...], fixed: tuple[int, ...]
    ) -> Any:
        if labels:
            size = line.sizes[kind(labels[0])]
            return [
                self._entries(program, line, labels[1:], (*fixed, index)) for index in range(size)
            ]
        return self._expect(program, line, fixed)

    def _expect(self, program: Program, line: Line, indices: tuple[int, ...]) -> arb:
        """One entry, at a working precision raised until the enclosure is narrow enough."""
        tolerance = Fraction(1, 10**self.digits)
        for attempt in range(4):
            with precision(self.digits + 5, 40 + 100 * (4**attempt - 1)):
                value = self._mixture_sum(program, line, indices)
            if value.is_finite() and value.rad() <= ball(tolerance) * _at_least_one(value):
                return value
        raise NotConfirmedError(f"{program.name}{list(indices)}: the enclosure stays at {value}")

    def _mixture_sum(self, program: Program, line: Line, indices: tuple[int, ...]) -> arb:
        student = program.base == "student"
        means = self.mixture.means if student else line.teacher_means
        weights = self.mixture.weights if student else line.teacher_weights
        total = arb(0)
        for mean, weight in zip(means, weights, strict=True):
            total += ball(weight) * self._gaussian_mean(program, line, indices, mean)
        return total

    def _gaussian_mean(
        self, program: Program, line: Line, indices: tuple[int, ...], centre: Vector
    ) -> arb:
        """Expectation under ``N(centre, I)``: the integral over a window plus its tails."""
        middle = line.along(centre)
        entry = (program.output.target, indices)
        envelope = Interpreter(self._plan(program, line), line.envelope_inputs())
        height = abs(envelope.value(entry)).upper()
        growth, offset = line.log_growth(centre) if program.log_degree else (arb(0), arb(1))
        offset += growth * abs(middle)
        size = float(((offset + growth) * height + 1).log().upper())
        half_width = math.ceil(math.sqrt(2 * (math.log(10) * (self.digits + 5) + size))) + 1
        window = arb(half_width)
        density = 1 / (2 * arb.pi()).sqrt()
        tail = height * (
            offset * (window / arb(2).sqrt()).erfc()
            + growth * 2 * density * (-window * window / 2).exp()
        )

        def integrand(offset_from_middle: acb, analytic: bool) -> acb:
            y = offset_from_middle + middle
            kernel = self._kernel_at(program, line, y, analytic, centre)
            value = kernel.value(entry)
            return value * (-offset_from_middle * offset_from_middle / 2).exp() * density

        inside = self._integrate(integrand, half_width)
        return inside.real + arb(0, tail.upper())

    def _kernel_at(
        self, program: Program, line: Line, y: acb, analytic: bool, centre: Vector
    ) -> Interpreter:
        """Interpreter at a point, shared by the entries of a gradient or Hessian."""
        key = (centre, ctx.prec, analytic, _bits(y.real), _bits(y.imag))
        if key not in self._kernels:
            inputs = line.inputs_at(y, analytic, centre)
            self._kernels[key] = Interpreter(self._plan(program, line), inputs)
        return self._kernels[key]

    def _plan(self, program: Program, line: Line) -> ProductPlan:
        """The plan at the current precision."""
        if ctx.prec not in self._plans:
            self._plans[ctx.prec] = ProductPlan(
                program, line.sizes, partial(constant_input, line.mixture)
            )
        return self._plans[ctx.prec]

    def _integrate(self, integrand: Callable[[acb, bool], acb], half_width: int) -> acb:
        """Arb's integrator, with the two things python-flint drops: errors and non-convergence."""
        raised: list[Exception] = []

        def guarded(z: acb, analytic: bool) -> acb:
            # python-flint turns an exception in a callback into SystemError: keep the original
            if raised:
                return acb(arb("nan"))
            try:
                if passed(self.deadline):
                    raise NotConfirmedError("out of time")
                return integrand(z, bool(analytic))
            except Exception as error:
                raised.append(error)
                return acb(arb("nan"))

        goal = ball(Fraction(1, 10 ** (self.digits + 3)))
        result = acb.integral(
            guarded,
            acb(-half_width),
            acb(half_width),
            abs_tol=goal,
            eval_limit=_EVALUATION_LIMIT,
        )
        if raised:
            raise raised[0]
        if not result.is_finite():
            raise NotConfirmedError("the integral is not finite")
        return result


def _at_least_one(value: arb) -> arb:
    size = abs(value).lower()
    return size if size > 1 else arb(1)


def _bits(value: arb) -> tuple[Any, ...]:
    """Key under which equal balls, and only those, agree."""
    if not value.is_finite():
        return (value.str(5),)
    return (*value.mid().man_exp(), *value.rad().man_exp())
