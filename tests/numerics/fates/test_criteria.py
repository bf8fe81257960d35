"""Fate criteria: the theorems' bounds, exactly at their edges, and the numerical one."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics.descent.run import descend
from numerics.fates.criteria import (
    LEAST_SAMPLES,
    LEAST_STEPS,
    STATEMENTS,
    Fate,
    FateInputs,
    below_golden_square,
    decide_fates,
    monitored,
    theorem_f_step,
    theorem_r_step,
)
from numerics.fates.reasons import with_reasons

HALF = Fraction(1, 2)
TINY = Fraction(1, 10**30)


def situation(*norms: object, objective: str = "forward", step: object = "0.1") -> FateInputs:
    squares = [Fraction(str(norm)) ** 2 for norm in norms]
    return FateInputs(
        objective,
        (Fraction(1, len(norms)),) * len(norms),
        tuple((square, square) for square in squares),
        Fraction(str(step)),
        "enclosure",
        [],
        0,
    )


def outcome(there: FateInputs) -> tuple[list[str], set[str]]:
    fates = decide_fates(there)
    assert all(fate.statement == STATEMENTS[fate.criterion] for fate in fates)
    return [fate.fate for fate in fates], {fate.criterion for fate in fates}


def test_golden_ratio_is_decided_exactly() -> None:
    # Convergents of phi^2 from both sides: ratios of Fibonacci numbers.
    a, b = 1, 1
    for _ in range(200):
        a, b = b, a + b
    low, high = sorted((Fraction(b + a, a), Fraction(2 * b + a, b)))
    assert below_golden_square(low)
    assert not below_golden_square(high)


@pytest.mark.parametrize("total", ["0", "0.5", "1", "1.5", "2", "2.5", "2.61"])
def test_theorem_f_step_is_the_stated_formula(total: str) -> None:
    P = float(total)
    kappa = 1 / (1 + P) if P <= 1 else 1 - P * P / (3 * P - 1)
    step = theorem_f_step(Fraction(total))
    assert step is not None
    assert float(step) == pytest.approx(kappa / (2 * max(1, P / 2)), rel=1e-14)


def test_theorem_f_step_decreases() -> None:
    steps = [theorem_f_step(Fraction(k, 100)) for k in range(262)]
    values = [step for step in steps if step is not None]
    assert values == sorted(values, reverse=True)
    assert len(values) == 262
    assert min(values) > 0


def test_theorem_f_needs_region_and_step() -> None:
    assert outcome(situation(1, 0, step="1/4")) == (["converged"] * 2, {"Theorem F"})
    assert outcome(replace(situation(1, 0), largest_step=Fraction(1, 4) + TINY))[1] == {"none"}
    assert outcome(situation("1.62", 0, step="0.000001")) == (["undecided"] * 2, {"none"})
    assert outcome(situation(1, 0, objective="user:mine", step="0.01"))[1] == {"none"}


def test_theorem_f_uses_the_unweighted_sum_of_all_components() -> None:
    # 27 components of norm 0.32: |V|^2 = 2.76 > phi^2 although the weighted sum is tiny.
    assert outcome(situation(*["0.32"] * 27, step="0.001"))[1] == {"none"}
    assert outcome(situation(*["0.3"] * 27, step="0.001"))[1] == {"Theorem F"}


def test_theorem_r_and_k_bounds() -> None:
    edge = theorem_r_step(Fraction(52), HALF)
    assert edge == Fraction(1, 26)
    far = situation(6, 4, objective="reverse", step=edge)
    assert outcome(far) == (["converged"] * 2, {"Theorem R"})
    assert outcome(replace(far, largest_step=edge + TINY))[1] == {"none"}
    assert outcome(situation(60, 4, objective="kl", step="1.999"))[1] == {"Theorem K"}
    assert outcome(situation(60, 4, objective="kl", step=2))[1] == {"none"}


def test_bounds_are_used_on_the_safe_side() -> None:
    there = situation(1, 0, step="1/4")
    wide = replace(there, squared_norms=((Fraction(1), 1 + TINY), (Fraction(0), Fraction(0))))
    assert outcome(wide)[1] == {"none"}


def test_lemma_e() -> None:
    assert outcome(situation("0.15", "3.1", step="1/2")) == (["converged", "escaped"], {"Lemma E"})
    assert outcome(situation("3.1", "0.15", step="1/2"))[0] == ["escaped", "converged"]
    for there in (
        situation("0.151", "3.1", step="1/2"),
        situation("0.15", "3.09", step="1/2"),
        situation("0.15", "3.1", step="0.51"),
        situation("0.15", "3.1", "3.1", step="1/2"),
        replace(situation("0.15", "3.1"), weights=(Fraction(2, 5), Fraction(3, 5))),
        situation("0.15", "3.1", objective="reverse", step="0.5"),
    ):
        assert "Lemma E" not in outcome(there)[1]


def with_history(there: FateInputs, *rows: tuple[float, ...]) -> FateInputs:
    return replace(there, history=list(enumerate(rows)), steps=len(rows) - 1)


def test_window_escape_for_three_components() -> None:
    there = with_history(
        situation("0.01", 5, 6, step="0.3"), *((0.01, 4 + k / 40, 5 + k / 40) for k in range(41))
    )
    fates = decide_fates(there)
    assert [fate.fate for fate in fates] == ["converged", "escaped", "escaped"]
    assert {fate.criterion for fate in fates} == {"window"}
    assert {fate.basis for fate in fates} == {"numerical"}  # never better, even from enclosures
    assert [fate.reached for fate in fates] == [True, False, False]


def test_window_stays_undecided_without_growth_or_samples() -> None:
    there = situation("0.01", 5, 6, step="0.3")
    shrinking = with_history(there, *((0.01, 6 - k / 40, 6.0) for k in range(41)))
    assert outcome(shrinking) == (["undecided"] * 3, {"none"})
    short = with_history(there, *((0.01, 4 + k, 5 + k) for k in range(5)))
    assert outcome(short) == (["undecided"] * 3, {"none"})
    nobody_near = with_history(
        situation("0.2", 5, 6, step="0.3"), *((0.2, 4.0, 5.0) for k in range(41))
    )
    assert outcome(nobody_near) == (["undecided"] * 3, {"none"})


def test_window_convergence_where_the_step_is_beyond_theorem_f() -> None:
    there = situation("0.1", "0.1", step="0.9")
    shrinking = with_history(there, *((0.5 - k / 100,) * 2 for k in range(41)))
    assert outcome(shrinking) == (["converged"] * 2, {"window"})
    growing = with_history(there, *((k / 400,) * 2 for k in range(41)))
    assert outcome(growing) == (["undecided"] * 2, {"none"})


def test_escape_is_never_reported_where_the_objective_has_none() -> None:
    there = with_history(
        situation("0.01", 5, objective="reverse", step=1), *((0.01, 4 + k / 40) for k in range(41))
    )
    assert outcome(there) == (["undecided"] * 2, {"none"})


def test_monitored_steps_are_few_and_enough() -> None:
    chosen = [step for step in range(100_001) if monitored(step)]
    assert chosen[:128] == list(range(128))
    assert len(chosen) < 64 * 18
    assert sum(step >= 50_000 for step in chosen) >= 60


@given(
    st.sampled_from(["forward", "reverse", "kl"]),
    st.lists(st.integers(0, 80).map(lambda n: Fraction(n, 10)), min_size=1, max_size=3),
    st.sampled_from(["0.01", "0.4", "1", "2", "5"]),
    st.integers(0, 40),
    st.booleans(),
    st.booleans(),
)
def test_every_undecided_component_says_what_is_missing(
    objective: str,
    norms: list[Fraction],
    step: str,
    steps: int,
    mixture: bool,
    theorems_only: bool,
) -> None:
    history = [(k, tuple(map(float, norms))) for k in range(steps + 1)]
    there = replace(
        situation(*norms, objective=objective, step=step),
        history=history,
        steps=steps,
        mixture=mixture,
        nearest=(0,) * len(norms),
    )
    fates = with_reasons(
        there, decide_fates(there, theorems_only=theorems_only), theorems_only=theorems_only
    )
    short = steps < LEAST_STEPS
    for fate in fates:
        assert bool(fate.note) == (fate.fate == "undecided")
        if fate.fate == "undecided" and not theorems_only:
            asks = f"at least {LEAST_SAMPLES} recorded steps" in fate.note
            assert asks == short
            assert (f"that is at least {LEAST_STEPS} steps" in fate.note) == short
        if fate.fate == "undecided" and not mixture:
            assert {"kl": "Theorem K", "reverse": "Theorem R"}.get(
                objective, "Theorem F"
            ) in fate.note


def test_the_least_steps_are_enough_and_one_less_is_not() -> None:
    def last(steps: int) -> str:
        run = descend("kl", [["1"], ["-1"]], step_size="2", steps=steps)
        return run.fates[0].note or run.fates[0].criterion

    assert last(LEAST_STEPS - 1).endswith("more steps may decide")
    assert f"that is at least {LEAST_STEPS} steps" in last(LEAST_STEPS - 1)
    assert f"that is at least {LEAST_STEPS} steps" not in last(LEAST_STEPS)


@pytest.mark.parametrize("backend", ["float64", "mpmath", "ball"])
@pytest.mark.parametrize("steps", [1, 10])
def test_a_run_that_ends_at_the_exact_optimum_has_converged(backend: str, steps: int) -> None:
    # EM with two coincident components: one step leads to the truth; Theorem K needs steps below 2
    run = descend("kl", [["3"], ["3"]], step_size="2", steps=steps, backend=backend)
    assert [(f.fate, f.criterion, f.basis) for f in run.fates] == [
        ("converged", "optimum", "numerical")
    ] * 2


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=3, unique=True))
def test_at_a_mixture_teacher_itself_few_steps_are_enough(places: list[int]) -> None:
    means = [[place] for place in places]
    weights = [Fraction(1, len(places))] * len(places)
    run = descend(
        "reverse", means, step_size="0.2", steps=2, teacher={"means": means, "weights": weights}
    )
    assert {fate.fate for fate in run.fates} == {"converged"}


def test_standing_on_the_teacher_with_other_weights_is_no_optimum() -> None:
    there = replace(
        situation("0", "0"), mixture=True, nearest=(0, 1), teacher_weights=(HALF / 2, 3 * HALF / 2)
    )
    assert outcome(there)[0] == ["undecided"] * 2
    assert outcome(replace(there, teacher_weights=(HALF, HALF)))[0] == ["converged"] * 2


def test_leaving_the_optimum_is_not_converging() -> None:
    there = replace(situation("0.0000001", step="9"), history=[(0, (1e-8,)), (1, (1e-7,))], steps=1)
    assert outcome(there)[0] == ["undecided"]


@pytest.mark.parametrize("objective", ["reverse", "kl"])
@pytest.mark.parametrize(
    ("means", "teacher", "missing"),
    [
        ([["-9.9"]], [[-10], [10]], [1]),
        ([["-9.9"], ["-10.1"]], [[-10], [10]], [1]),
        ([["0.1"], ["20.1"]], [[-20], [0], [20]], [0]),
        ([["0.1"]], [[-20], [0], [20]], [0, 2]),
        ([["-10.1"], ["10.1"]], [[-10], [10]], []),
    ],
)
def test_teacher_components_without_a_student_are_named(
    objective: str, means: list[list[str]], teacher: list[list[int]], missing: list[int]
) -> None:
    run = descend(objective, means, step_size="1e-3", steps=20, teacher={"means": teacher})
    for fate in run.fates:
        if fate.fate != "converged":
            continue
        named = [k for k in range(len(teacher)) if f"teacher component {k} has no" in fate.note]
        assert named == missing
        assert ("the student is not the teacher (loss " in fate.note) == bool(missing)
        assert "below -" not in fate.note
    if objective == "reverse":
        assert {fate.fate for fate in run.fates} == {"converged"}


def test_weights_that_differ_from_the_teachers_are_named() -> None:
    there = replace(
        situation("0.1", "0.1"),
        mixture=True,
        nearest=(0, 1),
        teacher_weights=(HALF / 2, 3 * HALF / 2),
    )
    near = [Fate(i, "converged", "nearest", "numerical", True) for i in range(2)]
    note = with_reasons(there, near, loss="0.1")[0].note
    assert "near teacher component 0 add up to 1/2, not 1/4" in note
    equal = replace(there, teacher_weights=(HALF, HALF))
    assert with_reasons(equal, near, loss="0.1")[0].note == ""
