"""The experiment: against single steps of the library, resuming, and the amplification law."""

from __future__ import annotations

import json
import math
import tempfile
from fractions import Fraction
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.descent.run import descend
from numerics.errors import InputError
from numerics.evaluation.evaluator import Evaluator
from numerics.studies.amplification import growth
from numerics.studies.sources_experiment import log_amplification, run, start_means


def test_a_run_is_the_library_descent():
    means = start_means(4.0, rank=1)
    found = run(4.0, steps=150, means=means)
    text = [[repr(float(entry)) for entry in row] for row in means]
    precise = descend(
        "forward", text, step_size="0.01", steps=150, digits=20, backend="mpmath"
    ).centred_means
    exact = np.array([[float(entry) for entry in row] for row in precise])
    assert np.abs(found.means - exact).max() < 1e-9
    spread = np.ptp(exact)
    assert spread > 1e-3  # amplified ten thousand times already
    assert np.abs((found.means - found.means[0]) - (exact - exact[0])).max() < 1e-5 * spread


def test_deviations_across_the_centre_are_not_amplified():
    whole = run(6.0, steps=120, means=start_means(6.0, rank=2))
    line = run(6.0, steps=120, means=start_means(6.0, rank=1))
    assert np.abs(whole.means[:, 1:]).max() < 3e-7
    assert np.abs(whole.means[:, :1] - line.means).max() < 1e-6
    assert np.ptp(line.means) > 1.0  # it has split


@settings(max_examples=5)
@given(stops=st.lists(st.integers(1, 60), min_size=1, max_size=4))
def test_a_stopped_run_goes_on_bit_for_bit(stops):
    means = start_means(4.0, rank=1)
    straight = run(4.0, steps=100, means=means)
    with tempfile.TemporaryDirectory() as room:
        state = Path(room, "state.json")
        for number in stops:
            calls = iter([""] * number + ["interrupted"])
            run(4.0, steps=100, means=means, state=state, stop=lambda calls=calls: next(calls))
        resumed = run(4.0, steps=100, means=means, state=state)
        assert (resumed.means == straight.means).all()
        assert resumed.rows == straight.rows
        again = run(4.0, steps=100, means=means, state=state)  # nothing is left to do
        assert again.rows == resumed.rows


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda text: text[: len(text) // 2], "the state of this very run ("),
        (
            lambda text: json.dumps({**json.loads(text), "run": "0"}),
            "of other steps, another start",
        ),
        (lambda text: "[]", "the state of this very run ("),
    ],
)
def test_a_state_that_does_not_fit_is_refused(tmp_path, change, expected):
    means, state = start_means(4.0, rank=1), tmp_path / "state.json"
    run(4.0, steps=3, means=means, state=state)
    state.write_text(change(state.read_text()))
    with pytest.raises(InputError, match="state") as caught:
        run(4.0, steps=3, means=means, state=state)
    assert expected in caught.value.allowed


@pytest.mark.parametrize(("size", "step"), [(3.0, 0.1), (6.0, 0.01)])
def test_the_amplification_is_the_stated_sum(size, step):
    n, centre, total = 5, size, 0.0
    while centre > 1e-4:
        total += math.log1p(4 * step / n * centre**2)
        centre *= 1 - 2 * step / n
    assert log_amplification(size, step_size=step) == pytest.approx(total, abs=1e-5)
    assert total < size**2


@pytest.mark.parametrize("centre", [0.3, 2.0, 5.0])
def test_the_law_is_what_the_hessian_says_at_a_coincident_cluster(centre):
    n, step = 5, 0.01
    found = Evaluator("forward", ("gradient", "hessian"), n=n, dimension=1, rank=0)(
        np.full((n, 1), centre)
    )
    difference = np.array([1.0, -1.0, 0.0, 0.0, 0.0]) / math.sqrt(2)
    factor = 1 - step * difference @ found["hessian"] @ difference
    (_, first), (second, _) = islice(growth(centre, Fraction(step), n), 2)
    assert first == pytest.approx(math.log(factor), rel=1e-9)
    assert second == pytest.approx(centre - step * found["gradient"][0, 0], rel=1e-12)


def test_a_tiny_spread_grows_by_the_amplification():
    means = start_means(3.0, spread=1e-9, rank=1)
    end = run(3.0, steps=3000, means=means).means
    ratio = np.ptp(end) / np.ptp(means)
    assert math.log(ratio) == pytest.approx(log_amplification(3.0), abs=1e-2)
