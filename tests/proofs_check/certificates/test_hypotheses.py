"""The checker's theorems at the edge of their hypotheses, on certificates that start there."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import cache, partial
from itertools import product

import flint
import mpmath
import pytest
from flint import acb, arb, fmpq

from numerics.fates.escape_region import prove_escape_region
from proofs_check.certificates.checker import Accepted, RejectedError, check, working_precision
from proofs_check.certificates.file_format import THEOREMS, Certificate, Region
from proofs_check.certificates.loss_barrier import curvature

HALF = Fraction(1, 2)
TENTH = Fraction(1, 10)
RADII = Fraction(3, 20), Fraction(31, 10)
TINY = Fraction(1, 10**8)
Rows = tuple[tuple[Fraction, ...], ...]


def certificate(
    theorem: str,
    means: Rows,
    weights: tuple[Fraction, ...],
    size: Fraction,
    time: Fraction = Fraction(0),
    fates: tuple[str, ...] = (),
    region: Region | None = None,
) -> Certificate:
    """Certified at step 0 already, with enclosures around ``e^-t mu``."""
    scale = Fraction(math.exp(-time))
    rows = tuple(tuple((scale * x, Fraction(1, 10**6)) for x in row) for row in means)
    return Certificate(
        THEOREMS[theorem], means, weights, (Fraction(0),) * len(means[0]), time, (0,), (size,), 0,
        theorem, fates or ("converged",) * len(means), ((0, rows),), region,
    )  # fmt: skip


def accepted(given: Certificate) -> bool:
    try:
        return isinstance(check(given), Accepted)
    except RejectedError:
        return False


def limit(theorem: str, total: Fraction, largest: Fraction) -> Fraction:
    """The largest step in ``v`` by the theorems (docs/certificates.md, section 2)."""
    growth = max(Fraction(1), total / 2)
    if theorem == "Theorem K":
        return Fraction(2)
    if theorem == "Theorem R":
        return 1 / (2 * largest * growth)
    kappa = 1 / (1 + total) if total <= 1 else 1 - total**2 / (3 * total - 1)
    return kappa / (2 * growth)


#: |V|^2 from 0.01 to 2.6, with merged components, in one and two dimensions.
STARTS: list[Rows] = [
    ((Fraction(1, 10),),),
    ((Fraction(1, 2),), (Fraction(-1, 2),)),
    ((Fraction(1),), (Fraction(1, 5),)),
    ((Fraction(1),), (Fraction(1),)),
    ((Fraction(1), Fraction(1)), (Fraction(0), Fraction(1, 4))),
    ((Fraction(11, 10),), (Fraction(11, 10),)),
    ((Fraction(8, 5),),),
    ((Fraction(9, 10),), (Fraction(9, 10),), (Fraction(9, 10),)),
]


@pytest.mark.parametrize("theorem", ["Theorem F", "Theorem R", "Theorem K"])
@pytest.mark.parametrize("time", [Fraction(0), Fraction(3, 10)], ids=["t=0", "t=3/10"])
@pytest.mark.parametrize("place", range(len(STARTS)))
def test_the_step_is_bounded_as_the_theorem_says(theorem: str, time: Fraction, place: int) -> None:
    means = STARTS[place]
    weights = (HALF, HALF) if len(means) == 2 else (Fraction(1, len(means)),) * len(means)
    shrink = Fraction(math.exp(-2 * time))
    total = sum((x * x for row in means for x in row), Fraction(0)) * shrink
    most = limit(theorem, total, max(weights)) / shrink
    given = certificate(theorem, means, weights, most * (1 - TINY), time)
    assert accepted(given)
    for factor in (1 + TINY, Fraction(21, 20), Fraction(2), Fraction(10)):
        assert not accepted(replace(given, sizes=(most * factor,)))


def test_the_largest_weight_counts() -> None:
    means = ((Fraction(1, 10),), (Fraction(1, 5),), (Fraction(3, 10),))
    for weights in (
        (Fraction(1, 5), Fraction(3, 10), HALF),
        (HALF, Fraction(1, 5), Fraction(3, 10)),
    ):
        given = certificate("Theorem R", means, weights, 1 - TINY)
        assert accepted(given)
        assert not accepted(replace(given, sizes=(1 + TINY,)))


@pytest.mark.parametrize(
    ("total", "inside"),
    [
        (Fraction(2617, 1000), True),
        (Fraction(2619, 1000), False),
        (Fraction(3), False),
        (10, False),
    ],
)
def test_theorem_f_ends_at_the_golden_ratio(total: Fraction, inside: bool) -> None:
    """``|V|^2 < phi^2 = 2.6180``; beyond, no step is small enough."""
    mean = Fraction(math.sqrt(total))
    given = certificate("Theorem F", ((mean,),), (Fraction(1),), Fraction(1, 10**9))
    assert accepted(given) is inside
    assert accepted(replace(given, theorem="Theorem R", objective="reverse"))


def test_a_step_that_equals_the_bound() -> None:
    """K's bound is strict, F's and R's are not."""
    one = (Fraction(1),)
    for theorem, size, allowed in (
        ("Theorem K", Fraction(2), False),
        ("Theorem R", HALF, True),
        ("Theorem F", Fraction(1, 4), True),
    ):
        given = certificate(theorem, ((Fraction(1),),), one, size)
        assert accepted(given) is allowed


