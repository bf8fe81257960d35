"""What a group of components has of the posterior entropy: Jensen's inequality over pairs.

For a group with indicator ``i``, ``S`` its share and ``P = sum_j i_j psi_j (lbar - l_j)``, as
``psi_i pi_k exp(l_k - l_i) = psi_k pi_i``, the tangent of the exponential at any number g gives

    ``e^g P <= m (1 - S)^2 + e^g (g - 1) S (1 - S)``

where the weights of the group are at most m times that of each other component.
"""

from __future__ import annotations

from dataclasses import dataclass

from proofs_check.proofs.cluster_tactics import shown
from proofs_check.proofs.far_words import level, mean_level
from proofs_check.proofs.hessian_words import (
    OTHERS,
    TANGENTS,
    WEIGHT_RATIO,
    excess,
    jensen,
    parabola,
    tangent,
)
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.kernel.terms import number, replaced
from proofs_check.proofs.tactics.arithmetic import Cancel
from proofs_check.proofs.tactics.averages import Average
from proofs_check.proofs.tactics.bounds import Indicator
from proofs_check.proofs.tactics.exponentials import ExponentialPositive
from proofs_check.proofs.tactics.language import (
    I_,
    J,
    K,
    V,
    X,
    at_most,
    case,
    component,
    delta,
    equal,
    exponential,
    log_ratio,
    nonnegative,
    pi,
    positive,
    psi,
    total,
)
from proofs_check.proofs.tactics.script import Step
from proofs_check.proofs.tactics.steps import Axiom, Derived, Instance, Specialise

_F = log_ratio(V)
PSI = psi(V, J)
L_ = component("l")
_GAP = level(V, X, K) - level(V, X, I_)


def odds_steps() -> tuple[Step, ...]:
    """``psi_i pi_k exp(l_k - l_i) = psi_k pi_i``, and what the weights are against each other."""
    here, there = level(V, X, I_), level(V, X, K)
    return (
        Step("density of i", "for i",
             equal(psi(V, I_) * exponential(_F), pi(I_) * exponential(here)),
             Instance({K: I_}), ("density at x",)),
        Step("from l_i to l_k", "of a sum", equal(exponential(there),
                                                  exponential(here) * exponential(_GAP)),
             Axiom("exponential of a sum", (here, _GAP))),
        Step("odds times p/q", "both densities",
             equal(exponential(_F) * (psi(V, I_) * pi(K) * exponential(_GAP)
                                      - psi(V, K) * pi(I_)), 0),
             Derived(), ("density of i", "density at x", "from l_i to l_k")),
        Step("odds", "divided", equal(psi(V, I_) * pi(K) * exponential(_GAP), psi(V, K) * pi(I_)),
             Cancel("p/q > 0", "odds times p/q"), ("p/q > 0", "odds times p/q")),
        Step("psi_i > 0", "a responsibility", positive(psi(V, I_)),
             Instance({K: I_}), ("psi_k > 0",)),
        Step("pi_i > 0", "a weight", positive(pi(I_)), Instance({K: I_}), ("pi_k > 0",)),
        Step("pi_i and pi_k", "at most q times", at_most(pi(I_), WEIGHT_RATIO * pi(K)),
             Specialise((I_, K)), ("ratio",)),
        Step("pi_j and pi_k", "for i = j", at_most(pi(J), WEIGHT_RATIO * pi(K)),
             Specialise((J, K)), ("ratio",)),
        shown("q pi_k > 0", "above a weight", positive(WEIGHT_RATIO * pi(K)),
              (1, ("pi_i > 0",)), (1, ("pi_i and pi_k",))),
        shown("pi_k q > 0", "the same", nonnegative(pi(K) * WEIGHT_RATIO), (1, ("q pi_k > 0",))),
        Step("q >= 0", "divided", nonnegative(WEIGHT_RATIO), Cancel("pi_k > 0", "pi_k q > 0"),
             ("pi_k > 0", "pi_k q > 0")),
        shown("pi_k m >= 0", "a weight is at most 1", nonnegative(pi(K) * OTHERS),
              (1, ("pi_k and omega",)), (1, ("pi_k <= 1",))),
        Step("m >= 0", "divided", nonnegative(OTHERS), Cancel("pi_k > 0", "pi_k m >= 0"),
             ("pi_k > 0", "pi_k m >= 0")),
    )  # fmt: skip


