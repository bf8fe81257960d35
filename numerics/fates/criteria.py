r"""What becomes of each component: converged, escaped or undecided, and by which criterion.

A fourth fate, ``local optimum``, is that of all components of a run that has come to stand at a
stationary point which is not the truth (`numerics.fates.standing`); it is numerical, never proved.

Theorem criteria say what *will* happen from an iterate on; they are decided in exact arithmetic on
bounds of the iterate. On enclosures (ball backend) that is a proof for this run, on float64 and
mpmath iterates it is the theorem applied to an approximate iterate (basis ``numerical``). Where no
theorem applies a numerical criterion looks at the recorded norms, and is labelled as such.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from numerics.fates.distinct_far import near_radius
from numerics.fates.escape_region import FAR, NEAR, escape_radius
from numerics.fates.loss_barrier import escaping
from numerics.fates.small_steps import kept_near
from numerics.fates.standing import Kind

FateName = Literal["converged", "escaped", "local optimum", "undecided"]
Basis = Literal["enclosure", "numerical", "sampled"]
Bounds = tuple[Fraction, Fraction]

#: Iterates that the numerical criteria need in the second half of a run, and the steps for that.
LEAST_SAMPLES = 8
LEAST_STEPS = 2 * (LEAST_SAMPLES - 1)
#: Distance from an exact optimum at which a run counts as having arrived.
ARRIVED = Fraction(1, 10**6)

STATEMENTS = {
    "Theorem F": (
        "forward loss, |V|^2 = P < phi^2 (golden ratio) and every later step at most "
        "kappa/(2 max(1, P/2)), kappa = 1/(1+P) for P <= 1, else 1 - P^2/(3P-1): "
        "all components converge to the truth"
    ),
    "Theorem R": (
        "reverse loss, every later step at most 1/(2 pi_max max(1, |V|^2/2)): "
        "all components converge to the truth"
    ),
    "Theorem K": "KL loss, every later step below 2: all components converge to the truth",
    "Lemma E": (
        "forward loss, two components of equal weight, |v_i| <= 0.15, |v_k| >= 3.1, every later "
        "step at most 1/2: v_i stays within 0.15 of the truth, |v_k| increases to infinity"
    ),
    "Region E": (
        "forward loss, two groups of coincident components (in a group equal weights), |v| <= 0.15 "
        "in one, |v| >= 3.1, 4, 5, 6 or 8 in the other, for which Lemma E's inequalities are "
        "proved with the groups' weights, every later step at most 1/2: the first converges, "
        "the norm of the second increases to infinity"
    ),
    "Theorem E_n": (
        "forward loss, equal weights, three distinct components or more, one within eps <= 1/2 of "
        "the truth, all others at least 4 away and so far that they are pushed outwards whatever "
        "the others do and pull the near one by at most 2 eps together, every later step at most "
        "1/2: the near one converges, the norms of the others increase to infinity"
    ),
    "Theorem E_n'": (
        "forward loss, equal weights, one component within eps of the truth, all others beyond "
        "rho, where they pull the near one little along its own mean, and every later step so "
        "small that it stays within eps, for pairs (rho, eps) with smaller rho than Theorem "
        "E_n's: it converges, the norms of the others increase to infinity"
    ),
    "Theorem L": (
        "forward loss, a loss L of at most some level and every later step below 2/M, M a bound "
        "of the Hessian below that level: the loss never rises again, and the norm of a component "
        "beyond a radius that depends on the level and the weights increases to infinity whatever "
        "the others do; of the others it says nothing"
    ),
    "window": (
        "numerical, no theorem: at the last iterate every component is within 0.15 of the truth "
        "or beyond 3.1 with norms that did not decrease over the second half of the run (forward "
        "loss), at least one is within; or all are within 0.15 and |V| did not increase over it"
    ),
    "nearest": (
        "numerical, no theorem: mixture teacher, the component is within 0.15 of the teacher mean "
        "nearest to it at the last iterate, and its distance from the nearest one did not increase "
        "over the second half of the run"
    ),
    "optimum": (
        "numerical, no theorem: every component is within 1e-6 of a teacher mean, the weights of "
        "those at each one add up to its own exactly (there the student equals the teacher and "
        "the loss vanishes), and no component moved away in the last step recorded"
    ),
    "local optimum": (
        "numerical, no theorem: in float64 the gradient at the last iterate is at most 1e-5, the "
        "Hessian is positive definite (but for rotations that leave the teacher as it is), the "
        "Newton correction is at most 1e-3, and the loss is above the least known one"
    ),
    "none": "no criterion applies at the last iterate",
}


#: The criteria that rest on a theorem.
THEOREMS = (
    "Theorem F",
    "Theorem R",
    "Theorem K",
    "Lemma E",
    "Region E",
    "Theorem E_n",
    "Theorem E_n'",
    "Theorem L",
)


@dataclass(frozen=True)
class Fate:
    """Fate of one component.

    Attributes
    ----------
    component : int
    fate : {"converged", "escaped", "local optimum", "undecided"}
    criterion : str
        A key of `STATEMENTS`.
    basis : {"enclosure", "numerical", "sampled"}
        What the criterion was evaluated on.
    reached : bool
        Whether the last iterate itself is within 0.15 of the truth (a mixture teacher: of the
        teacher mean nearest to it).
    note : str
        Of an undecided component what the criteria lack, and what would decide; of a local
        optimum gradient, Hessian and losses; of one near a teacher mean (``nearest``) the teacher
        components that no student component is near.
    """

    component: int
    fate: FateName
    criterion: str
    basis: Basis
    reached: bool
    note: str = ""

    @property
    def statement(self) -> str:
        """The criterion in words."""
        return STATEMENTS[self.criterion]


@dataclass(frozen=True)
class FateInputs:
    """What the criteria look at: the last iterate, the steps to come, and recorded norms.

    Attributes
    ----------
    objective : str
    weights : tuple of Fraction
        Of all ``n`` components.
    squared_norms : tuple of Bounds
        Exact bounds of ``|v_i|^2`` at the last iterate, per component; with a mixture teacher of
        the squared distance to the nearest teacher mean.
    largest_step : Fraction
        Upper bound of every later step in ``v``.
    basis : Basis
    history : sequence of (step, norms)
        Norms ``|v_i|`` (or those distances) recorded along the run, for the numerical criteria.
    steps : int
        Number of steps done.
    class_of : tuple of int
        Group of exactly coincident components of equal weight to which each belongs; empty: all
        are distinct.
    mixture : bool
        Whether the teacher is a mixture: then no theorem applies.
    nearest : tuple of int
        Index of the teacher mean nearest to each component; empty: all 0.
    teacher_weights : tuple of Fraction
        Of the teacher's distinct means.
    span : int
        Dimension of the span of the means; 0: not known, at most their number.
    loss : Bounds or None
        At the last iterate; None: not known, and Theorem L is not asked.
    """

    objective: str
    weights: tuple[Fraction, ...]
    squared_norms: tuple[Bounds, ...]
    largest_step: Fraction
    basis: Basis
    history: Sequence[tuple[int, tuple[float, ...]]]
    steps: int
    class_of: tuple[int, ...] = ()
    mixture: bool = False
    nearest: tuple[int, ...] = ()
    teacher_weights: tuple[Fraction, ...] = (Fraction(1),)
    span: int = 0
    loss: Bounds | None = None

    @property
    def total_upper(self) -> Fraction:
        """Upper bound of ``|V|^2``."""
        return sum((upper for _, upper in self.squared_norms), Fraction(0))


def below_golden_square(total: Fraction) -> bool:
    """Whether ``total < phi^2 = (3 + sqrt 5)/2``, decided exactly.

    Examples
    --------
    >>> below_golden_square(Fraction("2.618")), below_golden_square(Fraction("2.6181"))
    (True, False)
    """
    excess = 2 * total - 3
    return excess < 0 or excess**2 < 5


def theorem_f_step(total: Fraction) -> Fraction | None:
    """Largest step of Theorem F at ``|V|^2 <= total``; None outside its region.

    It decreases in ``total``, so an upper bound of ``|V|^2`` may be used.

    Examples
    --------
    >>> theorem_f_step(Fraction(1)), theorem_f_step(Fraction(3))
    (Fraction(1, 4), None)
    """
    if not below_golden_square(total):
        return None
    kappa = 1 / (1 + total) if total <= 1 else 1 - total**2 / (3 * total - 1)
    return kappa / (2 * max(Fraction(1), total / 2))


def theorem_r_step(total: Fraction, largest_weight: Fraction) -> Fraction:
    """Largest step of Theorem R at ``|V|^2 <= total``.

    Examples
    --------
    >>> theorem_r_step(Fraction(36), Fraction(1, 2))
    Fraction(1, 18)
    """
    return 1 / (2 * largest_weight * max(Fraction(1), total / 2))


def decide_fates(
    situation: FateInputs,
    *,
    theorems_only: bool = False,
    stands: Callable[[], Kind | None] = lambda: None,
) -> tuple[Fate, ...]:
    """Decide every component's fate at the last iterate; by theorems only, or also by norms.

    Parameters
    ----------
    situation : FateInputs
    theorems_only : bool
    stands : callable
        Where the last iterate stands (`numerics.fates.standing`); asked only where no theorem
        decides.

    Examples
    --------
    >>> half = Fraction(1, 2)
    >>> square = (Fraction(9), Fraction(9))
    >>> there = FateInputs("kl", (half, half), (square, square), half, "enclosure", [], 0)
    >>> [(fate.fate, fate.criterion, fate.reached) for fate in decide_fates(there)]
    [('converged', 'Theorem K', False), ('converged', 'Theorem K', False)]
    """
    found = _by_theorem(situation)
    if found is None and theorems_only:
        found = ["undecided"] * len(situation.weights), "none"
    names, criterion = found or _by_numbers(situation, stands)
    basis = situation.basis
    if criterion not in (*THEOREMS, "none") and basis == "enclosure":
        basis = "numerical"
    return tuple(
        Fate(i, name, criterion if name != "undecided" else "none", basis, upper <= NEAR**2)
        for i, (name, (_, upper)) in enumerate(zip(names, situation.squared_norms, strict=True))
    )


def settled(situation: FateInputs) -> bool:
    """Whether a theorem decides the fates from this iterate on.

    Examples
    --------
    >>> half, square = Fraction(1, 2), (Fraction(9), Fraction(9))
    >>> settled(FateInputs("forward", (half, half), (square, square), half, "enclosure", [], 0))
    False
    """
    return _by_theorem(situation) is not None


def decided(fates: Sequence[Fate]) -> str | None:
    """The theorem that decides some of the fates; None if none does.

    Examples
    --------
    >>> decided([Fate(0, "undecided", "none", "enclosure", False)])
    """
    return next((fate.criterion for fate in fates if fate.criterion in THEOREMS), None)


def _by_numbers(
    situation: FateInputs, stands: Callable[[], Kind | None]
) -> tuple[list[FateName], str]:
    """Apply the numerical criteria, those that need the last iterate alone first."""
    count = len(situation.weights)
    own = situation.objective in ("forward", "reverse", "kl")  # least loss known: 0
    if own and _arrived(situation):
        return ["converged"] * count, "optimum"
    names, criterion = _by_nearest(situation) if situation.mixture else _by_window(situation)
    # near a teacher mean is not yet at an optimum: other teacher means may have no component
    where = stands() if own and (situation.mixture or "undecided" in names) else None
    if where == "local optimum":
        return [where] * count, where
    stuck = where in ("saddle", "flat")  # near a teacher mean, perhaps, but not on the way to it
    return (["undecided"] * count, "none") if stuck else (names, criterion)


def _arrived(situation: FateInputs) -> bool:
    """Whether the student equals the teacher, to `ARRIVED`, and does not move away."""
    if any(upper > ARRIVED**2 for _, upper in situation.squared_norms):
        return False
    shares = [Fraction(0)] * len(situation.teacher_weights)
    nearest = situation.nearest or (0,) * len(situation.weights)
    for index, weight in zip(nearest, situation.weights, strict=True):
        shares[index] += weight
    if shares != list(situation.teacher_weights):
        return False
    last = [norms for _, norms in situation.history[-2:]]
    return all(
        after <= before
        for earlier, later in pairwise(last)
        for before, after in zip(earlier, later, strict=True)
    )


def _by_theorem(situation: FateInputs) -> tuple[list[FateName], str] | None:
    if situation.mixture:
        return None
    all_converge: list[FateName] = ["converged"] * len(situation.weights)
    step = situation.largest_step
    total = situation.total_upper
    if situation.objective == "kl":
        return (all_converge, "Theorem K") if step < 2 else None
    if situation.objective == "reverse":
        bound = theorem_r_step(total, max(situation.weights))
        return (all_converge, "Theorem R") if step <= bound else None
    if situation.objective != "forward":
        return None
    largest = theorem_f_step(total)
    if largest is not None and step <= largest:
        return all_converge, "Theorem F"
    found = _by_escape(situation) if step <= Fraction(1, 2) else None
    return found or _by_loss(situation)


def _by_loss(situation: FateInputs) -> tuple[list[FateName], str] | None:
    """Theorem L: below a level of the loss far components escape; the others are left open."""
    if situation.loss is None:
        return None
    span = situation.span or len(situation.weights)
    numbers = escaping(
        situation.squared_norms,
        situation.weights,
        span,
        situation.largest_step,
        situation.loss[1],
    )
    if not numbers:
        return None
    names: list[FateName] = ["undecided"] * len(situation.weights)
    for number in numbers:
        names[number] = "escaped"
    return names, "Theorem L"


def _by_escape(situation: FateInputs) -> tuple[list[FateName], str] | None:
    """Lemma E: the components in two groups, one near the truth, the other far away.

    A group of ``k`` components takes the step over ``k`` along the gradient of the group.
    """
    groups = situation.class_of or tuple(range(len(situation.weights)))
    if set(groups) != {0, 1}:
        return _by_distinct_far(situation)
    members = [[i for i, group in enumerate(groups) if group == g] for g in (0, 1)]
    weights = [sum((situation.weights[i] for i in group), Fraction(0)) for group in members]
    for near, far in ((0, 1), (1, 0)):
        norm = situation.squared_norms[members[far][0]][0]
        if situation.squared_norms[members[near][0]][1] > NEAR**2 or norm < FAR**2:
            continue
        names: list[FateName] = ["converged" if g == near else "escaped" for g in groups]
        if len(groups) == 2 and weights[0] == weights[1]:
            return names, "Lemma E"
        radius = escape_radius(weights[near], weights[far])
        if radius is not None and norm >= radius**2:
            return names, "Region E"
    return None  # Theorem E_n might apply earlier; it is for more groups: no proof is replayed


def _by_distinct_far(situation: FateInputs) -> tuple[list[FateName], str] | None:
    """Theorems E_n and E_n': one component near the truth, the others far wherever they are."""
    span = situation.span or len(situation.weights)
    norms, weights = situation.squared_norms, situation.weights
    found = near_radius(norms, weights, span)
    near, theorem = (found[0], "Theorem E_n") if found else (None, "Theorem E_n'")
    if near is None:
        near = kept_near(norms, weights, span, situation.largest_step)
    if near is None:
        return None
    names: list[FateName] = ["escaped"] * len(weights)
    names[near] = "converged"
    return names, theorem


