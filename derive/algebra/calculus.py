"""Calculus of index polynomials: normal forms, differentiation and Stein's identity."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

from derive.algebra.index import (
    ZERO,
    IndexedFactor,
    Monomial,
    Polynomial,
    atom,
    is_dummy,
    open_dummies,
)
from derive.algebra.mixture_rules import STUDENT_HEADS, X, base_mean, d_dv, d_dx, definition

_FAMILY = {"psi": ("u", "moment"), "phi": ("w", "moment_teacher")}


def _drop_sums_of_responsibilities(monomial: Monomial) -> Monomial:
    """Use ``sum_j psi_j = 1`` (and ``sum_t phi_t = 1``)."""
    uses: dict[str, int] = {}
    for _, indices in monomial:
        for label in indices:
            uses[label] = uses.get(label, 0) + 1
    return tuple(
        (head, indices)
        for head, indices in monomial
        if not (head in _FAMILY and is_dummy(indices[0]) and uses[indices[0]] == 1)
    )


def expand(polynomial: Polynomial) -> Polynomial:
    """Rewrite everything in ``psi, v, x`` (and ``phi, theta``) and use ``sum_j psi_j = 1``.

    Two index polynomials are equal for all n, d and weights if their expansions coincide.

    Examples
    --------
    >>> print(expand((atom("psi", "j0") * atom("u", "j0", "a0")).sum_over("j0")))
    0
    """
    current = polynomial
    while any(definition((head, ("j8", "a8", "a8"))) is not None for head in current.heads()):
        current = current.map_factors(definition)
    return Polynomial.collect(
        (_drop_sums_of_responsibilities(key), value) for key, value in current.terms.items()
    )


def _centre(factor: IndexedFactor) -> Polynomial | None:
    head, indices = factor
    if head == "v":
        return atom("u", *indices) + atom("m", indices[1])
    if head == "theta":
        return atom("w", *indices) + atom("m_teacher", indices[1])
    return None


def _gather_moments(monomial: Monomial) -> Monomial | None:
    """Replace ``sum_j psi_j u_j ... u_j`` by a central moment; ``None`` if that is zero."""
    factors = list(monomial)
    for position, (head, indices) in enumerate(factors):
        if head not in _FAMILY or not is_dummy(indices[0]):
            continue
        centred, name = _FAMILY[head]
        label = indices[0]
        others = [f for k, f in enumerate(factors) if k != position and label in f[1]]
        if any(other_head != centred for other_head, _ in others):
            continue
        rest = [f for k, f in enumerate(factors) if k != position and label not in f[1]]
        coordinates = tuple(other[1][1] for other in others)
        if len(coordinates) == 1:
            return None
        moment = [(name, coordinates)] if coordinates else []
        return _gather_moments(tuple(rest + moment))
    return monomial


def fold(polynomial: Polynomial) -> Polynomial:
    """Rewrite in ``psi, u, m, moments`` (means only through differences): the form that is lowered.

    Examples
    --------
    >>> second = atom("psi", "j0") * atom("v", "j0", "a0") * atom("v", "j0", "a1")
    >>> print(fold(second.sum_over("j0")))
    m[a0]*m[a1] + C[a0,a1]
    """
    centred = polynomial.map_factors(_centre)
    pairs = []
    for key, value in centred.terms.items():
        gathered = _gather_moments(key)
        if gathered is not None:
            pairs.append((gathered, value))
    return Polynomial.collect(pairs)


def equal(left: Polynomial, right: Polynomial) -> bool:
    """Tell whether two polynomials are equal for all n, d and weights, pointwise in x."""
    return not expand(left - right)


Wrt = tuple[str, ...]


@cache
def _factor_derivative(factor: IndexedFactor, wrt: Wrt) -> Polynomial:
    """Derivative of one factor (all labels free), folded."""
    rule = d_dx(factor, wrt[1]) if wrt[0] == X else d_dv(factor, wrt[1], wrt[2])
    if rule is not None:
        return fold(rule)
    meaning = definition(factor)
    if meaning is None or (wrt[0] != X and factor[0] not in STUDENT_HEADS):
        return ZERO
    return fold(_derivative(meaning, wrt))


def _derivative(polynomial: Polynomial, wrt: Wrt) -> Polynomial:
    """Product rule."""
    pairs: list[tuple[Monomial, Fraction]] = []
    for key, value in polynomial.terms.items():
        opened_key, opened = open_dummies(key)
        for position, factor in enumerate(opened_key):
            change = _factor_derivative(factor, wrt)
            if not change:
                continue
            rest = Polynomial.collect([(opened_key[:position] + opened_key[position + 1 :], value)])
            pairs.extend((rest * change).sum_over(*opened).terms.items())
    return Polynomial.collect(pairs)


def gradient_x(polynomial: Polynomial, label: str) -> Polynomial:
    """``d polynomial / d x_label``.

    Examples
    --------
    >>> print(gradient_x(atom("m", "a0"), "a1"))
    C[a0,a1]
    """
    return fold(_derivative(polynomial, (X, label)))


def gradient_v(polynomial: Polynomial, component: str, label: str) -> Polynomial:
    """``d polynomial / d v_{component,label}``; explicit ``x`` appears.

    Examples
    --------
    >>> print(gradient_v(atom("v", "j0", "a0"), "j1", "a1"))
    delta_component[j0,j1]*delta_coordinate[a0,a1]
    """
    return fold(_derivative(polynomial, ("v", component, label)))


def stein(polynomial: Polynomial, base: str) -> Polynomial:
    """Remove every explicit ``x`` under the expectation: ``E[x_a f] = E[m_base_a f + d f/d x_a]``.

    ``base`` is ``"teacher"`` or ``"student"``. The result has the same expectation, not the same
    value at each x.

    Examples
    --------
    >>> print(stein(atom("x", "a0") * atom("m", "a1"), "student"))
    m[a0]*m[a1] + C[a0,a1]
    """
    pending = polynomial
    done: list[tuple[Monomial, Fraction]] = []
    while pending:
        rest: list[tuple[Monomial, Fraction]] = []
        for key, value in pending.terms.items():
            if not any(head == X for head, _ in key):
                done.append((key, value))
                continue
            opened_key, opened = open_dummies(key)
            position = next(k for k, (head, _) in enumerate(opened_key) if head == X)
            label = opened_key[position][1][0]
            test = Polynomial.collect([(opened_key[:position] + opened_key[position + 1 :], value)])
            # The label may occur in the test function too: the derivative takes its own label.
            derivative = gradient_x(test, "a7777").rename({"a7777": label})
            moved = base_mean(base, label) * test + derivative
            rest.extend(moved.sum_over(*opened).terms.items())
        pending = Polynomial.collect(rest)
    return fold(Polynomial.collect(done))


def single_teacher(polynomial: Polynomial) -> Polynomial:
    """Specialise to a teacher with one component, at the origin: ``m_teacher = 0`` and so on.

    Examples
    --------
    >>> print(single_teacher(atom("m", "a0") - atom("m_teacher", "a0")))
    m[a0]
    """
    vanishing = {"m_teacher", "w", "theta", "moment_teacher", "log_teacher"}
    return Polynomial.collect(
        (tuple(f for f in key if f[0] != "phi"), value)
        for key, value in polynomial.terms.items()
        if not any(head in vanishing for head, _ in key)
    )
