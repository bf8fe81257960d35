"""R5: total variation is bounded by the root of the reverse loss, and vanishes along descent."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from proofs_check.checks import BallCheck, GeneratedCheck
from proofs_check.checks.total_variation import SampledVariation, VariationRun, VariationVanishes
from proofs_check.claim import Claim, Control, Figure
from proofs_check.proofs.check import ProofCheck
from proofs_check.sampling import Cases
from proofs_check.statements import Mixture, Relation

_LINE = Cases(components=(1, 4), dimensions=(1, 1), separation=("1e-2", "12"))


def bounded(factor: Fraction, objective: str = "reverse", text: str = "") -> Relation:
    """``TV(p, N(0, 1)) <= factor sqrt(loss)``, squared so that the loss itself is compared."""

    def left(at: Any) -> Any:
        variation = at.total_variation()
        return variation * variation

    def right(at: Any) -> Any:
        square = factor**2
        return at.loss(objective) * square.numerator / square.denominator

    return Relation(text or f"TV^2 <= {factor**2} {objective} loss", left, "<=", right)


HALF = bounded(Fraction(1, 2), text="TV(p, N(0, 1))^2 <= R/4")

#: From a single far start to five students of different weights.
LISTED = (
    Mixture.of([["1/10"]]),
    Mixture.of([["3"]]),
    Mixture.of([["0"], ["5/2"]]),
    Mixture.of([["-2"], ["1/3"], ["4"]], ["1/2", "1/3", "1/6"]),
    Mixture.of([["-1"], ["1"], ["-1/3"], ["1/3"], ["0"]]),
)

#: Searches for counterexamples beside the proof.
_ATTACKS = (
    GeneratedCheck("TV <= sqrt(R)/2 on a line", HALF, _LINE, resolution="1e-6"),
    SampledVariation(
        "TV <= sqrt(R)/2 in the plane and in space",
        Fraction(1, 2),
        Cases(components=(1, 3), dimensions=(2, 3), separation=("1/10", "4")),
    ),
)

SINGLE = (
    VariationRun(Mixture.of([["3"], ["4"]]), "1/20", 800),
    VariationRun(Mixture.of([["-2"], ["1"], ["5/2"]]), "1/20", 800),
)
MET = (
    VariationRun(Mixture.of([["-3/2"], ["4"]], None, [["-3"], ["3"]]), "1/4", 300),
    VariationRun(
        Mixture.of([["-5"], ["1"]], ["1/3", "2/3"], [["-3"], ["3"]], ["1/3", "2/3"]), "1/4", 300
    ),
)
UNMET = (VariationRun(Mixture.of([["3/2"], ["4"]], None, [["-3"], ["3"]]), "1/4", 300),)
FORWARD = (VariationRun(Mixture.of([["3"], ["4"]]), "1/20", 800, objective="forward"),)

CLAIMS = (
    Claim(
        "R5",
        "Total variation is at most half the root of the reverse loss, and goes to zero",
        r"One Gaussian $q=N(0,I)$ as teacher: $\operatorname{TV}(p,q) \le \sqrt{R}/2$ for every "
        "student $p$, so reverse gradient descent brings the total variation to zero from every "
        r"initialization (Theorem R: $\min_{k<N}R_k \le |V_0|^2/(2\eta N)$). Separated mixture "
        "teacher of which every mean is met by its share of the students: the total variation "
        "goes to zero too.",
        r"TV(p,q)\le\sqrt{KL(p\|q)/2}\le\tfrac12\sqrt{R},\qquad TV(p^{(k)},q)\to 0",
        "arXiv:2606.19876, as its abstract has it; the bound: for this project, from the "
        "log-Sobolev inequality (L. Gross, 1975) and Pinsker's inequality",
        ("unit covariances", "one Gaussian, or a mixture of which every mean is met"),
        (
            ProofCheck("TV", attacks=_ATTACKS),
            ProofCheck("R"),
            BallCheck("TV <= sqrt(R)/2 at listed mixtures", HALF, LISTED),
            VariationVanishes("one Gaussian: TV goes to zero", SINGLE, Fraction(1, 20)),
            VariationVanishes("two teacher means, both met", MET, Fraction(1, 100)),
        ),
        (
            Control(
                "0.39 for 1/2",
                "the constant is 0.39, below the 1/sqrt(2 pi) = 0.3989 that one student near the "
                "truth needs",
                GeneratedCheck("0.39", bounded(Fraction(39, 100)), _LINE, resolution="1e-6"),
            ),
            Control(
                "forward loss for the reverse loss",
                "the expectation of |m|^2 under the teacher for that under the student",
                GeneratedCheck(
                    "forward loss",
                    bounded(Fraction(1, 2), "forward"),
                    _LINE,
                    resolution="1e-6",
                ),
            ),
            Control(
                "forward descent",
                "the forward loss is descended in place of the reverse loss",
                VariationVanishes("forward descent", FORWARD, Fraction(1, 20)),
            ),
            Control(
                "a teacher mean that no student meets",
                "both students start near the same mean of the mixture",
                VariationVanishes("one mean unmet", UNMET, Fraction(1, 100)),
            ),
        ),
        seconds={"quick": 120.0, "full": 1800.0},
        plain="A small reverse Fisher divergence means that the learned distribution itself is "
        "close to a single Gaussian, in total variation; for several Gaussians this is only "
        "observed, in two runs.",
        derived=("TV", "R"),
        argument="Log-Sobolev for $N(0,I)$ with the density ratio $p/q$: "
        r"$\operatorname{KL}(p\,\|\,q) \le E_p|\nabla\log p/q|^2/2=R/2$, as $\nabla\log "
        r"p/q=m$; Pinsker: $\operatorname{TV}^2 \le \operatorname{KL}/2$ (proof TV cites "
        "both). With Theorem R (proof R) the total variation at the best of $N$ steps "
        r"is at most $|V_0|/\sqrt{8\eta N}$. Beside the proof both sides are compared by "
        "enclosures on a line, and by samples with Hoeffding's interval in two and "
        "three dimensions.",
        sharper=r"One component near the truth attains $\operatorname{TV} = \sqrt{R}/\sqrt{2\pi} "
        r"= 0.3989\sqrt{R}$ in the limit; the control at 0.39 fails there. Whether 0.3989 "
        "holds for every student is open.",
        limits="For one Gaussian the statement is proved, its two classical ingredients cited. "
        "For mixture teachers it is only SUPPORTED, and so the claim is: the source's conditions "
        "are not at hand, and what is shown is two starts at which every mean is met. Where one is "
        "not, the reverse loss hardly sees it (the last control).",
        figure=Figure(
            "Total variation along reverse descent, and half the root of the loss: one Gaussian, "
            "and a mixture teacher with both means met, and with one unmet. A curve ends where "
            "its next value is below $10^{-10}$: the integrals are computed to 10 digits.",
            "proofs_check.figures.r5",
        ),
    ),
)
