"""Formulas typed from the definition of the mixture, for tests only."""

from __future__ import annotations

from itertools import product
from typing import Any

import mpmath

from derive.algebra.index import Polynomial, is_dummy, labels_of


class Instance:
    """A mixture at one point x, with the named quantities evaluated from their definitions."""

    def __init__(
        self, means: list[list[Any]], weights: list[Any], teacher: list[list[Any]],
        teacher_weights: list[Any], point: list[Any],
    ) -> None:  # fmt: skip
        self.means, self.weights, self.point = means, weights, point
        self.teacher, self.teacher_weights = teacher, teacher_weights
        self.psi = responsibilities(means, weights, point)
        self.phi = responsibilities(teacher, teacher_weights, point)
        d = len(point)
        self.m = [sum(p * v[a] for p, v in zip(self.psi, means)) for a in range(d)]
        self.m_teacher = [sum(p * v[a] for p, v in zip(self.phi, teacher)) for a in range(d)]
        self.sizes = {"j": len(means), "a": d, "t": len(teacher)}

    def value(self, head: str, indices: tuple[int, ...]) -> Any:
        if head == "u":
            return self.means[indices[0]][indices[1]] - self.m[indices[1]]
        if head == "w":
            return self.teacher[indices[0]][indices[1]] - self.m_teacher[indices[1]]
        if head == "moment":
            return self._moment(self.psi, self.means, self.m, indices)
        if head == "moment_teacher":
            return self._moment(self.phi, self.teacher, self.m_teacher, indices)
        if head.startswith("delta"):
            return int(indices[0] == indices[1])
        if head in ("log_student", "log_teacher"):
            student = head == "log_student"
            means = self.means if student else self.teacher
            weights = self.weights if student else self.teacher_weights
            square = sum(x**2 for x in self.point)
            return mpmath.log(sum(terms(means, weights, self.point))) + square / 2
        table = {
            "psi": self.psi, "phi": self.phi, "m": self.m, "m_teacher": self.m_teacher,
            "x": self.point, "v": self.means, "theta": self.teacher,
        }  # fmt: skip
        if head == "dimension":
            return self.sizes["a"]
        if head == "components":
            return self.sizes["j"]
        entry: Any = table[head]
        for index in indices:
            entry = entry[index]
        return entry

    @staticmethod
    def _moment(weights: list[Any], means: list[list[Any]], centre: list[Any], indices: Any) -> Any:
        total = mpmath.mpf(0)
        for weight, mean in zip(weights, means):
            term = weight
            for a in indices:
                term *= mean[a] - centre[a]
            total += term
        return total


def terms(means: list[list[Any]], weights: list[Any], point: list[Any]) -> list[Any]:
    """``pi_j exp(-|x - v_j|^2 / 2)``."""
    return [
        weight * mpmath.exp(-sum((x - v) ** 2 for x, v in zip(point, mean)) / 2)
        for weight, mean in zip(weights, means)
    ]


def responsibilities(means: list[list[Any]], weights: list[Any], point: list[Any]) -> list[Any]:
    """``psi_j(x)``."""
    values = terms(means, weights, point)
    total = sum(values)
    return [value / total for value in values]


def evaluate_polynomial(polynomial: Polynomial, at: Instance, free: dict[str, int]) -> Any:
    """Numerical value of an index polynomial: dummies are looped over."""
    total = mpmath.mpf(0)
    for monomial, coefficient in polynomial.terms.items():
        dummies = sorted(label for label in labels_of(monomial) if is_dummy(label))
        for choice in product(*(range(at.sizes[label[0]]) for label in dummies)):
            places = {**free, **dict(zip(dummies, choice))}
            term = mpmath.mpf(coefficient.numerator) / coefficient.denominator
            for head, indices in monomial:
                term *= at.value(head, tuple(places[i] for i in indices))
            total += term
    return total
