r"""Iterations of one's own, written with losses and gradients, on any backend.

A map takes a `Place` and returns the next one, ``at.moved(means)``; `numerics.descent.iteration`'s
``iterate(step, start)`` runs it. What a map keeps from step to step (a momentum) goes into
``at.moved(means, memory)``. Gradient EM, EM, Polyak's step and momentum are here as maps.

In balls every place encloses the iterate of the exact map: radii grow from step to step, so that
long runs need more digits.

Examples
--------
>>> from itertools import islice
>>> from numerics.descent.iteration import iterate
>>> start = Place.of([["2"], ["-2"]])
>>> path = iterate(lambda at: at.moved(at.means - at.gradient("kl")), start)
>>> [round(float(at.means[0, 0]), 4) for at in islice(path, 3)]
[2.0, 1.3647, 1.0186]
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from derive.algebra.program import Assignment, Factor, Program, Term
from numerics.errors import InputError
from numerics.evaluation.evaluator import Evaluator
from numerics.evaluation.exact_inputs import scalar_backend
from numerics.evaluation.float_engine import GridEngine
from numerics.evaluation.request import SCALAR_RANK, check_digits
from numerics.evaluation.result import NativeTeacher, Setting
from numerics.evaluation.scalar_engine import ScalarEngine
from numerics.mixtures.problem import StudentTeacher
from numerics.numbers.exact import subtract

if TYPE_CHECKING:
    from derive.losses.objectives import Objective

Array = Any
Number = Any

#: ``E_T[psi_j]``: what EM divides by.
MASSES = Program(
    "masses",
    "teacher",
    (Assignment("output", ("j0",), (Term(Fraction(1), (Factor("psi", ("j0",)),)),)),),
)


@dataclass(frozen=True, eq=False)
class System:
    """Weights, teacher, backend and digits of an iteration, and the evaluators made for them.

    Attributes
    ----------
    given : StudentTeacher
        The start; its weights and teacher stay.
    backend : {"float64", "mpmath", "ball"}
    digits : int
    """

    given: StudentTeacher
    backend: str
    digits: int
    _evaluators: dict[Any, Any] = field(default_factory=dict, repr=False)

    @cached_property
    def number(self) -> Callable[[Fraction], Number]:
        """Conversion of an exact number to the backend's."""
        return float if self.backend == "float64" else scalar_backend(self.backend)[0]

    def table(self, rows: Sequence[Sequence[Fraction]]) -> Array:
        """Exact rows as an array of the backend's numbers."""
        kind = np.float64 if self.backend == "float64" else object
        array = np.empty((len(rows), len(rows[0])), dtype=kind)
        for index, value in np.ndenumerate(np.array(rows, dtype=object)):
            array[index] = self.number(value)
        return array

    @cached_property
    def origin(self) -> Array:
        """The teacher's first mean."""
        return self.table([self.given.merged().teacher.means[0]])[0]

    @cached_property
    def teacher(self) -> NativeTeacher | None:
        """A mixture teacher, centred; None for one Gaussian."""
        given = self.given.merged()
        if not given.mixture:
            return None
        first = given.teacher.means[0]
        rows = [subtract(row, first) for row in given.teacher.means]
        return NativeTeacher(self.table(rows), given.teacher.weights)

    def evaluator(self, objective: str | Objective, quantity: str) -> Evaluator:
        """The evaluator of a quantity, made once."""
        key = (objective, quantity)
        if key not in self._evaluators:
            self._evaluators[key] = Evaluator(
                objective,
                (quantity,),
                n=self.given.n,
                dimension=self.given.dimension,
                weights=self.given.weights,
                digits=self.digits,
                backend=self.backend,
                teacher=self.teacher,
            )
        known: Evaluator = self._evaluators[key]
        return known

    @cached_property
    def masses(self) -> Callable[[Array], Any]:
        """Evaluates ``E_T[psi_j]`` at centred means."""
        n, d = self.given.n, self.given.dimension
        others = len(self.teacher.weights) - 1 if self.teacher else 0
        rank = max(0, min(n - 1 + others, d))
        if rank > SCALAR_RANK:
            raise InputError("means", f"differences over {rank} dimensions", f"{SCALAR_RANK}")
        setting = Setting([MASSES], self.given.weights, d, rank, self.teacher)
        if self.backend != "float64":
            return ScalarEngine(setting, self.digits, self.backend, None)
        return GridEngine(setting, 10.0**-self.digits / 8, None)


