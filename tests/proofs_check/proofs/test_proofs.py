"""Every proof on the kernel replays, and fails when a constant, a term or a premise is wrong."""

from __future__ import annotations

import dataclasses
import json
import re
from fractions import Fraction

import jsonschema
import numpy as np
import pytest

from derive.identities.by_name import named
from proofs_check import cli
from proofs_check.claim import Context
from proofs_check.proofs import catalogue, identity_proofs, kernel, kl_limits
from proofs_check.proofs.check import ProofCheck
from proofs_check.proofs.divergence_bounds import total_variation
from proofs_check.proofs.kernel import ProofError, Term
from proofs_check.proofs.lemma_s import BALL, NORM, lemma_s
from proofs_check.proofs.reverse_limits import no_other_stationary_point
from proofs_check.proofs.reverse_means import convergence_of_means
from proofs_check.proofs.reverse_words import Constants
from proofs_check.proofs.tactics import printing
from proofs_check.proofs.tactics.arithmetic import Sign
from proofs_check.proofs.tactics.script import Hypothesis, Script, replay
from proofs_check.proofs.tactics.steps import Lemma
from proofs_check.proofs.tactics.vacuity import instance, proposed
from proofs_check.proofs.theorem_f import EDGE, theorem_f
from proofs_check.proofs.theorem_k import theorem_k
from proofs_check.proofs.theorem_r import theorem_r
from proofs_check.schemas import schema
from proofs_check.verdict import CheckResult, Verdict, inconclusive
from tests.proofs_check.proofs import (
    test_proofs_clusters,
    test_proofs_far,
    test_proofs_near,
    test_proofs_pair,
    test_proofs_pull,
    test_proofs_region,
)
from tests.proofs_check.proofs.drawn import drawn_model
from tests.proofs_check.proofs.replays import replayed, replayed_changed

MINE = (
    *("I1", "I2", "I3", "I4", "I5"),
    *("R", "R-means", "R-stationary", "TV"),
    *("K", "K-stationary", "S", "F"),
)
#: Proofs whose instance is asked for where they are replayed anyway, which takes seconds.
BESIDE = (
    *test_proofs_clusters.NAMES,
    *test_proofs_far.TAGS,
    *test_proofs_near.TAGS,
    *test_proofs_pair.NAMES,
    *test_proofs_pull.TAGS,
    *test_proofs_region.NAMES,
)
THIRD = Fraction(1, 3)
BETTER, WORSE = Fraction(101, 100), Fraction(99, 100)
CITES = {
    "TV": ("Pinsker", "log-Sobolev"),
    "R": ("integration along the gradient flow",),
    "F": ("Jensen",),
}


def failing(script: Script) -> str:
    """Name of the first step that does not hold."""
    found = replayed_changed(script)
    assert found.verdict is Verdict.INCONCLUSIVE
    return found.failed[0].step.name


@pytest.mark.parametrize("name", MINE)
def test_a_proof_replays(name):
    found = replayed(name)
    assert found.verdict is Verdict.PROVED, [(o.step.name, o.detail) for o in found.failed]
    assert found.cites == CITES.get(name, ())
    assert found.proof.scope.startswith("all n, d, weights")
    assert set(found.rests_on) == set(found.proof.conclusions)
    assert not found.open_steps


@pytest.mark.parametrize("name", [name for name in catalogue.names() if name not in BESIDE])
def test_the_hypotheses_have_an_instance(name):
    assert replayed(name).instance() != "no instance found"


