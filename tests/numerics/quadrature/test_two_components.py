"""Two components: the residue-corrected rule against the plain rule, and deliberately broken."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import mpmath
import pytest
from flint import acb, arb
from hypothesis import given
from hypothesis import strategies as st

from derive.algebra import laurent
from derive.algebra.program import Assignment, Base, Factor, Program, Term
from numerics.errors import NodeLimitError
from numerics.evaluation.evaluator import Evaluator
from numerics.evaluation.scalar_backend import expectations
from numerics.kernels import load_program
from numerics.numbers.balls import BALL, ball, precision
from numerics.numbers.decimal_balls import meets
from numerics.numbers.mpfr import MP
from numerics.quadrature import residues
from numerics.quadrature import two_components as pair
from numerics.quadrature.inputs import Inputs, InputSource
from numerics.quadrature.residue_plan import PairPlan, plan_pair
from numerics.quadrature.residues import Pair
from tests.numerics.reference_integrals import contains, integral

HALF = [Fraction(1, 2), Fraction(1, 2)]
PAIR = [Fraction(-3, 4), Fraction(17, 8)]
CASES = [
    (objective, quantity)
    for objective in ("forward", "reverse", "kl")
    for quantity in ("loss", "gradient", "hessian")
    if (objective, quantity) != ("kl", "loss")
]


def rows(
    means: Sequence[Sequence[Fraction]], weights: Sequence[Fraction], radius: Fraction = Fraction(0)
) -> InputSource:
    """Means whose first coordinates differ and whose other coordinates agree."""

    def make() -> Inputs:
        values = [[ball(x) for x in row] for row in means]
        if radius:
            values = [[arb(x, ball(radius)) for x in row] for row in values]
        return Inputs(values, [row[:1] for row in values], [ball(w) for w in weights])

    return make


def enclose(case: tuple[str, str], source: InputSource, digits: int) -> Any:
    return expectations(BALL, [load_program(*case)], source, digits=digits)


def plainly(case: tuple[str, str], source: InputSource, digits: int) -> Any:
    """The plain rule."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pair, "applies", lambda *_: False)
        return enclose(case, source, digits)


def check(case: tuple[str, str], source: InputSource, digits: int) -> None:
    """Every entry meets its digits and contains the plain rule's value at twice as many."""
    assert pair.applies(BALL, [load_program(*case)], source())  # type: ignore[operator]
    found, reference = enclose(case, source, digits), plainly(case, source, 2 * digits + 15)
    for value, narrow in zip(found.values[0].flat, reference.values[0].flat, strict=True):
        assert contains(value, narrow) or (value.is_exact() and value.overlaps(narrow))
        assert meets(value, digits)


SEPARATIONS = ["1/100", "1/3", "1", "23/8", "7", "20", "-20", "60"]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("separation", SEPARATIONS)
def test_contains_the_plain_rule(case: tuple[str, str], separation: str) -> None:
    start, weights = Fraction(-2, 3), [Fraction(1, 5), Fraction(4, 5)]
    source = rows([[start], [start + Fraction(separation)]], weights)
    check(case, source, 15)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("separation", ["1/10", "3", "12"])
def test_poles_near_the_middle(case: tuple[str, str], separation: str) -> None:
    """Means symmetric about the teacher: the residues are as large as they can be."""
    half = Fraction(separation) / 2
    check(case, rows([[-half], [half]], HALF), 30)


@pytest.mark.parametrize("digits", [50, 100, 200])
def test_contains_the_plain_rule_at_many_digits(digits: int) -> None:
    check(("forward", "gradient"), rows([[v] for v in PAIR], HALF), digits)


def test_thousand_digits() -> None:
    source = rows([[v] for v in PAIR], [Fraction(1, 3), Fraction(2, 3)])
    fine = enclose(("forward", "gradient"), source, 1000)
    coarse = plainly(("forward", "gradient"), source, 120)
    for narrow, wide in zip(fine.values[0].flat, coarse.values[0].flat, strict=True):
        assert meets(narrow, 1000)
        assert contains(wide, narrow)


