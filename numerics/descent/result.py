"""What a descent is given and what it returns: gradient sources, run options, outcome."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, Protocol

from numerics import markup
from numerics.descent.problem import DescentProblem
from numerics.fates.criteria import Fate
from numerics.numbers.arithmetic import Arithmetic, Array
from numerics.numbers.exact import decimal_text

Stopped = Literal["completed", "certified", "max-seconds", "interrupted"]


class GradientSource(Protocol):
    """Loss and gradient at distinct components' coordinates, in one backend's numbers."""

    def gradient(self, coordinates: Array) -> Array:
        """Return ``d loss / d v`` (distinct x s), for merged components the sum of theirs."""

    def loss(self, coordinates: Array, spanning: Array | None = None) -> Any:
        """Return the loss.

        ``spanning`` are vectors that span the differences of the means, for boxes where these
        cannot be had from the coordinates.
        """

    def hessian(self, coordinates: Array) -> Array:
        """Enclose the derivative of the gradient over a box, (distinct x s) squared (ball only)."""

    def box_hessian(self, coordinates: Array) -> Array | None:
        """Enclose the same to two digits; None where a wide box would cost too much (ball only)."""

    def collapsed(
        self, coordinates: Array, rank: int, spanning: Array | None
    ) -> tuple[Array, Array]:
        """Enclose gradient and Hessian, both at the working digits (ball only).

        Exact coordinates, of which some may coincide: their differences span ``rank`` dimensions,
        those of the vectors ``spanning`` if given. The Hessian has the axes (component, coordinate,
        component, coordinate).
        """

    def hessian_derivative_bound(self, radii: Sequence[Any]) -> Any:
        """Bound the derivatives of the Hessian's entries where ``|v_j[a]| <= radii[a]`` (ball).

        The Hessian of all components, coincident ones counted one by one.
        """

    def gradient_derivative_bound(self, radii: Sequence[Any]) -> Any:
        """Bound the derivatives of the gradient's entries in the same way (ball)."""

    def nodes(self) -> int:
        """Return the number of quadrature nodes of the latest gradient."""

    def errors(self) -> tuple[Any, Any]:
        """Return the largest absolute errors of the latest gradient's entries and of the loss."""

    def anchors(self) -> tuple[Array | None, Array | None]:
        """Return where the quadratures of gradient and loss now in use were planned.

        A resumed run must plan them there to continue bit for bit. None: planned in every call.
        """

    def restore(self, anchors: tuple[Array | None, Array | None]) -> None:
        """Plan the quadratures at `anchors` of an earlier run."""


SourceFactory = Callable[[DescentProblem, Arithmetic], GradientSource]


@dataclass(frozen=True)
class RunOptions:
    """How a descent is run; nothing here changes an iterate.

    Attributes
    ----------
    out : Path or None
        Trajectory file (see `numerics.descent.recording`).
    every : int or None
        Record every so many steps; None is about 1000 rows.
    resume : bool
        Continue from the checkpoint next to ``out``.
    overwrite : bool
        Drop what an unfinished run has left for ``out``; else a new run there is refused.
    max_seconds : float or None
        Stop after so many seconds and save a checkpoint next to ``out``.
    stop : callable or None
        Asked between steps, several times a second; True stops the run like ``max_seconds``.
    progress : callable or None
        Told the number of steps done, several times a second.
    observe : callable or None
        Given the step and the centred means of every iterate that ``every`` selects, the last among
        them; from step 0 again where a run in balls begins anew at more digits.
    certify : bool
        Stop at the first iterate whose enclosure satisfies a theorem's hypotheses (ball backend).
    deliver : callable or None
        Given the outcome while its checkpoint still lies there: if what it does with it fails, or
        is killed, the run can be resumed at its end.
    """

    out: Path | None = None
    every: int | None = None
    resume: bool = False
    overwrite: bool = False
    max_seconds: float | None = None
    stop: Callable[[], bool] | None = None
    progress: Callable[[int], None] | None = None
    observe: Callable[[int, Array], None] | None = None
    certify: bool = False
    deliver: Callable[[Descent], None] | None = None


