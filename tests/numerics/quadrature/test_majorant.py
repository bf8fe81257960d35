"""Bounds on the strip against complex values of the kernels, term by term from the definition."""

from __future__ import annotations

import cmath
import math
import random
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import product

import pytest

from derive.algebra.program import Assignment, Factor, Program, Term, kind
from numerics.errors import InputError
from numerics.kernels import load_program
from numerics.kernels.handle import reads_logarithm
from numerics.numbers.mpfr import MP, mpfr_precision
from numerics.quadrature.majorant import Sizes, logarithm_envelope, majorant, secant, wider
from numerics.quadrature.trapezoid import Envelope

CASES = [(o, q) for o in ("forward", "reverse", "kl") for q in ("loss", "gradient", "hessian")]


def interpret(
    program: Program,
    means: Sequence[Sequence[float]],
    weights: Sequence[float],
    z: Sequence[complex],
    theta: Sequence[Sequence[float]] = (),
    rho: Sequence[float] = (),
) -> tuple[list[complex], complex]:
    """Every output entry and ``log_student`` at a complex point, without any code generation."""
    known, logarithm = _inputs(z, means, weights, ("psi", "v", "pi", "log_student"))
    if theta:
        known |= _inputs(z, theta, rho, ("phi", "theta", "rho", "log_teacher"))[0]
    table: dict[tuple[str, tuple[int, ...]], complex] = {}
    sizes = {"j": len(means), "a": len(means[0]), "t": len(theta)}

    def value(factor: Factor, at: Mapping[str, int]) -> complex:
        index = tuple(at[label] for label in factor.indices)
        if factor.head.startswith("delta_"):
            return float(index[0] == index[1])
        entry = (factor.head, index)
        return known[entry] if entry in known else table[entry]

    entries = []
    for statement in program.statements:
        entries = []
        for numbers in product(*(range(sizes[kind(x)]) for x in statement.indices)):
            at = dict(zip(statement.indices, numbers, strict=True))
            result = 0j
            for term in statement.terms:
                for inner in product(*(range(sizes[kind(x)]) for x in term.sums)):
                    local = {**at, **dict(zip(term.sums, inner, strict=True))}
                    result += float(term.coefficient) * math.prod(
                        (value(factor, local) for factor in term.factors), start=1 + 0j
                    )
            table[statement.target, numbers] = result
            entries.append(result)
    return entries, logarithm


def _mixture(
    z: Sequence[complex], means: Sequence[Sequence[float]], weights: Sequence[float]
) -> tuple[list[complex], complex, complex]:
    """Terms relative to ``N(0, I)``, their sum, and its principal logarithm."""
    terms = [
        w * cmath.exp(sum(x * v for x, v in zip(z, row, strict=True)) - sum(v * v for v in row) / 2)
        for w, row in zip(weights, means, strict=True)
    ]
    return terms, sum(terms), cmath.log(sum(terms))


def _inputs(
    z: Sequence[complex],
    means: Sequence[Sequence[float]],
    weights: Sequence[float],
    heads: tuple[str, str, str, str],
) -> tuple[dict[tuple[str, tuple[int, ...]], complex], complex]:
    """What a program reads of one mixture, by head and indices, and the logarithm again."""
    terms, total, logarithm = _mixture(z, means, weights)
    known: dict[tuple[str, tuple[int, ...]], complex] = {(heads[3], ()): logarithm}
    for j, (term, row, weight) in enumerate(zip(terms, means, weights, strict=True)):
        known[heads[0], (j,)] = term / total
        known[heads[2], (j,)] = weight
        known |= {(heads[1], (j, a)): entry for a, entry in enumerate(row)}
    return known, logarithm


