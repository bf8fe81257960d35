"""F11: below a level of the loss a far component escapes, whatever the others do."""

from __future__ import annotations

from fractions import Fraction

from proofs_check.checks.fates import OPEN, CertifiedFates, ClaimedStart
from proofs_check.checks.general import BallCheck, GeneratedCheck
from proofs_check.checks.loss_barrier import (
    CriticalPointsWithin,
    FarAndNear,
    curved_at_most,
    pushed_outwards,
)
from proofs_check.claim import Claim, Control, Figure
from proofs_check.proofs.check import ProofCheck
from proofs_check.statements.mixture import Mixture

_LEAVES = "escaped"
_NEARER = Fraction(11, 5)
_HALF = Fraction(1, 2)


def _line(*places: str, weights: list[str] | None = None) -> Mixture:
    return Mixture.of([[place] for place in places], weights)


#: Just beyond the radius that belongs to the loss, with the others near, between and far.
EDGES = (
    _line("0", "4.65"),
    _line("0.3", "2", "5.45"),
    _line("-0.5", "0.5", "4.8"),
    _line("1", "-1", "0.5", "5.25"),
    _line("0.2", "-0.9", "1.5", "5.8", "-5.8"),
    _line("0", "4.9", weights=["4/5", "1/5"]),
    _line("0.3", "-1", "6", "-5.6", weights=["2/5", "1/5", "1/10", "3/10"]),
)
#: Where the gradient is curved most, for its loss.
CURVED = (
    _line("0.086", "-7"),
    _line("0.326", "-5.77", "7.568"),
    _line("-0.054", "-0.679", "5.322", "5.027", "-5.713"),
    _line("-0.103", "9.299", weights=["11/20", "9/20"]),
    _line("6.402", "0.286", weights=["1/4", "3/4"]),
)
#: The stationary point on (0, a), but for 1e-10.
_KNOWN = _line("0", "2.4562822548")


def start(
    label: str,
    means: list[list[str]],
    fates: str,
    steps: int,
    step_size: str = "1/10",
    weights: tuple[str, ...] | None = None,
) -> ClaimedStart:
    """A start whose components escape (``e``), or of which nothing is said."""
    named = tuple(_LEAVES if letter == "e" else OPEN for letter in fates)
    rows = tuple(tuple(row) for row in means)
    return ClaimedStart(label, rows, step_size, named, steps, weights=weights)


def below_the_level() -> tuple[ClaimedStart, ...]:
    """Several components near the truth, or on the way: no other theorem decides."""
    return (
        start("at once, two near", [["0.3"], ["-0.5"], ["5.6"]], "ooe", 1),
        start("at once, one half way", [["0.3"], ["2"], ["6.2"]], "ooe", 1),
        start("two arrive", [["3"], ["3.01"], ["9"]], "ooe", 12),
        start("three near, two far", [["0.5"], ["-0.4"], ["0.9"], ["7"], ["-6.5"]], "oooee", 1),
        start("a large step", [["0.3"], ["-0.5"], ["5.6"]], "ooe", 1, "2/5"),
        start(
            "unequal weights", [["0.3"], ["-0.5"], ["6"]], "ooe", 1, "1/5", ("2/5", "2/5", "1/5")
        ),
    )


def further_below() -> tuple[ClaimedStart, ...]:
    """Also from far away, more components, and steps in the plane."""
    return (
        *below_the_level(),
        start("four arrive", [["6"], ["6.001"], ["6"], ["6.002"], ["15"]], "ooooe", 40),
        start("in the plane", [["0.5", "0"], ["-0.5", "0.2"], ["4.5", "4.5"]], "ooe", 1),
        start("in the plane, later", [["2", "0"], ["2", "0.2"], ["6", "6"]], "ooe", 6),
    )


def within() -> tuple[ClaimedStart, ...]:
    """A component at less than half the radius, said to escape."""
    return (start("inside", [["0"], ["2.4"]], "oe", 1000),)


