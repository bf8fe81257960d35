"""The rules refuse what does not follow."""

from __future__ import annotations

import pytest
import sympy

from derive.algebra.index import ONE, Polynomial, atom, dot
from proofs_check.proofs import certificates
from proofs_check.proofs.classical import BhatiaDavis, CauchySchwarz, Cited, Popoviciu
from proofs_check.proofs.dynamics import (
    AtEveryStep,
    FlowBound,
    Induction,
    LastIsLeast,
    SumOverSteps,
)
from proofs_check.proofs.forms import ProofError, depends_on_means, vanishes
from proofs_check.proofs.proof import Finding, Hypothesis, Known, Proof, Situation, Step, replay
from proofs_check.proofs.quantities import (
    Glossary,
    Quantity,
    Statement,
    at_most,
    equal,
    nonnegative,
    positive,
)
from proofs_check.proofs.reverse_words import ReverseWords
from proofs_check.proofs.rules import (
    Average,
    Bound,
    Calculus,
    Cancel,
    Combination,
    Computed,
    Derived,
    Member,
    NonnegativeFactor,
    Replayed,
    Square,
    Squares,
    Sturm,
    Substitution,
    Vanishes,
)

PSI, V, M = atom("psi", "j0"), atom("v", "j0", "a0"), atom("m", "a0")
X, Y, T = sympy.symbols("x y t")
BOTH = ("j0", "a0")


def judge(rule, conclusion, premises=(), words=None, hypotheses=()) -> bool:
    """Whether a rule accepts a conclusion from premises, given as (name, statement) pairs."""
    known = {name: Known(statement) for name, statement in premises}
    assumed = {hypothesis.name: hypothesis for hypothesis in hypotheses}
    try:
        return rule.verify(Situation(conclusion, known, assumed, words or Glossary())).holds
    except ProofError:
        return False


@pytest.fixture
def words() -> Glossary:
    words = Glossary()
    words.pointwise("v", V, "means", labels=BOTH)
    words.pointwise("psi", PSI, "responsibilities", labels=("j0",))
    words.pointwise("pi", atom("pi", "j0"), "weights", labels=("j0",))
    words.pointwise("u", atom("u", "j0", "a0"), "deviations", labels=BOTH)
    words.pointwise("m", M, "posterior mean", labels=("a0",))
    words.pointwise("mm", dot(atom("m", "a9"), atom("m", "a9")), "|m|^2")
    words.expectation("L", "teacher", dot(atom("m", "a9"), atom("m", "a9")), "E_q|m|^2")
    words.expectation("R", "student", dot(atom("m", "a9"), atom("m", "a9")), "E_p|m|^2")
    words.expectation("p", "student", PSI, "E_p psi", labels=("j0",))
    words.expectation("c", "teacher", PSI, "E_q psi", labels=("j0",))
    words.parameter("b", "a number")
    words.total("VV", sympy.Symbol("v") ** 2, BOTH, "|V|^2")
    return words


def symbols(names: str):
    return sympy.symbols(names)


class TestIdentities:
    def test_the_mean_of_a_responsibility_is_its_weight_under_the_student_only(self, words):
        p, c, pi = symbols("p c pi")
        assert judge(Derived(), equal(p, pi), (), words)
        assert not judge(Derived(), equal(c, pi), (), words)

    def test_teacher_and_student_are_told_apart(self, words):
        L, R = symbols("L R")
        assert not judge(Derived(), equal(L, R), (), words)

    def test_an_inequality_is_no_identity(self, words):
        assert not judge(Derived(), nonnegative(sympy.Symbol("L")), (), words)

    def test_a_product_of_means_is_no_mean_of_a_product(self, words):
        p = sympy.Symbol("p")
        square = words.expectation("p2", "student", PSI * PSI, "E_p psi^2", labels=("j0",))
        assert not vanishes(square - p**2, words)

    def test_a_wrong_derivative(self):
        s = sympy.Symbol("s")
        f = sympy.Function("f")(s)
        assert judge(Calculus(sympy.Derivative(f * s, s), f + s * sympy.Derivative(f, s)), None)
        assert not judge(Calculus(sympy.Derivative(f * s, s), f), None)

    def test_a_derivation_that_does_not_verify(self):
        from derive.steps.derivation import ALL, Derivation

        assert not judge(Replayed(lambda: Derivation("empty", "", "", (), ALL, (), "")), None)