def tangent_steps(name: str, g: Term) -> tuple[Step, ...]:
    """``e^g (1 + l_k - l_i - g) psi_i pi_k <= psi_k pi_i``."""
    rest = exponential(_GAP - g)
    e = exponential(g)
    return (
        Step(f"{name}: exp(g) > 0", "an exponential", positive(e), ExponentialPositive()),
        Step(f"{name}: exp at g", "of a sum", equal(exponential(_GAP), e * rest),
             Axiom("exponential of a sum", (g, _GAP - g))),
        Step(f"{name}: tangent", "of the exponential", at_most(1 + _GAP - g, rest),
             Axiom("tangent", (_GAP - g,))),
        Step(f"{name}: odds", "in two factors",
             equal(psi(V, I_) * pi(K) * e * rest, psi(V, K) * pi(I_)),
             Derived(), ("odds", f"{name}: exp at g")),
        shown(f"{name}: pair", "psi_i pi_k exp(l_k - l_i) = psi_k pi_i",
              at_most(e * psi(V, I_) * pi(K) * (1 + _GAP - g), psi(V, K) * pi(I_)),
              (1, (f"{name}: exp(g) > 0", "psi_i > 0", "pi_k > 0", f"{name}: tangent")),
              using=(f"{name}: odds",)),
    )  # fmt: skip


def own_steps() -> tuple[Step, ...]:
    """``psi_j exp(-delta_j) <= q``: all pairs with j, at ``g = -delta_j``."""
    g = -excess(V, X, J)
    e = exponential(g)
    return (
        *tangent_steps("own", g),
        Step("own: pair of j", "for i = j",
             at_most(e * PSI * pi(K) * (1 + level(V, X, K) - level(V, X, J) - g),
                     psi(V, K) * pi(J)),
             Instance({I_: J}), ("own: pair",)),
        shown("own: times pi_k", "pi_j <= q pi_k",
              nonnegative(pi(K) * (WEIGHT_RATIO * psi(V, K)
                                   - e * PSI * (1 + level(V, X, K) - level(V, X, J) - g))),
              (1, ("own: pair of j",)), (1, ("psi_k > 0", "pi_j and pi_k"))),
        Step("own: of k", "divided",
             at_most(e * PSI * (1 + level(V, X, K) - level(V, X, J) - g),
                     WEIGHT_RATIO * psi(V, K)),
             Cancel("pi_k > 0", "own: times pi_k"), ("pi_k > 0", "own: times pi_k")),
        shown("own: of k, times psi_k", "psi_k <= 1",
              at_most(e * PSI * psi(V, K) * (1 + level(V, X, K) - level(V, X, J) - g),
                      WEIGHT_RATIO * psi(V, K)),
              (1, ("psi_k > 0", "own: of k")), (1, ("q >= 0", "psi_k > 0", "psi_k <= 1"))),
        Step("psi_j exp(-delta_j)", "added over k", at_most(e * PSI, WEIGHT_RATIO),
             Average((K,)), ("own: of k, times psi_k",)),
    )  # fmt: skip


