"""F4: at low noise the forward loss has a stationary point that is not the truth."""

from __future__ import annotations

from fractions import Fraction

from proofs_check.checks import DerivationCheck
from proofs_check.checks.fates import CertifiedFates, ClaimedStart
from proofs_check.checks.slices import SliceIdentity, SliceInertia, SliceRoot
from proofs_check.checks.stationary_lists import CensusPoints, PairClassification, PairWeights
from proofs_check.checks.stationary_points import PlanarPoint, PointNear, WeightBranch
from proofs_check.checks.triple_points import AllFar, TripleClassification
from proofs_check.claim import Claim, Control, Figure
from proofs_check.proofs.check import ProofCheck

_STAYS, _LEAVES = "converged", "escaped"
#: Where the root of S1's family lies: a range that grows with ``n``.
_FAMILY = ("2", "4")
_FAMILY_ROOTS = {
    3: ("2.550", "2.551"),
    4: ("2.608", "2.609"),
    5: ("2.673", "2.674"),
    6: ("2.730", "2.731"),
    7: ("2.779", "2.780"),
    8: ("2.822", "2.823"),
    9: ("2.858", "2.859"),
    10: ("2.891", "2.892"),
}
_CENSUS_3 = (((2, 1), 1), ((1, 2), 2), ((1, 1, 1), 2))
_CENSUS_3_PLANE = (((2, 1), 1), ((1, 2), 2), ((1, 1, 1), 3))
_CENSUS_4 = (((3, 1), 1), ((2, 2), 2), ((1, 2, 1), 2), ((1, 3), 3), ((1, 1, 2), 3))
#: All for three components on a line: both outer ones far, two of them far, one.
_TRIPLES = (
    ("-2.5506", "0", "2.5506"),
    ("-0.0308", "2.4143", "2.4143"),
    ("0.0174", "0.0174", "2.5532"),
)
#: Three components at 120 degrees around one at the truth.
_TRIANGLE = (
    ("0", "0"),
    ("-1.37923900", "-2.38891202"),
    ("-1.37923900", "2.38891202"),
    ("2.75847800", "0"),
)


def family_weights(n: int) -> tuple[str, ...]:
    """Weights of ``s``, ``-s`` and of the ``n - 2`` components at 0."""
    return (f"1/{n}", f"1/{n}", f"{n - 2}/{n}")


def family_root(n: int, near: tuple[str, str]) -> SliceRoot:
    """The root of S1's family, alone in ``2 <= s <= 4``."""
    return SliceRoot("a,-a,0", near, _FAMILY, weights=family_weights(n))


def family_inertia(n: int, negatives: int = 2) -> SliceInertia:
    """Signs of the Hessian of all ``n`` components there."""
    along = (n - negatives, negatives)
    weights = family_weights(n)
    return SliceInertia("a,-a,0", along, (1, 1), _FAMILY, "forward", weights, (1, 1, n - 2))


def start(label: str, means: tuple[tuple[str, ...], ...], leaves: bool, steps: int) -> ClaimedStart:
    """A start whose second component escapes, or whose components all converge; step 1/10."""
    rest = _LEAVES if leaves else _STAYS
    return ClaimedStart(label, means, "1/10", (_STAYS, *((rest,) * (len(means) - 1))), steps)


def both_sides() -> tuple[ClaimedStart, ...]:
    """Starts 1e-4 inside and outside the point (0, a), on a line and in the plane."""
    return (
        start("inside", (("0",), ("2.4562",)), False, 1000),
        start("outside", (("0",), ("2.4563",)), True, 1000),
        start("inside, d = 2", (("0", "0"), ("1.47372", "1.96496")), False, 1000),
        start("outside, d = 2", (("0", "0"), ("1.47378", "1.96504")), True, 1000),
    )