@dataclass(frozen=True)
class ClusterMeans:
    """Components whose means may be equal to all digits of `Descent.means`, told apart.

    Attributes
    ----------
    components : tuple of int
    centre : d numbers
        Mean of the components' means ``v``.
    deviations : len(components) x d array
        ``v_i`` minus the centre, relatively accurate.
    """

    components: tuple[int, ...]
    centre: Array
    deviations: Array


@dataclass(frozen=True)
class Descent:
    """Outcome of a descent.

    Attributes
    ----------
    problem : DescentProblem
    fates : tuple of Fate
        In component order.
    means, centred_means : n x d arrays of the backend's numbers
        Last iterate in the user's coordinates ``mu`` and as ``v``.
    loss : number
    steps : int
        Steps done; `stopped` says whether these are all.
    stopped : {"completed", "certified", "max-seconds", "interrupted"}
    tau : Fraction
        Sum of the step sizes done (in ``mu``).
    working_digits : int
    attempts : tuple of int
        Working digits of discarded attempts (ball backend).
    nodes : int
        Quadrature nodes of the last gradient.
    checkpoint : Path or None
        Where the state was saved, if the run is not complete.
    seconds : float
        Time spent, earlier parts of a resumed run included.
    trail : tuple of (int, n x d array)
        With `RunOptions.certify`: enclosures of ``v`` at step 0, powers of two, and the last.
    clusters : tuple of ClusterMeans
        Near-coincident components at the last iterate, told apart by their deviations (ball).
    loss_error : number or None
        Error of the loss at the means returned; None in balls, which carry their own.
    means_error : float or None
        Of sampled gradients (rank above 3): about how far off the means are, the larger error of
        the first and last gradient times the time run. Amplification on the way is not counted.
    """

    problem: DescentProblem
    fates: tuple[Fate, ...]
    means: Array
    centred_means: Array
    loss: Any
    steps: int
    stopped: Stopped
    tau: Fraction
    working_digits: int
    attempts: tuple[int, ...]
    nodes: int
    checkpoint: Path | None
    seconds: float
    arithmetic: Arithmetic = field(repr=False)
    trail: tuple[tuple[int, Array], ...] = field(default=(), repr=False)
    clusters: tuple[ClusterMeans, ...] = field(default=(), repr=False)
    loss_error: Any = None
    means_error: float | None = None

    @property
    def finished(self) -> bool:
        """Whether the run is complete: all steps done, or certified."""
        return self.stopped in ("completed", "certified")

    def _repr_html_(self) -> str:
        title = (
            f"{self.steps} steps, tau = {decimal_text(self.tau, 6)}, {self.stopped}; "
            f"loss {markup.short_number(str(self.loss))}"
        )
        rows = [
            (str(fate.component), fate.fate, fate.criterion, fate.basis, _mean(mean))
            for fate, mean in zip(self.fates, self.means, strict=True)
        ]
        return markup.html_table(title, ("component", "fate", "by", "on", "mean"), rows)

    @property
    def tau_text(self) -> str:
        """``tau`` as decimal text."""
        return decimal_text(self.tau)

    @property
    def working_digits_text(self) -> str:
        """How many digits the means were held at, and why."""
        planned = self.problem.working_digits
        text = planned.describe(self.problem.backend, self.problem.digits)
        if self.attempts:
            tried = ", ".join(str(digits) for digits in self.attempts)
            text += (
                f"; the final radius needed {self.working_digits} working digits "
                f"(discarded runs at {tried})"
            )
        return text


def _mean(entries: Array) -> str:
    shown = [markup.short_number(str(entry)) for entry in entries[: markup.COLUMNS]]
    more = ", ..." if len(entries) > markup.COLUMNS else ""
    return f"({', '.join(shown)}{more})"
