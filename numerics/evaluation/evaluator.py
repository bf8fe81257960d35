"""Repeated evaluation in a backend's own numbers, for descent and root finding.

Nothing is parsed and no rank is decided here: the caller holds centred means (teacher ``N(0, I)``)
as native numbers and states the rank, which is structural (``min(n - 1, d)`` by default). In
float64 the quadrature grid is kept while the means stay inside the box it was planned for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from numerics.errors import InputError
from numerics.evaluation.float_engine import GridEngine, RandomEngine
from numerics.evaluation.float_once import PRODUCT_RANK
from numerics.evaluation.request import check_digits
from numerics.evaluation.result import FloatValues, NativeTeacher, Setting
from numerics.evaluation.scalar_engine import ScalarEngine
from numerics.kernels import load_program
from numerics.kernels.library import TeacherKind
from numerics.numbers.exact import parse_weights

if TYPE_CHECKING:
    from derive.losses.objectives import Objective
    from numerics.quadrature.float_grid import ProductGrid


class _Engine(Protocol):
    def __call__(self, means: Any) -> FloatValues:
        """Evaluate at centred means, ``n x d`` native numbers."""


class Evaluator:
    """Losses, gradients and Hessians at centred means given as native numbers.

    Parameters
    ----------
    objective : str or Objective
    quantities : sequence of {"loss", "gradient", "hessian"}
        Evaluated together at the same nodes.
    n, dimension : int
        Shape of the means.
    weights : sequence of numbers, optional
        Exact as in `numerics.evaluate`; default uniform.
    digits : int
        Absolute error ``10^-digits * max(1, |value|)``; also the working accuracy.
    backend : {"float64", "mpmath", "ball"}
        float64: arrays of floats. mpmath: nested lists or arrays of mpf. ball: of arb, which may be
        wide; results then enclose the value at every point of the box.
    max_nodes : int, optional
        Above rank 3: nodes per evaluation (default 16384, the same points in every call).
    rank : int, optional
        A promise that the differences span no more dimensions; default ``min(n - 1, d)``, with a
        teacher of ``k`` components ``min(n + k - 2, d)``.
    seed : int
        Of the randomization above rank 3.
    teacher : NativeTeacher, optional
        A mixture teacher in the same coordinates as the means; default ``N(0, I)``.
    goal : float, optional
        float64 up to rank 3 only: absolute error of the quadrature (without rounding) in place of
        ``10^-digits / 8``. Kernels keep relative accuracy where the loss is tiny, so a small goal
        makes an exponentially small gradient accurate; `error` says how accurate.

    Raises
    ------
    InputError
        On construction for bad arguments; on a call if too many nodes are needed.

    Examples
    --------
    >>> import numpy as np
    >>> gradient = Evaluator("forward", ("loss", "gradient"), n=2, dimension=1)
    >>> result = gradient(np.array([[-0.75], [2.125]]))
    >>> round(float(result["loss"]), 6), result["gradient"].round(6).tolist()
    (0.84163, [[-1.032001], [0.422021]])
    """

    def __init__(
        self,
        objective: str | Objective,
        quantities: Sequence[str],
        *,
        n: int,
        dimension: int,
        weights: object = None,
        digits: int = 15,
        backend: str = "float64",
        max_nodes: int | None = None,
        rank: int | None = None,
        seed: int = 0,
        goal: float | None = None,
        teacher: NativeTeacher | None = None,
    ) -> None:
        check_digits(digits, backend)
        spread = n - 1 + (len(teacher.weights) - 1 if teacher else 0)
        highest = max(0, min(spread, dimension))
        if rank is None:
            rank = highest
        if not 0 <= rank <= highest:
            raise InputError("rank", rank, f"an integer from 0 to min({spread}, d) = {highest}")
        self.quantities = tuple(quantities)
        self.shape = (n, dimension)
        self.rank = rank
        self.backend = backend
        kind: TeacherKind = "mixture" if teacher else "single"
        programs = [load_program(objective, quantity, kind) for quantity in self.quantities]
        setting = Setting(programs, parse_weights(weights, n), dimension, rank, teacher)
        if goal is not None and (backend != "float64" or rank > PRODUCT_RANK or not goal > 0):
            allowed = f"a positive number, for float64 up to rank {PRODUCT_RANK}"
            raise InputError("goal", goal, allowed)
        self._engine: _Engine
        if backend != "float64":
            self._engine = ScalarEngine(setting, digits, backend, max_nodes)
        elif rank > PRODUCT_RANK:
            self._engine = RandomEngine(setting, max_nodes, seed)
        else:
            target = 10.0**-digits / 8 if goal is None else goal
            self._engine = GridEngine(setting, target, max_nodes)
        self._last: FloatValues | None = None

    def __call__(self, means: Any, spanning: Any = None) -> dict[str, Any]:
        """Evaluate at centred means, ``n x d``.

        Parameters
        ----------
        means : n x d
        spanning : m x d, optional
            mpmath and ball: vectors that span the differences of the means, where those cannot be
            had from the means themselves (a box in which means may coincide).

        Returns
        -------
        dict
            By quantity: loss ``()``, gradient ``n x d``, Hessian ``nd x nd``, as arrays of native
            numbers (a loss as a number).
        """
        outcome = self._engine(means) if spanning is None else self._scalar(means, spanning)
        self._last = outcome
        return dict(zip(self.quantities, outcome.values, strict=True))

    def _scalar(self, means: Any, spanning: Any) -> FloatValues:
        if not isinstance(self._engine, ScalarEngine):
            raise InputError("spanning", "given", 'nothing with backend "float64"')
        return self._engine(means, spanning)

    def descend(self, means: Any, factors: Any, rows: Any, count: int) -> tuple[Any, int]:
        """Take at most ``count`` steps ``means[j] -= factors[j] * gradient[rows[j]]``, compiled.

        For one quantity, the gradient. Returns the last means and the number of steps: none on
        backends, ranks and grids that compiled code does not cover, or without numba.
        """
        if not isinstance(self._engine, GridEngine):
            return means, 0
        return self._engine.descend(means, factors, rows, count)

    @property
    def nodes(self) -> int:
        """Quadrature nodes of the last call (0 before)."""
        return self._last.nodes if self._last else 0

    @property
    def grid(self) -> ProductGrid | None:
        """The quadrature grid kept from call to call; None where every call plans its own."""
        return getattr(self._engine, "grid", None)

    @property
    def error(self) -> Any:
        """Largest absolute error estimate of the last call's entries (ball: largest radius)."""
        return self._last.largest_error() if self._last else None
