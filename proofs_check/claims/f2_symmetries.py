"""F2: symmetries of the losses, and noise time as a rescaling."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from proofs_check.checks import DerivedCheck
from proofs_check.claim import Claim, Control, Figure
from proofs_check.sampling import Cases
from proofs_check.statements import Relation, scaled
from proofs_check.statements.transforms import moved, permuted, subtract, turned

if TYPE_CHECKING:
    from derive.steps.derivation import Derivation

_LINE = Cases((2, 3), (1, 1), ("1e-1", "5"), on_line=True)
_PLANE = Cases((2, 2), (2, 2), ("1e-1", "5"), on_line=True)
_QUARTER = (("3/5", "-4/5"), ("4/5", "3/5"))
_NEARLY = (("63/100", "-4/5"), ("4/5", "3/5"))
_STEP, _SCALE = "1/10", "1/2"


def _symmetry(name: str, **options: bool | int) -> Derivation:
    from derive.mixtures import symmetries

    found: Derivation = getattr(symmetries, name)(**options)
    return found


def _translation(teacher: bool) -> Relation:
    return Relation(
        "L(v + tau) = L(v)" + (", teacher moved too" if teacher else ", teacher left behind"),
        lambda at: at.elsewhere(moved(at.mixture, "1/3", teacher=teacher)).loss("forward"),
        "=",
        lambda at: at.loss("forward"),
    )


def _rotation(matrix: tuple[tuple[str, str], ...]) -> Relation:
    return Relation(
        f"L(Qv) = L(v) with Q = {matrix}",
        lambda at: at.elsewhere(turned(at.mixture, matrix)).loss("forward"),
        "=",
        lambda at: at.loss("forward"),
    )


def _permutation(weights: bool) -> Relation:
    return Relation(
        "the loss is unchanged when components trade means" + (" and weights" if weights else ""),
        lambda at: at.elsewhere(permuted(at.mixture, weights=weights)).loss("forward"),
        "=",
        lambda at: at.loss("forward"),
    )


def _rescaling(power: int) -> Relation:
    """One step in mu, seen in v, against one step in v with step size eta e^(-power t)."""
    from fractions import Fraction

    eta, scale = Fraction(_STEP), Fraction(_SCALE)
    return Relation(
        f"a step eta in mu is a step eta e^-{power}t in v (e^-t = {_SCALE})",
        # mu = v / scale + mu*, and the gradient in mu is scale times the gradient in v.
        lambda at: subtract(at.means, scaled(eta * scale * scale, at.gradient("forward"))),
        "=",
        lambda at: subtract(at.means, scaled(eta * scale**power, at.gradient("forward"))),
    )


CLAIMS = (
    Claim(
        "F2",
        "Symmetries of the losses; noise time as a rescaling",
        "All three losses are invariant under translation and rotation of teacher and student "
        "together and under relabelling of components; gradients turn and permute with the "
        r"means. At noise time $t$, gradient descent in $\mu$ with step $\eta$ is gradient "
        r"descent in $v=e^{-t}\,(\mu-\mu^*)$ with step $\eta e^{-2t}$.",
        r"L(Qv+\tau;Q\theta+\tau)=L(v;\theta),\quad \nabla L(Qv)=Q\nabla L(v),\quad"
        r" \eta_v=\eta e^{-2t}",
        "arXiv:2511.22069, section 2, as reported; formalized here",
        ("unit covariances", "Ornstein-Uhlenbeck noising of teacher and student alike"),
        (
            DerivedCheck(
                "translation", partial(_symmetry, "translation"), _translation(True), _LINE
            ),
            DerivedCheck("rotation", partial(_symmetry, "rotation"), _rotation(_QUARTER), _PLANE),
            DerivedCheck(
                "permutation", partial(_symmetry, "permutation"), _permutation(True), _LINE
            ),
            DerivedCheck("noise time", partial(_symmetry, "time_rescaling"), _rescaling(2), _LINE),
        ),
        (
            Control(
                "teacher left behind",
                "only the student is translated",
                DerivedCheck(
                    "translation",
                    partial(_symmetry, "translation", teacher=False),
                    _translation(False),
                    _LINE,
                ),
            ),
            Control(
                "nearly a rotation",
                "one entry of Q raised by 5%, Q not orthogonal",
                DerivedCheck(
                    "rotation",
                    partial(_symmetry, "rotation", orthogonal=False),
                    _rotation(_NEARLY),
                    _PLANE,
                ),
            ),
            Control(
                "weights left behind",
                "components trade means but not weights",
                DerivedCheck(
                    "permutation",
                    partial(_symmetry, "permutation", weights=False),
                    _permutation(False),
                    _LINE,
                ),
            ),
            Control(
                "step eta e^-t",
                "the exponent of the step's rescaling",
                DerivedCheck(
                    "noise time",
                    partial(_symmetry, "time_rescaling", power=1),
                    _rescaling(1),
                    _LINE,
                ),
            ),
        ),
        plain="Shifting, rotating or relabelling everything leaves the three losses as they are, "
        "and training at a higher noise level is the same as training with all distances and the "
        "step scaled down.",
        derived=(
            "translation-invariance",
            "rotation-equivariance",
            "permutation-equivariance",
            "time-rescaling",
        ),
        argument="Each symmetry is a derivation: the responsibilities, the score error and the "
        "densities are unchanged (or turn, or permute), hence so do losses and gradients.",
        limits="That float iterates keep a symmetry; [descent](../how-to/descend.md) says what is "
        "enforced there. Reflections of single components are not symmetries.",
        figure=Figure(
            "Means -1 and 3/2, weights 1/3 and 2/3. The forward loss does not change when "
            "teacher and student are translated together; it does when the teacher stays behind "
            "(a control).",
            "proofs_check.figures.f2",
        ),
    ),
)