def test_a_proposed_instance_is_checked_and_not_believed():
    """One number of each relation moved across it: it is no instance any more."""
    found = replayed("E")
    (given,) = found.proof.instances
    every = frozenset().union(*(theorem.record.hypotheses for theorem in found.theorems.values()))
    assert proposed(every, [given]) is not None
    wrong = {
        "eta": Fraction(501, 1000),
        "B": Fraction(399, 100),
        "delta": Fraction(1, 100),
        "V_0": ((Fraction(151, 1000),), (Fraction(4),)),
    }
    for name, value in wrong.items():
        values = tuple((v, value if v.data[0] == name else old) for v, old in given.values)
        assert proposed(every, [dataclasses.replace(given, values=values)]) is None, name
    assert (
        proposed(every, [dataclasses.replace(given, weights=(Fraction(1, 3), 2 * THIRD))]) is None
    )
    edge = ((Fraction(3, 20),), (Fraction(31, 10),))  # on the edges, which belong to the region
    values = tuple((v, edge if v.data[0] == "V_0" else old) for v, old in given.values)
    assert proposed(every, [dataclasses.replace(given, values=values)]) is not None


def test_an_absurd_conclusion_says_that_its_hypotheses_have_no_instance():
    assert "existence have none" in replayed("U").instance()


REVERSE = {
    "step size beyond the bound": (Constants(step=2 * WORSE), "one step"),
    "gradient bound": (Constants(gradient=4 * WORSE), "gradient bound"),
    "decrease of |V|^2": (Constants(decrease=2 * BETTER), "one step"),
    "rate along the flow": (Constants(flow=4 * BETTER), "flow rate"),
    "diameter against the norm": (Constants(diameter=2 * WORSE), "pairs"),
    "Popoviciu's quarter": (Constants(variance=4 * BETTER), "variance"),
}


@pytest.mark.parametrize("what", REVERSE)
def test_theorem_r_fails_with_a_constant_that_is_one_percent_too_good(what):
    constants, step = REVERSE[what]
    assert failing(theorem_r(constants)) == step


@pytest.mark.parametrize(
    "constants",
    [
        Constants(step=2 * BETTER),
        Constants(decrease=2 * WORSE),
        Constants(flow=4 * WORSE),
        Constants(diameter=2 * BETTER),
        Constants(gradient=4 * BETTER, step=2 * BETTER),
    ],
)
def test_theorem_r_holds_with_a_weaker_constant(constants):
    assert replayed_changed(theorem_r(constants)).verdict is Verdict.PROVED


LEFT_OUT = {
    "step bound": "one step",
    "bound at least half": "quarter diameter",
    "bound at least one": "moments",
    "heaviest": "entry",
    "second moments": "entry",
    "range": "variance",
    "spread": "moments",
    "I2": "one step",
    "within": "decrease",
    "start": "within",
    "spreads": "rate",
    "decay": "integral",
    "forward": "integral",
}


@pytest.mark.parametrize("name", LEFT_OUT)
def test_theorem_r_fails_without_a_premise(name):
    assert failing(theorem_r(without=(name,))) == LEFT_OUT[name]


OTHER = {
    "K: gradient bound": (lambda: theorem_k(gradient=WORSE), "gradient bound"),
    "K: step": (lambda: theorem_k(largest_step=2 * BETTER), "one step"),
    "K: psi_j <= 1": (lambda: theorem_k(weights_at_most_one=False), "entry"),
    "K-stationary": (lambda: kl_limits.no_other_stationary_point(domination=BETTER), "domination"),
    "R-stationary": (lambda: no_other_stationary_point(domination=4 * BETTER), "domination"),
    "R-means": (lambda: convergence_of_means(dimension_factor=WORSE), "trace averaged"),
    "TV": (lambda: total_variation(variation=4 * BETTER), "total variation"),
    "S: rho^2": (lambda: lemma_s(ball_coefficient=BALL * WORSE), "root of k"),
    "S: P": (lambda: lemma_s(norm_coefficient=NORM * WORSE), "root of h"),
    "S: D^2": (lambda: lemma_s(spread_coefficient=WORSE), "integrand and D"),
    "S: no square of the mean": (lambda: lemma_s(mean_in_variance=False), "variance and rho"),
    "F: gradient": (lambda: theorem_f(gradient=4 * WORSE), "gradient bound"),
    "F: descent": (lambda: theorem_f(descent=2 * BETTER), "one step"),
    "F: region": (lambda: theorem_f(edge=EDGE * BETTER), "edge number"),
    "F: kappa": (lambda: theorem_f(kappa_at_one=BETTER), "coercivity for P <= 1"),
    "F: no pull": (lambda: theorem_f(covariance_pull=False), "gradient"),
    "F: first power": (lambda: theorem_f(floor_power=1), "b P <= 1/4"),
}


