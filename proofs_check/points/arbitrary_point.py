"""A point whose quantities are arbitrary numbers: what holds there owes nothing to what they are.

Losses, gradients and all else are drawn instead of computed; means, weights and the mixture are
what they are. A relation that holds whatever the quantities are (``L <= L + 1``, a sum of squares
that is nonnegative) says nothing about them. It costs no integral, so that a relation can be tried
out before anything runs.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from fractions import Fraction
from random import Random
from typing import TYPE_CHECKING, Any

from numerics.errors import InputError
from proofs_check.points.memory import Memory
from proofs_check.statements.mixing import mixing
from proofs_check.statements.mixture import Mixture, coordinates

if TYPE_CHECKING:
    from derive.algebra.program import Program
    from derive.losses.objectives import Objective
    from proofs_check.statements.relation import Ball, Nested

#: Binary exponents of the numbers drawn; the far ones see what a bound leaves room for.
_EXPONENTS = (-3, 0, 3, 13, 133)


class ArbitraryPoint:
    """A `proofs_check.statements.relation.Point` with numbers drawn at random.

    The same question at the same mixture gets the same answer. Hessians are symmetric, a total
    variation lies in (0, 1).

    Parameters
    ----------
    mixture : Mixture
        The exact point.
    seed : int
        0 gives positive numbers between 1/2 and 2; others give numbers of any sign and size.
    memory, random
        Those of the point from which this one was reached.

    Examples
    --------
    >>> at = ArbitraryPoint(Mixture.of([["0"], ["2"]]), 0)
    >>> bool(at.loss("kl") == at.loss("kl")), bool(at.loss("kl") == at.loss("forward")), at.asked
    (True, False, 2)
    """

    def __init__(
        self,
        mixture: Mixture,
        seed: int,
        memory: Memory | None = None,
        random: Random | None = None,
    ) -> None:
        self.mixture = mixture
        self.seed = seed
        self.memory = memory or Memory()
        self.random = random or Random(seed)
        self.means = [[mixing(entry) for entry in mean] for mean in mixture.means]
        self.weights = [mixing(weight) for weight in mixture.weights]

    @property
    def parameters(self) -> dict[str, Ball]:
        """Values of the parameters of the mixture's family."""
        return {name: mixing(value) for name, value in self.mixture.parameters}

    @property
    def asked(self) -> int:
        """Number of different questions so far, also elsewhere."""
        return len(self.memory.values)

    def loss(self, objective: str | Objective) -> Ball:
        """A number."""
        return self._drawn((_known(objective), "loss"), ())

    def gradient(self, objective: str | Objective) -> list[list[Ball]]:
        """A table ``n x d``."""
        shape = (self.mixture.n, self.mixture.dimension)
        result: list[list[Ball]] = self._drawn((_known(objective), "gradient"), shape)
        return result

    def hessian(
        self, objective: str | Objective, rows: Sequence[int] | None = None
    ) -> list[list[Ball]]:
        """A symmetric table ``nd x nd``, or its principal submatrix in some rows."""
        size = self.mixture.n * self.mixture.dimension
        table = self._drawn((_known(objective), "hessian"), (size, size))
        chosen = range(size) if rows is None else rows
        return [[table[max(i, k)][min(i, k)] for k in chosen] for i in chosen]

    def expectation(self, program: Program) -> Nested:
        """Numbers, nested in the order of the program's free labels."""
        from derive.algebra.program import kind

        teacher, _ = self.mixture.teacher
        sizes = {"j": self.mixture.n, "a": self.mixture.dimension, "t": len(teacher)}
        return self._drawn(program, tuple(sizes[kind(label)] for label in program.output.indices))

    def total_variation(self) -> Ball:
        """A number in (0, 1), in one dimension."""
        coordinates(self.mixture.means)
        return self._recalled("total variation", lambda: mixing(self._share()))

    def elsewhere(self, mixture: Mixture) -> ArbitraryPoint:
        """Return the same kind of evaluation at another mixture."""
        if not isinstance(mixture, Mixture):
            raise InputError("elsewhere", mixture, "a Mixture")
        return ArbitraryPoint(mixture, self.seed, self.memory, self.random)

    def _drawn(self, question: Hashable, shape: tuple[int, ...]) -> Any:
        return self._recalled(question, lambda: self._table(shape))

    def _recalled(self, question: Hashable, draw: Callable[[], Any]) -> Any:
        return self.memory.recall(self.mixture, question, draw)

    def _table(self, shape: tuple[int, ...]) -> Any:
        if shape:
            return [self._table(shape[1:]) for _ in range(shape[0])]
        size = Fraction(1, 2) + Fraction(3, 2) * self._share()
        if self.seed:
            size *= self.random.choice((1, -1)) * Fraction(2) ** self.random.choice(_EXPONENTS)
        return mixing(size)

    def _share(self) -> Fraction:
        return Fraction(self.random.randrange(1, 1024), 1024)


def _known(objective: str | Objective) -> str | Objective:
    """An objective that can be evaluated; anything else is refused as numerics does."""
    from derive.losses.objectives import OBJECTIVES, Objective

    if isinstance(objective, Objective) or (isinstance(objective, str) and objective in OBJECTIVES):
        return objective
    from numerics.kernels import load_program

    load_program(objective, "loss")
    return objective
