"""The amplification law, read off the derived integrands and held against exact expansions."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from derive.algebra.program import Program
from derive.limits.amplification import AmplificationLaw, amplification_law, near_a_cluster
from derive.limits.expansions import expansion
from derive.losses.lowering import lower_objective
from derive.losses.objectives import OBJECTIVES


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_derivations_replay(objective: str) -> None:
    assert near_a_cluster(objective).verify()


@pytest.mark.parametrize(
    ("objective", "drift", "gain"), [("forward", 2, 4), ("kl", 1, 1), ("reverse", 2, 0)]
)
def test_coefficients(objective: str, drift: int, gain: int) -> None:
    """Forward: gain 4; gradient EM a quarter of it; reverse: no amplification at first order."""
    assert amplification_law(objective) == AmplificationLaw(Fraction(drift), Fraction(gain))


@pytest.mark.parametrize("objective", ["forward", "kl", "reverse"])
def test_agrees_with_the_expansion_in_small_means(objective: str) -> None:
    """Second route: I5 to order 4 has all terms up to ``c^2 d^2``.

    Two components of weight 1/2 at ``c + d`` and ``c - d`` have, by the law, gradients that differ
    by ``-beta c^2 d``, the loss's derivative in ``d``: it has the term ``-(beta/2) c^2 d^2``.
    """
    law = amplification_law(objective)
    half = Fraction(1, 2)

    def loss(centre: Fraction, deviation: Fraction) -> Any:
        means = [[centre + deviation], [centre - deviation]]
        parts = expansion(objective, 4)
        return sum(parts.part(order, means, [half, half]) for order in (2, 4))

    centre, step = Fraction(1, 3), Fraction(1, 1000)
    even = loss(centre, step) + loss(centre, -step) - 2 * loss(centre, Fraction(0))
    quartic = (
        loss(Fraction(0), step) + loss(Fraction(0), -step) - 2 * loss(Fraction(0), Fraction(0))
    )
    # d^2 coefficient: -(beta/2) c^2; the quartic term d^4 does not depend on c
    assert (even - quartic) / (2 * step**2) == -law.gain / 2 * centre**2


def assignments(labels: tuple[str, ...], n: int) -> list[dict[str, int]]:
    """All values of labels, ``n`` components on a line."""
    result: list[dict[str, int]] = [{}]
    for label in labels:
        size = n if label[0] == "j" else 1
        result = [{**known, label: k} for known in result for k in range(size)]
    return result


def value(program: Program, index: dict[str, int], means: list[Fraction], weights: Any) -> Fraction:
    """Interpret a kernel on the line where all means coincide: responsibilities are weights."""
    table: dict[tuple[str, tuple[int, ...]], Fraction] = {}
    n = len(means)

    def entry(head: str, places: tuple[int, ...]) -> Fraction:
        match head:
            case "psi" | "pi":
                return Fraction(weights[places[0]])
            case "v":
                return means[places[0]]
            case "delta_component" | "delta_coordinate":
                return Fraction(places[0] == places[1])
            case "dimension":
                return Fraction(1)
        return table[head, places]

    for statement in program.statements:
        for known in assignments(statement.indices, n):
            total = Fraction(0)
            for term in statement.terms:
                for local in assignments(term.sums, n):
                    product = term.coefficient
                    for factor in term.factors:
                        places = tuple({**known, **local}[label] for label in factor.indices)
                        product *= entry(factor.head, places)
                    total += product
            table[statement.target, tuple(known[label] for label in statement.indices)] = total
    output = program.output
    return table[output.target, tuple(index[label] for label in output.indices)]


@pytest.mark.parametrize("objective", ["forward", "kl", "reverse"])
def test_agrees_with_the_lowered_hessian(objective: str) -> None:
    """Third route: the kernel that is evaluated, exactly, three components of unequal weight."""
    law = amplification_law(objective)
    program = lower_objective(OBJECTIVES[objective], "hessian")
    centre = Fraction(7, 3)
    weights = (Fraction(1, 2), Fraction(1, 3), Fraction(1, 6))
    first, second = (label for label in program.output.indices if label[0] == "j")
    places = dict.fromkeys(program.output.indices, 0)
    for j in range(3):
        for k in range(3):
            expected = weights[j] * weights[k] * (law.drift + law.gain * centre**2)
            if j == k:
                expected -= law.gain * weights[j] * centre**2
            index = {**places, first: j, second: k}
            assert value(program, index, [centre] * 3, weights) == expected