def recorded(situation: FateInputs) -> list[tuple[float, ...]]:
    """Norms recorded over the second half of the run.

    Examples
    --------
    >>> half, square = Fraction(1, 2), (Fraction(9), Fraction(9))
    >>> history = [(step, (3.0, 3.0)) for step in range(LEAST_STEPS + 1)]
    >>> far = (square, square)
    >>> there = FateInputs("forward", (half, half), far, half, "numerical", history, 14)
    >>> len(recorded(there)) == LEAST_SAMPLES
    True
    """
    return [norms for step, norms in situation.history if 2 * step >= situation.steps]


def _second_half(situation: FateInputs) -> list[tuple[float, ...]]:
    """Norms recorded over the second half of the run; too few of them are none."""
    window = recorded(situation)
    return window if len(window) >= LEAST_SAMPLES else []


def _by_nearest(situation: FateInputs) -> tuple[list[FateName], str]:
    """Each component by itself: near a teacher mean, and not moving away."""
    window = _second_half(situation)
    names: list[FateName] = []
    for i, (_, upper) in enumerate(situation.squared_norms):
        settled_near = bool(window) and upper <= NEAR**2 and window[-1][i] <= window[0][i]
        names.append("converged" if settled_near else "undecided")
    return names, "nearest"


def _by_window(situation: FateInputs) -> tuple[list[FateName], str]:
    undecided: list[FateName] = ["undecided"] * len(situation.weights)
    window = _second_half(situation)
    near = [upper <= NEAR**2 for _, upper in situation.squared_norms]
    far = [lower >= FAR**2 for lower, _ in situation.squared_norms]
    if not window:
        return undecided, "none"
    if all(near):
        start, end = (sum(norm * norm for norm in norms) for norms in (window[0], window[-1]))
        return (["converged"] * len(near), "window") if end <= start else (undecided, "none")
    if situation.objective != "forward" or not any(near):
        return undecided, "none"
    names: list[FateName] = []
    for i, (is_near, is_far) in enumerate(zip(near, far, strict=True)):
        norms = [entry[i] for entry in window]
        growing = all(a <= b for a, b in pairwise(norms))
        if not is_near and not (is_far and growing):
            return undecided, "none"
        names.append("converged" if is_near else "escaped")
    return names, "window"


def monitored(step: int) -> bool:
    """Whether the norms of this iterate are kept for the numerical criterion.

    64 iterates per doubling of the step number: memory grows with the logarithm of the run, and the
    choice does not depend on where a run was interrupted.

    Examples
    --------
    >>> [step for step in range(256, 300) if monitored(step)]
    [256, 260, 264, 268, 272, 276, 280, 284, 288, 292, 296]
    """
    return step % (1 << max(0, step.bit_length() - 7)) == 0
