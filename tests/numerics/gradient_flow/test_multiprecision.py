"""Gradient flow in mpmath: closed forms, descent's limit, float64, and times beyond it."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest

from numerics import flow
from numerics.descent.run import descend
from numerics.errors import InputError, NodeLimitError
from numerics.gradient_flow.collocation import newton, radau


def precise(means: list[list[str]], tau: object, digits: int, **options: Any) -> Any:
    """Flow from ``means`` to ``tau``, at one time."""
    return flow(
        "forward", means, tau_end=tau, record=[tau], digits=digits, backend="mpmath", **options
    ).points[0]


def test_radau_nodes_in_closed_form() -> None:
    with mpmath.workdps(60):
        root = mpmath.sqrt(6)
        expected = [(4 - root) / 10, (4 + root) / 10, mpmath.mpf(1)]
        rule = radau(3, 200)
        assert max(abs(a - b) for a, b in zip(rule.nodes, expected, strict=True)) < 1e-58
        # D differentiates t, t^2, t^3 exactly.
        for power in (1, 2, 3):
            values = np.array([node**power for node in rule.nodes])
            slopes = np.array([power * node ** (power - 1) for node in rule.nodes])
            assert np.abs(rule.derivative @ values - slopes).max() < 1e-55


def solve_step(stages: int, step: Any) -> Any:
    """One step of ``y' = -y^3`` from ``y = 1``, whose solution is ``(1 + 2t)^(-1/2)``."""

    def system(_: Any, y: Any) -> Any:
        return -(y**3), np.array([[-3 * y[0] ** 2]]), np.array([mpmath.mpf(1)])

    rule, start = radau(stages, 300), np.array([mpmath.mpf(1)])
    increments = np.zeros((stages, 1), dtype=object) + mpmath.mpf(0)
    for _ in range(9):
        increments = newton(rule, system, mpmath.mpf(0), step, start, increments).increments
    return abs(1 + increments[-1, 0] - 1 / mpmath.sqrt(1 + 2 * step))


@pytest.mark.parametrize("stages", [2, 3, 5, 9])
def test_end_of_a_step_has_order_two_s_minus_one(stages: int) -> None:
    with mpmath.workdps(90):
        errors = [solve_step(stages, mpmath.mpf(h)) for h in ("1e-3", "5e-4")]
        observed = mpmath.log(errors[0] / errors[1], 2)
        assert abs(observed - 2 * stages) < 0.05  # local error: one more than the order


def test_coincident_means_have_a_closed_form() -> None:
    """``n`` equal means: each obeys ``v' = -(2/n) v``, hence ``v = v_0 exp(-2 tau/n)``."""
    point = precise([["1.25"]] * 3, "7/2", 50)
    with mpmath.workdps(60):
        expected = mpmath.mpf("1.25") * mpmath.exp(-2 * mpmath.mpf(7) / 2 / 3)
        assert abs(point.means[0, 0] / expected - 1) < mpmath.mpf(10) ** -50
        assert abs(point.loss / expected**2 - 1) < mpmath.mpf(10) ** -49


def test_tiny_spread_is_amplified_by_the_exact_law() -> None:
    """First order: ``delta = delta_0 exp(c_0^2 (1 - exp(-2 tau)))`` for ``n = 2``."""
    point = precise([["4"], ["4.00000000000000000000000000000000000002"]], 1, 10)
    with mpmath.workdps(80):
        spread = point.means[1, 0] - point.means[0, 0]
        expected = mpmath.mpf("2e-38") * mpmath.exp(16 * (1 - mpmath.exp(-2)))
        assert abs(spread / expected - 1) < 1e-9


def test_flow_is_the_limit_of_descent_to_thirty_digits() -> None:
    """First order in the step; Romberg's table removes eleven orders and must meet the flow."""
    means, tau = [["1.5"], ["-0.5"]], "1/2"
    limit = precise(means, tau, 30)
    counts = [20 * k for k in range(1, 13)]
    table = [
        descend(
            "forward", means, step_size=f"1/{2 * k}", steps=k, digits=30, backend="mpmath"
        ).means[:, 0]
        for k in counts
    ]
    with mpmath.workdps(60):
        errors = [max(abs(row - limit.means[:, 0])) for row in table]
        assert abs(errors[5] / errors[11] - 2) < 0.02
        extrapolated = sum(
            row * mpmath.fprod(mpmath.mpf(k) / (k - other) for other in counts if other != k)
            for k, row in zip(counts, table, strict=True)
        )
        assert max(abs(extrapolated - limit.means[:, 0])) < 1e-22


