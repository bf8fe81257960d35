"""The ball backend: enclosures against other routes, boxes, broken bounds, contexts."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import flint
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.algebra.program import Assignment, Factor, Program, Term
from numerics.errors import InputError, NodeLimitError
from numerics.evaluation import scalar_backend
from numerics.evaluation.scalar_backend import expectations
from numerics.kernels import load_program
from numerics.kernels import straight_line as emit
from numerics.numbers.balls import BALL, ball, precision
from numerics.numbers.decimal_balls import meets
from numerics.quadrature import geometry
from numerics.quadrature import two_components as pair
from numerics.quadrature.inputs import Inputs, InputSource
from numerics.quadrature.trapezoid import AxisPlan
from tests.numerics.reference_integrals import contains, integral

HALF = [Fraction(1, 2), Fraction(1, 2)]
PAIR = [Fraction(-3, 4), Fraction(17, 8)]
CASES = [(o, q) for o in ("forward", "reverse", "kl") for q in ("loss", "gradient")]


def on_line(means: Sequence[Fraction], weights: Sequence[Fraction]) -> InputSource:
    """Means on the real line, rebuilt at every precision."""

    def make() -> Inputs:
        rows = [[ball(value)] for value in means]
        rank = 1 if len(set(means)) > 1 else 0
        return Inputs(rows, [row[:rank] for row in rows], [ball(weight) for weight in weights])

    return make


def enclose(
    objective: str,
    quantity: str,
    means: Sequence[Fraction],
    weights: Sequence[Fraction],
    digits: int,
) -> Any:
    program = load_program(objective, quantity)
    return expectations(BALL, [program], on_line(means, weights), digits=digits).values[0]


def check(
    objective: str,
    quantity: str,
    means: Sequence[Fraction],
    weights: Sequence[Fraction],
    digits: int,
) -> None:
    """Every entry meets its digits and contains a reference at twice as many."""
    values = enclose(objective, quantity, means, weights, digits)
    for index, value in enumerate(values.flat):
        reference = integral(objective, quantity, means, weights, 2 * digits + 10, index)
        exact = value.is_exact() and value.overlaps(reference)  # coincident means at the origin
        assert exact or contains(value, reference), (objective, quantity, index)
        assert meets(value, digits)


@pytest.mark.parametrize(("objective", "quantity"), CASES)
@pytest.mark.parametrize("digits", [5, 15, 40])
def test_contains_reference(objective: str, quantity: str, digits: int) -> None:
    check(objective, quantity, PAIR, HALF, digits)


@pytest.mark.parametrize("digits", [100, 200])
def test_contains_reference_at_many_digits(digits: int) -> None:
    check("forward", "loss", PAIR, [Fraction(1, 3), Fraction(2, 3)], digits)


SEPARATIONS = ["1e-300", "1e-40", "1e-9", "1/10", "1", "5", "12", "60"]


@pytest.mark.parametrize("separation", SEPARATIONS)
@pytest.mark.parametrize(("objective", "quantity"), CASES)
def test_ladder_of_separations(objective: str, quantity: str, separation: str) -> None:
    means = [Fraction(1, 3), Fraction(1, 3) + Fraction(separation)]
    check(objective, quantity, means, [Fraction(1, 4), Fraction(3, 4)], 15)


@pytest.mark.parametrize("weight", ["1e-3", "1e-30"])
def test_extreme_weights(weight: str) -> None:
    small = Fraction(weight)
    check("forward", "gradient", [Fraction(-1), Fraction(3)], [small, 1 - small], 20)
    check("reverse", "gradient", [Fraction(-1), Fraction(3)], [small, 1 - small], 20)


rationals = st.fractions(min_value=-4, max_value=4, max_denominator=50)
mixtures = st.lists(
    st.tuples(rationals, st.integers(min_value=1, max_value=20)), min_size=1, max_size=4
)


@settings(max_examples=15)
@given(mixtures, st.sampled_from(CASES), st.integers(min_value=3, max_value=25))
def test_contains_reference_for_any_mixture(
    mixture: list[tuple[Fraction, int]], case: tuple[str, str], digits: int
) -> None:
    total = sum(share for _, share in mixture)
    check(*case, [v for v, _ in mixture], [Fraction(s, total) for _, s in mixture], digits)


RESPONSIBILITY = Program(
    "responsibility",
    "student",
    (Assignment("output", ("j0",), (Term(Fraction(1), (Factor("psi", ("j0",)),)),)),),
)


@pytest.mark.parametrize("digits", [5, 50, 300, 1000])
@pytest.mark.parametrize("means", [PAIR, [Fraction(0), Fraction(1), Fraction(-2)]])
def test_mean_responsibility_is_the_weight(digits: int, means: list[Fraction]) -> None:
    if digits == 1000 and len(means) == 3:
        means = [value / 2 for value in means]
    weights = [Fraction(k + 1, len(means) * (len(means) + 1) // 2) for k in range(len(means))]
    result = expectations(BALL, [RESPONSIBILITY], on_line(means, weights), digits=digits)
    for value, weight in zip(result.values[0], weights, strict=True):
        with precision(10_000):
            assert (value - ball(weight)).contains(0)
        assert meets(value, digits)


def test_thousand_digits_agree_with_five_hundred() -> None:
    fine, coarse = (enclose("forward", "gradient", PAIR, HALF, d) for d in (1000, 500))
    for narrow, wide in zip(fine.flat, coarse.flat, strict=True):
        assert meets(narrow, 1000)
        assert contains(wide, narrow)


def test_plane_with_constant_part() -> None:
    """Two components in the plane at height 1: |m|^2 gains 1, the KL loss gains 1/2."""
    height = Fraction(1)

    def inputs() -> Inputs:
        rows = [[ball(value), ball(height)] for value in PAIR]
        return Inputs(rows, [row[:1] for row in rows], [ball(w) for w in HALF])

    for objective, gain in (("forward", 1), ("reverse", 1), ("kl", Fraction(1, 2))):
        program = load_program(objective, "loss")
        value = expectations(BALL, [program], inputs, digits=20).values[0].item()
        line = enclose(objective, "loss", PAIR, HALF, 20).item()
        assert (value - line).contains(ball(gain))


def test_coincident_means_need_one_node() -> None:
    result = expectations(
        BALL,
        [load_program("forward", "gradient"), load_program("kl", "loss")],
        on_line([Fraction(2), Fraction(2)], [Fraction(1, 4), Fraction(3, 4)]),
        digits=30,
    )
    assert result.nodes == 1
    assert result.values[0][0, 0].overlaps(arb(1))
    assert result.values[1].item().overlaps(arb(2))


@pytest.mark.parametrize(("objective", "quantity"), [*CASES, ("forward", "hessian")])
@pytest.mark.parametrize("radius", ["1e-2", "1e-6", "1e-25"])
def test_boxes_contain_all_points(objective: str, quantity: str, radius: str) -> None:
    generator = random.Random(7)
    centres = [Fraction(-1, 3), Fraction(2), Fraction(1, 2)]
    width = Fraction(radius)
    weights = [Fraction(1, 2), Fraction(1, 3), Fraction(1, 6)]
    program = load_program(objective, quantity)
    with precision(200):
        rows = [[arb(ball(c), ball(width))] for c in centres]
        box = Inputs(rows, rows, [ball(w) for w in weights])
        enclosed = expectations(BALL, [program], box, digits=12).values[0]
    for trial in range(4):
        corner = [-1, 1, 0, 0][trial]
        shifts = [corner or Fraction(generator.randint(-999, 999), 1000) for _ in centres]
        point = [c + width * s for c, s in zip(centres, shifts, strict=True)]
        values = enclose(objective, quantity, point, weights, 30)
        for outer, inner in zip(enclosed.flat, values.flat, strict=True):
            assert outer.is_finite()
            assert contains(outer, inner)


@pytest.mark.parametrize("case", CASES)
def test_box_about_a_node(case: tuple[str, str]) -> None:
    """A mean of exactly 0 +- r, and the grid has a node at 0."""
    width = Fraction(1, 100)
    with precision(100):
        rows = [[arb(ball(c), ball(width))] for c in (0, 1, -2)]
        box = Inputs(rows, rows, [ball(Fraction(1, 3))] * 3)
        enclosed = expectations(BALL, [load_program(*case)], box, digits=8).values[0]
    values = enclose(*case, [width, Fraction(1), -2 - width], [Fraction(1, 3)] * 3, 20)
    for outer, inner in zip(enclosed.flat, values.flat, strict=True):
        assert outer.is_finite()
        assert contains(outer, inner)


def test_box_is_not_much_wider_than_its_range() -> None:
    width = Fraction(1, 1000)
    program = load_program("kl", "gradient")
    with precision(100):
        rows = [[arb(ball(c), ball(width))] for c in PAIR]
        box = Inputs(rows, rows, [ball(w) for w in HALF])
        enclosed = expectations(BALL, [program], box, digits=10).values[0]
    hessian = enclose("kl", "hessian", PAIR, HALF, 10)
    for j in range(2):
        slope = sum(abs(float(hessian[j, 0, k, 0])) for k in range(2))
        assert float(enclosed[j, 0].rad()) < 6 * float(width) * slope


def test_hessian_loops_and_unrolled_code_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    means = [Fraction(-1), Fraction(1, 2), Fraction(2)]
    weights = [Fraction(1, 2), Fraction(1, 4), Fraction(1, 4)]
    names = [(o, q) for o in ("forward", "reverse", "kl") for q in ("loss", "gradient", "hessian")]

    def inputs() -> Inputs:
        rows = [[ball(value), ball(Fraction(1, 5)), ball(0)] for value in means]
        return Inputs(rows, [row[:1] for row in rows], [ball(w) for w in weights])

    def run() -> list[Any]:
        emit._compile_cached.cache_clear()
        programs = [load_program(*name) for name in names]
        return list(expectations(BALL, programs, inputs, digits=20).values)

    monkeypatch.setattr(emit, "UNROLL_LIMIT", 10**9)
    unrolled = run()
    monkeypatch.setattr(emit, "UNROLL_LIMIT", 0)
    looped = run()
    emit._compile_cached.cache_clear()
    for one, other in zip(unrolled, looped, strict=True):
        assert one.shape == other.shape
        for left, right in zip(one.flat, other.flat, strict=True):
            assert left.overlaps(right)
            assert meets(right, 20)


def test_programs_share_a_sweep_without_disturbing_each_other() -> None:
    together = expectations(
        BALL,
        [load_program("forward", "gradient"), load_program("reverse", "gradient")],
        on_line(PAIR, HALF),
        digits=20,
    )
    for value, objective in zip(together.values, ("forward", "reverse"), strict=True):
        alone = enclose(objective, "gradient", PAIR, HALF, 20)
        assert all(a.overlaps(b) for a, b in zip(value.flat, alone.flat, strict=True))


# -- broken bounds ---------------------------------------------------------------------------------


@pytest.fixture
def plain_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two components have a rule of their own (`numerics.quadrature.two_components`)."""
    monkeypatch.setattr(pair, "applies", lambda *_: False)


