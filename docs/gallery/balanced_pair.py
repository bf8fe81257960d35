"""Daskalakis et al. 2017, Xu et al. 2016: EM for a balanced pair of Gaussians contracts."""

from typing import Any

import mpmath

from numerics.descent.own_map import Place, gradient_step
from proofs_check.checks import BoxCheck, DecayCheck, OwnRun, own_sequence
from proofs_check.checks.limits import LimitCheck
from proofs_check.claim import Claim, Control
from proofs_check.statements import Mixture, Point, Relation

SOURCE = (
    "Daskalakis, Tzamos, Zampetakis, arXiv:1609.00368; Xu, Hsu, Maleki, arXiv:1608.07630, as their "
    "abstracts have it; constants as checked here"
)
MODEL = (r"$N(\theta^*,1)/2+N(-\theta^*,1)/2$ fitted by $N(\theta,1)/2+N(-\theta,1)/2$",)


def pair(theta: Any, star: Any) -> dict[str, Any]:
    """Student and teacher."""
    return {"means": [[theta], [-theta]], "teacher_means": [[star], [-star]]}


def image(at: Point) -> Any:
    """``M(theta) = E[x tanh(theta x)]``: theta minus the derivative of KL."""
    (first,), (second,) = at.gradient("kl")
    return at.parameters["theta"] - first + second


def contracts(name: str, factor: int = 1) -> BoxCheck:
    """``|M(theta) - star| <= exp(-factor min(theta, star)^2/2) |theta - star|``."""

    def bound(at: Point) -> Any:
        theta: Any = at.parameters["theta"]
        star: Any = at.parameters["star"]
        return (-factor * theta.min(star) ** 2 / 2).exp() * abs(theta - star)

    relation = Relation(
        f"|M - star| <= exp(-{factor} min^2/2) |theta - star|",
        lambda at: abs(image(at) - at.parameters["star"]),
        "<=",
        bound,
        tight=False,
    )
    ends = {"theta": ("1/2", "2"), "star": ("1/2", "2")}
    return BoxCheck(name, relation, ends, pair, touching=lambda theta, star: theta - star)


def repels(name: str, factor: int = 1) -> BoxCheck:
    """``M(theta) > factor theta`` near 0."""
    relation = Relation(
        f"M > {factor} theta",
        image,
        ">",
        lambda at: factor * at.parameters["theta"],
        tight=False,
    )
    return BoxCheck(name, relation, {"theta": ("1/20", "1/4"), "star": ("1/2", "1")}, pair)


def theta(at: Place) -> Any:
    """The parameter."""
    return at.means[0, 0]


#: star = 0: then theta' = M(theta) is gradient descent on KL with step 2.
ROOT = OwnRun(gradient_step("kl", 2), Mixture.of([["1"], ["-1"]]), 1000)


def law(limit: str) -> LimitCheck:
    """``theta_t sqrt(2t)`` tends to a number; deviations are like ``log(t)/t``."""
    terms = own_sequence(
        ROOT, lambda at: theta(at) * (2 * at.index) ** 0.5, lambda k: mpmath.log(k) / k, samples=2
    )
    return LimitCheck(f"theta sqrt(2t) -> {limit}", terms, lambda: mpmath.mpf(limit), "the limit")


CLAIMS = (
    Claim(
        "DTZ",
        "EM for a balanced pair contracts",
        r"$|M(\theta)-\theta^*| \le \exp(-\min(\theta,\theta^*)^2/2)|\theta-\theta^*|$ for "
        r"$\theta$ and $\theta^*$ in $[1/2,2]$",
        r"|M(\theta)-\theta^*|\le e^{-\min(\theta,\theta^*)^2/2}|\theta-\theta^*|",
        SOURCE,
        MODEL,
        (contracts("contraction"),),
        (Control("faster", "factor 3 in the exponent", contracts("faster", 3)),),
    ),
    Claim(
        "DTZ-ZERO",
        "The fixed point 0 is unstable",
        r"$M(\theta) > \theta$ for $1/20 \le \theta \le 1/4$ and $1/2 \le \theta^* \le 1$",
        r"M(\theta) > \theta",
        SOURCE,
        MODEL,
        (repels("0 repels"),),
        (Control("doubles", "2 theta for theta", repels("doubles", 2)),),
    ),
    Claim(
        "DTZ-ROOT",
        "One Gaussian in truth: EM slows down to the root law",
        r"$\theta^* = 0$: $\theta_t\sqrt{2t} \to 1$",
        r"\theta^* = 0:\ \theta_t\sqrt{2t} \to 1",
        SOURCE,
        MODEL,
        (law("1"), DecayCheck("a power", ROOT, theta, "polynomial", (0.45, 0.55))),
        (
            Control("limit 1.05", "the constant raised by 5%", law("1.05")),
            Control(
                "geometric",
                "the other kind of decay",
                DecayCheck("geometric", ROOT, theta, "geometric"),
            ),
        ),
    ),
)
