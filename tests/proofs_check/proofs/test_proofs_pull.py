"""Lemma V' and Theorem E_n': proved, and refused with a constant too good."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from numerics.numbers.balls import precision
from proofs_check.certificates.small_steps import REGIONS, Region
from proofs_check.proofs import kernel
from proofs_check.proofs.far_words import RUN
from proofs_check.proofs.kernel import ProofError, Term, Theorem
from proofs_check.proofs.kernel.oracles.odds_integral import Coefficients, Pair, odds_bound
from proofs_check.proofs.kernel.oracles.pull_integral import confirmed_pull, pull_bound
from proofs_check.proofs.lemma_pull import FUNCTIONS, REGION, lemma_pull
from proofs_check.proofs.near_words import PRODUCT, SHARE, TRIPLE, pull_near
from proofs_check.proofs.tactics.language import I_, A, K, V, X, component, every, point, state
from proofs_check.proofs.tactics.printing import statements
from proofs_check.proofs.tactics.script import Script
from proofs_check.proofs.tactics.semantics import Model
from proofs_check.proofs.theorem_e_n_prime import theorem_e_n_prime
from proofs_check.verdict import Verdict
from tests.proofs_check.proofs.changed import fails_without, notices
from tests.proofs_check.proofs.replays import replayed
from tests.proofs_check.proofs.test_proofs_clusters import first_failure
from tests.proofs_check.proofs.test_proofs_far import GAUSSIAN
from tests.proofs_check.proofs.test_proofs_near import BETTER, INTEGRALS, WORSE

PULL = {
    "cover: the pull of a far component along a near one's mean (reduction: the oracle's argument)",
    "derive: gradient of forward",
}
TAGS = {"V-prime": PULL, "E-n-prime": GAUSSIAN | INTEGRALS | PULL}
BOUNDS = (SHARE, PRODUCT, TRIPLE)


@pytest.mark.parametrize("name", TAGS)
def test_it_is_proved_without_an_open_step(name):
    found = replayed(name)
    assert found.verdict is Verdict.PROVED, [(o.step.name, o.detail) for o in found.failed]
    assert set(found.tags) == TAGS[name]
    assert not found.open_steps
    assert found.instance().startswith("all hold for n = 2")


def test_they_read_as_they_are_claimed():
    (lemma,) = statements(replayed("V-prime"))
    assert "|v_i|^2(V) <= 361/2500" in lemma
    assert "441/16 (1 - delta_ij) <= |v_j|^2(V)" in lemma
    assert ": -D_i.v_i <= 2651/50000 (n - 1)" in lemma
    near, clear, grows, time, approach, limit = statements(replayed("E-n-prime"))
    given = ("0 < eta", "eta <= 1/2", "E_i(V_0) <= c", "21/4 <= rho", "n pi_j = 1", "e <= 19/50",
             "2651/25000 (1 - 2 eta) (n - 1) + eta c^2 <= 4 (1 - eta) e^2")  # fmt: skip
    for shown in (near, clear, grows, time, approach, limit):
        for words in given:
            assert words in shown
        assert "nu_j(rho) < beta(rho)" in shown
    assert ": |v_i|^2(V_k) <= e^2" in near
    assert ": 0 <= least |v_k|^2-rho^2 (V_k)" in clear
    assert ": |v_j|^2(V_k) < |v_j|^2(V_(k+1))" in grows
    assert "k <= B^2 - rho^2" in time
    assert ": (|v_i|(V_k) - 1/2 E_i(V_0)) (1 + 2 eta k) <= e" in approach
    assert ": (|v_i|((V_m)_k) - 1/2 (n - 1) E(R)) (1 + 2 eta k) <= e" in limit


def coefficient(place: int) -> Callable[[], Script]:
    changed = tuple(c * (WORSE if p == place else 1) for p, c in enumerate(TRIPLE))
    return lambda: lemma_pull(triple=changed)


def region(**changes: Fraction) -> Region:
    return REGION._replace(**changes)


PLANTED: dict[str, tuple[str, Callable[[], Script], str]] = {
    "4/27": ("V-prime", coefficient(0), "triple by odds"),
    "r^2": ("V-prime", coefficient(1), "triple by odds"),
    "2 r^3": ("V-prime", coefficient(2), "triple by odds"),
    "r^4": ("V-prime", coefficient(3), "triple by odds"),
    "M": ("V-prime", lambda: lemma_pull(region(pull=REGION.pull * WORSE)), "each"),
    "rho": ("V-prime", lambda: lemma_pull(region(far=REGION.far * WORSE)), "each"),
    "eps": ("V-prime", lambda: lemma_pull(region(near=REGION.near * BETTER)), "each"),
    "eps > 1/2": (
        "V-prime", lambda: lemma_pull(region(near=Fraction("0.51"), pull=Fraction(1))), "each"
    ),
    "rho < 4": (
        "V-prime", lambda: lemma_pull(region(far=Fraction("3.99"), pull=Fraction(1))), "each"
    ),
    "near beta": ("E-n-prime", lambda: theorem_e_n_prime(share=BETTER / 8), "bracket"),
    "eta <= 0.505": (
        "E-n-prime", lambda: theorem_e_n_prime(largest=BETTER / 2), "1 - 2 eta >= 0"
    ),
    "budget": ("E-n-prime", lambda: theorem_e_n_prime(budget=4 * BETTER), "near next"),
    "region too near": (
        "E-n-prime", lambda: theorem_e_n_prime(region(far=Fraction("3.99"))), "rho is far"
    ),
    "region too wide": (
        "E-n-prime", lambda: theorem_e_n_prime(region(near=Fraction("0.51"))), "eps <= 1/2"
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", PLANTED)
def test_a_constant_that_is_too_good_fails(what):
    name, build, step = PLANTED[what]
    assert first_failure(name, build()) == step


LEFT_OUT = {
    ("V-prime", "uniform"): "uniform k",
    ("V-prime", "near"): "each",
    ("V-prime", "far for all"): "far",
    ("E-n-prime", "eps >= 0"): "eps |v_j| >= 0",
    ("E-n-prime", "eps and the region"): "eps <= 1/2",
    ("E-n-prime", "rho and the region"): "rho is far",
    ("E-n-prime", "few"): "pull and c",
    ("E-n-prime", "slow"): "near next",
    ("E-n-prime", "near at 0"): "near for ever",
    ("E-n-prime", "clear at 0"): "others are far at 0",
    ("E-n-prime", "gamma"): "sum over k",
    ("E-n-prime", "largest step"): "1 - 2 eta >= 0",
    ("E-n-prime", "all beyond R"): "E at m",
}


@pytest.mark.parametrize(("name", "hypothesis"), LEFT_OUT)
def test_no_hypothesis_is_idle(name, hypothesis):
    assert fails_without(name, hypothesis) == LEFT_OUT[name, hypothesis]


NOTICING = {
    "V-prime": ("gradient", "-D.v_i", "|Delta|^2", "Z+", "U+", "Delta.v_i (Z - 1)", "at x",
                "as a sum", "each", "all", "Lemma V'"),
    "E-n-prime": ("near in the region", "region squared", "k in the region", "Lemma V'",
                  "pull and c", "|D|^2 and c", "near next", "limit"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "step"), [(n, s) for n, steps in NOTICING.items() for s in steps])
def test_a_step_notices_a_changed_conclusion(name, step):
    assert notices(name, step)


# -- the regions


@pytest.mark.parametrize("given", REGIONS, ids=str)
def test_every_region_is_confirmed_and_one_with_a_smaller_pull_is_not(given):
    confirmed_pull(TRIPLE, given.near, given.far, given.pull)
    with pytest.raises(ProofError, match="balls"):
        confirmed_pull(TRIPLE, given.near, given.far, given.pull * Fraction(98, 100))


def integrand_mean(b: float, t: float, o: float) -> float:
    """The mean that the oracle bounds, of the bounds of the three functions, by a grid."""
    axis = np.linspace(-8, 8, 401)
    g, y = np.meshgrid(axis, axis)
    mass = np.exp(-(g * g + y * y) / 2) / (2 * math.pi) * (axis[1] - axis[0]) ** 2
    r = np.exp(b * (g - b / 2 - t))
    square = t * t + o * o
    ahead = t * g + o * y - square
    triple = sum(float(c) * r**p for p, c in enumerate(TRIPLE, 1)) / (1 + r) ** len(TRIPLE)
    value = square * r / (1 + r) + b * b * np.maximum(ahead, 0) * triple
    value += np.maximum(b * t * (ahead - 1), 0) * r / (1 + r) ** 2
    return float((mass * value).sum())


def test_the_bound_is_above_the_mean_in_drawn_places():
    """At the edge of a region and inside, in every direction; and not far above."""
    random = np.random.default_rng(5)
    ratios = []
    for given in REGIONS[::4]:
        eps, rho = float(given.near), float(given.far)
        for turn in (0.0, math.pi, *random.uniform(0, math.pi, 4)):
            size = eps * random.choice([1, random.uniform(0, 1)])
            t, o = size * math.cos(turn), abs(size * math.sin(turn))
            b = math.sqrt(rho * rho - o * o) - t + random.choice([0, random.exponential(0.3)])
            at = Fraction(max(-eps, min(eps, t)))
            with precision(64):
                low, high = sorted((at, at * Fraction(999, 1000)))
                most = float(pull_bound(TRIPLE, given.near, given.far, low, high))
            found = integrand_mean(b, t, o)
            assert found <= most, (given, b, t, o)
            ratios.append(found / most)
    assert max(ratios) > 0.65  # and it says something


@pytest.mark.parametrize("side", [-1, 1])
def test_the_bound_on_an_interval_is_at_least_that_inside(side):
    with precision(64):
        for low, high in (("0", "0.02"), ("0.1", "0.2"), ("0.3", "0.38"), ("0", "0.38")):
            ends = sorted((side * Fraction(low), side * Fraction(high)))
            whole = pull_bound(TRIPLE, REGION.near, REGION.far, ends[0], ends[1])
            for k in range(9):
                t = ends[0] + (ends[1] - ends[0]) * k / 8
                if t:
                    assert pull_bound(TRIPLE, REGION.near, REGION.far, t, t) <= whole * 1.0000001


def right_side(coefficients: Coefficients, near: float, t: float, b: float) -> float:
    """What the argument allows at one place, by doubles."""
    flat, theta = 1 / math.sqrt(2 * math.pi), 0.5 + t / b
    across, h = math.sqrt(max(near * near - t * t, 0)) * flat, b / 2 + t
    logs = np.linspace(0, 100, 20001)

    def late(chosen: Coefficients) -> float:
        share = sum(float(c) * np.exp(p * logs) for p, c in enumerate(chosen, 1))
        inside = logs * share / (1 + np.exp(logs)) ** len(chosen) * np.exp(-0.35 * logs)
        return float(inside.sum() * logs[1])

    def whole(chosen: Coefficients) -> float:
        q = len(chosen)
        return sum(
            float(c) * math.gamma(p - theta) * math.gamma(q - p + theta) / math.gamma(q)
            for p, c in enumerate(chosen, 1)
        )

    share, product, third = (whole(c) for c in (SHARE, PRODUCT, coefficients))
    along, slow = abs(t) * b / 2, late(PRODUCT) * abs(t) / b
    if t >= 0:
        inside = b * b * (third * (along + across) + late(coefficients) * t / b)
        rest = 0.0
    else:
        inside = b * b * third * across
        rest = float(sum(coefficients)) * abs(t) * flat * math.exp(-b * h)
        along += 1 + near * near - t * t
    inside += near * near * share + b * abs(t) * (product * (along + across) + slow)
    return flat * math.exp(-h * h / 2) / b * inside + rest


SHAPES = {
    "triple": TRIPLE,
    "a high power": (Fraction(0), Fraction(0), Fraction(1)),
    "a low power": (Fraction(1), Fraction(0), Fraction(0), Fraction(0)),
    "large": (Fraction(0), Fraction(10**4)),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("side", [-1, 1])
def test_the_bound_is_the_right_side_of_the_argument(shape: str, side: int):
    """At the nearest place it is; on intervals it is at least that, at every distance."""
    random, chosen = np.random.default_rng(6), SHAPES[shape]
    for near, far in ((Fraction(1, 2), Fraction(4)), (Fraction(3, 10), Fraction(6))):
        for k in range(6):
            low, high = sorted(
                side * near * Fraction(int(x), 64) for x in random.integers(1, 65, 2)
            )
            with precision(64):
                most = float(pull_bound(chosen, near, far, low, high))
                at_end = float(pull_bound(chosen, near, far, low, low))
            places = [float(low), float(high), *random.uniform(float(low), float(high), 5)]
            for number, t in enumerate(places):
                least = math.sqrt(float(far * far - near * near) + t * t) - t
                found = [right_side(chosen, float(near), t, least + more) for more in (0, 0.1, 1)]
                assert max(found) <= most * (1 + 1e-5), (near, far, t, k)
                if number == 0:
                    assert found[0] * (1 - 1e-5) <= at_end <= found[0] * 1.1


NO_NUMBERS = {
    "negative": {"coefficients": (*TRIPLE[:4], Fraction(-1, 10**9))},
    "none": {"coefficients": ()},
    "whole": {"coefficients": (*TRIPLE[:4], 0)},
    "true": {"coefficients": (*TRIPLE[:4], True)},
    "floats": {"coefficients": (*TRIPLE[:4], 0.0)},
    "M": {"most": Fraction(-1, 10**9)},
    "M in floats": {"most": 0.5},
    "M whole": {"most": 1},
    "far whole": {"far": 6},
    "near in text": {"near": "3/10"},
}


@pytest.mark.parametrize("what", NO_NUMBERS)
def test_other_numbers_are_refused_before_anything_is_computed(what: str):
    given = {"coefficients": TRIPLE, "near": REGION.near, "far": REGION.far, "most": Fraction(1)}
    confirmed_pull(**given)
    with pytest.raises(ProofError, match="no exact numbers"):
        confirmed_pull(**given | NO_NUMBERS[what])


# -- the oracle


def asked(**changes: object) -> Theorem:
    given = {
        "pair": (V, I_, K, X), "functions": FUNCTIONS, "coefficients": TRIPLE,
        "near": REGION.near, "far": REGION.far, "most": REGION.pull,
    } | changes  # fmt: skip
    premises = (
        every(odds_bound(Pair(V, I_, K, X), f, c), X)
        for f, c in zip(FUNCTIONS, BOUNDS, strict=True)
    )
    return kernel.oracle(
        "pull integral", *given.values(), premises=tuple(kernel.assume(p) for p in premises)
    )


def drawn(random: np.random.Generator, dimension: int, given: Region) -> np.ndarray:
    """One near, two others from rho on, often at the edge and in line with each other."""
    means = random.normal(size=(3, dimension))
    means /= np.linalg.norm(means, axis=1)[:, None]
    if random.random() < 0.6:
        means[0] = means[1] * random.choice([-1, 1])
    sizes = [random.choice([1, random.random()]) * float(given.near),
             *(float(given.far) + random.choice([0, random.uniform(0, 2)], 2))]  # fmt: skip
    return means * np.array(sizes)[:, None]


def test_the_integral_and_the_lemma_hold_in_numbers():
    random = np.random.default_rng(0)
    nearest, pulls = 0.0, 0.0
    for number in (0, 9, 15, 27):
        given = REGIONS[number]
        theorem = asked(near=given.near, far=given.far, most=given.pull)
        for dimension, nodes in ((1, 200), (2, 70)):
            model = Model(np.full(3, 1 / 3), dimension, nodes)
            for _ in range(4):
                means = drawn(random, dimension, given)
                for far in (1, 2):
                    values = {V: means, I_: 0, K: far}
                    left, right = (model.value(t, values) for t in theorem.record.conclusion.args)
                    assert left <= right * 1.001 + 1e-9, (means, far)
                    nearest = max(nearest, left / right)
                pull = -float(model.value(pull_near(V, I_), {V: means, I_: 0}))
                assert pull <= 4 * float(given.pull)
                pulls = max(pulls, pull / (4 * float(given.pull)))
    assert nearest > 0.3
    assert pulls > 0.2


def pulled(means: np.ndarray, far: int) -> float:
    """The mean that the oracle is about, for the responsibilities themselves, by a grid."""
    axis = np.linspace(-8, 8, 321)
    points = np.stack(np.meshgrid(*[axis] * means.shape[1], indexing="ij"), axis=-1)
    step = (axis[1] - axis[0]) / math.sqrt(2 * math.pi)
    mass = np.exp(-(points**2).sum(axis=-1) / 2) * step ** means.shape[1]
    terms = np.exp(points @ means.T - (means**2).sum(axis=1) / 2)
    near, share = (terms[..., j] / terms.sum(axis=-1) for j in (0, far))
    gap, square = means[far] - means[0], means[0] @ means[0]
    ahead = points @ means[0] - square
    value = square * share + np.maximum(means[0] @ gap * (ahead - 1), 0) * near * share
    value += gap @ gap * np.maximum(ahead, 0) * near * (1 - near) * share
    return float((mass * value).sum())


@pytest.mark.parametrize("dimension", [1, 2])
def test_the_conclusion_is_about_that_mean(dimension: int):
    """Also where nothing is asked of the places; and about M."""
    random, given = np.random.default_rng(dimension), REGIONS[5]
    theorem = asked(near=given.near, far=given.far, most=given.pull)
    model = Model(np.full(3, 1 / 3), dimension, {1: 200, 2: 70}[dimension])
    for _ in range(3):
        means = random.normal(size=(3, dimension)) * [[0.5], [1.5], [1.5]]
        for far in (1, 2):
            values = {V: means, I_: 0, K: far}
            left, right = (model.value(t, values) for t in theorem.record.conclusion.args)
            assert left == pytest.approx(pulled(means, far), rel=0.02, abs=1e-3)
            assert right == pytest.approx(float(given.pull))


def test_one_component_pulls_itself_not_at_all():
    theorem = asked()
    model = Model(np.full(2, 1 / 2), 1, 60)
    values = {V: np.array([[0.1], [6.0]]), I_: 0, K: 0}
    left, right = (model.value(t, values) for t in theorem.record.conclusion.args)
    assert left <= right == 0


@pytest.mark.parametrize("far", ["3.1", "4.2", "5.25"])
def test_the_pull_of_a_region_is_passed_by_what_is_nearer(far):
    """So a region that begins there with the same pull is false; it is refused, too."""
    model, given = Model(np.full(2, 1 / 2), 1, 200), REGIONS[-1]
    near = float(given.near)
    worst = max(
        -float(model.value(pull_near(V, I_), {V: np.array([[near], [x]]), I_: 0}))
        for x in (float(far), -float(far))
    )
    assert worst > 2 * float(given.pull)
    with pytest.raises(ProofError):
        asked(near=given.near, far=Fraction(far), most=given.pull)


SWAPPED = (FUNCTIONS[1], FUNCTIONS[0], FUNCTIONS[2])
REFUSED: dict[str, dict[str, object]] = {
    "other functions": {"functions": (FUNCTIONS[0] * 2, *FUNCTIONS[1:])},
    "functions exchanged": {"functions": SWAPPED},
    "a list of functions": {"functions": list(FUNCTIONS)},
    "two functions": {"functions": FUNCTIONS[:2]},
    "other coefficients": {"coefficients": (*TRIPLE[:4], Fraction(1))},
    "a negative coefficient": {"coefficients": (*TRIPLE[:4], Fraction(-1))},
    "coefficients in floats": {"coefficients": (4 / 27, 1.0, 2.0, 1.0, 0.0)},
    "no coefficients": {"coefficients": ()},
    "a list": {"coefficients": list(TRIPLE)},
    "M too small": {"most": REGION.pull * WORSE},
    "M in floats": {"most": 1.0},
    "M negative": {"most": Fraction(-1)},
    "a wider radius": {"near": REGION.near * BETTER},
    "a radius beyond 1/2": {"near": Fraction(51, 100), "most": Fraction(1)},
    "no radius": {"near": Fraction(0)},
    "a radius in floats": {"near": 0.3},
    "nearer others": {"far": REGION.far * WORSE},
    "others nearer than 4": {"far": Fraction(39, 10), "most": Fraction(9)},
    "a distance in floats": {"far": 6.0},
    "components exchanged": {"pair": (V, K, I_, X)},
    "another component": {"pair": (V, I_, component("l"), X)},
    "another state": {"pair": (state("U"), I_, K, X)},
    "another point": {"pair": (V, I_, K, point("y"))},
}


@pytest.mark.parametrize("what", REFUSED)
def test_an_integral_of_something_else_is_refused(what):
    with pytest.raises((ProofError, ValueError)):
        asked(**REFUSED[what])


def test_a_state_that_moves_with_the_point_is_refused():
    """The premises would bind the point in it, the radius and the distance would not."""
    moved = Term("descended", (Term("x", (X, A)), V), RUN.loss)
    with pytest.raises(ProofError, match="of its own"):
        asked(pair=(moved, I_, K, X))


def test_premises_are_asked_for():
    with pytest.raises(ProofError):
        kernel.oracle(
            "pull integral", (V, I_, K, X), FUNCTIONS, TRIPLE, REGION.near, REGION.far, REGION.pull
        )


def test_what_is_assumed_of_the_places_stays():
    """The radius and the distance, to a thousandth."""
    found = asked().record
    premises = {h for h in found.hypotheses if h.op == "forall"}
    places = found.hypotheses - premises
    assert len(premises) == 3
    assert len(places) == 2
    model = Model(np.full(2, 1 / 2), 1, 60)
    near, far = float(REGION.near), float(REGION.far)

    def holds(first: float, second: float) -> list[bool]:
        values = {V: np.array([[first], [second]]), I_: 0, K: 1}
        sides = ([model.value(t, values) for t in h.args] for h in places)
        return [bool(left <= right) for left, right in sides]

    assert all(holds(0.999 * near, -1.001 * far))
    assert sorted(holds(1.001 * near, 1.001 * far)) == [False, True]
    assert sorted(holds(-0.999 * near, 0.999 * far)) == [False, True]
