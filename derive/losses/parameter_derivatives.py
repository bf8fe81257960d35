"""Derivatives of an expectation in every parameter: both mixtures' means and weights.

The student's means are differentiated by the calculus. A teacher's rules are the student's with the
roles exchanged, so that a teacher's means are differentiated by exchanging the roles, twice. With
weights the derivative is the *logarithmic* one, which needs no division:

    pi_l d psi_j / d pi_l = psi_j (delta_jl - psi_l),     pi_l d log p / d pi_l = psi_l.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from derive.algebra.calculus import expand, fold, single_teacher, stein
from derive.algebra.index import (
    ZERO,
    IndexedFactor,
    Monomial,
    Polynomial,
    atom,
    labels_of,
    open_dummies,
)
from derive.algebra.mixture_rules import definition
from derive.algebra.program import Assignment, Base, Factor, Program, Term
from derive.losses.gradients import differentiate_expectation, integrand
from derive.losses.lowering import FREE_LABELS, TeacherKind, lower
from derive.losses.objectives import Objective

#: Parameters by the program's names: student's means and weights, teacher's means and weights.
Parameter = Literal["v", "pi", "theta", "rho"]

_PAIRS = (
    ("psi", "phi"),
    ("v", "theta"),
    ("u", "w"),
    ("m", "m_teacher"),
    ("moment", "moment_teacher"),
    ("log_student", "log_teacher"),
    ("pi", "rho"),
    ("components", "teacher_components"),
)
_MIRRORED = {**dict(_PAIRS), **{teacher: student for student, teacher in _PAIRS}}
_AS_STUDENT = {teacher: student for student, teacher in _PAIRS}
_OTHER_BASE: dict[Base, Base] = {"teacher": "student", "student": "teacher"}


def mirrored(polynomial: Polynomial) -> Polynomial:
    """Exchange student and teacher, labels included (``j0`` becomes ``t0``).

    Examples
    --------
    >>> print(mirrored(atom("psi", "j0") * atom("m_teacher", "a0")))
    m[a0]*phi[t0]
    """
    other = {"j": "t", "t": "j"}
    return _renamed(polynomial, _MIRRORED, lambda label: other.get(label[0], label[0]) + label[1:])


def at_coincidence(polynomial: Polynomial) -> Polynomial:
    """Put the teacher at the student, component by component; zero where it vanishes identically.

    Examples
    --------
    >>> from derive.losses.gradients import gradient_integrand
    >>> from derive.losses.objectives import KL
    >>> print(at_coincidence(gradient_integrand(KL)))
    0
    """
    # Labels of the teacher's components are kept apart from the student's.
    return expand(
        _renamed(
            polynomial,
            _AS_STUDENT,
            lambda label: "j7" + label[1:] if label[0] == "t" else label,
        )
    )


def _renamed(
    polynomial: Polynomial, heads: Mapping[str, str], label: Callable[[str], str]
) -> Polynomial:
    return Polynomial.collect(
        (
            tuple((heads.get(head, head), tuple(map(label, indices))) for head, indices in key),
            value,
        )
        for key, value in polynomial.terms.items()
    )


def differentiate(
    polynomial: Polynomial, base: Base, parameter: Parameter, labels: Sequence[str]
) -> Polynomial:
    """Integrand, free of ``x``, of the derivative of an expectation in a parameter.

    Parameters
    ----------
    polynomial : Polynomial
        The integrand.
    base : {"teacher", "student"}
        Density under which the expectation is taken.
    parameter : {"v", "theta", "pi", "rho"}
        With weights the derivative is logarithmic: multiplied by the weight.
    labels : sequence of str
        Free labels: ``(j1, a1)``, ``(t1, a1)``, ``(j1,)`` or ``(t1,)``.

    Examples
    --------
    >>> from derive.losses.objectives import KL
    >>> print(differentiate(KL.integrand, "teacher", "pi", ("j0",)))
    -psi[j0]
    >>> print(differentiate(KL.integrand, "teacher", "rho", ("t0",)))
    -log_student*phi[t0] + log_teacher*phi[t0] + phi[t0]
    """
    if parameter in ("theta", "rho"):
        student: Parameter = "v" if parameter == "theta" else "pi"
        exchanged = ["j" + labels[0][1:], *labels[1:]]
        return mirrored(differentiate(mirrored(polynomial), _OTHER_BASE[base], student, exchanged))
    if parameter == "v":
        component, label = labels
        return stein(differentiate_expectation(polynomial, base, component, label), base)
    (component,) = labels
    moving = polynomial * atom("psi", component) if base == "student" else ZERO
    return stein(fold(_weight_derivative(polynomial, component) + moving), base)


def _weight_derivative(polynomial: Polynomial, component: str) -> Polynomial:
    """``pi_component d polynomial / d pi_component``, by the product rule."""
    pairs: list[tuple[Monomial, Fraction]] = []
    for key, value in polynomial.terms.items():
        opened_key, opened = open_dummies(key)
        for position, factor in enumerate(opened_key):
            rest = Polynomial.collect([(opened_key[:position] + opened_key[position + 1 :], value)])
            change = rest * _weight_rule(factor, component)
            pairs.extend(change.sum_over(*opened).terms.items())
    return Polynomial.collect(pairs)


def _weight_rule(factor: IndexedFactor, component: str) -> Polynomial:
    head, indices = factor
    own = atom("psi", component)
    if head == "psi":
        return atom("psi", *indices) * (atom("delta_component", indices[0], component) - own)
    if head == "log_student":
        return own
    if head == "pi":
        return atom("delta_component", indices[0], component) * atom("pi", component)
    meaning = definition(factor) if head in ("m", "u", "moment") else None
    return _weight_derivative(meaning, component) if meaning is not None else ZERO


@lru_cache(maxsize=256)
def derivative_integrand(
    source: Polynomial, base: Base, word: tuple[Parameter, ...]
) -> tuple[Polynomial, tuple[str, ...]]:
    """Derivative in each parameter of a word in turn, and the labels that this adds, in order."""
    taken = {label for key in source.terms for label in labels_of(key)}
    labels: list[str] = []
    current = source
    for number, parameter in enumerate(word):
        kind = "j" if parameter in ("v", "pi") else "t"
        own = [f"{kind}{_free(kind, number, taken)}"]
        if parameter in ("v", "theta"):
            own.append(f"a{_free('a', number, taken)}")
        taken.update(own)
        current = differentiate(current, base, parameter, own)
        labels += own
    return current, tuple(labels)


def _free(kind: str, number: int, taken: set[str]) -> int:
    """A number beyond those that are in use."""
    while f"{kind}{number}" in taken:
        number += 1
    return number


def objective_integrand(objective: Objective, quantity: str) -> tuple[Polynomial, tuple[str, ...]]:
    """The integrand of ``"loss"``, ``"gradient"`` or ``"hessian"``, and its free labels."""
    return integrand(objective, quantity), FREE_LABELS[quantity]


def program_integrand(program: Program) -> Polynomial:
    """The polynomial that a program evaluates: what `derive.losses.lowering.lower` was given.

    Examples
    --------
    >>> from derive.losses.gradients import gradient_integrand
    >>> from derive.losses.objectives import KL
    >>> program = lower(gradient_integrand(KL), "kl", "teacher", ("j0", "a0"))
    >>> program_integrand(program) == expand(gradient_integrand(KL))
    True
    """
    known: dict[str, tuple[tuple[str, ...], Polynomial]] = {}

    def meaning(factor: IndexedFactor) -> Polynomial | None:
        head, indices = factor
        if head not in known:
            return None
        labels, polynomial = known[head]
        return polynomial.rename(dict(zip(labels, indices, strict=True)))

    for statement in program.statements:
        total = ZERO
        for term in statement.terms:
            product = Polynomial({(): term.coefficient})
            for factor in term.factors:
                product = product * atom(factor.head, *factor.indices)
            total = total + product.sum_over(*term.sums)
        known[statement.target] = (statement.indices, expand(total.map_factors(meaning)))
    return known[program.output.target][1]


@lru_cache(maxsize=256)
def derivative_program(
    source: Polynomial,
    free: tuple[str, ...],
    base: Base,
    word: tuple[Parameter, ...],
    teacher: TeacherKind,
) -> Program:
    """Kernel of the derivatives in a word of parameters; their labels follow the free ones.

    Examples
    --------
    >>> from derive.losses.objectives import KL
    >>> source, free = objective_integrand(KL, "gradient")
    >>> derivative_program(source, free, "teacher", ("v", "theta"), "mixture").output.indices
    ('j0', 'a0', 'j1', 'a1', 't1', 'a2')
    """
    polynomial, labels = derivative_integrand(source, base, word)
    if teacher == "single":
        polynomial = single_teacher(polynomial)
    name = "/".join(("derivative", *word, teacher))
    if teacher == "single" or not is_translation_invariant(source):
        return with_pairwise_differences(lower(polynomial, name, base, (*free, *labels)))
    at_teacher = Polynomial.collect(
        (key, value)
        for key, value in fold(polynomial).terms.items()
        if not any(head == "m_teacher" for head, _ in key)
    )
    program = with_pairwise_differences(lower(at_teacher, name, base, (*free, *labels)))
    return with_score_error(program)


def with_score_error(program: Program) -> Program:
    """Put ``m - m_teacher`` for ``m``: what an integrand without ``m_teacher`` then means.

    An integrand that is invariant under translations depends on the two only through their
    difference: it may be written with ``m_teacher = 0``, and ``m`` for the difference. Powers of
    two large numbers that nearly agree are not formed.
    """
    one, minus = Fraction(1), Fraction(-1)
    average = Term(one, (Factor("psi", ("j0",)), Factor("v", ("j0", "a0"))), ("j0",))
    teacher = Term(minus, (Factor("phi", ("t0",)), Factor("theta", ("t0", "a0"))), ("t0",))
    return replace(
        program,
        statements=tuple(
            replace(s, terms=(average, teacher)) if s.target == "m" else s
            for s in program.statements
        ),
    )


def with_pairwise_differences(program: Program) -> Program:
    """Write ``u_j = sum_k psi_k (v_j - v_k)`` for ``v_j - m``, and the same for the teacher.

    The same number; but where ``psi_j`` is nearly 1 each term is small by itself, so that over a
    box of means its enclosure is, too.

    Examples
    --------
    >>> from derive.losses.gradients import gradient_integrand
    >>> from derive.losses.objectives import FORWARD
    >>> program = lower(gradient_integrand(FORWARD), "forward", "teacher", ("j0", "a0"))
    >>> [s.target for s in with_pairwise_differences(program).statements][:4]
    ['m', 'difference', 'u', 'm_u']
    """
    statements: list[Assignment] = []
    one = Fraction(1)
    for statement in program.statements:
        if statement.target not in ("u", "w"):
            statements.append(statement)
            continue
        student = statement.target == "u"
        kind, share, mean = ("j", "psi", "v") if student else ("t", "phi", "theta")
        own, other = f"{kind}0", f"{kind}1"
        name = "difference" if student else "difference_teacher"
        pairs = (
            Term(one, (Factor(mean, (own, "a0")),)),
            Term(-one, (Factor(mean, (other, "a0")),)),
        )
        average = Term(one, (Factor(share, (other,)), Factor(name, (own, other, "a0"))), (other,))
        statements.append(Assignment(name, (own, other, "a0"), pairs))
        statements.append(Assignment(statement.target, (own, "a0"), (average,)))
    return replace(program, statements=tuple(statements))


@lru_cache(maxsize=256)
def vanishes_at_coincidence(
    source: Polynomial, base: Base, word: tuple[Parameter, ...], teacher: TeacherKind
) -> bool:
    """Whether an integrand is identically zero where the student is the teacher.

    With one Gaussian as teacher (at the origin): where all means of the student are there.

    Examples
    --------
    >>> from derive.losses.objectives import KL
    >>> source, _ = objective_integrand(KL, "gradient")
    >>> vanishes_at_coincidence(source, "teacher", (), "mixture")
    True
    >>> vanishes_at_coincidence(source, "teacher", ("v",), "mixture")
    False
    """
    polynomial, _ = derivative_integrand(source, base, word)
    if teacher == "single":
        at_origin = {"v", "u", "m", "moment", "log_student"}
        return not any(
            not any(head in at_origin for head, _ in key)
            for key in expand(single_teacher(polynomial)).terms
        )
    return not at_coincidence(polynomial)


@lru_cache(maxsize=256)
def is_translation_invariant(source: Polynomial) -> bool:
    """Whether an integrand stays when both mixtures and the point move together.

    A move by ``c`` adds ``c`` to every mean, and the same amount to both logarithms.

    Examples
    --------
    >>> from derive.losses.objectives import KL
    >>> is_translation_invariant(KL.integrand), is_translation_invariant(atom("m", "a0"))
    (True, False)
    """

    def moved(factor: IndexedFactor) -> Polynomial | None:
        head, indices = factor
        if head in ("m", "m_teacher", "v", "theta", "x"):
            return atom(*_flat(factor)) + atom("shift", indices[-1])
        if head in ("log_student", "log_teacher"):
            return atom(head) + atom("shift_logarithm")
        return None

    return not expand(fold(source).map_factors(moved) - fold(source))


def _flat(factor: IndexedFactor) -> tuple[str, ...]:
    return (factor[0], *factor[1])