@dataclass(frozen=True, eq=False)
class Place:
    """An iterate: the means in the backend's numbers, and what can be evaluated there.

    Attributes
    ----------
    means : n x d array
        In the user's coordinates.
    system : System
    index : int
        Steps taken so far.
    memory : object
        What the last step kept; None at the start.
    """

    means: Array
    system: System
    index: int = 0
    memory: Any = None

    @classmethod
    def of(
        cls,
        means: object,
        weights: object = None,
        teacher: object = None,
        *,
        backend: str = "float64",
        digits: int = 15,
    ) -> Place:
        """Start at exact means.

        Parameters
        ----------
        means, weights, teacher
            As for `numerics.evaluate`.
        backend : {"float64", "mpmath", "ball"}
        digits : int

        Raises
        ------
        InputError
            Naming argument, value and what is allowed.
        """
        if backend not in ("float64", "mpmath", "ball"):
            raise InputError("backend", repr(backend), '"float64", "mpmath" or "ball"')
        check_digits(digits, backend)
        given = StudentTeacher.from_user(means, weights, teacher)
        system = System(given, backend, digits)
        return cls(system.table(given.means), system)

    def moved(self, means: Array, memory: Any = None) -> Place:
        """Return the next place.

        Raises
        ------
        InputError
            If the means have another shape.
        """
        array = np.asarray(means)
        if array.shape != self.means.shape:
            raise InputError("means", f"shape {array.shape}", f"shape {self.means.shape}")
        return replace(self, means=array, index=self.index + 1, memory=memory)

    def constant(self, value: int | str | Fraction) -> Number:
        """Return an exact number as the backend's own."""
        return self.system.number(Fraction(value))

    def loss(self, objective: str | Objective) -> Number:
        """Loss of an objective."""
        return self._quantity(objective, "loss")

    def gradient(self, objective: str | Objective) -> Array:
        """Gradient in the means, ``n x d``."""
        return self._quantity(objective, "gradient")

    def hessian(self, objective: str | Objective) -> Array:
        """Hessian in the means, ``nd x nd``."""
        return self._quantity(objective, "hessian")

    def masses(self) -> Array:
        """Shares ``E_T[psi_j]`` of the teacher's points, ``n x 1``."""
        return np.asarray(self.system.masses(self._centred).values[0]).reshape(-1, 1)

    @property
    def _centred(self) -> Array:
        return self.means - self.system.origin

    def _quantity(self, objective: str | Objective, quantity: str) -> Any:
        return self.system.evaluator(objective, quantity)(self._centred)[quantity]


Step = Callable[[Place], Place]


def em_step(at: Place) -> Place:
    """Step of EM in the means: ``v_j' = E[psi_j x] / E[psi_j] = v_j - grad_j K / E[psi_j]``.

    Examples
    --------
    >>> start = Place.of([["1"], ["-1"]], teacher={"means": [["1"], ["-1"]]})
    >>> bool(abs(em_step(start).means - start.means).max() < 1e-14)
    True
    """
    return at.moved(at.means - at.gradient("kl") / at.masses())


def gradient_step(
    objective: str | Objective, size: Any, schedule: Callable[[int], Any] | None = None
) -> Step:
    """Gradient descent with an exact step size, or one that a schedule gives for every index.

    Examples
    --------
    >>> halved = gradient_step("kl", 1, lambda k: Fraction(1, k + 1))
    >>> float(halved(Place.of([["2"]])).means[0, 0])
    0.0
    """

    def step(at: Place) -> Place:
        own = at.constant(schedule(at.index) if schedule else size)
        return at.moved(at.means - own * at.gradient(objective))

    return step


def polyak_step(
    objective: str | Objective, optimum: Any = 0, every: int = 1, size: Any = 1
) -> Step:
    """Polyak's step ``(loss - optimum) / |grad|^2`` at every ``every``-th index, else ``size``.

    Examples
    --------
    >>> float(polyak_step("kl")(Place.of([["2"]])).means[0, 0])
    1.0
    """

    def step(at: Place) -> Place:
        gradient = at.gradient(objective)
        if (at.index + 1) % every:
            return at.moved(at.means - at.constant(size) * gradient)
        gap = at.loss(objective) - at.constant(optimum)
        square = sum(entry * entry for entry in gradient.flat)
        return at.moved(at.means - (gap / square) * gradient)

    return step


def momentum_step(objective: str | Objective, size: Any, momentum: Any) -> Step:
    """Heavy ball: ``v' = v - size grad + momentum (v - previous v)``.

    Examples
    --------
    >>> step = momentum_step("kl", "1/2", "1/2")
    >>> float(step(step(Place.of([["4"]]))).means[0, 0])
    0.0
    """

    def step(at: Place) -> Place:
        previous = at.means if at.memory is None else at.memory
        pushed = at.constant(momentum) * (at.means - previous)
        return at.moved(at.means - at.constant(size) * at.gradient(objective) + pushed, at.means)

    return step
