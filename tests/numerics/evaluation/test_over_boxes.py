"""Expectations over boxes contain the expectations at every point, and so do their slopes."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numerics
from derive.algebra.index import atom, dot
from derive.losses.objectives import OBJECTIVES, Objective
from derive.losses.parameter_derivatives import derivative_program, objective_integrand
from numerics.errors import InputError
from numerics.evaluation import over_boxes
from numerics.numbers.balls import ball, precision
from numerics.validated.interval import Interval
from numerics.validated.slope_numbers import Affine, Frame
from proofs_check.points.box_point import BoxPoint
from proofs_check.statements import Mixture
from proofs_check.statements.family import Family

#: Not invariant under translations: the teacher's first mean has to be the origin.
SPREAD = Objective("spread", "teacher", dot(atom("m", "a9"), atom("m", "a9")), "E |m|^2", "here")


def pair(s: Any, t: Any) -> dict[str, Any]:
    return {"means": [[s], [-s]], "teacher_means": [[t], [-t]]}


def weighted(s: Any, t: Any) -> dict[str, Any]:
    return {"means": [[s], [t - 2]], "weights": [t / 5, 1 - t / 5]}


def turned(s: Any, t: Any) -> dict[str, Any]:
    return {"means": [[s, 1], [t, s * t]], "weights": ["1/3", "2/3"]}


def far_teacher(s: Any, t: Any) -> dict[str, Any]:
    return {
        "means": [[s]],
        "teacher_means": [[t], [t + 2]],
        "teacher_weights": [s / 4, 1 - s / 4],
    }


FAMILIES: list[Callable[..., Any]] = [pair, weighted, turned, far_teacher]


def exactly(family: Callable[..., Any], objective: Any, quantity: str, point: Any) -> Any:
    mixture: Mixture = Family(family, ("s", "t")).mixture(point)
    found = numerics.evaluate(
        objective,
        mixture.means,
        quantity=quantity,
        weights=mixture.weights,
        teacher=mixture.teacher,
        digits=20,
        backend="ball",
    )
    return np.array(found.balls, dtype=object)


def over(family: Callable[..., Any], objective: Any, quantity: str, frame: Frame) -> Any:
    at = BoxPoint(Family(family, ("s", "t")), frame, 8)
    return np.array(getattr(at, quantity)(objective), dtype=object)


def check(
    family: Callable[..., Any],
    objective: Any,
    quantity: str,
    frame: Frame,
    point: Any,
    base: Any,
    deviations: list[Fraction],
) -> None:
    """Value, base value and slope form contain what ``numerics.evaluate`` finds at points."""
    with precision(90):
        numbers = over(family, objective, quantity, frame)
        at_point = exactly(family, objective, quantity, point)
        at_base = exactly(family, objective, quantity, base)
        for number, exact, start in zip(numbers.flat, at_point.flat, at_base.flat, strict=True):
            assert number.range.overlaps(exact)
            assert number.base.overlaps(start)
            form = start
            for deviation, slope in zip(deviations, number.total_slopes, strict=True):
                form = form + ball(deviation) * slope
            assert form.overlaps(exact) or not form.is_finite()


@settings(max_examples=8)
@given(
    st.sampled_from(FAMILIES),
    st.sampled_from(
        [("kl", "gradient"), ("forward", "loss"), ("reverse", "loss"), (SPREAD, "loss")]
    ),
    st.tuples(*[st.integers(10, 30)] * 2),
    st.sampled_from([Fraction(1, 1000), Fraction(1, 20)]),
    st.tuples(*[st.integers(0, 4)] * 2),
)
def test_values_and_slopes_contain_every_point(
    family: Callable[..., Any],
    asked: tuple[Any, str],
    corner: tuple[int, int],
    width: Fraction,
    share: tuple[int, int],
) -> None:
    lows = [Fraction(corner[0], 10), Fraction(corner[1], 11)]
    box = {name: Interval(low, low + width) for name, low in zip(("s", "t"), lows, strict=True)}
    frame = Frame(box)
    point = {name: box[name].low + width * k / 4 for name, k in zip(box, share, strict=True)}
    middle = {name: side.middle for name, side in box.items()}
    check(family, *asked, frame, point, middle, [point[name] - middle[name] for name in box])


@given(st.integers(5, 25), st.integers(0, 4), st.integers(0, 4))
@settings(max_examples=6)
def test_slopes_from_the_equality_contain_every_point(corner: int, i: int, k: int) -> None:
    low, width = Fraction(corner, 10), Fraction(1, 25)
    box = {"s": Interval(low, low + width), "t": Interval(low - width / 2, low + width / 2)}
    frame = Frame(box, ("s", Affine(Fraction(0), {"t": Fraction(1)})))
    point = {"s": box["s"].low + width * i / 4, "t": box["t"].low + width * k / 4}
    base = {**point, "s": point["t"]}
    check(pair, "kl", "gradient", frame, point, base, [point["s"] - point["t"]])
    with precision(90):
        number = over(pair, "kl", "gradient", frame)[0, 0]
        assert number.base.is_zero()  # student and teacher are the same there, exactly


@pytest.mark.parametrize("sign", [0, -1, 2])
def test_a_mean_value_form_with_the_wrong_derivative_is_seen(
    sign: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = over_boxes._program.__wrapped__

    def wrong(integrand: Any, word: Any, teacher: Any) -> Any:
        program = right(integrand, word, teacher)
        return scaled_program(program, Fraction(sign)) if word else program

    monkeypatch.setattr(over_boxes, "_program", wrong)
    width = Fraction(1, 500)
    box = {"s": Interval(Fraction(1), 1 + width), "t": Interval(Fraction(2), 2 + width)}
    point = {name: side.high for name, side in box.items()}
    middle = {name: side.middle for name, side in box.items()}
    away = [point[name] - middle[name] for name in box]
    with pytest.raises((AssertionError, ValueError)):
        check(pair, "kl", "gradient", Frame(box), point, middle, away)


def scaled_program(program: Any, factor: Fraction) -> Any:
    from dataclasses import replace

    last = program.output
    terms = tuple(replace(term, coefficient=factor * term.coefficient) for term in last.terms)
    return replace(program, statements=(*program.statements[:-1], replace(last, terms=terms)))


def test_more_than_three_dimensions_are_refused() -> None:
    family = Family(lambda t: [[t, 0, 0, 0], [0, t, 0, 0]], ("t",))
    with pytest.raises(InputError, match="at most 3 over a box"):
        BoxPoint(family, Frame({"t": Interval(Fraction(1), Fraction(2))}), 8)


def test_what_a_box_does_not_offer_is_refused_by_name() -> None:
    at = BoxPoint(
        Family(pair, ("s", "t")),
        Frame({"s": Interval(Fraction(1), Fraction(2)), "t": Interval(Fraction(1), Fraction(2))}),
        8,
    )
    for ask in (lambda: at.mixture, lambda: at.elsewhere(None), at.total_variation):
        with pytest.raises(InputError, match="relation"):
            ask()
    with pytest.raises(InputError, match="one of forward, kl, reverse"):
        at.loss("klx")


@pytest.mark.parametrize("parameter", ["v", "theta", "pi", "rho"])
@pytest.mark.parametrize("name", ["kl", "forward", "reverse"])
def test_derivatives_agree_with_difference_quotients(name: str, parameter: Any) -> None:
    source, free = objective_integrand(OBJECTIVES[name], "loss")
    program = derivative_program(source, free, OBJECTIVES[name].base, (parameter,), "mixture")
    means, weights = [Fraction(1, 3), Fraction(-1)], [Fraction(1, 3), Fraction(2, 3)]
    thetas, shares = [Fraction(0), Fraction(3, 2)], [Fraction(2, 5), Fraction(3, 5)]
    step = Fraction(1, 10**8)

    def loss(move: Fraction) -> Any:
        changed = {
            "v": list(means),
            "pi": list(weights),
            "theta": list(thetas),
            "rho": list(shares),
        }
        if parameter in ("v", "theta"):
            changed[parameter][1] += move
        else:  # a weight moves against the other: the sum stays
            changed[parameter][1] += move
            changed[parameter][0] -= move
        return numerics.evaluate(
            name,
            [[x] for x in changed["v"]],
            quantity="loss",
            weights=changed["pi"],
            teacher={"means": [[x] for x in changed["theta"]], "weights": changed["rho"]},
            digits=30,
            backend="mpmath",
        ).value

    problem = numerics.Problem.from_user(
        [[x] for x in means], weights, {"means": [[x] for x in thetas], "weights": shares}
    )
    found = numerics.expectation(program, problem, 20, "mpmath").value
    quotient = (loss(step) - loss(-step)) / (2 * step.numerator) * step.denominator
    if parameter in ("v", "theta"):
        derivative = found[1][0]
    else:
        own = weights if parameter == "pi" else shares
        derivative = found[1] / own[1].numerator * own[1].denominator
        derivative -= found[0] / own[0].numerator * own[0].denominator
    assert abs(derivative - quotient) < 1e-12