def both_sides_closer() -> tuple[ClaimedStart, ...]:
    """Also 1e-20 from it, and inside the point (0, a, -a)."""
    return (
        *both_sides(),
        start("inside by 1e-20", (("0",), ("2.45628225477967493110",)), False, 3000),
        start("outside by 1e-20", (("0",), ("2.45628225477967493111",)), True, 3000),
        start("inside, three", (("0",), ("2.5505",), ("-2.5505",)), False, 1000),
    )


def wrong_side() -> tuple[ClaimedStart, ...]:
    """The start outside, said to converge."""
    return (start("outside", (("0",), ("2.4563",)), False, 1000),)


CLAIMS = (
    Claim(
        "F4",
        "Stationary points that are not the truth",
        "Two components with equal weights, one at the truth, $v = (0,au)$: both gradients are "
        "$g(a)u$ with $g$ as in the formula below, equation (C), and $g$ has exactly one "
        "positive root, near 2.456; the Hessian there has one negative and one positive "
        "eigenvalue, and each further dimension adds a positive one and a zero. Besides the truth "
        "it is, up to exchange and rotation, the only stationary point at all, in any dimension. "
        r"Descent with step $1/10$ from $10^{-4}$ inside converges, from $10^{-4}$ "
        "outside it loses the outer component. With unequal weights the point leaves the slice "
        r"along a smooth curve of saddles; for $|\log(\pi_2/\pi_1)| \le 1/20$ there is no other at "
        "which the same component is the far one, in any dimension (at the full budget for at most "
        "$11/5$, weights from 1/10 to 9/10). Three components "
        "$(0,au,-au)$: again one scalar equation with one root, near 2.5505; two negative "
        r"eigenvalues for $d = 1$, three for $d = 2$. The family $(s,-s,0,\ldots,0)$ of S1 "
        r"(arXiv:2511.22069), $n = 3,\ldots,10$: one "
        "$s$ in $[2,4]$, two negative eigenvalues for $d = 1$, one more for each further "
        "dimension. On a line, which then contains the truth, there are 3 points for $n = 3$, up "
        "to permutations and reflection, and no others; "
        "at least 5 for $n = 4$. Their indices are 1 to 3; in the plane also three "
        "components at 120 degrees around one at the truth, of index 5.",
        r"\nabla_{1}L=\nabla_{2}L=g(a)u,\quad g(a)=\tfrac a2 e^{-a^2/8}"
        r"E_y[\mathrm{sech}(\tfrac{ay}2)(1-\tfrac{a^2}4\mathrm{sech}^2\tfrac{ay}2)]",
        r"S1 (Zhang, Xu, Zhou, Fazel, Du, arXiv:2511.22069), Theorem 3.1, as reported ($n \ge "
        "3$); $n = 2$, uniqueness in the range, index and digits derived for this project",
        (
            "uniform weights, but for the branch in the weights",
            "teacher $N(0,I)$",
            r"uniqueness on $(0,a,-a)$ within $1/10 \le a \le 10$, on S1's family within $2 \le s "
            r"\le 4$",
        ),
        (
            DerivationCheck("slice-0-a", scope="n = 2"),
            DerivationCheck("slice-0-a-minus-a", scope="n = 3"),
            DerivationCheck("forward-collinear-hessian"),
            SliceIdentity("0,a", (1, 1)),
            SliceIdentity("0,a,-a", (0, 1, -1)),
            ProofCheck("U"),
            SliceRoot("0,a", ("2.456", "2.457"), least_digits=100),
            SliceRoot("0,a,-a", ("2.550", "2.551")),
            SliceInertia("0,a", along=(1, 1), across=(1, 0)),
            SliceInertia("0,a,-a", along=(1, 2), across=(1, 1)),
            CertifiedFates("descent from both sides", both_sides, both_sides_closer),
            *(family_root(n, near) for n, near in _FAMILY_ROOTS.items()),
            *(family_inertia(n) for n in _FAMILY_ROOTS),
            DerivationCheck("family-limit", scope="n = 3, 4, ..., all d"),
            DerivationCheck("forward-crossing", scope="n = 2, d = 1"),
            DerivationCheck("escape-integrals", scope="n = 2, all d"),
            ProofCheck("F-stationary"),
            PairClassification((("0", "2.4563"),)),
            PairWeights(),
            WeightBranch(("1/10", "9/10"), ("1/1000", "999/1000")),
            PointNear(("0.021992", "2.631559"), ("3/4", "1/4"), "1/10000"),
            PointNear(("-0.054212", "2.414972"), ("1/4", "3/4"), "1/10000"),
            CensusPoints(3, 1, _CENSUS_3, (60, 400)),
            DerivationCheck("line-derivatives", scope="n = 3, d = 1"),
            ProofCheck("S"),
            ProofCheck("N-critical"),
            ProofCheck("P-critical"),
            DerivationCheck("line-halves", scope="n = 3, d = 1"),
            AllFar(),
            AllFar(Fraction(18, 5), (2, 10)),
            TripleClassification(_TRIPLES),
            CensusPoints(4, 1, _CENSUS_4, (100, 400)),
            CensusPoints(3, 2, _CENSUS_3_PLANE, (60, 200)),
            PlanarPoint(_TRIANGLE, "1/100000", 5),
        ),
        (
            Control(
                "weights 19/40 and 21/40",
                "one weight raised by 5%: the root of (C) is no longer stationary",
                SliceIdentity("0,a", (1, 1), ("19/40", "21/40")),
            ),
            Control(
                "three weights, one raised",
                "the weight of one outer component raised by 5%",
                SliceIdentity("0,a,-a", (0, 1, -1), ("1/3", "7/20", "19/60")),
            ),
            Control(
                "root 1% further out",
                "the interval of the root on (0, a) raised by 1%",
                SliceRoot("0,a", ("2.480", "2.482")),
            ),
            Control(
                "root of the other slice",
                "the interval of the root on (0, a, -a) lowered by 4%, to that of (0, a)",
                SliceRoot("0,a,-a", ("2.456", "2.457")),
            ),
            Control(
                "a minimum on (0, a)",
                "no negative eigenvalue instead of one",
                SliceInertia("0,a", along=(2, 0), across=(1, 0)),
            ),
            Control(
                "index 1 on (0, a, -a)",
                "one negative eigenvalue instead of two",
                SliceInertia("0,a,-a", along=(2, 1), across=(1, 1)),
            ),
            Control(
                "index independent of d on (0, a, -a)",
                "no negative eigenvalue across instead of one",
                SliceInertia("0,a,-a", along=(1, 2), across=(2, 0)),
            ),
            Control(
                "converges from outside",
                "the start outside the point, with the fate of the one inside",
                CertifiedFates("descent from outside", wrong_side),
            ),
            Control(
                "family, n = 5, root 1% further out",
                "the interval of the root raised by 1%",
                family_root(5, ("2.700", "2.701")),
            ),
            Control(
                "family, n = 5, index 1",
                "one negative eigenvalue instead of two",
                family_inertia(5, 1),
            ),
            Control(
                "family, n = 100, bounded",
                "the root of n = 10 for n = 100: it grows like sqrt(2 ln n)",
                family_root(100, _FAMILY_ROOTS[10]),
            ),
            Control(
                "no other point for n = 2",
                "the list of all stationary points without its one entry",
                PairClassification(()),
            ),
            Control(
                "no other point for n = 2, 1% nearer",
                "the list with a point at 99% of the distance",
                PairClassification((("0", "2.4317"),)),
            ),
            Control(
                "no point (-a, 0, a) for n = 3",
                "the list for three components on a line without that one",
                TripleClassification(_TRIPLES[1:]),
            ),
            Control(
                "moved apart, from 1/4 on",
                "two opposite means may be as near as 1/4 instead of 7/4",
                AllFar(Fraction(1, 4)),
            ),
            Control(
                "unequal weights, on (0, a)",
                "v_1 = 0 kept at weights 1/4 and 3/4",
                PointNear(("0", "2.414972"), ("1/4", "3/4"), "1/10000"),
            ),
            Control(
                "unequal weights, 1% further out",
                "v_2 raised by 1% at weights 1/4 and 3/4",
                PointNear(("-0.054212", "2.439122"), ("1/4", "3/4"), "1/10000"),
            ),
            Control(
                "census n = 3, index off by one",
                "index 1 instead of 2 with two components far",
                CensusPoints(3, 1, (_CENSUS_3[0], ((1, 2), 1), _CENSUS_3[2]), (60, 60)),
            ),
        ),
        # Hessians are confirmed entry by entry on an adaptive integrator.
        {"quick": 300.0, "full": 1200.0},
        plain="Score matching has places where gradient descent stands still although the "
        "mixture is wrong; for two components, and for some families of more, they are located "
        "and shown to be saddles.",
        derived=(
            "slice-0-a",
            "slice-0-a-minus-a",
            "forward-collinear-hessian",
            "U",
            "family-limit",
            "forward-crossing",
            "F-stationary",
            "F-weights",
            "escape-integrals",
            "line-derivatives",
            "S",
            "N-critical",
            "P-critical",
            "line-halves",
        ),
        argument="Equation (C) is derived step by step ($n = 2$, all d), and so is the equation "
        "of three components ($n = 3$); Theorem U proves one root on the half line. "
        "Digits, and the roots on the other slices, come from interval Newton; that "
        "there is no other in a range from interval Newton and, near the truth, the "
        r"radial identity I3 with $C \le D^2/4$. Signs of the Hessian come from ball "
        "elimination (Sylvester). That it splits into one block along the line and "
        "equal blocks across it, that rotations give exact zeros there, and that "
        "splitting coincident components across the line does too, is derived for all n "
        "and d; coincident components along the line are counted by $H_{ii}-H_{ij}$. "
        "Fates are certificates (Theorem F, Lemma E), recomputed by the checker. The "
        "list for two components is the proof `F-stationary` (`F-weights` for other weights): the "
        "perpendicular part $2p$ of "
        r"$\nabla_1+\nabla_2$ (`escape-integrals`) forces both means onto a line through the "
        "truth, inequalities exclude means that are close, or far on one side or on both, and "
        "what they leave is covered by balls: a branch and bound in the coordinates of "
        "`forward-crossing`, and a cone, down to $1/a = 0$. For three components on a line "
        "Lemma S excludes what is close together; where all means are far, the loss rises when "
        "those right and left of the truth are moved apart (`line-halves`, and an argument with a "
        "numerical inequality in balls: numerics/stationary/line_halves.py); `N-critical` excludes "
        "a near mean beside a far one. A branch and bound covers what is left, with second-order "
        "expansions of the gradient in doubles with proved bounds (`line-derivatives`); points are "
        "isolated and proved in balls. A line beside the truth has no stationary point "
        "(`P-critical`). The curve in the weights is covered by Krawczyk tubes, and the census "
        "proves what a multistart Newton search found. See [stationary "
        "points](../results/stationary.md).",
        sharper=r"Theorem 3.1 has $n \ge 3$ and some $s$. Here also $n = 2$, the number of roots, "
        r"the index, digits, the growth in $n$ ($s^2 = 2\ln(n-2)+2$ to first order in "
        "$1/s^2$, derived formally and measured up to $n = 10^{16}$), the list of all "
        "stationary points for $n = 2$, and for $n = 3$ on a line, and points off the family.",
        limits=r"Stationary points of three components that are not on a line; that the census is "
        r"complete in the plane or for $n \ge 4$; what descent does from outside "
        "$(0,a,-a)$, where three components differ; uniqueness on the slices of three and "
        "more components outside the stated ranges. The growth in $n$ is a formal first "
        "order, without a bound of the remainder.",
        figure=Figure(
            "Gradient of the forward loss in the moving component on $(0,a)$ and $(0,a,-a)$, "
            "uniform weights, with the proved roots.",
            "proofs_check.figures.f4",
        ),
    ),
)