@pytest.mark.parametrize("theorem", ["Theorem K", "Theorem R", "Lemma E", "Theorem E_n"])
@pytest.mark.parametrize("beyond", [True, False])
def test_a_bound_that_is_nearly_met_takes_more_digits(theorem: str, beyond: bool) -> None:
    """By one part in 10^40, where balls of twenty digits say nothing."""
    most = 2 if theorem == "Theorem K" else HALF
    with mpmath.workdps(80):
        growth = Fraction(int(mpmath.floor(mpmath.exp(mpmath.mpf(1) / 5) * 10**60)), 10**60)
    size = most * growth * (1 + (1 if beyond else -1) * Fraction(1, 10**40))
    time = Fraction(1, 10)
    given = certificate(theorem, ((HALF,),), (Fraction(1),), size, time)
    if theorem == "Lemma E":
        scale = Fraction(math.exp(time))
        given = certificate(
            theorem, ((NEAR * scale,), (FAR * scale,)), (HALF, HALF), size, time,
            ("converged", "escaped"), Region(*RADII, prove_escape_region().boxes),
        )  # fmt: skip
    if theorem == "Theorem E_n":
        given = replace(e_n(TENTH, 6, 7, time=time), sizes=(size,))
    assert accepted(given) is not beyond


@pytest.mark.parametrize("beyond", [True, False])
def test_norms_that_are_nearly_too_large_take_more_digits(beyond: bool) -> None:
    """Theorem R: ``size |mu|^2 e^(-4t) <= 1`` beyond ``|V|^2 = 2``."""
    with mpmath.workdps(80):
        growth = Fraction(int(mpmath.floor(mpmath.exp(mpmath.mpf(2) / 5) * 10**60)), 10**60)
    size = growth / 4 * (1 + (1 if beyond else -1) * Fraction(1, 10**40))
    given = certificate("Theorem R", ((Fraction(2),),), (Fraction(1),), size, TENTH)
    assert accepted(given) is not beyond


@pytest.mark.parametrize("size", [Fraction(1), Fraction(3)])
def test_the_precision_is_as_before(size: Fraction) -> None:
    """Whether the certificate is accepted or not."""
    before = flint.ctx.prec
    flint.ctx.prec = 61
    try:
        accepted(certificate("Theorem K", ((HALF,),), (Fraction(1),), size))
        assert flint.ctx.prec == 61
    finally:
        flint.ctx.prec = before


SIZES = (Fraction(1, 10), Fraction(1, 5), Fraction(5))


