"""Quantities of a Gaussian mixture and the rules by which they differentiate.

A student has means ``v[j,a]``, weights ``pi[j]`` and responsibilities ``psi[j]`` (functions of the
point ``x[a]``); a teacher has ``theta[t,a]``, ``rho[t]``, ``phi[t]``. Named combinations:

- ``m[a] = sum_j psi_j v_{ja}`` (posterior mean; the score is ``m - x``),
- ``u[j,a] = v_{ja} - m_a``,
- ``moment[a,b,...] = sum_j psi_j u_{ja} u_{jb} ...`` (central moments; order 2 is the posterior
  covariance ``C``, printed so, order 3 ``T``, order 4 ``Q``),

and the same for the teacher (``m_teacher``, ``w``, ``moment_teacher``). ``log_student`` is
``log p(x) - log N(x; 0, I)``.

Only six rules are given here, all consequences of the density; `derive.mixtures.density` proves
each from the density itself by differentiating it in SymPy with symbolic n and d. Everything else
follows.
"""

from __future__ import annotations

from collections.abc import Mapping

from derive.algebra.index import ZERO, IndexedFactor, Polynomial, atom
from derive.algebra.program import INPUT_HEADS, kind

X = "x"
_MOMENTS = ("moment", "moment_teacher")
#: Kinds of indices of every other quantity.
_KINDS: Mapping[str, tuple[str, ...]] = {
    **INPUT_HEADS,
    X: ("a",),
    "m": ("a",),
    "m_teacher": ("a",),
    "u": ("j", "a"),
    "w": ("t", "a"),
}
STUDENT_HEADS = frozenset({"psi", "v", "u", "m", "moment", "log_student"})


def posterior_mean(label: str = "a0") -> Polynomial:
    """``sum_j psi_j v_{j,label}``.

    Examples
    --------
    >>> print(posterior_mean())
    sum_j psi[j]*v[j,a0]
    """
    return (atom("psi", "j9") * atom("v", "j9", label)).sum_over("j9")


def definition(factor: IndexedFactor) -> Polynomial | None:
    """Definition of a named quantity by simpler ones; ``None`` for a primitive one.

    Examples
    --------
    >>> print(definition(("u", ("j0", "a0"))))
    -m[a0] + v[j0,a0]
    """
    head, indices = factor
    if head == "m":
        return posterior_mean(indices[0])
    if head == "m_teacher":
        return (atom("phi", "t9") * atom("theta", "t9", indices[0])).sum_over("t9")
    if head == "u":
        return atom("v", *indices) - atom("m", indices[1])
    if head == "w":
        return atom("theta", *indices) - atom("m_teacher", indices[1])
    if head in ("moment", "moment_teacher"):
        responsibility, centred, label = (
            ("psi", "u", "j9") if head == "moment" else ("phi", "w", "t9")
        )
        total = atom(responsibility, label)
        for index in indices:
            total = total * atom(centred, label, index)
        return total.sum_over(label)
    return None


def check_quantities(polynomial: Polynomial) -> None:
    """Refuse quantities that do not exist, and indices of other kinds than they take.

    Raises
    ------
    ValueError
        Naming the quantity, and those that exist.

    Examples
    --------
    >>> check_quantities(atom("C", "a0", "a1"))
    Traceback (most recent call last):
    ...
    ValueError: no quantity C[a0, a1]; known: psi[j], v[j, a], ..., moment[a, a, ...], ...
    """
    for monomial in polynomial.terms:
        for head, indices in monomial:
            kinds = tuple(kind(index) for index in indices)
            moment = head in _MOMENTS and set(kinds) == {"a"} and len(kinds) > 1
            teachers = head == "delta_component" and kinds == ("t", "t")
            if not (moment or teachers) and kinds != _KINDS.get(head):
                known = [f"{name}[{', '.join(taken)}]" for name, taken in _KINDS.items()]
                known += [f"{name}[a, a, ...]" for name in _MOMENTS]
                shown = ", ".join(known).replace("[]", "")
                raise ValueError(f"no quantity {head}[{', '.join(indices)}]; known: {shown}")


def d_dx(factor: IndexedFactor, label: str) -> Polynomial | None:
    """Rule ``d factor / d x_label`` of a primitive quantity; ``None`` if it has none."""
    head, indices = factor
    if head == "psi":
        return atom("psi", *indices) * atom("u", indices[0], label)
    if head == "phi":
        return atom("phi", *indices) * atom("w", indices[0], label)
    if head == "log_student":
        return atom("m", label)
    if head == "log_teacher":
        return atom("m_teacher", label)
    if head == X:
        return atom("delta_coordinate", indices[0], label)
    return None


def d_dv(factor: IndexedFactor, component: str, label: str) -> Polynomial | None:
    """Rule ``d factor / d v_{component,label}`` of a primitive quantity, or ``None``."""
    head, indices = factor
    towards = atom(X, label) - atom("v", component, label)
    if head == "psi":
        own = atom("delta_component", indices[0], component) - atom("psi", component)
        return atom("psi", *indices) * own * towards
    if head == "v":
        return atom("delta_component", indices[0], component) * atom(
            "delta_coordinate", indices[1], label
        )
    if head == "log_student":
        return atom("psi", component) * towards
    return None


def base_mean(base: str, label: str) -> Polynomial:
    """``m_base`` with ``grad log base = m_base - x`` (Stein: ``E[(x - m_base) f] = E[grad f]``)."""
    return atom("m", label) if base == "student" else atom("m_teacher", label)


def d_log_base(base: str, component: str, label: str) -> Polynomial:
    """``d log base(x) / d v_{component,label}``: the expectation moves with the parameters."""
    if base != "student":
        return ZERO
    rule = d_dv(("log_student", ()), component, label)
    assert rule is not None
    return rule