CLAIMS = (
    Claim(
        "F11",
        "Below a level of the loss a far component escapes",
        r"Forward loss $L$, $n \ge 2$ means in $R^d$, any weights. For a component $j$ let "
        r"$\rho_j > 0$ with $\rho_j \ge \sqrt{L_0}$ and $\beta_j(\rho_j) > \nu_j(\rho_j)$, "
        r"$\beta_j(a) = (a-\sqrt{L_0})^2/8-L_0/4-\log(1/\pi_{\min})/2-\gamma_j"
        r"-(L_0+\sqrt{dL_0})/4-d/2-1$, $\gamma_j = \max_t t/2+\pi_j((1-t)e^t-1)$, "
        r"$\nu_j(a) = 2^{(d+1)/2}/(\sqrt{\pi}\pi_ja)\,e^{-a^2/4}"
        r"(1/2+(1/2+\log(\pi_j/\pi_{\min}))/a^2+3/a^4)$. At every critical point with loss at most "
        r"$L_0$, $|v_j| < \rho_j$. If $L(V_T) \le L_0$ and every later step is the same, positive "
        "and at most $2/M$, $M$ the bound of the Hessian below that loss (docs/certificates.md, "
        r"section 7), the loss never rises again, and $v_j$ either stays within $\rho_j$ for ever, "
        r"or from the first time at which it is at $\rho_j$ or beyond its norm increases without "
        "bound, whatever the others do.",
        r"\nabla L=0\ \Rightarrow\ |v_j|<\rho_j;\quad "
        r"L(V_T)\le L_0\ \Rightarrow\ |v_j(t)|<\rho_j\ \forall t\ge T\ \text{or}\ "
        r"|v_j(t)|\to\infty",
        "derived for this project (Theorem L)",
        (
            "teacher $N(0,I)$",
            "a constant step of at most $2/M$ once the loss is at most $L_0$",
        ),
        (
            ProofCheck("L"),
            ProofCheck("L-critical"),
            ProofCheck(
                "F-far",
                attacks=(
                    GeneratedCheck(
                        "pushed outwards beyond the radius",
                        pushed_outwards(),
                        FarAndNear(),
                        resolution="1e-6",
                    ),
                ),
            ),
            BallCheck("pushed outwards just beyond the radius", pushed_outwards(), EDGES),
            BallCheck("curvature along the gradient", curved_at_most(), CURVED),
            CertifiedFates("certified descents below the level", below_the_level, further_below),
            CriticalPointsWithin(
                "known stationary points lie within the radius",
                ((2, 1, 20), (3, 1, 40), (4, 1, 60)),
            ),
        ),
        (
            Control(
                "rho_L divided by 2.2",
                "the radius 4.4 to 5.6 lowered to less than that of a known critical point",
                BallCheck(
                    "pushed outwards beyond rho_L/2.2",
                    pushed_outwards(_NEARER, "rho_L/2.2"),
                    (EDGES[0], _KNOWN),
                ),
            ),
            Control(
                "half of M",
                "steps up to 4/M: the curvature is above M/2 somewhere",
                BallCheck("curvature at most M/2", curved_at_most(_HALF), CURVED[:1]),
            ),
            Control(
                "critical points within rho_L/2.2",
                "the radius divided by 2.2",
                CriticalPointsWithin("within rho_L/2.2", ((2, 1, 20),), _NEARER),
            ),
            Control(
                "escapes from within the radius",
                "the distance 5.3 lowered to 2.4",
                CertifiedFates("from 2.4", within),
            ),
        ),
        {"quick": 120.0, "full": 900.0},
        plain="Once the loss is small, score matching has decided: a component that is far out "
        "by then never comes back, whatever the others do, and no stationary point lies far out.",
        derived=("I6", "F-far", "L-critical", "L"),
        argument=r"$\nabla_jL = 2E[\psi_j(x-v_j)B_j]$ (identity I6) with $B_j$ bounded below by "
        r"$\beta$ through the loss alone: the log-density is at least a linear function minus "
        r"$\log(1/\pi_{\min})+(L+\sqrt{dL})/2$. The half space behind a far component takes at "
        r"most $\nu$. The loss does not rise because the Hessian is at most $M$ where the loss is "
        "at most $L$, and a step up to $2/M$ never leaves that set. $M$ is small because the "
        r"Hessian's integrand is affine in $|x|^2$, and at $|x|^2=d$, where most $x$ are, only "
        "components with little of the posterior count. The push (`proofs-check prove F-far`), the "
        "bound on critical points (`prove L-critical`), the bound of the Hessian (`prove "
        "L-hessian`) and the rest (`prove L`) are proved for all n, d and weights. Certificates by "
        "this theorem are recomputed by a separate checker, with the loss enclosed.",
        sharper="No published statement says which components are lost for good while others are "
        "still on their way.",
        limits="Neither constant is sharp: the farthest known critical point is at about half "
        "of its radius, and the curvature found is at most $0.55M$. Larger steps: Theorem $E_n$ "
        "(docs/certificates.md), for one near component. Of components within the radius nothing "
        "is said. Certificates use the dimension of the means' span for $d$: a rotation puts it "
        "into the first coordinates, and descent stays there (claim F2).",
        figure=Figure(
            r"The radius $\rho_L$ against the loss $L$ ($d = 1$), and the proved stationary points "
            "on the line (loss, largest distance): each lies below its curve.",
            "proofs_check.figures.f11",
        ),
    ),
)
