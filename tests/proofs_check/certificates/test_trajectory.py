"""The checker's walk against descent in floating-point numbers: every enclosure at every step."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import Any

import mpmath
import numpy as np
import pytest
from flint import arb

from numerics.evaluation.evaluate import evaluate
from proofs_check.certificates.checker import (
    PRECISIONS_ABOVE,
    RejectedError,
    Trajectory,
    _UnclearError,
    check,
    working_precision,
)
from proofs_check.certificates.file_format import THEOREMS, Certificate

F = Fraction
RADIUS = F(1, 10**9)
#: Theorem, means, weights, teacher's mean, time, (first step, size) of each stretch.
CASES: dict[str, tuple[Any, ...]] = {
    "one": ("Theorem K", [[2, -1]], [F(1)], [0, 0], F(0), [(0, F(1))]),
    "at the truth": ("Theorem F", [[F(1, 3)]], [F(1)], [F(1, 3)], F(0), [(0, F(1, 5))]),
    "line": ("Theorem K", [[1], [-2]], [F(1, 3), F(2, 3)], [F(1, 7)], F(1, 5), [(0, F(1))]),
    "ray": ("Theorem K", [[1, 2], [3, 6]], [F(1, 4), F(3, 4)], [0, 0], F(0), [(0, F(3, 2))]),
    "plane": (
        "Theorem K", [[1, F(1, 2)], [F(-1, 3), 2]], [F(2, 5), F(3, 5)], [F(1, 4), 0], F(1, 10),
        [(0, F(1)), (2, F(1, 2))],
    ),
    "space": (
        "Theorem R", [[F(1, 2), F(1, 3), 0], [0, F(-1, 4), F(1, 5)]], [F(1, 3), F(2, 3)],
        [0, F(1, 9), 0], F(0), [(0, F(1, 4)), (1, F(1, 2))],
    ),
    "twins": (
        "Theorem K", [[1, 0], [F(1, 2), 1], [1, 0]], [F(1, 4), F(1, 2), F(1, 4)], [0, 0], F(0),
        [(0, F(1))],
    ),
    "same place": (
        "Theorem K", [[1], [1], [-1]], [F(1, 6), F(1, 3), F(1, 2)], [0], F(0), [(0, F(1))],
    ),
    "forward": (
        "Theorem F", [[F(1, 2)], [F(-1, 3)]], [F(3, 10), F(7, 10)], [F(1, 10)], F(1, 4),
        [(0, F(1, 10)), (1, F(1, 5)), (3, F(1, 20))],
    ),
    "three": (
        "Theorem K", [[1], [-2], [F(1, 2)]], [F(1, 5), F(3, 10), F(1, 2)], [0], F(0), [(0, F(1))],
    ),
}  # fmt: skip
STEPS = 3


def walked(case: str) -> tuple[Certificate, list[np.ndarray]]:
    """A certificate of the first steps, and where they lead."""
    theorem, means, weights, teacher, time, stretches = CASES[case]
    rows = tuple(tuple(F(x) for x in row) for row in means)
    centre = tuple(F(x) for x in teacher)
    state = math.exp(-time) * np.array(
        [[float(x - c) for x, c in zip(row, centre, strict=True)] for row in rows]
    )
    path = [state]
    for step in range(STEPS):
        size = [size for start, size in stretches if start <= step][-1]
        slope = evaluate(
            THEOREMS[theorem], state.tolist(), quantity="gradient", weights=list(weights),
            digits=13,
        ).value  # fmt: skip
        state = state - float(size) * math.exp(-2 * time) * np.reshape(slope, state.shape)
        path.append(state)
    starts, sizes = zip(*stretches, strict=True)
    claims = tuple(
        (step, tuple(tuple((F(x), RADIUS) for x in row) for row in at.tolist()))
        for step, at in enumerate(path)
    )
    return Certificate(
        THEOREMS[theorem], rows, tuple(weights), centre, time, starts, sizes, STEPS, theorem,
        ("converged",) * len(rows), claims, None,
    ), path  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_walk_is_descent(case: str) -> None:
    given, path = walked(case)
    found = check(given)
    assert (found.theorem, found.step) == (given.theorem, STEPS)
    assert (path[1] != path[0]).any() or case == "at the truth"
    random = np.random.default_rng(len(case))
    for step in range(STEPS + 1):
        for sign in (3, -3):
            place = tuple(random.integers(size) for size in path[0].shape)
            claims = [[list(row) for row in rows] for _, rows in given.checkpoints]
            middle, _ = claims[step][place[0]][place[1]]
            claims[step][place[0]][place[1]] = (middle + sign * RADIUS, RADIUS)
            shifted = tuple(
                (at, tuple(tuple(row) for row in rows)) for at, rows in enumerate(claims)
            )
            with pytest.raises(RejectedError, match=f"component {place[0]}, .* {place[1]}, step"):
                check(replace(given, checkpoints=shifted))


@pytest.mark.parametrize(("exponent", "needed"), [(9, 20), (30, 40), (300, 320), (1500, None)])
@pytest.mark.parametrize("which", [0, 1])
def test_a_claim_that_is_met_in_part_is_not_confirmed(
    exponent: int, needed: int | None, which: int
) -> None:
    """The claimed ball must hold all of the recomputed one: else more digits are needed."""
    time = F(1, 10)
    with mpmath.workdps(2100):
        scale = F(int(mpmath.floor(mpmath.exp(-mpmath.mpf(1) / 10) * 10**2000)), 10**2000)
    means = ((F(1),), (F(-2),))
    radius = F(1, 10**exponent)
    # the middle is off by nearly the radius, to either side
    for off in (F(0), radius * F(99, 100), -radius * F(99, 100)):
        rows = [[(scale * x, F(1))] for (x,) in means]
        rows[which] = [(scale * means[which][0] + off, radius)]
        claim = tuple(tuple(row) for row in rows)
        given = Certificate(
            "kl", means, (F(1, 2), F(1, 2)), (F(0),), time, (0,), (F(1),), 0, "Theorem K",
            ("converged",) * 2, ((0, claim),), None,
        )  # fmt: skip
        if needed is None:
            with pytest.raises(RejectedError, match="not confirmed"):
                check(given)
        else:
            assert needed <= check(given).digits <= 2 * needed
            assert check(given, 500).digits == 640
            assert check(given, 10**6).digits == 1280
        rows[which] = [(scale * means[which][0] + 2 * radius, radius)]
        with pytest.raises(RejectedError, match=f"component {which}, coordinate 0, step 0"):
            check(replace(given, checkpoints=((0, tuple(tuple(row) for row in rows)),)))


@pytest.mark.parametrize("case", ["line", "plane", "same place", "forward"])
def test_a_step_of_a_box_is_the_box_of_the_steps(case: str) -> None:
    """From every corner, and little wider: each entry of the derivative counts."""
    given, _ = walked(case)
    width, size = 1e-5, F(7, 10)
    with working_precision(30):
        trajectory = Trajectory(given, 30)
        start = [[float(value.mid()) for value in row] for row in trajectory.state]
        trajectory.state = [[arb(value, width) for value in row] for row in start]
        trajectory.advance(arb(7) / 10)
        low, high = (
            np.array([[float(side(value)) for value in row] for row in trajectory.state])
            for side in (arb.lower, arb.upper)
        )
    moved = []
    for signs in product((-1, 1), repeat=np.size(start)):
        corner = np.array(start) + width * np.reshape(signs, np.shape(start))
        slope = evaluate(
            given.objective, corner.tolist(), quantity="gradient", digits=13,
            weights=trajectory.weights,
        ).value  # fmt: skip
        counts = np.array(trajectory.counts)[:, np.newaxis]
        moved.append(corner - float(size) * np.reshape(slope, corner.shape) / counts)
    least, most = np.min(moved, axis=0), np.max(moved, axis=0)
    assert (low <= least + 1e-11).all()
    assert (most - 1e-11 <= high).all()
    assert (high - low <= (most - least) * 1.01).all()


def test_three_components_in_a_plane_are_integrated_over_it() -> None:
    """Where doubles have the Hessian's digits the walk is descent, and a shifted claim is none."""
    rows = [[F(1, 2), F(0)], [F(-1, 4), F(1, 3)], [F(0), F(-1, 2)]]
    size = F(1, 20)
    state = np.array([[float(x) for x in row] for row in rows])
    slope = evaluate("forward", state.tolist(), quantity="gradient", digits=11).value
    state = state - float(size) * np.reshape(slope, state.shape)
    claim = tuple(tuple((F(x), F(1, 10**7)) for x in row) for row in state.tolist())
    given = Certificate(
        "forward", tuple(map(tuple, rows)), (F(1, 3),) * 3, (F(0), F(0)), F(0), (0,), (size,), 1,
        "Theorem F", ("converged",) * 3, ((1, claim),), None,
    )  # fmt: skip
    assert check(given).digits == PRECISIONS_ABOVE[0]
    (middle, radius), other = claim[2]
    shifted = (*claim[:2], ((middle + 3 * radius, radius), other))
    with pytest.raises(RejectedError, match="component 2, coordinate 0"):
        check(replace(given, checkpoints=((1, shifted),)))


