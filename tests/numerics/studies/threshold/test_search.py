"""The critical spread of a far cluster: the law, the search, the certified bracket."""

from __future__ import annotations

import json
import math
from fractions import Fraction

import mpmath
import pytest

from numerics.descent.certificate import make_certificate
from numerics.descent.result import RunOptions
from numerics.descent.run import descend
from numerics.errors import InputError
from numerics.studies.amplification import contraction, growth, log_amplification
from numerics.studies.threshold.certified import MOST_COMPONENTS, WIDEST, find_threshold, read_start
from numerics.studies.threshold.search import (
    ClusterStart,
    estimate,
    fate_of,
    predicted_steps,
    threshold_constant,
)
from numerics.studies.threshold.small_step_limit import flow_constant
from proofs_check.certificates.checker import check
from proofs_check.certificates.file_format import parse_certificate

TENTH = Fraction(1, 10)


def start(distance: int | Fraction, step_size: Fraction = TENTH, n: int = 2) -> ClusterStart:
    return ClusterStart(Fraction(distance), step_size, n)


@pytest.mark.parametrize(("distance", "step", "n"), [(6, "0.1", 2), (40, "0.1", 2), (9, "0.01", 3)])
def test_lambda_agrees_with_the_sum_in_mpmath(distance: int, step: str, n: int) -> None:
    with mpmath.workdps(40):
        eta = mpmath.mpf(step)
        shrink = (1 - 2 * eta / n) ** 2
        terms = (mpmath.log1p(4 * eta / n * distance**2 * shrink**k) for k in range(20_000))
        expected = mpmath.fsum(terms)
        found = log_amplification(float(distance), Fraction(step), n)
        assert abs(found - expected) < 1e-11 * expected


def test_lambda_is_what_exact_descent_does_to_a_tiny_spread() -> None:
    """Balls with relative precision: the measured factor is exp(Lambda), to its first order."""
    spread = Fraction(1, 10**300)
    steps = 60
    run = descend(
        "forward",
        start(8).means(spread),
        step_size=TENTH,
        steps=steps,
        backend="ball",
        digits=15,
    )
    (cluster,) = run.clusters
    with run.arithmetic.context():
        half = run.arithmetic.number(spread / 2)
        measured = float((abs(cluster.deviations[0, 0]) / half).log())
    law = growth(8.0, TENTH, 2)
    assert abs(measured - math.fsum(next(law)[1] for _ in range(steps))) < 1e-12
    assert abs(measured - 64) > 30  # not exp(|c_0|^2): the step is not small


def test_contraction_refuses_steps_beyond_the_centre() -> None:
    with pytest.raises(InputError, match="step_size"):
        contraction(Fraction(1), 2)


@pytest.mark.parametrize("n", [2, 3, 5])
def test_means_of_a_start_have_the_centre_and_the_spread(n: int) -> None:
    means = [row[0] for row in start(6, n=n).means(Fraction(1, 7))]
    assert sum(means) == 6 * n
    assert means[1] - means[0] == Fraction(1, 7)
    assert len(set(means)) == 2


def test_known_fates() -> None:
    assert fate_of(start(6), math.log(1e-6), 1000)[0] == "escaped"
    assert fate_of(start(6), math.log(1e-9), 1000)[0] == "converged"
    assert fate_of(start(6), math.log(1e-6), 5) == (None, 5)
    assert fate_of(start(6), -1e6, 10**6)[0] == "converged"


@pytest.mark.parametrize(("distance", "step"), [(3, "0.3"), (10, "0.1")])
def test_search_agrees_with_full_digits(distance: int, step: str) -> None:
    """mpmath at full digits from both sides of the bracket, without law or handover."""
    eta = Fraction(step)
    low, high, longest = estimate(start(distance, eta), 0.01)
    assert high - low <= 0.01
    for log_spread, escaped in ((low - 0.005, False), (high + 0.005, True)):
        with mpmath.workdps(30):
            spread = Fraction(mpmath.nstr(mpmath.exp(log_spread), 20))
        run = descend(
            "forward",
            start(distance, eta).means(spread),
            step_size=eta,
            steps=2 * longest,
            backend="mpmath",
            digits=10,
        )
        assert any(fate.fate == "escaped" for fate in run.fates) is escaped
        assert all(fate.fate != "undecided" for fate in run.fates)


def test_constant_does_not_depend_on_the_distance() -> None:
    constants = [threshold_constant(start(c), 1e-3) for c in (4, 15, 40)]
    assert max(constants) - min(constants) < 2e-3
    # nor would it with another Lambda: |c_0|^2, or a gain off by 1%
    shifted = [
        constant - start(c).amplification + c * c
        for constant, c in zip(constants, (4, 15, 40), strict=True)
    ]
    assert max(shifted) - min(shifted) > 100


