"""A limit: a sequence computed at two precisions, extrapolated, and compared with a number."""

from collections.abc import Sequence
from typing import Any

import mpmath

from proofs_check.checks.limits import LimitCheck, Sample
from proofs_check.claim import Claim, Context, Control


def ratios(context: Context, digits: int) -> Sequence[Sample]:
    """``K / L`` at the pair ``(a, -a)``, ``a = 1/4, 1/8, ..., 1/64``; a function of ``a^2``."""
    import numerics

    def loss(objective: str, pair: Sequence[Any]) -> Any:
        found: Any = numerics.evaluate(objective, pair, digits=digits + 8, backend="mpmath")
        return found.value

    samples = []
    for size in (4, 8, 16, 32, 64):
        pair = [[f"1/{size}"], [f"-1/{size}"]]
        value = loss("kl", pair) / loss("forward", pair)
        samples.append(Sample(mpmath.mpf(1) / size**2, value, f"a = 1/{size}"))
    return samples


def tends_to(limit: str) -> LimitCheck:
    """The ratio tends to a number."""
    return LimitCheck(f"K/L -> {limit}", ratios, lambda: mpmath.mpf(limit), "the value at a = 0")


CLAIMS = (
    Claim(
        "T1",
        title="KL and the forward loss of a small symmetric pair",
        statement="at the pair (a, -a), K/L -> 1/4 as a -> 0",
        latex=r"K/L \to \tfrac14 \quad (v = (a, -a),\ a \to 0)",
        source="mine",
        hypotheses=("uniform weights", "teacher N(0, 1)"),
        checks=(tends_to("0.25"),),
        controls=(Control("0.2625 for 1/4", "the limit raised by 5%", tends_to("0.2625")),),
        limits="A finite consequence is decided: the value extrapolated from five terms.",
    ),
)