@pytest.mark.parametrize(("objective", "quantity"), CASES)
def test_majorant_of_a_mixture_teacher_dominates_on_the_strip(
    objective: str, quantity: str
) -> None:
    """Teacher spreads from far below the student's to far above it; logarithms count as 1."""
    program = load_program(objective, quantity, "mixture")
    generator = random.Random(f"mixture/{objective}/{quantity}")
    largest = 0.0
    for _ in range(40):
        n, k, d = generator.choice([(1, 2, 1), (2, 2, 1), (3, 2, 1), (2, 3, 2), (3, 2, 2)])
        scale = generator.choice([0.1, 1.0, 3.0])
        means = [[generator.gauss(0, 1.5) for _ in range(d)] for _ in range(n)]
        theta = [[scale * generator.gauss(0, 1.5) for _ in range(d)] for _ in range(k)]
        shares = [[generator.random() + 0.01 for _ in range(count)] for count in (n, k)]
        weights, rho = ([x / sum(row) for x in row] for row in shares)
        axis = generator.randrange(d)
        spreads = [
            max(r[axis] for r in rows) - min(r[axis] for r in rows) for rows in (means, theta)
        ]
        strip = generator.choice([0.0, 1.0, 2.5, 3.0]) / max(spreads)
        z = [complex(generator.gauss(0, 3)) for _ in range(d)]
        z[axis] += 1j * generator.choice([-1, 1]) * strip
        with mpfr_precision(60):
            exact = [MP.constant(Fraction(x)) for x in (strip, *spreads)]
            secants = [secant(MP, exact[0], spread) for spread in exact[1:]]
            tops, highs = (
                [MP.constant(Fraction(max(abs(row[a]) for row in rows))) for a in range(d)]
                for rows in (means, theta)
            )
            bound = float(majorant(MP, program, Sizes(n, tops, d, k, highs), *secants))
        entries, _ = interpret(program, means, weights, z, theta, rho)
        if reads_logarithm([program]):  # KL loss: two logarithms, each counted as 1
            assert bound == 2
            continue
        worst = max(abs(entry) for entry in entries)
        assert worst <= bound * (1 + 1e-9)
        largest = max(largest, worst / bound)
    assert reads_logarithm([program]) or largest > 1e-4  # not so loose that nothing is tested


def test_logarithm_of_a_mixture_teacher_stays_in_its_envelope() -> None:
    generator = random.Random(5)
    for _ in range(60):
        theta = [[generator.gauss(0, 2)] for _ in range(3)]
        rho = [1 / 2, 1 / 3, 1 / 6]
        low, high = min(theta)[0], max(theta)[0]
        strip = generator.choice([0.0, 1.0, 2.9]) / (high - low)
        x, y = generator.gauss(0, 4), strip
        with mpfr_precision(60):
            envelope = logarithm_envelope(
                MP,
                strip=MP.constant(Fraction(strip)),
                theta=MP.constant(Fraction(strip * (high - low))),
                secant_value=secant(
                    MP, MP.constant(Fraction(strip)), MP.constant(Fraction(high - low))
                ),
                radius=MP.constant(Fraction(max(abs(low), abs(high)))),
                constant=MP.constant(0),
            )
            small = Envelope(MP.constant(0), MP.constant(1))
            both = wider(MP, envelope, small)
        growth = float(both.slope) * abs(x) + float(both.offset)
        _, _, principal = _mixture([complex(x, y)], theta, rho)
        turned = y * (low + high) / 2
        angle = turned + cmath.phase(cmath.exp(principal - 1j * turned))
        assert abs(complex(principal.real, angle)) <= growth * (1 + 1e-9)