def coarse(*_: object) -> AxisPlan:
    """A grid on which both errors are plain to see."""
    return AxisPlan(Fraction(1), -4, 4, 0.9)


@pytest.mark.usefixtures("plain_rule")
def test_coarse_grid_is_still_enclosed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geometry, "plan_axis", coarse)
    values = enclose("forward", "gradient", PAIR, HALF, 10)
    for index, value in enumerate(values.flat):
        assert contains(value, integral("forward", "gradient", PAIR, HALF, 30, index))
        assert not meets(value, 1)


@pytest.mark.parametrize("broken", ["discretisation_bound", "truncation_bound"])
@pytest.mark.usefixtures("plain_rule")
def test_a_broken_bound_is_detected(monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    """Without its bound, a coarse or short grid gives a ball that misses the true value."""
    plan = AxisPlan(Fraction(1), -12, 12, 0.9)
    if broken == "truncation_bound":
        plan = AxisPlan(Fraction(1, 16), -24, 24, 0.9)
    monkeypatch.setattr(geometry, "plan_axis", lambda *_: plan)
    reference = integral("forward", "loss", PAIR, HALF, 30)
    assert contains(enclose("forward", "loss", PAIR, HALF, 10).item(), reference)
    monkeypatch.setattr(scalar_backend, broken, lambda *_args, **_kwargs: arb(0))
    assert not contains(enclose("forward", "loss", PAIR, HALF, 10).item(), reference)


@pytest.mark.usefixtures("plain_rule")
def test_strip_beyond_the_poles_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geometry, "plan_axis", lambda *_: AxisPlan(Fraction(1, 4), -40, 40, 1.2))
    with pytest.raises(ValueError, match="poles"):
        enclose("forward", "loss", PAIR, HALF, 10)


