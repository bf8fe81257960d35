"""Steps beside the kernel that Coq can check all the same: derivatives of functions of a number."""

from __future__ import annotations

import sympy

from proofs_check.proofs.tactics.beside import Calculus
from proofs_check.proofs.tactics.script import Step


def beside_lemma(step: Step, name: str) -> list[str]:
    """A lemma of Coq that says what a step beside the theorem says; none if there is none.

    Known is the derivative of ``f(s)/s^2``, for every function f with a derivative at s.
    """
    if not isinstance(step.tactic, Calculus):
        return []
    found = _quotient(step.tactic)
    if found is None:
        return []
    function, variable = found
    value, slope, place = sympy.symbols("value slope place")
    numerator = sympy.expand(step.tactic.right * variable**3)
    # the derivative before the function, which stands in it
    for part, symbol in ((sympy.Derivative(function, variable), slope), (function, value)):
        numerator = numerator.subs(part, symbol)
    numerator = numerator.subs(variable, place)
    known = {value: "(f s)", slope: "l", place: "s"}
    if not numerator.free_symbols <= set(known) or not numerator.is_polynomial(*known):
        return []
    from proofs_check.proofs.coq.formulas import coq

    shown = coq(numerator, known)
    return [
        f"Lemma {name} : forall (f : R -> R) (s l : R), s <> 0 -> derivable_pt_lim f s l ->",
        f"  derivable_pt_lim (fun t => f t / (t * t)) s ({shown} / (s * s * s)).",
        "Proof.",
        "  intros f s l N D.",
        "  pose proof (derivable_pt_lim_div f (fun t => t * t) s l (1 * s + s * 1) D",
        "    (derivable_pt_lim_mult (fun t => t) (fun t => t) s 1 1 (derivable_pt_lim_id s)",
        "      (derivable_pt_lim_id s))) as Q.",
        f"  replace ({shown} / (s * s * s)) with",
        "    ((l * (s * s) - (1 * s + s * 1) * f s) / Rsqr (s * s))",
        "    by (unfold Rsqr; field; exact N).",
        "  apply Q. intros Z. destruct (Rmult_integral _ _ Z); contradiction.",
        "Qed.",
    ]


def _quotient(tactic: Calculus) -> tuple[sympy.Expr, sympy.Symbol] | None:
    """``f(s)`` and ``s`` if the left side is the derivative of ``f(s)/s^2`` in s."""
    left = tactic.left
    if not isinstance(left, sympy.Derivative) or len(left.variables) != 1:
        return None
    (variable,) = left.variables
    function = sympy.cancel(left.expr * variable**2)
    is_function = isinstance(function, sympy.core.function.AppliedUndef)
    return (function, variable) if is_function and function.args == (variable,) else None
