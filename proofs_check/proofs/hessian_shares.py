"""What one component has at most in the Hessian's integrand, for one unit of ``|u_j|^2``."""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.cluster_tactics import Row, shown
from proofs_check.proofs.hessian_groups import DEEP, LOW, PSI
from proofs_check.proofs.hessian_words import (
    AT_0,
    AT_4,
    C_A,
    C_B,
    DEEP_J,
    DEEP_SUM,
    DELTA,
    K_A,
    K_B,
    K_V,
    LACK,
    LACK_BOUND,
    WEIGHT_RATIO,
    G,
    parabola,
    tangent,
)
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.kernel.terms import number
from proofs_check.proofs.tactics.arithmetic import Cancel
from proofs_check.proofs.tactics.averages import Average
from proofs_check.proofs.tactics.exponentials import ExponentialPositive
from proofs_check.proofs.tactics.language import (
    J,
    Number,
    V,
    at_most,
    below,
    equal,
    exponential,
    nonnegative,
    positive,
    psi,
    total,
)
from proofs_check.proofs.tactics.script import Hypothesis, Step
from proofs_check.proofs.tactics.steps import Axiom, Cases, Derived, Specialise

_ZERO, _ONE, _TWO = number(0), number(1), number(2)
_HALF, _QUARTER = Fraction(1, 2), Fraction(1, 4)
#: ``delta_j >= 0`` or not; ``delta_j <= -2`` or not; ``psi_j <= 1/2`` or not.
_HIGH, _DEEP, _MINOR = (_ZERO, DELTA), (_TWO, -DELTA), (2 * PSI, _ONE)
LACK_SUM, DEEP_TOTAL = total(psi(V, J) * LACK, J), total(psi(V, J) * DEEP_J, J)
#: At ``|x|^2 = d``, at ``|x|^2 = d + 4``, and what each further unit adds.
PART_0 = (
    PSI * (2 + 2 * DELTA)
    + 2 * AT_0.own * PSI * DEEP_J * (G - 2 * DELTA)
    + 2 * AT_0.mean * DEEP_SUM * G * PSI
)
PART_4 = (
    PSI * (2 * DELTA - 2)
    + 2 * AT_4.own * PSI * LACK * (G - 2 * DELTA)
    + 2 * AT_4.mean * LACK_BOUND * G * PSI
)
PART_V = PSI * ((1 - 2 * PSI) * (G - 2 * DELTA) + G) - PSI


def case_hypotheses() -> tuple[Hypothesis, ...]:
    """The cases that are told apart."""
    return (
        Hypothesis("delta_j >= 0", at_most(*_HIGH), "a case", temporary=True),
        Hypothesis("delta_j < 0", below(*_HIGH[::-1]), "a case", temporary=True),
        Hypothesis("delta_j <= -2", at_most(*_DEEP), "a case", temporary=True),
        Hypothesis("delta_j > -2", below(*_DEEP[::-1]), "a case", temporary=True),
        Hypothesis("psi_j <= 1/2", at_most(*_MINOR), "a case", temporary=True),
        Hypothesis("psi_j > 1/2", below(*_MINOR[::-1]), "a case", temporary=True),
    )


def both_cases(
    name: str, goal: Term, split: tuple[Term, Term], *cases: tuple[tuple[Row, ...], tuple[str, ...]]
) -> tuple[Step, ...]:
    """A relation in both cases, each from its rows and equations; then together."""
    steps = [
        Step(f"{name}: {label}", "a case", goal, Derived(), using)
        if goal.op == "equal"
        else shown(f"{name}: {label}", "a case", goal, *rows, using=using)
        for label, (rows, using) in zip(("one case", "the other"), cases, strict=True)
    ]
    names = tuple(step.name for step in steps)
    return (*steps, Step(name, "by cases", goal, Cases(*split, *names), names))


