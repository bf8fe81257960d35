"""R4: a separated mixture teacher under the reverse loss; students go to their closest mean."""

from __future__ import annotations

from fractions import Fraction

from proofs_check.checks.mixture_frequencies import EndsNearClosest, Setting
from proofs_check.claim import Claim, Control, Figure

_LINE = (Setting(2, 2, 1), Setting(3, 2, 1), Setting(3, 3, 1), Setting(4, 2, 1))
_PLANE = (Setting(2, 2, 2),)

CLAIMS = (
    Claim(
        "R4",
        "Separated mixture teacher: every student mean ends near its closest teacher mean",
        "Teacher: $m$ Gaussians of equal weight, neighbours a constant apart; students: $n$ of "
        "equal weight, started at independent draws from the teacher; reverse gradient descent. "
        "With high probability every student mean ends near the teacher mean that was closest to "
        "it at the start. As formalized here: separations 6 and 8, step $1/2$, 100 steps, near "
        "is $1/2$, high is 0.9, each probability with an exact binomial interval at confidence "
        "0.999.",
        r"\mathrm{P}\big(\forall j:\ |\mu_j^{(100)}-\theta_{a(j)}|\le\tfrac12\big)\ge 0.9,\quad "
        r"a(j)=\arg\min_a|\mu_j^{(0)}-\theta_a|",
        "arXiv:2606.19876, for mixture teachers, as its abstract has it; the numbers: for this "
        "project",
        (
            "equal weights, unit covariances",
            "separations 6 and 8; $n = 2, 3, 4$, $m = 2, 3$, $d = 1$ and 2",
            "starts drawn from the teacher, step 1/2, 100 steps",
        ),
        (
            EndsNearClosest("separation 6, on a line", "6", _LINE),
            EndsNearClosest("separation 8, on a line", "8", _LINE[::2]),
            EndsNearClosest(
                "separation 6, in the plane", "6", _PLANE, Fraction(4, 5), trials=(500, 5000)
            ),
        ),
        (
            Control(
                "separation 2",
                "the separation, for which the statement holds at 6, is 2",
                EndsNearClosest("separation 2", "2", _LINE[:2]),
            ),
            Control(
                "every teacher mean is met",
                "for every student a teacher mean: for every teacher mean a student",
                EndsNearClosest(
                    "every teacher mean is met",
                    "6",
                    _LINE[:2],
                    event="every teacher mean is met",
                ),
            ),
        ),
        seconds={"quick": 120.0, "full": 1800.0},
        plain="In simulations with two or three well separated Gaussians to be learned, gradient "
        "descent on the reverse Fisher divergence takes each component, in at least nine runs of "
        "ten, to the true mean that was closest at the start.",
        argument="The gradient is the derived one, integrated by a trapezoid rule about every "
        "student (`numerics/ensembles/mixture_teacher.py`; its error is measured in the tests); "
        "all starts "
        "of a setting descend together.",
        sharper="The frequency rises between separations 3 and 4, about alike for $n = 2, 3, 4$ "
        "and $m = 2, 3$: the constant is about 4 here. Below it students do not stay with "
        "the mean they started at; for three students and two means 2 apart, none of 250 "
        "starts ends as stated.",
        limits="Frequencies at the listed settings, not a proof; finitely many steps. Nothing says "
        "that every teacher mean is met: students that start at the same mean stay there, and "
        "descent then ends at a small loss with a large total variation (claim R5). In the plane "
        "fewer starts are run, and less is claimed for their probability (0.8).",
        figure=Figure(
            "Share of starts from which every student ends within 1/2 of the teacher mean closest "
            "to it at the start, against the teacher's separation.",
            "proofs_check.figures.r4",
        ),
    ),
)