@given(
    st.sampled_from(CASES),
    st.fractions(min_value=-5, max_value=5, max_denominator=40),
    st.fractions(min_value=Fraction(1, 100), max_value=25, max_denominator=100),
    st.integers(min_value=1, max_value=99),
    st.booleans(),
    st.integers(min_value=3, max_value=25),
)
def test_contains_the_plain_rule_for_any_pair(
    case: tuple[str, str], start: Fraction, gap: Fraction, share: int, flip: bool, digits: int
) -> None:
    weights = [Fraction(share, 100), 1 - Fraction(share, 100)]
    check(case, rows([[start], [start - gap if flip else start + gap]], weights), digits)


@pytest.mark.parametrize("quantity", ["loss", "gradient"])
@pytest.mark.parametrize("objective", ["forward", "reverse"])
def test_contains_the_definition(objective: str, quantity: str) -> None:
    """Against FLINT's adaptive integrator applied to the definition."""
    weights = [Fraction(3, 10), Fraction(7, 10)]
    values = enclose((objective, quantity), rows([[v] for v in PAIR], weights), 25).values[0]
    for index, value in enumerate(values.flat):
        assert contains(value, integral(objective, quantity, PAIR, weights, 60, index))


@pytest.mark.parametrize("case", CASES)
def test_five_dimensions(case: tuple[str, str]) -> None:
    """A pair in five dimensions: the plain rule, and the same nodes as on the line."""
    common = [Fraction(1, 2), Fraction(0), Fraction(-1, 3), Fraction(2)]
    source = rows([[value, *common] for value in PAIR], [Fraction(1, 4), Fraction(3, 4)])
    check(case, source, 12)


def test_any_direction() -> None:
    """The evaluator in five dimensions along an oblique direction: ``grad`` turns with it."""
    gradient = Evaluator("forward", ("gradient",), n=2, dimension=5, digits=30, backend="ball")
    with precision(200):
        unit = [arb(k) / arb(55).sqrt() for k in range(1, 6)]
        means = [[ball(value) * entry for entry in unit] for value in PAIR]
        found = gradient(means)["gradient"]
        line = enclose(("forward", "gradient"), rows([[v] for v in PAIR], HALF), 40).values[0]
        for j in range(2):
            for entry, component in zip(found[j], unit, strict=True):
                assert (entry - line[j, 0] * component).contains(0)
                assert meets(entry, 29)


@pytest.mark.parametrize("case", [("forward", "gradient"), ("reverse", "hessian")])
def test_narrow_boxes_contain_their_points(case: tuple[str, str]) -> None:
    generator, radius = random.Random(3), Fraction(1, 10**25)
    box = enclose(case, rows([[v] for v in PAIR], HALF, radius), 12)
    assert box.nodes < 60
    for _ in range(3):
        point = [[v + radius * Fraction(generator.randint(-99, 99), 100)] for v in PAIR]
        exact = enclose(case, rows(point, HALF), 40)
        for outer, inner in zip(box.values[0].flat, exact.values[0].flat, strict=True):
            assert contains(outer, inner)


def test_wide_boxes_and_logarithms_take_the_plain_rule() -> None:
    wide = rows([[v] for v in PAIR], HALF, Fraction(1, 100))
    assert pair.applies(BALL, [load_program("forward", "loss")], wide())  # type: ignore[operator]
    assert enclose(("forward", "loss"), wide, 10).nodes > 60
    assert not pair.applies(BALL, [load_program("kl", "loss")], wide())  # type: ignore[operator]
    close = rows([[Fraction(0)], [Fraction(1, 10**6)]], HALF, Fraction(1, 10**5))
    assert not pair.applies(BALL, [load_program("kl", "gradient")], close())  # type: ignore[operator]


# -- moments ---------------------------------------------------------------------------------------


def moment(separation: str, logit: str, power: int, bits: int) -> arb:
    """``E_{N(0,1)} sigma(Dx + L)^p`` by FLINT's integrator."""

    def integrand(z: acb, analytic: bool) -> acb:
        logistic = 1 / (1 + (-(z * arb(separation) + arb(logit))).exp())
        return (-z * z / 2).exp() / (2 * acb.pi()).sqrt() * logistic**power

    with precision(bits):
        reach = int((2 * 0.6932 * bits) ** 0.5) + 2
        value = acb.integral(integrand, -reach, reach, eval_limit=10**6, depth_limit=10**4)
        return arb(value.real, arb(2) ** (8 - bits))


