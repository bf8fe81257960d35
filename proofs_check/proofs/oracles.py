"""Oracles: results that are cited, and computations outside the kernel. Each leaves its tag.

An oracle builds its conclusion itself; nobody can cite a theorem for something else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from proofs_check.proofs import escape_oracle
from proofs_check.proofs.kernel.calculus import posterior_mean
from proofs_check.proofs.kernel.terms import (
    COMPONENT,
    COORDINATE,
    POINT,
    Objective,
    ProofError,
    Term,
    closed,
    number,
    replaced,
)
from proofs_check.proofs.kernel.theorem import Record


class Finding(NamedTuple):
    """What an oracle shows."""

    conclusion: Term
    tag: str
    hypotheses: tuple[Term, ...] = ()


_X, _A = Term("free", (), ("x", POINT)), Term("free", (), ("a", COORDINATE))
_J = Term("free", (), ("j", COMPONENT))


def _times(*factors: Term) -> Term:
    return Term("multiply", factors)


def _divergence(state: Term) -> Term:
    """``KL(p || q) = E_p log(p/q)``."""
    body = closed(Term("log_ratio", (state, _X)), _X)
    return Term("mean_student", (state, body))


def _log_sobolev(state: Term) -> Finding:
    """Gross: ``2 KL(p || q) <= E_p |grad log(p/q)|^2``, q a standard Gaussian."""
    m = posterior_mean(state, _A, _X)
    square = Term("sum", (closed(_times(m, m), _A),), COORDINATE)
    fisher = Term("mean_student", (state, closed(square, _X)))
    return Finding(
        Term("at_most", (_times(number(2), _divergence(state)), fisher)), "cited: log-Sobolev"
    )


def _pinsker(state: Term) -> Finding:
    """``2 TV(p, q)^2 <= KL(p || q)``."""
    tv = Term("variation", (state,))
    return Finding(
        Term("at_most", (_times(number(2), tv, tv), _divergence(state))), "cited: Pinsker"
    )


def _floor(state: Term, component: Term) -> Finding:
    """Jensen, twice: ``pi_j exp(-|v_j|^2/2) <= exp(E_q log psi_j) <= E_q psi_j``.

    As ``log psi_j = log pi_j + x.v_j - |v_j|^2/2 - log(p/q)``, ``E_q x = 0``, ``E_q p/q = 1``.
    """
    v = Term("v", (state, component, _A))
    square = Term("sum", (closed(_times(v, v), _A),), COORDINATE)
    half = Term("exponential", (_times(number(Fraction(-1, 2)), square),))
    mean = Term("mean_teacher", (closed(Term("psi", (state, component, _X)), _X),))
    floor = _times(Term("pi", (component,)), half)
    return Finding(Term("at_most", (floor, mean)), "cited: Jensen")


def _square(state: Term) -> Term:
    """``|V|^2``."""
    v = Term("v", (state, _J, _A))
    inner = Term("sum", (closed(_times(v, v), _A),), COORDINATE)
    return Term("sum", (closed(inner, _J),), COMPONENT)


def _flow(
    objective: Objective, state: Term, first: Term, time: Term, speed: Term, premise: Record
) -> Finding:
    """``c T loss(V(T)) <= |V(0)|^2 - |V(T)|^2`` along ``V' = -grad loss``.

    The premise is ``c loss(V) <= 2 V.grad loss(V)`` for every state ``V``, a variable: then
    ``|V|^2`` decreases at least like ``c loss``, and the loss does not increase.
    """
    prefix = (state,) if objective.base == "student" else ()
    integrand = closed(objective.integrand(state, _X), _X)
    loss = Term(f"mean_{objective.base}", (*prefix, integrand))
    slope = Term("gradient", (state, _J, _A), objective)
    radial = closed(_times(Term("v", (state, _J, _A)), slope), _A)
    along = Term("sum", (closed(Term("sum", (radial,), COORDINATE), _J),), COMPONENT)
    wanted = Term("at_most", (_times(speed, loss), _times(number(2), along)))
    open_hypotheses = any(state in h.free for h in premise.hypotheses)
    if premise.conclusion != wanted or open_hypotheses or state.op != "free" or state in speed.free:
        raise ProofError("the premise is not the decrease at every state")
    last = Term("flow", (first, time), objective)
    late = replaced(loss, {state: last})
    gap = Term("add", (_square(first), _times(number(-1), _square(last))))
    forward = tuple(Term("at_most", (number(0), t)) for t in (time, speed))
    conclusion = Term("at_most", (_times(speed, time, late), gap))
    return Finding(conclusion, "cited: integration along the gradient flow", forward)


def _gradient(objective: Any) -> Finding:
    """``gradient(V, j, a) = E[integrand]`` by differentiation in ``derive``."""
    from proofs_check.proofs.derived_gradients import gradient

    return Finding(*gradient(objective))


#: Fixed when this module is read.
ORACLES: Final[Mapping[str, Callable[..., Finding]]] = MappingProxyType(
    {
        "gradient": _gradient,
        "log-Sobolev": _log_sobolev,
        "Pinsker": _pinsker,
        "gradient flow": _flow,
        "floor": _floor,
        "escape region": lambda *given: Finding(*escape_oracle.escape_region(*given)),
        "escape gradient": lambda *given: Finding(*escape_oracle.escape_gradient(*given)),
        "exponential": lambda *given: Finding(*escape_oracle.exponential(*given)),
    }
)
