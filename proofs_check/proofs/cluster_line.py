"""Deviations that are parallel to the centre stay parallel to it: the means stay on a line.

Descent moves every mean by a sum of the means with factors, so that a line through the truth, on
which all of them lie, is never left.
"""

from __future__ import annotations

from collections.abc import Callable

from proofs_check.proofs.cluster_run import M_
from proofs_check.proofs.cluster_state import AFTER
from proofs_check.proofs.cluster_tactics import shown
from proofs_check.proofs.cluster_words import (
    C2,
    DELTA,
    RUN,
    S2,
    THETA,
    C,
    H,
    P,
    U,
    W,
    along_score,
    centre,
    centre_square,
    deviation,
    image,
    remainder,
    shift,
    slope,
    turned,
)
from proofs_check.proofs.kernel import Term
from proofs_check.proofs.kernel.terms import replaced
from proofs_check.proofs.tactics.arithmetic import Cancel, Vanishes
from proofs_check.proofs.tactics.averages import Average
from proofs_check.proofs.tactics.bounds import Contracted, Generalise, Instantiated, Linear
from proofs_check.proofs.tactics.language import (
    C_,
    D_,
    START,
    V_0,
    A,
    B,
    J,
    V,
    X,
    at_most,
    coordinate,
    delta,
    equal,
    every,
    following,
    mean_q,
    positive,
    psi,
    term,
    total,
    v,
)
from proofs_check.proofs.tactics.score import covariance, m
from proofs_check.proofs.tactics.script import Hypothesis, Step, Tactic
from proofs_check.proofs.tactics.steps import (
    TEACHER,
    Axiom,
    Derived,
    Induction,
    Instance,
    Specialise,
    Square,
    Squares,
)

E_ = coordinate("e")


def on_line_entry(of: Term) -> Term:
    """``v_ja c_0b = v_jb c_0a``, c_0 the centre at the start."""
    return equal(v(of, J, A) * centre(V_0, B), v(of, J, B) * centre(V_0, A))


def on_line(of: Term) -> Term:
    """The same for all j, a and b."""
    return every(on_line_entry(of), J, A, B)


def line_hypotheses() -> tuple[Hypothesis, ...]:
    """Parallel at the start; what the steps assume."""
    return (
        Hypothesis(
            "parallel at 0",
            on_line(V_0),
            "at the start every v_j is parallel to c, and so is every delta_j",
        ),
        Hypothesis("line", on_line(V), "all means lie on the line of c_0", temporary=True),
        Hypothesis("line so far", on_line(RUN.at(M_)), "so far", temporary=True),
        Hypothesis("c_0 > 0", positive(centre_square(V_0)), "there is a line", temporary=True),
    )


def _turned(name: str, why: str, f: Callable[[Term], Term], tactic: Tactic, *uses: str) -> Step:
    """``f_a c_0b = f_b c_0a``."""
    goal = equal(f(A) * centre(V_0, B), f(B) * centre(V_0, A))
    return Step(name, why, goal, tactic, uses)


