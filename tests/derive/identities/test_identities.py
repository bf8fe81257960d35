"""Every identity holds, and every coefficient of every identity matters."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest

from derive import catalogue
from derive.algebra import mixture_rules as mixture
from derive.algebra.index import atom
from derive.identities.by_name import derivation, identity_names, named
from derive.identities.gradients import forward_gradient_mixture_all_replaced
from derive.losses.objectives import OBJECTIVES
from derive.mixtures import density
from derive.mixtures.symmetries import time_rescaling
from derive.slices.collinear import mixed_block_vanishes
from derive.steps.derivation import ALL, Derivation, DerivationStep


@pytest.mark.parametrize("name", identity_names())
def test_identity_holds(name):
    assert named(name).holds()
    assert str(named(name).scope()).startswith("all n, d")


PLANTED = [
    (name, term.name, factor)
    for name in identity_names()
    for term in named(name).terms
    for factor in (Fraction(21, 20), Fraction(-1), Fraction(0))
]


@pytest.mark.parametrize(("name", "term", "factor"), PLANTED)
def test_a_wrong_coefficient_is_refused(name, term, factor):
    identity = named(name)
    coefficient = next(t.coefficient for t in identity.terms if t.name == term)
    assert not identity.altered(term, coefficient * factor).holds()


def test_replacing_every_m_in_the_mixture_teacher_gradient_is_refused():
    assert not forward_gradient_mixture_all_replaced().holds()


@pytest.mark.parametrize("name", catalogue.names())
def test_every_derivation_verifies_and_prints(name):
    proof = catalogue.derivation(name)
    verification = proof.verify()
    assert verification, verification.failed
    assert proof.statement in proof.text()
    assert r"\begin{align*}" in proof.to_latex()


@pytest.mark.parametrize("name", [n for n in catalogue.names() if n in identity_names()])
def test_a_planted_wrong_step_fails_and_is_named(name):
    proof = derivation(name)
    wrong = named(name).altered(named(name).terms[0].name, Fraction(7, 3)).step()
    planted = Derivation(
        proof.name, proof.title, proof.statement, (), ALL, (*proof.steps[:-1], wrong), proof.source
    )
    verification = planted.verify()
    assert not verification
    assert verification.failed == (wrong.description,)


def test_a_derivation_without_steps_proves_nothing():
    assert not Derivation("empty", "", "", (), ALL, (), "").verify()


def test_wrong_rules_fail_against_the_density():
    j0, j1, a0 = (density._label(name) for name in ("j0", "j1", "a0"))
    psi = density.STUDENT.responsibility(j0)
    means = density.STUDENT.means
    rule = mixture.d_dv(("psi", ("j0",)), "j1", "a0")
    assert rule is not None
    assert density.rule_holds(psi, means[j1, a0], rule)
    assert not density.rule_holds(psi, means[j1, a0], -1 * rule)
    assert not density.rule_holds(psi, means[j1, a0], rule + atom("psi", "j0") * atom("psi", "j1"))
    swapped = rule.rename({"j0": "j7"}).rename({"j1": "j0"}).rename({"j7": "j1"})
    assert not density.rule_holds(psi, means[j1, a0], swapped)


@pytest.mark.parametrize("power", [0, 1, 3, 4])
def test_other_powers_of_the_time_rescaling_are_refused(power):
    assert not time_rescaling(power).verify()


def test_step_reports_failure():
    step = DerivationStep("wrong", "1", "2", "symbolic identity", lambda: False)
    assert not step.verify()


@pytest.mark.parametrize("name", catalogue.names())
def test_latex_has_balanced_braces_and_escaped_text(name):
    source = catalogue.derivation(name).to_latex()
    depth = 0
    for before, character in zip(" " + source, source, strict=False):
        if before != "\\":
            depth += (character == "{") - (character == "}")
        assert depth >= 0
    assert depth == 0
    for text in re.findall(r"\\text\{([^}]*)\}", source):
        assert not re.search(r"(?<!\\)[_^%&#]", text)


@pytest.mark.parametrize("objective", OBJECTIVES.values(), ids=lambda o: o.name)
def test_collinear_blocks_need_perpendicular_directions(objective):
    assert mixed_block_vanishes(objective)
    assert not mixed_block_vanishes(objective, assumed=False)
