"""What a stranger who wants a false theorem may try from outside, as families of attempts."""

from __future__ import annotations

from fractions import Fraction
from itertools import count
from typing import Any

import numpy as np
import pytest

from derive.losses.objectives import FORWARD, KL, REVERSE
from proofs_check.proofs import kernel
from proofs_check.proofs.escape_words import I_, K
from proofs_check.proofs.kernel import Definition, Objective, ProofError, Term, axioms, rules, terms
from proofs_check.proofs.kernel import normal as normal_forms
from proofs_check.proofs.kernel.normal import normal
from proofs_check.proofs.kernel.oracles.slice_equation import Slice
from proofs_check.proofs.kernel.terms import (
    COMPONENT,
    COORDINATE,
    SHAPES,
    STEP,
    Sort,
    closed,
    number,
)
from proofs_check.proofs.kernel.theorem import Record
from proofs_check.proofs.tactics import language as say
from proofs_check.proofs.tactics.language import A, B, J, V, X
from proofs_check.proofs.tactics.semantics import Model
from tests.proofs_check.proofs.drawn import FREE, Drawer, assignment

K_, N, T, W = say.step("k"), say.step("N"), say.real("t"), say.state("W")
FALSE = say.equal(0, 1)


def drawn(seeds, depth=2):
    for seed in seeds:
        drawer = Drawer(seed)
        try:
            yield drawer, drawer.real(FREE, depth)
        except ProofError:
            continue


# Empty families.


@pytest.mark.parametrize("op", ["sum_steps", "least_steps"])
def test_nothing_strict_is_shown_of_no_steps(op):
    """Before step 0 there are no steps: anything holds of each, ``t < t`` too."""
    before = kernel.assume(say.below(say.count(K_), say.count(say.START)))
    nothing = ((1, (before,), ()), (1, (kernel.axiom("steps", K_),), ()))
    for _, term in drawn(range(20)):
        absurd = kernel.combine(say.below(term, term), nothing)
        try:
            found = kernel.monotone(absurd, K_, op, (say.START,))
        except ProofError:
            continue  # the mean of what grows too fast
        with pytest.raises(ProofError):
            kernel.combine(say.below(0, 0), ((1, (found,), ()),))
        assert not found.record.hypotheses
    absurd = kernel.combine(say.below(T, T), nothing)
    bounded = kernel.bound(absurd, K_, "least_steps", (say.START,))
    assert bounded.record.hypotheses == {say.below(0, say.count(say.START))}


# Objects that equal whatever they are compared with.


class Impostor(str):
    """Equal to everything at first, to nothing later; shown as it likes."""

    def __new__(cls, shown: str = "component", times: int = 10**9) -> Impostor:
        made = super().__new__(cls, shown)
        made.times = times
        return made

    def __eq__(self, other: object) -> bool:
        self.times -= 1
        return self.times >= 0

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return super().__hash__()


@pytest.mark.parametrize("shown", ["component", "component>(),number<0", "real", "teacher"])
@pytest.mark.parametrize("op", [op for op, shape in SHAPES.items() if shape.data])
def test_data_that_equals_any_sort_is_none(op, shown):
    """A term is determined by its key; the key of such data could be that of any other."""
    arguments: dict[Any, Term] = {
        say.COMPONENT: J, say.COORDINATE: A, say.STATE: V, say.REAL: T, STEP: K_, say.POINT: X,
        terms.FORMULA: FALSE,
    }  # fmt: skip
    args = tuple(arguments[sort] for sort in SHAPES[op].arguments)
    square = Definition("s", "s", (say.STATE, say.POINT), number(1))
    for data in (Impostor(shown), Objective(Impostor(shown), square), (Impostor(shown), square)):
        for given in (args, (J, J), (J, A)):
            with pytest.raises(ProofError):
                Term(op, given, data)


@pytest.mark.parametrize("times", range(6))
def test_a_binder_that_is_compared_as_it_likes_is_none(times):
    for name in ("sum", "largest", "mean_teacher"):
        with pytest.raises(ProofError):
            kernel.monotone(kernel.combine(say.equal(T, T)), J, Impostor(name, times))