class TestSquares:
    def test_a_weight_must_be_nonnegative_by_its_form(self, words):
        weighted = words.pointwise("w", V * M * M, "", labels=BOTH)
        assert not judge(Squares((Square(M, (), 1, (V,)),)), nonnegative(weighted), (), words)
        good = words.pointwise("g", PSI * M * M, "", labels=BOTH)
        assert judge(Squares((Square(M, (), 1, (PSI,)),)), nonnegative(good), (), words)

    def test_a_coefficient_must_be_nonnegative(self, words):
        square = sympy.Symbol("m") ** 2
        assert judge(Squares((Square(M, (), 2),)), nonnegative(2 * square), (), words)
        assert not judge(Squares((Square(M, (), -2),)), nonnegative(-2 * square), (), words)

    def test_squares_give_no_equality(self, words):
        assert not judge(Squares((Square(M),)), equal(0, sympy.Symbol("m") ** 2), (), words)
        assert not judge(NonnegativeFactor(PSI), equal(0, sympy.Symbol("psi")), (), words)

    def test_a_factor_of_unknown_sign(self, words):
        assert not judge(NonnegativeFactor(V), nonnegative(sympy.Symbol("v")), (), words)
        assert judge(NonnegativeFactor(PSI), nonnegative(sympy.Symbol("psi")), (), words)


class TestAverages:
    def test_the_sum_and_the_mean_of_a_premise(self, words):
        premise = ("entry", nonnegative(sympy.Symbol("psi") * sympy.Symbol("m") ** 2))
        target = nonnegative(sympy.Symbol("L"))
        assert judge(Average(BOTH, "teacher"), target, (premise,), words)
        assert not judge(Average(BOTH, "student"), target, (premise,), words)
        assert not judge(Average(("a0",), "teacher"), target, (premise,), words)

    def test_no_equality_from_an_inequality(self, words):
        premise = ("entry", nonnegative(sympy.Symbol("psi") * sympy.Symbol("m") ** 2))
        assert not judge(Average(BOTH, "teacher"), equal(0, sympy.Symbol("L")), (premise,), words)

    def test_a_weight_of_either_sign(self, words):
        premise = ("entry", nonnegative(sympy.Symbol("m") ** 2))
        negative = words.pointwise("w", V * M * M, "", labels=BOTH)
        assert not judge(Average((), None, V), nonnegative(negative), (premise,), words)

    def test_two_premises_are_one_too_many(self, words):
        premise = nonnegative(sympy.Symbol("mm"))
        pair = (("one", premise), ("two", premise))
        assert not judge(Average((), "teacher"), nonnegative(sympy.Symbol("L")), pair, words)

    def test_no_mean_of_a_mean_times_a_function(self, words):
        premise = ("entry", nonnegative(sympy.Symbol("L") * sympy.Symbol("mm")))
        target = nonnegative(sympy.Symbol("L") ** 2)
        assert not judge(Average((), "teacher"), target, (premise,), words)


