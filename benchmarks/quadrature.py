"""``python -m benchmarks.quadrature``: nodes, poles and time of the two rules for two components.

The gradient of the forward loss in balls. "Plain" is the trapezoid rule that any number of
components uses (`numerics.quadrature.trapezoid`); "corrected" the rule of
`numerics.quadrature.residue_plan`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any
from unittest import mock

from benchmarks.measure import best_of

#: Means, and the digits asked for.
CASES = [
    *((("-3/4", "17/8"), digits) for digits in (15, 50, 100, 200, 1000)),
    *((("-1/2", "1/2"), digits) for digits in (15, 50, 200)),
    *((("0", "12"), digits) for digits in (15, 50, 200)),
    *((("-30", "30"), digits) for digits in (15, 50)),
]

#: Multiplications per node that no rule on a uniform grid can avoid
#: (docs/concepts/quadrature-two-components.md).
MULTIPLICATIONS = 6


def problem(means: tuple[str, str]) -> Callable[[], Any]:
    """Two components with equal weights on the line, rebuilt at every precision."""
    from numerics.numbers.balls import ball
    from numerics.quadrature.inputs import Inputs

    def make() -> Inputs:
        rows = [[ball(Fraction(value))] for value in means]
        return Inputs(rows, rows, [ball(Fraction(1, 2))] * 2)

    return make


def row(means: tuple[str, str], digits: int) -> str:
    """One line of the table."""
    from numerics.evaluation.scalar_backend import expectations
    from numerics.kernels import load_program
    from numerics.numbers.balls import BALL
    from numerics.quadrature import residues
    from numerics.quadrature import two_components as pair

    source, program = problem(means), load_program("forward", "gradient")
    plans: list[Any] = []

    def remember(*arguments: Any) -> Any:
        plans.append(arguments[0])
        return genuine(*arguments)

    def run() -> Any:
        return expectations(BALL, [program], source, digits=digits)

    genuine = residues.moments
    with mock.patch.object(residues, "moments", remember):
        run()
    plan = plans[-1]
    seconds, _ = best_of(run, 0.5)
    with mock.patch.object(pair, "applies", return_value=False):
        plain_seconds, plain = best_of(run, 0.5)
    budget = digits * math.log(10)
    floor = (plan.nodes + plan.poles) * MULTIPLICATIONS * _multiplication(digits)
    return (
        f"| {means[0]}, {means[1]} | {digits} | {plain.nodes} | {plan.nodes} + {plan.poles} "
        f"| {2 * budget / math.pi:.0f} | {1e3 * plain_seconds:.3g} | {1e3 * seconds:.3g} "
        f"| {seconds / floor:.1f} |"
    )


def _multiplication(digits: int) -> float:
    """Seconds of one Arb multiplication called from Python."""
    from flint import arb

    from numerics.numbers.balls import precision

    with precision(math.ceil(digits * math.log2(10)) + 16):
        left, right = arb(2).sqrt(), arb(3).sqrt()

        def thousand() -> None:
            for _ in range(1000):
                left * right

        return best_of(thousand, 0.05)[0] / 1000


def main() -> None:
    """Print the table."""
    print(
        "| means | digits | plain nodes | nodes + poles | 2B/pi | plain, ms | corrected, ms "
        "| time / limit |"
    )
    print("| --- " * 8 + "|")
    for means, digits in CASES:
        print(row(means, digits), flush=True)


if __name__ == "__main__":
    main()
