"""The primitive rules. Each is stated as the Coq lemma it is meant to be.

``E`` is a positive linear functional with ``E 1 = 1`` on functions of at most polynomial growth,
``S l f`` a finite sum over a list.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from proofs_check.proofs.kernel import axioms, calculus
from proofs_check.proofs.kernel.normal import Unfolded, normal
from proofs_check.proofs.kernel.terms import (
    FINITE,
    FORMULA,
    REAL,
    RELATIONS,
    SHAPES,
    STEP,
    ProofError,
    Term,
    closed,
    number,
    opened,
    replaced,
)
from proofs_check.proofs.kernel.theorem import (
    Record,
    Theorem,
    checked,
    primitive,
    read,
)

#: A nonnegative number, theorems whose ``right - left`` is not negative, and what is squared.
Product = tuple[Fraction | int, tuple[Theorem, ...], tuple[Term, ...]]
Terms = Iterable[Term]
#: A theorem, and the hypotheses of it that are discharged.
Premise = tuple[Theorem, Terms]


def _sides(formula: Term) -> tuple[Term, ...]:
    if formula.op not in RELATIONS:
        raise ProofError("the formula is no equation or inequality")
    return formula.args


def _gap(formula: Term) -> Term:
    """``right - left``."""
    left, right = _sides(formula)
    return right - left


def _record(
    conclusion: Term, given: tuple[Any, ...], *premises: Premise, adding: Terms = (), tag: str = ""
) -> Record:
    """What follows from premises; the vault fills in the name of the rule."""
    found = [(read(theorem), frozenset(gone)) for theorem, gone in premises]
    hypotheses = frozenset(adding).union(*(r.hypotheses - gone for r, gone in found))
    tags = frozenset({tag} - {""}).union(*(r.tags for r, _ in found))
    return Record(hypotheses, conclusion, tags, "", given, tuple(t for t, _ in premises))


def _variable(variable: Term, *elsewhere: Term) -> Term:
    """Return a variable that may be bound, as it does not occur elsewhere."""
    if type(variable) is not Term or variable.op != "free":
        raise ProofError("only a variable can be bound")
    if any(variable in term.free for term in elsewhere):
        raise ProofError(f"{variable.data[0]} occurs in a hypothesis, or where it may not")
    return variable


@primitive
def assume(formula: Term) -> Record:
    """``P |- P``. Coq: ``P -> P``."""
    return _record(formula, (), adding=[formula])


@primitive
def combine(
    conclusion: Term,
    products: tuple[Product, ...] = (),
    equalities: tuple[tuple[Term, Theorem], ...] = (),
    unfolded: Unfolded = None,
) -> Record:
    """``right - left = sum c prod (r_i - l_i) prod s_i^2 + sum t_i (r_i - l_i)`` in normal form.

    With ``c >= 0`` and inequalities in the first sum, equations in the second. Without premises:
    reflexivity. Strict if one product of strict inequalities has ``c > 0`` and no squares.

    Coq: ``0 <= c -> Forall (fun p => fst p <= snd p) ps -> Forall (fun e => fst e = snd e) es ->
    r - l = c * prod ps * sq s + dot t es -> l <= r``, and the equation by ``ring`` and the
    linearity of sums and means.
    """
    # read once: an iterator would be empty the second time
    products = tuple((value, tuple(ts), tuple(squared)) for value, ts, squared in products)
    equalities = tuple((factor, theorem) for factor, theorem in equalities)
    total = [_gap(checked(conclusion, FORMULA))]
    strict = False
    for value, theorems, squared in products:
        # in lowest terms: the sign of another fraction is not that of its numerator
        if type(value) not in (int, Fraction) or Fraction(value.numerator, value.denominator) < 0:
            raise ProofError("a multiplier is no nonnegative number")
        shown = [read(theorem).conclusion for theorem in theorems]
        below = all(formula.op == "below" for formula in shown)
        strict = strict or (value > 0 and not squared and below)
        squares = [checked(s) for s in squared for _ in range(2)]
        gaps = [_gap(formula) for formula in shown]
        total.append(Term("multiply", (number(-Fraction(value)), *squares, *gaps)))
    for factor, theorem in equalities:
        if read(theorem).conclusion.op != "equal":
            raise ProofError("a premise is no equation")
        total.append(-checked(factor) * _gap(read(theorem).conclusion))
    if (conclusion.op == "equal" and products) or (conclusion.op == "below" and not strict):
        raise ProofError("the premises do not give that relation")
    if normal(Term("add", tuple(total)), unfolded):
        raise ProofError("the combination of the premises is not the conclusion")
    used = [*(t for _, theorems, _ in products for t in theorems), *(t for _, t in equalities)]
    given = (products, equalities, unfolded)
    return _record(conclusion, given, *((theorem, ()) for theorem in used))


@primitive
def generalise(theorem: Theorem, variable: Term) -> Record:
    """From ``P(x)`` to ``forall x, P(x)``, ``x`` in no hypothesis. Coq: ``fun x => _``."""
    found = read(theorem)
    body = closed(found.conclusion, _variable(variable, *found.hypotheses))
    return _record(Term("forall", (body,), variable.sort), (variable,), (theorem, ()))


@primitive
def specialise(theorem: Theorem, term: Term) -> Record:
    """From ``forall x, P(x)`` to ``P(t)``. Coq: ``H t``."""
    found = read(theorem).conclusion
    if found.op != "forall":
        raise ProofError("the premise is not about every value of a variable")
    conclusion = opened(found.args[0], (checked(term),))
    return _record(conclusion, (term,), (theorem, ()))


@primitive
def substitute(theorem: Theorem, values: Mapping[Term, Term]) -> Record:
    """Put terms for free variables, in the hypotheses too. Coq: ``specialize`` a lemma."""
    found, chosen = read(theorem), dict(values)
    for variable, value in chosen.items():
        checked(value, _variable(variable).sort)
    hypotheses = [replaced(h, chosen) for h in found.hypotheses]
    conclusion, given = replaced(found.conclusion, chosen), (tuple(chosen.items()),)
    return _record(conclusion, given, (theorem, found.hypotheses), adding=hypotheses)


@primitive
def cut(lemma: Theorem, theorem: Theorem) -> Record:
    """From ``P`` and ``P |- Q`` to ``Q``. Coq: ``P -> (P -> Q) -> Q``."""
    shown = read(lemma).conclusion
    return _record(read(theorem).conclusion, (), (lemma, ()), (theorem, [shown]))


@primitive
def split(left: Term, right: Term, first: Theorem, second: Theorem) -> Record:
    """From ``a <= b |- P`` and ``b < a |- P`` to ``P``. Coq: ``Rle_or_lt``."""
    conclusion = read(first).conclusion
    if read(second).conclusion != conclusion:
        raise ProofError("the cases show different things")
    one = checked(Term("at_most", (left, right)))
    other = Term("below", (right, left))
    return _record(conclusion, (left, right), (first, [one]), (second, [other]))


@primitive
def antisymmetry(first: Theorem, second: Theorem) -> Record:
    """From ``a <= b`` and ``b <= a`` to ``a = b``. Coq: ``Rle_antisym``."""
    one, two = read(first).conclusion, read(second).conclusion
    if one.op == two.op == "at_most" and one.args == two.args[::-1]:
        return _record(Term("equal", one.args), (), (first, ()), (second, ()))
    raise ProofError("the premises are not a <= b and b <= a")


@primitive
def monotone(
    theorem: Theorem, variable: Term, op: str = "sum", prefix: tuple[Term, ...] = ()
) -> Record:
    """Sum a relation over a finite index, the steps before N, or take means under a density.

    Coq: ``(forall i, f i <= g i) -> S l f <= S l g``; ``(forall x, f x <= g x) -> E f <= E g`` for
    integrable ``f``, ``g``; the same with ``=``, and with ``<`` except over the steps, where there
    may be none. The hypothesis ``k < N`` is discharged.
    """
    formula, prefix = read(theorem).conclusion, tuple(prefix)
    assumed = _assumed(op, variable, prefix)
    _variable(variable, *read(theorem).hypotheses.difference(assumed), *prefix)
    sides = tuple(_over(op, variable, prefix, side) for side in _sides(formula))
    relation = "at_most" if assumed and formula.op == "below" else formula.op
    return _record(Term(relation, sides), (variable, op, prefix), (theorem, assumed))


def _assumed(op: str, variable: Term, prefix: tuple[Term, ...]) -> list[Term]:
    """The hypotheses on a variable that are discharged where an operation binds it."""
    shape = SHAPES.get(op)
    if shape is None or shape.value is not REAL or shape.binds not in (variable.sort, "data"):
        raise ProofError(f"{op} does not bind a {variable.sort.value}")
    return [axioms.before(variable, *prefix)] if shape.binds is STEP else []


def _over(op: str, variable: Term, prefix: tuple[Term, ...], body: Term) -> Term:
    data = variable.sort if variable.sort in FINITE else None
    return Term(op, (*prefix, closed(body, variable)), data)


@primitive
def bound(theorem: Theorem, variable: Term, op: str, prefix: tuple[Term, ...] = ()) -> Record:
    """What bounds every member of a finite family bounds its largest, or least, member.

    Coq: ``l <> nil -> (forall i, In i l -> f i <= c) -> Max l f <= c``, and the same for ``Min``,
    and with ``<``. Over the steps before N the conclusion assumes ``0 < N``.
    """
    formula, prefix = read(theorem).conclusion, tuple(prefix)
    left, right = _sides(formula)
    if op not in ("largest", "least", "least_steps") or formula.op == "equal":
        raise ProofError("not a bound of a largest or least member")
    member, other = (left, right) if op == "largest" else (right, left)
    assumed = _assumed(op, variable, prefix)
    _variable(variable, *read(theorem).hypotheses.difference(assumed), *prefix, other)
    extreme = _over(op, variable, prefix, member)
    sides = (extreme, other) if op == "largest" else (other, extreme)
    some = [Term("below", (number(0), Term("count", prefix)))] if assumed else []
    given = (variable, op, prefix)
    return _record(Term(formula.op, sides), given, (theorem, assumed), adding=some)


@primitive
def induction(start: Theorem, passage: Theorem, claim: Term, step: Term) -> Record:
    """From ``P(0)`` and ``P(k) |- P(k + 1)`` to ``P(k)``. Coq: ``nat_ind``."""
    first, following = read(start), read(passage)
    _variable(step, *(following.hypotheses - {checked(claim, FORMULA)}))
    at_start = replaced(claim, {step: Term("start")})
    at_next = replaced(claim, {step: Term("next", (step,))})
    if first.conclusion != at_start or following.conclusion != at_next:
        raise ProofError("the premises are not the claim at step 0 and at step k + 1")
    return _record(claim, (claim, step), (start, ()), (passage, [claim]))


@primitive
def axiom(name: str, *terms: Term) -> Record:
    """One of `axioms.AXIOMS`. Coq: a lemma of the prelude, or a definition's equation."""
    if name not in axioms.AXIOMS:
        raise ProofError(f"{name} is no axiom")
    hypotheses, conclusion = axioms.AXIOMS[name](*(checked(t) for t in terms))
    return _record(conclusion, (name, *terms), adding=hypotheses)


