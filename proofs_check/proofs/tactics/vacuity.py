"""Is a theorem about anything: an instance of its hypotheses, or a contradiction between them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product
from typing import Any

import numpy as np

from proofs_check.proofs import kernel
from proofs_check.proofs.kernel import ProofError, Term, Theorem
from proofs_check.proofs.kernel.terms import REAL, STATE, Sort, number
from proofs_check.proofs.tactics.language import at_most
from proofs_check.proofs.tactics.semantics import Model, draw, draws

#: Values to try for real variables, beside random ones, and sizes of the means.
REALS = (0.0, 1e-3, 0.01, 0.1, 0.5, 1.0, 2.0, 3.0, 10.0)
SIZES = (0.0, 0.1, 0.5, 1.0)
#: Nodes of quadrature on a line, enough for means a few units apart.
FAR_NODES = 120


@dataclass(frozen=True)
class Proposal:
    """A mixture and values of variables, given with a proof as an instance of its hypotheses.

    Attributes
    ----------
    weights : tuple of Fraction
    dimension : int
    values : tuple of (Term, value)
        Components, coordinates and steps as integers; reals as fractions; states as tuples of
        tuples of fractions, component by component.
    tolerance : float
        0 unless an irrational number is given to some digits: then equations hold up to that.
    """

    weights: tuple[Fraction, ...]
    dimension: int
    values: tuple[tuple[Term, Any], ...]
    tolerance: float = 0.0


@dataclass(frozen=True)
class Instance:
    """A mixture and values of the free variables at which all hypotheses hold."""

    model: Model
    values: dict[Term, Any]
    tolerance: float = 0.0

    def __str__(self) -> str:
        exact = self.model.weights.dtype == object
        shown = [
            f"{variable.data[0]} = {_shown(value)}"
            for variable, value in sorted(self.values.items(), key=lambda item: item[0].key)
            if exact or variable.sort is REAL
        ]
        n, d = len(self.model.weights), self.model.dimension
        parts = [f"n = {n}, d = {d}", *shown]
        if exact:
            parts.insert(1, f"weights {_shown(self.model.weights)}")
        up_to = f" (equations up to {self.tolerance:g})" if self.tolerance else ""
        return ", ".join(parts) + up_to


def _shown(value: Any) -> str:
    """A number, or a row of numbers, or rows of them."""
    if isinstance(value, np.ndarray):
        return f"({'; '.join(_shown(v) if v.ndim else str(v) for v in map(np.asarray, value))})"
    return str(value) if isinstance(value, int | Fraction) else f"{value:g}"


def proposed(hypotheses: Iterable[Term], proposals: Iterable[Proposal]) -> Instance | None:
    """The first proposal at which all hypotheses hold; rational relations are decided exactly.

    Examples
    --------
    >>> from proofs_check.proofs.tactics.language import below, real
    >>> t = real("t")
    >>> given = Proposal((Fraction(1),), 1, ((t, Fraction(3, 2)),))
    >>> print(proposed([below(t, 2), below(1, t)], [given]))
    n = 1, d = 1, weights (1), t = 3/2
    >>> proposed([below(t, 2), below(t, 1)], [given]) is None
    True
    """
    given = tuple(hypotheses)
    free = frozenset().union(*(h.free for h in given))
    for proposal in proposals:
        values = {variable: _array(value) for variable, value in proposal.values}
        if not free <= set(values):
            continue
        nodes = FAR_NODES if proposal.dimension == 1 else 40
        model = Model(np.array(proposal.weights, dtype=object), proposal.dimension, nodes)
        sample, room = draws(model, 0), proposal.tolerance
        if all(model.holds(h, values, sample, room, exact=True) for h in given):
            return Instance(model, {v: values[v] for v in values if v in free}, room)
    return None


def _array(value: Any) -> Any:
    return np.array(value, dtype=object) if isinstance(value, tuple) else value


def instance(
    hypotheses: Iterable[Term], *, others: Iterable[Term] = (), tries: int = 400, seed: int = 0
) -> Instance | None:
    """Search generated mixtures, starts and step sizes for one where all hypotheses hold.

    Parameters
    ----------
    hypotheses : iterable of Term
    others : iterable of Term
        Further variables to give values to.
    tries, seed : int

    Examples
    --------
    >>> from proofs_check.proofs.tactics.language import below, real
    >>> t = real("t")
    >>> print(instance([below(t, 2), below(1, t)], tries=2000) is not None)
    True
    >>> instance([below(t, 1), below(2, t)]) is None
    True
    """
    given = sorted(hypotheses, key=lambda h: ("mean" in h.key or "run" in h.key, h.key))
    # in an order that does not depend on where the terms are kept
    free = sorted(frozenset().union(*(h.free for h in given), others), key=lambda v: v.key)
    random = np.random.default_rng(seed)
    for attempt in range(tries):
        n, d = int(random.integers(1, 4)), int(random.integers(1, 3))
        weights = random.dirichlet(np.ones(n) * 2) + 0.05
        model = Model(weights / weights.sum(), d, 30 if d == 1 else 14)
        size = SIZES[attempt % len(SIZES)]
        values = {v: _value(model, v.sort, random, size) for v in free}
        sample = draws(model, attempt)
        with np.errstate(all="ignore"):
            if all(model.holds(h, values, sample, 0.0) for h in given):
                return Instance(model, values)
    return None


def _value(model: Model, sort: Sort, random: np.random.Generator, size: float) -> Any:
    if sort is REAL:
        return float(random.choice(REALS) if random.random() < 0.7 else random.exponential())
    return draw(model, sort, random, size) if sort is STATE else draw(model, sort, random)


def contradiction(hypotheses: Iterable[Term]) -> Theorem | None:
    """``1 <= 0``, if two hypotheses give it by addition."""
    relations = [h for h in hypotheses if h.op != "forall"]
    goal = at_most(1, 0)
    for first, second in combinations(relations, 2):
        for found in _sums(first, second):
            try:
                return kernel.combine(goal, *found)
            except ProofError:
                continue
    return None


def _sums(first: Term, second: Term) -> Iterable[tuple[Any, Any]]:
    """Ways to add two relations so that only a number may be left, scaled to one."""
    from proofs_check.proofs.kernel.normal import normal

    theorems = [kernel.assume(f) for f in (first, second)]
    signs = [(1, -1) if f.op == "equal" else (1,) for f in (first, second)]
    for chosen in product(*signs):
        total = number(0)
        for sign, formula in zip(chosen, (first, second), strict=True):
            left, right = formula.args
            total = total + sign * (right - left)
        left_over = normal(total, frozenset())
        if set(left_over) == {()} and left_over[()][0] < 0:
            scale = -1 / left_over[()][0]
            products, equations = [], []
            for sign, formula, theorem in zip(chosen, (first, second), theorems, strict=True):
                if formula.op == "equal":
                    equations.append((number(Fraction(sign) * scale), theorem))
                else:
                    products.append((scale, (theorem,), ()))
            yield tuple(products), tuple(equations)
