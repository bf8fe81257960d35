"""Lemma V and Theorem E_n: proved, and refused with a constant too good."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from flint import arb

from numerics.fates.distinct_far import drift_bound
from proofs_check.certificates.distinct_far import pull as checked_pull
from proofs_check.proofs import kernel
from proofs_check.proofs.far_words import AXIS, TWICE_PHI
from proofs_check.proofs.kernel import ProofError
from proofs_check.proofs.kernel.oracles.odds_integral import (
    Pair,
    least_numbers,
    odds_bound,
)
from proofs_check.proofs.lemma_near import lemma_near
from proofs_check.proofs.near_words import (
    APART,
    EPS,
    NUMBERS,
    OTHERS,
    PRODUCT,
    SHARE,
    TRIPLE,
    P,
    S,
    drift,
    pull_square,
    share_at,
)
from proofs_check.proofs.tactics.language import (
    I_,
    A,
    B,
    K,
    V,
    X,
    component,
    entry,
    every,
    point,
    real,
    root,
    state,
    v,
)
from proofs_check.proofs.tactics.printing import statements
from proofs_check.proofs.tactics.script import Script
from proofs_check.proofs.tactics.semantics import Model
from proofs_check.proofs.theorem_e_n import theorem_e_n
from proofs_check.verdict import Verdict
from tests.proofs_check.proofs.changed import fails_without, notices
from tests.proofs_check.proofs.replays import replayed
from tests.proofs_check.proofs.test_proofs_clusters import first_failure
from tests.proofs_check.proofs.test_proofs_far import GAUSSIAN

WORSE, BETTER = Fraction(99, 100), Fraction(101, 100)
INTEGRALS = {"cover: integrals over the odds of two components (reduction: the oracle's argument)"}
TAGS = {"V": INTEGRALS | {"derive: gradient of forward"}, "E-n": GAUSSIAN | INTEGRALS}


@pytest.mark.parametrize("name", TAGS)
def test_it_is_proved_without_an_open_step(name):
    found = replayed(name)
    assert found.verdict is Verdict.PROVED, [(o.step.name, o.detail) for o in found.failed]
    assert set(found.tags) == TAGS[name]
    assert not found.open_steps
    assert found.instance().startswith("all hold for n = 2")


def test_they_read_as_they_are_claimed():
    (lemma,) = statements(replayed("V"))
    assert "16 (1 - delta_ij) <= |v_j|^2(V)" in lemma
    assert lemma.split(": ", 1)[1].count("sqrt(|D_i|^2(V)) <= E_i(V)") == 1
    near, clear, grows, time, approach, limit = statements(replayed("E-n"))
    given = ("0 < eta", "eta <= 1/2", "E_i(V_0) <= 2 e", "4 <= rho", "n pi_j = 1", "e <= 1/2")
    for shown in (near, clear, grows, time, approach, limit):
        assert all(words in shown for words in given)
        assert "nu_j(rho) < beta(rho)" in shown
    assert ": |v_i|^2(V_k) <= e^2" in near
    assert ": 0 <= least |v_k|^2-rho^2 (V_k)" in clear
    assert "delta_ij = 0" in grows
    assert ": |v_j|^2(V_k) < |v_j|^2(V_(k+1))" in grows
    assert "k <= B^2 - rho^2" in time
    assert ": (|v_i|(V_k) - 1/2 E_i(V_0)) (1 + 2 eta k) <= e" in approach
    assert "4 <= R" in limit
    assert ": (|v_i|((V_m)_k) - 1/2 (n - 1) E(R)) (1 + 2 eta k) <= e" in limit
    assert "; (V_m)_k is V_m after k steps eta of gradient descent" in limit


def fewer(**changes: Fraction) -> Callable[[], Script]:
    factors = {name: getattr(NUMBERS, name) * factor for name, factor in changes.items()}
    return lambda: lemma_near(numbers=NUMBERS._replace(**factors))


def coefficient(place: int) -> Callable[[], Script]:
    changed = tuple(c * (WORSE if p == place else 1) for p, c in enumerate(TRIPLE))
    return lambda: lemma_near(triple=changed)


PLANTED: dict[str, tuple[str, Callable[[], Script], str]] = {
    "K of the share": ("V", fewer(share=Fraction(998, 1000)), "mean of the share"),
    "K of the product": ("V", fewer(product=Fraction(999, 1000)), "mean of the product"),
    "K of the triple": ("V", fewer(triple=Fraction(999, 1000)), "mean of the triple"),
    "K' of the product": ("V", fewer(beside_product=Fraction(998, 1000)), "product and |D.x|"),
    "K' of the triple": ("V", fewer(beside_triple=Fraction(998, 1000)), "triple and |D.x|"),
    "4/27": ("V", coefficient(0), "triple by odds"),
    "r^2": ("V", coefficient(1), "triple by odds"),
    "2 r^3": ("V", coefficient(2), "triple by odds"),
    "r^4": ("V", coefficient(3), "triple by odds"),
    "near beta": ("E-n", lambda: theorem_e_n(share=BETTER / 8), "bracket"),
    "eta <= 0.505": ("E-n", lambda: theorem_e_n(largest=BETTER / 2), "1 - 2 eta >= 0"),
    "E_i <= 2.02 eps": ("E-n", lambda: theorem_e_n(few=2 * BETTER), "|v_i| next <= eps"),
    "from 3.96 on": ("E-n", lambda: theorem_e_n(far=4 * WORSE), "far squared"),
}


@pytest.mark.parametrize("what", PLANTED)
def test_a_constant_that_is_too_good_fails(what):
    name, build, step = PLANTED[what]
    assert first_failure(name, build()) == step


LEFT_OUT = {
    ("V", "uniform"): "uniform k",
    ("V", "eps >= 0"): "|D| eps >= 0",
    ("V", "eps <= 1/2"): "z",
    ("V", "near"): "(D.v_i)^2 and eps",
    ("V", "far for all"): "far",
    ("E-n", "gamma"): "sum over k",
    ("E-n", "few"): "|v_i| next <= eps",
    ("E-n", "clear at 0"): "others are far at 0",
    ("E-n", "rho is far"): "rho > 0",
    ("E-n", "near at 0"): "near for ever",
    ("E-n", "all beyond R"): "E at m",
    ("E-n", "R >= 4"): "R beyond 4",
}


@pytest.mark.parametrize(("name", "hypothesis"), LEFT_OUT)
def test_no_hypothesis_is_idle(name, hypothesis):
    assert fails_without(name, hypothesis) == LEFT_OUT[name, hypothesis]


NOTICING = {
    "V": ("room", "share", "product", "triple", "|v_k| <= b + eps", "b <= |v_k| + eps", "gradient",
          "|Delta|^2", "product of both", "at x", "as a sum", "E psi_k", "each by b_k", "squared",
          "Lemma V"),
    "E-n": ("others", "pair", "bracket", "E falls", "E falls for all", "triangle", "pace",
            "near next", "paced above", "limit"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "step"), [(n, s) for n, steps in NOTICING.items() for s in steps])
def test_a_step_notices_a_changed_conclusion(name, step):
    assert notices(name, step)


# -- the integrals


FUNCTIONS = {
    SHARE: (APART * S, NUMBERS.share, NUMBERS.share),
    PRODUCT: (APART * P * S, NUMBERS.product, NUMBERS.beside_product),
    TRIPLE: (APART * P * S * OTHERS, NUMBERS.triple, NUMBERS.beside_triple),
}
U = state("U")
TOWARDS = (v(U, I_, A), A)
WHOLE = drift(V, I_, EPS, AXIS)


def asked(coefficients: tuple[Fraction, ...], /, *, vector: bool = False, **changes: object):
    function, most, beside = FUNCTIONS[coefficients]
    given = {
        "pair": (V, I_, K, X), "function": function, "coefficients": coefficients, "eps": EPS,
        "axis": AXIS, "most": most, "towards": (*TOWARDS, beside) if vector else None,
    } | changes  # fmt: skip
    premise = every(odds_bound(Pair(V, I_, K, X), function, coefficients), X)
    return kernel.oracle("odds integral", *given.values(), premises=(kernel.assume(premise),))


@pytest.mark.parametrize("theta", [0.35, 0.4, 0.5, 0.58, 0.65])
@pytest.mark.parametrize("coefficients", FUNCTIONS)
def test_the_numbers_bound_the_integrals(coefficients, theta):
    """By mpmath, and for exponents between those that are looked at."""

    def integrand(log, late):
        r = mpmath.exp(log)
        value = sum(
            mpmath.mpf(c.numerator) / c.denominator * r**p for p, c in enumerate(coefficients, 1)
        )
        return (
            value / (1 + r) ** len(coefficients) * mpmath.exp(-theta * log) * (log if late else 1)
        )

    exact = float(mpmath.quad(lambda s: integrand(s, False), [-90, -9, 0, 9, 90]))
    late = float(mpmath.quad(lambda s: integrand(s, True), [0, 9, 90]))
    least, beside = least_numbers(coefficients)
    assert exact <= float(least) * (1 + max(0, 4 * (theta - 0.5))) * (1 + 1e-12)
    assert late <= float(beside) * (1 + 1e-12)
    if theta == 0.35:
        assert float(beside) <= late + 1e-5


def places(random: np.random.Generator, dimension: int) -> np.ndarray:
    """One near, two others anywhere from 4 on; also in line with it."""
    means = random.normal(size=(3, dimension))
    means /= np.linalg.norm(means, axis=1)[:, None]
    if random.random() < 0.5:
        means[0] = means[1] * random.choice([-1, 1])
    return means * np.array([random.uniform(0, 0.5), *random.uniform(4, 5.5, 2)])[:, None]


def test_the_integrals_hold_in_numbers():
    """For places and vectors that are drawn, on both sides of the near component."""
    random = np.random.default_rng(0)
    theorems = [
        asked(c, vector=vector)
        for c in FUNCTIONS
        for vector in (False, True)
        if c != SHARE or not vector
    ]
    nearest = 0.0
    for dimension, nodes in ((1, 200), (2, 70)):
        model = Model(np.full(3, 1 / 3), dimension, nodes)
        for _ in range(3):
            means, vectors = places(random, dimension), random.normal(size=(3, dimension))
            eps = float(np.linalg.norm(means[0]))
            for far in (0, 1):
                values = {V: means, U: vectors, I_: 0, K: far, EPS: eps, AXIS: 0}
                for theorem in theorems:
                    left, right = (model.value(t, values) for t in theorem.record.conclusion.args)
                    assert left <= right * 1.001 + 1e-9, (
                        means,
                        far,
                        theorem.record.conclusion.key[:60],
                    )
                    nearest = max(nearest, left / right if right else 0)
    assert nearest > 0.5  # and they say something


def pull_and_bound(means: np.ndarray, nodes: int) -> tuple[float, float]:
    count, dimension = means.shape
    model = Model(np.full(count, 1 / count), dimension, nodes)
    values = {V: means, I_: 0, EPS: float(np.linalg.norm(means[0])), AXIS: 0}
    size, bound = (model.value(t, values) for t in (root(pull_square(V, I_)), WHOLE))
    return float(size), float(bound)


def test_lemma_v_holds_in_numbers():
    random = np.random.default_rng(2)
    for count, dimension, nodes in ((2, 1, 200), (3, 1, 200), (3, 2, 70)):
        for _ in range(4):
            means = places(random, dimension)[:count]
            size, bound = pull_and_bound(means, nodes)
            assert size <= bound, means


def test_half_of_lemma_v_is_false():
    """Nearly: 0.45 of the bound is passed at 0 and 6."""
    size, bound = pull_and_bound(np.array([[0.0], [6.0]]), 200)
    assert 0.45 * bound < size < bound


@pytest.mark.parametrize(("a", "eps"), [("4", "0"), ("5.5", "0.4"), ("7", "1/2"), ("9", "0.1")])
def test_run_and_checker_take_the_bound_that_is_proved(a, eps):
    model = Model(np.array([1.0]), 1, 60)
    norm, radius = Fraction(a), Fraction(eps)
    r = real("r")
    exact = model.value(share_at(r), {r: float(norm), EPS: float(radius), AXIS: 0})
    scale = float(mpmath.sqrt(2 / mpmath.pi)) / model.value(TWICE_PHI, {AXIS: 0})  # by quadrature
    ball = arb(norm.numerator) / norm.denominator
    small = arb(radius.numerator) / radius.denominator
    for found in (drift_bound(ball, radius), checked_pull(ball, small)):
        assert float(found) == pytest.approx(exact * scale, rel=1e-9)


REFUSED: dict[str, dict[str, object]] = {
    "another function": {"function": APART * S * 2},
    "other coefficients": {"coefficients": (Fraction(1), Fraction(1, 100))},
    "a negative coefficient": {"coefficients": (Fraction(1), Fraction(-1, 100))},
    "coefficients in floats": {"coefficients": (1.0, 0.0)},
    "no coefficients": {"coefficients": ()},
    "a list": {"coefficients": [Fraction(1), Fraction(0)]},
    "K too small": {"most": Fraction(157, 100)},
    "K in floats": {"most": 1.6},
    "K negative": {"most": Fraction(-2)},
    "K' too small": {"towards": (*TOWARDS, Fraction(36, 100))},
    "K' in floats": {"towards": (*TOWARDS, 0.4)},
    "a radius that varies": {"eps": entry(X, A)},
    "a vector that varies": {"towards": (entry(X, A), A, NUMBERS.beside_product)},
    "a vector's coordinate that is none": {"towards": (v(U, I_, A), X, NUMBERS.beside_product)},
    "components exchanged": {"pair": (V, K, I_, X)},
    "another component": {"pair": (V, I_, component("l"), X)},
    "another state": {"pair": (U, I_, K, X)},
    "another point": {"pair": (V, I_, K, point("y"))},
}


@pytest.mark.parametrize("what", REFUSED)
def test_an_integral_of_something_else_is_refused(what):
    with pytest.raises(ProofError):
        asked(PRODUCT, **REFUSED[what])


def test_what_is_assumed_of_the_places_stays():
    """The radius, and that both are where the bound holds; the axis is free."""
    theorem = asked(PRODUCT, axis=B)
    (premise,) = (h for h in theorem.record.hypotheses if h.op == "forall")
    assert len(theorem.record.hypotheses - {premise}) == 4
