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
    POINT,
    RELATIONS,
    STEP,
    ProofError,
    Sort,
    Term,
    closed,
    number,
    opened,
    replaced,
)
from proofs_check.proofs.kernel.theorem import (
    Record,
    Theorem,
    check_closed,
    check_formula,
    primitive,
    read,
)

#: A nonnegative number, theorems whose ``right - left`` is not negative, and what is squared.
Product = tuple[Fraction | int, tuple[Theorem, ...], tuple[Term, ...]]


def _sides(formula: Term) -> tuple[Term, Term]:
    if formula.op not in RELATIONS:
        raise ProofError("the formula is no equation or inequality")
    left, right = formula.args
    return left, right


def _gap(formula: Term) -> Term:
    """``right - left``."""
    left, right = _sides(formula)
    return Term("add", (right, Term("multiply", (number(-1), left))))


def _record(
    rule: str,
    conclusion: Term,
    premises: Iterable[Theorem],
    parameters: tuple[Any, ...] = (),
    *,
    without: Iterable[Term] = (),
    adding: Iterable[Term] = (),
) -> Record:
    premises = tuple(premises)
    records = [read(premise) for premise in premises]
    hypotheses = frozenset().union(*(r.hypotheses for r in records)) - frozenset(without)
    tags = frozenset().union(*(r.tags for r in records))
    return Record(hypotheses | frozenset(adding), conclusion, tags, rule, parameters, premises)


def _apart(variable: Term, terms: Iterable[Term]) -> None:
    if type(variable) is not Term or variable.op != "free":
        raise ProofError("only a variable can be bound")
    if any(variable in term.free for term in terms):
        raise ProofError(f"{variable.data[0]} occurs in a hypothesis, or where it may not")


@primitive
def assume(formula: Term) -> Record:
    """``P |- P``. Coq: ``P -> P``."""
    return Record(frozenset({formula}), formula, frozenset(), "assume", (), ())


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
    total = _gap(check_formula(conclusion))
    premises: list[Theorem] = []
    strict = False
    for value, theorems, squared in products:
        # in lowest terms: the sign of another fraction is not that of its numerator
        if type(value) not in (int, Fraction) or Fraction(value.numerator, value.denominator) < 0:
            raise ProofError("a multiplier is no nonnegative number")
        parts = [check_closed(s) for s in squared for _ in range(2)]
        parts += [_gap(read(theorem).conclusion) for theorem in theorems]
        below = all(read(theorem).conclusion.op == "below" for theorem in theorems)
        strict = strict or (value > 0 and not squared and below)
        total = Term("add", (total, Term("multiply", (number(-Fraction(value)), *parts))))
        premises.extend(theorems)
    for factor, theorem in equalities:
        if read(theorem).conclusion.op != "equal":
            raise ProofError("a premise is no equation")
        part = (number(-1), check_closed(factor), _gap(read(theorem).conclusion))
        total = Term("add", (total, Term("multiply", part)))
        premises.append(theorem)
    if (conclusion.op == "equal" and products) or (conclusion.op == "below" and not strict):
        raise ProofError("the premises do not give that relation")
    if normal(total, unfolded):
        raise ProofError("the combination of the premises is not the conclusion")
    return _record("combine", conclusion, premises, (products, equalities, unfolded))


@primitive
def generalise(theorem: Theorem, variable: Term) -> Record:
    """From ``P(x)`` to ``forall x, P(x)``, ``x`` in no hypothesis. Coq: ``fun x => _``."""
    found = read(theorem)
    _apart(variable, found.hypotheses)
    body = closed(found.conclusion, variable)
    conclusion = Term("forall", (body,), variable.sort)
    return _record("generalise", conclusion, [theorem], (variable,))


@primitive
def specialise(theorem: Theorem, term: Term) -> Record:
    """From ``forall x, P(x)`` to ``P(t)``. Coq: ``H t``."""
    found = read(theorem).conclusion
    if found.op != "forall":
        raise ProofError("the premise is not about every value of a variable")
    conclusion = opened(found.args[0], (check_closed(term),))
    return _record("specialise", conclusion, [theorem], (term,))


