"""The Hessian of the forward loss is at most M where the loss is at most ``L_0``."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from proofs_check.proofs.cluster_tactics import shown
from proofs_check.proofs.far_words import HALF
from proofs_check.proofs.hessian_groups import PSI, group_steps, odds_steps, own_steps
from proofs_check.proofs.hessian_shares import (
    PART_0,
    PART_4,
    both_cases,
    case_hypotheses,
    constant_steps,
    lack_steps,
    part_steps,
    share_steps,
    square_steps,
)
from proofs_check.proofs.hessian_words import (
    AT_0,
    AT_4,
    BEYOND,
    C_A,
    C_B,
    DEEP_J,
    DEEP_SUM,
    DELTA,
    EXCESS,
    H_J,
    HBAR,
    HESSIAN,
    INSTANCE,
    K_A,
    K_B,
    K_V,
    LACK,
    LACK_BOUND,
    LINE,
    MASS,
    N2,
    RISE,
    ROUND,
    SHARE_4,
    VAR,
    W2,
    X2,
    Z_J,
    G,
    M,
    Split,
    U,
    constant_hypotheses,
    curvature,
    distance,
    shift,
    size,
    weight_hypotheses,
)
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.kernel.oracles.descent_lemma import bounded, hessian, loss
from proofs_check.proofs.kernel.terms import number
from proofs_check.proofs.level_words import L0, mean_score, outer
from proofs_check.proofs.loss_level import (
    LBAR,
    LOSS,
    MHAT_X,
    convexity_steps,
    entropy_steps,
    line_steps,
)
from proofs_check.proofs.tactics.averages import Average
from proofs_check.proofs.tactics.bounds import Asked, Contracted, LargerOf
from proofs_check.proofs.tactics.language import (
    D_,
    I_,
    A,
    B,
    J,
    K,
    Number,
    V,
    X,
    at_most,
    below,
    delta,
    entry,
    equal,
    mean_q,
    nonnegative,
    pi,
    positive,
    psi,
    total,
    v,
)
from proofs_check.proofs.tactics.score import m
from proofs_check.proofs.tactics.score_steps import lagrange
from proofs_check.proofs.tactics.script import Hypothesis, Script, Step
from proofs_check.proofs.tactics.steps import (
    TEACHER,
    Axiom,
    Cases,
    Derived,
    Instance,
    Square,
    Squares,
)
from proofs_check.proofs.tactics.vacuity import Proposal

_ZERO, _QUARTER = number(0), Fraction(1, 4)
_APART = 1 - delta(I_, K)
CROSS = total(PSI * (H_J - HBAR) ** 2 * DELTA, J)
PULLED = total(PSI * W2 * DELTA, J)
FORM = (EXCESS - 4) * VAR - 2 * CROSS + (2 - EXCESS) * MASS + 2 * PULLED
#: The same at ``|x|^2 = d`` and at ``|x|^2 = d + 4``.
FORM_0 = 2 * MASS + 2 * PULLED - 2 * CROSS - 4 * VAR
FORM_4 = 2 * PULLED - 2 * MASS - 2 * CROSS
#: What each term of M is at x, with G not yet bounded.
AT_X = (
    RISE - EXCESS + K_A * (1 - SHARE_4) + C_A * G
    + SHARE_4 * ((C_B - C_A) * LINE + K_B) + BEYOND * (HALF * LINE + K_V)
)  # fmt: skip


def spread_steps() -> tuple[Step, ...]:
    """``G``, ``hbar`` and ``Var h`` against the sizes of the ``u_k``."""
    h_i, h_k = shift(V, U, X, I_), shift(V, U, X, K)
    sizes = size(U, I_) + size(U, K)
    distances = distance(V, X, I_) + distance(V, X, K)
    weight = psi(V, I_) * psi(V, K)

    def turned(i: Term, a: Term) -> Term:
        return entry(X, a) - v(V, i, a)

    def minor(i: Term) -> Term:
        return v(U, i, A) * turned(i, B) - v(U, i, B) * turned(i, A)

    crossed = v(U, I_, A) * turned(K, B) - v(U, K, B) * turned(I_, A)
    paired = v(U, I_, A) * turned(K, B) + v(U, K, B) * turned(I_, A)
    return (
        Step("|x - v_j|^2", "by definition", equal(Z_J, G - 2 * DELTA), Derived()),
        Step("|x - v_i|^2 >= 0", "a square", nonnegative(distance(V, X, I_)),
             Squares((Square(turned(I_, A), (A,)),))),
        shown("distance i", "positive", nonnegative(psi(V, I_) * distance(V, X, I_)),
              (1, ("psi_i > 0", "|x - v_i|^2 >= 0"))),
        Step("G >= 0", "a sum", nonnegative(G), Average((I_,)), ("distance i",)),
        Step("h_j^2", "Cauchy and Schwarz", at_most(H_J**2, W2 * Z_J),
             Squares((lagrange(lambda a: v(U, J, a), lambda a: turned(J, a)),))),
        Step("|u_j|^2 >= 0", "a square", nonnegative(W2), Squares((Square(v(U, J, A), (A,)),))),
        Step("hbar^2 >= 0", "a square", nonnegative(HBAR**2), Squares((Square(HBAR),))),
        Step("hbar^2", "Cauchy and Schwarz", at_most(HBAR**2, G * MASS),
             Squares((Square(crossed, (I_, K, A, B), HALF, (psi(V, I_), psi(V, K))),))),
        Step("Var h >= 0", "squares", nonnegative(VAR),
             Squares((Square(H_J - HBAR, (J,), 1, (PSI,)),))),
        Step("h_i - h_k", "Cauchy and Schwarz", at_most((h_i - h_k) ** 2, sizes * distances),
             Squares((Square(minor(I_), (A, B), HALF), Square(minor(K), (A, B), HALF),
                      Square(paired, (A, B))))),
        shown("pair of h", "two different components",
              at_most(HALF * _APART * weight * (h_i - h_k) ** 2,
                      HALF * _APART * weight * sizes * distances),
              (HALF, ("psi_i > 0", "psi_k > 0", "h_i - h_k"), (_APART,))),
        Step("Var h by pairs", "added",
             at_most(VAR, total(W2 * PSI * ((1 - 2 * PSI) * Z_J + G), J)), Average((I_, K)),
             ("pair of h",)),
        shown("psi_j |u_j|^2", "psi_j <= 1", at_most(PSI * W2, W2),
              (1, ("psi_j <= 1", "|u_j|^2 >= 0"))),
        Step("mass", "added", at_most(MASS, N2), Average((J,)), ("psi_j |u_j|^2",)),
        Step("|U|^2 >= 0", "a square", nonnegative(N2), Squares((Square(v(U, J, A), (J, A)),))),
    )  # fmt: skip


def _form_steps(
    name: str, split: Split, form: Term, lack: Term, most: Term, part: Term, own: Term,
    limit: Term, labels: tuple[str, str, str, str, str],
) -> tuple[Step, ...]:  # fmt: skip
    """The integrand at ``|x|^2 = d`` or ``d + 4``, from its parts of each component."""
    letter, sign, above, added, bound = labels
    shift_ = 2 if letter == "A" else 0
    tilted = PSI * lack
    return (
        shown(f"square of j {name}", "(h_j + (b - 1) hbar)^2 >= 0",
              at_most(-PSI * (H_J - HBAR) ** 2 * (DELTA + shift_),
                      tilted * (split.own * H_J**2 + split.mean * HBAR**2)),
              (1, ("psi_j > 0", above), (H_J - HBAR,)),
              (1, (f"a_{letter} > 1", "psi_j > 0", sign), (H_J + (split.mean - 1) * HBAR,)),
              using=(f"split {letter}",)),
        shown(f"h_j {name}", "|x - v_j|^2 = G - 2 delta_j",
              at_most(2 * split.own * tilted * H_J**2,
                      2 * split.own * tilted * W2 * (G - 2 * DELTA)),
              (2, (f"a_{letter} >= 0", "psi_j > 0", sign, "h_j^2")), using=("|x - v_j|^2",)),
        shown(f"j {name}", "together",
              at_most(own - 2 * PSI * (H_J - HBAR) ** 2 * (DELTA + shift_),
                      own + 2 * split.own * tilted * W2 * (G - 2 * DELTA)
                      + 2 * split.mean * tilted * HBAR**2),
              (2, (f"square of j {name}",)), (1, (f"h_j {name}",))),
        Step(f"all {name}", "added",
             at_most(form, total(own + 2 * split.own * tilted * W2 * (G - 2 * DELTA), J)
                     + 2 * split.mean * HBAR**2 * total(tilted, J)),
             Average((J,)), (f"j {name}",)),
        shown(f"weighted part {name}", "times |u_j|^2", at_most(W2 * part, W2 * limit),
              (1, ("|u_j|^2 >= 0", f"part {name}"))),
        Step(f"parts {name}", "added", at_most(total(W2 * part, J), N2 * limit), Average((J,)),
             (f"weighted part {name}",)),
        shown(f"form {name}", "hbar^2 <= G sum psi_k |u_k|^2", at_most(form, N2 * limit),
              (1, (f"all {name}",)), (2, (f"b_{letter} >= 0", "hbar^2 >= 0", added)),
              (2, (f"b_{letter} >= 0", bound, "hbar^2")), (1, (f"parts {name}",))),
    )  # fmt: skip


def form_steps() -> tuple[Step, ...]:
    """The integrand at ``|x|^2 = d``, at ``d + 4``, and how it grows beyond."""
    return (
        *_form_steps("at 0", AT_0, FORM_0, DEEP_J, DEEP_SUM, PART_0, PSI * W2 * (2 + 2 * DELTA),
                     K_A + C_A * G,
                     ("A", "deep lack >= 0", "-2 - delta_j", "sum of deep lacks", "eps >= 0")),
        *_form_steps("at 4", AT_4, FORM_4, LACK, LACK_BOUND, PART_4, PSI * W2 * (2 * DELTA - 2),
                     K_B + C_B * G,
                     ("B", "lack >= 0", "-delta_j", "sum of lacks", "zeta >= 0")),
        shown("weighted part beyond", "times |u_j|^2",
              at_most(W2 * (PSI * ((1 - 2 * PSI) * Z_J + G) - PSI), W2 * (HALF * G + K_V)),
              (1, ("|u_j|^2 >= 0", "part beyond")), using=("|x - v_j|^2",)),
        Step("parts beyond", "added",
             at_most(total(W2 * (PSI * ((1 - 2 * PSI) * Z_J + G) - PSI), J),
                     N2 * (HALF * G + K_V)),
             Average((J,)), ("weighted part beyond",)),
        shown("form beyond", "each further unit of |x|^2",
              at_most(VAR - MASS, N2 * (HALF * G + K_V)),
              (1, ("Var h by pairs",)), (1, ("parts beyond",))),
    )  # fmt: skip


def line_case_hypotheses() -> tuple[Hypothesis, ...]:
    """The cases of ``|x|^2``."""
    return tuple(
        Hypothesis(name, relation, "a case", temporary=True)
        for name, relation in (
            ("u >= 0", at_most(_ZERO, EXCESS)),
            ("u < 0", below(EXCESS, _ZERO)),
            ("u >= 4", at_most(_ZERO, EXCESS - 4)),
            ("u < 4", below(EXCESS - 4, _ZERO)),
        )
    )


def rise_steps() -> tuple[Step, ...]:
    """``u+`` and ``(u - 4)+``: ``0 <= u+ - (u - 4)+ <= 4``; and ``G <= |x|^2 - 2 f``."""
    parts = (("rise", RISE, EXCESS, ("u >= 0", "u < 0")),
             ("beyond", BEYOND, EXCESS - 4, ("u >= 4", "u < 4")))  # fmt: skip
    return (
        *(step for name, part, value, (over, under) in parts for step in (
            Step(f"{name} >= 0", "a positive part", nonnegative(part), LargerOf(_ZERO, value, 0)),
            Step(f"{name} from below", "a positive part", at_most(value, part),
                 LargerOf(_ZERO, value, 1)),
            Step(f"{name}: {over}", "a case", equal(part, value),
                 Axiom("first case", (_ZERO, value, value, _ZERO)), (over,)),
            Step(f"{name}: {under}", "a case", equal(part, _ZERO),
                 Axiom("second case", (_ZERO, value, value, _ZERO)), (under,)))),
        *both_cases("beyond <= rise", at_most(BEYOND, RISE), (_ZERO, EXCESS - 4),
                    (((1, ("rise from below",)), (4, ())), ("beyond: u >= 4",)),
                    (((1, ("rise >= 0",)),), ("beyond: u < 4",))),
        *both_cases("rise <= beyond + 4", at_most(RISE, BEYOND + 4), (_ZERO, EXCESS),
                    (((1, ("beyond from below",)),), ("rise: u >= 0",)),
                    (((1, ("beyond >= 0",)), (4, ())), ("rise: u < 0",))),
        Step("G", "by definition", equal(G, X2 - 2 * LBAR), Derived()),
        shown("G from above", "lbar >= f, and the line", at_most(G, LINE),
              (2, ("lbar from below",)), (2, ("line",)), using=("G",)),
        shown("integrand", "between, beyond and below",
              at_most(FORM, AT_X * N2),
              (_QUARTER, ("rise <= beyond + 4", "form at 0")),
              (_QUARTER, ("beyond <= rise", "form at 4")), (1, ("beyond >= 0", "form beyond")),
              (1, ("rise from below", "mass")), (1, ("rise from below", "Var h >= 0")),
              (_QUARTER, ("beyond <= rise", "c_A <= c_B", "|U|^2 >= 0", "G from above")),
              (HALF, ("beyond >= 0", "|U|^2 >= 0", "G from above"))),
    )  # fmt: skip


def mean_steps() -> tuple[Step, ...]:
    """``d^2 L[U, U] <= M |U|^2``."""
    reach = mean_q(G)
    flat = (
        mean_q(RISE) + K_A * (1 - mean_q(SHARE_4)) + C_A * reach
        + mean_q(SHARE_4 * ((C_B - C_A) * ROUND + K_B)) + mean_q(BEYOND * (HALF * ROUND + K_V))
    )  # fmt: skip
    goal = bounded(V, U, L0, M)
    held, _ = goal.args
    odd = (("rise", RISE, D_), ("beyond", BEYOND, D_ + 4))
    return (
        *(step for name, part, limit in odd for step in (
            Step(f"{name} and x", "symmetry", equal(mean_q(part * entry(X, A)), 0),
                 Asked("odd", (A, limit), "classical result")),
            Step(f"{name} and mhat.x", "added", equal(mean_q(part * MHAT_X), 0),
                 Contracted(f"{name} and x", mean_score(V, A), (A,)), (f"{name} and x",)))),
        Step("E G", "Stein's identity", equal(reach, D_ + LOSS - mean_q(outer(V, X))), Derived()),
        Step("E x.m >= 0", "the mean of tr C", nonnegative(mean_q(outer(V, X))),
             Squares((Square(v(V, J, A) - m(V, X, A), (J, A), 1, (PSI,)),), TEACHER)),
        shown("E G and d + L_0", "L <= L_0", at_most(reach, D_ + L0), (1, ("E x.m >= 0",)),
              (1, ("level",)), using=("E G",)),
        Step("mean of the integrand", "averaged", at_most(mean_q(FORM), flat * N2),
             Average((TEACHER,)), ("integrand", "d", "rise and mhat.x", "beyond and mhat.x")),
        Step("I3", "the Hessian by distances", equal(HESSIAN, mean_q(FORM)), Derived()),
        shown("Hessian", "E G <= d + L_0", at_most(HESSIAN, M * N2),
              (1, ("mean of the integrand",)), (1, ("c_A >= 0", "|U|^2 >= 0", "E G and d + L_0")),
              using=("I3",)),
        shown("Hessian and M", "written out", at_most(hessian(V, U), goal.args[1]),
              (1, ("Hessian",))),
        Step("below the level", "this case", equal(held, hessian(V, U)),
             Axiom("first case", held.args), ("level",)),
        Step("above the level", "this case", equal(held, goal.args[1]),
             Axiom("second case", held.args), ("above",)),
        shown("bound below", "the Hessian", goal, (1, ("Hessian and M",)),
              using=("below the level",)),
        shown("bound above", "nothing is said", goal, using=("above the level",)),
        Step("bound", "where the loss is at most L_0", goal,
             Cases(loss(V), L0, "bound below", "bound above"), ("bound below", "bound above")),
    )  # fmt: skip


def hessian_bound(*, parts: Mapping[str, Number] | None = None) -> Script:
    """The bound, with what can be changed to see the proof fail.

    Parameters
    ----------
    parts : mapping of str to number, optional
        Conditions on the constants of which only that multiple is assumed.

    Examples
    --------
    >>> hessian_bound().scope
    'all n, d, weights'
    """
    hypotheses = (
        *weight_hypotheses(),
        *constant_hypotheses(parts or {}),
        Hypothesis("level", at_most(loss(V), L0), "the loss is at most L_0", temporary=True),
        Hypothesis("above", below(L0, loss(V)), "or not", temporary=True),
        *case_hypotheses(),
        *line_case_hypotheses(),
    )
    steps = (
        *entropy_steps(),
        Step("psi_j > 0", "a responsibility", positive(PSI), Instance({K: J}), ("psi_k > 0",)),
        Step("pi_k <= 1", "the others are positive", at_most(pi(K), 1),
             Squares((Square(number(1), (I_,), 1, (pi(I_), _APART)),))),
        *convexity_steps(),
        *line_steps(),
        *odds_steps(),
        *own_steps(),
        *group_steps(),
        *constant_steps(),
        *lack_steps(),
        *share_steps(),
        *square_steps(),
        *spread_steps(),
        *part_steps(),
        *form_steps(),
        *rise_steps(),
        *mean_steps(),
    )  # fmt: skip
    return Script(
        "L-hessian",
        "The Hessian of the forward loss is bounded where the loss is",
        "derived for this project (Theorem L, step 1)",
        hypotheses,
        steps,
        ("bound",),
        ((curvature, "the bound of the Hessian"),),
        "all n, d, weights",
        (),
        (Proposal((HALF, HALF), 1,
                  ((V, ((Fraction(0),), (Fraction(0),))), (U, ((Fraction(1),), (Fraction(0),))),
                   (L0, Fraction(1, 5)), *INSTANCE), 1e-9),),
    )  # fmt: skip
