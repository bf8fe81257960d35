"""The centre after a step, which what is not linear in the deviations hardly pulls."""

from __future__ import annotations

from fractions import Fraction

from proofs_check.proofs.cluster_drift import CENTRE
from proofs_check.proofs.cluster_moments import C1, PULL_MOST
from proofs_check.proofs.cluster_state import AFTER, B_, B_AFTER, C2_AFTER
from proofs_check.proofs.cluster_tactics import Row, shown
from proofs_check.proofs.cluster_words import BETA, C2, SIGMA2, H, R, centre
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.kernel.terms import replaced
from proofs_check.proofs.tactics.bounds import SquareRoot
from proofs_check.proofs.tactics.language import A, V, at_most, nonnegative, total
from proofs_check.proofs.tactics.minkowski import Minkowski
from proofs_check.proofs.tactics.script import Step

F = Fraction


def pulled(size: Term) -> Term:
    """``S``: the centre is moved by at most ``h sigma^2 S`` beside the linear law; of r = size."""
    return F(33, 5) * B_ + size * (F(39, 5) + F(24, 5) * B_**2)


def moved_centre() -> Term:
    """``|c+ - (1 - 2 h) c|^2``."""
    return total((centre(AFTER, A) - (1 - 2 * H) * centre(V, A)) ** 2, A)


def pull_steps(size: Term, sign: str) -> tuple[Step, ...]:
    """``|c+| <= (1 - 2 h) |c| + h sigma^2 S``; the premise `sign` shows ``0 <= size``."""
    kept, moved = (1 - 2 * H) * centre(V, A), centre(AFTER, A) - (1 - 2 * H) * centre(V, A)
    pull = pulled(size)
    bound = (1 - 2 * H) * B_ + H * SIGMA2 * pull
    centre_at = replaced(CENTRE, {R: size, BETA: B_})
    return (
        shown(
            "S >= 0",
            "a sum",
            nonnegative(pull),
            (F(33, 5), ("|c| >= 0",)),
            (F(39, 5), (sign,)),
            (F(24, 5), (sign,), (B_,)),
        ),
        shown(
            "S^2",
            "what the Key Lemma gives",
            at_most(centre_at, pull**2),
            (F(33, 5) ** 2 - F(128, 3), (), (B_,)),
            (F(66, 5) * F(39, 5), ("|c| >= 0", sign)),
            (F(66, 5) * F(24, 5), ("|c| >= 0", sign), (B_,)),
            *_difference(size),
        ),
        shown(
            "kept",
            "a part of c",
            at_most(total(kept**2, A), ((1 - 2 * H) * B_) ** 2),
            using=("|c|^2",),
        ),
        shown(
            "kept >= 0",
            "h <= 1/2",
            nonnegative((1 - 2 * H) * B_),
            (1, ("1 - 2 h >= 0", "|c| >= 0")),
        ),
        shown(
            "moved",
            "with S",
            at_most(total(moved**2, A), (H * SIGMA2 * pull) ** 2),
            (1, ("moved after",)),
            (1, ("S^2",), (H * SIGMA2,)),
        ),
        shown(
            "moved >= 0",
            "a product",
            nonnegative(H * SIGMA2 * pull),
            (1, ("h >= 0", "sigma^2 >= 0", "S >= 0")),
        ),
        Step(
            "c after by Minkowski",
            "the sum of both",
            at_most(total((kept + moved) ** 2, A), bound**2),
            Minkowski(
                (
                    (kept, (1 - 2 * H) * B_, "kept", "kept >= 0"),
                    (moved, H * SIGMA2 * pull, "moved", "moved >= 0"),
                ),
                (A,),
            ),
            ("kept", "kept >= 0", "moved", "moved >= 0"),
        ),
        shown(
            "c after",
            "the centre after the step",
            at_most(B_AFTER**2, bound**2),
            (1, ("c after by Minkowski",)),
            using=("|c|^2 after",),
        ),
        shown("bound >= 0", "a sum", nonnegative(bound), (1, ("kept >= 0",)), (1, ("moved >= 0",))),
        Step(
            "|c| after",
            "the root",
            at_most(B_AFTER, bound),
            SquareRoot("c after", "bound >= 0"),
            ("c after", "bound >= 0"),
        ),
    )


def _difference(size: Term) -> tuple[Row, ...]:
    """``(39/5 + 24/5 b^2)^2 - 8 (2 alpha + 9/16)^2 - 80/3``, times ``size^2``."""
    return (
        (F(39, 5) ** 2 - 8 * (F(6, 5) + PULL_MOST) ** 2 - F(80, 3), (), (size,)),
        (2 * F(39, 5) * F(24, 5) - 16 * (F(6, 5) + PULL_MOST) * 2 * C1, (), (size * B_,)),
        (F(24, 5) ** 2 - 8 * (2 * C1) ** 2, (), (size * B_**2,)),
    )


def centre_falls(contraction: Fraction, largest: Fraction) -> tuple[Step, ...]:
    """``|c|`` and its square fall by so much."""
    rate = contraction * (2 - contraction * largest)
    return (
        shown(
            "|c| falls",
            "h >= 0",
            at_most(B_AFTER, B_),
            (1, ("contraction",)),
            (contraction, ("h >= 0", "|c| >= 0")),
        ),
        shown(
            "|c|^2 falls",
            "(1 - t h)^2 <= 1 - (2 - t h_1) t h",
            at_most(rate * H * C2, C2 - C2_AFTER),
            (1, ("contraction", "contraction")),
            (2, ("contraction", "|c| >= 0 after")),
            (contraction**2, ("h >= 0", "largest h"), (B_,)),
            using=("|c|^2", "|c|^2 after"),
        ),
        shown(
            "|c|^2 does not rise",
            "h >= 0",
            at_most(C2_AFTER, C2),
            (1, ("|c|^2 falls",)),
            (rate, ("h >= 0", "|c|^2 >= 0")),
        ),
    )


def contraction_step(contraction: Fraction) -> Step:
    """``|c+| <= (1 - contraction h) |c|``, from ``sigma^2 S <= (2 - contraction) |c|``."""
    return shown(
        "contraction",
        "the centre approaches the truth",
        at_most(B_AFTER, (1 - contraction * H) * B_),
        (1, ("|c| after",)),
        (1, ("h >= 0", "sigma^2 S")),
    )