class TestCombinations:
    PREMISES = (("x", nonnegative(X)), ("y", nonnegative(Y)), ("same", equal(X, Y)))

    def test_multipliers_are_nonnegative(self):
        assert judge(Combination(((2, ("x",)),)), nonnegative(2 * X), self.PREMISES)
        assert not judge(Combination(((-2, ("x",)),)), nonnegative(-2 * X), self.PREMISES)
        assert not judge(Combination((), ((-1, X),)), nonnegative(-(X**2)), self.PREMISES)

    def test_a_premise_must_be_named(self):
        assert not judge(Combination(((1, ("z",)),)), nonnegative(X), self.PREMISES)

    def test_equalities_may_be_used_both_ways(self):
        assert judge(Combination(((1, ("x",)),)), nonnegative(3 * Y - 2 * X), self.PREMISES)
        assert not judge(Combination(((1, ("x",)),)), nonnegative(3 * Y - 2 * X), self.PREMISES[:2])

    def test_an_equality_follows_from_equalities_only(self):
        assert judge(Combination(), equal(X**2, Y**2), self.PREMISES)
        assert not judge(Combination(((1, ("x",)),)), equal(0, X), self.PREMISES)

    def test_a_common_factor_is_divided_out_only_if_positive(self):
        product = ("product", nonnegative(X * Y))
        assert judge(Cancel("f", "product"), nonnegative(Y), (("f", positive(X)), product))
        assert not judge(Cancel("f", "product"), nonnegative(Y), (("f", nonnegative(X)), product))
        assert not judge(Cancel("f", "product"), equal(0, Y), (("f", positive(X)), product))

    def test_zero_from_a_square_or_from_both_sides(self):
        assert judge(Vanishes(), equal(X, 0), (("square", at_most(X**2, 0)),))
        assert judge(Vanishes(), equal(X, 0), (("up", at_most(X, 0)), ("down", nonnegative(X))))
        assert not judge(Vanishes(), equal(X, 0), (("up", at_most(X, 0)),))
        assert not judge(Vanishes(), at_most(X, 0), (("square", at_most(X**2, 0)),))


class TestPolynomials:
    def test_sturm_needs_its_interval_as_premises(self):
        rule = Sturm(T, 0, 2, ("low", "high"))
        interval = (("low", nonnegative(T)), ("high", at_most(T, 2)))
        assert judge(rule, nonnegative((T - 1) ** 2 * (2 - T)), interval)
        assert not judge(
            rule, nonnegative((T - 1) ** 2 * (2 - T) - sympy.Rational(1, 1000)), interval
        )
        wider = (("low", nonnegative(T)), ("high", at_most(T, 3)))
        assert not judge(rule, nonnegative((T - 1) ** 2 * (2 - T)), wider)
        assert not judge(rule, equal(T, T), interval)
        assert not judge(rule, nonnegative(T * X), interval)

    @pytest.mark.parametrize(
        ("polynomial", "low", "high", "holds"),
        [
            (T**2 - 2, sympy.Rational(3, 2), sympy.oo, True),
            (T**2 - 2, sympy.Rational(7, 5), sympy.oo, False),
            (T * (T - 1), 1, 5, True),
            (T * (T - 1), 0, 1, False),
            (-T * (T - 1), 0, 1, True),
            (T**2, -1, 1, True),
            (-(T**2), -1, 1, False),
            (T**3, -sympy.oo, sympy.oo, False),
            (T**3, -sympy.oo, 0, False),
            (-(T**3), -sympy.oo, 0, True),
            (T**4 - 2 * T**2 + 1, -sympy.oo, sympy.oo, True),
            ((T - 1) ** 3, 1, 2, True),
            (sympy.Integer(-1), 0, 1, False),
            (T - 1, 1, 1, True),
            (T - 2, 1, 1, False),
        ],
    )
    def test_sign_on_an_interval(self, polynomial, low, high, holds):
        assert certificates.nonnegative_on_interval(polynomial, T, low, high) is holds

    def test_a_substitution_must_be_what_the_premises_say(self):
        s = sympy.Symbol("s")
        premise = (("edge", at_most(1, X)),)
        assert judge(Substitution({X: 1 + s}, {s: "edge"}), nonnegative(X**2 - 1), premise)
        assert not judge(Substitution({X: 1 + s}, {s: "edge"}), nonnegative(X**2 - 2), premise)
        assert not judge(Substitution({X: 2 + s}, {s: "edge"}), nonnegative(X**2 - 4), premise)
        assert not judge(Substitution({X: 1 + s}, {s: "edge"}), nonnegative(X * Y - Y), premise)

    def test_a_substitution_must_reach_every_value(self):
        s = sympy.Symbol("s")
        premise = (("edge", nonnegative(X)),)
        assert not judge(Substitution({X: s, Y: s}, {s: "edge"}), nonnegative(X * Y), premise)
        both = (*premise, ("other", nonnegative(Y - X)))
        t = sympy.Symbol("t")
        good = Substitution({X: s, Y: s + t}, {s: "edge", t: "other"})
        assert judge(good, nonnegative(X * Y), both)
        assert not judge(good, nonnegative(X - Y), both)

    def test_sums_of_squares(self):
        assert certificates.is_sum_of_squares(X**2 + Y**2, [(1, X), (1, Y)])
        assert not certificates.is_sum_of_squares(X**2 - Y**2, [(1, X), (-1, Y)])
        assert not certificates.is_sum_of_squares(X**2 + Y**2, [(1, X)])

    def test_membership_needs_the_right_ideal(self):
        assert certificates.is_zero(X**2 - 3, [X - sympy.sqrt(3)])
        assert not certificates.is_zero(X, [X**2])  # true of the zero set, not of the ideal