class Disguised(str):
    """Equal to itself and written as something else."""

    def __format__(self, spec: str) -> str:
        return "multiply<>(number<0>()),add"

    __str__ = __repr__ = lambda self: "multiply"


@pytest.mark.parametrize("times", range(4))
@pytest.mark.parametrize("op", ["add", "number", "sum", "equal", "free", "apply", "bound"])
def test_an_operation_that_is_compared_as_it_likes_is_none(op, times):
    """The key begins with it, and a key determines the term."""
    square = Definition("s", "s", (terms.REAL,), number(1))
    data = {
        "number": Fraction(1), "sum": COMPONENT, "free": ("x", terms.REAL), "apply": square,
        "bound": (0, terms.REAL),
    }.get(op)  # fmt: skip
    args = () if op in ("number", "free", "bound") else (T, T) if op in ("add", "equal") else (T,)
    assert Term(op, args, data)
    for shown in (op, "add<>(number<0>()),multiply", ""):
        with pytest.raises(ProofError):
            Term(Impostor(shown, times), args, data)
        with pytest.raises(ProofError):
            Term(Disguised(op), args, data)
        with pytest.raises(ProofError):
            Term("free", (), (Disguised(op), terms.REAL))
    for wrong in (list(args), iter(args), args[0] if args else None):
        with pytest.raises(ProofError):
            Term(op, wrong, data)


@pytest.mark.parametrize("op", [op for op, shape in SHAPES.items() if shape.binds])
@pytest.mark.parametrize("sort", [s for s in Sort if s is not Sort.FORMULA])
def test_a_binder_binds_its_own_sort(op, sort):
    bound = Term("bound", (), (0, sort))
    body = {
        COMPONENT: lambda: say.pi(bound), COORDINATE: lambda: say.v(V, J, bound),
        terms.STATE: lambda: say.v(bound, J, A), terms.POINT: lambda: say.entry(bound, A),
        STEP: lambda: say.count(bound), terms.REAL: lambda: bound,
    }[sort]()  # fmt: skip
    before = {"sum_steps": (N,), "least_steps": (N,), "mean_student": (V,)}.get(op, ())
    own = {"sum_steps": STEP, "least_steps": STEP}.get(op, terms.POINT)
    for data in (COMPONENT, COORDINATE) if not op.startswith("mean") and not before else (None,):
        given = (say.equal(body, 0),) if op == "forall" else (*before, body)
        if sort is (data or own):
            assert not Term(op, given, data).loose
        else:
            with pytest.raises(ProofError):
                Term(op, given, data)


# What is handed out is not what is kept.


@pytest.mark.parametrize("change", ["clear", "double"])
def test_a_normal_form_that_is_changed_afterwards_changes_nothing(change):
    units = (Term("multiply"), number(1), say.delta(J, J), Term("add"), say.count(say.START), T)
    for term in (*units, *(found for _, found in drawn(range(30)))):
        before = normal(term)
        given = normal(term)
        if change == "clear":
            given.clear()
        else:
            given.update({key: (2 * value, f) for key, (value, f) in given.items()})
        assert normal(term).keys() == before.keys()
        assert [v for v, _ in normal(term).values()] == [v for v, _ in before.values()]
        for wrong in (say.equal(1, 0), say.equal(T, 0), say.equal(2 * T, T)):
            with pytest.raises(ProofError):
                kernel.combine(wrong)


@pytest.mark.parametrize(("top", "bottom"), [(1, -1), (-3, 3), (5, -2), (-1, 7)])
def test_a_fraction_that_is_not_in_lowest_terms_hides_no_sign(top, bottom):
    """``0 <= k`` times such a number."""
    value = Fraction.__new__(Fraction)
    value._numerator, value._denominator = top, bottom  # type: ignore[attr-defined]
    goal = say.at_most(0, Fraction(top, bottom) * say.count(K_))
    with pytest.raises(ProofError):
        kernel.combine(goal, ((value, (kernel.axiom("steps", K_),), ()),))