@dataclass(frozen=True)
class Group:
    """A group of components, and the number ``g`` at which the tangent is taken.

    Attributes
    ----------
    name : str
        Begins the names of its steps; also that of the number g and of its parabola.
    indicator : Term
        Of K.
    premise : str
        Step: ``i_k^2 = i_k``; empty if it is so by form.
    sign : str
        Step: ``m >= 0``.
    most : Term
        ``m``.
    """

    name: str
    indicator: Term
    premise: str
    sign: str
    most: Term

    def at(self, k: Term) -> Term:
        """The indicator of a component."""
        return replaced(self.indicator, {K: k})

    @property
    def share(self) -> Term:
        """``S``."""
        return total(self.at(L_) * psi(V, L_), L_)

    @property
    def weight(self) -> Term:
        """The weight of the group."""
        return total(self.at(L_) * pi(L_), L_)

    @property
    def pulled(self) -> Term:
        """``P``."""
        return total(self.at(L_) * psi(V, L_) * (mean_level(V, X) - level(V, X, L_)), L_)

    def steps(self) -> tuple[Step, ...]:
        """``e^g P <= m (1 - S)^2 + e^g (g - 1) S (1 - S)``."""
        name, s, g = self._name, self.share, TANGENTS[self.name]
        i_i, i_k, e = self.at(I_), self.at(K), tangent(self.name)
        other = (1 - i_k) * psi(V, K)
        inner = total(self.at(L_) * psi(V, L_) * (1 + level(V, X, K) - level(V, X, L_) - g), L_)
        return (
            *self._indicator_steps(),
            *tangent_steps(self.name, g),
            shown(name("pair of a member"), "times its indicator",
                  at_most(e * i_i * psi(V, I_) * pi(K) * (1 + _GAP - g), i_i * psi(V, K) * pi(I_)),
                  (1, (name("i >= 0"), name("pair")))),
            Step(name("pairs of k"), "summed over members",
                 at_most(e * pi(K) * inner, psi(V, K) * self.weight), Average((I_,)),
                 (name("pair of a member"),)),
            *self._weight_steps(),
            shown(name("times pi_k"), "the weight of the group",
                  nonnegative(pi(K) * (self.most * (1 - i_k) * psi(V, K) ** 2 - e * other * inner)),
                  (1, (name("1 - i >= 0"), "psi_k > 0", name("pairs of k"))),
                  (1, ("psi_k > 0", "psi_k > 0", name("weight")))),
            Step(name("of k"), "divided",
                 at_most(e * other * inner, self.most * (1 - i_k) * psi(V, K) ** 2),
                 Cancel("pi_k > 0", name("times pi_k")), ("pi_k > 0", name("times pi_k"))),
            Step(name("pairs"), "summed over others",
                 at_most(e * (s * (1 - s) * (1 - g) + self.pulled),
                         self.most * total((1 - i_k) * psi(V, K) ** 2, K)),
                 Average((K,)), (name("of k"),)),
            *self._share_steps(),
            shown(name("Jensen"), "together",
                  at_most(e * self.pulled, jensen(self.name, self.most, s)),
                  (1, (name("pairs"),)), (1, (self.sign, name("others squared")))),
        )  # fmt: skip

    def at_parabola(self, share: Term) -> Step:
        """Its parabola at a share."""
        return Step(self._name("parabola"), "at this share",
                    at_most(*parabola(self.name, share)), Specialise((share,)),
                    (self.name,))  # fmt: skip

    def _name(self, text: str) -> str:
        return f"{self.name}: {text}"

    def _indicator_steps(self) -> tuple[Step, ...]:
        """Between 0 and 1."""
        name, i_i, i_k = self._name, self.at(I_), self.at(K)
        of_k, of_i = ((name("i_k^2"),), (name("i_i^2"),)) if self.premise else ((), ())
        squares = (
            Step(name("i_k^2"), "an indicator", equal(i_k * i_k, i_k), Derived(), (self.premise,)),
            Step(name("i_i^2"), "an indicator", equal(i_i * i_i, i_i), Instance({K: I_}),
                 (name("i_k^2"),)),
        )  # fmt: skip
        return (
            *(squares if self.premise else ()),
            shown(name("i >= 0"), "its own square", nonnegative(i_i), (1, (), (i_i,)), using=of_i),
            shown(name("1 - i >= 0"), "its own square", nonnegative(1 - i_k), (1, (), (1 - i_k,)),
                  using=of_k),
            shown(name("1 - i_i >= 0"), "its own square", nonnegative(1 - i_i),
                  (1, (), (1 - i_i,)), using=of_i),
        )  # fmt: skip

    def _weight_steps(self) -> tuple[Step, ...]:
        """The group's weight is at most m times that of another component."""
        name, i_k = self._name, self.at(K)
        goal = at_most((1 - i_k) * self.weight, self.most * pi(K) * (1 - i_k))
        if self.sign == "q >= 0":
            return (
                shown(name("weight"), "one member", goal,
                      (1, (name("1 - i >= 0"), "pi_j and pi_k"))),
            )  # fmt: skip
        apart = (1 - self.at(I_)) * pi(I_) * (1 - delta(I_, K))
        return (
            shown(name("another"), "of another component", nonnegative(apart),
                  (1, (name("1 - i_i >= 0"), "pi_i > 0"), (1 - delta(I_, K),))),
            Step(name("weight of others"), "a member of a sum",
                 at_most((1 - i_k) * pi(K), 1 - self.weight), Average((I_,)), (name("another"),)),
            shown(name("weight"), "at most 1 - pi_k <= m pi_k", goal,
                  (1, (name("1 - i >= 0"), name("weight of others"))),
                  (1, (name("1 - i >= 0"), "pi_k and omega")),
                  using=(name("i_k^2"),) if self.premise else ()),
        )  # fmt: skip

    def _share_steps(self) -> tuple[Step, ...]:
        """``sum (1 - i_k) psi_k^2 <= (1 - S)^2``."""
        name, s, i_k = self._name, self.share, self.at(K)
        other = (1 - i_k) * psi(V, K)
        apart = (1 - self.at(I_)) * psi(V, I_) * (1 - delta(I_, K))
        return (
            shown(name("another share"), "of another component", nonnegative(apart),
                  (1, (name("1 - i_i >= 0"), "psi_i > 0"), (1 - delta(I_, K),))),
            Step(name("share of others"), "a member of a sum", at_most(other, 1 - s),
                 Average((I_,)), (name("another share"),)),
            shown(name("other squared"), "at most (1 - S) times it",
                  at_most((1 - i_k) * psi(V, K) ** 2, (1 - s) * other),
                  (1, ("psi_k > 0", name("1 - i >= 0"), name("share of others"))),
                  using=(name("i_k^2"),) if self.premise else ()),
            Step(name("others squared"), "added",
                 at_most(total((1 - i_k) * psi(V, K) ** 2, K), (1 - s) ** 2), Average((K,)),
                 (name("other squared"),)),
        )  # fmt: skip


