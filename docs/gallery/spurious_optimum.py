"""Jin et al. 2016: the likelihood of three well separated components has a bad local optimum."""

from typing import Any

import mpmath

import numerics
from numerics.descent.own_map import em_step
from proofs_check.checks import OwnRun, own_sequence
from proofs_check.checks.limits import LimitCheck
from proofs_check.checks.stationary_points import PointNear
from proofs_check.claim import Claim, Control
from proofs_check.statements import Mixture

TEACHER = ("-3", "3", "20")
WEIGHTS = ("1/3", "1/3", "1/3")
#: One student component covers two of the teacher's, the two others share the third: not at one
#: place but 2.8e-5 apart, and the first is not at 0 but at -1.0e-11.
OPTIMUM = ("-1.01431305248414903e-11", "19.9999859156905961", "20.0000140842691696")


def minimum(*place: str) -> PointNear:
    """The KL loss has a strict local minimum within 1e-14 of a place."""
    return PointNear(place, WEIGHTS, "1e-14", "kl", TEACHER, minimum=True, digits=40)


def loss_at(*place: str) -> Any:
    """The KL loss at a place."""
    teacher = {"means": [[x] for x in TEACHER]}
    found: Any = numerics.evaluate("kl", [[x] for x in place], teacher=teacher, backend="mpmath")
    return found.value


def em_ends(name: str, *place: str) -> LimitCheck:
    """Along EM from (1, 19, 21) the loss tends to that of a place, with deviations like 1/k^2."""
    start = Mixture.of([["1"], ["19"], ["21"]], None, [[x] for x in TEACHER])
    losses = own_sequence(OwnRun(em_step, start, 300), lambda at: at.loss("kl"))
    return LimitCheck(name, losses, lambda: mpmath.mpf(loss_at(*place)), "the loss there")


CLAIMS = (
    Claim(
        "JIN",
        "A spurious local optimum of the likelihood",
        "teacher $(-3,3,20)$, student of three components, equal weights: KL has a strict local "
        r"minimum that is not the truth, at $(-1.0143\times 10^{-11},20-1.4084\times "
        r"10^{-5},20+1.4084\times 10^{-5})$, rounded",
        r"\nabla K = 0,\ \nabla^2 K \succ 0 \text{ at a point with } v_1 \approx 0,\ "
        r"v_2 \approx v_3 \approx 20",
        "arXiv:1609.00978 (Jin, Zhang, Balakrishnan, Wainwright, Jordan), as its abstract has it; "
        "the point is found here",
        ("unit variances", "d = 1", "equal weights"),
        (minimum(*OPTIMUM),),
        (
            Control(
                "the pair at one place",
                "the two components that share the third mean both at 20: float64 would end there",
                minimum("0", "20", "20"),
            ),
            Control(
                "the truth is elsewhere",
                "one component of the pair moved by 1e-6",
                minimum(OPTIMUM[0], OPTIMUM[1], "20.0000150842691696"),
            ),
        ),
        sharper="The two components that share a teacher mean do not coincide: tails of the "
        "teacher at 3 make the coincident pair a saddle, and split it by 2.8e-5. The optimum is so "
        "flat along the split that float64 cannot see it.",
        limits="One teacher. That EM from a random start ends there with probability close to 1 is "
        "the paper's theorem, not examined here.",
    ),
    Claim(
        "JIN-EM",
        "A start from which EM ends at the spurious optimum",
        "EM from $(1,19,21)$: the loss tends to that of the spurious optimum, not to 0",
        r"K(v_t) \to K(v_{\mathrm{spurious}}) > 0",
        "arXiv:1609.00978, as its abstract has it; the start is chosen here",
        ("unit variances", "d = 1", "equal weights"),
        (em_ends("the spurious optimum", *OPTIMUM),),
        (Control("the truth", "the limit at the truth instead", em_ends("the truth", *TEACHER)),),
    ),
)
