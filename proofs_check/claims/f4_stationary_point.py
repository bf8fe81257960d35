"""F4: at low noise the forward loss has a stationary point that is not the truth."""

from __future__ import annotations

from proofs_check.checks import DerivationCheck
from proofs_check.claim import Claim, Control, Figure
from proofs_check.stationary_checks import SliceIdentity, SliceRoot, SliceSignature

CLAIMS = (
    Claim(
        "F4",
        "Stationary points that are not the truth",
        "Two components with equal weights, one at the truth, v = (0, a u): both gradients are "
        "g(a) u with g as in equation (C), and g has exactly one root with 1/10 <= a <= 10, near "
        "2.456; the Hessian there has one negative and one positive eigenvalue, and each further "
        "dimension adds a positive one and a zero. Three components (0, a u, -a u): again one "
        "scalar equation with one root, near 2.5505; two negative eigenvalues for d = 1, three "
        "for d = 2.",
        r"\nabla_{1}L=\nabla_{2}L=g(a)u,\quad g(a)=\tfrac a2 e^{-a^2/8}"
        r"E_y[\mathrm{sech}(\tfrac{ay}2)(1-\tfrac{a^2}4\mathrm{sech}^2\tfrac{ay}2)]",
        "arXiv:2511.22069, Theorem 3.1, as reported (n >= 3); n = 2, uniqueness in the range, "
        "index and digits derived for this project",
        ("uniform weights", "teacher N(0, I)", "uniqueness within 1/10 <= a <= 10"),
        (
            DerivationCheck("slice-0-a", scope="n = 2"),
            DerivationCheck("slice-0-a-minus-a", scope="n = 3"),
            DerivationCheck("forward-collinear-hessian"),
            SliceIdentity("0,a", (1, 1)),
            SliceIdentity("0,a,-a", (0, 1, -1)),
            SliceRoot("0,a", ("2.456", "2.457")),
            SliceRoot("0,a,-a", ("2.550", "2.551")),
            SliceSignature("0,a", along=(1, 1), across=(1, 0)),
            SliceSignature("0,a,-a", along=(1, 2), across=(1, 1)),
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
                SliceSignature("0,a", along=(2, 0), across=(1, 0)),
            ),
            Control(
                "index 1 on (0, a, -a)",
                "one negative eigenvalue instead of two",
                SliceSignature("0,a,-a", along=(2, 1), across=(1, 1)),
            ),
            Control(
                "index independent of d on (0, a, -a)",
                "no negative eigenvalue across instead of one",
                SliceSignature("0,a,-a", along=(1, 2), across=(2, 0)),
            ),
        ),
        # Hessians are confirmed entry by entry on an adaptive integrator.
        {"quick": 300.0, "full": 1200.0},
        derived=("slice-0-a", "slice-0-a-minus-a", "forward-collinear-hessian"),
        argument="Equation (C) is derived step by step (n = 2, all d), and so is the equation of "
        "three components (n = 3). Existence and local uniqueness of the roots are proved by "
        "interval Newton; that there is no other in the range by interval Newton and, near the "
        "truth, by the radial identity I3 with `C <= D^2/4`. Signs of the Hessian come from ball "
        "elimination (Sylvester). That the Hessian splits into one block along the line and equal "
        "blocks across it, and that rotations give exact zeros, is derived for all n and d.",
        sharper="Theorem 3.1 has `n >= 3` and some `s`. Here also `n = 2`, the number of roots "
        "in the range, the index, and 50 digits of the root; `proofs-check stationary --objective "
        "forward --slice 0,a --digits 100` gives more.",
        limits="Uniqueness on the whole half line; the fate of descent on either side of the "
        "point; stationary points off these slices.",
        figure=Figure(
            "Gradient of the forward loss in the moving component on `(0, a)` and `(0, a, -a)`, "
            "uniform weights, with the proved roots.",
            "proofs_check.figures.f4",
        ),
    ),
)