class TestFamilies:
    def test_largest_and_least(self, words):
        pi, b = symbols("pi b")
        top = words.largest("top", pi, ("j0",), "")
        low = words.least("low", pi, ("j0",), "")
        assert judge(Member(), at_most(pi, top), (), words)
        assert judge(Member(), at_most(low, pi), (), words)
        assert not judge(Member(), at_most(top, pi), (), words)
        assert not judge(Member(), at_most(pi, low), (), words)
        assert not judge(Member(), equal(pi, top), (), words)
        assert judge(Bound(), at_most(top, b), (("each", at_most(pi, b)),), words)
        assert judge(Bound(), at_most(b, low), (("each", at_most(b, pi)),), words)
        assert not judge(Bound(), at_most(low, b), (("each", at_most(pi, b)),), words)
        assert not judge(Bound(), at_most(b, top), (("each", at_most(b, pi)),), words)

    def test_a_bound_may_not_depend_on_the_member(self, words):
        pi, psi = symbols("pi psi")
        top = words.largest("top", pi, ("j0",), "")
        assert not judge(Bound(), at_most(top, psi), (("each", at_most(pi, psi)),), words)


class TestClassicalResults:
    def jensen(self, words, **changes):
        f = words.expectation("f", "teacher", PSI * M, "", labels=BOTH)
        s = words.expectation("s", "teacher", PSI * M * M, "", labels=BOTH)
        given = {
            "product": f,
            "first": s,
            "second": sympy.Symbol("c"),
            "f": M,
            "weight": PSI,
            "base": "teacher",
            **changes,
        }
        return CauchySchwarz(**given), at_most(f**2, s * sympy.Symbol("c")), f, s

    def test_an_instance_is_matched(self, words):
        rule, target, *_ = self.jensen(words)
        assert judge(rule, target, (), words)

    @pytest.mark.parametrize(
        "changes",
        [{"base": "student"}, {"weight": ONE}, {"f": V}, {"cites": "Hölder"}, {"weight": V}],
    )
    def test_another_mean_is_not(self, words, changes):
        rule, target, *_ = self.jensen(words, **changes)
        assert not judge(rule, target, (), words)

    def test_the_conclusion_must_be_the_result(self, words):
        rule, _, f, s = self.jensen(words)
        assert not judge(rule, at_most(f**2, s * sympy.Symbol("c") / 2), (), words)
        assert not judge(rule, equal(f**2, s * sympy.Symbol("c")), (), words)

    def test_popoviciu_needs_the_range_of_its_values(self, words):
        value = words.pointwise("y", V, "", labels=BOTH)
        mean = (PSI * V).sum_over("j0")
        centred = V - mean
        spread = words.pointwise(
            "var", (PSI * centred * centred).sum_over("j0"), "", labels=("a0",)
        )
        other = words.pointwise("z", atom("v", "j1", "a0"), "", labels=("j1", "a0"))
        gap = words.pointwise("gap", V - atom("v", "j1", "a0"), "", labels=("j0", "j1", "a0"))
        top = words.largest("top", gap**2, ("j0", "j1", "a0"), "")
        good = (("range", at_most(gap**2, top)),)
        assert judge(Popoviciu(value, top), at_most(4 * spread, top), good, words)
        assert not judge(Popoviciu(value, top), at_most(5 * spread, top), good, words)
        assert not judge(Popoviciu(value, top), at_most(4 * spread, top), (), words)
        loose = (("range", at_most(gap**2, 2 * top)),)
        assert not judge(Popoviciu(value, top), at_most(4 * spread, top), loose, words)
        assert not judge(Popoviciu(value, other**2), at_most(4 * spread, other**2), good, words)

    def test_bhatia_davis_needs_both_ends(self, words):
        value = words.pointwise("y", PSI, "", labels=("j0",))
        mean = (PSI * PSI).sum_over("j0")
        centred = PSI - mean
        average = words.pointwise("mean", mean, "")
        spread = words.pointwise("var", (PSI * centred * centred).sum_over("j0"), "")
        ends = (("low", nonnegative(value)), ("high", at_most(value, 1)))
        target = at_most(spread, (1 - average) * average)
        assert judge(BhatiaDavis(value, sympy.Integer(0), sympy.Integer(1)), target, ends, words)
        assert not judge(
            BhatiaDavis(value, sympy.Integer(0), sympy.Integer(1)), target, ends[:1], words
        )
        assert not judge(
            BhatiaDavis(value, sympy.Integer(0), sympy.Integer(1)),
            at_most(2 * spread, (1 - average) * average),
            ends,
            words,
        )

    def test_a_false_instance_is_seen_in_numbers(self, words):
        from proofs_check.proofs.classical import numerically

        L, R, mm = symbols("L R mm")
        assert not numerically(at_most(R, L), words).holds
        assert not numerically(at_most(mm, 1), words).holds
        assert not numerically(equal(L, R), words).holds
        assert numerically(nonnegative(mm), words).holds

    def test_only_listed_results_may_be_cited(self):
        assert not judge(Cited("Folklore", "", lambda s: Finding(True)), nonnegative(X))
        assert judge(Cited("Pinsker", "", lambda s: Finding(True)), nonnegative(X))


