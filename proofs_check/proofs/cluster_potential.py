"""The potential F of the energy ``D exp(Lambda_N) F``, for a range of steps.

``F = F_1 - A/(p + b^2)^k - B/(q + b)^k - K u/(e u + b)``, b = ``|c|``, u = 1/n, is the least that
``1/(D exp(Lambda))`` may be, at least ``F_0`` while outside. Its fall pays for what the linear law
leaves: that of the first two terms for the linear part of the drift, that of the last for what is
of the order of ``sigma^2``, a part for D and one for c.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from proofs_check.proofs.cluster_drift_words import DRIFT_RATE, TOTAL
from proofs_check.proofs.cluster_exponent import Measure
from proofs_check.proofs.cluster_growth import P_, growth
from proofs_check.proofs.cluster_moments import C1, PULL_MOST
from proofs_check.proofs.cluster_product import LARGE_STEPS, SMALL_STEPS, StepRange, polynomial
from proofs_check.proofs.cluster_pull import pulled
from proofs_check.proofs.cluster_state import AFTER, B_, BEND, U_, near, share, width
from proofs_check.proofs.cluster_tactics import shown
from proofs_check.proofs.cluster_words import BETA, C2, H, R, U
from proofs_check.proofs.kernel import Definition, Term
from proofs_check.proofs.kernel.terms import replaced
from proofs_check.proofs.tactics.language import V, define, equal, exponential, inverse
from proofs_check.proofs.tactics.script import Step

F = Fraction
W_, W_AFTER = width(V), width(AFTER)
BOTTOM, TOP = F(401, 100), F(31, 4)
SMALL = F(1, 100)
beyond = define("1/(e/n+|c|)({})", inverse(SMALL * U + B_), V, latex=r"(e/n+|c|({}))^{{-1}}")
X_ = beyond(V)
PULLED = pulled(W_)
#: ``y = D^2 |c| LINEAR + D sigma^2 SECOND``, ``sigma^2 = D^2/n``.
LINEAR = (F(4, 5) * (F(6, 5) + PULL_MOST), 1 + F(8, 5) * C1)
LINEAR_RATE, SECOND_RATE = polynomial(LINEAR, C2), polynomial(DRIFT_RATE, C2)
#: Values of the Key Lemma's variables at a state, and what shows its hypotheses there.
AT = {R: W_, BETA: B_}
AT_STATE = ("D >= 0", "|c| >= 0", "D^2 within", "|c|^2 within", "small at V", "h >= 0")


@dataclass(frozen=True)
class Potential:
    """F for a range of steps.

    Attributes
    ----------
    steps : StepRange
    power : int
        k.
    squared, straight : Fraction
        A and B.
    place : Fraction
        q.
    second, centre : Fraction
        The parts of K.
    """

    steps: StepRange
    power: int
    squared: Fraction
    straight: Fraction
    place: Fraction
    second: Fraction
    centre: Fraction

    @property
    def last(self) -> Fraction:
        """K."""
        return self.second + self.centre

    @cached_property
    def far(self) -> Definition:
        """``1/(q + |c|)`` of a state."""
        body = inverse(self.place + B_)
        return define("1/(q+|c|)({})", body, V, latex=r"(q+|c|({}))^{{-1}}")

    @cached_property
    def f(self) -> Definition:
        """F of a state."""
        found = TOP - self.last * U * beyond(V)
        for coefficient, of in ((self.squared, near), (self.straight, self.far)):
            found = found - coefficient * of(V) ** self.power if coefficient else found
        return define("F({})", found, V)

    def powers(self, k: int) -> tuple[Step, ...]:
        """Powers of the reciprocals."""
        place = self.place + B_
        return (
            shown(
                f"(p + |c|^2)^{k} by |c|",
                "its reciprocal",
                equal((BEND + B_**2) ** k * U_**k, 1),
                using=("1/(p + |c|^2) by |c|",),
            ),
            shown(
                f"(q + |c|)^{k}",
                "its reciprocal",
                equal(place**k * self.far(V) ** k, 1),
                using=("1/(q + |c|)",),
            ),
        )

    @cached_property
    def energy(self) -> Definition:
        """``D exp(Lambda_N) F``."""
        return define(
            "E_{0}({2})",
            W_ * exponential(growth(P_, H, C2)) * self.f(V),
            P_, H, V,
            latex=r"\mathcal{{E}}_{{{0}}}({2})",
        )  # fmt: skip

    @cached_property
    def spread(self) -> Measure:
        """D as a measure of the size."""
        return Measure(
            "D",
            width,
            self.f,
            self.energy,
            AT,
            AT_STATE,
            replaced(TOTAL, AT),
            W_ * B_ * LINEAR_RATE + U * W_**2 * SECOND_RATE,
            PULLED,
            ("|c|^2", "sigma^2 by n"),
        )

    @cached_property
    def size(self) -> Term:
        """``D F``."""
        return W_ * self.f(V)

    @cached_property
    def shared(self) -> Term:
        """``Z = D F/(1 + 4 h |c|^2)``."""
        return W_ * self.f(V) * share(H, V)


FOR_SMALL_STEPS = Potential(
    SMALL_STEPS, 3, F(313, 2), F(123, 10), F(2), second=F(159, 100), centre=F(81, 200)
)
FOR_LARGE_STEPS = Potential(LARGE_STEPS, 1, F(0), F(7, 2), F(1), second=F(11, 10), centre=F(1, 2))
SPREAD = FOR_SMALL_STEPS.spread
RHO = SPREAD.exponent