def line_steps() -> tuple[Step, ...]:
    """At a state on the line: after a step of descent the means are on it, too."""

    def row(a: Term) -> Term:
        return covariance(V, X, a, C_)

    def integrand(a: Term) -> Term:
        parts = centre(V, a) + remainder(V, X, a) + turned(V, X, J, a)
        return W * (parts - m(V, X, a) * (THETA + P))

    field = m(V, X, C_) + shift(V, X, C_)
    own, c, mean, second, rows = (
        f"{name} on the line" for name in ("v_j", "c", "m", "second moments", "C")
    )
    return (
        Step(own, "each", on_line_entry(V), Specialise((J, A, B)), ("line",)),
        _turned(c, "the mean of all", lambda a: centre(V, a), Contracted(own, U, (J,)), own),
        _turned("delta_j on the line", "v_j - c", lambda a: deviation(V, J, a), Derived(), own, c),
        _turned(mean, "a mean of all", lambda a: m(V, X, a), Contracted(own, psi(V, J), (J,)), own),
        _turned("mu on the line", "m - c", lambda a: shift(V, X, a), Derived(), mean, c),
        _turned(
            second,
            "a mean of all",
            lambda a: total(psi(V, J) * v(V, J, a) * v(V, J, C_), J),
            Contracted(own, psi(V, J) * v(V, J, C_), (J,)),
            own,
        ),
        _turned(
            "m m^T on the line",
            "times m",
            lambda a: m(V, X, a) * m(V, X, C_),
            Contracted(mean, m(V, X, C_), ()),
            mean,
        ),
        _turned(rows, "their difference", row, Derived(), second, "m m^T on the line"),
        _turned(
            "image on the line",
            "row by row",
            lambda a: image(V, X, a),
            Contracted(rows, field, (C_,)),
            rows,
        ),
        _turned(
            "(mu.m) m on the line",
            "times mu.m",
            lambda a: along_score(V, X) * m(V, X, a),
            Contracted(mean, along_score(V, X), ()),
            mean,
        ),
        _turned(
            "Phi on the line",
            "a sum",
            lambda a: remainder(V, X, a),
            Derived(),
            *("mu on the line", "(mu.m) m on the line", "image on the line"),
        ),
        _turned(
            "C delta_j on the line",
            "row by row",
            lambda a: turned(V, X, J, a),
            Contracted(rows, deviation(V, J, C_), (C_,)),
            rows,
        ),
        _turned(
            "integrand on the line",
            "a sum",
            integrand,
            Linear(
                (
                    (W, c),
                    (W, "Phi on the line"),
                    (W, "C delta_j on the line"),
                    (-W * (THETA + P), mean),
                )
            ),
            *(c, "Phi on the line", "C delta_j on the line", mean),
        ),
        _turned(
            "its mean on the line",
            "averaged under the teacher",
            lambda a: mean_q(integrand(a)),
            Contracted("integrand on the line", term(1), (TEACHER,)),
            "integrand on the line",
        ),
        Step(
            "affine at b",
            "the same",
            replaced(equal(slope(V, J, A), mean_q(integrand(A))), {A: B}),
            Instance({A: B}),
            ("affine",),
        ),
        _turned(
            "slope on the line",
            "the gradient is that mean",
            lambda a: slope(V, J, a),
            Linear(
                (
                    (1, "its mean on the line"),
                    (centre(V_0, B), "affine"),
                    (-centre(V_0, A), "affine at b"),
                )
            ),
            *("its mean on the line", "affine", "affine at b"),
        ),
        Step(
            "v_j after a step",
            "v_j - 2 h times the slope",
            equal(v(AFTER, J, A), v(V, J, A) - 2 * H * slope(V, J, A)),
            Derived(),
        ),
        Step(
            "v_j after a step at b",
            "the same",
            equal(v(AFTER, J, B), v(V, J, B) - 2 * H * slope(V, J, B)),
            Instance({A: B}),
            ("v_j after a step",),
        ),
        Step(
            "on the line after a step",
            "both are on the line",
            on_line_entry(AFTER),
            Linear(
                (
                    (1, own),
                    (-2 * H, "slope on the line"),
                    (centre(V_0, B), "v_j after a step"),
                    (-centre(V_0, A), "v_j after a step at b"),
                )
            ),
            (own, "slope on the line", "v_j after a step", "v_j after a step at b"),
        ),
    )


