"""The gradients as the papers and this project state them: first forms, Stein forms, Lemma 2.2.

The left side of each is what differentiation of the loss gives; the right side is the statement.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from derive.algebra.index import Polynomial, atom, dot
from derive.algebra.vocabulary import centred, covariance_times, from_centre, mean, teacher_error
from derive.losses.gradients import gradient_integrand, gradient_with_x, hessian_integrand
from derive.losses.objectives import FORWARD, KL, REVERSE, Objective
from derive.steps.identity import Identity, Mode, NamedTerm

Vector = Callable[[str], Polynomial]

ONE, TWO = Fraction(1), Fraction(2)
PSI = atom("psi", "j0")


def _gradient(
    objective: Objective,
    name: str,
    title: str,
    statement: str,
    *terms: NamedTerm,
    latex: str,
    source: str = "derived here",
    mode: Mode = "expectation",
) -> Identity:
    """The derivative of a loss in a mean, beside a statement of it."""
    return Identity(
        name,
        title,
        statement,
        source,
        objective.base,
        gradient_with_x(objective),
        terms,
        ("j0", "a0"),
        mode=mode,
        latex=latex,
    )


def _score_error(coefficient: Fraction = TWO, error: Vector = mean) -> NamedTerm:
    return NamedTerm("score error", coefficient, PSI * error("a0"))


def _motion(arm: Polynomial, error: Vector = mean) -> NamedTerm:
    """``2 psi_j (arm.error)(x - v_j)``; the arm, ``v_j - m`` in what is true, has the label a9."""
    polynomial = PSI * dot(arm, error("a9")) * from_centre("j0", "a0")
    return NamedTerm("motion of the responsibilities", TWO, polynomial)


def _forward_gradient_x() -> Identity:
    return _gradient(
        FORWARD,
        "forward-gradient-x",
        "forward gradient, first form",
        "grad_j L = 2 E_q[ psi_j m + psi_j ((v_j - m).m)(x - v_j) ]",
        _score_error(),
        _motion(centred("j0", "a9")),
        mode="pointwise",
        latex=r"\nabla_j L = 2E_q[\psi_j m + \psi_j((v_j-m)\cdot m)(x-v_j)]",
    )


def _forward_gradient() -> Identity:
    towards = covariance_times(lambda b: atom("v", "j0", b) - 2 * mean(b), "a0")
    return _gradient(
        FORWARD,
        "forward-gradient",
        "forward gradient, Stein form",
        "grad_j L = 2 E_q[ psi_j ((1 - (v_j - m).m) m + C (v_j - 2m)) ]",
        _score_error(),
        NamedTerm("cubic", -TWO, PSI * dot(centred("j0", "a9"), mean()) * mean("a0")),
        NamedTerm("covariance", TWO, PSI * towards),
        latex=r"\nabla_j L = 2E_q[\psi_j((1-(v_j-m)\cdot m)m + C(v_j-2m))]",
    )


def _lemma_2_2() -> Identity:
    def mu(label: str, component: str = "j0") -> Polynomial:
        return atom("v", component, label)

    own = dot(mean(), mu("a9"))
    second = dot(atom("psi", "j1") * mu("a0", "j1") * mu("a9", "j1"), mu("a9")).sum_over("j1")
    along = (atom("psi", "j1") * dot(mean(), mu("a9", "j1")) * mu("a0", "j1")).sum_over("j1")
    return _gradient(
        FORWARD,
        "lemma-2.2",
        "forward gradient as in arXiv:2511.22069, Lemma 2.2",
        "grad_i L = 2 E[ w_i v + w_i sum_j w_j mu_j mu_j^T mu_i - 2 w_i v v^T mu_i "
        "- 2 w_i sum_j w_j (v^T mu_j) mu_j + 3 w_i (v^T v) v ]",
        NamedTerm("gradient EM", TWO, PSI * mean("a0")),
        NamedTerm("second moment", TWO, PSI * second),
        NamedTerm("own mean", Fraction(-4), PSI * own * mean("a0")),
        NamedTerm("score along the means", Fraction(-4), PSI * along),
        NamedTerm("cubic", Fraction(6), PSI * dot(mean(), mean()) * mean("a0")),
        latex=r"\nabla_i L = 2E[w_i v + w_i\sum_j w_j\mu_j\mu_j^T\mu_i - 2w_i vv^T\mu_i"
        r" - 2w_i\sum_j w_j(v^T\mu_j)\mu_j + 3w_i(v^Tv)v]",
        source="arXiv:2511.22069, Lemma 2.2, as reported",
    )


def _reverse_gradient_x() -> Identity:
    density = PSI * dot(mean(), mean()) * from_centre("j0", "a0")
    return _gradient(
        REVERSE,
        "reverse-gradient-x",
        "reverse gradient, first form",
        "grad_j R = E_p[ psi_j ((x - v_j)|m|^2 + 2m + 2((v_j - m).m)(x - v_j)) ]",
        NamedTerm("motion of the density", ONE, density),
        _score_error(),
        _motion(centred("j0", "a9")),
        mode="pointwise",
        latex=r"\nabla_j R = E_p[\psi_j((x-v_j)|m|^2+2m+2((v_j-m)\cdot m)(x-v_j))]",
    )


def _reverse_gradient() -> Identity:
    towards = covariance_times(lambda b: centred("j0", b), "a0")
    return _gradient(
        REVERSE,
        "reverse-gradient",
        "reverse gradient, Stein form",
        "grad_j R = 2 E_p[ psi_j (m + C (v_j - m)) ]",
        _score_error(),
        NamedTerm("covariance", TWO, PSI * towards),
        latex=r"\nabla_j R = 2E_p[\psi_j(m+C(v_j-m))]",
    )


def _kl_gradient_x() -> Identity:
    return _gradient(
        KL,
        "kl-gradient-x",
        "KL gradient, first form",
        "grad_j K = E_q[ psi_j (v_j - x) ]",
        NamedTerm("displacement", -ONE, PSI * from_centre("j0", "a0")),
        mode="pointwise",
        latex=r"\nabla_j K = E_q[\psi_j(v_j-x)]",
    )


def _kl_gradient() -> Identity:
    return _gradient(
        KL,
        "kl-gradient",
        "KL gradient, Stein form",
        "grad_j K = E_q[ psi_j m ]",
        _score_error(ONE),
        latex=r"\nabla_j K = E_q[\psi_j m]",
    )


def _kl_gradient_mixture() -> Identity:
    return replace(
        _kl_gradient(),
        name="kl-gradient-mixture",
        title="KL gradient, mixture teacher",
        statement="E_T[ psi_j (v_j - x) ] = E_T[ psi_j M ], M = m_S - m_T",
        terms=(_score_error(ONE, teacher_error),),
        teacher="mixture",
        latex=r"E_T[\psi_j(v_j-x)] = E_T[\psi_j M]",
    )


def _forward_gradient_mixture() -> Identity:
    return replace(
        _forward_gradient_x(),
        name="forward-gradient-mixture",
        title="forward gradient, mixture teacher: (v_j - m_S) stays, m becomes M",
        statement="grad_j L = 2 E_T[ psi_j M + psi_j ((v_j - m_S).M)(x - v_j) ], M = m_S - m_T",
        terms=(_score_error(TWO, teacher_error), _motion(centred("j0", "a9"), teacher_error)),
        teacher="mixture",
        latex=r"\nabla_j L = 2E_T[\psi_j M + \psi_j((v_j-m_S)\cdot M)(x-v_j)]",
    )


def forward_gradient_mixture_all_replaced() -> Identity:
    """The false variant: M substituted for *every* m, also in ``v_j - m_S``."""
    wrong = atom("v", "j0", "a9") - teacher_error("a9")
    true = _forward_gradient_mixture()
    return replace(
        true,
        name="forward-gradient-mixture-every-m",
        terms=(true.terms[0], _motion(wrong, teacher_error)),
    )


def _hessian_symmetry(objective: Objective) -> Identity:
    hessian = hessian_integrand(objective)
    swapped = hessian.rename({"j0": "j7", "a0": "a7"}).rename({"j1": "j0", "a1": "a0"})
    return Identity(
        f"{objective.name}-hessian-symmetry",
        f"the {objective.name} Hessian, differentiated twice in either order, is one and the same",
        "H[(j,a),(k,b)] = H[(k,b),(j,a)]",
        "derived here",
        objective.base,
        hessian,
        (NamedTerm("transpose", ONE, swapped.rename({"j7": "j1", "a7": "a1"})),),
        ("j0", "a0", "j1", "a1"),
        teacher="mixture",
        latex="H_{(j,a),(k,b)} = H_{(k,b),(j,a)}",
    )


def _rotation_mode(objective: Objective) -> Identity:
    """``H (A v) = A grad`` for ``A = e f^T - f e^T``: at a stationary point rotations are flat."""

    def turned(vector: Polynomial, label: str) -> list[Polynomial]:
        """Both terms of ``A w``: ``e (f.w)`` and ``-f (e.w)``."""
        return [
            atom("e", label) * dot(atom("f", "a9"), vector),
            -1 * atom("f", label) * dot(atom("e", "a9"), vector),
        ]

    direction = turned(atom("v", "j1", "a9"), "a1")
    image = turned(gradient_integrand(objective).rename({"a0": "a9"}), "a0")
    moved = (direction[0] + direction[1]) * hessian_integrand(objective)
    return Identity(
        f"{objective.name}-rotation-mode",
        f"the {objective.name} Hessian along a rotation is the turned gradient",
        "H (A v) = A grad for antisymmetric A; at a stationary point A v is a zero mode",
        "derived here",
        objective.base,
        moved.sum_over("a1", "j1"),
        (
            NamedTerm("turned gradient", ONE, image[0]),
            NamedTerm("turned back", ONE, image[1]),
        ),
        ("j0", "a0"),
        latex=r"H(Av) = A\nabla,\quad A=ef^T-fe^T",
    )


#: Plausible and false: `derive.identities.by_name.named` knows them, no list of identities shows
#: them.
FALSE_VARIANTS: dict[str, Callable[[], Identity]] = {
    "forward-gradient-mixture-every-m": forward_gradient_mixture_all_replaced,
}

BUILDERS: dict[str, Callable[[], Identity]] = {
    "forward-gradient-x": _forward_gradient_x,
    "forward-gradient": _forward_gradient,
    "lemma-2.2": _lemma_2_2,
    "reverse-gradient-x": _reverse_gradient_x,
    "reverse-gradient": _reverse_gradient,
    "kl-gradient-x": _kl_gradient_x,
    "kl-gradient": _kl_gradient,
    "forward-gradient-mixture": _forward_gradient_mixture,
    "kl-gradient-mixture": _kl_gradient_mixture,
    "forward-hessian-symmetry": lambda: _hessian_symmetry(FORWARD),
    "reverse-hessian-symmetry": lambda: _hessian_symmetry(REVERSE),
    "kl-hessian-symmetry": lambda: _hessian_symmetry(KL),
    "forward-rotation-mode": lambda: _rotation_mode(FORWARD),
    "reverse-rotation-mode": lambda: _rotation_mode(REVERSE),
    "kl-rotation-mode": lambda: _rotation_mode(KL),
}