@primitive
def substitute(theorem: Theorem, values: Mapping[Term, Term]) -> Record:
    """Put terms for free variables, in the hypotheses too. Coq: ``specialize`` a lemma."""
    found, chosen = read(theorem), dict(values)
    for variable, value in chosen.items():
        check_closed(value)
        if type(variable) is not Term or variable.op != "free":
            raise ProofError("only free variables are replaced")
        if variable.sort is not value.sort:
            raise ProofError("a value of another sort than its variable")
    hypotheses = frozenset(replaced(h, chosen) for h in found.hypotheses)
    conclusion = replaced(found.conclusion, chosen)
    parameters = (tuple(chosen.items()),)
    return Record(hypotheses, conclusion, found.tags, "substitute", parameters, (theorem,))


@primitive
def cut(lemma: Theorem, theorem: Theorem) -> Record:
    """From ``P`` and ``P |- Q`` to ``Q``. Coq: ``P -> (P -> Q) -> Q``."""
    shown = read(lemma).conclusion
    without = () if shown in read(lemma).hypotheses else (shown,)
    return _record("cut", read(theorem).conclusion, [lemma, theorem], (), without=without)


@primitive
def split(left: Term, right: Term, first: Theorem, second: Theorem) -> Record:
    """From ``a <= b |- P`` and ``b < a |- P`` to ``P``. Coq: ``Rle_or_lt``."""
    conclusion = read(first).conclusion
    if read(second).conclusion != conclusion:
        raise ProofError("the cases show different things")
    cases = (Term("at_most", (left, right)), Term("below", (right, left)))
    kept = (read(first).hypotheses - {cases[0]}) | (read(second).hypotheses - {cases[1]})
    found = _record("split", conclusion, [first, second], (left, right))
    check_formula(cases[0])
    return found._replace(hypotheses=kept)


@primitive
def antisymmetry(first: Theorem, second: Theorem) -> Record:
    """From ``a <= b`` and ``b <= a`` to ``a = b``. Coq: ``Rle_antisym``."""
    one, two = read(first).conclusion, read(second).conclusion
    if one.op == two.op == "at_most" and one.args == two.args[::-1]:
        return _record("antisymmetry", Term("equal", one.args), [first, second])
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
    found, prefix = read(theorem), tuple(prefix)
    left, right = _sides(found.conclusion)
    assumed, data = _range(op, variable, prefix)
    _apart(variable, (*(found.hypotheses - assumed), *prefix))
    relation = found.conclusion.op
    if op in ("sum_steps", "least_steps") and relation == "below":
        relation = "at_most"
    sides = tuple(Term(op, (*prefix, closed(side, variable)), data) for side in (left, right))
    conclusion = Term(relation, sides)
    return _record("monotone", conclusion, [theorem], (variable, op, prefix), without=assumed)


def _range(
    op: str, variable: Term, prefix: tuple[Term, ...]
) -> tuple[frozenset[Term], Sort | None]:
    """What may be assumed of a bound variable, and the sort beside the operation."""
    if op in ("sum", "largest", "least") and variable.sort in FINITE and not prefix:
        return frozenset(), variable.sort
    if op in ("mean_teacher", "mean_student") and variable.sort is POINT:
        return frozenset(), None
    if op in ("sum_steps", "least_steps") and variable.sort is STEP and len(prefix) == 1:
        sides = (Term("count", (variable,)), Term("count", prefix))
        return frozenset({Term("below", sides)}), None
    raise ProofError(f"{op} does not bind a {variable.sort.value}")


