"""Nothing but the rules makes a theorem, and nothing changes one."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from fractions import Fraction
from hashlib import sha256

import pytest

from proofs_check.proofs import kernel
from proofs_check.proofs.kernel import Definition, Objective, ProofError, Term, Theorem, terms
from proofs_check.proofs.kernel import theorem as vault
from proofs_check.proofs.kernel.oracles.table import ORACLES
from proofs_check.proofs.kernel.terms import (
    COMPONENT,
    COORDINATE,
    FORMULA,
    POINT,
    REAL,
    SHAPES,
    STATE,
    STEP,
    number,
)
from proofs_check.proofs.kernel.theorem import Record
from proofs_check.proofs.tactics.language import (
    START,
    A,
    J,
    V,
    X,
    at_most,
    below,
    count,
    equal,
    following,
    psi,
    real,
    square_of_means,
    step,
    total,
)

T = real("t")
FALSE = equal(0, 1)


@pytest.fixture
def honest() -> Theorem:
    return kernel.combine(equal(T, T))


def test_there_is_no_constructor():
    record = Record(frozenset(), FALSE, frozenset(), "assume", (), ())
    for arguments in ((), (record,), tuple(record)):
        with pytest.raises(TypeError):
            Theorem(*arguments)


def test_an_object_of_the_class_is_no_theorem():
    forged = object.__new__(Theorem)
    with pytest.raises(ProofError, match="not a theorem"):
        _ = forged.record.conclusion
    for use in (
        lambda: kernel.generalise(forged, T),
        lambda: kernel.cut(forged, forged),
        lambda: kernel.combine(FALSE, (), ((number(1), forged),)),
        lambda: kernel.substitute(forged, {}),
    ):
        with pytest.raises(ProofError, match="not a theorem"):
            use()


def test_no_subclass():
    for kind in (Theorem, Term, Definition):
        with pytest.raises(TypeError):
            type("Mine", (kind,), {})


def test_no_copy_with_changes(honest):
    for copied in (copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            copied(honest)
    with pytest.raises(TypeError):
        dataclasses.replace(honest, conclusion=FALSE)
    with pytest.raises(TypeError):
        pickle.dumps(honest)
    changed = honest.record._replace(conclusion=FALSE)
    assert honest.record.conclusion != FALSE
    assert not isinstance(changed, Theorem)


def test_no_attribute_can_be_set(honest):
    for name in ("conclusion", "hypotheses", "tags", "record", "anything"):
        with pytest.raises(AttributeError):
            setattr(honest, name, FALSE)
        with pytest.raises(AttributeError):
            object.__setattr__(honest, name, FALSE)
    with pytest.raises(AttributeError):
        del honest.record.conclusion


def test_something_that_looks_like_a_theorem_is_none(honest):
    class Lookalike:
        conclusion = FALSE
        hypotheses = frozenset()
        tags = frozenset()
        record = Record(frozenset(), FALSE, frozenset(), "assume", (), ())

        def __eq__(self, other: object) -> bool:
            return True

        def __hash__(self) -> int:
            return hash(honest)

    with pytest.raises(ProofError, match="not a theorem"):
        kernel.generalise(Lookalike(), T)  # type: ignore[arg-type]


def test_the_rules_are_complete():
    """After import no function becomes a rule, and the maker is no attribute of any module."""
    with pytest.raises(TypeError):
        vault.primitive(lambda: Record(frozenset(), FALSE, frozenset(), "mine", (), ()))
    assert len([name for name in kernel.__all__ if name[0].islower()]) <= 15
    with pytest.raises(TypeError):
        ORACLES["mine"] = lambda: None  # type: ignore[index]


def test_a_rule_s_undecorated_function_makes_no_theorem():
    made = kernel.assume.__wrapped__(FALSE)  # type: ignore[attr-defined]
    assert not isinstance(made, Theorem)
    with pytest.raises(ProofError):
        kernel.cut(made, made)


def test_terms_are_what_their_constructor_checked():
    term = T + 1
    assert copy.copy(term) is term
    assert copy.deepcopy(term) is term
    assert pickle.loads(pickle.dumps(term)) is term
    for name in ("op", "args", "data", "sort", "key", "free", "loose"):
        with pytest.raises(AttributeError):
            setattr(term, name, None)
    assert Term("add", (T, number(1))) is term


@pytest.mark.parametrize("value", [2, Fraction(1, 2), -1])
def test_two_definitions_never_share_a_key(monkeypatch, value):
    """Not even if somebody finds texts with equal digests."""
    monkeypatch.setattr(terms, "sha256", lambda text: sha256(b""))
    monkeypatch.setattr(Definition, "_meanings", {})
    one = Definition("d", "d", (), number(1))
    assert Definition("e", "e", (), number(1)) == one
    for other in ((), number(value)), ((REAL,), number(1)):
        with pytest.raises(ProofError):
            Definition("d", "d", *other)


def test_a_definition_equals_definitions_only():
    one = Definition("d", "d", (), number(1))

    class Same:
        key, body = one.key, number(2)

    for other in (Same(), one.key, one.body, one(), None, 0):
        assert one != other
        assert not one == other  # noqa: SIM201 - both operators


def test_no_attribute_can_be_deleted(honest):
    term, definition = T + 1, Definition("d", "d", (), number(1))
    for thing, names in (
        (term, ("op", "args", "data", "sort", "key", "free", "loose", "anything")),
        (definition, ("name", "latex", "sorts", "body", "key", "anything")),
        (honest, ("record", "anything")),
    ):
        for name in names:
            with pytest.raises(AttributeError):
                delattr(thing, name)
    assert (term.op, definition.body) == ("add", number(1))


@pytest.mark.parametrize(
    ("op", "args", "data"),
    [
        ("number", (), 0.5),
        ("number", (), 1),
        ("number", (), True),
        ("number", (T,), Fraction(1)),
        ("free", (), ("x", "real")),
        ("free", (), (1, REAL)),
        ("bound", (), (-1, REAL)),
        ("bound", (), (True, REAL)),
        ("v", (V, T, T), None),
        ("pi", (T,), None),
        ("add", (T, equal(T, T)), None),
        ("sum", (T,), REAL),
        ("sum", (T,), None),
        ("forall", (T,), REAL),
        ("largest", (T,), "component"),
        ("apply", (T,), "square"),
        ("apply", (T,), square_of_means()),
        ("gradient", (V, T, T), None),
        ("run", (T, V, T), None),
        ("equal", (T,), None),
        ("equal", (T, V), None),
        ("nothing", (), None),
        ("add", [T], None),
        ("add", ("t",), None),
    ],
)
def test_ill_typed_terms_do_not_exist(op, args, data):
    with pytest.raises(ProofError):
        Term(op, args, data)


def test_a_definition_is_closed_and_typed():
    with pytest.raises(ProofError):
        Definition("d", "d", (), T)
    with pytest.raises(ProofError):
        Definition("d", "d", (REAL,), equal(number(1), number(1)))
    with pytest.raises(ProofError):
        Definition("d", "d", ("real",), number(1))  # type: ignore[arg-type]
    one, two = (Definition("d", "d", (), number(n)) for n in (1, 2))
    assert one != two
    assert Definition("e", "e", (), number(1)) == one
    with pytest.raises(AttributeError):
        one.body = number(2)
    one.__init__("d", "d", (), number(2))  # type: ignore[misc]
    assert one == Definition("e", "e", (), number(1)) == pickle.loads(pickle.dumps(one))
    assert one.body == number(1)


#: What may stand beside the arguments of an operation, by its kind.
DATA = {
    "": None,
    "name": ("x", REAL),
    "place": (0, REAL),
    "number": Fraction(1),
    "definition": Definition("d", "d", (), number(1)),
    "finite sort": COMPONENT,
    "sort": REAL,
    "objective": Objective("teacher", Definition("l", "l", (STATE, POINT), number(1))),
}


@pytest.mark.parametrize("op", SHAPES)
def test_each_operation_takes_data_of_its_own_kind(op):
    named = {
        REAL: T, COMPONENT: J, COORDINATE: A, STATE: V, POINT: X, STEP: START, FORMULA: FALSE,
    }  # fmt: skip
    shape = SHAPES[op]
    args = (J, J) if op == "delta" else tuple(named[sort] for sort in shape.arguments)
    for kind, data in DATA.items():
        if kind == shape.data or (kind, shape.data) == ("finite sort", "sort"):
            assert Term(op, args, data).data == data
        else:
            with pytest.raises(ProofError):
                Term(op, args, data)
    for data in (FORMULA, "", 0, ("x", REAL, REAL), ("x", "real"), (0.0, REAL), (REAL, REAL)):
        with pytest.raises(ProofError):
            Term(op, args, data)


SORTS = [(), (STATE,), (POINT, STATE), (STATE, STATE), (STATE, POINT, REAL), (STATE, POINT)]


@pytest.mark.parametrize("sorts", SORTS)
@pytest.mark.parametrize("base", ["teacher", "student", "nobody", None])
def test_an_objective_must_be_one(base, sorts):
    """The mean of a function of a state and a point under one of two bases."""
    integrand = Definition("l", "l", sorts, number(1))
    given = Objective(base, integrand)
    wrong = [(base, integrand), Objective(integrand, base), Objective(base, number(1))]  # type: ignore[arg-type]
    if sorts == (STATE, POINT) and base in ("teacher", "student"):
        assert Term("descended", (T, V), given).data is given
    else:
        wrong.append(given)
    for data in wrong:
        with pytest.raises(ProofError):
            Term("descended", (T, V), data)


def test_arguments_are_read_once():
    """An iterator that is empty the second time loses no premise and makes nothing strict."""
    low = kernel.assume(Term("at_most", (number(0), T)))
    strict = Term("below", (number(0), T))
    with pytest.raises(ProofError):
        kernel.combine(strict, ((1, iter([low]), ()),))  # type: ignore[arg-type]
    goal = Term("at_most", (number(0), T))
    found = kernel.combine(goal, iter([(1, iter([low]), iter(()))]))  # type: ignore[arg-type]
    assert found.record.hypotheses == {goal}
    zero = kernel.assume(equal(T, 0))
    found = kernel.combine(equal(0, T), (), iter([(number(-1), zero)]))  # type: ignore[arg-type]
    assert found.record.hypotheses == {equal(T, 0)}


def test_only_a_variable_is_replaced():
    """Not what claims to equal a compound term, and not the term itself."""

    class Impostor:
        op, sort = "free", REAL

        def __init__(self, term: Term) -> None:
            self.term = term

        def __eq__(self, other: object) -> bool:
            return other is self.term

        def __hash__(self) -> int:
            return hash(self.term)

    compound = T * T
    fact = kernel.combine(Term("at_most", (number(0), compound)), ((1, (), (T,)),))
    for key in (Impostor(compound), compound, number(0)):
        with pytest.raises(ProofError):
            kernel.substitute(fact, {key: number(-1)})  # type: ignore[dict-item]


def _replayed(theorem: Theorem) -> Theorem:
    """The same inference, from what the record says about it."""
    _, _, _, rule, given, premises = theorem.record
    again = getattr(kernel, rule)
    if rule in ("assume", "axiom", "stein"):
        assert not premises
        return again(*(given or (theorem.record.conclusion,)))
    if rule == "combine":
        used = [*(t for _, theorems, _ in given[0] for t in theorems), *(t for _, t in given[1])]
        assert premises == tuple(used)
        return again(theorem.record.conclusion, *given)
    if rule == "oracle":
        return again(*given, premises=premises)
    if rule == "split":
        return again(*given, *premises)
    return again(*premises, *((dict(*given),) if rule == "substitute" else given))


def test_a_record_tells_the_whole_inference():
    """Who exports a proof reads rule, parameters and premises, in the order of the rule's lemma."""
    y, k, last = real("y"), step("k"), step("N")
    low, high = (kernel.assume(at_most(*sides)) for sides in ((T, y), (y, T)))
    zero, strict = kernel.assume(equal(T, 0)), kernel.assume(below(0, y))
    either = [
        kernel.combine(at_most(0, 1), ((1, (), ()), (0, (kernel.assume(case),), ())))
        for case in (at_most(T, y), below(y, T))
    ]
    every = kernel.generalise(kernel.combine(equal(T, T)), T)
    start = kernel.combine(at_most(0, count(START) * 2))
    step_on = kernel.combine(
        at_most(0, count(following(k)) * 2),
        ((1, (kernel.assume(at_most(0, count(k) * 2)),), ()), (2, (), ())),
    )
    moves = equal(total(psi(V, J), J), 1)
    theorems = [
        low, every, kernel.axiom("whole steps", k, last), kernel.stein(psi(V, J), X, A, V),
        kernel.specialise(every, y), kernel.substitute(low, {T: y + 1, y: number(2)}),
        kernel.cut(kernel.combine(equal(T, 0), (), ((number(1), zero),)), zero),
        kernel.antisymmetry(low, high), kernel.antisymmetry(high, low), kernel.split(T, y, *either),
        kernel.combine(
            below(0, 3 * y + T * T + y * (y - T)),
            ((3, (strict,), ()), (1, (), (T,)), (1, (strict, low), ())), ((-T, zero), (T, zero)),
        ),
        kernel.combine(moves, (), (), frozenset()),
        kernel.monotone(kernel.axiom("steps", k), k, "sum_steps", (last,)),
        kernel.monotone(kernel.axiom("responsibility", V, J, X), X, "mean_student", (V,)),
        kernel.bound(kernel.axiom("responsibility", V, J, X), J, "least"),
        kernel.bound(kernel.axiom("steps", k), k, "least_steps", (last,)),
        kernel.induction(start, step_on, at_most(0, count(k) * 2), k),
        kernel.oracle("floor", V, J),
    ]  # fmt: skip
    assert {theorem.record.rule for theorem in theorems} == {
        name for name in kernel.__all__ if name[0].islower() and hasattr(kernel, name)
    }
    for theorem in theorems:
        assert _replayed(theorem).record == theorem.record