def test_a_walk_in_doubles_contains_one_in_balls() -> None:
    """Means far apart in a plane: gradients and Hessians that only doubles make quick."""
    rows = ((F(5), F(1, 2)), (F(-2), F(6)), (F(3, 10), F(-3)))
    given = Certificate(
        "forward", rows, (F(1, 3),) * 3, (F(0), F(0)), F(0), (0,), (F(1, 10),), 2, "Theorem F",
        ("converged",) * 3, (), None,
    )  # fmt: skip
    states = []
    for digits in (9, 14):
        with working_precision(digits):
            walk = Trajectory(given, digits)
            for _ in range(2):
                walk.advance(arb(1) / 10)
            assert walk._nodes > 4096
            states.append([value for row in walk.state for value in row])
    for coarse, fine in zip(*states, strict=True):
        assert coarse.contains(fine)
        assert coarse.rad() > 100 * fine.rad()


@pytest.mark.parametrize("number", ["nan", "inf", "-inf"])
def test_a_number_that_is_none_has_no_ends(number: str) -> None:
    """Refused after more digits, like any other that says too little."""
    given, _ = walked("line")
    with working_precision(20):
        trajectory = Trajectory(given, 20)
        trajectory.state[0][0] = arb(number)
        with pytest.raises(_UnclearError):
            trajectory._hypotheses()


def test_more_than_three_dimensions_are_refused() -> None:
    rows = tuple(tuple(F(a == b) for b in range(4)) for a in range(4))
    given = Certificate(
        "reverse", rows, (F(1, 4),) * 4, (F(0),) * 4, F(0), (0,), (F(1, 20),), 0, "Theorem R",
        ("converged",) * 4, ((0, tuple(tuple((x, RADIUS) for x in row) for row in rows)),), None,
    )  # fmt: skip
    with pytest.raises(RejectedError, match="span 4 dimensions"):
        check(given)
