"""Theorem E_n: its constants by other code, its inequalities at configurations, and its limits."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest
from flint import arb
from hypothesis import assume, given
from hypothesis import strategies as st

from numerics import evaluate
from numerics.descent.result import RunOptions
from numerics.descent.run import descend
from numerics.fates.criteria import FateInputs, decide_fates
from numerics.fates.distinct_far import beyond, drift_bound, near_radius


@pytest.mark.parametrize(("a", "eps"), [("4.2", "0.1"), ("5", "0.3"), ("7", "0.45")])
def test_the_bound_of_the_drift_is_at_least_its_integrals(a: str, eps: str) -> None:
    """Of ``psi_k``, ``psi_1 psi_k`` and ``P psi_1 psi_k`` by the odds, at theta = 1/2."""
    norm, radius = float(a), float(eps)

    def integral(function):  # type: ignore[no-untyped-def]
        return float(mpmath.quad(lambda s: function(mpmath.exp(s)) * mpmath.exp(-s / 2),
                                 [-60, -mpmath.log(2), 0, 60]))  # fmt: skip

    share, product = integral(lambda r: r / (1 + r)), integral(lambda r: r / (1 + r) ** 2)
    triple = integral(lambda r: 4 * r / 27 if r <= 0.5 else r**2 / (1 + r) ** 3)
    h, b = (norm - radius) / 2, norm + radius
    spread = float(mpmath.sqrt(h**2 + 2 / mpmath.pi))
    least = share * radius / b + product * (1 + radius**2 + radius * spread)
    least = 2 * float(mpmath.npdf(h)) * (least + b * triple * (spread + radius))
    assert least <= float(drift_bound(arb(a), Fraction(eps))) <= 1.2 * least


#: The least radii at which a far component is pushed away, near one within 0.15, 0.25, 0.35.
OUTWARD = {
    (1, "0.15"): ("3.65", "3.82", "3.95", "4.06"),
    (1, "0.35"): ("3.90", "4.07", "4.20", "4.30"),
    (2, "0.25"): ("4.29", "4.44", "4.56", "4.65"),
    (3, "0.35"): ("4.88", "5.02", "5.12", "5.21"),
}


@pytest.mark.parametrize(("span", "eps"), OUTWARD)
def test_the_table_of_radii(span: int, eps: str) -> None:
    for n, radius in enumerate(OUTWARD[span, eps], start=2):
        assert beyond(arb(radius), Fraction(eps), n, span) > 0
        assert beyond(arb(radius) - arb("0.01"), Fraction(eps), n, span) < 0


@pytest.mark.parametrize(("n", "span", "a", "eps"), [(2, 1, 3.7, 0.2), (5, 3, 4.4, 0.3)])
def test_the_outward_push_by_other_code(n: int, span: int, a: float, eps: float) -> None:
    gamma = mpmath.findroot(lambda g: 2 * g * mpmath.exp(g) - (n - 2) / mpmath.e, 0.3)
    beta = (a - eps) ** 2 / 8 - eps**2 / 2 - gamma - span / 2 - 1
    # nu: what the half space beyond v_j takes away, by integration instead of its closed bound
    tail = mpmath.quad(
        lambda t: t * mpmath.exp(-a * t) * (t**2 / 2 + a * t + a**2 / 2 - 1.5), [0, mpmath.inf]
    )
    bound = mpmath.mpf(1) / 2 + 1 / (2 * mpmath.mpf(a) ** 2) + 3 / mpmath.mpf(a) ** 4
    assert tail == pytest.approx(float(bound), rel=1e-12)
    share = (2 * mpmath.pi) ** ((span - 1) / 2) * n * mpmath.exp(-(a**2) / 2) * tail
    push = mpmath.exp(-(a**2) / 4) * mpmath.pi ** (span / 2) * a / 2
    expected = float(beta - share / push)
    assert float(beyond(arb(a), Fraction(str(eps)), n, span)) == pytest.approx(expected, abs=1e-12)


UNIFORM = [(2, "4.95", "0.32"), (3, "5.60", "0.40"), (4, "5.98", "0.43"), (8, "6.67", "0.48")]


@pytest.mark.parametrize(("n", "radius", "eps"), UNIFORM)
def test_the_uniform_regions(n: int, radius: str, eps: str) -> None:
    near, far = (Fraction(0), Fraction(eps) ** 2), (Fraction(radius) ** 2,) * 2
    assert near_radius([near, *[far] * (n - 1)], (Fraction(1, n),) * n, 3) is not None
    closer = (Fraction(4), Fraction(16))  # one of them may be nearer than 4
    assert near_radius([near, closer, *[far] * (n - 2)], (Fraction(1, n),) * n, 3) is None


hundredths = lambda low, high: st.integers(low, high).map(lambda k: Fraction(k, 100))  # noqa: E731


@given(
    near=hundredths(0, 40),
    far=st.lists(st.tuples(hundredths(450, 800), st.sampled_from([1, -1])), min_size=1, max_size=4),
)
def test_its_inequalities_hold_where_it_applies(
    near: Fraction, far: list[tuple[Fraction, int]]
) -> None:
    means = [near, *(a * sign for a, sign in far)]
    n = len(means)
    found = near_radius([(v * v, v * v) for v in means], (Fraction(1, n),) * n, 1)
    assume(found is not None)
    assert found is not None
    component, radius = found
    assert component == 0
    assert radius >= near
    gradient = evaluate("forward", [[v] for v in means], quantity="gradient", digits=12).value
    pull = abs(gradient[0][0] - 2 * float(near))
    bound = sum(float(drift_bound(arb(float(a)), radius)) for a, _ in far)
    assert pull <= bound <= 2 * float(radius)
    for i, v in enumerate(means[1:], start=1):
        assert float(v) * gradient[i][0] < 0


def situation(squares: list[str], **changes: object) -> FateInputs:
    rows = tuple((Fraction(x), Fraction(x)) for x in squares)
    values: dict[str, object] = {
        "objective": "forward",
        "weights": (Fraction(1, len(rows)),) * len(rows),
        "squared_norms": rows,
        "largest_step": Fraction(1, 2),
        "basis": "enclosure",
        "history": [],
        "steps": 0,
        "span": 1,
        **changes,
    }
    return FateInputs(**values)  # type: ignore[arg-type]


def test_the_criterion() -> None:
    fates = decide_fates(situation(["36", "0.1", "37"]), theorems_only=True)
    assert [fate.fate for fate in fates] == ["escaped", "converged", "escaped"]
    assert {fate.criterion for fate in fates} == {"Theorem E_n"}


@pytest.mark.parametrize(
    "changes",
    [
        {"largest_step": Fraction(51, 100)},
        {"weights": (Fraction(1, 4), Fraction(1, 4), Fraction(1, 2))},
        {"objective": "kl", "largest_step": Fraction(2)},
        {"mixture": True},
        {"span": 33},  # Lemma F' needs |v|^2 >= d + 4
    ],
)
def test_where_the_criterion_does_not_apply(changes: dict[str, object]) -> None:
    fates = decide_fates(situation(["36", "0.1", "37"], **changes), theorems_only=True)
    assert {fate.criterion for fate in fates} == {"none"}


@pytest.mark.parametrize("squares", [["36", "0.1", "0.1"], ["36", "0.1", "15.9"], ["36", "37"]])
def test_one_near_and_the_rest_far(squares: list[str]) -> None:
    fates = decide_fates(situation(squares), theorems_only=True)
    assert {fate.criterion for fate in fates} == {"none"}


@pytest.mark.parametrize(
    ("means", "fates"),
    [
        ([["6.1"], ["6"], ["5.95"]], ["escaped", "escaped", "converged"]),
        ([["5", "3"], ["-4", "6"], ["0.2", "-0.1"]], ["escaped", "escaped", "converged"]),
    ],
)
def test_distinct_components_are_certified(means: list[list[str]], fates: list[str]) -> None:
    run = descend(
        "forward",
        means,
        step_size="0.1",
        steps=4000,
        backend="ball",
        options=RunOptions(certify=True),
    )
    assert [fate.fate for fate in run.fates] == fates
    assert {(fate.criterion, fate.basis) for fate in run.fates} == {("Theorem E_n", "enclosure")}
    assert run.stopped == "certified"