def parallel_steps() -> tuple[Step, ...]:
    """``|delta_j|^2 |c|^2 <= theta_j^2`` on the line."""
    minor = DELTA * centre(V, B) - deviation(V, J, B) * C
    c_0 = centre(V_0, E_)
    lines = {
        "delta_j at e": (DELTA * c_0, deviation(V, J, E_) * centre(V_0, A), "delta_j on the line"),
        "delta_jb at e": (
            deviation(V, J, B) * c_0,
            deviation(V, J, E_) * centre(V_0, B),
            "delta_j on the line",
        ),
        "c at e": (C * c_0, centre(V, E_) * centre(V_0, A), "c on the line"),
        "c_b at e": (centre(V, B) * c_0, centre(V, E_) * centre(V_0, B), "c on the line"),
    }
    return (
        *(
            Step(
                name,
                "the same of another coordinate",
                equal(left, right),
                Instance({B: E_} if left.free.isdisjoint({B}) else {A: B, B: E_}),
                (of,),
            )
            for name, (left, right, of) in lines.items()
        ),
        Step(
            "minor along c_0",
            "both are multiples of c_0",
            equal(minor * c_0**2, 0),
            Linear(
                (
                    (centre(V, B) * c_0, "delta_j at e"),
                    (deviation(V, J, E_) * centre(V_0, A), "c_b at e"),
                    (-C * c_0, "delta_jb at e"),
                    (-deviation(V, J, E_) * centre(V_0, B), "c at e"),
                )
            ),
            tuple(lines),
        ),
        Step(
            "minor times |c_0|^2",
            "over e",
            equal(minor * centre_square(V_0), 0),
            Average((E_,)),
            ("minor along c_0",),
        ),
        Step(
            "minor",
            "divided",
            equal(minor, 0),
            Cancel("c_0 > 0", "minor times |c_0|^2"),
            ("c_0 > 0", "minor times |c_0|^2"),
        ),
        Step(
            "minors",
            "over a and b",
            equal(total(minor**2, A, B), 0),
            Contracted("minor", minor, (A, B)),
            ("minor",),
        ),
        shown("parallel", "Lagrange's identity", at_most(S2 * C2, THETA**2), using=("minors",)),
    )


def line_run() -> tuple[Step, ...]:
    """The means are on the line at every step, by induction."""
    start, after = RUN.at(START), RUN.at(following(M_))
    return (
        Step("v_j at 0", "each", on_line_entry(start), Specialise((J, A, B)), ("parallel at 0",)),
        Step("line at 0", "all of them", on_line(start), Generalise((J, A, B)), ("v_j at 0",)),
        Step(
            "v_j at k + 1",
            "one step",
            on_line_entry(after),
            Instantiated({V: RUN.at(M_)}, "on the line after a step"),
            ("on the line after a step", "line so far"),
        ),
        Step(
            "line at k + 1", "all of them", on_line(after), Generalise((J, A, B)), ("v_j at k + 1",)
        ),
        Step(
            "line along the run",
            "by induction",
            on_line(RUN.at(M_)),
            Induction(M_, "line at 0", "line at k + 1"),
            ("line at 0", "line at k + 1"),
        ),
    )


def one_dimension_steps() -> tuple[Step, ...]:
    """In one dimension the means are parallel to the centre."""
    apart = 1 - delta(C_, E_)
    entry = on_line_entry(V_0)
    minor = entry.args[0] - entry.args[1]
    return (
        Step("d >= 1", "there is a coordinate", at_most(1, D_), Axiom("coordinates")),
        Step(
            "pairs of coordinates",
            "one of all pairs",
            at_most(1 - delta(A, B), total(apart, C_, E_)),
            Squares(
                (
                    Square(term(1), (C_, E_), 1, (apart, 1 - delta(C_, A))),
                    Square(term(1), (C_, E_), 1, (apart, delta(C_, A), 1 - delta(E_, B))),
                )
            ),
        ),
        shown(
            "no two coordinates",
            "d (d - 1) = 0",
            at_most(1 - delta(A, B), 0),
            (1, ("pairs of coordinates",)),
            (1, ("d <= 1", "d >= 1")),
            (1, ("d <= 1",)),
        ),
        shown(
            "minor", "none with a = b", at_most(minor**2, 0), (1, ("no two coordinates",), (minor,))
        ),
        Step("parallel entry", "its root", entry, Vanishes(minor), ("minor",)),
        Step(
            "parallel",
            "for all",
            on_line(V_0),
            Generalise((J, A, B)),
            ("parallel entry",),
        ),
    )
