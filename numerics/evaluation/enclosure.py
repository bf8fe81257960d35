"""What the ball backend returns: numbers with radii, as decimal text and as balls."""

from __future__ import annotations

from dataclasses import dataclass

from numerics.numbers.decimal_balls import Nested, decimal_ball, flatten, map_nested, meets


@dataclass(frozen=True)
class Enclosure:
    """A rigorous result: every number lies within ``rad`` of ``mid``, as printed.

    Attributes
    ----------
    mid, rad : str or nested lists of str
        Decimal text.
    balls : arb or nested lists of arb
        The same at working precision.
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

    mid: Nested
    rad: Nested
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
    ) -> Enclosure:
        """Print balls (an arb, nested lists, or an object array).

        Examples
        --------
        >>> import flint
        >>> from numerics.numbers.balls import precision
        >>> with precision(60):
        ...     third = Enclosure.from_balls([flint.arb(1) / 3], 10)
        >>> third.mid, third.rad, third.met
        (['0.333333333333'], ['3.34e-13'], True)
        """
        nested = balls.tolist() if hasattr(balls, "tolist") else balls
        texts = map_nested(lambda ball: decimal_ball(ball, digits), nested)
        return cls(
            mid=map_nested(lambda pair: pair[0], texts),
            rad=map_nested(lambda pair: pair[1], texts),
            balls=nested,
            digits=digits,
            met=all(flatten(map_nested(lambda ball: meets(ball, digits), nested))),
            nodes=nodes,
            rank=rank,
            objective=objective,
            quantity=quantity,
        )