@pytest.mark.parametrize("what", OTHER)
def test_other_planted_errors_fail(what):
    build, step = OTHER[what]
    assert failing(build()) == step


def test_weaker_constants_replay():
    """The failures above are not failures of any change."""
    weaker = lemma_s(ball_coefficient=Fraction(3, 5), norm_coefficient=Fraction(2, 5))
    assert replayed_changed(weaker).verdict is Verdict.PROVED
    assert (
        replayed_changed(theorem_k(gradient=BETTER, largest_step=2 * WORSE)).verdict
        is Verdict.PROVED
    )


TERMS = [
    (name, part, term.name)
    for name, parts in {
        "i1": ("I1",),
        "i2": ("I2",),
        "i3": ("I3",),
        "i4": ("I4-kl", "I4-reverse", "I4-forward"),
    }.items()
    for part in parts
    for term in named(part).terms
]


@pytest.mark.parametrize(("name", "part", "term"), TERMS)
@pytest.mark.parametrize("factor", [BETTER, Fraction(0), Fraction(-1)])
def test_an_identity_fails_with_a_term_changed_dropped_or_of_the_wrong_sign(
    name, part, term, factor
):
    coefficient = next(t.coefficient for t in named(part).terms if t.name == term)
    changed = getattr(identity_proofs, name)((term, coefficient * factor))
    failed = {outcome.step.name for outcome in replayed_changed(changed).failed}
    assert part in failed or (name == "i4" and failed)


def planted(script: Script, name: str, **changes) -> Script:
    """A script with one step changed."""
    steps = tuple(
        dataclasses.replace(step, **changes) if step.name == name else step for step in script.steps
    )
    return dataclasses.replace(script, steps=steps)


@pytest.mark.parametrize("name", ["R", "K", "TV", "S"])
def test_every_step_notices_a_changed_conclusion(name):
    """One percent off one side, and no tactic proves it from the same premises."""
    found = replayed(name)
    known = {h.name: kernel.assume(h.formula) for h in found.proof.hypotheses}
    known |= {o.step.name: o.theorem for o in found.outcomes}
    noticed = 0
    for outcome in found.outcomes:
        step, goal = outcome.step, outcome.step.goal
        if goal is None or isinstance(step.tactic, Sign):
            continue
        left, right = goal.args
        side = left if right == Term("number", (), Fraction(0)) else right
        changed = Term(goal.op, (left, right + Fraction(-1, 100) * side))
        with pytest.raises(ProofError):
            step.tactic.prove(changed, {used: known[used] for used in step.uses})
        noticed += 1
    assert noticed >= min(10, len(found.proof.steps) - 2)


@pytest.mark.parametrize("name", MINE)
def test_theorems_hold_in_numbers(name):
    """A second route: everything that was proved, at mixtures where its hypotheses hold."""
    checked = 0
    for number, outcome in enumerate(replayed(name).outcomes):
        theorem = outcome.theorem
        if theorem is None or "variation" in theorem.record.conclusion.key:
            continue
        found = instance(
            theorem.record.hypotheses, others=theorem.record.conclusion.free, tries=60, seed=number
        )
        if found is None:
            continue
        checked += 1
        with np.errstate(all="ignore"):
            assert found.model.holds(
                theorem.record.conclusion, found.values, lambda sort: iter(()), 2e-5
            ), (outcome.step.name, found)
    assert checked >= {"I3": 1, "I1": 2, "I5": 2, "TV": 2}.get(name, 3)


def test_the_model_is_no_mere_yes():
    wrong = replayed("K").theorems["rate"].record.conclusion
    left, right = wrong.args
    model = drawn_model(np.random.default_rng(3))
    found = instance([], others=wrong.free, tries=1)
    assert not model.holds(
        Term("below", (right + 1, left)), {**found.values, **_states(model, wrong)},
        lambda sort: iter(()),
    )  # fmt: skip