@pytest.mark.parametrize("order", list(product(SIZES, repeat=3)))
@pytest.mark.parametrize("step", [0, 3, 4, 5, 7, 8, 9])
def test_every_stretch_from_the_certified_step_on_counts(
    order: tuple[Fraction, ...], step: int
) -> None:
    """Not the last one only; those that are over do not."""
    given = replace(
        certificate("Theorem K", ((Fraction(1),),), (Fraction(1),), Fraction(1)),
        starts=(0, 4, 8), sizes=order, step=step,
    )  # fmt: skip
    used = [order[0]] * 4 + [order[1]] * 4 + [order[2]] * 4
    assert [given.step_at(k) for k in range(12)] == used
    assert given.largest_step == max(used[step:])
    if step == 0:
        assert accepted(given) is (max(used) < 2)


# Escape.


def lemma_e(near: Fraction, far: Fraction, size: Fraction, **changes: object) -> Certificate:
    region = Region(*RADII, prove_escape_region().boxes)
    given = certificate(
        "Lemma E", ((near,), (far,)), (HALF, HALF), size,
        fates=("converged", "escaped"), region=region,
    )  # fmt: skip
    return replace(given, **changes)  # type: ignore[arg-type]


#: Just inside: balls do not decide equality.
NEAR, FAR = Fraction(3, 20) - TINY, Fraction(31, 10) + TINY


@pytest.mark.parametrize(
    ("given", "right"),
    [
        (partial(lemma_e, NEAR, FAR, HALF), True),
        (partial(lemma_e, -NEAR, FAR, HALF), True),
        (partial(lemma_e, NEAR, -FAR, HALF), True),
        (partial(lemma_e, NEAR + 2 * TINY, FAR, HALF), False),
        (partial(lemma_e, NEAR, FAR - 2 * TINY, HALF), False),
        (partial(lemma_e, NEAR, FAR, HALF + TINY), False),
        (partial(lemma_e, FAR, NEAR, HALF), False),
        (partial(lemma_e, NEAR, FAR, HALF, fates=("escaped", "converged")), False),
        (partial(lemma_e, NEAR, FAR, HALF, fates=("converged", "converged")), False),
        (partial(lemma_e, NEAR, FAR, HALF, fates=("escaped", "escaped")), False),
        (partial(lemma_e, FAR, FAR, HALF), False),
        (partial(lemma_e, NEAR, FAR, HALF, weights=(Fraction(1, 3), Fraction(2, 3))), False),
        (partial(lemma_e, NEAR, FAR, HALF, objective="reverse"), False),
        (partial(lemma_e, NEAR, FAR, HALF, starts=(0, 1, 2), sizes=(HALF, 1, HALF)), False),
    ],
)
def test_lemma_e_at_its_edges(given: Callable[[], Certificate], right: bool) -> None:
    assert accepted(given()) is right


def test_an_escape_region_is_about_two_places() -> None:
    """Of four components with the places of two groups; not of three or four."""
    means = ((Fraction(0),), (NEAR,), (FAR,), (FAR + 1,))
    quarter = (Fraction(1, 4),) * 4
    fates = ("converged", "converged", "escaped", "escaped")
    region = Region(*RADII, prove_escape_region().boxes)

    def given(*rows: tuple[Fraction, ...]) -> Certificate:
        return certificate("Region E", rows, quarter, HALF, fates=fates, region=region)

    assert accepted(given(means[1], means[1], means[2], means[2]))
    assert not accepted(given(means[0], means[1], means[2], means[2]))
    assert not accepted(given(means[1], means[1], means[2], means[3]))
    assert not accepted(given(*means))


@pytest.mark.parametrize("far", [Fraction(31, 10), Fraction(311, 100), Fraction(4)])
def test_lemma_e_has_its_own_radii(far: Fraction) -> None:
    """Another region may be proved as well, and is not what the lemma says."""
    region = Region(RADII[0], far, prove_escape_region().boxes)
    given = lemma_e(NEAR, Fraction(5), HALF, region=region)
    assert accepted(given) is (far == RADII[1])
    assert accepted(replace(given, theorem="Region E"))