@primitive
def bound(theorem: Theorem, variable: Term, op: str, prefix: tuple[Term, ...] = ()) -> Record:
    """What bounds every member of a finite family bounds its largest, or least, member.

    Coq: ``l <> nil -> (forall i, In i l -> f i <= c) -> Max l f <= c``, and the same for ``Min``,
    and with ``<``. Over the steps before N the conclusion assumes ``0 < N``.
    """
    found, prefix = read(theorem), tuple(prefix)
    left, right = _sides(found.conclusion)
    member, other = (left, right) if op == "largest" else (right, left)
    assumed, data = _range(op, variable, prefix)
    if op not in ("largest", "least", "least_steps") or found.conclusion.op == "equal":
        raise ProofError("not a bound of a largest or least member")
    _apart(variable, (*(found.hypotheses - assumed), *prefix, other))
    extreme = Term(op, (*prefix, closed(member, variable)), data)
    sides = (extreme, other) if op == "largest" else (other, extreme)
    some = [Term("below", (number(0), Term("count", prefix)))] if prefix else []
    conclusion = Term(found.conclusion.op, sides)
    return _record(
        "bound", conclusion, [theorem], (variable, op, prefix), without=assumed, adding=some
    )


@primitive
def induction(start: Theorem, passage: Theorem, claim: Term, step: Term) -> Record:
    """From ``P(0)`` and ``P(k) |- P(k + 1)`` to ``P(k)``. Coq: ``nat_ind``."""
    first, following = read(start), read(passage)
    check_formula(claim)
    at_start = replaced(claim, {step: Term("start")})
    at_next = replaced(claim, {step: Term("next", (step,))})
    if first.conclusion != at_start or following.conclusion != at_next:
        raise ProofError("the premises are not the claim at step 0 and at step k + 1")
    _apart(step, following.hypotheses - {claim})
    hypotheses = first.hypotheses | (following.hypotheses - {claim})
    found = _record("induction", claim, [start, passage], (claim, step))
    return found._replace(hypotheses=hypotheses)


@primitive
def axiom(name: str, *terms: Term) -> Record:
    """One of `axioms.AXIOMS`. Coq: a lemma of the prelude, or a definition's equation."""
    if name not in axioms.AXIOMS:
        raise ProofError(f"{name} is no axiom")
    hypotheses, conclusion = axioms.AXIOMS[name](*(check_closed(t) for t in terms))
    return Record(frozenset(hypotheses), conclusion, frozenset(), "axiom", (name, *terms), ())


@primitive
def stein(base: str, function: Term, point: Term, coordinate: Term, *state: Term) -> Record:
    """``E[x_a f] = E[m_a f + d f/d x_a]`` under the student, without ``m_a`` under the teacher.

    Coq: ``smooth f -> E (fun x => x a * f x) = E (fun x => m a x * f x + D a f x)``, a hypothesis.
    """
    if type(base) is not str:
        raise ProofError("the base is neither teacher nor student")
    prefix = tuple(check_closed(s) for s in state)
    _apart(point, prefix)
    left = Term("multiply", (Term("x", (point, coordinate)), check_closed(function)))
    right = calculus.derivative(function, point, coordinate)
    sides = tuple(Term(f"mean_{base}", (*prefix, closed(side, point))) for side in (left, right))
    if base == "student":
        shift = calculus.posterior_mean(prefix[0], coordinate, point)
        moved = Term("add", (right, Term("multiply", (shift, function))))
        sides = (sides[0], Term("mean_student", (*prefix, closed(moved, point))))
    parameters = (base, function, point, coordinate, *state)
    return Record(frozenset(), Term("equal", sides), frozenset(), "stein", parameters, ())


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
            check_closed(argument)
    premises = tuple(premises)
    # by a name of its own: no argument can pass for what a premise shows
    shown = {"premises": tuple(read(p) for p in premises)} if premises else {}
    found = ORACLES[name](*arguments, **shown)
    record = _record("oracle", found.conclusion, premises, (name, *arguments))
    hypotheses = record.hypotheses | frozenset(found.hypotheses)
    return record._replace(hypotheses=hypotheses, tags=record.tags | {found.tag})