@pytest.mark.parametrize("objective", ["forward", "reverse", "kl"])
def test_backends_agree(objective: str) -> None:
    options: dict[str, Any] = {
        "weights": ["0.2", "0.5", "0.3"],
        "teacher_mean": ["0.5"],
        "tau_end": "20",
        "record": ["3", "20"],
    }
    means = [["1"], ["-1"], ["1"]]
    rough = flow(objective, means, digits=11, **options)
    fine = flow(objective, means, digits=12, backend="mpmath", **options)
    assert fine.backend == "mpmath"
    assert fine.gradient_error < 1e-12
    for left, right in zip(rough.points, fine.points, strict=True):
        assert np.abs(left.means - right.means.astype(float)).max() < 1e-10
        assert abs(left.loss / float(right.loss) - 1) < 1e-8
        assert right.loss_error < 1e-9 * right.loss


def test_backends_agree_in_the_plane() -> None:
    means = [["0.6", "0"], ["-0.2", "0.5"], ["0", "-0.4"]]
    rough = flow("forward", means, tau_end=1, record=[1], digits=10).points[0]
    fine = precise(means, 1, 6)
    assert np.abs(rough.means - fine.means.astype(float)).max() < 1e-8
    assert abs(rough.loss / float(fine.loss) - 1) < 1e-7


def test_error_estimate_covers_the_difference_to_a_finer_flow() -> None:
    coarse, fine = (precise([["1.5"], ["-1"]], "1e3", digits) for digits in (8, 14))
    assert 0 < abs(coarse.loss - fine.loss) <= coarse.loss_error
    assert coarse.loss_error < 1e-5 * coarse.loss


def test_wild_newton_iterates_are_only_a_rejected_step() -> None:
    """At this tolerance an iterate of the first steps has means of size 1e9."""
    weights = ["1/5", "1/2", "3/10"]
    point = precise([["1"], ["-1"], ["0.5"]], "100", 6, weights=weights, repeat=False)
    assert 0.2 < point.loss * point.tau**2 < 0.33


@pytest.mark.parametrize("backend", ["float64", "mpmath"])
def test_without_the_second_run(backend: str) -> None:
    options: dict[str, Any] = {"tau_end": 5, "record": [5], "digits": 6, "backend": backend}
    means = [["1"], ["-0.5"]]
    once, twice = (flow("forward", means, **options, repeat=r).points[0] for r in (False, True))
    assert once.loss == twice.loss
    assert 0 <= once.loss_error < twice.loss_error


def test_too_many_nodes_are_reported_as_such() -> None:
    with pytest.raises(NodeLimitError):
        precise([["0"], ["30"], ["-30"]], 1, 5, max_nodes=40)


def test_end_game_where_float64_is_refused() -> None:
    """The next term of ``L tau^2 -> 1/16`` is of order ``ln(tau)/tau``."""
    point = precise([["1.5"], ["-1"]], "1e30", 8)
    assert abs(point.loss * point.tau**2 - mpmath.mpf(1) / 16) < mpmath.mpf(10) ** -7
    assert point.means[0, 0] > 0 > point.means[1, 0]


def test_symmetry_is_exact() -> None:
    means = precise([["0"], ["2"], ["-2"]], 10, 8).means
    assert means[0, 0] == 0
    assert means[1, 0] + means[2, 0] == 0  # (unary minus would round to the ambient precision)


def test_contexts_are_restored() -> None:
    before = mpmath.mp.prec
    precise([["1"], ["-1"]], 1, 10)
    assert mpmath.mp.prec == before


@pytest.mark.parametrize(
    ("argument", "changes"),
    [
        ("backend", {"backend": "ball"}),
        ("digits", {"digits": 201}),
        ("digits", {"digits": 2}),
        ("tau_end", {"tau_end": "1e1001"}),
        ("means", {"means": [["1"], ["1." + "0" * 420 + "1"]]}),
        ("means", {"means": np.eye(5).tolist()}),
    ],
)
def test_bad_input(argument: str, changes: dict[str, Any]) -> None:
    arguments: dict[str, Any] = {
        "means": [[1], [2]],
        "tau_end": 10,
        "backend": "mpmath",
        "digits": 20,
        **changes,
    }
    with pytest.raises(InputError) as caught:
        flow("forward", arguments.pop("means"), **arguments)
    assert caught.value.argument == argument
