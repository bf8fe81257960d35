"""Short names for the polynomials that statements are written in."""

from __future__ import annotations

from collections.abc import Callable

from derive.algebra.index import Polynomial, atom


def mean(label: str = "a9") -> Polynomial:
    """``m_label``."""
    return atom("m", label)


def covariance(first: str, second: str) -> Polynomial:
    """``C_{first,second}``."""
    return atom("moment", first, second)


def centred(component: str, label: str) -> Polynomial:
    """``v_{component,label} - m_label``."""
    return atom("v", component, label) - mean(label)


def covariance_times(vector: Callable[[str], Polynomial], label: str) -> Polynomial:
    """``(C w)_label``."""
    return (covariance(label, "a9") * vector("a9")).sum_over("a9")


def teacher_error(label: str) -> Polynomial:
    """``M_label = m_label - m_teacher_label``."""
    return mean(label) - atom("m_teacher", label)


def from_centre(component: str, label: str) -> Polynomial:
    """``x_label - v_{component,label}``."""
    return atom("x", label) - atom("v", component, label)