def _states(model, formula):
    return {
        f: np.zeros((len(model.weights), model.dimension))
        for f in formula.free
        if f.sort.value == "state"
    }


@dataclasses.dataclass(frozen=True)
class Attack:
    result: CheckResult
    name: str = "attack"

    def run(self, context: Context) -> CheckResult:
        return self.result


def test_an_attack_refutes_or_is_reported_and_adds_nothing():
    from proofs_check.checks.descent_steps import gradient_bound
    from proofs_check.checks.general import BallCheck
    from proofs_check.statements.mixture import Mixture

    one = (Mixture.of([["1"]]),)
    found = BallCheck("true", gradient_bound(Fraction(1)), one)
    false = BallCheck("false", gradient_bound(WORSE), one)
    late = Attack(inconclusive("late", "time ran out"))
    reported = ProofCheck("K", attacks=(found, late)).run(Context())
    assert reported.verdict is Verdict.PROVED
    assert "attack 'true' found no counterexample" in reported.notes[-2]
    assert "time ran out" in reported.notes[-1]
    refuted = ProofCheck("K", attacks=(found, false)).run(Context())
    assert (refuted.verdict, refuted.name) == (Verdict.REFUTED, "K")
    broken = ProofCheck("K", lambda: theorem_k(gradient=WORSE), attacks=(found,)).run(Context())
    assert broken.verdict is Verdict.INCONCLUSIVE


def test_a_conclusion_may_not_rest_on_a_temporary_hypothesis():
    found = replay(dataclasses.replace(theorem_r(), conclusions=("one step",)))
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.gaps == ("one step rests on what is not assumed: |V|^2 <= |V_0|^2",)


def test_a_conclusion_may_not_rest_on_what_the_theorem_does_not_declare():
    script = theorem_k()
    (first, _) = script.hypotheses
    step = next(s for s in script.steps if s.name == "one step")
    hidden = dataclasses.replace(
        script,
        hypotheses=(dataclasses.replace(first, temporary=True),),
        steps=tuple(s for s in script.steps if s.name != "rate"),
        conclusions=(step.name,),
    )
    assert replay(hidden).gaps == ("one step rests on what is not assumed: 0 <= eta",)


def test_hypotheses_that_contradict_each_other_are_an_error():
    from proofs_check.proofs.tactics.language import at_most, equal, real
    from proofs_check.proofs.tactics.script import Step
    from proofs_check.proofs.tactics.steps import Combination

    x, both = real("x"), Combination(((1, ("zero",)), (1, ("one",))))
    script = Script(
        "X",
        "anything",
        "here",
        (Hypothesis("zero", equal(x, 0), ""), Hypothesis("one", equal(x, 1), "")),
        (Step("both", "", at_most(2 * x, 1), both, ("zero", "one")),),
        ("both",),
    )
    found = replay(script)
    assert not found.failed
    assert found.gaps == ("the hypotheses contradict each other",)
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.instance() == "no instance found"


@pytest.mark.parametrize("name", ["0", "x^2", "P*x", "1/2", "", "a b"])
def test_a_name_that_prints_like_an_expression_is_an_error(name):
    from proofs_check.proofs.tactics.language import at_most, real
    from proofs_check.proofs.tactics.script import Step
    from proofs_check.proofs.tactics.steps import Combination

    goal = at_most(real(name), real(name) + 1)
    step = Step("s", "", goal, Combination(((1, ()),)))
    found = replay(Script("X", "", "here", (), (step,), ("s",)))
    assert not found.failed
    assert found.gaps == (f"{name!r} does not look like a variable",)


