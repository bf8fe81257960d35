"""Dwivedi et al. 2018: one Gaussian fitted by a pair is fast if the weights differ, slow if not."""

from typing import Any

import mpmath

from numerics.descent.own_map import Place
from proofs_check.checks import BoxCheck, DecayCheck, OwnRun, own_sequence
from proofs_check.checks.limits import LimitCheck
from proofs_check.claim import Claim, Control
from proofs_check.statements import Mixture, Point, Relation

SOURCE = "arXiv:1810.00828 (Dwivedi et al.), as its abstract has it; constants derived here"
MODEL = (r"$N(0,1)$ fitted by $wN(\theta,1)+(1-w)N(-\theta,1)$, $w$ fixed",)


def pair(w: Any, t: Any) -> dict[str, Any]:
    """The student with means ``(t, -t)`` and weights ``(w, 1 - w)``."""
    return {"means": [[t], [-t]], "weights": [w, 1 - w]}


def em(at: Point) -> Any:
    """EM for theta: ``E[(psi_1 - psi_2) x]``, that is theta minus the derivative of KL."""
    (first,), (second,) = at.gradient("kl")
    return at.parameters["t"] - first + second


def contraction(share: Any) -> Relation:
    """``M(theta) <= (1 - share (1 - 2w)^2) theta``."""
    return Relation(
        f"M(theta) <= (1 - {share} (1 - 2w)^2) theta",
        em,
        "<=",
        lambda at: (1 - (1 - 2 * at.parameters["w"]) ** 2 / share) * at.parameters["t"],
        tight=False,
    )


def over_a_box(share: int) -> BoxCheck:
    """The contraction for all weights and all theta in a box; both sides vanish at theta = 0."""
    box = {"w": ("1/20", "9/20"), "t": ("0", "3")}
    return BoxCheck(f"factor with 1/{share}", contraction(share), box, pair, lambda w, t: t)


def step(at: Place) -> Place:
    """EM for the one parameter of the means ``(theta, -theta)``."""
    (first,), (second,) = at.gradient("kl")
    theta = at.means[0, 0] - first + second
    return at.moved([[theta], [-theta]])


def theta(at: Place) -> Any:
    """The parameter."""
    return abs(at.means[0, 0])


def run(weight: str, steps: int) -> OwnRun:
    """EM from theta = 1."""
    return OwnRun(step, Mixture.of([["1"], ["-1"]], [weight, f"{5 - int(weight[0])}/5"]), steps)


BALANCED = OwnRun(step, Mixture.of([["1"], ["-1"]]), 1000)


def root_law(limit: str) -> LimitCheck:
    """``theta_t sqrt(2t)`` tends to a number; deviations are like ``log(t)/t``."""
    terms = own_sequence(
        BALANCED,
        lambda at: at.means[0, 0] * (2 * at.index) ** 0.5,
        lambda k: mpmath.log(k) / k,
        samples=2,
    )
    return LimitCheck(f"theta sqrt(2t) -> {limit}", terms, lambda: mpmath.mpf(limit), "the limit")


CLAIMS = (
    Claim(
        "PAIR-FAST",
        "Unbalanced weights: EM contracts",
        r"$M(\theta) \le (1-(1-2w)^2/2)\theta$ for $1/20 \le w \le 9/20$ and $0 \le \theta \le 3$",
        r"M(\theta) \le \bigl(1 - \tfrac12(1-2w)^2\bigr)\,\theta",
        SOURCE,
        MODEL,
        (over_a_box(2),),
        (Control("slope at 0", "1 for 1/2: the slope at theta = 0 for all theta", over_a_box(1)),),
    ),
    Claim(
        "PAIR-SLOW",
        "Balanced weights: EM is sublinear",
        r"$w = 1/2$: $\theta_t\sqrt{2t} \to 1$; with $w = 1/5$ $\theta_t$ falls geometrically",
        r"w = \tfrac12:\ \theta_t\sqrt{2t} \to 1",
        SOURCE,
        MODEL,
        (
            root_law("1"),
            DecayCheck("w = 1/2", BALANCED, theta, "polynomial", (0.45, 0.55)),
            DecayCheck("w = 1/5", run("1/5", 60), theta, "geometric", (0.6, 0.7)),
        ),
        (
            Control("limit 1.05", "the constant raised by 5%", root_law("1.05")),
            Control(
                "balanced, fast",
                "geometric decay at w = 1/2",
                DecayCheck("w = 1/2, geometric", BALANCED, theta, "geometric"),
            ),
        ),
    ),
)
