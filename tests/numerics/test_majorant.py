"""Bounds on the strip against complex values of the kernels, term by term from the definition."""

from __future__ import annotations

import cmath
import math
import random
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import product

import pytest

from derive.program import Factor, Program, Statement, Term, kind
from numerics.backends.mp import MP, mpfr_precision
from numerics.errors import InputError
from numerics.kernels import load_program
from numerics.majorant import Sizes, logarithm_envelope, majorant, reads_logarithm, secant

CASES = [(o, q) for o in ("forward", "reverse", "kl") for q in ("loss", "gradient", "hessian")]


def interpret(
    program: Program,
    means: Sequence[Sequence[float]],
    weights: Sequence[float],
    z: Sequence[complex],
) -> tuple[list[complex], complex]:
    """Every output entry and ``log_student`` at a complex point, without any code generation."""
    terms = [
        w * cmath.exp(sum(x * v for x, v in zip(z, row, strict=True)) - sum(v * v for v in row) / 2)
        for w, row in zip(weights, means, strict=True)
    ]
    total = sum(terms)
    logarithm = cmath.log(total)
    table: dict[tuple[str, tuple[int, ...]], complex] = {}
    sizes = {"j": len(means), "a": len(means[0])}

    def value(factor: Factor, at: Mapping[str, int]) -> complex:
        index = tuple(at[label] for label in factor.indices)
        match factor.head:
            case "psi":
                return terms[index[0]] / total
            case "v":
                return means[index[0]][index[1]]
            case "pi":
                return weights[index[0]]
            case "delta_component" | "delta_coordinate":
                return float(index[0] == index[1])
            case "log_student":
                return logarithm
        return table[factor.head, index]

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
        program = Program("demo", "teacher", (Statement("output", ("a0",), (term,)),))
        with mpfr_precision(60):
            assert majorant(MP, program, Sizes(4, [MP.constant(5)], 1), 1) == expected


def test_a_repeated_delta_bounds_no_sum() -> None:
    trace = Term(Fraction(1), (Factor("delta_component", ("j0", "j0")),), ("j0",))
    program = Program("trace", "teacher", (Statement("output", (), (trace,)),))
    assert majorant(MP, program, Sizes(5, [MP.constant(1)], 1), MP.constant(1)) == 5