@pytest.mark.usefixtures("plain_rule")
def test_grid_short_of_the_centres_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geometry, "plan_axis", lambda *_: AxisPlan(Fraction(1, 4), -40, 4, 0.9))
    with pytest.raises(ValueError, match="centres"):
        enclose("reverse", "loss", PAIR, HALF, 10)


# -- refusals and contexts -------------------------------------------------------------------------


def test_refusals() -> None:
    one = arb(1)
    rows = [[one if a == b else arb(0) for a in range(4)] for b in range(5)]
    loss = load_program("forward", "loss")
    with pytest.raises(InputError, match="float64"):
        expectations(BALL, [loss], Inputs(rows, rows, [one / 5] * 5), digits=10)
    with pytest.raises(InputError, match="digits"):
        expectations(BALL, [loss], on_line(PAIR, HALF), digits=0)
    with pytest.raises(NodeLimitError, match="nodes predicted"):
        expectations(BALL, [loss], on_line(PAIR, HALF), digits=10, max_nodes=10)
    with pytest.raises(InputError, match="a mixture, as the kernel"):
        expectations(
            BALL, [load_program("forward", "loss", "mixture")], on_line(PAIR, HALF), digits=10
        )
    square = Program("square", "teacher", loss.statements, log_degree=2)
    with pytest.raises(InputError, match="degree"):
        expectations(BALL, [square], on_line(PAIR, HALF), digits=10)


