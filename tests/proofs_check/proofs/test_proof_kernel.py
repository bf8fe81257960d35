"""False statements that a rule once verified, or could be made to: each must fail when replayed."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sympy

from derive.algebra.index import atom, dot
from proofs_check.proofs.classical import Popoviciu
from proofs_check.proofs.dynamics import AtEveryStep, LastIsLeast, Update
from proofs_check.proofs.proof import Hypothesis, Proof, Step, replay
from proofs_check.proofs.quantities import (
    Glossary,
    Statement,
    at_most,
    equal,
    nonnegative,
    positive,
)
from proofs_check.proofs.reasoning import Cases, CountedInduction, ForVector, ResponsibilityFloor
from proofs_check.proofs.rules import (
    Average,
    Calculus,
    Cancel,
    Combination,
    Derived,
    Replayed,
    Square,
    Squares,
    Substitution,
    Vanishes,
)
from proofs_check.proofs.theorem_f import theorem_f
from proofs_check.verdict import Verdict

BOTH = ("j0", "a0")
V = atom("v", *BOTH)
LENGTH = "|w|^2"
b, c, k, x, y, v, L, P = sympy.symbols("b c k x y v L P")


@pytest.fixture
def words() -> Glossary:
    words = Glossary()
    words.pointwise("v", V, "the means", labels=BOTH)
    centre = (atom("pi", "j0") * V).sum_over("j0")
    words.pointwise("c", centre, "the centre", labels=("a0",))
    words.expectation("L", "teacher", dot(atom("m", "a9"), atom("m", "a9")), "E_q|m|^2")
    words.expectation("q_j", "teacher", atom("psi", "j0"), "E_q psi_j", labels=("j0",))
    for name in ("b", "x", "y", "P", "floor"):
        words.parameter(name, "a number")
    words.parameter("first", "the same at step 0")
    words.parameter("last", "the same after N steps")
    words.functional("k", "the number of the step")
    words.total("VV", v**2, BOTH, "|V|^2")
    words.total("VV+", v**2, BOTH, "the same after a step that does nothing")
    return words


def step(name: str, conclusion: Statement, rule, *uses: str) -> Step:
    return Step(name, "", conclusion, rule, uses)


def assumed(name: str, statement: Statement) -> Hypothesis:
    return Hypothesis(name, statement, "", temporary=True)


def verdict(words: Glossary, steps: tuple[Step, ...], hypotheses=()) -> Verdict:
    """What replaying says of the last step."""
    last = steps[-1].name
    return replay(Proof("", "", "", "", "", "", words, hypotheses, steps, (last,))).verdict


def shown(rule) -> Verdict:
    """Whether the verdict is that nothing is shown."""
    return rule is Verdict.INCONCLUSIVE


class TestStatements:
    @pytest.mark.parametrize("base", [sympy.I, sympy.I * x, sympy.sqrt(x), 0.5 * x])
    def test_what_is_squared_is_a_real_polynomial(self, words, base):
        squared = step("s", nonnegative(base**2), Combination((), ((1, base),)))
        assert shown(verdict(words, (squared,)))
        real = step("s", nonnegative((x - y) ** 2), Combination((), ((1, x - y),)))
        assert verdict(words, (real,)) is Verdict.PROVED

    def test_a_float_makes_different_numbers_equal(self, words):
        tiny = sympy.Float("1e-17")
        false = step("s", at_most(sympy.Float(1) + tiny, 1), Combination())
        assert shown(verdict(words, (false,)))
        assert shown(verdict(words, (step("s", equal(x * (1 + tiny), x), Combination()),)))

    def test_a_multiplier_is_no_symbol_that_is_assumed_to_be_positive(self, words):
        other = sympy.Symbol("x", positive=True)
        false = step("s", nonnegative(other), Combination(((other, ()),)))
        assert shown(verdict(words, (false,)))

    def test_every_symbol_has_a_meaning(self, words):
        unknown = sympy.Symbol("unknown")
        square = step("s", nonnegative(unknown**2), Combination((), ((1, unknown),)))
        assert shown(verdict(words, (square,)))
        right = step("s", nonnegative(0), Combination())
        with pytest.raises(ValueError, match="no meaning is given for unknown"):
            verdict(words, (right,), (Hypothesis("h", nonnegative(unknown), ""),))

    def test_nothing_imaginary_vanishes(self, words):
        steps = (
            step("square", nonnegative(x**2), Combination((), ((1, x),))),
            step("root", equal(sympy.I * x, 0), Vanishes(), "square"),
            step("s", equal(x, 0), Combination(), "root"),
        )
        assert shown(verdict(words, steps))

    @pytest.mark.parametrize("rule", [Calculus(x, x), Replayed("density-rules")])
    def test_a_rule_that_looks_elsewhere_shows_no_conclusion(self, words, rule):
        assert shown(verdict(words, (step("s", at_most(L, 0), rule),)))
        assert verdict(words, (Step("s", "", None, rule),)) is Verdict.PROVED


class TestSubstitution:
    def test_a_new_symbol_does_not_lend_its_sign_to_an_old_one(self, words):
        premise = (Hypothesis("y", nonnegative(y), ""),)
        false = step("s", nonnegative(x), Substitution({}, {x: "y"}), "y")
        assert shown(verdict(words, (false,), premise))
        same = step("s", nonnegative(y), Substitution({}, {y: "y"}), "y")
        assert verdict(words, (same,), premise) is Verdict.PROVED


class TestTemporaryHypotheses:
    def test_an_inequality_does_not_discharge_an_equality(self, words):
        steps = (
            step("given", nonnegative(L), Squares((Square(atom("m", "a0"), ("a0",)),), "teacher")),
            step("use", equal(L, 0), Combination(), "none"),
            step("s", equal(L, 0), AtEveryStep("none", "use", "given"), "use", "given"),
        )
        assert shown(verdict(words, steps, (assumed("none", equal(0, L)),)))

    def test_an_inequality_does_not_discharge_a_strict_one(self, words):
        hypotheses = (
            assumed("positive", positive(x**2)),
            Hypothesis("product", nonnegative(x**2 * y), ""),
        )
        steps = (
            step("given", nonnegative(x**2), Combination((), ((1, x),))),
            step("use", nonnegative(y), Cancel("positive", "product"), "positive", "product"),
            step("s", nonnegative(y), AtEveryStep("positive", "use", "given"), "use", "given"),
        )
        assert shown(verdict(words, steps, hypotheses))


class TestCases:
    def test_the_case_is_the_same_for_every_label(self, words):
        """``0 <= v_ja c_a`` is false, though true if all entries have the same sign."""
        weighted = Average(("j0",), None, atom("pi", "j0"))
        steps = (
            step("c+", nonnegative(c), weighted, "+"),
            step("+c", nonnegative(v * c), Combination(((1, ("+", "c+")),)), "+", "c+"),
            step("c-", nonnegative(-c), weighted, "-"),
            step("-c", nonnegative(v * c), Combination(((1, ("-", "c-")),)), "-", "c-"),
            step("s", nonnegative(v * c), Cases("+c", "-c", ("+",), ("-",), ()), "+c", "-c"),
        )
        hypotheses = (assumed("+", nonnegative(v)), assumed("-", nonnegative(-v)))
        assert shown(verdict(words, steps, hypotheses))

    def test_a_loss_is_no_parameter_that_may_be_defined(self, words):
        assert shown(self.defined(words, (L,), equal(L, 0), (equal(L, 0),)))
        assert shown(self.defined(words, (x,), equal(x, L), (equal(x, L),)))
        assert self.defined(words, (x,), equal(x, y), (equal(x, y),)) is Verdict.PROVED

    def test_definitions_do_not_contradict_each_other(self, words):
        cycle = (equal(x, y), equal(y, x + 1))
        assert shown(self.defined(words, (x, y), equal(0, 1), cycle))

    def defined(self, words, parameters, conclusion, definitions) -> Verdict:
        """Discharge definitions that are the same in both cases ``0 <= P`` and ``P <= 0``."""
        cases = (nonnegative(P), nonnegative(-P))
        names = [(f"case {n}", *(f"{n}.{i}" for i in range(len(definitions)))) for n in (1, 2)]
        hypotheses = tuple(
            assumed(name, statement)
            for case, group in zip(cases, names, strict=True)
            for name, statement in zip(group, (case, *definitions), strict=True)
        )
        steps = (
            step("first", conclusion, Combination(), *names[0][1:]),
            step("second", conclusion, Combination(), *names[1][1:]),
            step("s", conclusion, Cases("first", "second", *names, parameters), "first", "second"),
        )
        return verdict(words, steps, hypotheses)


class TestCountedInduction:
    def counted(self, words, assumption: Statement, target: Statement, counter=k) -> Verdict:
        """``0 <= number |V|^2`` at every step, for a step that leaves the means alone."""
        VV, after, first = sympy.symbols("VV VV+ first")
        nonneg = Squares((Square(V, BOTH),))
        hypotheses = (
            Hypothesis("number", nonnegative(counter), "", by_definition=True),
            assumed("assumption", assumption),
        )
        steps = (
            step("square", nonnegative(after), nonneg),
            step("start", nonnegative(0), Combination()),
            step(
                "passage",
                nonnegative((counter + 1) * after),
                Combination(((1, ("number", "square")), (1, ("square",)))),
                "number",
                "square",
            ),
            step(
                "s",
                target,
                CountedInduction(
                    "assumption", "start", "passage", Update(VV, after, first, v, v), counter
                ),
                "start",
                "passage",
            ),
        )
        return verdict(words, steps, hypotheses)

    def test_it_gives_no_equality(self, words):
        VV = sympy.Symbol("VV")
        right = nonnegative(k * VV)
        assert self.counted(words, right, right) is Verdict.PROVED
        assert shown(self.counted(words, right, equal(0, k * VV)))

    def test_the_number_of_the_step_is_not_constant_along_the_steps(self, words):
        claim = nonnegative(x * sympy.Symbol("VV"))
        assert shown(self.counted(words, claim, claim, counter=x))

    def test_nothing_else_may_change(self, words):
        VV, after, first = sympy.symbols("VV VV+ first")
        rule = CountedInduction("a", "given", "given", Update(VV, after, first, v, v), k)
        given = step(
            "given", nonnegative(L), Squares((Square(atom("m", "a0"), ("a0",)),), "teacher")
        )
        steps = (given, step("s", nonnegative(L), rule, "given"))
        assert shown(verdict(words, steps, (assumed("a", nonnegative(L)),)))


class TestRuns:
    """A quantity of the first N steps says nothing about a step beyond N."""

    def test_the_least_loss_is_not_bounded_by_later_ones(self):
        """``b k min_{k<N} L_k <= 1`` for every k would make the least loss zero."""
        proof = theorem_f()
        least = sympy.Symbol("min L")
        uses = ("last loss", "b >= 0", "k >= 0", "least")
        rule = Combination(((1, ("last loss",)), (1, ("b >= 0", "k >= 0", "least"))))
        false = step("false", at_most(b * k * least, 1), rule, *uses)
        found = replay(replace(proof, steps=(*proof.steps, false), conclusions=("false",)))
        assert [outcome.step.name for outcome in found.failed] == ["false"]

    def last(self, words, name: str) -> Verdict:
        """``last <= |V|^2`` for a step that leaves the means alone."""
        VV, after, first, last = sympy.symbols(f"VV VV+ first {name}")
        steps = (
            step("same", equal(after, VV), Derived()),
            step("still", at_most(after, VV), Combination(), "same"),
            step(
                "s", at_most(last, VV), LastIsLeast(Update(VV, after, first, v, v), last), "still"
            ),
        )
        return verdict(words, steps)

    def test_the_last_value_is_not_below_later_ones(self, words):
        assert shown(self.last(words, "last"))

    def test_a_number_is_the_last_value_if_the_glossary_says_so(self):
        words = Glossary()
        words.pointwise("v", V, "the means", labels=BOTH)
        words.total("VV", v**2, BOTH, "|V|^2")
        words.total("VV+", v**2, BOTH, "the same after a step that does nothing")
        words.parameter("first", "the same at step 0")
        words.parameter("last", "the same after N steps")
        words.parameter("eta", "the step size")
        assert self.last(words, "last") is Verdict.PROVED
        assert shown(self.last(words, "eta"))


class TestVectors:
    def test_a_hypothesis_about_the_vector_in_other_words(self, words):
        vector = atom("number:w_a", "a0")
        w = words.parameter("w_a", "any vector", labels=("a0",))
        length = words.pointwise(LENGTH, (vector * vector).sum_over("a0"), "its square")
        means = words.pointwise("|v_j|^2", (V * V).sum_over("a0"), "of a mean", labels=("j0",))
        short = (Hypothesis("short", at_most(length, 1), ""),)
        false = step("s", at_most(means, 1), ForVector(w, V), "short")
        assert shown(verdict(words, (false,), short))

    def test_the_floor_needs_a_bound_of_all_means(self, words):
        floor, mass = sympy.symbols("floor q_j")
        bound = (Hypothesis("bound", at_most(L, P), ""),)
        false = step("s", at_most(floor, mass), ResponsibilityFloor(floor, mass, L, P), "bound")
        assert shown(verdict(words, (false,), bound))

    def test_values_that_depend_on_a_second_component(self, words):
        """Differences from the value at the second component bound no others."""
        values = atom("delta_component", "j0", "j1")
        spread = values - values.rename({"j0": "j1"})
        words.pointwise("spread", spread * spread, "", labels=("j0", "j1"))
        bound = (Hypothesis("bound", at_most(sympy.Symbol("spread"), b), ""),)
        mean = (atom("psi", "j0") * values).sum_over("j0")
        centred = values - mean
        variance = (atom("psi", "j0") * centred * centred).sum_over("j0")
        words.pointwise("variance", variance, "", labels=("j1",))
        false = step("s", at_most(4 * sympy.Symbol("variance"), b), Popoviciu(values, b), "bound")
        assert shown(verdict(words, (false,), bound))