class TestSequences:
    @pytest.fixture
    def run(self) -> ReverseWords:
        return ReverseWords()

    def within(self, run):
        return Hypothesis("within", at_most(run.one.square, run.one.first), "", temporary=True)

    def induction(self, run, *, rests_on=("within",), start=None, passage=None, extra=()):
        hypothesis = self.within(run)
        one = run.one
        premises = {
            "start": Known(start or at_most(one.first, one.first)),
            "passage": Known(passage or at_most(one.following, one.first), frozenset(rests_on)),
        }
        everything = {h.name: h for h in (hypothesis, *extra)}
        rule = Induction("within", "start", "passage", one.update)
        situation = Situation(hypothesis.statement, premises, everything, run.glossary)
        try:
            return rule.verify(situation).holds
        except ProofError:
            return False

    def test_induction(self, run):
        one = run.one
        assert self.induction(run)
        assert not self.induction(run, passage=at_most(one.following, one.square))
        assert not self.induction(run, start=at_most(one.first, 2 * one.first))

    def test_induction_under_a_hypothesis_that_may_fail_later(self, run):
        small = Hypothesis("small", at_most(run.loss, 1), "")
        fixed = Hypothesis("fixed", at_most(run.one.step_size, 1), "")
        assert not self.induction(run, rests_on=("within", "small"), extra=(small,))
        assert self.induction(run, rests_on=("within", "fixed"), extra=(fixed,))

    def test_the_update_must_be_the_step(self, run):
        import dataclasses

        one = run.one
        wrong = dataclasses.replace(one.update, moved=one.mean + one.step_size * one.gradient)
        with pytest.raises(ProofError):
            wrong.check(run.glossary)

    def test_a_statement_at_every_step_needs_its_assumption_shown(self, run):
        one, hypothesis = run.one, self.within(run)
        decrease = at_most(one.following, one.square)
        rule = AtEveryStep("within", "decrease", "shown")

        def holds(shown: Known, conclusion: Statement) -> bool:
            premises = {"decrease": Known(decrease, frozenset({"within"})), "shown": shown}
            situation = Situation(conclusion, premises, {"within": hypothesis}, run.glossary)
            return rule.verify(situation).holds

        assert holds(Known(hypothesis.statement), decrease)
        assert not holds(Known(hypothesis.statement, frozenset({"within"})), decrease)
        assert not holds(Known(nonnegative(one.square)), decrease)
        assert not holds(Known(hypothesis.statement), at_most(2 * one.following, one.square))

    def test_sums_over_the_steps(self, run):
        one = run.one
        rule = SumOverSteps(one.count, one.update, one.last)
        decrease = (("step", at_most(one.following, one.square - run.loss)),)
        good = at_most(run.losses, one.first - one.last)
        assert judge(rule, good, decrease, run.glossary)
        assert not judge(rule, at_most(run.losses, one.last - one.first), decrease, run.glossary)
        assert not judge(
            rule, at_most(2 * run.losses, one.first - one.last), decrease, run.glossary
        )
        growth = (("step", at_most(2 * one.following, one.square - run.loss)),)
        assert not judge(rule, good, growth, run.glossary)
        squared = (("step", nonnegative(run.loss**2)),)
        assert not judge(rule, nonnegative(run.losses**2), squared, run.glossary)
        constant = (("step", at_most(run.least, run.loss)),)
        assert judge(rule, at_most(one.count * run.least, run.losses), constant, run.glossary)
        assert not judge(rule, at_most(run.least, run.losses), constant, run.glossary)

    def test_sums_of_what_was_assumed_at_one_step(self, run):
        hypothesis = self.within(run)
        statement = nonnegative(run.loss)
        known = {"step": Known(statement, frozenset({"within"}))}
        situation = Situation(nonnegative(run.losses), known, {"within": hypothesis}, run.glossary)
        assert not SumOverSteps(run.one.count).verify(situation).holds

    def test_the_last_is_least_only_under_a_decrease(self, run):
        one = run.one
        rule = LastIsLeast(one.update, one.last)
        target = at_most(one.last, one.square)
        assert judge(rule, target, (("d", at_most(one.following, one.square)),), run.glossary)
        assert not judge(rule, target, (("d", at_most(one.square, one.following)),), run.glossary)
        assert not judge(
            rule,
            at_most(one.square, one.last),
            (("d", at_most(one.following, one.square)),),
            run.glossary,
        )

    def flow(self, run, **changes):
        one = run.one
        given = {
            "value": one.square,
            "rate": run.rate,
            "loss": run.loss,
            "loss_rate": run.loss_rate,
            "mean": one.mean,
            "gradient": one.gradient,
            "first": one.first,
            "last": run.at_time,
            "last_loss": run.loss_at_time,
            "time": run.time,
            "decay": "decay",
            "decrease": "decrease",
            "forward": "forward",
            **changes,
        }
        return FlowBound(**given)

    def test_integration_along_the_flow(self, run):
        one, words = run.one, run.glossary
        premises = [
            ("decay", at_most(run.rate, -4 * run.loss)),
            ("decrease", at_most(run.loss_rate, 0)),
            ("forward", nonnegative(run.time)),
        ]
        bound = 4 * run.time * run.loss_at_time
        target = at_most(bound, one.first - run.at_time)
        assert judge(self.flow(run), target, premises, words)
        assert not judge(self.flow(run), target, premises[:2], words)
        assert not judge(
            self.flow(run), at_most(2 * bound, one.first - run.at_time), premises, words
        )
        growing = [("decay", at_most(run.rate, 4 * run.loss)), *premises[1:]]
        assert not judge(self.flow(run), at_most(-bound, one.first - run.at_time), growing, words)
        rising = [premises[0], ("decrease", at_most(0, run.loss_rate)), premises[2]]
        assert not judge(self.flow(run), target, rising, words)
        assert not judge(self.flow(run, loss=run.spread), target, premises, words)
        assert not judge(self.flow(run, rate=run.loss_rate), target, premises, words)


