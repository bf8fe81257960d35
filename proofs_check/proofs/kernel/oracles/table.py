"""Oracles: results that are cited, and computations outside the kernel. Each leaves its tag.

An oracle builds its conclusion itself; nobody can cite a theorem for something else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from proofs_check.proofs.kernel.calculus import posterior_mean
from proofs_check.proofs.kernel.oracles import (
    descent_lemma,
    escape_region,
    gaussian_integrals,
    odds_integral,
    pair_points,
    pull_integral,
    slice_equation,
)
from proofs_check.proofs.kernel.terms import (
    COMPONENT,
    COORDINATE,
    POINT,
    Objective,
    ProofError,
    Sort,
    Term,
    closed,
    fresh,
    number,
)
from proofs_check.proofs.kernel.theorem import Record


class Finding(NamedTuple):
    """What an oracle shows."""

    conclusion: Term
    tag: str
    hypotheses: tuple[Term, ...] = ()


def _times(*factors: Term) -> Term:
    return Term("multiply", factors)


def _mean(base: str, state: Term, body: Callable[[Term], Term]) -> Term:
    x = fresh(POINT, state)
    prefix = (state,) if base == "student" else ()
    return Term(f"mean_{base}", (*prefix, closed(body(x), x)))


def _sum(sort: Sort, body: Callable[[Term], Term], *terms: Term) -> Term:
    """A sum over an index that occurs in none of the terms."""
    index = fresh(sort, *terms)
    return Term("sum", (closed(body(index), index),), sort)


def _divergence(state: Term) -> Term:
    """``KL(p || q) = E_p log(p/q)``."""
    return _mean("student", state, lambda x: Term("log_ratio", (state, x)))


def _log_sobolev(state: Term) -> Finding:
    """Gross: ``2 KL(p || q) <= E_p |grad log(p/q)|^2``, q a standard Gaussian."""

    def square(x: Term) -> Term:
        def entry(a: Term) -> Term:
            m = posterior_mean(state, a, x)
            return _times(m, m)

        return _sum(COORDINATE, entry, state, x)

    fisher = _mean("student", state, square)
    left = _times(number(2), _divergence(state))
    return Finding(Term("at_most", (left, fisher)), "cited: log-Sobolev")


def _pinsker(state: Term) -> Finding:
    """``2 TV(p, q)^2 <= KL(p || q)``."""
    tv = Term("variation", (state,))
    left = _times(number(2), tv, tv)
    return Finding(Term("at_most", (left, _divergence(state))), "cited: Pinsker")


def _floor(state: Term, component: Term) -> Finding:
    """Jensen, twice: ``pi_j exp(-|v_j|^2/2) <= exp(E_q log psi_j) <= E_q psi_j``.

    As ``log psi_j = log pi_j + x.v_j - |v_j|^2/2 - log(p/q)``, ``E_q x = 0``, ``E_q p/q = 1``.
    """

    def entry(a: Term) -> Term:
        v = Term("v", (state, component, a))
        return _times(v, v)

    half = _times(number(Fraction(-1, 2)), _sum(COORDINATE, entry, state, component))
    floor = _times(Term("pi", (component,)), Term("exponential", (half,)))
    # the point occurs in neither
    mean = _mean("teacher", state, lambda x: Term("psi", (state, component, x)))
    return Finding(Term("at_most", (floor, mean)), "cited: Jensen")


def _over_entries(body: Callable[[Term, Term], Term], *terms: Term) -> Term:
    """A sum over components and coordinates."""
    return _sum(COMPONENT, lambda j: _sum(COORDINATE, lambda a: body(j, a), j, *terms), *terms)


def _square(state: Term) -> Term:
    """``|V|^2``."""

    def entry(j: Term, a: Term) -> Term:
        v = Term("v", (state, j, a))
        return _times(v, v)

    return _over_entries(entry, state)


def _flow(
    objective: Objective,
    state: Term,
    first: Term,
    time: Term,
    speed: Term,
    *,
    premises: tuple[Record, ...] = (),
) -> Finding:
    """``c T loss(V(T)) <= |V(0)|^2 - |V(T)|^2`` along ``V' = -grad loss``.

    The premise is ``c loss(V) <= 2 V.grad loss(V)`` for every state ``V``, a variable: then
    ``|V|^2`` decreases at least like ``c loss``, and the loss does not increase.
    """

    def loss(at: Term) -> Term:
        return _mean(objective.base, at, lambda x: objective.integrand(at, x))

    def radial(j: Term, a: Term) -> Term:
        slope = Term("gradient", (state, j, a), objective)
        return _times(Term("v", (state, j, a)), slope)

    along = _times(number(2), _over_entries(radial, state))
    wanted = Term("at_most", (_times(speed, loss(state)), along))
    fixed = (speed, *(h for p in premises for h in p.hypotheses))
    shown = [p.conclusion for p in premises] == [wanted]
    if state.op != "free" or not shown or any(state in t.free for t in fixed):
        raise ProofError("the premise is not the decrease at every state")
    last = Term("flow", (first, time), objective)
    gap = Term("add", (_square(first), _times(number(-1), _square(last))))
    forward = tuple(Term("at_most", (number(0), t)) for t in (time, speed))
    conclusion = Term("at_most", (_times(speed, time, loss(last)), gap))
    return Finding(conclusion, "cited: integration along the gradient flow", forward)


def _gradient(objective: Any) -> Finding:
    """``gradient(V, j, a) = E[integrand]`` by differentiation in ``derive``."""
    from proofs_check.proofs.kernel.oracles.gradients import gradient

    return Finding(*gradient(objective))


#: Fixed when this module is read.
ORACLES: Final[Mapping[str, Callable[..., Finding]]] = MappingProxyType(
    {
        "gradient": _gradient,
        "log-Sobolev": _log_sobolev,
        "Pinsker": _pinsker,
        "gradient flow": _flow,
        "floor": _floor,
        "escape region": lambda *given: Finding(*escape_region.escape_region(*given)),
        "escape gradient": lambda *given: Finding(*escape_region.escape_gradient(*given)),
        "slice gradient": lambda *given: Finding(*slice_equation.slice_gradient(*given)),
        "slice order": lambda *given, **shown: Finding(
            *slice_equation.slice_order(*given, **shown)
        ),
        "slice root": lambda *given: Finding(*slice_equation.slice_root(*given)),
        "pair points": lambda *given: Finding(*pair_points.pair_points(*given)),
        "pair unique": lambda *given: Finding(*pair_points.pair_unique(*given)),
        "pair cone": lambda *given: Finding(*pair_points.pair_cone(*given)),
        "exponential": lambda *given: Finding(*escape_region.exponential(*given)),
        "near half-space": lambda *given, **shown: Finding(
            *gaussian_integrals.near_half_space(*given, **shown)
        ),
        "tail moment": lambda *given: Finding(*gaussian_integrals.tail_moment(*given)),
        "descent step": lambda *given, **shown: Finding(
            *descent_lemma.descent_step(*given, **shown)
        ),
        "odds integral": lambda *given, **shown: Finding(
            *odds_integral.odds_integral(*given, **shown)
        ),
        "pull integral": lambda *given, **shown: Finding(
            *pull_integral.pull_integral(*given, **shown)
        ),
        "odd": lambda *given: Finding(*gaussian_integrals.odd(*given)),
        "across": lambda *given: Finding(*gaussian_integrals.across(*given)),
    }
)
