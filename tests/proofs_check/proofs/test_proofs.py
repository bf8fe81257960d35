"""Every proof replays, and fails when a constant, a term, a premise or a sign is wrong."""

from __future__ import annotations

import dataclasses
import json
import re
from fractions import Fraction
from functools import cache

import jsonschema
import pytest
import sympy

from derive.identities.by_name import named
from proofs_check import cli
from proofs_check.claim import Context
from proofs_check.proofs import catalogue, identity_proofs, kl_limits, printing
from proofs_check.proofs.check import ProofCheck
from proofs_check.proofs.classical import CITABLE, numerically
from proofs_check.proofs.divergence_bounds import total_variation
from proofs_check.proofs.forms import ProofError, unfold
from proofs_check.proofs.lemma import Lemma
from proofs_check.proofs.proof import Known, Proof, Situation, Step, replay
from proofs_check.proofs.quantities import Statement, at_most
from proofs_check.proofs.reverse_limits import no_other_stationary_point
from proofs_check.proofs.reverse_means import convergence_of_means
from proofs_check.proofs.reverse_words import Constants
from proofs_check.proofs.rules import Argued
from proofs_check.proofs.theorem_k import theorem_k
from proofs_check.proofs.theorem_r import theorem_r
from proofs_check.schemas import schema
from proofs_check.verdict import CheckResult, Verdict, inconclusive

MINE = (
    *("I1", "I2", "I3", "I4", "I5"),
    *("R", "R-means", "R-stationary", "TV"),
    *("K", "K-stationary"),
)
BETTER, WORSE = Fraction(101, 100), Fraction(99, 100)


@cache
def replayed(name: str):
    return replay(catalogue.proof(name))


def failing(proof: Proof) -> str:
    """Name of the first step that does not hold."""
    found = replay(proof)
    assert found.verdict is Verdict.INCONCLUSIVE
    return found.failed[0].step.name


@pytest.mark.parametrize("name", MINE)
def test_a_proof_replays(name):
    found = replayed(name)
    assert found.verdict is Verdict.PROVED, [(o.step.name, o.detail) for o in found.failed]
    assert set(found.cites) <= CITABLE
    assert found.proof.scope.startswith("all n, d, weights")
    assert set(found.rests_on) == set(found.proof.conclusions)


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
    assert replay(theorem_r(constants)).verdict is Verdict.PROVED


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
    "loss decreases": "integral",
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
}


@pytest.mark.parametrize("what", OTHER)
def test_other_planted_errors_fail(what):
    build, step = OTHER[what]
    assert failing(build()) == step


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
    failed = {outcome.step.name for outcome in replay(changed).failed}
    assert part in failed or (name == "i4" and failed)


def planted(proof: Proof, name: str, **changes) -> Proof:
    """A proof with one step changed."""
    steps = tuple(
        dataclasses.replace(step, **changes) if step.name == name else step for step in proof.steps
    )
    return dataclasses.replace(proof, steps=steps)


def holds_alone(proof: Proof, step: Step, conclusion: Statement) -> bool:
    """Verify one step with another conclusion, its premises taken for granted."""
    hypotheses = {hypothesis.name: hypothesis for hypothesis in proof.hypotheses}
    statements = {s.name: s.conclusion for s in proof.steps}
    statements |= {name: hypothesis.statement for name, hypothesis in hypotheses.items()}
    premises = {name: Known(statements[name]) for name in step.uses}
    situation = Situation(conclusion, premises, hypotheses, proof.glossary)
    try:
        return step.rule.verify(situation).holds
    except ProofError:
        return False


@pytest.mark.parametrize("name", ["R", "K", "R-stationary", "K-stationary", "TV"])
def test_every_step_notices_a_changed_conclusion(name):
    proof = catalogue.proof(name)
    noticed = 0
    for step in proof.steps:
        statement = step.conclusion
        if statement is None or statement.expression == 0:
            continue
        assert holds_alone(proof, step, statement), step.name
        side = statement.left if statement.right == 0 else statement.right
        changed = dataclasses.replace(statement, right=statement.right - side / 100)
        assert not holds_alone(proof, step, changed), step.name
        noticed += 1
    assert noticed >= min(10, len(proof.steps))


