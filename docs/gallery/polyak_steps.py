"""Wang, Fazel, Charisopoulos 2026: long Polyak steps make gradient EM linearly convergent."""

from typing import Any

from numerics.descent.own_map import Place, gradient_step, polyak_step
from proofs_check.checks import BoxCheck, DecayCheck, OwnRun
from proofs_check.claim import Claim, Control
from proofs_check.statements import Mixture, Relation

#: One component more than needed; the means' average is off the truth, the components differ.
START = Mixture.of([["1"], ["-3/4"]])
SHORT = gradient_step("kl", 1)
ALTERNATING = polyak_step("kl", every=4, size=1)  # three short steps, then a long one


def loss(at: Place) -> Any:
    """The KL loss, whose least value is 0."""
    return at.loss("kl")


def decay(name: str, step: Any, steps: int, kind: Any, between: Any = None) -> DecayCheck:
    """How fast the loss falls."""
    run = OwnRun(step, START, steps, backend="mpmath")
    return DecayCheck(name, run, loss, kind, between, digits=40)


def growth(power: int) -> BoxCheck:
    """On the manifold of slow growth, the means ``(t, -t)``, the loss is at most ``t^power/4``."""
    return BoxCheck(
        f"K <= t^{power}/4",
        Relation(
            f"K(t, -t) <= t^{power}/4",
            lambda at: at.loss("kl"),
            "<=",
            lambda at: at.parameters["t"] ** power / 4,
            tight=False,
        ),
        {"t": ("1/20", "1/2")},
        lambda t: [[t], [-t]],
    )


CLAIMS = (
    Claim(
        "POLYAK",
        "Short steps and long Polyak steps converge linearly",
        "gradient EM on two components for $N(0,1)$: three steps of size 1 and one of Polyak's, "
        "again and again, make the loss fall geometrically; steps of size 1 alone like $t^{-2}$",
        r"K(v_t) \le C q^t",
        "arXiv:2605.30936 (Wang, Fazel, Charisopoulos), as its abstract has it; rates found here",
        ("equal weights", "d = 1", "one start"),
        (
            decay("alternating", ALTERNATING, 96, "geometric"),
            decay("short steps only", SHORT, 160, "polynomial", (1.7, 2.3)),
        ),
        (
            Control(
                "without Polyak's steps",
                "the long steps left out, the rate still claimed",
                decay("short, geometric", SHORT, 160, "geometric"),
            ),
        ),
        limits="Rates along one run support the statement, they do not prove it.",
    ),
    Claim(
        "SLOW-GROWTH",
        "The manifold on which the loss grows slowly",
        r"at means $(t,-t)$, $1/20 \le t \le 1/2$, the loss is at most $t^4/4$",
        r"K(t, -t) \le t^4/4",
        "derived here",
        ("equal weights", "d = 1"),
        (growth(4),),
        (Control("fifth power", "t^5 for t^4", growth(5)),),
    ),
)
