"""An inequality between two functions of the mixture, with a constant that cannot be lowered."""

from fractions import Fraction

from proofs_check.checks import GeneratedCheck
from proofs_check.claim import Claim, Control
from proofs_check.sampling import Cases
from proofs_check.statements import Nested, Point, Relation, dot

#: Up to three components on a line; drawn at random, with weights and distances of all sizes.
CASES = Cases(components=(1, 3), dimensions=(1, 1))


def mean_square(at: Point) -> Nested:
    """``sum_j w_j |v_j|^2``."""
    return sum(w * dot(v, v) for w, v in zip(at.weights, at.means, strict=True))


def bound(factor: Fraction) -> Relation:
    """The KL loss is at most so many times the mean square of the means."""
    return Relation(
        f"K <= {factor} sum_j w_j |v_j|^2",
        lambda at: at.loss("kl"),
        "<=",
        lambda at: factor.numerator * mean_square(at) / factor.denominator,
    )


CLAIMS = (
    Claim(
        "T1",
        title="KL is at most half the mean square of the means",
        statement="K <= (1/2) sum_j w_j |v_j|^2, with equality for one component",
        latex=r"K \le \tfrac12 \sum_j w_j |v_j|^2",
        source="mine",
        hypotheses=("unit covariances", "teacher N(0, I)"),
        checks=(GeneratedCheck("numbers", bound(Fraction(1, 2)), CASES),),
        controls=(
            Control(
                "0.475 for 1/2",
                "the constant lowered by 5%",
                GeneratedCheck("numbers 0.475", bound(Fraction(19, 40)), CASES),
            ),
        ),
        limits="Numbers at drawn mixtures support an inequality; they do not prove it.",
    ),
)
