"""An identity: both sides at drawn mixtures, and with one constant changed."""

from fractions import Fraction

from proofs_check.checks import GeneratedCheck
from proofs_check.claim import Claim, Control
from proofs_check.sampling import Cases
from proofs_check.statements import Relation, dot, scaled

#: One or two components on a line; drawn at random, with weights and distances of all sizes.
CASES = Cases(components=(1, 2), dimensions=(1, 1))


def radial(factor: Fraction) -> Relation:
    """The radial derivative of the KL loss is so many times the forward loss."""
    return Relation(
        f"sum_j v_j . grad_j K = {factor} L",
        lambda at: dot(at.means, at.gradient("kl")),
        "=",
        lambda at: scaled(factor, at.loss("forward")),
    )


CLAIMS = (
    Claim(
        "T1",
        title="The radial derivative of KL",
        statement="sum_j v_j . grad_j K = L for all means v_j and weights",
        latex=r"\sum_j v_j \cdot \nabla_j K = L",
        source="mine",
        hypotheses=("unit covariances", "teacher N(0, I)"),
        checks=(GeneratedCheck("numbers", radial(Fraction(1)), CASES),),
        controls=(
            Control(
                "1.05 L",
                "the constant raised by 5%",
                GeneratedCheck("numbers 1.05", radial(Fraction(21, 20)), CASES),
            ),
        ),
        limits="Numbers at drawn mixtures support an identity; they do not prove it.",
    ),
)
