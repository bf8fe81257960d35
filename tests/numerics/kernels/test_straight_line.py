"""Generated code against an interpreter of programs, entry by entry, in exact rationals."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import Any

import pytest

from derive.algebra.program import Assignment, Factor, Program, Term, kind
from numerics.errors import InputError
from numerics.kernels import load_program
from numerics.kernels import straight_line as emit
from numerics.kernels.monomials import Emitter
from numerics.kernels.straight_line import compile_kernel

CASES = [(o, q) for o in ("forward", "reverse", "kl") for q in ("loss", "gradient", "hessian")]
ONE = Fraction(1)


def interpret(program: Program, inputs: dict[str, Any]) -> dict[tuple[int, ...], Fraction]:
    """Output entries of a program, straight from its meaning."""
    sizes = {"j": len(inputs["v"]), "a": len(inputs["v"][0])}
    table: dict[str, dict[tuple[int, ...], Fraction]] = {}

    def value(factor: Factor, at: dict[str, int]) -> Fraction:
        index = tuple(at[label] for label in factor.indices)
        if factor.head in table:
            return table[factor.head][index]
        if factor.head.startswith("delta_"):
            return Fraction(index[0] == index[1])
        entry = inputs[factor.head]
        for number in index:
            entry = entry[number]
        return Fraction(entry)

    for statement in program.statements:
        entries = {}
        for numbers in product(*(range(sizes[kind(x)]) for x in statement.indices)):
            at = dict(zip(statement.indices, numbers, strict=True))
            total = Fraction(0)
            for term in statement.terms:
                for inner in product(*(range(sizes[kind(x)]) for x in term.sums)):
                    local = {**at, **dict(zip(term.sums, inner, strict=True))}
                    part = term.coefficient
                    for factor in term.factors:
                        part *= value(factor, local)
                    total += part
            entries[numbers] = total
        table[statement.target] = entries
    return table[program.output.target]


def compare(programs: list[Program], n: int, s: int, zero_column: bool, seed: str) -> None:
    """One node with random rational responsibilities, weights and means."""
    generator = random.Random(seed)
    shares = [generator.randint(1, 9) for _ in range(n)]
    inputs: dict[str, Any] = {
        "v": [[Fraction(generator.randint(-9, 9), 7) for _ in range(s)] for _ in range(n)],
        "psi": [Fraction(share, sum(shares)) for share in shares],
        "pi": [Fraction(1, n)] * n,
        "log_student": Fraction(5, 3),
        "log_teacher": 0,
        "dimension": 11,
    }
    columns = frozenset({s - 1}) if zero_column else frozenset[int]()
    for row in inputs["v"]:
        for a in columns:
            row[a] = Fraction(0)
    kernel = compile_kernel(programs, n, s, columns)
    shared = (ONE, Fraction(0), None, Fraction(11), inputs["v"], inputs["pi"], Fraction)
    node = (Fraction(3, 2), inputs["psi"], inputs["log_student"])
    sums = kernel.explicit([node], [Fraction(0)] * len(kernel.entries), shared)
    found: list[dict[tuple[int, ...], Fraction]] = [{} for _ in programs]
    for (number, index, coefficient), total in zip(kernel.entries, sums, strict=True):
        found[number][index] = coefficient * total
    mirrored = {(number, index) for number, index, _ in kernel.mirrored}
    for number, (program, entries) in enumerate(zip(programs, found, strict=True)):
        for index, expected in interpret(program, inputs).items():
            if (number, index) in mirrored:  # equal in expectation, not at every node
                continue
            assert entries.get(index, 0) == Fraction(3, 2) * expected, (program.name, index)
    computed = [dict(entries) for entries in found]
    kernel.mirror(found)
    for before, after in zip(computed, found, strict=True):
        for index in after.keys() - before.keys():
            assert len(index) == 4
            assert after[index] == before[_transposed(index)]


def _transposed(index: tuple[int, ...]) -> tuple[int, ...]:
    return (*index[2:], *index[:2])


def test_only_hessians_are_mirrored() -> None:
    hessian = load_program("kl", "hessian")
    kernel = compile_kernel([hessian], 2, 2)
    assert (len(kernel.entries), len(kernel.mirrored)) == (10, 6)
    renamed = replace(hessian, name="my own/square/single")
    kernel = compile_kernel([renamed], 2, 2)
    assert (len(kernel.entries), len(kernel.mirrored)) == (16, 0)


@pytest.mark.parametrize(("objective", "quantity"), CASES)
@pytest.mark.parametrize("limit", [0, 10**9])
def test_kernels_mean_what_the_programs_mean(
    monkeypatch: pytest.MonkeyPatch, objective: str, quantity: str, limit: int
) -> None:
    monkeypatch.setattr(emit, "UNROLL_LIMIT", limit)
    emit._compile_cached.cache_clear()
    program = load_program(objective, quantity)
    for n, s in ((1, 1), (2, 1), (3, 1), (4, 1), (2, 2), (3, 2), (3, 3)):
        compare([program], n, s, s == 3, f"{objective} {quantity} {n} {s}")
    emit._compile_cached.cache_clear()


@pytest.mark.parametrize("limit", [0, 10**9])
def test_programs_in_one_sweep(monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    monkeypatch.setattr(emit, "UNROLL_LIMIT", limit)
    emit._compile_cached.cache_clear()
    compare([load_program(*case) for case in CASES], 3, 2, False, "together")
    emit._compile_cached.cache_clear()


def test_entries_of_different_heads_have_different_names() -> None:
    emitter = Emitter(3, 2, frozenset(), unroll=True)
    at = {"j0": 2, "a0": 0}
    names = {
        emitter.name(Factor("x", ("j0", "a0")), at),
        emitter.name(Factor("x_2", ("a0",)), at),
        emitter.name(Factor("x_2_0"), at),
    }
    assert len(names) == 3
    assert emitter.name(Factor("x", ("j0", "a0")), at) in names


@pytest.mark.parametrize("limit", [0, 10**9])
@pytest.mark.parametrize(
    "heads", [("x", "x2"), ("x2", "x"), ("w", "one"), ("t1", "A0"), ("k0", "total"), ("log", "J")]
)
def test_awkward_names_do_not_collide(
    monkeypatch: pytest.MonkeyPatch, heads: tuple[str, str], limit: int
) -> None:
    """Names that the generated code uses itself, or that end in a number."""
    monkeypatch.setattr(emit, "UNROLL_LIMIT", limit)
    emit._compile_cached.cache_clear()
    first, second = heads
    v = Factor("v", ("j0", "a0"))
    square = Term(Fraction(3), (v, v, Factor("psi", ("j0",))), ())
    cube = Term(Fraction(-5), (v, v, v, Factor("psi", ("j0",))), ("a0",))
    program = Program(
        "awkward",
        "teacher",
        (
            Assignment(first, ("j0", "a0"), (square, Term(ONE, (v,)))),
            Assignment(second, ("j0",), (cube, Term(ONE, (Factor("psi", ("j0",)),)))),
            Assignment(
                "output",
                ("j0", "a0"),
                (Term(ONE, (Factor(first, ("j0", "a0")), Factor(second, ("j0",)))),),
            ),
        ),
    )
    compare([program], 3, 2, False, str(heads))
    emit._compile_cached.cache_clear()


@pytest.mark.parametrize("limit", [0, 10**9])
def test_deltas_and_free_sums(monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    monkeypatch.setattr(emit, "UNROLL_LIMIT", limit)
    emit._compile_cached.cache_clear()
    v = Factor("v", ("j1", "a0"))
    psi = Factor("psi", ("j0",))
    terms = (
        Term(Fraction(2), (Factor("delta_component", ("j0", "j1")), v, psi), ("j1", "a0")),
        Term(Fraction(-1, 3), (v, Factor("pi", ("j1",))), ("j1", "a0")),
        Term(Fraction(7), (Factor("delta_component", ("j1", "j2")), v), ("j1", "j2", "a0")),
        Term(Fraction(1, 2), (Factor("delta_coordinate", ("a0", "a1")), v), ("j1", "a0", "a1")),
        Term(Fraction(1), (Factor("dimension"), Factor("log_student")), ()),
        Term(Fraction(4), (), ("j1",)),
    )
    program = Program("deltas", "teacher", (Assignment("output", ("j0",), terms),), log_degree=1)
    compare([program], 3, 2, False, "deltas")
    emit._compile_cached.cache_clear()


def test_kernels_of_a_mixture_teacher_need_one() -> None:
    with pytest.raises(InputError, match="a mixture, as the kernel"):
        compile_kernel([load_program("forward", "loss", "mixture")], 2, 1)