@pytest.mark.parametrize(("objective", "quantity"), CASES)
def test_majorant_dominates_on_the_strip(objective: str, quantity: str) -> None:
    program = load_program(objective, quantity)
    generator = random.Random(f"{objective}/{quantity}")
    for _ in range(25):
        n, d = generator.choice([(1, 1), (2, 1), (3, 1), (2, 2), (4, 2)])
        means = [[generator.gauss(0, 2) for _ in range(d)] for _ in range(n)]
        weights = [generator.random() + 0.01 for _ in range(n)]
        weights = [w / sum(weights) for w in weights]
        axis = generator.randrange(d)
        spread = max(row[axis] for row in means) - min(row[axis] for row in means)
        theta = generator.choice([0.0, 1.0, 2.5, 3.0])
        strip = theta / spread if spread else 2.0
        z = [complex(generator.gauss(0, 3)) for _ in range(d)]
        y = generator.choice([-1, 1]) * strip
        with mpfr_precision(60):
            sec = secant(MP, MP.constant(Fraction(strip)), MP.constant(Fraction(spread)))
            tops = [MP.constant(Fraction(max(abs(row[a]) for row in means))) for a in range(d)]
            bound = majorant(MP, program, Sizes(n, tops, d), sec)
            radius = MP.constant(Fraction(max(math.dist(row, [0] * d) for row in means)))
            envelope = logarithm_envelope(
                MP,
                strip=MP.constant(Fraction(strip)),
                theta=MP.constant(Fraction(strip * spread)),
                secant_value=sec,
                radius=radius,
                constant=MP.constant(0),
            )
            growth = envelope.slope * Fraction(math.hypot(*(x.real for x in z))) + envelope.offset
        point = list(z)
        point[axis] += 1j * y
        entries, logarithm = interpret(program, means, weights, point)
        # The continued logarithm differs from the principal one by its imaginary part only.
        assert abs(logarithm.real) <= float(growth) * (1 + 1e-9) + 1e-9
        factor = 1.0
        if reads_logarithm([program]):
            middle = (max(r[axis] for r in means) + min(r[axis] for r in means)) / 2
            turned = y * middle + cmath.phase(cmath.exp(logarithm - 1j * y * middle))
            assert abs(complex(logarithm.real, turned)) <= float(growth) * (1 + 1e-9) + 1e-9
            factor = 1 + float(growth)
        worst = max(abs(entry) for entry in entries)
        assert worst <= float(bound) * factor * (1 + 1e-9)


def test_bound_is_attained_by_a_single_component() -> None:
    with mpfr_precision(60):
        bound = majorant(MP, load_program("forward", "loss"), Sizes(1, [MP.constant(3)], 1), 1)
    assert bound == 9


def test_sum_over_components_costs_no_factor_n() -> None:
    loss = load_program("forward", "loss")
    with mpfr_precision(60):
        two, many = (majorant(MP, loss, Sizes(n, [MP.constant(3)], 1), 1) for n in (2, 500))
    assert two == many


def test_poles_and_degrees_are_refused() -> None:
    with mpfr_precision(60):
        with pytest.raises(ValueError, match="poles"):
            secant(MP, MP.constant(1), MP.constant(4))
        loss = load_program("kl", "loss")
        with pytest.raises(InputError, match="degree"):
            majorant(
                MP,
                Program("square", "teacher", loss.statements, log_degree=2),
                Sizes(2, [MP.constant(1)], 1),
                1,
            )
        with pytest.raises(InputError, match="mixture"):
            majorant(
                MP, load_program("forward", "loss", "mixture"), Sizes(2, [MP.constant(1)], 1), 1
            )


def test_weights_and_deltas_in_sums() -> None:
    """``sum_j pi_j v_j`` is a mean, ``sum_j 1`` is n, a delta picks one term."""
    v = Factor("v", ("j0", "a0"))
    one = Fraction(1)
    terms = (
        Term(one, (Factor("pi", ("j0",)), v), ("j0",)),
        Term(one, (v,), ("j0",)),
        Term(one, (Factor("delta_component", ("j0", "j1")), v), ("j0", "j1")),
    )
    for term, expected in zip(terms, (5, 20, 20), strict=True):
        program = Program("demo", "teacher", (Assignment("output", ("a0",), (term,)),))
        with mpfr_precision(60):
            assert majorant(MP, program, Sizes(4, [MP.constant(5)], 1), 1) == expected


def test_a_repeated_delta_bounds_no_sum() -> None:
    trace = Term(Fraction(1), (Factor("delta_component", ("j0", "j0")),), ("j0",))
    program = Program("trace", "teacher", (Assignment("output", (), (trace,)),))
    assert majorant(MP, program, Sizes(5, [MP.constant(1)], 1), MP.constant(1)) == 5