def lack_steps() -> tuple[Step, ...]:
    """The negative parts of ``delta_j`` and of ``delta_j + 2``, and their sums."""
    low, deep = (group.at(J) for group in (LOW, DEEP))
    lack = (*_HIGH, _ZERO, -DELTA)
    far = (*_DEEP, -DELTA - 2, _ZERO)
    marks = (*_HIGH, _ONE, _ZERO), (*_DEEP, _ONE, _ZERO)
    given = (
        ("no lack", LACK, 0, "first case", lack, "delta_j >= 0"),
        ("not low", low, 0, "first case", marks[0], "delta_j >= 0"),
        ("lack", LACK, -DELTA, "second case", lack, "delta_j < 0"),
        ("low", low, 1, "second case", marks[0], "delta_j < 0"),
        ("deep lack", DEEP_J, -DELTA - 2, "first case", far, "delta_j <= -2"),
        ("deep", deep, 1, "first case", marks[1], "delta_j <= -2"),
        ("no deep lack", DEEP_J, 0, "second case", far, "delta_j > -2"),
        ("not deep", deep, 0, "second case", marks[1], "delta_j > -2"),
    )
    return (
        *(Step(name, case, equal(left, right), Axiom(rule, parts), (case,))
          for name, left, right, rule, parts, case in given),
        *both_cases("lack >= 0", nonnegative(LACK), _HIGH, ((), ("no lack",)),
                    (((1, ("delta_j < 0",)),), ("lack",))),
        *both_cases("-delta_j", at_most(-DELTA, LACK), _HIGH,
                    (((1, ("delta_j >= 0",)),), ("no lack",)), ((), ("lack",))),
        *both_cases("lack and mark", equal(low * -DELTA, LACK), _HIGH,
                    ((), ("no lack", "not low")), ((), ("lack", "low"))),
        *both_cases("deep lack >= 0", nonnegative(DEEP_J), _DEEP,
                    (((1, ("delta_j <= -2",)),), ("deep lack",)), ((), ("no deep lack",))),
        *both_cases("-2 - delta_j", at_most(-DELTA - 2, DEEP_J), _DEEP, ((), ("deep lack",)),
                    (((1, ("delta_j > -2",)),), ("no deep lack",))),
        *both_cases("deep lack and mark", equal(deep * (-DELTA - 2), DEEP_J), _DEEP,
                    ((), ("deep lack", "deep")), ((), ("no deep lack", "not deep"))),
        Step("low sum", "added", equal(LOW.pulled, LACK_SUM), Average((J,), (PSI,)),
             ("lack and mark",)),
        Step("deep sum", "added", equal(DEEP.pulled - 2 * DEEP.share, DEEP_TOTAL),
             Average((J,), (PSI,)), ("deep lack and mark",)),
        *_divided("sum of lacks", "zeta", at_most(LACK_SUM, LACK_BOUND), using=("low sum",)),
        *_divided("sum of deep lacks", "eps", at_most(DEEP_TOTAL, DEEP_SUM), using=("deep sum",)),
    )  # fmt: skip


def _divided(
    name: str, group: str, goal: Term, times: Number = 1, signs: tuple[str, ...] = (),
    using: tuple[str, ...] = (),
) -> tuple[Step, ...]:  # fmt: skip
    """Jensen's inequality for a group, its parabola, and both divided by ``e^g``."""
    left, right = goal.args
    above, product = f"{group}: exp(g) > 0", f"{name}, times exp(g)"
    return (
        shown(product, "Jensen's inequality and its parabola",
              nonnegative(tangent(group) * (right - left)),
              (times, (*signs, f"{group}: Jensen")), (1, (f"{group}: parabola",)), using=using),
        Step(name, "divided by exp(g)", goal, Cancel(above, product), (above, product)),
    )  # fmt: skip


