"""Errors planted in the checker of certificates and in the covers turn their tests red."""

from __future__ import annotations

import pytest

from tests.mutants.forked import surviving
from tests.mutants.harness import Mutant

CERTIFICATES = "proofs_check/certificates"
HYPOTHESES = "tests/proofs_check/certificates/test_hypotheses.py"
REGION = "tests/proofs_check/certificates/test_region.py"
ESCAPE = "tests/numerics/fates/test_escape_region.py"
STEP = f"{HYPOTHESES}::test_the_step_is_bounded_as_the_theorem_says"
WEIGHTS = f"{HYPOTHESES}::test_a_region_is_for_its_own_weights"
NEARLY = f"{HYPOTHESES}::test_a_bound_that_is_nearly_met_takes_more_digits"
ENCLOSED = f"{REGION}::test_coarse_sums_enclose_the_integrals"


def checker(name: str, old: str, new: str, *tests: str, file: str = "checker.py") -> Mutant:
    return Mutant(name, f"{CERTIFICATES}/{file}", old, new, tests)


def region(name: str, old: str, new: str, *tests: str) -> Mutant:
    return checker(name, old, new, *tests, file="region.py")


def cover(name: str, old: str, new: str) -> Mutant:
    test = f"{ESCAPE}::test_error_bound_contains_an_independent_integral"
    return Mutant(name, "numerics/fates/escape_region.py", old, new, (test,))


CHECKER = [
    checker("K at its bound", "return step < 2", "return step <= 2",
            f"{HYPOTHESES}::test_a_step_that_equals_the_bound"),
    checker("K beyond its bound", "return step < 2", "return step < 3", STEP),
    checker("R with twice the step", "2 * largest_weight * max", "largest_weight * max", STEP),
    checker("R without the square", "max(Fraction(1), total / 2) * step <= 1", "step <= 1", STEP),
    checker("R with another weight", "largest = max(certificate.weights)",
            "largest = certificate.weights[-1]", f"{HYPOTHESES}::test_the_largest_weight_counts"),
    checker("F with twice the step", "step * 2 * max", "step * max", STEP),
    checker("F without the square", "step * 2 * max(Fraction(1), total / 2)", "step * 2", STEP),
    checker("F with a larger kappa", "1 / (1 + total) if total <= 1", "1 if total <= 1", STEP),
    checker("F beyond 1", "(3 * total - 1)\n", "(3 * total)\n", STEP),
    checker("members that count once", "c * max(pair[end], Fraction(0))",
            "max(pair[end], Fraction(0))", STEP),
    checker("the last stretch only", "return max(later)", "return later[-1]",
            f"{HYPOTHESES}::test_every_stretch_from_the_certified_step_on_counts",
            file="file_format.py"),
    checker("stretches that begin later only", "if end is None or end > self.step",
            "if end is None or end > self.step + 1",
            f"{HYPOTHESES}::test_every_stretch_from_the_certified_step_on_counts",
            file="file_format.py"),
    checker("groups exchanged", 'shares["escaped"] / shares["converged"]',
            'shares["converged"] / shares["escaped"]', WEIGHTS),
    checker("a near component that is not near", "sure and high <= region.near**2",
            "sure and low <= region.far**2", f"{HYPOTHESES}::test_lemma_e_at_its_edges"),
    checker("an escape with any step", "sure, possible = step[1] <= Fraction(1, 2), True",
            "sure, possible = True, True", NEARLY),
    checker("a step by the lower end of its ball",
            "_contracts(certificate.theorem, worst, step[1], largest)",
            "_contracts(certificate.theorem, worst, step[0], largest)", NEARLY),
    region("no trapezoid error", "(grid + 2 * tail", "(2 * tail", ENCLOSED),
    region("no truncation error", "(grid + 2 * tail * (-decay * top).exp())", "grid", ENCLOSED),
    region("no error", "error = arb(0, self._error(shift, square, decay))", "error = arb(0)",
           ENCLOSED),
    region("half the envelope", "mass = 2 * (constant", "mass = (constant",
           f"{REGION}::test_the_error_is_what_the_envelope_gives"),
    region("log-odds inverted", "self.log_odds = _ball(odds).log()",
           "self.log_odds = -_ball(odds).log()", ENCLOSED, WEIGHTS),
    region("boxes that leave a gap", "== 1\n", "<= 1\n", f"{REGION}::test_boxes_must_tile"),
    region("a drift of any size", "return bool(size <= _squared(2 * near))", "return True",
           f"{REGION}::test_the_drift_is_compared_with_the_near_radius"),
    cover("a cover without trapezoid error", "(discretisation + 2 * tail", "(2 * tail"),
    cover("a cover without truncation error",
          "(discretisation + 2 * tail * (-decay * top).exp())", "discretisation"),
    cover("a cover with log-odds inverted", "self.log_odds = log_odds",
          "self.log_odds = -log_odds"),
]  # fmt: skip


@pytest.mark.parametrize("group", ["CHECKER"])
def test_planted_errors_are_noticed(group: str) -> None:
    assert surviving("tests.mutants.test_certificate_mutants", group) == []