def test_tables_are_not_written_to():
    for table in (axioms.AXIOMS, SHAPES, rules.axioms.AXIOMS, terms.SHAPES):
        with pytest.raises(TypeError):
            table["mine"] = lambda: ((), FALSE)  # type: ignore[index]
    with pytest.raises(ProofError):
        kernel.axiom("mine")


# Numbers of dummies.


@pytest.mark.parametrize("first", range(4))
@pytest.mark.parametrize("sort", [COMPONENT, COORDINATE])
def test_indices_of_sums_are_told_apart_from_the_first_sum_on(monkeypatch, first, sort):
    """A constant of an inner sum, whatever its number, is no index of it."""
    i, j, k = (Term("free", (), (name, sort)) for name in "ijk")

    def entry(*indices: Term) -> Term:
        f = say.pi if sort is COMPONENT else (lambda a: say.v(V, J, a))
        cases = number(0)
        for index in reversed(indices):
            cases = say.case(f(index), 0, cases, f(index))
        return cases

    wrong = [
        say.equal(say.total(entry(i, j) - entry(j, j), i, j), 0),
        say.equal(say.total(entry(i, j) - entry(j, j), j, i), 0),
        say.equal(say.total(entry(i, j, k) - entry(j, j, k), i, j, k), 0),
        say.equal(say.total(entry(i, j, k) - entry(i, j, i), k, j, i), 0),
        say.equal(say.total(entry(i, j), i, j), say.total(entry(j, j), i, j)),
        say.equal(say.total(entry(i, j), j, i), say.total(entry(i, i), i, j)),
        say.equal(say.total(entry(i, j, k), i, j, k), say.total(entry(i, i, k), i, j, k)),
        say.equal(say.total(entry(i, j, k), i, j, k), say.total(entry(k, j, k), i, j, k)),
    ]
    true = say.equal(say.total(entry(i, j), i, j), say.total(entry(j, i), i, j))
    for goal in wrong:
        monkeypatch.setattr(normal_forms, "_fresh", count(first))
        with pytest.raises(ProofError):
            kernel.combine(goal)
    monkeypatch.setattr(normal_forms, "_fresh", count(first))
    assert kernel.combine(true).record.conclusion == true


def test_an_order_of_labels_that_is_none_is_refused(monkeypatch):
    """The order is proposed by what is not trusted: the wrong one shows nothing false."""
    i, j = say.component("i"), say.component("j")
    proposed = normal_forms.proposed_order
    factors = say.psi(V, i) * say.psi(V, j) * say.psi(W, i)
    goal = say.equal(say.total(factors * say.pi(i), i, j), say.total(factors * say.pi(j), i, j))
    for order in (
        lambda members, kinds, written: (),
        lambda members, kinds, written: tuple(kinds)[:1] * len(kinds),
        lambda members, kinds, written: (*kinds, *kinds),
        lambda members, kinds, written: (J,) * len(kinds),
        lambda members, kinds, written: tuple(kinds),
        lambda members, kinds, written: tuple(kinds)[::-1],
    ):
        monkeypatch.setattr(normal_forms, "proposed_order", order)
        with pytest.raises(ProofError):
            kernel.combine(goal)

    def both(members, kinds, written):
        """The label that is summed over and one that is not, in the order in which they stand."""
        return tuple(label for a in members[0].args for label in a.free)

    one, two = (say.case(say.pi(a), 0, say.pi(b), 0) for a, b in ((i, J), (J, i)))
    monkeypatch.setattr(normal_forms, "proposed_order", both)
    with pytest.raises(ProofError):
        kernel.combine(say.equal(say.total(one, i), say.total(two, i)))

    def instead(members, kinds, written):
        """As many labels as there are, but those that are not summed over."""
        others = {label for member in members for label in member.free} - set(kinds)
        return tuple(sorted(others, key=str))[: len(kinds)]

    one, two = (say.case(say.pi(i), 0, say.pi(a), 0) for a in (J, say.component("k")))
    for goal in (say.equal(say.total(one - two, i), 0), say.equal(say.total(one + two, i), 0)):
        for order in (instead, both, proposed):
            monkeypatch.setattr(normal_forms, "proposed_order", order)
            with pytest.raises(ProofError):
                kernel.combine(goal)