@primitive
def stein(function: Term, point: Term, coordinate: Term, *state: Term) -> Record:
    """``E[x_a f] = E[m_a f + d f/d x_a]`` under a student, without ``m_a`` under the teacher.

    Coq: ``smooth f -> E (fun x => x a * f x) = E (fun x => m a x * f x + D a f x)``, a hypothesis.
    """
    prefix = tuple(checked(s) for s in state)
    _variable(point, *prefix)
    base, moved = "teacher", calculus.derivative(checked(function), point, coordinate)
    for student in prefix:
        mean = calculus.posterior_mean(student, coordinate, point)
        base, moved = "student", moved + mean * function
    both = (Term("x", (point, coordinate)) * function, moved)
    sides = tuple(Term(f"mean_{base}", (*prefix, closed(side, point))) for side in both)
    return _record(Term("equal", sides), (function, point, coordinate, *state))


@primitive
def oracle(name: str, *arguments: Any, premises: tuple[Theorem, ...] = ()) -> Record:
    """What an entry of `kernel.oracles.table` shows; leaves its tag. Coq: a named hypothesis.

    The oracle builds the conclusion itself, from its arguments and from what the premises show:
    the gradient of a loss by ``derive``, a cited theorem, a cover.
    """
    from proofs_check.proofs.kernel.oracles.table import ORACLES

    if name not in ORACLES:
        raise ProofError(f"{name} is no oracle")
    for argument in arguments:
        if isinstance(argument, Term):
            checked(argument)
    premises = tuple(premises)
    # by a name of its own: no argument can pass for what a premise shows
    shown = {"premises": tuple(read(p) for p in premises)} if premises else {}
    found = ORACLES[name](*arguments, **shown)
    used = ((theorem, ()) for theorem in premises)
    given = (name, *arguments)
    return _record(found.conclusion, given, *used, adding=found.hypotheses, tag=found.tag)