_LOW_MARK, _DEEP_MARK = (
    1 - case(0, excess(V, X, K), number(1), number(0)),
    case(2, -excess(V, X, K), number(1), number(0)),
)
#: All with ``delta_k < 0``, all with ``delta_k <= -2``, and all but j.
LOW = Group("zeta", _LOW_MARK, "low mark", "m >= 0", OTHERS)
DEEP = Group("eps", _DEEP_MARK, "deep mark", "m >= 0", OTHERS)
REST = Group("K", 1 - delta(J, K), "", "m >= 0", OTHERS)
#: The component j by itself, for the three parabolas that are about it.
SINGLES = tuple(Group(name, delta(J, K), "", "q >= 0", WEIGHT_RATIO) for name in "ABV")


def group_steps() -> tuple[Step, ...]:
    """Jensen's inequality for all groups."""
    zero, two, delta_k = number(0), number(2), excess(V, X, K)
    return (
        Step("low mark", "one or zero", equal(_LOW_MARK**2, _LOW_MARK), Indicator(zero, delta_k)),
        Step("deep mark", "one or zero", equal(_DEEP_MARK**2, _DEEP_MARK),
             Indicator(two, -delta_k)),
        *(step for group in (LOW, DEEP, REST, *SINGLES) for step in group.steps()),
        *(group.at_parabola(group.share) for group in (LOW, DEEP)),
        *(group.at_parabola(PSI) for group in (REST, *SINGLES)),
    )  # fmt: skip
