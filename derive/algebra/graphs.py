"""Multigraphs as invariants of a weighted set of means: the terms of small-``v`` expansions.

A vertex stands for an independent draw of a component, an edge for a scalar product of two
centred means ``delta = v - c``, a leg for a scalar product of a centred mean with the centre ``c``.
The value of a graph is the average over the draws; a component without vertices stands for
``|c|^2``. Nothing depends on the number of components or on the dimension.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache
from itertools import permutations, product
from math import factorial, prod
from typing import Any

#: ``(first vertex, second vertex, multiplicity)``.
Edge = tuple[int, int, int]
#: Legs of each vertex, and edges: one connected component in canonical form.
Component = tuple[tuple[int, ...], tuple[Edge, ...]]
#: Sorted connected components: a product of averages.
Graph = tuple[Component, ...]

#: ``|c|^2``.
CENTRE: Component = ((), ())


@cache
def canonical_component(component: Component) -> tuple[Component, int]:
    """Smallest relabelling of a connected component, and its number of automorphisms.

    Examples
    --------
    >>> canonical_component(((0, 0, 0), ((0, 1, 1), (1, 2, 1))))
    (((0, 0, 0), ((0, 1, 1), (0, 2, 1))), 2)
    """
    legs, edges = component
    best: Component | None = None
    hits = 0
    for order in permutations(range(len(legs))):
        moved = sorted((*sorted((order[i], order[k])), times) for i, k, times in edges)
        placed = [0] * len(legs)
        for old, new in enumerate(order):
            placed[new] = legs[old]
        candidate: Component = (tuple(placed), tuple((e[0], e[1], e[2]) for e in moved))
        if best is None or candidate < best:
            best, hits = candidate, 1
        elif candidate == best:
            hits += 1
    assert best is not None
    return best, hits


def assemble(vertices: int, legs: Sequence[int], edges: Counter[tuple[int, int]]) -> Graph:
    """Split into connected components and bring each into canonical form.

    Examples
    --------
    >>> assemble(2, [0, 0], Counter({(0, 1): 2}))
    (((0, 0), ((0, 1, 2),)),)
    """
    parent = list(range(vertices))

    def root(vertex: int) -> int:
        while parent[vertex] != vertex:
            vertex = parent[vertex]
        return vertex

    for i, k in edges:
        parent[root(i)] = root(k)
    groups: dict[int, list[int]] = {}
    for vertex in range(vertices):
        groups.setdefault(root(vertex), []).append(vertex)
    parts = []
    for members in groups.values():
        place = {vertex: number for number, vertex in enumerate(members)}
        inside = tuple((place[i], place[k], times) for (i, k), times in edges.items() if i in place)
        parts.append(canonical_component((tuple(legs[v] for v in members), inside))[0])
    return tuple(sorted(parts))


def symmetries(graph: Graph) -> int:
    """Number of automorphisms of a graph's vertices.

    Examples
    --------
    >>> symmetries(assemble(4, [0] * 4, Counter({(0, 1): 1, (2, 3): 1})))
    8
    """
    alike = prod(factorial(times) for times in Counter(graph).values())
    return alike * prod(canonical_component(component)[1] for component in graph)


def vertex_count(graph: Graph) -> int:
    """Number of vertices."""
    return sum(len(legs) for legs, _ in graph)


def flatten(graph: Graph) -> tuple[int, Counter[tuple[int, int]]]:
    """Vertices and edges of a graph with its components numbered one after the other."""
    offset, edges = 0, Counter[tuple[int, int]]()
    for legs, inside in graph:
        for i, k, times in inside:
            edges[i + offset, k + offset] += times
        offset += len(legs)
    return offset, edges


@cache
def graphs(edges: int) -> tuple[Graph, ...]:
    """All multigraphs without legs, loops and isolated vertices, up to relabelling.

    Examples
    --------
    >>> [len(graphs(k)) for k in (1, 2, 3)]
    [1, 3, 8]
    """
    if edges == 0:
        return ((),)
    found: set[Graph] = set()
    for smaller in graphs(edges - 1):
        vertices, counted = flatten(smaller)
        for i, k in _new_edges(vertices):
            grown = Counter(counted)
            grown[i, k] += 1
            size = max(vertices, k + 1)
            found.add(assemble(size, [0] * size, grown))
    return tuple(sorted(found))


def _new_edges(vertices: int) -> Iterator[tuple[int, int]]:
    for i in range(vertices + 1):
        for k in range(i + 1, vertices + 2):
            if k <= vertices or i == vertices:
                yield i, k


def centred(graph: Graph) -> dict[Graph, Fraction]:
    """Rewrite a graph of the means themselves in the centre and the centred means.

    Each edge ``v.v' = |c|^2 + c.delta + c.delta' + delta.delta'``; a draw whose ``delta`` occurs
    once averages to zero.

    Examples
    --------
    >>> centred(graphs(1)[0])
    {(((), ()),): Fraction(1, 1)}
    """
    vertices, counted = flatten(graph)
    result: dict[Graph, Fraction] = {}
    for choices in product(range(4), repeat=sum(counted.values())):
        legs, inner, squares = [0] * vertices, Counter[tuple[int, int]](), 0
        for choice, (i, k) in zip(choices, counted.elements(), strict=True):
            if choice == 0:
                squares += 1
            elif choice == 3:
                inner[i, k] += 1
            else:
                legs[i if choice == 1 else k] += 1
        degrees = list(legs)
        for (i, k), times in inner.items():
            degrees[i] += times
            degrees[k] += times
        if 1 in degrees:
            continue
        kept = [vertex for vertex in range(vertices) if degrees[vertex]]
        place = {vertex: number for number, vertex in enumerate(kept)}
        moved = Counter({(place[i], place[k]): times for (i, k), times in inner.items()})
        rest = assemble(len(kept), [legs[vertex] for vertex in kept], moved)
        key = tuple(sorted((*rest, *([CENTRE] * squares))))
        result[key] = result.get(key, Fraction(0)) + 1
    return result


def value(graph: Graph, means: Sequence[Sequence[Any]], weights: Sequence[Any]) -> Any:
    """Average of a graph over the weighted means (any ring).

    Examples
    --------
    >>> spread = assemble(2, [0, 0], Counter({(0, 1): 2}))
    >>> value(spread, [[1], [-1]], [Fraction(1, 2)] * 2)
    Fraction(1, 1)
    """
    pairs = list(zip(means, weights, strict=True))
    centre = [sum((w * v[a] for v, w in pairs), Fraction(0)) for a in range(len(means[0]))]
    rest = [[entry - c for entry, c in zip(mean, centre, strict=True)] for mean in means]
    return prod(
        (_component_value(component, centre, rest, weights) for component in graph),
        start=Fraction(1),
    )


def _component_value(
    component: Component,
    centre: Sequence[Any],
    rest: Sequence[Sequence[Any]],
    weights: Sequence[Any],
) -> Any:
    if component == CENTRE:
        return _dot(centre, centre)
    legs, edges = component
    total: Any = Fraction(0)
    for draw in product(range(len(rest)), repeat=len(legs)):
        term: Any = prod((weights[i] for i in draw), start=Fraction(1))
        for vertex, number in enumerate(legs):
            term = term * _dot(centre, rest[draw[vertex]]) ** number
        for i, k, times in edges:
            term = term * _dot(rest[draw[i]], rest[draw[k]]) ** times
        total = total + term
    return total


def _dot(left: Sequence[Any], right: Sequence[Any]) -> Any:
    return sum((p * q for p, q in zip(left, right, strict=True)), Fraction(0))


_NAMES: dict[Component, tuple[str, str]] = {
    CENTRE: ("|c|^2", "|c|^2"),
    ((2,), ()): ("c.Cov c", r"c^\top \Sigma c"),
    ((0, 0), ((0, 1, 2),)): ("|Cov|_F^2", r"\|\Sigma\|_F^2"),
    ((1, 1), ((0, 1, 1),)): ("|Cov c|^2", r"|\Sigma c|^2"),
    ((0, 0, 0), ((0, 1, 1), (0, 2, 1), (1, 2, 1))): ("tr Cov^3", r"\operatorname{tr}\Sigma^3"),
    ((0, 0), ((0, 1, 3),)): ("|T3|^2", r"\|T_3\|^2"),
}


def name(graph: Graph, *, latex: bool = False) -> str:
    """Text of a graph; central moment tensors are ``Cov``, ``T3``, ``T4``, contracted by letters.

    Examples
    --------
    >>> name(assemble(1, [2], Counter()))
    'c.Cov c'
    """
    return " ".join(_component_name(component, latex) for component in graph) or "1"


def _component_name(component: Component, latex: bool) -> str:
    if component in _NAMES:
        return _NAMES[component][latex]
    legs, edges = component
    slots = [["c"] * number for number in legs]
    letters = iter("ijklmnopqrst")
    for i, k, times in edges:
        for _ in range(times):
            letter = next(letters)
            slots[i].append(letter)
            slots[k].append(letter)
    pieces = []
    for slot in slots:
        symbol = "Cov" if len(slot) == 2 else f"T{len(slot)}"
        tensor = r"\Sigma" if len(slot) == 2 else f"T_{len(slot)}"
        pieces.append(f"{tensor}[{','.join(slot)}]" if latex else f"{symbol}[{','.join(slot)}]")
    return " ".join(pieces)