# A premise is a theorem.


def _flow(objective: Any) -> tuple[tuple[Any, ...], Term]:
    run = say.Descent(objective)
    loss = (say.mean_p if run.loss.base == "student" else lambda _, t: say.mean_q(t))(
        V, run.loss.integrand(V, X)
    )
    along = say.total(say.v(V, J, A) * run.gradient(V, J, A), J, A)
    wanted = say.at_most(number(1000) * loss, number(2) * along)
    return (run.loss, V, W, T, number(1000)), wanted


def _order(which: str) -> tuple[tuple[Any, ...], Term]:
    place = Slice(V, I_, K)
    wanted = {
        "rises": say.at_most(-1 * place.ratio, place.change),
        "falls": say.at_most(place.change, 0),
    }
    return (place, W, which), wanted[which]


@pytest.mark.parametrize(
    ("name", "arguments", "wanted"),
    [
        *(("gradient flow", *_flow(objective)) for objective in (FORWARD, REVERSE, KL)),
        *(("slice order", *_order(which)) for which in ("rises", "falls")),
    ],
)
def test_what_looks_like_a_premise_shows_nothing(name, arguments, wanted):
    class Lookalike:
        conclusion = wanted
        hypotheses: frozenset[Term] = frozenset()
        tags: frozenset[str] = frozenset()

    record = Record(frozenset(), wanted, frozenset(), "assume", (), ())
    theorem = kernel.assume(wanted)
    for given in ((*arguments, theorem), (*arguments, (theorem,))):
        with pytest.raises((ProofError, TypeError)):
            kernel.oracle(name, *given)
    for forged in (record, Lookalike(), (record,), theorem.record):
        for given in ((*arguments, forged), (*arguments, (forged,))):
            with pytest.raises((ProofError, TypeError)):
                kernel.oracle(name, *given)
        with pytest.raises((ProofError, TypeError)):
            kernel.oracle(name, *arguments, premises=(forged,))
    with pytest.raises(ProofError):
        kernel.oracle(name, *arguments)
    with pytest.raises((ProofError, TypeError)):  # cited for what takes no premise
        kernel.oracle("Pinsker", V, premises=(theorem,))


# Notation.


@pytest.mark.parametrize("exponent", [-1, -3, 0.5, 2.0, True, "2", Fraction(1, 2), T])
def test_an_exponent_is_a_natural_number(exponent):
    with pytest.raises(ProofError):
        _ = T**exponent


@pytest.mark.parametrize("value", [0.1, "1/3", 1e300, float("nan"), np.float64(2), None, 1j, "t"])
def test_a_number_is_exact(value):
    for use in (
        number,
        lambda v: T + v,
        lambda v: v * T,
        lambda v: T - v,
        lambda v: say.at_most(T, v),
    ):
        with pytest.raises(ProofError):
            use(value)


@pytest.mark.parametrize(
    ("term", "value"),
    [
        (T**0, 1),
        (T**3 - T, 6),
        (3 - T, 1),
        (-T + 5, 3),
        (5 + -T, 3),
        (2 * T - Fraction(1, 2), Fraction(7, 2)),
        (T * 3, 6),
    ],
)
def test_notation_means_what_it_says(term, value):
    two = kernel.substitute(kernel.combine(say.equal(term, term)), {T: number(2)}).record.conclusion
    assert kernel.combine(say.equal(two.args[0], value))
    with pytest.raises(ProofError):
        kernel.combine(say.equal(two.args[0], value + 1))


# Terms that are no statements.


