"""R3: where forward descent loses a component, reverse descent does not."""

from __future__ import annotations

from dataclasses import replace

from proofs_check.checks import IdentityCheck
from proofs_check.checks.fates import CertifiedFates, ClaimedStart
from proofs_check.claim import Claim, Control, Figure
from proofs_check.proofs.check import ProofCheck

_BOTH = ("converged", "converged")


def forward() -> tuple[ClaimedStart, ...]:
    """Starts at which forward descent loses the outer component."""
    cases = (
        (("3",), ("4",), "1/40"),
        (("6",), ("6.0001",), "1/80"),
        (("0",), ("5/2",), "1/10"),
        (("1/10", "0"), ("2", "2"), "1/20"),
    )
    return tuple(
        ClaimedStart(
            f"means ({', '.join(first)}) and ({', '.join(second)})",
            (first, second),
            step,
            ("converged", "escaped"),
            steps=5000,
        )
        for first, second, step in cases
    )


def forward_full() -> tuple[ClaimedStart, ...]:
    """Also further out, and three components of which two coincide."""
    further = ClaimedStart(
        "means 10 and 10.1",
        (("10",), ("10.1",)),
        "1/200",
        ("converged", "escaped"),
        steps=20_000,
    )
    three = ClaimedStart(
        "means 3, 4 and 4",
        (("3",), ("4",), ("4",)),
        "1/40",
        ("converged", "escaped", "escaped"),
        steps=5000,
    )
    return (*forward(), further, three)


def as_reverse(starts: tuple[ClaimedStart, ...]) -> tuple[ClaimedStart, ...]:
    """The same starts and steps for the reverse loss, which keeps every component."""
    return tuple(
        replace(start, objective="reverse", fates=("converged",) * len(start.means))
        for start in starts
    )


CLAIMS = (
    Claim(
        "R3",
        "Where forward descent loses a component, reverse descent does not",
        "From the same exact starts and with the same steps, forward descent keeps one component "
        "and loses the others, reverse descent brings all to the truth. By identity I2 the "
        r"reverse loss has no stationary point but the truth: $\sum_jv_j\cdot \nabla_jR = "
        "2R+2E_p|C|^2 > 0$ unless all means are zero.",
        r"\sum_j v_j\cdot\nabla_j R = 2R+2E_p|C|_F^2 > 0\ (V\ne 0)",
        "contrast of arXiv:2606.19876 with arXiv:2511.22069; the starts: for this project",
        ("each listed start, exact", "steps within Theorem R's bound"),
        (
            IdentityCheck("I2"),
            ProofCheck("R"),
            ProofCheck("R-means"),
            ProofCheck("R-stationary"),
            ProofCheck("E"),
            CertifiedFates("forward loses a component", forward, forward_full),
            CertifiedFates(
                "reverse keeps all",
                lambda: as_reverse(forward()),
                lambda: as_reverse(forward_full()),
            ),
        ),
        (
            Control(
                "forward keeps all",
                "the reverse loss's fates for the forward loss",
                CertifiedFates(
                    "forward keeps all",
                    lambda: (replace(forward()[0], fates=_BOTH),),
                ),
            ),
            Control(
                "reverse loses one",
                "the forward loss's fates for the reverse loss",
                CertifiedFates(
                    "reverse loses one",
                    lambda: (replace(forward()[0], objective="reverse"),),
                ),
            ),
        ),
        plain="From the same starts, gradient descent on score matching loses a component and "
        "gradient descent on the reverse Fisher divergence brings all of them to the truth.",
        derived=("I2", "R", "R-means", "R-stationary", "E"),
        argument="Forward runs end in Lemma E's region, certified and recomputed; for the reverse "
        "loss Theorem R applies at the first step already, and that its means tend to the truth is "
        "its corollary R-means.",
        limits="The contrast at the listed starts; Theorem R (claim R2) is about all of them.",
        figure=Figure(
            "Distances from the truth, from means 3 and 4, step 1/40: forward descent loses "
            "the outer component, reverse descent does not.",
            "proofs_check.figures.r3",
        ),
    ),
)