@pytest.mark.parametrize("near_weight", [Fraction(1, 3), Fraction(1, 4), Fraction(11, 20)])
def test_a_region_is_for_its_own_weights(near_weight: Fraction) -> None:
    """The cover of near group and far group, not of the groups exchanged."""
    weights = (near_weight, 1 - near_weight)
    region = Region(*RADII, prove_escape_region(near_weight, 1 - near_weight).boxes)
    given = certificate(
        "Region E", ((NEAR,), (FAR,)), weights, HALF, fates=("converged", "escaped"), region=region
    )
    assert accepted(given)
    turned = replace(
        given, means=given.means[::-1], weights=weights[::-1], fates=given.fates[::-1],
        checkpoints=((0, given.checkpoints[0][1][::-1]),),
    )  # fmt: skip
    assert accepted(turned)
    assert not accepted(replace(given, fates=given.fates[::-1]))


def test_weights_for_which_no_region_holds_are_refused() -> None:
    """Nearly all weight on the near component: the far one is pulled back."""
    region = Region(*RADII, prove_escape_region().boxes)
    for weights, right in (((HALF, HALF), True), ((TINY, 1 - TINY), False)):
        given = certificate(
            "Region E", ((NEAR,), (FAR,)), weights, HALF,
            fates=("converged", "escaped"), region=region,
        )  # fmt: skip
        assert accepted(given) is right


# One near, all others distinct and far.


def e_n(*places: object, size: Fraction = HALF, time: Fraction = Fraction(0)) -> Certificate:
    """On a line; the near one is the first below 1."""
    scale = Fraction(math.exp(time))
    fates = tuple("converged" if abs(x) < 1 else "escaped" for x in map(Fraction, places))
    means = tuple((Fraction(x) * scale,) for x in places)
    weights = (Fraction(1, len(places)),) * len(places)
    return certificate("Theorem E_n", means, weights, size, time, fates)


@pytest.mark.parametrize(
    ("given", "right"),
    [
        *((e_n(*order), True) for order in ((TENTH, 6, 7), (6, -TENTH, -7), (-6, 7, 0))),
        (e_n(TENTH, 6), True),
        (e_n(TENTH, 6, 6), True),
        (e_n(6, TENTH, 6, Fraction(-13, 2)), True),
        (e_n(TENTH, 6, 7, size=HALF - TINY), True),
        (e_n(TENTH, 6, 7, size=HALF + TINY), False),
        (e_n(TENTH, 6, 7, size=Fraction(1)), False),
        (e_n(TENTH, 6, 7, size=HALF * Fraction(math.exp(1)) - TINY, time=HALF), True),
        (e_n(TENTH, 6, 7, size=HALF * Fraction(math.exp(1)) + TINY, time=HALF), False),
        (e_n(TENTH, 6, Fraction(7, 2)), False),
        (e_n(TENTH, Fraction(7, 2), 6), False),
        (e_n(Fraction(9, 10), 6, 7), False),
        (e_n(Fraction(9, 10), 4, 4), False),
        (replace(e_n(TENTH, 6, 7), fates=("escaped", "converged", "escaped")), False),
        (replace(e_n(TENTH, 6, 7), fates=("converged", "converged", "escaped")), False),
        (replace(e_n(TENTH, 6, 7), fates=("escaped",) * 3), False),
        (replace(e_n(TENTH, 6, 7), fates=("converged",) * 3), False),
        (replace(e_n(TENTH, 6, 7), weights=(HALF, Fraction(1, 4), Fraction(1, 4))), False),
        (replace(e_n(TENTH, 6, 7), objective="kl"), False),
        (replace(e_n(TENTH, 6, 7), theorem="Theorem F"), False),
    ],
)
def test_theorem_e_n_at_its_edges(given: Certificate, right: bool) -> None:
    assert accepted(given) is right


# One near, all others far, at smaller steps.