@pytest.mark.parametrize("value", [0.1, 1.0, True, None, 1j, "1/0", "abc"])
def test_balls_are_made_from_exact_values_only(value: Any) -> None:
    with pytest.raises(InputError):
        ball(value)


def test_precision_is_restored() -> None:
    before = flint.ctx.prec
    enclose("forward", "loss", PAIR, HALF, 60)
    assert flint.ctx.prec == before

    def broken() -> Inputs:
        raise RuntimeError("inputs failed")

    with pytest.raises(RuntimeError):
        expectations(BALL, [load_program("forward", "loss")], broken, digits=60)
    assert flint.ctx.prec == before
    with pytest.raises(InputError), precision(333):
        ball(0.5)  # type: ignore[arg-type]
    assert flint.ctx.prec == before


@pytest.mark.parametrize("far", [10**6, 10**18, 10**200])
def test_student_far_from_the_origin(far: int) -> None:
    """``E_p psi = pi`` and the reverse loss of a far pair against its translate."""
    means = [Fraction(far), far + Fraction(3, 2)]
    weights = [Fraction(1, 3), Fraction(2, 3)]
    result = expectations(BALL, [RESPONSIBILITY], on_line(means, weights), digits=20)
    assert all(meets(value, 20) for value in result.values[0])
    assert result.nodes < 300
    # E_p |m + far|^2 = E_p |m|^2 + 2 far E_p m + far^2, E_p m = sum pi_j v_j = 1.
    near = enclose("reverse", "loss", [Fraction(0), Fraction(3, 2)], weights, 20).item()
    with precision(3000):
        shifted = near + 2 * far + ball(far) * far
        assert enclose("reverse", "loss", means, weights, 20).item().overlaps(shifted)


def test_close_pair_far_from_the_teacher() -> None:
    """A separation of 1 at distance 1e40: the strip is planned for the separation."""
    values = enclose("kl", "gradient", [Fraction(10**40), Fraction(10**40 + 1)], HALF, 15)
    with precision(1000):
        assert values[0, 0].overlaps(ball(10**40))  # the component nearer to the teacher wins
        assert values[1, 0].overlaps(ball(0))