def _uses(loose: Term) -> list[Any]:
    """Every place of a rule where a term of that sort may be given."""
    plain = kernel.combine(say.at_most(0, 1), ((1, (), ()),))
    j, a, v, x, k, t = (
        loose if sort is loose.sort else variable
        for sort, variable in (
            (COMPONENT, J), (COORDINATE, A), (terms.STATE, V), (terms.POINT, X), (STEP, K_),
            (terms.REAL, T),
        )
    )  # fmt: skip
    real = {
        COMPONENT: lambda: say.pi(j),
        COORDINATE: lambda: say.v(V, J, a),
        terms.STATE: lambda: say.v(v, J, A),
        terms.POINT: lambda: say.entry(x, A),
        STEP: lambda: say.count(k),
        terms.REAL: lambda: t,
    }[loose.sort]()
    own = dict(zip(Sort, (T, J, A, X, V, K_), strict=False))[loose.sort]
    zero = kernel.combine(say.equal(T, T))
    every = kernel.generalise(plain, own)
    return [
        lambda: kernel.assume(say.equal(real, 0)),
        lambda: kernel.combine(say.equal(real, real)),
        lambda: kernel.combine(say.at_most(0, real * real), ((1, (), (real,)),)),
        lambda: kernel.combine(say.at_most(0, 1), ((1, (), ()), (0, (), (real,)))),
        lambda: kernel.combine(say.equal(1, 1), (), ((real, zero),)),
        lambda: kernel.specialise(every, loose),
        lambda: kernel.substitute(plain, {own: loose}),
        lambda: kernel.substitute(plain, {loose: own}),
        lambda: kernel.generalise(plain, loose),
        lambda: kernel.monotone(plain, loose, "sum"),
        lambda: kernel.monotone(plain, loose, "mean_teacher"),
        lambda: kernel.monotone(plain, X, "mean_student", (loose,)),
        lambda: kernel.monotone(plain, K_, "sum_steps", (loose,)),
        lambda: kernel.bound(plain, loose, "largest"),
        lambda: kernel.bound(plain, K_, "least_steps", (loose,)),
        lambda: kernel.split(real, number(0), plain, plain),
        lambda: kernel.induction(plain, plain, say.equal(real, real), K_),
        lambda: kernel.induction(plain, plain, plain.record.conclusion, loose),
        lambda: kernel.axiom("tangent", real),
        *([lambda: kernel.axiom("density", v, j, x)] if loose in (v, j, x) else ()),
        lambda: kernel.axiom("member", say.largest(real, K), J),
        lambda: kernel.axiom("member", say.largest(T, K), loose),
        lambda: kernel.stein(real, say.point("z"), A),
        lambda: kernel.stein(number(1), loose, A),
        lambda: kernel.stein(number(1), X, loose),
        lambda: kernel.stein(number(1), X, A, loose),
        lambda: kernel.oracle("Pinsker", loose),
        lambda: kernel.oracle("floor", v if loose.sort is terms.STATE else V, loose),
    ]


@pytest.mark.parametrize("op", ["dummy", "bound"])
@pytest.mark.parametrize("place", [0, 1, 7])
@pytest.mark.parametrize("sort", [s for s in Sort if s is not Sort.FORMULA])
def test_a_variable_without_a_binder_stands_nowhere(sort, place, op):
    loose = Term(op, (), (place, sort))
    for use in _uses(loose):
        with pytest.raises(ProofError):
            use()


@pytest.mark.parametrize("thing", [T, V, J, number(1), "0 = 0", None, FALSE.args])
def test_only_a_formula_is_stated(thing):
    for use in (
        lambda: kernel.assume(thing),
        lambda: kernel.combine(thing),
        lambda: kernel.combine(say.every(FALSE, J)),
        lambda: kernel.combine(
            say.at_most(0, 1), ((1, (kernel.assume(say.every(FALSE, J)),), ()),)
        ),
        lambda: kernel.monotone(kernel.assume(say.every(FALSE, K)), J),
        lambda: say.every(thing, J),
        lambda: kernel.induction(kernel.assume(FALSE), kernel.assume(FALSE), thing, K_),
    ):
        with pytest.raises((ProofError, AttributeError)):
            use()