def reduced_problem(separation: str, logit: str) -> Pair:
    return Pair(BALL, arb(separation), (-arb(logit)).exp(), arb(logit))


#: ``D``, ``L`` and numbers of poles with a line low enough for the bound to be useful.
LINES = [
    *[("1e-3", "0.2", poles) for poles in (0,)],
    *[("0.5", "0.3", poles) for poles in (0, 1)],
    *[("2.875", "-2", poles) for poles in (0, 1, 2, 5)],
    *[("6", "1", poles) for poles in (0, 1, 2, 5)],
    *[("20", "-30", poles) for poles in (0, 1, 2, 5)],
]


@pytest.mark.parametrize(("separation", "logit", "poles"), LINES)
def test_moments_with_any_number_of_poles(separation: str, logit: str, poles: int) -> None:
    """A deliberately coarse grid: the bound stays true, whatever the number of poles."""
    height = min((2 * poles + 0.4) * math.pi / float(separation), 14.0)
    plan = PairPlan(0.25, 40, height, poles)
    with precision(120):
        problem = reduced_problem(separation, logit)
        error = residues.bound(plan, problem, 4)
        values = residues.moments(plan, problem, 4, 120, error)
        for power, value in enumerate(values, 1):
            assert contains(value, moment(separation, logit, power, 200))


def coarse_error(plan: PairPlan) -> tuple[arb, arb]:
    """``|value - truth|`` without its error bound, and the bound."""
    with precision(150):
        problem = reduced_problem("2.875", "-0.5")
        error = residues.bound(plan, problem, 3)
        values = residues.moments(plan, problem, 3, 150, arb(0))
        truth = moment("2.875", "-0.5", 3, 200)
        return abs(values[2] - truth), error


@pytest.mark.parametrize(
    "plan",
    [
        PairPlan(1.0, 12, 2 * math.pi * 2 / 2.875, 2),
        PairPlan(1.25, 12, 2 * math.pi / 2.875, 1),
        PairPlan(0.75, 16, 0.9, 0),
    ],
)
def test_bound_is_needed_and_not_absurd(plan: PairPlan) -> None:
    true_error, error = coarse_error(plan)
    assert true_error <= error
    assert true_error > error / 10**4


def test_truncation_bound_is_needed() -> None:
    true_error, error = coarse_error(PairPlan(0.25, 8, 2 * math.pi * 2 / 2.875, 2))
    assert error / 100 < true_error <= error


PLAN = plan_pair(math.log(1e-25), 2.875, 3, 0.0)


def test_every_pole_matters() -> None:
    """With poles left out the enclosure misses the truth."""
    assert PLAN.poles >= 3
    with precision(150):
        problem = reduced_problem("2.875", "-0.5")
        error = residues.bound(PLAN, problem, 3)
        truth = moment("2.875", "-0.5", 3, 250)
        assert contains(residues.moments(PLAN, problem, 3, 150, error)[2], truth)
        for poles in (0, 1, PLAN.poles - 1):
            wrong = residues.moments(replace(PLAN, poles=poles), problem, 3, 150, error)[2]
            assert not contains(wrong, truth)


@pytest.mark.parametrize("order", [0, 1, 2])
def test_a_broken_laurent_coefficient_is_detected(
    monkeypatch: pytest.MonkeyPatch, order: int
) -> None:
    genuine = residues._principal_part

    def broken(*arguments: Any) -> tuple[arb, ...]:
        part = list(genuine(*arguments))
        if order < len(part):
            part[order] *= ball(Fraction(1001, 1000))
        return tuple(part)

    case, source = ("forward", "gradient"), rows([[v] for v in PAIR], HALF)
    reference = plainly(case, source, 50).values[0]
    monkeypatch.setattr(residues, "_principal_part", broken)
    wrong = enclose(case, source, 25).values[0]
    assert not any(contains(a, b) for a, b in zip(wrong.flat, reference.flat, strict=True))