TWENTIETH = Fraction(1, 20)


def e_n_slow(*places: object, size: Fraction = TWENTIETH) -> Certificate:
    return replace(e_n(*places, size=size), theorem="Theorem E_n'")


FIFTH, AFAR = Fraction(1, 5), Fraction(47, 10)


@pytest.mark.parametrize(
    ("given", "right"),
    [
        *((e_n_slow(*order), True) for order in ((FIFTH, AFAR, 5), (-AFAR, FIFTH, 5))),
        (e_n_slow(AFAR, -5, 0), True),
        (e_n(FIFTH, AFAR, 5), False),
        (e_n(FIFTH, AFAR, 5, size=TWENTIETH), False),
        (e_n_slow(FIFTH, AFAR, 5, size=Fraction(1, 4)), False),
        (e_n_slow(0, 8, 8, size=HALF - TINY), True),
        (e_n_slow(0, 8, 8, size=HALF + TINY), False),
        (e_n_slow(0, 8, 8, size=Fraction(1)), False),
        (e_n_slow(FIFTH, 4, 5), False),
        (e_n_slow(FIFTH, 5, 4), False),
        (e_n_slow(Fraction(9, 20), AFAR, 5), True),
        (e_n_slow(Fraction(51, 100), AFAR, 5), False),
        (replace(e_n_slow(FIFTH, AFAR, 5), weights=(HALF, Fraction(1, 4), Fraction(1, 4))), False),
        (replace(e_n_slow(FIFTH, AFAR, 5), fates=("escaped", "converged", "escaped")), False),
        (replace(e_n_slow(FIFTH, AFAR, 5), fates=("escaped",) * 3), False),
        (replace(e_n_slow(FIFTH, AFAR, 5), fates=("undecided", "converged", "escaped")), False),
        (replace(e_n_slow(FIFTH, AFAR, 5), starts=(0, 7), sizes=(TWENTIETH, 1)), False),
    ],
)
def test_theorem_e_n_for_small_steps_at_its_edges(given: Certificate, right: bool) -> None:
    assert accepted(given) is right


# A low loss.

THIRD = Fraction(1, 3)
STARTS_LOW = (FIFTH, Fraction(9, 10), Fraction(59, 10))


@cache
def loss_of(places: tuple[Fraction, ...], weights: tuple[Fraction, ...]) -> Fraction:
    """Forward loss on a line, to fifty digits."""

    exact = [[fmpq(y.numerator, y.denominator) for y in row] for row in (places, weights)]

    def value(x: acb, _: bool) -> acb:
        total = mean = acb(0)
        for v, share in components:
            part = share * (x * v - v * v / 2).exp()
            total, mean = total + part, mean + v * part
        return (mean / total) ** 2 * (-(x**2) / 2).exp()

    with working_precision(50):
        components = [(arb(v), arb(share)) for v, share in zip(*exact, strict=True)]
        found = acb.integral(value, -18, 18).real / (2 * arb.pi()).sqrt()
        assert found.rad() < 1e-48
        mantissa, exponent = found.mid().man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def low_loss(
    *places: Fraction, size: Fraction = TENTH, shift: Fraction = Fraction(0),
    radius: Fraction = Fraction(1, 10**8), **changes: object,
) -> Certificate:  # fmt: skip
    """Those beyond 2 escape."""
    fates = tuple("undecided" if abs(x) < 2 else "escaped" for x in places)
    weights = (Fraction(1, len(places)),) * len(places)
    means = tuple((Fraction(x),) for x in places)
    given = certificate("Theorem L", means, weights, size, fates=fates)
    given = replace(given, **changes)  # type: ignore[arg-type]
    return replace(given, loss=(loss_of(places, given.weights) + shift, radius))


@cache
def largest_step() -> Fraction:
    """``2/M`` at the loss of `STARTS_LOW`, in which M moves by less than a part in 10^5."""
    loss = arb(float(loss_of(STARTS_LOW, (THIRD,) * 3)))
    return 2 / Fraction(float(curvature((THIRD,) * 3, 1, loss)))