@pytest.mark.parametrize("name", MINE)
def test_conclusions_hold_in_numbers(name):
    """A second route: statements without parameters, at exact points and in enclosures."""
    proof = catalogue.proof(name)
    checked = 0
    for step in proof.steps:
        if step.conclusion is None or step.name in REST_ON_STATIONARITY:
            continue
        try:
            finding = numerically(step.conclusion, proof.glossary)
        except (ProofError, KeyError):
            continue
        checked += 1
        assert finding.holds, (step.name, finding.detail)
    assert checked >= AT_LEAST.get(name, 1)


#: Steps of proofs that assume a vanishing gradient.
REST_ON_STATIONARITY = {
    "square of the dissipation",
    "dissipation",
    "spread at most zero",
    "no spread",
    "square of the trace",
    "no trace",
    "weighted means",
    "truth",
    "square of the loss",
    "no loss",
}
AT_LEAST = {"I5": 0, "R": 18, "K": 7, "R-means": 8}


def test_an_argued_step_only_supports():
    proof = planted(catalogue.proof("K"), "least of N", rule=Argued("obvious"))
    found = replay(proof)
    assert found.verdict is Verdict.SUPPORTED
    assert found.open_steps == ("N times the least is below the sum",)
    result = ProofCheck("K", lambda: proof).run(Context())
    assert result.verdict is Verdict.SUPPORTED
    assert any("open step" in note for note in result.notes)


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
    assert found.gaps == ("one step rests on the temporary hypothesis 'within at step k'",)


def test_a_failed_proof_concludes_nothing_as_a_check():
    result = ProofCheck("R", lambda: theorem_r(Constants(step=2 * WORSE))).run(Context())
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "one step" in result.notes[0]


def test_a_lemma_must_be_the_same_statement_under_the_same_hypotheses():
    proof = convergence_of_means()
    step = next(s for s in proof.steps if s.name == "decrease")
    stronger = at_most(step.conclusion.left, step.conclusion.right - sympy.Symbol("R"))
    assert failing(planted(proof, "decrease", conclusion=stronger)) == "decrease"
    assert failing(planted(proof, "decrease", uses=step.uses[1:])) == "decrease"
    broken = Lemma(lambda: theorem_r(without=("I2",)), "decrease", step.rule.cites)
    assert failing(planted(proof, "decrease", rule=broken)) == "decrease"


def test_an_unknown_symbol_has_no_meaning():
    with pytest.raises(ProofError, match="no meaning is given for Q"):
        unfold(sympy.Symbol("Q"), catalogue.proof("K").glossary)


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


def test_a_failing_proof_gives_exit_code_one(capsys, monkeypatch):
    broken = theorem_k(gradient=WORSE)
    monkeypatch.setattr(catalogue, "proof", lambda name: broken)
    assert cli.main(["prove", "K"]) == 1
    shown = capsys.readouterr().out
    assert "FAILS: gradient bound" in shown
    assert shown.splitlines()[-1].startswith("INCONCLUSIVE: steps that do not hold: gradient bound")


def test_an_unknown_name_is_bad_input(capsys):
    assert cli.main(["prove", "Z"]) == 2
    assert capsys.readouterr().err.startswith(
        "proofs-check: error: NAME: got Z; allowed: one of I1"
    )


def test_text_shows_every_step_with_kind_and_time():
    shown = printing.text(replayed("R"))
    for step in catalogue.proof("R").steps:
        assert re.search(rf"{re.escape(step.name)}: .*\[{step.kind}.*; \d+\.\d\d s\]", shown)
    assert "Cited: Jensen, Cauchy-Schwarz, Popoviciu." in shown
    assert shown.splitlines()[-1].startswith("PROVED: ")


@pytest.mark.parametrize("name", MINE)
def test_latex_is_balanced(name):
    shown = printing.latex(replayed(name))
    opened = []
    for command, environment in re.findall(r"\\(begin|end)\{(\w+\*?)\}", shown):
        if command == "begin":
            opened.append(environment)
        else:
            assert opened.pop() == environment
    assert not opened
    assert shown.count(r"\[") == shown.count(r"\]") > 0
    plain = re.sub(r"\\[{}$&%#_]|\\textasciicircum\{\}", "", shown)
    assert plain.count("{") == plain.count("}")
    assert plain.count("$") % 2 == 0
    text_only = re.sub(r"\$[^$]*\$|\\\[.*?\\\]|\\texttt\{[^}]*\}", "", plain, flags=re.DOTALL)
    assert not re.search(r"[_^&#%<>|]", text_only), "a special character outside mathematics"