def test_a_line_on_the_wrong_side_is_refused() -> None:
    with precision(100):
        problem = reduced_problem("2.875", "0")
        for height in (PLAN.height + 3.3 / 2.875, PLAN.height - 7 / 2.875):
            with pytest.raises(ValueError, match="poles"):
                residues.bound(replace(PLAN, height=height), problem, 3)


@pytest.mark.parametrize("separation", ["18", "40", "200"])
def test_negligible_poles_are_bounded(separation: str) -> None:
    """Far from the teacher the poles' sum is bounded instead; the bound covers the sum."""
    with precision(200):
        gap = arb(separation)
        problem = reduced_problem(separation, str(-(float(separation) ** 2) / 2))
        plan = plan_pair(math.log(1e-15), float(separation), 4, 1.0)
        bounded = residues._pole_bound(plan, problem, 4)
        sums = residues._taylor_sums(plan, problem, 4, 200)
        for power in range(1, 5):
            total = arb(0)
            for m, c in enumerate(laurent.principal_part(power)):
                total += 4 * arb.pi() * ball(c) * sums[m] / gap ** (m + 1)
            assert abs(total) <= bounded
        assert bounded <= residues.bound(plan, problem, 4)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("sign", [1, -1])
def test_saturated_responsibilities(case: tuple[str, str], sign: int) -> None:
    """One component 40 away from the other: at 15 digits no node is needed, at 300 many."""
    source = rows([[Fraction(0)], [Fraction(40 * sign)]], [Fraction(1, 3), Fraction(2, 3)])
    coarse, fine = enclose(case, source, 15), enclose(case, source, 300)
    assert coarse.nodes == 1
    assert fine.nodes > 300
    for wide, narrow in zip(coarse.values[0].flat, fine.values[0].flat, strict=True):
        assert contains(wide, narrow)
        assert meets(wide, 15)
        assert meets(narrow, 300)


@pytest.mark.parametrize("sign", [1, -1])
def test_saturation_bound(sign: int) -> None:
    with precision(200):
        problem = reduced_problem("3", str(27 * sign))
        found = residues.saturated(problem, 3, -7.0)
        assert found is not None
        for power, value in enumerate(found, 1):
            assert contains(value, moment("3", str(27 * sign), power, 200))
        assert residues.saturated(problem, 3, -30.0) is None


def test_huge_distances() -> None:
    """Where exponentials leave Arb's range: the second component has no share."""
    source = rows([[Fraction(0)], [Fraction(10**40)]], HALF)
    for value in enclose(("kl", "gradient"), source, 20).values[0].flat:
        assert contains(value, arb(0))
        assert meets(value, 20)


# -- mpmath ----------------------------------------------------------------------------------------


def points(means: Sequence[Fraction], weights: Sequence[Fraction]) -> Inputs:
    """Exact inputs on the line."""
    row = [[value] for value in means]
    return Inputs(row, row, weights)


def check_mpmath(
    case: tuple[str, str], means: list[Fraction], weights: list[Fraction], d: int
) -> Any:
    """The error estimate holds against the ball backend, and meets the digits."""
    program = load_program(*case)
    found = expectations(MP, [program], points(means, weights), digits=d)
    reference = enclose(case, rows([[v] for v in means], weights), d + 20).values[0]
    with mpmath.workdps(d + 40):
        for value, error, exact in zip(
            found.values[0].flat, found.errors[0].flat, reference.flat, strict=True
        ):
            mantissa, exponent = exact.mid().man_exp()
            middle = mpmath.ldexp(mpmath.mpf(int(mantissa)), int(exponent))
            assert abs(value - middle) <= error + mpmath.mpf(10) ** (-d - 19) * max(1, abs(middle))
            assert error <= mpmath.mpf(10) ** -d * max(1, abs(value))
    return found


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("separation", [*SEPARATIONS, "3000"])
def test_mpmath_agrees(case: tuple[str, str], separation: str) -> None:
    means = [Fraction(-2, 3), Fraction(-2, 3) + Fraction(separation)]
    check_mpmath(case, means, [Fraction(1, 5), Fraction(4, 5)], 15)