def constant_steps() -> tuple[Step, ...]:
    """Signs of the constants."""
    steps: list[Step] = []
    for name, split in (("A", AT_0), ("B", AT_4)):
        own, mean = split.own - 1, split.mean - 1
        steps += [
            shown(f"a_{name} - 1 > 0", "above 1", positive(own), (1, (f"a_{name} > 1",))),
            shown(f"(a_{name} - 1)(b_{name} - 1)", "it is 1", nonnegative(own * mean), (1, ()),
                  using=(f"split {name}",)),
            Step(f"b_{name} >= 1", "divided", nonnegative(mean),
                 Cancel(f"a_{name} - 1 > 0", f"(a_{name} - 1)(b_{name} - 1)"),
                 (f"a_{name} - 1 > 0", f"(a_{name} - 1)(b_{name} - 1)")),
            shown(f"a_{name} >= 0", "above 1", nonnegative(split.own), (1, (f"a_{name} > 1",)),
                  (1, ())),
            shown(f"b_{name} >= 0", "at least 1", nonnegative(split.mean),
                  (1, (f"b_{name} >= 1",)), (1, ())),
        ]  # fmt: skip
    return (
        *steps,
        shown("c_A >= 0", "at least 2 b_A eps", nonnegative(C_A), (1, ("c_A",)),
              (2, ("b_A >= 0", "eps >= 0"))),
        Step("B at 1", "at the share 1", at_most(*parabola("B", _ONE)), Specialise((_ONE,)),
             ("B",)),
        shown("c_B, times exp(g)", "the parabola",
              nonnegative(tangent("B") * (C_B - 2 * AT_4.mean * LACK_BOUND)), (1, ("B at 1",))),
        Step("c_B", "divided by exp(g)", at_most(2 * AT_4.mean * LACK_BOUND, C_B),
             Cancel("B: exp(g) > 0", "c_B, times exp(g)"),
             ("B: exp(g) > 0", "c_B, times exp(g)")),
    )  # fmt: skip


def share_steps() -> tuple[Step, ...]:
    """The terms in ``psi_j delta_j``, from the parabolas."""
    deep, low = PSI * (-DELTA - 2), PSI * -DELTA
    return (
        *_divided("psi_j (2 + 2 delta_j)", "K", at_most(PSI * (2 + 2 * DELTA), K_A), 2),
        *_divided("deep share", "A",
                  at_most(2 * AT_0.own * deep + 2 * AT_0.mean * DEEP_SUM * PSI, C_A),
                  2, ("a_A >= 0",)),
        *_divided("low share", "B",
                  at_most(2 * AT_4.own * low + 2 * AT_4.mean * LACK_BOUND * PSI, C_B),
                  2, ("a_B >= 0",)),
        *_divided("spread share", "V", at_most(2 * low - PSI, K_V), 2),
    )  # fmt: skip


def square_steps() -> tuple[Step, ...]:
    """The terms in ``psi_j delta_j^2``, from ``psi_j exp(-delta_j) <= q``."""
    slope, e = exponential(Fraction(17, 10)), exponential(1)
    whole, half = exponential(-DELTA), exponential(-_HALF * DELTA)
    deep = DELTA**2 + 2 * DELTA
    return (
        Step("exp(-delta_j/2)", "its square", equal(whole, half**2),
             Axiom("exponential of a sum", (-_HALF * DELTA, -_HALF * DELTA))),
        *_tail_steps("deep tail", Fraction(17, 10), ("delta_j <= -2", Fraction(3, 10))),
        *_tail_steps("low tail", Fraction(1), ("delta_j < 0", Fraction(0))),
        shown("K_A at j, times exp", "a square",
              nonnegative(slope**2 * (K_A - 4 * AT_0.own * PSI * deep)), (1, ("K_A and a_A",)),
              (Fraction(400, 21), ("a_A >= 0", "deep tail")),
              (Fraction(16, 21), ("a_A >= 0", "psi_j > 0"), (slope * (DELTA + Fraction(7, 2)),))),
        Step("K_A at j", "divided", at_most(4 * AT_0.own * PSI * deep, K_A),
             Cancel("deep tail: exp(c)^2 > 0", "K_A at j, times exp"),
             ("deep tail: exp(c)^2 > 0", "K_A at j, times exp")),
        shown("K_B at j, times exp", "the tail",
              nonnegative(e**2 * (K_B - 4 * AT_4.own * PSI * DELTA**2)), (1, ("K_B and a_B",)),
              (16, ("a_B >= 0", "low tail"))),
        Step("K_B at j", "divided", at_most(4 * AT_4.own * PSI * DELTA**2, K_B),
             Cancel("low tail: exp(c)^2 > 0", "K_B at j, times exp"),
             ("low tail: exp(c)^2 > 0", "K_B at j, times exp")),
    )  # fmt: skip