class TestProofs:
    def proof(self, *steps: Step, hypotheses=()) -> Proof:
        words = Glossary()
        words.parameter("x", "a number")
        return Proof("P", "", "", "", "", "", words, hypotheses, steps, (steps[-1].name,))

    def test_a_step_may_not_use_a_later_one(self):
        first = Step("first", "", nonnegative(X), Combination(((1, ("second",)),)), ("second",))
        second = Step("second", "", nonnegative(X), Combination(((1, ("first",)),)), ("first",))
        assert len(replay(self.proof(first, second)).failed) == 2

    def test_no_strict_conclusion(self):
        step = Step("s", "", positive(X), Computed(lambda situation: Finding(True)))
        assert "strict" in replay(self.proof(step)).failed[0].detail

    def test_names_are_unique_and_conclusions_exist(self):
        step = Step("s", "", nonnegative(0), Combination())
        with pytest.raises(ValueError, match="share a name"):
            self.proof(step, step)
        with pytest.raises(ValueError, match="conclusions"):
            Proof("P", "", "", "", "", "", Glossary(), (), (step,), ("other",))

    def test_a_symbol_has_one_meaning(self):
        words = Glossary()
        words.parameter("b", "a number")
        with pytest.raises(ValueError, match="meaning already"):
            words.add(Quantity("b", "parameter", "another number", "b"))

    def test_labels_are_those_of_the_meaning(self, words):
        with pytest.raises(ValueError, match="labels are"):
            words.pointwise("bad", V, "", labels=("j0",))
        with pytest.raises(ValueError, match="labels are"):
            words.largest("top", sympy.Symbol("v"), ("j0",), "")
        with pytest.raises(ValueError, match="labels are"):
            words.expectation("worse", "teacher", PSI, "")

    def test_a_step_that_is_no_polynomial_fails(self):
        quotient = nonnegative(1 / (1 + X))
        step = Step("s", "", quotient, Combination(((1, ("x",)),)), ("x",))
        found = replay(self.proof(step, hypotheses=(Hypothesis("x", nonnegative(X), ""),)))
        assert not found.outcomes[0].holds

    def test_what_depends_on_the_means(self, words):
        words.largest("top", sympy.Symbol("pi"), ("j0",), "")
        words.least("lowest", sympy.Symbol("L"), ("k",), "")
        changing = {
            name: depends_on_means(sympy.Symbol(name), words)
            for name in ("b", "pi", "top", "lowest", "L", "v", "VV", "p")
        }
        assert changing == {
            "b": False,
            "pi": False,
            "top": False,
            "lowest": False,
            "L": True,
            "v": True,
            "VV": True,
            "p": True,
        }

    def test_the_empty_polynomial_is_a_nonnegative_factor(self):
        assert certificates.is_nonnegative_factor(Polynomial())
        assert not certificates.is_nonnegative_factor(ONE - atom("psi", "j0") - 1)
        assert not certificates.is_nonnegative_factor(ONE - 2 * atom("delta_component", "j0", "j1"))
