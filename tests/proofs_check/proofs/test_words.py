"""What is printed of a theorem's words means what the theorem says."""

from __future__ import annotations

import itertools
import re

import pytest

from proofs_check.proofs.catalogue import names, proof
from proofs_check.proofs.kernel import Term, assume
from proofs_check.proofs.kernel.terms import REAL
from proofs_check.proofs.tactics import rendering
from proofs_check.proofs.tactics.language import (
    V_0,
    A,
    J,
    K,
    V,
    at_most,
    count,
    define,
    every,
    exponential,
    following,
    least_steps,
    real,
    step,
    total,
    total_steps,
    v,
)
from proofs_check.proofs.tactics.printing import equations

K_, N = step("k"), step("N")
H, S, T = real("h"), real("s"), real("t")
GROWTH = define("G_{0}({2})", exponential(count(K_) * H * S), K_, H, S)
_OVER_STEPS = re.compile(r"(?:sum|min)_\((\w+)<([^)]*)\)")


def formulas(name: str) -> list[Term]:
    """What a proof states, as the script has it."""
    script = proof(name)
    goals = {found.name: found.goal for found in script.steps}
    given = [found.formula for found in script.hypotheses if not found.temporary]
    return given + [goal for found in script.conclusions if (goal := goals.get(found)) is not None]


def captured(text: str) -> list[str]:
    """Bounds of sums over steps in which the name of the index stands for something else."""
    return [
        bound for index, bound in _OVER_STEPS.findall(text) if index in re.findall(r"\w+", bound)
    ]


@pytest.mark.parametrize("name", names())
def test_meanings_are_about_what_is_shown_and_the_theorem_s_numbers(name: str) -> None:
    stated = formulas(name)
    theirs = frozenset().union(*(formula.free for formula in stated))
    found = equations(stated)
    for definition, (left, right) in found.items():
        unseen = rendering.hidden(definition)
        seen = [variable for place, variable in enumerate(left.args) if place not in unseen]
        assert len({variable.data[0] for variable in seen}) == len(seen)
        others = right.free - theirs - set(seen)
        assert not [variable for variable in others if variable.sort is REAL], rendering.text(left)
    texts = [rendering.text(term) for term in (*stated, *itertools.chain(*found.values()))]
    assert not [bound for text in texts for bound in captured(text)]


BOUNDS = (K_, following(K_), N)


@pytest.mark.parametrize("before", BOUNDS, ids=rendering.text)
@pytest.mark.parametrize("inner", BOUNDS, ids=rendering.text)
def test_an_index_is_no_name_in_its_bound(before: Term, inner: Term) -> None:
    body = total_steps(count(K_) * count(N) * H, K_, inner)
    for over in (total_steps, least_steps):
        for term in (over(body, K_, before), over(body + count(K_), K_, before), over(body, N, N)):
            assert captured(rendering.text(term)) == []


@pytest.mark.parametrize("given", [H, S, T, H * S + T], ids=rendering.text)
def test_what_a_name_hides_is_said(given: Term) -> None:
    ((left, right),) = equations([GROWTH(N, given, real("u"))]).values()
    place, hidden, argument = left.args
    assert hidden == given
    assert argument not in given.free
    assert right == exponential(count(place) * given * argument)


def test_what_differs_is_said_of_neither() -> None:
    ((left, _),) = equations([GROWTH(N, H, T), GROWTH(N, S, T)]).values()
    assert left.args[1] not in (H, S)


#: With a meaning that no other word has: of two names for one meaning the first is kept.
POWER = define("v_{1}^14", total(v(V, J, A) ** 14, A), V, J)
AMBIGUOUS = {
    "two numbers": at_most(GROWTH(N, H, T), GROWTH(N, S, T)),
    "two numbers in one": at_most(GROWTH(N, H * GROWTH(N, S, T), T), 1),
    "a number in another word": at_most(GROWTH(N, H, T), define("F", GROWTH(N, T, T), N, T)(N, T)),
    "two states": at_most(POWER(V_0, J), POWER(V, J)),
    "every state": every(at_most(POWER(V, J), 1), V),
}
CLEAR = {
    "one number": at_most(GROWTH(N, H, T), GROWTH(K_, H, S)),
    "one state": every(at_most(POWER(V_0, J), POWER(V_0, K)), J),
    "states of two words": at_most(
        define("F({})", total(POWER(V, J), J), V)(V_0), define("G({})", POWER(V, J), V, J)(V, J)
    ),
}


@pytest.mark.parametrize("what", AMBIGUOUS)
def test_a_name_that_stands_for_two_things_is_told(what: str) -> None:
    told = rendering.unclear_names([assume(AMBIGUOUS[what])])
    assert len([found for found in told if "more than one thing" in found]) == 1


@pytest.mark.parametrize("what", CLEAR)
def test_others_are_not(what: str) -> None:
    assert rendering.unclear_names([assume(CLEAR[what])]) == ()


@pytest.mark.parametrize("name", names())
def test_no_statement_has_such_a_name(name: str) -> None:
    assert rendering.unclear_names([assume(formula) for formula in formulas(name)]) == ()


def test_what_is_passed_on_is_said_too() -> None:
    outer = define("Q({0})", GROWTH(K_, S, T) + 1, K_, S, T)
    found = equations([outer(N, real("x"), real("y"))])
    assert found[outer][0].args[1] == found[GROWTH][0].args[1] == real("x")


def test_greek_names_are_letters_in_latex() -> None:
    assert rendering.latex(real("omega") * real("eps") * T) == r"\omega\,\varepsilon\,t"