def test_large_steps_leave_a_trace_that_is_periodic_in_the_logarithm() -> None:
    """One step takes ``c`` to ``(1 - eta) c``: those starts have the same constant, others not."""
    eta = Fraction(3, 10)
    same = [threshold_constant(start(c, eta), 2e-4) for c in (7, 7 / (1 - eta))]
    between = threshold_constant(start(8, eta), 2e-4)
    assert abs(same[0] - same[1]) < 5e-4
    assert abs(between - same[0]) > 1e-3


def test_limit_of_small_steps_is_the_flow_s() -> None:
    """Richardson's extrapolation of the map meets the stable manifold of the flow."""
    coarse, fine = (threshold_constant(start(3, step), 1e-3) for step in (TENTH / 2, TENTH / 4))
    assert abs(2 * fine - coarse - flow_constant()) < 0.04
    assert abs(fine - flow_constant()) > 0.1  # 0.025 is not yet the limit


@pytest.mark.parametrize(("distance", "step", "n"), [("20", "0.2", 2), (3, 0.3, 3)])
def test_certified_bracket(distance: object, step: object, n: int) -> None:
    found = find_threshold(distance, step, components=n)
    assert found.stopped == "completed"
    assert found.log_spread is not None
    assert found.estimate is not None
    low, high = found.log_spread
    assert low < found.estimate[0] < found.estimate[1] < high
    assert 0 < high - low <= WIDEST
    assert found.converging is not None
    assert found.escaping is not None
    for end, names in (
        (found.converging, {"converged"}),
        (found.escaping, {"converged", "escaped"}),
    ):
        assert {fate.fate for fate in end.run.fates} == names
        assert {fate.basis for fate in end.run.fates} == {"enclosure"}
        with mpmath.workdps(30):
            assert end.log_spread[0] <= mpmath.log(mpmath.mpf(end.spread)) <= end.log_spread[1]
        # the checker knows nothing of clusters, searches or this module
        certificate = json.dumps(make_certificate(end.run))
        assert check(parse_certificate(certificate)).step == end.run.steps
    assert found.escaping.run.fates[0].fate == "converged"  # the nearer one stays


def test_stops_when_told() -> None:
    found = find_threshold(40, "0.001", max_seconds=0.05)
    assert found.stopped == "stopped"
    assert found.log_spread is None
    assert found.constant is None
    assert found.steps is None
    assert found.amplification > 1000


def test_progress_covers_all_stages() -> None:
    seen: list[str] = []
    find_threshold(2, "0.3", progress=lambda stage, done, expected: seen.append(stage))
    assert seen[0] == "search"
    assert set(seen) <= {"search", "converging", "escaping"}


@pytest.mark.parametrize(
    ("argument", "arguments"),
    [
        ("distance", {"distance": "1.9"}),
        ("distance", {"distance": 41}),
        ("distance", {"distance": float("nan")}),
        ("step_size", {"step_size": "0.0001"}),
        ("step_size", {"step_size": "1/3"}),
        ("components", {"components": 1}),
        ("components", {"components": MOST_COMPONENTS + 1}),
        ("components", {"components": True}),
        ("digits", {"digits": 0}),
        ("max_seconds", {"max_seconds": -1.0}),
    ],
)
def test_bad_input(argument: str, arguments: dict[str, object]) -> None:
    given: dict[str, object] = {"distance": 6, "step_size": "0.1", **arguments}
    with pytest.raises(InputError, match=argument):
        find_threshold(given.pop("distance"), given.pop("step_size"), **given)  # type: ignore[arg-type]


def test_prediction_is_of_the_right_size() -> None:
    for distance, step in ((6, "0.1"), (20, "0.03")):
        chosen = read_start(distance, step)
        _, _, longest = estimate(chosen, 0.01)
        assert longest / 4 < predicted_steps(chosen) < 4 * longest


def test_options_do_not_change_the_certified_run() -> None:
    """The certified end is what descend --certify says of the printed spread."""
    found = find_threshold(3, "0.2")
    assert found.escaping is not None
    again = descend(
        "forward",
        start(3, Fraction(1, 5)).means(Fraction(found.escaping.spread)),
        step_size="0.2",
        steps=1000,
        backend="ball",
        options=RunOptions(certify=True),
    )
    assert [fate.fate for fate in again.fates] == ["converged", "escaped"]
    assert again.steps == found.escaping.run.steps
