"""The rules of `derive.algebra.mixture_rules`, proved from the density by SymPy for all n and d.

The student's density is ``p(x) = sum_k pi_k N(x; v_k, I)`` with symbolic number of components ``n``
and dimension ``d``; SymPy differentiates the responsibilities ``pi_j exp(-|x - v_j|^2/2) / Z`` and
``log p`` through the symbolic sums. The only facts used beside SymPy's own differentiation are the
linearity of a finite sum and ``sum_c delta_{ac} f(c) = f(a)`` for ``a`` in the range of ``c``.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy

from derive.algebra.calculus import expand
from derive.algebra.display import latex, to_sympy
from derive.algebra.index import IndexedFactor, Polynomial, atom, text
from derive.algebra.mixture_rules import d_dv, d_dx
from derive.steps.derivation import ALL, Derivation, DerivationStep

_N = sympy.Symbol("n", integer=True, positive=True)
_D = sympy.Symbol("d", integer=True, positive=True)
_K = sympy.Symbol("K", integer=True, positive=True)
_X = sympy.IndexedBase("x")


def _label(name: str) -> sympy.Symbol:
    return sympy.Symbol(name, integer=True)


class _MixtureDensity:
    """Density of the student (or of the teacher): names of its means, weights, responsibilities."""

    def __init__(self, means: str, weights: str, responsibilities: str, size: sympy.Symbol) -> None:
        self.means = sympy.IndexedBase(means)
        self.weights = sympy.IndexedBase(weights)
        self.responsibilities = sympy.IndexedBase(responsibilities)
        self.size = size

    def exponential(self, component: sympy.Expr) -> sympy.Expr:
        c = _label("c")
        return sympy.exp(-sympy.Sum((_X[c] - self.means[component, c]) ** 2, (c, 1, _D)) / 2)

    def total(self) -> sympy.Expr:
        k = _label("k")
        return sympy.Sum(self.weights[k] * self.exponential(k), (k, 1, self.size))

    def responsibility(self, component: sympy.Expr) -> sympy.Expr:
        return self.weights[component] * self.exponential(component) / self.total()

    def log_density_ratio(self) -> sympy.Expr:
        """``log p(x) - log N(x; 0, I)``; the normalizing constants cancel."""
        c = _label("c")
        return sympy.log(self.total()) + sympy.Sum(_X[c] ** 2, (c, 1, _D)) / 2


STUDENT = _MixtureDensity("v", "pi", "psi", _N)
TEACHER = _MixtureDensity("theta", "rho", "phi", _K)


def _linear(total: sympy.Sum) -> sympy.Expr:
    """Split a sum over its terms, pull constants out, contract Kronecker deltas in range."""
    bound, lower, upper = total.limits[0]
    # One name per range, so that equal sums coincide.
    name = _label("c" if upper == _D else "k")
    if name != bound:
        dependent = [s for s in total.function.atoms(sympy.Sum) if bound in s.free_symbols]
        bound_inside = {variable for inner in dependent for variable in inner.variables}
        if name in bound_inside | total.function.free_symbols:
            raise ValueError(f"renaming {bound} would capture {name} in {total}")
        return _linear(sympy.Sum(total.function.subs(bound, name), (name, lower, upper)))
    result: sympy.Expr = sympy.Integer(0)
    for term in sympy.Add.make_args(sympy.expand(total.function, power_exp=False)):
        outside, inside = term.as_independent(bound, as_Add=False)
        for delta in inside.atoms(sympy.KroneckerDelta):
            other = [argument for argument in delta.args if argument != bound]
            if bound in delta.args and inside.coeff(delta) != 0 and len(other) == 1:
                result += outside * inside.coeff(delta).subs(bound, other[0])
                break
        else:
            result += outside * sympy.Sum(inside, *total.limits)
    return result


def normalise(expression: sympy.Expr) -> sympy.Expr:
    """Apply linearity of sums throughout, innermost sums outside exponentials first.

    Examples
    --------
    >>> k, n, a = sympy.symbols("k n a", integer=True)
    >>> f = sympy.IndexedBase("f")
    >>> normalise(sympy.Sum(f[k] * sympy.KroneckerDelta(a, k), (k, 1, n)))
    f[a]
    """
    if isinstance(expression, sympy.exp) or not expression.has(sympy.Sum):
        return expression
    if isinstance(expression, sympy.Sum):
        inner = normalise(expression.function)
        return _linear(sympy.Sum(inner, *expression.limits))
    return expression.func(*(normalise(argument) for argument in expression.args))


def _canonical(expression: sympy.Expr) -> sympy.Expr:
    return sympy.expand(normalise(sympy.expand(normalise(expression), power_exp=False)))


def _from_rule(rule: Polynomial) -> sympy.Expr:
    """A rule with every responsibility replaced by its definition."""
    expression = to_sympy(expand(rule))
    for family in (STUDENT, TEACHER):
        expression = expression.replace(
            lambda node, base=family.responsibilities: (
                isinstance(node, sympy.Indexed) and node.base == base
            ),
            lambda node, owner=family: owner.responsibility(node.indices[0]),
        )
    return expression


def rule_holds(density: sympy.Expr, variable: sympy.Expr, rule: Polynomial) -> bool:
    """Tell whether SymPy's derivative of ``density`` by ``variable`` equals the rule.

    Examples
    --------
    >>> wrong = atom("psi", "j0") * atom("v", "j0", "a0")
    >>> rule_holds(STUDENT.responsibility(_label("j0")), _X[_label("a0")], wrong)
    False
    """
    difference = _canonical(sympy.diff(density, variable)) - _canonical(_from_rule(rule))
    numerator = sympy.together(sympy.expand(difference))
    return bool(sympy.expand(sympy.fraction(numerator)[0], power_exp=False) == 0)


def _step(
    name: str,
    family: _MixtureDensity,
    factor: IndexedFactor,
    variable: sympy.Expr,
    rule: Callable[[], Polynomial | None],
) -> DerivationStep:
    def density() -> sympy.Expr:
        if factor[0].startswith("log"):
            return family.log_density_ratio()
        return family.responsibility(_label(factor[1][0]))

    def check() -> bool:
        right = rule()
        return right is not None and rule_holds(density(), variable, right)

    shown = rule()
    assert shown is not None
    return DerivationStep(
        f"derivative of {name}",
        f"d {text(atom(*_flat(factor)))} / d {variable}",
        text(shown),
        "differentiation",
        check,
        rf"\partial {latex(atom(*_flat(factor)))} / \partial {sympy.latex(variable)}",
        latex(shown),
    )


def _flat(factor: IndexedFactor) -> tuple[str, ...]:
    return (factor[0], *factor[1])


def density_rules() -> Derivation:
    """The derivation of the rules, each step a SymPy differentiation with symbolic n and d."""
    j0, j1, a0 = _label("j0"), _label("j1"), _label("a0")
    psi, phi = ("psi", ("j0",)), ("phi", ("t0",))
    log_p, log_t = ("log_student", ()), ("log_teacher", ())
    v = STUDENT.means
    steps = (
        _step("the responsibilities in x", STUDENT, psi, _X[a0], lambda: d_dx(psi, "a0")),
        _step(
            "the responsibilities in the means",
            STUDENT,
            psi,
            v[j1, a0],
            lambda: d_dv(psi, "j1", "a0"),
        ),
        _step("log p in x", STUDENT, log_p, _X[a0], lambda: d_dx(log_p, "a0")),
        _step("log p in the means", STUDENT, log_p, v[j0, a0], lambda: d_dv(log_p, "j0", "a0")),
        _step("the teacher's responsibilities in x", TEACHER, phi, _X[a0], lambda: d_dx(phi, "a0")),
        _step("the teacher's log density in x", TEACHER, log_t, _X[a0], lambda: d_dx(log_t, "a0")),
    )
    return Derivation(
        "density-rules",
        "Derivatives of responsibilities and log densities",
        "d psi_i/d v_j = psi_i (1[i=j] - psi_j)(x - v_j), grad_x psi_i = psi_i (v_i - m), "
        "grad_x log(p/phi) = m, d log p/d v_j = psi_j (x - v_j)",
        ("unit covariances", "positive weights"),
        ALL,
        steps,
        "derived here from the density",
        r"\partial\psi_i/\partial v_j = \psi_i(1_{i=j}-\psi_j)(x-v_j)",
    )