@pytest.mark.parametrize("digits", [50, 200])
def test_mpmath_needs_as_few_nodes(digits: int) -> None:
    found = check_mpmath(("forward", "gradient"), PAIR, HALF, digits)
    assert (
        found.nodes
        < 1.2 * enclose(("forward", "gradient"), rows([[v] for v in PAIR], HALF), digits).nodes + 20
    )


def test_broken_residues_are_detected_in_mpmath(monkeypatch: pytest.MonkeyPatch) -> None:
    genuine = residues._principal_part
    broken = lambda *arguments: tuple(c * 1001 / 1000 for c in genuine(*arguments))  # noqa: E731
    monkeypatch.setattr(residues, "_principal_part", broken)
    with pytest.raises(AssertionError):
        check_mpmath(("forward", "gradient"), PAIR, HALF, 25)


# -- cost ------------------------------------------------------------------------------------------

#: Nodes and poles stated for the gradient of the forward loss at means -0.75, 2.125.
BRIEF = [(15, 35, 4), (50, 91, 7), (100, 167, 10)]


@pytest.mark.parametrize(("digits", "nodes", "poles"), BRIEF)
def test_no_more_nodes_than_stated(digits: int, nodes: int, poles: int) -> None:
    found = enclose(("forward", "gradient"), rows([[v] for v in PAIR], HALF), digits)
    assert found.nodes <= 1.05 * (nodes + poles)


def test_nodes_grow_like_the_digits() -> None:
    source = rows([[v] for v in PAIR], HALF)
    found = [enclose(("forward", "gradient"), source, d).nodes for d in (100, 200, 400)]
    assert found[2] / found[1] < 2.1
    assert found[1] / found[0] < 2.1


@pytest.mark.parametrize("separation", [1e-300, 1e-3, 0.3, 1.0, 5.0, 60.0, 1e6])
@pytest.mark.parametrize("digits", [3, 15, 200])
def test_plans_are_sound(separation: float, digits: int) -> None:
    """Whatever the floats choose, the proved bound is what was asked for."""
    goal = -digits * math.log(10)
    for power in (1, 4, 6):
        for cost in (0.0, 7.0, 1e3):
            plan = plan_pair(goal, separation, power, cost)
            with precision(100):
                problem = Pair(BALL, arb(separation), arb(1), arb(0))
                error = residues.bound(plan, problem, power)
            assert float(error.log()) < goal + 0.01


def test_node_limit() -> None:
    with pytest.raises(NodeLimitError):
        expectations(
            BALL,
            [load_program("forward", "loss")],
            rows([[v] for v in PAIR], HALF),
            digits=10,
            max_nodes=9,
        )


@pytest.mark.parametrize("base", ["teacher", "student"])
def test_reduction_to_one_gaussian(base: Base) -> None:
    """``psi`` of the reduced problem is the responsibility at the shifted point."""
    with precision(100):
        inputs = rows([[v] for v in PAIR], [Fraction(1, 4), Fraction(3, 4)])()  # type: ignore[operator]
        problem = pair.reduced(BALL, inputs, base)
        shift = ball(PAIR[1]) if base == "student" else arb(0)
        for x in (arb(-2), arb(0), arb("0.7")):
            terms = [
                ball(w) * (-((x + shift - ball(v)) ** 2) / 2).exp()
                for v, w in zip(PAIR, [Fraction(1, 4), Fraction(3, 4)], strict=True)
            ]
            psi = 1 / (1 + problem.odds * (-problem.separation * x).exp())
            assert psi.overlaps(terms[1] / (terms[0] + terms[1]))
            assert (problem.odds * problem.logit.exp()).overlaps(arb(1))


def test_a_kernel_that_vanishes_identically_is_zero_in_balls() -> None:
    nothing = Term(Fraction(1), (Factor("log_teacher", ()),), ())
    program = Program("nothing", "teacher", (Assignment("output", (), (nothing,)),))
    result = expectations(BALL, [program], rows([[v] for v in PAIR], HALF), digits=10)
    assert result.values[0].item().is_zero()