def _tail_steps(name: str, c: Fraction, case: tuple[str, Fraction]) -> tuple[Step, ...]:
    """``psi_j exp(c)^2 (1 - c - delta_j/2)^2 <= q``, where the bracket is not negative."""
    e, half = exponential(c), exponential(-_HALF * DELTA)
    rest, line = exponential(-_HALF * DELTA - c), 1 - c - _HALF * DELTA
    label, room = case
    part = {key: f"{name}: {key}" for key in ("sum", "exp(c) > 0", "exp(c)^2 > 0", "tangent",
                                              "line", "square")}  # fmt: skip
    return (
        Step(part["sum"], "of a sum", equal(half, e * rest),
             Axiom("exponential of a sum", (number(c), -_HALF * DELTA - c))),
        Step(part["exp(c) > 0"], "an exponential", positive(e), ExponentialPositive()),
        shown(part["exp(c)^2 > 0"], "its square", positive(e**2), (1, (part["exp(c) > 0"],) * 2)),
        Step(part["tangent"], "of the exponential", at_most(line, rest),
             Axiom("tangent", (-_HALF * DELTA - c,))),
        shown(part["line"], "a tangent", at_most(e * line, half),
              (1, (part["exp(c) > 0"], part["tangent"])), using=(part["sum"],)),
        shown(part["square"], "both sides are not negative",
              at_most(e**2 * line**2, exponential(-DELTA)), (1, (part["line"],) * 2),
              (1, (part["line"], part["exp(c) > 0"], label)),
              (2 * room, (part["line"], part["exp(c) > 0"])), using=("exp(-delta_j/2)",)),
        shown(name, "psi_j exp(-delta_j) <= q", at_most(PSI * e**2 * line**2, WEIGHT_RATIO),
              (1, ("psi_j > 0", part["square"])), (1, ("psi_j exp(-delta_j)",))),
    )  # fmt: skip


def part_steps() -> tuple[Step, ...]:
    """The three parts of component j."""
    spread: Row = (_HALF, ("G >= 0",), (1 - 2 * PSI,))
    whole = "psi_j (2 + 2 delta_j)"
    level = at_most(PART_V, _HALF * G + K_V)
    minor: tuple[Row, ...] = (
        spread, (1, ("K_V >= 0",)), (2, ("psi_j > 0", "psi_j <= 1/2", "delta_j >= 0")),
        (1, ("psi_j > 0",)),
    )  # fmt: skip
    major: tuple[Row, ...] = (
        spread, (1, ("psi_j > 1/2", whole)), (_QUARTER, (), (4 * PSI - 1 - K_A,)),
        (_HALF, ("psi_j > 1/2",)), (_QUARTER, ("K_V and K_A",)),
    )  # fmt: skip
    return (
        *both_cases("part at 0", at_most(PART_0, K_A + C_A * G), _DEEP,
                    (((1, ("G >= 0", "deep share")), (1, ("K_A at j",)),
                      (2, ("psi_j > 0", "delta_j <= -2")), (2, ("psi_j > 0",))), ("deep lack",)),
                    (((1, (whole,)), (1, ("c_A", "G >= 0")),
                      (2, ("b_A >= 0", "eps >= 0", "psi_j <= 1", "G >= 0"))), ("no deep lack",))),
        *both_cases("part at 4", at_most(PART_4, K_B + C_B * G), _HIGH,
                    (((1, ("K_B and K_A",)), (1, (whole,)), (4, ("psi_j > 0",)),
                      (1, ("c_B", "G >= 0")),
                      (2, ("b_B >= 0", "zeta >= 0", "psi_j <= 1", "G >= 0"))), ("no lack",)),
                    (((1, ("G >= 0", "low share")), (1, ("K_B at j",)), (2, ("psi_j > 0",)),
                      (2, ("psi_j > 0", "delta_j < 0"))), ("lack",))),
        *both_cases("part beyond, above", level, _MINOR, (minor, ()), (major, ())),
        shown("part beyond, below", "delta_j < 0", level, spread, (1, ("spread share",)),
              (4, ("psi_j > 0", "psi_j > 0", "delta_j < 0"))),
        Step("part beyond", "by cases", level,
             Cases(*_HIGH, "part beyond, above", "part beyond, below"),
             ("part beyond, above", "part beyond, below")),
    )  # fmt: skip
