"""What becomes of components under gradient descent, from exact starts, by certificates."""

from proofs_check.checks.fates import CertifiedFates, ClaimedStart
from proofs_check.claim import Claim, Control


def start(*means: str, fates: tuple[str, ...]) -> ClaimedStart:
    """Descent on the forward loss with step 1/10 from means on a line (exact decimal texts)."""
    return ClaimedStart(", ".join(means), tuple((mean,) for mean in means), "0.1", fates)


NEAR = start("1.5", "1", fates=("converged", "converged"))
APART = start("4", "1", fates=("converged", "converged"))

CLAIMS = (
    Claim(
        "T1",
        title="Descent from a start near the truth converges",
        statement="from v = (3/2, 1) descent on L with step 1/10 takes both components to 0",
        latex=r"v(0) = (\tfrac32, 1) \Rightarrow v_1, v_2 \to 0",
        source="mine",
        hypotheses=("uniform weights", "teacher N(0, 1)"),
        checks=(CertifiedFates("near", lambda: (NEAR,)),),
        controls=(
            Control(
                "first mean at 4",
                "one number of the start changed: a component escapes",
                CertifiedFates("apart", lambda: (APART,)),
            ),
        ),
        limits="One start; nothing is said of those beside it.",
    ),
)