class Lookalike:
    """Has what a term has."""

    def __init__(self, term: Term) -> None:
        for name in ("op", "args", "data", "sort", "key", "free", "loose"):
            setattr(self, name, getattr(term, name))


@pytest.mark.parametrize("term", [FALSE, T, V, J, K_, X, A, number(1)], ids=lambda t: t.key)
def test_what_looks_like_a_term_is_none(term):
    fake = Lookalike(term)
    plain = kernel.combine(say.at_most(0, 1), ((1, (), ()),))
    zero = kernel.combine(say.equal(T, T))
    for use in (
        lambda: kernel.assume(fake),
        lambda: kernel.combine(fake),
        lambda: kernel.combine(plain.record.conclusion, ((1, (), ()), (0, (), (fake,)))),
        lambda: kernel.combine(say.equal(0, 0), (), ((fake, zero),)),
        lambda: kernel.substitute(plain, {term: fake}),
        lambda: kernel.substitute(plain, {fake: term}),
        lambda: kernel.specialise(kernel.assume(say.every(FALSE, J)), fake),
        lambda: kernel.generalise(plain, fake),
        lambda: kernel.monotone(plain, fake),
        lambda: kernel.monotone(plain, fake, "mean_teacher"),
        lambda: kernel.monotone(plain, fake, "sum_steps", (N,)),
        lambda: kernel.monotone(plain, K_, "sum_steps", (fake,)),
        lambda: kernel.bound(plain, fake, "largest"),
        lambda: kernel.split(fake, fake, plain, plain),
        lambda: kernel.induction(plain, plain, plain.record.conclusion, fake),
        lambda: kernel.induction(plain, plain, fake, K_),
        lambda: kernel.axiom("tangent", fake),
        lambda: kernel.stein(fake, X, A),
        lambda: kernel.stein(number(1), fake, A),
        lambda: kernel.stein(number(1), X, fake),
        lambda: kernel.stein(number(1), X, A, fake),
        lambda: kernel.oracle("Pinsker", fake),
        lambda: Term("add", (fake,)),
        lambda: Definition("d", "d", (), fake),
    ):
        with pytest.raises((ProofError, AttributeError)):
            use()


# Binders, products of sums, derivatives.


@pytest.mark.parametrize("sort", [s for s in Sort if s is not Sort.FORMULA])
def test_sorts_are_kept_where_a_binder_is_opened(sort):
    given = {
        COMPONENT: J, COORDINATE: A, terms.STATE: V, terms.POINT: X, STEP: K_, terms.REAL: T,
    }  # fmt: skip
    bound = Term("bound", (), (0, sort))
    body = Term("descended", (T, bound), say.Descent(KL).loss) if sort is terms.STATE else bound
    for missing in (bound, Term("bound", (), (2, sort))):
        for given_terms in ((), (given[sort],)[: missing.data[0]]):
            with pytest.raises(ProofError):
                terms.opened(missing, given_terms)
    for other, term in given.items():
        if other is sort:
            assert terms.opened(bound, (term,)) is term
            continue
        for inside in (body, bound):
            with pytest.raises(ProofError):
                terms.opened(inside, (term,))
        every = say.every(
            {
                COMPONENT: lambda: say.equal(say.pi(J), T),
                COORDINATE: lambda: say.equal(say.v(V, J, A), T),
                terms.STATE: lambda: say.equal(say.v(V, J, A), T),
                terms.POINT: lambda: say.equal(say.entry(X, A), T),
                STEP: lambda: say.equal(say.count(K_), T),
                terms.REAL: lambda: say.equal(T, 0),
            }[sort](),
            given[sort],
        )
        with pytest.raises(ProofError):
            kernel.specialise(kernel.assume(every), term)


