"""What the ball backend returns: numbers with radii, as balls and, once asked for, as decimals."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from numerics import markup
from numerics.numbers.decimal_balls import Nested, decimal_ball, flatten, map_nested, meets


@dataclass(frozen=True, repr=False)
class Enclosure:
    """A rigorous result: every number lies within ``rad`` of ``mid``, as printed.

    Attributes
    ----------
    balls : arb or nested lists of arb
        At working precision.
    digits : int
        What was asked for: radius at most ``10^-digits * max(1, |value|)``.
    met : bool
        Whether it was reached (wide input boxes may make it impossible).
    nodes : int
        Quadrature nodes.
    rank : int
        Dimension of the integral.
    objective, quantity : str
    backend : str
        ``"ball"``.
    """

    balls: Nested
    digits: int
    met: bool
    nodes: int = 0
    rank: int = 0
    objective: str = ""
    quantity: str = ""
    backend: str = "ball"

    @classmethod
    def from_balls(
        cls,
        balls: Nested,
        digits: int,
        *,
        nodes: int = 0,
        rank: int = 0,
        objective: str = "",
        quantity: str = "",
        anything: bool = False,
    ) -> Enclosure:
        """Enclosure from balls (an arb, nested lists, or an object array).

        Balls that are not finite are refused unless ``anything`` is allowed, as over a wide box.

        Examples
        --------
        >>> import flint
        >>> from numerics.numbers.balls import precision
        >>> with precision(60):
        ...     third = Enclosure.from_balls([flint.arb(1) / 3], 10)
        >>> third.mid, third.rad, third.met
        (['0.333333333333'], ['3.34e-13'], True)
        """
        nested = balls.tolist() if isinstance(balls, np.ndarray) else balls
        leaves = flatten(nested)
        for ball in leaves:
            if not (anything or ball.is_finite()):
                decimal_ball(ball, digits)  # says what is wrong
        met = all(meets(ball, digits) for ball in leaves)
        return cls(nested, digits, met, nodes, rank, objective, quantity)

    @cached_property
    def _texts(self) -> Nested:
        return map_nested(lambda ball: decimal_ball(ball, self.digits), self.balls)

    @property
    def mid(self) -> Nested:
        """Midpoints as decimal text, nested like the balls."""
        return map_nested(lambda pair: pair[0], self._texts)

    @property
    def rad(self) -> Nested:
        """Radii as decimal text, which include the rounding of the midpoints."""
        return map_nested(lambda pair: pair[1], self._texts)

    def _repr_html_(self) -> str:
        title = " ".join(filter(None, (self.objective, self.quantity))) or "expectation"
        met = "" if self.met else "; the radius is larger than asked for"
        about = f"{title}, {self.digits} digits, enclosed, rank {self.rank}{met}"
        return markup.html_table(about, *markup.number_rows(self.mid, self.rad))

    def _repr_latex_(self) -> str:
        return markup.latex_number(self.mid, self.rad)

    def __repr__(self) -> str:
        names = ["mid", "rad", *(field.name for field in fields(self))]
        return f"Enclosure({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"
