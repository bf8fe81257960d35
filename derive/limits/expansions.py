"""Small-``v`` expansions of the three losses, for all n, d and weights.

With independent draws ``1..r`` of components and ``e_k = exp(x.v_k - |v_k|^2/2)`` the density ratio
is ``p/q = 1 + A``, ``A^r = E_draws prod (e_k - 1)``, and ``E_q prod e_k = exp(sum_{k<l} v_k.v_l)``.
So ``E_q A^r`` is a sum over multigraphs on r vertices, none isolated, and the logarithm's series
gives ``K``; ``L = s dK(sv)/ds`` at ``s = 1`` (de Bruijn, I1), and the same for the reverse loss.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import combinations
from math import comb, factorial, prod
from typing import Any

import sympy
from sympy.polys.domains import QQ
from sympy.polys.rings import ring

from derive.algebra.graphs import (
    Graph,
    centred,
    flatten,
    graphs,
    name,
    symmetries,
    value,
    vertex_count,
)
from derive.steps.derivation import ALL, Derivation, DerivationStep, identity_step

#: Largest supported order; the number of graphs grows quickly.
MAX_ORDER = 8


def _log_coefficient(draws: int) -> Fraction:
    """Coefficient of ``A^r`` in ``-log(1 + A)``."""
    return Fraction((-1) ** draws, draws)


def _entropy_coefficient(draws: int) -> Fraction:
    """Coefficient of ``A^r`` in ``(1 + A) log(1 + A)`` (``r = 1`` averages to zero)."""
    return Fraction((-1) ** draws, draws * (draws - 1))


#: Series coefficient in ``A``, and whether de Bruijn's ``s d/ds`` is applied.
_SERIES: dict[str, tuple[Callable[[int], Fraction], bool]] = {
    "forward": (_log_coefficient, True),
    "kl": (_log_coefficient, False),
    "reverse": (_entropy_coefficient, True),
}


@dataclass(frozen=True)
class Expansion:
    """Terms of an objective up to an order in ``v``; odd orders vanish.

    Attributes
    ----------
    objective : str
    order : int
        Terms of higher order are left out.
    terms : tuple of (int, Graph, Fraction)
        Order, invariant, coefficient.
    """

    objective: str
    order: int
    terms: tuple[tuple[int, Graph, Fraction], ...]

    def __str__(self) -> str:
        return self._join(lambda graph: name(graph), "*") + f" + O({self.order + 2})"

    def latex(self) -> str:
        """LaTeX of the expansion."""
        return self._join(lambda graph: name(graph, latex=True), r"\,") + f" + O({self.order + 2})"

    def _join(self, show: Callable[[Graph], str], times: str) -> str:
        pieces = []
        for _, graph, coefficient in self.terms:
            size = "" if abs(coefficient) == 1 else f"{abs(coefficient)}{times}"
            sign = "-" if coefficient < 0 else "+"
            pieces.append(f"{sign} {size}{show(graph)}")
        text = " ".join(pieces)
        return text[2:] if text.startswith("+ ") else text

    def part(self, order: int, means: Sequence[Sequence[Any]], weights: Sequence[Any]) -> Any:
        """Exact value of the terms of one order.

        Examples
        --------
        >>> half = Fraction(1, 2)
        >>> expansion("kl", 4).part(2, [[Fraction(1)], [Fraction(0)]], [half, half])
        Fraction(1, 8)
        """
        total: Any = Fraction(0)
        for level, graph, coefficient in self.terms:
            if level == order:
                total = total + coefficient * value(graph, means, weights)
        return total


@lru_cache(maxsize=32)
def expansion(objective: str, order: int) -> Expansion:
    """Expand an objective's loss in small means, for all n, d and weights.

    Parameters
    ----------
    objective : str
        ``"forward"``, ``"reverse"`` or ``"kl"``.
    order : int
        2, 4, 6 or 8.

    Raises
    ------
    ValueError
        For another objective or order.

    Examples
    --------
    >>> print(expansion("forward", 4))
    |c|^2 - 2*c.Cov c + |Cov|_F^2 + O(6)
    >>> print(expansion("kl", 4))
    1/2*|c|^2 - 1/2*c.Cov c + 1/4*|Cov|_F^2 + O(6)
    """
    if objective not in _SERIES or order not in range(2, MAX_ORDER + 1, 2):
        known = ", ".join(_SERIES)
        msg = f"expansion of {objective!r} to order {order}: known are {known}, orders 2, 4, 6, 8"
        raise ValueError(msg)
    terms = []
    for edges in range(1, order // 2 + 1):
        found = _order(objective, edges)
        for graph in sorted(found, key=lambda item: (len(name(item)), item)):
            terms.append((2 * edges, graph, found[graph]))
    return Expansion(objective, order, tuple(terms))


def _order(objective: str, edges: int) -> dict[Graph, Fraction]:
    """Terms of order ``2 * edges`` in the centre and the centred means."""
    coefficient, radial = _SERIES[objective]
    total: dict[Graph, Fraction] = {}
    for graph in graphs(edges):
        factor = coefficient(vertex_count(graph)) * labelled_weight(graph)
        for invariant, times in centred(graph).items():
            total[invariant] = total.get(invariant, Fraction(0)) + factor * times
    scale = 2 * edges if radial else 1
    return {graph: scale * factor for graph, factor in total.items() if factor}


def labelled_weight(graph: Graph) -> Fraction:
    """Number of labellings of a graph, divided by the factorials of its edges' multiplicities.

    Examples
    --------
    >>> [str(labelled_weight(graph)) for graph in graphs(2)]
    ['3', '1/2', '3']
    """
    _, edges = flatten(graph)
    repeated = prod(factorial(times) for times in edges.values())
    return Fraction(factorial(vertex_count(graph)), symmetries(graph) * repeated)


# A second route: the Taylor series of the integrand itself, through Hermite polynomials.


def direct(objective: str, ratios: Sequence[Any], points: Sequence[Any], order: int) -> Any:
    """Order ``order`` of a loss from the series ``p/q = sum_k ratios[k]``, by Gaussian moments.

    ``ratios[k]`` is the term of order k, a polynomial in the coordinates ``points`` of x.
    """
    logs = _log_series(ratios)
    if objective == "kl":
        return -_gaussian(logs[order], points)
    scores = [[term.diff(point) for point in points] for term in logs]
    total = ratios[0] * 0
    for i in range(1, order):
        for k in range(1, order - i + 1):
            rest = order - i - k
            if rest and objective == "forward":
                continue
            square = sum((p * q for p, q in zip(scores[i], scores[k], strict=True)), ratios[0] * 0)
            total += square * ratios[rest]
    return _gaussian(total, points)


def _log_series(ratios: Sequence[Any]) -> list[Any]:
    """Terms of ``log(1 + sum_{k>=1} ratios[k])``: ``k l_k = k h_k - sum_j j l_j h_{k-j}``."""
    logs = [ratios[0] * 0]
    for k in range(1, len(ratios)):
        rest = sum((j * logs[j] * ratios[k - j] for j in range(1, k)), ratios[0] * 0)
        logs.append(ratios[k] - rest * QQ(1, k))
    return logs


def _gaussian(polynomial: Any, points: Sequence[Any]) -> Any:
    """Expectation over independent standard Gaussian coordinates."""
    parent = polynomial.ring
    places = [parent.gens.index(point) for point in points]
    total = parent.zero
    for powers, coefficient in polynomial.terms():
        if any(powers[place] % 2 for place in places):
            continue
        moment = prod(prod(range(powers[place] - 1, 0, -2)) for place in places)
        rest = [0 if k in places else power for k, power in enumerate(powers)]
        total += parent({tuple(rest): coefficient * moment})
    return total


def _ratio_terms(moment: Callable[[int, int], Any], order: int, one: Any) -> list[Any]:
    """``p/q`` by orders: averages of ``sum_j (x.v)^(k-2j) (-|v|^2/2)^j/((k-2j)! j!)``."""
    return [
        sum(
            (
                moment(k - 2 * j, j) * QQ((-1) ** j, 2**j * factorial(j) * factorial(k - 2 * j))
                for j in range(k // 2 + 1)
            ),
            one * 0,
        )
        for k in range(order + 1)
    ]


def line_matches(objective: str, order: int) -> bool:
    """Second route in one dimension, all n and weights: central moments stay symbols.

    Examples
    --------
    >>> line_matches("kl", 4)
    True
    """
    symbols = ["x", "c", *(f"T{k}" for k in range(2, order + 1))]
    parent, *gens = ring(symbols, QQ)
    x, c, centrals = gens[0], gens[1], [parent.one, parent.zero, *gens[2:]]

    def moment(power: int, pairs: int) -> Any:
        total = power + 2 * pairs
        average = sum(
            (comb(total, k) * c ** (total - k) * centrals[k] for k in range(total + 1)), parent.zero
        )
        return x**power * average

    ratios = _ratio_terms(moment, order, parent.one)
    graphical = parent.zero
    for graph, coefficient in _order(objective, order // 2).items():
        term = parent.one * QQ(coefficient.numerator, coefficient.denominator)
        for legs, edges in graph:
            if not legs:
                term *= c**2
            for vertex, number in enumerate(legs):
                degree = number + sum(times for i, k, times in edges if vertex in (i, k))
                term *= c**number * centrals[degree]
        graphical += term
    return bool(direct(objective, ratios, [x], order) == graphical)


#: Means and weights of the instance in the plane.
PLANE = (
    ((Fraction(1, 2), Fraction(1)), (Fraction(-1), Fraction(1, 3)), (Fraction(2, 3), Fraction(-2))),
    (Fraction(1, 2), Fraction(1, 3), Fraction(1, 6)),
)


def plane_matches(objective: str, order: int) -> bool:
    """Second route at one exact instance with n = 3, d = 2.

    Examples
    --------
    >>> plane_matches("reverse", 4)
    True
    """
    parent, x, y = ring(["x", "y"], QQ)
    means, weights = PLANE

    def moment(power: int, pairs: int) -> Any:
        total = parent.zero
        for (first, second), weight in zip(means, weights, strict=True):
            factor = weight * (first**2 + second**2) ** pairs
            along = x * _rational(first) + y * _rational(second)
            total += along**power * _rational(factor)
        return total

    ratios = _ratio_terms(moment, order, parent.one)
    expected = sum(
        (
            coefficient * value(graph, means, weights)
            for graph, coefficient in _order(objective, order // 2).items()
        ),
        Fraction(0),
    )
    return bool(direct(objective, ratios, [x, y], order) == parent.one * _rational(expected))


def _rational(number: Fraction) -> Any:
    return QQ(number.numerator, number.denominator)


def _gaussian_step(draws: int) -> DerivationStep:
    pairs = list(combinations(range(draws), 2))
    squares = sympy.symbols(f"s0:{draws}")
    inner = {pair: sympy.Symbol(f"g{pair[0]}_{pair[1]}") for pair in pairs}
    return identity_step(
        f"completing the square, {draws} draws: E_q prod e_k = exp(sum_(k<l) v_k.v_l)",
        ("|sum v_k|^2/2 - sum |v_k|^2/2", "sum_(k<l) v_k.v_l"),
        lambda: (sum(squares) + 2 * sum(inner.values())) / 2 - sum(squares) / 2,
        lambda: sum(inner.values()),
        kind="substitution",
    )


def _support_step(order: int) -> DerivationStep:
    def check() -> bool:
        return all(
            sum((-1) ** (r - s) * comb(r - w, s - w) for s in range(w, r + 1)) == int(w == r)
            for r in range(1, order + 1)
            for w in range(r + 1)
        )

    return DerivationStep(
        "inclusion and exclusion: E_q prod (e_k - 1) keeps the graphs that touch every vertex",
        "sum over subsets S containing the w touched vertices of (-1)^(r-|S|)",
        "1 if w = r, else 0",
        "symbolic identity",
        check,
    )


def _count_step(order: int) -> DerivationStep:
    def check() -> bool:
        for edges in range(1, order // 2 + 1):
            for r in range(2, 2 * edges + 1):
                listed = sum(
                    (labelled_weight(g) for g in graphs(edges) if vertex_count(g) == r), Fraction(0)
                )
                counted = sum(
                    (
                        Fraction((-1) ** (r - s) * comb(r, s) * comb(s, 2) ** edges)
                        for s in range(r + 1)
                    ),
                    Fraction(0),
                )
                if listed * factorial(edges) != counted:
                    return False
        return True

    return DerivationStep(
        "the list of graphs is complete: exponential counts of labelled graphs by edges E",
        "sum over graphs with r vertices of (labellings)/(multiplicities!)",
        "sum_s (-1)^(r-s) binom(r, s) binom(s, 2)^E / E!",
        "symbolic identity",
        check,
    )


def _route_step(objective: str, order: int, plane: bool) -> DerivationStep:
    place = "exact instance n = 3, d = 2" if plane else "d = 1, all n and weights"
    route = plane_matches if plane else line_matches
    return DerivationStep(
        f"{objective}, order {order}, {place}: Taylor series of the integrand through Hermite "
        "polynomials and Gaussian moments",
        f"order {order} of E[integrand]",
        "sum over graphs",
        "symbolic identity",
        lambda: route(objective, order),
    )


def _result_step(objective: str, order: int) -> DerivationStep:
    shown = expansion(objective, order)
    again = expansion.__wrapped__
    return DerivationStep(
        f"{objective}: collected in the weighted mean c, covariance Cov, central moments T3, ...",
        "sum over graphs",
        str(shown),
        "symbolic identity",
        lambda: again(objective, order) == shown,
        "",
        shown.latex(),
    )


def small_v_expansion(order: int = 4) -> Derivation:
    """The losses to an order in small means (I5 is order 4).

    Examples
    --------
    >>> bool(small_v_expansion(4).verify())
    True
    """
    objectives = ("forward", "reverse", "kl")
    orders = range(2, order + 1, 2)
    steps = [_gaussian_step(draws) for draws in range(2, order + 1)]
    steps += [_support_step(order), _count_step(order)]
    steps += [_result_step(objective, order) for objective in objectives]
    steps += [
        _route_step(objective, level, plane)
        for plane in (False, True)
        for objective in objectives
        for level in orders
    ]
    letters = {"forward": "L", "reverse": "R", "kl": "K"}
    shown = "; ".join(f"{letters[item]} = {expansion(item, order)}" for item in objectives)
    return Derivation(
        "small-v-expansion" if order == 4 else f"small-v-expansion-{order}",
        f"Expansion of the losses in small means to order {order}",
        shown,
        (
            "single Gaussian teacher at the origin",
            "any weights",
            "I1 (de Bruijn) for L and R, confirmed by the second routes",
        ),
        ALL,
        tuple(steps),
        "derived here (identity I5)",
        "L = " + expansion("forward", order).latex(),
    )