@pytest.mark.parametrize("sort", [COMPONENT, COORDINATE])
def test_a_product_of_sums_is_no_sum_of_products(sort):
    i, j = (Term("free", (), (name, sort)) for name in "ij")
    f = say.pi if sort is COMPONENT else (lambda a: say.v(V, J, a))
    g = (lambda k: say.v(V, k, A)) if sort is COMPONENT else (lambda a: say.v(W, J, a))
    one, two = say.total(f(i) * g(i), i), say.total(g(i) * g(i), i)
    size = say.N_ if sort is COMPONENT else say.D_
    for product, wrong, right in (
        (one * two, say.total(f(i) * g(i) ** 3, i), say.total(f(i) * g(i) * g(j) ** 2, i, j)),
        (one * one, say.total((f(i) * g(i)) ** 2, i), say.total(f(i) * g(i) * f(j) * g(j), i, j)),
        (two**3, say.total(g(i) ** 6, i), two * say.total((g(i) * g(j)) ** 2, i, j)),
        (size * two, two, say.total(g(i) ** 2, i, j)),
        (one * g(i), say.total(f(i) * g(i) ** 2, i), say.total(f(j) * g(j) * g(i), j)),
    ):
        assert kernel.combine(say.equal(product, right))
        with pytest.raises(ProofError):
            kernel.combine(say.equal(product, wrong))


def _slope(function: Term) -> Term:
    """``d function/dx_a``, read off Stein's identity under the teacher."""
    ((_, right),) = [kernel.stein(function, X, A).record.conclusion.args]
    return terms.opened(right.args[0], (X,))


@pytest.mark.parametrize("seed", range(12))
def test_a_derivative_has_every_part(seed):
    """Products, responsibilities, entries and sums, against differences."""
    random = np.random.default_rng(seed)
    j, b = say.component("j"), say.coordinate("b")
    atoms = [
        say.psi(V, J, X), say.entry(X, A), say.entry(X, b), say.psi(W, say.component("k"), X), T,
        Term("log_ratio", (V, X)), say.total(say.psi(V, j, X) * say.v(W, j, b), j),
        say.total(say.entry(X, b) * say.v(V, J, b), b), say.psi(V, J, say.point("y")),
    ]  # fmt: skip
    square = say.define("s", T * T + say.psi(V, J, X) * T, T, X, V, J)
    atoms.append(square(say.entry(X, b), X, W, J))
    chosen = [atoms[k] for k in random.choice(len(atoms), 3)]
    function = chosen[0] * chosen[1] + Fraction(1, 2) * chosen[2] * chosen[0] - chosen[1] + 2
    weights = random.dirichlet(np.ones(2) * 3)
    model = Model(weights, 2, 8)
    values = assignment(model, sorted(function.free | {A, X}, key=str), random)
    change = 1e-5
    ends = []
    for sign in (1, -1):
        moved = [x + sign * change * (a == values[A]) for a, x in enumerate(values[X])]
        ends.append(model.value(function, {**values, X: moved}))
    expected = (ends[0] - ends[1]) / (2 * change)
    assert model.value(_slope(function), values) == pytest.approx(expected, rel=1e-5, abs=1e-7)


@pytest.mark.parametrize(
    "thing", [T * T, number(2), say.pi(J), say.START, FALSE, Term("size", (), COMPONENT)]
)
def test_only_variables_are_closed(thing):
    for body in (
        T * T + 2,
        say.pi(J) * T,
        say.count(say.START),
        thing if thing is not FALSE else T,
    ):
        for variables in ((thing,), (T, thing), (thing, J)):
            with pytest.raises(ProofError):
                terms.closed(body, *variables)


