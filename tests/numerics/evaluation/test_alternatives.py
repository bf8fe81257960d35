"""A backend that a refusal names takes the means; where none does, none is named."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics.descent.run import descend
from numerics.errors import InputError
from numerics.evaluation.evaluate import evaluate


def named(error: InputError) -> str:
    found = re.search(r'or backend "(\w+)", which takes these means', str(error))
    return found[1] if found else ""


@given(
    st.sampled_from(["forward", "reverse", "kl"]),
    st.sampled_from(["loss", "gradient"]),
    st.integers(6, 250),  # at 1e5 float64 takes them, in up to a minute
    st.lists(st.integers(-9, 9), min_size=1, max_size=2),
)
def test_the_backend_that_is_named_takes_the_means(
    objective: str, quantity: Any, exponent: int, others: list[int]
) -> None:
    means = [[f"1e{exponent}"], *([other] for other in others)]
    try:
        evaluate(objective, means, quantity=quantity)
    except InputError as error:
        backend = named(error)
        if backend:
            assert evaluate(objective, means, quantity=quantity, backend=backend).met


def test_far_means_in_float64_are_refused_with_the_backend_that_takes_them() -> None:
    with pytest.raises(InputError) as refused:
        evaluate("forward", [[0], ["1e6"]])
    assert named(refused.value) == "ball"
    with pytest.raises(InputError) as refused:
        evaluate("forward", [[0], ["1e6"]], max_nodes=1000)
    assert named(refused.value) == ""  # the user's own limit


def test_a_descent_names_no_backend_that_refuses_it_too() -> None:
    for size in ("1e6", "1e200"):
        with pytest.raises(InputError) as refused:
            descend("forward", [["1"], [size]], step_size="0.1", steps=5)
        assert named(refused.value) == ""
        for backend in ("ball", "mpmath"):
            with pytest.raises(InputError):
                descend("forward", [["1"], [size]], step_size="0.1", steps=1, backend=backend)


@given(
    st.sampled_from(["forward", "reverse", "kl"]),
    st.lists(st.integers(-160, 320), min_size=4, max_size=4),
    st.sampled_from(["1", "1e-300", "1e400"]),
)
def test_a_descent_from_any_size_ends_or_is_refused(
    objective: str, exponents: list[int], step_size: str
) -> None:
    a, b, c, d = (f"1e{exponent}" for exponent in exponents)
    for means in ([[a, "0"], ["0", b], ["0", "0"]], [[a, b], [c, f"-{d}"]], [[a], [f"-{b}"]]):
        try:
            run = descend(objective, means, step_size=step_size, steps=1, max_nodes=20_000)
        except InputError:
            continue
        assert run.steps <= 1


def test_a_run_that_diverges_is_not_sent_to_another_backend() -> None:
    with pytest.raises(InputError) as refused:
        descend("forward", [["1"], ["3"]], step_size="1e30", steps=5)
    assert named(refused.value) == ""


def test_close_means_of_high_rank_are_not_sent_to_mpmath() -> None:
    rows = [[6, 0, 0, 0], ["6.0000000000000001", 0, 0, 0], *([6, *row] for row in _UNITS)]
    with pytest.raises(InputError, match="for float64 alone"):
        descend("forward", rows, step_size="0.1", steps=5)


_UNITS = ([1, 0, 0], [0, 1, 0], [0, 0, 1])
