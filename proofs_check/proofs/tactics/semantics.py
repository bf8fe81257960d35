"""What terms mean, in numbers: an evaluator that shares nothing with the kernel but the terms.

Means are Gaussian quadrature, derivatives of losses are differences of losses. Used to look for an
instance of a theorem's hypotheses, and to test the kernel's rules against.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from proofs_check.proofs.kernel.terms import (
    COMPONENT,
    COORDINATE,
    POINT,
    REAL,
    STATE,
    STEP,
    Objective,
    Sort,
    Term,
)

#: Terms about a run or a gradient, which are computed in floating point.
_OF_LOSSES = ("gradient", "descended", "run", "flow", "psi", "log_ratio")

#: More than the relative error of any value here that is no mean over far places.
_ROUNDING = 1e-9

Array = npt.NDArray[np.float64]
Values = Mapping[Term, Any]


@dataclass(frozen=True)
class Model:
    """Sizes, weights and quadrature nodes: everything that is not a variable.

    Attributes
    ----------
    weights : array, (n,)
    dimension : int
    nodes_per_axis : int
        Of Gauss-Hermite quadrature; the means should not be far apart.
    """

    weights: Array
    dimension: int
    nodes_per_axis: int = 40
    _rule: tuple[Array, Array] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        nodes, weights = np.polynomial.hermite_e.hermegauss(self.nodes_per_axis)
        weights = weights / weights.sum()
        grid = np.array(list(itertools.product(nodes, repeat=self.dimension)))
        product = np.array([np.prod(w) for w in itertools.product(weights, repeat=self.dimension)])
        object.__setattr__(self, "_rule", (grid, product))

    def size(self, sort: Sort) -> int:
        """``n`` or ``d``."""
        return len(self.weights) if sort is COMPONENT else self.dimension

    def value(self, term: Term, values: Values) -> Any:
        """Value of a real term for values of its free variables."""
        return _Evaluation(self, values).of(term, ())

    def gap(self, formula: Term, values: Values) -> Any:
        """``right - left`` of a relation."""
        left, right = (self.value(a, values) for a in formula.args)
        return right - left

    def holds(
        self,
        formula: Term,
        values: Values,
        draw: Callable[[Sort], Iterator[Any]],
        tolerance: float = 1e-6,
        *,
        exact: bool = False,
    ) -> bool:
        """Whether a formula holds up to rounding; `draw` gives values to try for ``forall``.

        With tolerance 0 inequalities must hold exactly, strict ones strictly. If `exact`, rational
        values stay rational up to roots, exponentials, means and gradients; a relation between
        rational numbers is decided by them, and any other must hold with room for rounding.
        """
        return bool(_Evaluation(self, values, exact).holds(formula, (), draw, tolerance))


class _Evaluation:
    def __init__(self, model: Model, values: Values, exact: bool = False) -> None:
        self.model, self.values, self.exact = model, values, exact
        self._last: tuple[Array, Any, list[Any]] | None = None

    def holds(
        self,
        formula: Term,
        stack: tuple[Any, ...],
        draw: Callable[[Sort], Iterator[Any]],
        tolerance: float,
    ) -> bool:
        if formula.op == "forall":
            sort = formula.data
            finite = sort in (COMPONENT, COORDINATE)
            options = range(self.model.size(sort)) if finite else draw(sort)
            return all(
                self.holds(formula.args[0], (option, *stack), draw, tolerance) for option in options
            )
        sides = tuple(self.of(a, stack) for a in formula.args)
        if self.exact:
            return _decided(formula.op, sides[0], sides[1], tolerance)
        left, right = (np.asarray(side) for side in sides)
        room = tolerance * (1 + np.maximum(np.abs(left), np.abs(right)))
        if formula.op == "equal":
            return bool(np.all(np.abs(right - left) <= np.maximum(room, 1e-9)))
        if formula.op == "below" and not tolerance:
            return bool(np.all(right > left))
        return bool(np.all(right - left >= -room))

    def of(self, term: Term, stack: tuple[Any, ...], depth: int = 0) -> Any:
        """Value of a term; `stack` holds the bound variables, `depth` counts the means around."""
        if term.op == "free":
            return self.values[term]
        if term.op == "bound":
            return stack[term.data[0]]
        if term.op == "number":
            return term.data if self.exact else float(term.data)
        if term.op == "apply":
            args = tuple(self.of(a, stack, depth) for a in term.args)
            return self.of(term.data.body, args, depth)
        if term.op in ("sum", "largest", "least"):
            members = [
                self.of(term.args[0], (index, *stack), depth)
                for index in range(self.model.size(term.data))
            ]
            return _folded(term.op, members)
        if term.op in ("sum_steps", "least_steps"):
            last = self.of(term.args[0], stack, depth)
            members = [self.of(term.args[1], (k, *stack), depth) for k in range(last)]
            return _folded(term.op.removesuffix("_steps"), members)
        if self.exact and term.op in ("mean_teacher", "mean_student", *_OF_LOSSES):
            inexact = _Evaluation(self.model, {t: _float(v) for t, v in self.values.items()})
            return inexact.of(term, tuple(_float(v) for v in stack), depth)
        if term.op == "mean_teacher":
            return self._mean(term.args[0], stack, depth, np.zeros(self.model.dimension))
        if term.op == "mean_student":
            state = self.of(term.args[0], stack, depth)
            parts = (self._mean(term.args[1], stack, depth, v) for v in state)
            return sum(w * part for w, part in zip(self.model.weights, parts, strict=True))
        args = tuple(self.of(a, stack, depth) for a in term.args)
        return self._plain(term, args)

    def _mean(self, body: Term, stack: tuple[Any, ...], depth: int, shift: Array) -> Any:
        nodes, weights = self.model._rule
        # the point of the innermost mean varies along the first axis
        shape = (len(nodes), *(1,) * depth)
        point = [(nodes[:, a] + shift[a]).reshape(shape) for a in range(self.model.dimension)]
        found = np.asarray(self.of(body, (point, *stack), depth + 1))
        # what does not vary with the point has no axis for it, or one of length 1
        if found.ndim <= depth:
            return found
        return found[0] if len(found) == 1 else np.tensordot(weights, found, 1)

    def _plain(self, term: Term, args: tuple[Any, ...]) -> Any:
        op, model = term.op, self.model
        if op == "add":
            return sum(args)
        if op == "multiply":
            return _product(args)
        if op == "gradient":
            return self._slope(term.data, *args)
        if op in ("descended", "run"):
            size, state, *steps = args
            for _ in range(steps[0] if steps else 1):
                state = state - size * self._gradient(term.data, state)
            return state
        if op == "flow":
            return self._flow(term.data, *args)
        number: Callable[..., Any] = Fraction if self.exact else float
        simple: dict[str, Callable[..., Any]] = {
            "inverse": lambda t: 1 / t if t else 0.0,
            "root": lambda t: np.sqrt(np.maximum(_float(t), 0)),
            "exponential": lambda t: np.exp(_float(t)),
            "logarithm": lambda t: np.log(np.where(_float(t) > 0, _float(t), 1)),
            "case": self._case,
            "count": number,
            "size": lambda: number(model.size(term.data)),
            "delta": lambda i, j: number(i == j),
            "pi": lambda j: model.weights[j],
            "v": lambda state, j, a: state[j, a],
            "psi": lambda state, j, x: self._responsibilities(state, x)[j],
            "x": lambda x, a: x[a],
            "log_ratio": self._log_ratio,
            "start": lambda: 0,
            "next": lambda k: k + 1,
        }
        return simple[op](*args)

    def _case(self, a: Any, b: Any, s: Any, t: Any) -> Any:
        if self.exact:
            return s if a <= b else t
        return np.where(np.asarray(a) <= b, s, t)

    def _logits(self, state: Array, x: Any) -> list[Any]:
        return [
            np.log(float(w)) + sum(xa * va - va * va / 2 for xa, va in zip(x, v, strict=True))
            for w, v in zip(self.model.weights, state, strict=True)
        ]

    def _log_ratio(self, state: Array, x: Any) -> Any:
        return _log_of_sum(self._logits(state, x))

    def _responsibilities(self, state: Array, x: Any) -> list[Any]:
        # those of all components are asked for at one point before the next
        if not (self._last and self._last[0] is state and self._last[1] is x):
            logits = self._logits(state, x)
            total = _log_of_sum(logits)
            self._last = (state, x, [np.exp(logit - total) for logit in logits])
        return self._last[2]

    def _loss(self, objective: Objective, state: Array) -> float:
        body = objective.integrand.body
        zero = np.zeros(self.model.dimension)
        # the arguments of the integrand are the state and the point

        def mean(shift: Array) -> Any:
            nodes, weights = self.model._rule
            point = [nodes[:, a] + shift[a] for a in range(self.model.dimension)]
            found = np.asarray(self.of(body, (state, point), 1))
            return np.tensordot(weights, found, 1) if found.ndim else found

        if objective.base == "teacher":
            return float(mean(zero))
        return float(sum(w * mean(v) for w, v in zip(self.model.weights, state, strict=True)))

    def _slope(self, objective: Objective, state: Array, j: int, a: int) -> float:
        change = np.zeros_like(state)
        change[j, a] = 1e-4
        up, down = (self._loss(objective, state + s * change) for s in (1, -1))
        return (up - down) / 2e-4

    def _gradient(self, objective: Objective, state: Array) -> Array:
        places = np.ndindex(*state.shape)
        slopes = [self._slope(objective, state, j, a) for j, a in places]
        return np.array(slopes).reshape(state.shape)

    def _flow(self, objective: Objective, state: Array, time: float) -> Array:
        """State after a time of gradient flow, by the classical Runge-Kutta rule."""
        steps = max(1, int(abs(time) / 0.2))
        h = time / steps
        for _ in range(steps):
            first = self._gradient(objective, state)
            second = self._gradient(objective, state - h / 2 * first)
            third = self._gradient(objective, state - h / 2 * second)
            fourth = self._gradient(objective, state - h * third)
            state = state - h / 6 * (first + 2 * second + 2 * third + fourth)
        return state


def _log_of_sum(logits: list[Any]) -> Any:
    return np.logaddexp.reduce(np.stack(np.broadcast_arrays(*logits)), axis=0)


def _float(value: Any) -> Any:
    """A rational number, or an array of them, as floating point; anything else as it is."""
    if isinstance(value, Fraction):
        return float(value)
    if isinstance(value, np.ndarray) and value.dtype == object:
        return value.astype(float)
    return value


def _decided(relation: str, left: Any, right: Any, tolerance: float) -> bool:
    """A relation between two numbers: rational ones exactly, others with room for rounding."""
    if all(isinstance(side, int | Fraction) for side in (left, right)):
        return bool({"equal": left == right, "at_most": left <= right}.get(relation, left < right))
    left, right = float(left), float(right)
    scale = 1 + max(abs(left), abs(right))
    if relation == "equal":
        return bool(abs(right - left) <= max(tolerance, _ROUNDING) * scale)
    return bool(right - left >= _ROUNDING * scale)


def _product(args: tuple[Any, ...]) -> Any:
    total: Any = 1
    for factor in args:
        total = total * factor
    return total


def _folded(op: str, members: list[Any]) -> Any:
    if not members:
        return 0
    if op == "sum":
        return sum(members)
    total = members[0]
    if all(isinstance(member, int | Fraction) for member in members):
        return max(members) if op == "largest" else min(members)
    for member in members[1:]:
        total = np.maximum(total, member) if op == "largest" else np.minimum(total, member)
    return total


def draws(model: Model, seed: int) -> Callable[[Sort], Iterator[Any]]:
    """Two random values of each sort, always the same."""

    def values(sort: Sort) -> Iterator[Any]:
        random = np.random.default_rng(seed)  # the same values each time
        for _ in range(2):
            yield draw(model, sort, random, 0.5)

    return values


def draw(model: Model, sort: Sort, random: np.random.Generator, size: float = 1.0) -> Any:
    """A random value of a sort."""
    if sort in (COMPONENT, COORDINATE):
        return int(random.integers(model.size(sort)))
    if sort is STATE:
        return random.normal(size=(len(model.weights), model.dimension)) * size
    if sort is POINT:
        return list(random.normal(size=model.dimension) * 2)
    if sort is STEP:
        return int(random.integers(3))
    assert sort is REAL
    return float(np.round(random.choice([random.normal(), random.exponential(), 0.0]), 3))