@pytest.mark.parametrize("seed", range(8))
def test_closing_and_opening_are_inverse(seed):
    """Under any number of binders; what is put in is captured by none."""
    for drawer, term in drawn(range(20 * seed, 20 * seed + 20), 3):
        chosen = [f for f in sorted(term.free, key=lambda f: f.key) if drawer.random.random() < 0.6]
        body = terms.closed(term, *chosen)
        assert not body.free & set(chosen)
        assert {place for place, _ in body.loose} == set(range(len(chosen)))
        assert terms.opened(body, tuple(chosen)) is term
        # one at a time, the last first
        step = body
        for variable in chosen:
            step = terms.opened(step, (variable, *_shifted(chosen, variable)))
        assert step is term
        lifted = terms.lifted(body, 2)
        assert lifted.loose == {(place + 2, sort) for place, sort in body.loose}
        assert terms.opened(lifted, (T, J, *chosen)) is term
        # loose variables of what is put in are those outside of the term
        outer = [Term("bound", (), (place + 1, f.sort)) for place, f in enumerate(chosen)]
        moved = terms.opened(body, tuple(outer))
        assert terms.opened(moved, (T, *chosen)) is term
        other = [terms.fresh(f.sort, term) for f in chosen]
        if len(set(other)) == len(other):
            renamed = terms.replaced(term, dict(zip(chosen, other, strict=True)))
            assert renamed is terms.opened(body, tuple(other))
            assert terms.replaced(renamed, dict(zip(other, chosen, strict=True))) is term


def _shifted(chosen: list[Term], variable: Term) -> list[Term]:
    """The places of the variables after one, which move down by one."""
    later = chosen[chosen.index(variable) + 1 :]
    return [Term("bound", (), (place, f.sort)) for place, f in enumerate(later)]


def test_means_of_wild_functions_of_an_outer_point():
    """Inside an inner mean, sum or definition, the outer point is another variable."""
    y, k = say.point("y"), say.step("k")
    wild = say.exponential(say.entry(X, A))
    inner = [
        Term("mean_teacher", (closed(wild, y),)),
        Term("mean_student", (V, closed(wild * say.psi(V, J, y), y))),
        Term("mean_teacher", (closed(say.entry(y, A) + wild, y),)),
        Term("sum_steps", (N, closed(wild, k))),
        say.total(say.total(wild * say.pi(J) * say.v(V, K, B), J), B),
        say.define("w", say.mean_q(say.entry(X, A)) * T, T, A)(wild, A),
    ]
    for body in inner:
        for op, prefix in (("mean_teacher", ()), ("mean_student", (V,))):
            with pytest.raises(ProofError):
                Term(op, (*prefix, closed(body, X)))
    # and what is tame stays so
    for body in (say.psi(V, J, X) * say.entry(y, A), say.root(say.entry(X, A) ** 2)):
        once = Term("mean_teacher", (closed(body, y),))
        assert Term("mean_teacher", (closed(once, X),)).sort is terms.REAL


@pytest.mark.parametrize("seed", range(10))
def test_an_equation_takes_both_sides_of_both(seed):
    """``a <= b`` and ``c <= d`` give ``a = b`` only if ``c`` is b and ``d`` is a."""
    sides = [*[term for _, term in drawn(range(10 * seed, 10 * seed + 10))][:4], T]
    for a, b, c in ((x, y, z) for x in sides for y in sides for z in sides):
        one = kernel.assume(say.at_most(a, b))
        for d, e in ((b, c), (c, a), (a, b), (c, c)):
            two = kernel.assume(say.at_most(d, e))
            if (d, e) == (b, a):
                assert kernel.antisymmetry(one, two).record.conclusion == say.equal(a, b)
            else:
                with pytest.raises(ProofError):
                    kernel.antisymmetry(one, two)


@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize("sort", [terms.REAL, STEP, terms.STATE])
def test_the_body_of_a_definition_has_its_arguments_only(place, sort):
    bound = Term("bound", (), (place, sort))
    body = {
        terms.REAL: lambda: bound, STEP: lambda: say.count(bound),
        terms.STATE: lambda: Term("variation", (bound,)),
    }[sort]()  # fmt: skip
    for sorts in ((), (STEP,), (terms.REAL,), (terms.REAL, STEP), (STEP, terms.REAL), (sort,) * 3):
        if sorts[place : place + 1] == (sort,):
            assert Definition("d", "d", sorts, body).body is body
        else:
            with pytest.raises(ProofError):
                Definition("d", "d", sorts, body)
    with pytest.raises(ProofError):
        Definition("d", "d", (), say.equal(0, 0))