@pytest.mark.parametrize(
    ("given", "right"),
    [
        (partial(low_loss, *STARTS_LOW), True),
        (partial(low_loss, *STARTS_LOW[::-1]), True),
        (lambda: low_loss(*STARTS_LOW, size=largest_step() * Fraction(999_999, 10**6)), True),
        (lambda: low_loss(*STARTS_LOW, size=largest_step() * Fraction(1_000_001, 10**6)), False),
        (partial(low_loss, *STARTS_LOW, size=TENTH, starts=(0, 7), sizes=(TENTH, HALF)), False),
        (partial(low_loss, *STARTS_LOW, fates=("escaped", "undecided", "escaped")), False),
        (partial(low_loss, *STARTS_LOW, fates=("escaped", "undecided", "undecided")), False),
        (partial(low_loss, *STARTS_LOW, fates=("undecided",) * 3), False),
        (partial(low_loss, *STARTS_LOW, fates=("converged", "undecided", "escaped")), False),
        (partial(low_loss, *STARTS_LOW, fates=("converged", "converged", "escaped")), False),
        (partial(low_loss, *STARTS_LOW, weights=(Fraction(1, 4), Fraction(1, 4), HALF)), True),
        (
            partial(low_loss, *STARTS_LOW, weights=(HALF, Fraction(49, 100), Fraction(1, 100))),
            False,
        ),
        (partial(low_loss, *STARTS_LOW, objective="reverse"), False),
        *((partial(low_loss, *STARTS_LOW, shift=s * TINY * 2), False) for s in (1, -1)),
        *(
            (partial(low_loss, *STARTS_LOW, shift=s * TINY * Fraction(9, 10)), True)
            for s in (1, -1)
        ),
        (partial(low_loss, FIFTH, Fraction(9, 10), Fraction(4)), False),
        (partial(low_loss, Fraction(0), Fraction(0), Fraction(6), Fraction(-6)), True),
    ],
)
def test_theorem_l_at_its_edges(given: Callable[[], Certificate], right: bool) -> None:
    assert accepted(given()) is right


@pytest.mark.parametrize("sign", [1, -1])
def test_a_loss_near_one_end_of_its_ball_takes_more_digits(sign: int) -> None:
    radius, room = Fraction(1, 10**15), Fraction(1, 10**25)
    assert check(low_loss(*STARTS_LOW, radius=radius)).digits == 20
    near_an_end = low_loss(*STARTS_LOW, shift=sign * (radius - room), radius=radius)
    assert check(near_an_end).digits == 40


@pytest.mark.parametrize("off", [0, Fraction(99, 100), Fraction(-99, 100)])
def test_a_loss_that_is_met_in_part_takes_more_digits(off: Fraction) -> None:
    """The claimed ball must hold all of the recomputed one."""
    radius = Fraction(1, 10**30)
    given = low_loss(*STARTS_LOW, shift=off * radius, radius=radius)
    assert check(given).digits == 40
    if off:  # the loss is not in it, by a part in 10^40
        beyond = (1 + Fraction(1, 10**10)) * radius * (1 if off > 0 else -1)
        assert not accepted(low_loss(*STARTS_LOW, shift=beyond, radius=radius))


@pytest.mark.parametrize("theorem", ["Theorem F", "Theorem R", "Theorem K"])
@pytest.mark.parametrize(
    "fates", [("escaped", "converged"), ("escaped",) * 2, ("undecided", "converged")]
)
def test_nothing_escapes_by_the_theorems_on_convergence(
    theorem: str, fates: tuple[str, ...]
) -> None:
    given = certificate(theorem, ((TENTH,), (TENTH,)), (HALF, HALF), TENTH)
    assert accepted(given)
    assert not accepted(replace(given, fates=fates))
    for other in THEOREMS:
        if THEOREMS[other] != THEOREMS[theorem]:
            assert not accepted(replace(given, theorem=other))
