"""A probability over random starts: how often exactly one component converges."""

from proofs_check.checks.frequencies import Frequency, families
from proofs_check.claim import Claim, Control


def starts(name: str, sigma: str, distance: int) -> Frequency:
    """From two starts ``v_i ~ N(v_0, sigma^2)`` one component converges, nine times in ten."""
    return Frequency(name, families([(2, 1)], [sigma], [distance]), "0.9")


CLAIMS = (
    Claim(
        "T1",
        title="From two far random starts exactly one component converges",
        statement="v_i(0) ~ N(10, 1), gradient flow of L: exactly one component converges with "
        "probability at least 0.9",
        latex=r"\Pr[\text{exactly one } v_i \to 0] \ge 0.9",
        source="mine",
        hypotheses=("uniform weights", "teacher N(0, 1)"),
        checks=(starts("sigma = 1, |v_0| = 10", "1", 10),),
        controls=(
            Control(
                "sigma = 1/1000, |v_0| = 3",
                "the hypothesis of a far, wide start dropped",
                starts("narrow and near", "1/1000", 3),
            ),
        ),
        limits="An interval with 99.9% confidence from 200 draws; fates are numerical.",
    ),
)