def test_two_things_of_one_name_are_an_error():
    from proofs_check.proofs.tactics.language import at_most, define, real, step, term
    from proofs_check.proofs.tactics.language import count as number_of
    from proofs_check.proofs.tactics.script import Step
    from proofs_check.proofs.tactics.steps import Combination

    one, two = define("L", term(1))(), define("L", term(2))()
    steps = (
        Step("definitions", "", at_most(one, two), Combination(((1, ()),))),
        Step(
            "variables",
            "",
            at_most(real("k") - real("k"), number_of(step("k")) * 0),
            Combination(),
        ),
    )
    found = replay(Script("X", "", "here", (), steps, ("definitions", "variables")))
    assert not found.failed
    assert found.gaps == ("two definitions are called 'L'", "two variables are called 'k'")


def test_a_failed_proof_concludes_nothing_as_a_check():
    result = ProofCheck("R", lambda: theorem_r(Constants(step=2 * WORSE))).run(Context())
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "one step" in result.notes[0]


def test_a_lemma_keeps_its_hypotheses():
    script = convergence_of_means()
    step = next(s for s in script.steps if s.name == "decrease")
    left, right = step.goal.args
    stronger = Term("at_most", (left, right - 1))
    assert failing(planted(script, "decrease", goal=stronger)) == "decrease"
    undeclared = dataclasses.replace(
        script, hypotheses=tuple(h for h in script.hypotheses if h.name != "step bound")
    )
    missing = planted(undeclared, "decrease", uses=())
    assert replay(missing).gaps == ("means rests on what is not assumed: 2 eta pi_max M <= 1",)
    broken = Lemma(lambda: theorem_r(without=("I2",)), "decrease")
    assert failing(planted(script, "decrease", tactic=broken)) == "decrease"


# The command line.


@pytest.mark.parametrize("name", ["K", "I2"])
def test_the_document_follows_the_schema(capsys, name):
    assert cli.main(["prove", name, "--json", "-"]) == 0
    found = json.loads(capsys.readouterr().out)
    jsonschema.validate(found, schema("prove"))
    assert (found["verdict"], found["name"]) == ("PROVED", name)
    assert all(step["holds"] for step in found["steps"])


def test_without_a_name_the_proofs_are_listed(capsys):
    assert cli.main(["prove", "--json", "-"]) == 0
    captured = capsys.readouterr()
    found = json.loads(captured.out)
    jsonschema.validate(found, schema("prove"))
    assert [entry["name"] for entry in found["proofs"]] == list(catalogue.names())
    assert len(captured.err.splitlines()) == len(catalogue.names())


def test_a_failing_proof_gives_exit_code_three(capsys, monkeypatch):
    broken = theorem_k(gradient=WORSE)
    monkeypatch.setattr(catalogue, "proof", lambda name: broken)
    assert cli.main(["prove", "K"]) == 3
    shown = capsys.readouterr().out
    assert "FAILS: gradient bound" in shown
    assert shown.splitlines()[-1].startswith("INCONCLUSIVE: steps that do not hold: gradient bound")


def test_an_unknown_name_is_bad_input(capsys):
    assert cli.main(["prove", "Z"]) == 2
    assert capsys.readouterr().err.startswith(
        "proofs-check: error: NAME: got Z; allowed: one of I1"
    )


def test_text_shows_what_was_proved_and_every_step_with_kind_and_time():
    shown = printing.text(replayed("R"))
    for step in theorem_r().steps:
        assert re.search(rf"\d+\. {re.escape(step.name)}: .*; \d+\.\d\d s\]", shown), step.name
    assert "Proved: for all n, d >= 1" in shown
    assert "V_k is V_0 after k steps eta of gradient descent on E_p[" in shown
    assert shown.splitlines()[-1].startswith("PROVED")


def test_the_statement_is_read_from_the_theorem_and_not_from_the_title():
    script = dataclasses.replace(theorem_k(), title="Every loss vanishes", scope="everything")
    found = replay(script)
    shown = printing.text(found)
    assert "eta (2 - eta) N (min_(k<N) L(V_k)) <= |V_0|^2" in shown
    assert "if 0 <= eta and eta <= 2" in shown


def test_latex_shows_every_formula():
    shown = printing.latex(replayed("K"))
    assert shown.count(r"\item") >= len(theorem_k().steps)
    assert r"\le" in shown
    assert shown.count(r"\begin") == shown.count(r"\end")
