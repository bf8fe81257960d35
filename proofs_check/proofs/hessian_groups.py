"""What a group of components has of the posterior entropy: the three ``zeta`` of Theorem L.

For a group with indicator ``i``, ``S`` its share and ``c`` its number of members,
``P = sum_j i_j psi_j (lbar - l_j)``: Jensen's inequality over the pairs of a member and another
component gives ``exp(g) (S (1 - S)(1 - g) + P) <= c (1 - S)^2`` for every number g.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from proofs_check.proofs.cluster_tactics import Absurd, shown
from proofs_check.proofs.far_words import level, mean_level
from proofs_check.proofs.hessian_words import DELTA, LOG_M, LOG_TWO, M_, Z1, Z2, Z3, excess
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.kernel.terms import number, replaced
from proofs_check.proofs.tactics.bounds import Contracted, Indicator, Reciprocal
from proofs_check.proofs.tactics.exponentials import (
    ExponentialGrows,
    ExponentialPositive,
    LogarithmBound,
    NoOdds,
)
from proofs_check.proofs.tactics.language import (
    I_,
    N_,
    J,
    K,
    V,
    X,
    at_most,
    below,
    case,
    component,
    delta,
    equal,
    exponential,
    inverse,
    log_ratio,
    nonnegative,
    pi,
    positive,
    psi,
    total,
)
from proofs_check.proofs.tactics.script import Hypothesis, Step
from proofs_check.proofs.tactics.steps import (
    Average,
    Axiom,
    Cancel,
    Cases,
    Combination,
    Derived,
    Instance,
    Specialise,
    Vanishes,
)

_F = log_ratio(V)
PSI = psi(V, J)
L_ = component("l")


def odds_steps() -> tuple[Step, ...]:
    """``psi_i exp(l_k - l_i) = psi_k`` with equal weights."""
    here, there = level(V, X, I_), level(V, X, K)
    gap = there - here
    return (
        Step("density of i", "for i",
             equal(psi(V, I_) * exponential(_F), pi(I_) * exponential(here)),
             Instance({K: I_}), ("density at x",)),
        Step("pi_i", "uniform weights", equal(N_ * pi(I_), 1), Specialise((I_,)), ("uniform",)),
        Step("pi_k", "uniform weights", equal(N_ * pi(K), 1), Specialise((K,)), ("uniform",)),
        Step("n >= 1", "a number of components", at_most(1, N_), Axiom("components")),
        shown("n > 0", "positive", positive(N_), (1, ("n >= 1",)), (1, ())),
        Step("n times both", "the same", equal(N_ * (pi(I_) - pi(K)), 0), Derived(),
             ("pi_i", "pi_k")),
        Step("pi_i = pi_k", "divided", equal(pi(I_), pi(K)), Cancel("n > 0", "n times both"),
             ("n > 0", "n times both")),
        Step("from l_i to l_k", "of a sum", equal(exponential(there),
                                                  exponential(here) * exponential(gap)),
             Axiom("exponential of a sum", (here, gap))),
        Step("odds times p/q", "both densities",
             equal(exponential(_F) * (psi(V, I_) * exponential(gap) - psi(V, K)), 0), Derived(),
             ("density of i", "density at x", "pi_i = pi_k", "from l_i to l_k")),
        Step("odds", "divided", equal(psi(V, I_) * exponential(gap), psi(V, K)),
             Cancel("p/q > 0", "odds times p/q"), ("p/q > 0", "odds times p/q")),
        Step("psi_i > 0", "a responsibility", positive(psi(V, I_)),
             Instance({K: I_}), ("psi_k > 0",)),
    )  # fmt: skip


@dataclass(frozen=True)
class Group:
    """A group of components, and the number ``g`` at which the tangent is taken.

    Attributes
    ----------
    name : str
        Begins the names of its steps.
    indicator : Term
        Of K.
    premise : str
        Step: ``i_k^2 = i_k``; empty if it is so by form.
    most : Term
        ``m``, at least the number of members.
    """

    name: str
    indicator: Term
    premise: str
    most: Term

    def at(self, k: Term) -> Term:
        """The indicator of a component."""
        return replaced(self.indicator, {K: k})

    @property
    def share(self) -> Term:
        """``S``."""
        return total(self.at(L_) * psi(V, L_), L_)

    @property
    def members(self) -> Term:
        """``c``."""
        return total(self.at(L_), L_)

    @property
    def pulled(self) -> Term:
        """``P``."""
        return total(self.at(L_) * psi(V, L_) * (mean_level(V, X) - level(V, X, L_)), L_)

    @property
    def slope(self) -> Term:
        """``g = P/(S (1 - S))``."""
        return self.pulled * inverse(self.share * (1 - self.share))

    def steps(self, count: tuple[Step, ...]) -> tuple[Step, ...]:
        """From ``0 < P`` (a premise) to ``exp(g) S <= m (1 - S)``, ``P = S (1 - S) g``.

        The steps `count` show that there are at most m members.
        """

        def name(text: str) -> str:
            return f"{self.name}: {text}"

        i_i, i_k = self.at(I_), self.at(K)
        s, p, c, g = self.share, self.pulled, self.members, self.slope
        gap = level(V, X, K) - level(V, X, I_)
        tilted, rest = exponential(gap), exponential(gap - g)
        share_k = (1 - i_k) * psi(V, K)
        idempotent = (name("i_k^2"),) if self.premise else ()
        both = (*idempotent, name("i_i^2")) if self.premise else ()
        return (
            *((Step(name("i_k^2"), "an indicator", equal(i_k * i_k, i_k), Derived(),
                    (self.premise,)),
               Step(name("i_i^2"), "an indicator", equal(i_i * i_i, i_i),
                    Instance({K: I_}), (name("i_k^2"),))) if self.premise else ()),
            shown(name("i >= 0"), "its own square", nonnegative(i_i), (1, (), (i_i,)), using=both),
            shown(name("1 - i >= 0"), "its own square", nonnegative(1 - i_k), (1, (), (1 - i_k,)),
                  using=both),
            shown(name("i_k >= 0"), "its own square", nonnegative(i_k), (1, (), (i_k,)),
                  using=both),
            shown(name("member"), "positive", nonnegative(i_k * psi(V, K)),
                  (1, (name("i_k >= 0"), "psi_k > 0"))),
            shown(name("other"), "positive", nonnegative(share_k),
                  (1, (name("1 - i >= 0"), "psi_k > 0"))),
            Step(name("members >= 0"), "counted", nonnegative(c), Average((K,)),
                 (name("i_k >= 0"),)),
            Step(name("S >= 0"), "added", nonnegative(s), Average((K,)), (name("member"),)),
            Step(name("1 - S >= 0"), "added", nonnegative(1 - s), Average((K,)),
                 (name("other"),)),
            *self._member("member of S", i_i * psi(V, I_), i_k * psi(V, K), s,
                          (name("i >= 0"), "psi_i > 0")),
            shown(name("1 - i_i >= 0"), "its own square", nonnegative(1 - i_i),
                  (1, (), (1 - i_i,)), using=both),
            *self._member("other and 1 - S", (1 - i_i) * psi(V, I_), share_k, 1 - s,
                          (name("1 - i_i >= 0"), "psi_i > 0")),
            shown(name("other squared"), "at most (1 - S) times it",
                  at_most((1 - i_k) * psi(V, K) ** 2, (1 - s) * share_k),
                  (1, (name("other"), name("other and 1 - S"))), using=idempotent),
            Step(name("others squared"), "added",
                 at_most(total((1 - i_k) * psi(V, K) ** 2, K), (1 - s) ** 2), Average((K,)),
                 (name("other squared"),)),
            *self._strict("S", s, "member of S", "member", i_k * psi(V, K),
                          mean_level(V, X) - level(V, X, K), (K,)),
            *self._strict("1 - S", 1 - s, "other and 1 - S", "other", share_k,
                          total(i_i * psi(V, I_) * gap, I_), (K,)),
            shown(name("S (1 - S) > 0"), "a product", positive(s * (1 - s)),
                  (1, (name("S > 0"), name("1 - S > 0")))),
            *count,
            Step(name("1/(S (1 - S))"), "the reciprocal",
                 equal(s * (1 - s) * inverse(s * (1 - s)), 1), Reciprocal(),
                 (name("S (1 - S) > 0"),)),
            Step(name("P"), "g S (1 - S)", equal(p, s * (1 - s) * g), Derived(),
                 (name("1/(S (1 - S))"),)),
            Step(name("exp(g) > 0"), "an exponential", positive(exponential(g)),
                 ExponentialPositive()),
            Step(name("exp at g"), "of a sum", equal(tilted, exponential(g) * rest),
                 Axiom("exponential of a sum", (g, gap - g))),
            Step(name("tangent"), "of the exponential", at_most(1 + gap - g, rest),
                 Axiom("tangent", (gap - g,))),
            Step(name("scaled odds"), "times what they stand with",
                 equal(i_i * share_k * psi(V, I_) * tilted, i_i * share_k * psi(V, K)),
                 Contracted("odds", i_i * share_k, ()), ("odds",)),
            Step(name("scaled exp"), "the same",
                 equal(i_i * share_k * psi(V, I_) * tilted,
                       i_i * share_k * psi(V, I_) * exponential(g) * rest),
                 Contracted(name("exp at g"), i_i * share_k * psi(V, I_), ()),
                 (name("exp at g"),)),
            shown(name("pair"), "psi_i exp(l_k - l_i) = psi_k",
                  at_most(exponential(g) * i_i * share_k * psi(V, I_) * (1 + gap - g),
                          i_i * (1 - i_k) * psi(V, K) ** 2),
                  (1, (name("exp(g) > 0"), name("i >= 0"), name("other"), "psi_i > 0",
                       name("tangent"))),
                  using=(name("scaled odds"), name("scaled exp"))),
            Step(name("pairs"), "summed over members and others",
                 at_most(exponential(g) * (s * (1 - s) * (1 - g) + p),
                         c * total((1 - i_k) * psi(V, K) ** 2, K)),
                 Average((I_, K)), (name("pair"),)),
            shown(name("Jensen"), "P = S (1 - S) g",
                  nonnegative((1 - s) * (self.most * (1 - s) - s * exponential(g))),
                  (1, (name("pairs"),)), (1, (name("members >= 0"), name("others squared"))),
                  (1, (name("c <= m"),), (1 - s,)), using=(name("P"),)),
            Step(name("odds"), "divided", at_most(s * exponential(g), self.most * (1 - s)),
                 Cancel(name("1 - S > 0"), name("Jensen")), (name("1 - S > 0"), name("Jensen"))),
            shown(name("g >= 0"), "P > 0", nonnegative(g),
                  (1, (name("P > 0"), name("S (1 - S) > 0")),
                   (inverse(s * (1 - s)),)),
                  using=(name("1/(S (1 - S))"),)),
        )  # fmt: skip

    def _name(self, text: str) -> str:
        return f"{self.name}: {text}"

    def _member(
        self, name: str, each: Term, one: Term, whole: Term, signs: tuple[str, ...]
    ) -> tuple[Step, ...]:
        """A member is at most the sum, as the others are not negative."""
        apart = 1 - delta(I_, K)
        rest = self._name(f"{name}: rest")
        return (
            shown(rest, "of another component", nonnegative(each * apart), (1, signs, (apart,))),
            Step(self._name(name), "a member of a sum", at_most(one, whole), Average((I_,)),
                 (rest,)),
        )  # fmt: skip

    def _strict(
        self,
        name: str,
        value: Term,
        member: str,
        sign: str,
        one: Term,
        factor: Term,
        over: tuple[Term, ...],
    ) -> tuple[Step, ...]:
        """``0 < S``, as else all members vanish, and so does P."""
        given, other = (self._name(f"{name} {relation} 0 assumed") for relation in ("<=", ">"))
        labels = {
            key: self._name(f"{name}: {key}")
            for key in ("small", "zero", "no P", "P <= 0", "absurd", "positive", "else")
        }
        return (
            shown(labels["small"], "at most the sum", at_most(one, 0), (1, (self._name(member),)),
                  (1, (given,))),
            Step(labels["zero"], "both signs", equal(one, 0), Vanishes(one),
                 (labels["small"], self._name(sign))),
            Step(labels["no P"], "summed", equal(self.pulled, 0),
                 Contracted(labels["zero"], factor, over), (labels["zero"],)),
            shown(labels["P <= 0"], "nothing is left", at_most(self.pulled, 0),
                  using=(labels["no P"],)),
            Step(labels["absurd"], "but P > 0", at_most(1, 0),
                 Absurd(self._name("P > 0"), labels["P <= 0"]),
                 (self._name("P > 0"), labels["P <= 0"])),
            shown(labels["positive"], "no", positive(value), (1, (labels["absurd"], given)),
                  (1, (labels["absurd"],)), (1, ())),
            Step(labels["else"], "the other case", positive(value),
                 Combination(((1, (other,)),)), (other,)),
            Step(self._name(f"{name} > 0"), "by cases", positive(value),
                 Cases(value, number(0), labels["positive"], labels["else"]),
                 (labels["positive"], labels["else"])),
        )  # fmt: skip

    def hypotheses(self) -> tuple[Hypothesis, ...]:
        """Cases of the signs of S and 1 - S, and of the size of ``exp(g)``."""
        found = []
        for name, value in (("S", self.share), ("1 - S", 1 - self.share)):
            found += [
                Hypothesis(self._name(f"{name} <= 0 assumed"), at_most(value, 0), "a case",
                           temporary=True),
                Hypothesis(self._name(f"{name} > 0 assumed"), below(number(0), value), "a case",
                           temporary=True),
            ]  # fmt: skip
        return tuple(found)

    def bound_steps(self, zeta: Term, hypothesis: str, room: str) -> tuple[Step, ...]:
        """``P <= zeta`` where ``m <= exp(g)``, which the step `room` shows."""
        s, p, g, m = self.share, self.pulled, self.slope, self.most
        e = exponential(g)
        q = m + e
        name = self._name
        return (
            Step(name("zeta"), "at g", at_most(g * m * e, zeta * q**2), Specialise((g,)),
                 (hypothesis,)),
            shown(name("S (1 - S)"), "S <= m/(m + exp(g)) <= 1/2",
                  at_most(s * (1 - s) * q**2, m * e),
                  (1, (name("odds"), room)), (1, (name("odds"), name("odds")))),
            shown(name("q > 0"), "positive", positive(q), (1, (name("exp(g) > 0"),)),
                  (1, ("m > 0",) if self.premise else ())),
            shown(name("q^2 > 0"), "its square", positive(q**2), (1, (name("q > 0"),) * 2)),
            shown(name("P and zeta"), "times q^2", nonnegative(q**2 * (zeta - p)),
                  (1, (name("S (1 - S)"), name("g >= 0"))), (1, (name("zeta"),)),
                  using=(name("P"),)),
            Step(name("P <= zeta"), "divided", at_most(p, zeta),
                 Cancel(name("q^2 > 0"), name("P and zeta")),
                 (name("q^2 > 0"), name("P and zeta"))),
        )  # fmt: skip


#: The component j by itself, and all components with ``delta_k < 0``.
SINGLE = Group("j", delta(J, K), "", number(1))
MARK = case(0, excess(V, X, K), 1, 0)
INDICATOR = 1 - MARK
LOW = Group("low", INDICATOR, "indicator", M_)


def single_steps() -> tuple[Step, ...]:
    """``psi_j delta_j^- <= zeta_1`` and ``psi_j (delta_j^-)^2 <= zeta_2`` where ``delta_j < 0``."""
    s, g, p = PSI, SINGLE.slope, SINGLE.pulled
    e, lag = exponential(g), -DELTA
    q, r = 1 + e, s * (1 + e)
    square = s * lag**2
    return (
        shown("j: P > 0", "-psi_j delta_j", positive(p), (1, ("psi_j > 0", "delta_j < 0"))),
        *SINGLE.steps((
            shown("j: c <= m", "one member", at_most(SINGLE.members, 1)),
        )),
        Step("j: exp(0)", "it grows", at_most(exponential(number(0)), e), ExponentialGrows(),
             ("j: g >= 0",)),
        shown("j: 1 <= exp(g)", "g >= 0", at_most(1, e), (1, ("j: exp(0)",)), using=("exp(0)",)),
        *SINGLE.bound_steps(Z1, "zeta_1", "j: 1 <= exp(g)"),
        Step("j: P by psi_j", "the only member",
             equal(PSI * (lag - (1 - s) * g), 0), Derived(), ("j: P",)),
        Step("j: -delta_j", "divided", equal(lag, (1 - s) * g),
             Cancel("psi_j > 0", "j: P by psi_j"), ("psi_j > 0", "j: P by psi_j")),
        Step("j: zeta_2 at g", "at g", at_most(g**2 * e**2, Z2 * q**3), Specialise((g,)),
             ("zeta_2",)),
        shown("j: r <= 1", "psi_j (1 + exp(g)) <= 1", at_most(r, 1), (1, ("j: odds",))),
        shown("j: s (1 - s)^2", "s <= 1/(1 + exp(g)) <= 1/3", at_most(r * (q - r) ** 2, e**2),
              (1, ("j: r <= 1", "j: exp(g) > 0", "2 <= exp(g)")),
              (2, ("2 <= exp(g)",), (1 - r,)), (3, (), (1 - r,)), (1, ("j: r <= 1",), (1 - r,))),
        shown("j: q^3 > 0", "a cube", positive(q**3), (1, ("j: q > 0",) * 3)),
        shown("j: times q^3", "s (1 - s)^2 q^3 = r (q - r)^2", nonnegative(q**3 * (Z2 - square)),
              (1, ("j: s (1 - s)^2",), (g,)), (1, ("j: zeta_2 at g",)), using=("j: -delta_j",)),
        Step("j: steep", "divided", at_most(square, Z2), Cancel("j: q^3 > 0", "j: times q^3"),
             ("j: q^3 > 0", "j: times q^3")),
        Step("j: g and log 2", "its logarithm", at_most(g, LOG_TWO),
             LogarithmBound("exp(g) < 2"), ("exp(g) < 2", "log 2")),
        Step("zeta_2 at log 2", "at log 2",
             at_most(LOG_TWO**2 * exponential(LOG_TWO) ** 2, Z2 * (1 + exponential(LOG_TWO)) ** 3),
             Specialise((LOG_TWO,)), ("zeta_2",)),
        shown("j: g^2", "g <= log 2", at_most(g**2, LOG_TWO**2),
              (1, ("j: g and log 2",) * 2), (2, ("j: g and log 2", "j: g >= 0"))),
        shown("j: 4/27", "its largest value", at_most(27 * s * (1 - s) ** 2, 4),
              (27, ("psi_j <= 1",), (s - Fraction(1, 3),)), (9, (), (s - Fraction(1, 3),))),
        shown("j: flat", "both", at_most(square, Z2),
              (Fraction(1, 27), ("j: 4/27",), (g,)), (Fraction(4, 27), ("j: g^2",)),
              (Fraction(1, 27), ("zeta_2 at log 2",)), using=("j: -delta_j", "log 2")),
        Step("j: square", "by cases", at_most(square, Z2),
             Cases(number(2), e, "j: steep", "j: flat"), ("j: steep", "j: flat")),
    )  # fmt: skip


def low_steps() -> tuple[Step, ...]:
    """``sum psi_k delta_k^- <= zeta_3``."""
    p, g, name = LOW.pulled, LOW.slope, LOW._name
    e, i_i, i_k, c = exponential(g), LOW.at(I_), LOW.at(K), LOW.members
    others = N_ - c
    return (
        Step("indicator", "one or zero", equal(INDICATOR**2, INDICATOR),
             Indicator(number(0), excess(V, X, K))),
        *LOW.steps((
            *LOW._member("others", 1 - i_i, 1 - i_k, others, (name("1 - i_i >= 0"),)),
            shown(name("another"), "at least one other", nonnegative((1 - i_k) * (others - 1)),
                  (1, (name("1 - i >= 0"), name("others"))), using=(name("i_k^2"),)),
            shown(name("another of psi"), "times psi_k",
                  nonnegative((1 - i_k) * psi(V, K) * (others - 1)),
                  (1, (name("another"), "psi_k > 0"))),
            Step(name("(1 - S)(n - 1 - c)"), "added",
                 nonnegative((1 - LOW.share) * (others - 1)), Average((K,)),
                 (name("another of psi"),)),
            Step(name("c <= m"), "divided", at_most(c, M_),
                 Cancel(name("1 - S > 0"), name("(1 - S)(n - 1 - c)")),
                 (name("1 - S > 0"), name("(1 - S)(n - 1 - c)"))),
        )),
        *LOW.bound_steps(Z3, "zeta_3", "m <= exp(g)"),
        Step("low: g and log(n - 1)", "its logarithm", at_most(g, LOG_M),
             LogarithmBound("exp(g) < m"), ("exp(g) < m", "log(n - 1)")),
        Step("zeta_3 at log(n - 1)", "at log(n - 1)",
             at_most(LOG_M * M_ * exponential(LOG_M), Z3 * (M_ + exponential(LOG_M)) ** 2),
             Specialise((LOG_M,)), ("zeta_3",)),
        shown("m^2 > 0", "n >= 2", positive(M_**2), (1, ("m > 0", "m > 0"))),
        shown("m^2 zeta_3", "exp(l) = n - 1", nonnegative(M_**2 * (4 * Z3 - LOG_M)),
              (1, ("zeta_3 at log(n - 1)",)), using=("log(n - 1)",)),
        Step("4 zeta_3", "divided", at_most(LOG_M, 4 * Z3), Cancel("m^2 > 0", "m^2 zeta_3"),
             ("m^2 > 0", "m^2 zeta_3")),
        shown("low: flat", "S (1 - S) <= 1/4", at_most(p, Z3),
              (1, ("low: g >= 0",), (LOW.share - Fraction(1, 2),)),
              (Fraction(1, 4), ("low: g and log(n - 1)",)), (Fraction(1, 4), ("4 zeta_3",)),
              using=("low: P",)),
        Step("low: P > 0 case", "by cases", at_most(p, Z3),
             Cases(M_, e, "low: P <= zeta", "low: flat"), ("low: P <= zeta", "low: flat")),
        shown("low: P <= 0 case", "zeta_3 > 0", at_most(p, Z3), (1, ("low: P <= 0",)),
              (1, ("zeta_3 > 0",))),
        Step("low: sum", "by cases", at_most(p, Z3),
             Cases(p, number(0), "low: P <= 0 case", "low: P > 0 case"),
             ("low: P <= 0 case", "low: P > 0 case")),
    )  # fmt: skip


def positive_steps() -> tuple[Step, ...]:
    """``n - 1 > 0``."""
    return (
        Step("exp(log(n - 1)) > 0", "an exponential", positive(exponential(LOG_M)),
             ExponentialPositive()),
        shown("m > 0", "n >= 2", positive(M_), (1, ("exp(log(n - 1)) > 0",)),
              using=("log(n - 1)",)),
        shown("m >= 0", "n >= 2", nonnegative(M_), (1, ("m > 0",))),
        Step("exp(0)", "a number", equal(exponential(number(0)), 1), NoOdds()),
    )  # fmt: skip
