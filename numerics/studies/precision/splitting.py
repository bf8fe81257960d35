"""Whether a cluster's components split, and how far its spread is from the critical one, in words.

The critical spread is that of `numerics.studies.threshold.search`: an estimate in float64 for a
cluster on a line whose one component is nearer to the truth than the others, which coincide.
`proofs-check threshold` brackets it between certified fates.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from numerics.numbers.exact import Vector
from numerics.studies.precision.rounding_rule import RoundingRule
from numerics.studies.threshold.certified import (
    LEAST_DISTANCE,
    LEAST_STEP,
    MOST_COMPONENTS,
    MOST_DISTANCE,
    MOST_STEP,
)
from numerics.studies.threshold.search import ClusterStart, SearchStoppedError, estimate

_SINGULAR = {"converged": "converges", "escaped": "escapes"}
_PLURAL = {"converged": "converge", "escaped": "escape"}
#: A spread beyond which means are apart rather than one tight cluster.
_WIDE = 1.0


@dataclass(frozen=True)
class Splitting:
    """The user's cluster beside the critical one.

    Attributes
    ----------
    split : bool or None
        Whether some components converge and others escape; None if it is not known.
    spread_log10, critical_log10 : float or None
        Decimal logarithms of the spread along the centre and of the critical one; None where there
        is none, or it is not known.
    sentences : tuple of str
    """

    split: bool | None
    spread_log10: float | None
    critical_log10: float | None
    sentences: tuple[str, ...]

    @property
    def margin_log10(self) -> float | None:
        """Decimal logarithm of the spread over the critical one: positive is beyond it."""
        if self.spread_log10 is None or self.critical_log10 is None:
            return None
        return self.spread_log10 - self.critical_log10


def splitting(
    objective: str,
    means: Sequence[Vector],
    step_size: Fraction,
    fates: Sequence[str],
    basis: str,
    rule: RoundingRule | None,
    stop: Callable[[], bool],
) -> Splitting:
    """Say whether the components split, and by what margin.

    Parameters
    ----------
    objective : str
    means : n x d rationals
        Relative to the teacher's mean.
    step_size : Fraction
    fates : sequence of str
        Of the components.
    basis : str
        What the fates rest on.
    rule : RoundingRule or None
        With the distance of the centre and the spread along it; None for unequal weights.
    stop : callable

    Examples
    --------
    >>> from numerics.studies.precision.rounding_rule import rounding_rule
    >>> means, step = ((Fraction(6),), (Fraction("6.000001"),)), Fraction(1, 10)
    >>> rule = rounding_rule("forward", means, step, 500)
    >>> fates = ("converged", "escaped")
    >>> found = splitting("forward", means, step, fates, "proved", rule, lambda: False)
    >>> found.sentences[0]
    'the components split: 0 converges, 1 escapes (proved)'
    >>> found.sentences[1]
    'their spread along the centre is 1.0e-6, 1.5 times the critical spread of about 6.5e-7'
    """
    split = None if "undecided" in fates else len(set(fates)) > 1
    sentences = [_outcome(fates, split, basis)]
    if rule is None or rule.distance == 0:
        sentences.append("no critical spread is known: equal weights and a far centre have one")
        return Splitting(split, None, None, tuple(sentences))
    spread = rule.spread_log
    critical, why_not = _critical(objective, len(means), step_size, rule, stop)
    found = Splitting(split, spread, critical, ())
    sentences += _beside(found, means, why_not)
    return Splitting(split, spread, critical, tuple(sentences))


def _outcome(fates: Sequence[str], split: bool | None, basis: str) -> str:
    if split is None:
        return f"whether the components split is not decided ({basis})"
    if split:
        each = ", ".join(f"{i} {_SINGULAR[fate]}" for i, fate in enumerate(fates))
        return f"the components split: {each} ({basis})"
    return f"the components do not split: all {_PLURAL[fates[0]]} ({basis})"


def _critical(
    objective: str,
    components: int,
    step_size: Fraction,
    rule: RoundingRule,
    stop: Callable[[], bool],
) -> tuple[float | None, str]:
    """Decimal logarithm of the critical spread, or why it is not known."""
    if objective != "forward":
        return None, "there is no critical spread: only the forward loss lets components escape"
    distance = Fraction(rule.distance)
    if not (
        2 <= components <= MOST_COMPONENTS
        and LEAST_DISTANCE <= distance <= MOST_DISTANCE
        and LEAST_STEP <= step_size <= MOST_STEP
    ):
        return None, (
            f"the critical spread is not known here: it is searched for 2 to {MOST_COMPONENTS} "
            f"components, a centre from {LEAST_DISTANCE} to {MOST_DISTANCE} away (here "
            f"{rule.distance:.4g}) and steps from {float(LEAST_STEP):g} to {float(MOST_STEP):g}"
        )
    try:
        low, high, _ = estimate(ClusterStart(distance, step_size, components), stop=stop)
    except SearchStoppedError:
        return None, "the critical spread was not searched: time was up"
    return (low + high) / 2 / math.log(10), ""


def _beside(found: Splitting, means: Sequence[Vector], why_not: str) -> list[str]:
    """The spread beside the critical one."""
    theirs = "they have no spread along the centre"
    if found.spread_log10 is not None:
        theirs = f"their spread along the centre is {_power(found.spread_log10)}"
    if found.critical_log10 is None:
        return [theirs, why_not]
    critical = _power(found.critical_log10)
    if found.margin_log10 is None:
        return [f"{theirs}; the critical spread of a cluster apart along it is about {critical}"]
    if found.spread_log10 is not None and found.spread_log10 > math.log10(_WIDE):
        return [f"{theirs}: no tight cluster, for which the critical spread is about {critical}"]
    margin = _times(found.margin_log10)
    lines = [f"{theirs}, {margin} the critical spread of about {critical}"]
    if len(set(means)) > 2 or len(means[0]) > 1:
        lines.append(
            "that critical spread is for one component nearer to the truth than the others, which "
            "coincide, all on the line through the centre: for this cluster it is a guide"
        )
    return lines


def _power(log10: float) -> str:
    """A power of ten with two digits, of any size."""
    exponent = math.floor(log10)
    mantissa = round(10 ** (log10 - exponent), 1)
    return f"{mantissa:.1f}e{exponent}" if mantissa < 10 else f"1.0e{exponent + 1}"


def _times(log10: float) -> str:
    """A ratio in words: a factor where it is readable."""
    size = 10**log10 if abs(log10) < 3 else 0.0
    return f"{size:.2g} times" if size else f"{_power(log10)} times"
