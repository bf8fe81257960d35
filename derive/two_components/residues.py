r"""The residue-corrected trapezoid rule for two components, proved step by step with SymPy.

Along the line through the means the second responsibility is the logistic function
:math:`\psi(z) = 1/(1 + e^{-(Dz + L)})`. Let ``f`` be real on the real line, decay like a Gaussian,
and be analytic in :math:`|\mathrm{Im}\,z| \le a` apart from finitely many poles, none of them real
or on the lines :math:`\mathrm{Im}\,z = \pm a`. Integrate ``f m`` along the upper line and
``f (1 + m)`` along the lower one, :math:`m(z) = 1/(e^{-2\pi iz/h} - 1)`. The poles of ``m`` at the
nodes give the trapezoid sum, those of ``f`` the corrections:

.. math:: \int f = h \sum_k f(kh) + 4\pi \sum_{0 < \mathrm{Im}\,z_q < a} \mathrm{Im}\,
          \mathrm{Res}_{z_q} (f m) + E, \qquad |E| \le \frac{2M}{e^{2\pi a/h} - 1}.

The steps verify every formula that enters, from the Laurent coefficients (`derive.algebra.laurent`,
which the numerical backends read) to the moduli on the lines; the residue theorem itself is cited.
"""

from __future__ import annotations

import sympy

from derive.algebra.laurent import principal_part
from derive.steps.derivation import (
    Derivation,
    DerivationStep,
    Scope,
    checked_step,
    identity_step,
)

#: Highest power of the responsibility whose principal part is compared with SymPy's series.
VERIFIED_POWERS = 8

_D, _H, _A, _T = sympy.symbols("D h a t", positive=True)
_L, _X, _Y = sympy.symbols("L x y", real=True)
_Q, _K = sympy.symbols("q k", integer=True)
_Z, _W = sympy.symbols("z w")
_I = sympy.I
_KAPPA = 2 * sympy.pi * _I / _H


def responsibility(z: sympy.Expr) -> sympy.Expr:
    """``1/(1 + exp(-(D z + L)))``."""
    return 1 / (1 + sympy.exp(-(_D * z + _L)))


def pole(number: sympy.Expr) -> sympy.Expr:
    """The ``q``-th pole in the upper half plane, ``q = 0, 1, ...``."""
    return (-_L + _I * sympy.pi * (2 * number + 1)) / _D


def _density(z: sympy.Expr) -> sympy.Expr:
    return sympy.exp(-(z**2) / 2) / sympy.sqrt(2 * sympy.pi)


def _reduced(expression: sympy.Expr) -> sympy.Expr:
    """Write exponentials of sums as products and cancel."""
    split = sympy.expand(sympy.expand_power_exp(sympy.expand(expression)), complex=False)
    return sympy.simplify(sympy.cancel(sympy.together(split)))


def _trigonometric(expression: sympy.Expr) -> sympy.Expr:
    return sympy.simplify(sympy.expand(sympy.expand_trig(expression)))


def taylor_of_logistic(order: int) -> sympy.Poly:
    """Taylor polynomial of ``y/(1 - exp(-y))`` by inverting the series of ``(1 - exp(-y))/y``."""
    y = sympy.Symbol("y")
    quotient = sum((-y) ** k / sympy.factorial(k + 1) for k in range(order + 1))
    inverse = sympy.Integer(1)
    for _ in range(order.bit_length() + 1):  # Newton: the number of right terms doubles
        inverse = sympy.Poly(inverse * (2 - quotient * inverse), y)
        inverse = _truncated(inverse.as_expr(), y, order)
    return sympy.Poly(inverse, y)


def _truncated(expression: sympy.Expr, symbol: sympy.Symbol, order: int) -> sympy.Expr:
    polynomial = sympy.Poly(expression, symbol)
    return sum(polynomial.coeff_monomial(symbol**k) * symbol**k for k in range(order + 1))


def _principal_part_by_series(power: int) -> tuple[sympy.Expr, ...]:
    """Coefficients of ``y^-1 .. y^-p`` of ``(1 - exp(-y))^-p``, by multiplying Taylor series."""
    taylor = taylor_of_logistic(power)
    product = (taylor**power).as_expr()
    y = taylor.gens[0]
    polynomial = sympy.Poly(product, y)
    return tuple(polynomial.coeff_monomial(y ** (power - m)) for m in range(1, power + 1))


def _table_agrees() -> bool:
    return all(
        tuple(sympy.Rational(c.numerator, c.denominator) for c in principal_part(power))
        == _principal_part_by_series(power)
        for power in range(1, VERIFIED_POWERS + 1)
    )


def _series_is_sympys() -> bool:
    """The inverted series against SymPy's own expansion of the logistic function."""
    y = sympy.Symbol("y")
    expected = sympy.series(1 / (1 - sympy.exp(-y)), y, 0, 4).removeO()
    found = _truncated(taylor_of_logistic(4).as_expr().subs(sympy.Symbol("y"), y), y, 4) / y
    return bool(sympy.expand(expected - found) == 0)


def _extraction_holds() -> bool:
    """Residue of ``psi^p g`` at a pole from the principal part, ``g`` a generic Taylor series."""
    for power in range(1, VERIFIED_POWERS + 1):
        taylor = sympy.symbols(f"g0:{power}")
        g = sum(c * _W**m for m, c in enumerate(taylor))
        part = [sympy.Rational(c.numerator, c.denominator) for c in principal_part(power)]
        product = sympy.expand(sum(c * (_D * _W) ** -m for m, c in enumerate(part, 1)) * g)
        claimed = sum(c * _D**-m * taylor[m - 1] for m, c in enumerate(part, 1))
        if sympy.expand(product.coeff(_W, -1) - claimed) != 0:
            return False
    return True


def _responsibility_steps() -> tuple[DerivationStep, ...]:
    first, second = sympy.symbols("s_1 s_2", real=True)
    share, other = sympy.symbols("pi_1 pi_2", positive=True)

    def component(weight: sympy.Expr, place: sympy.Expr) -> sympy.Expr:
        return weight * sympy.exp(_X * place - place**2 / 2)

    total = component(share, first) + component(other, second)
    return (
        identity_step(
            "along the line through the means the responsibility is logistic, D = s_2 - s_1, "
            "L = log(pi_2/pi_1) - (s_2^2 - s_1^2)/2",
            ("pi_2 N(x; s_2)/p(x)", "1/(1 + exp(-(D x + L)))"),
            lambda: component(other, second) / total,
            lambda: (
                1
                / (
                    1
                    + share / other * sympy.exp(-(second - first) * _X + (second**2 - first**2) / 2)
                )
            ),
            simplify=_reduced,
        ),
        identity_step(
            "under the student one factor psi turns the mixture into one Gaussian",
            ("p(x) psi_2(x)", "pi_2 N(x; s_2)"),
            lambda: total * _density(_X) * (component(other, second) / total),
            lambda: other * _density(_X - second),
            kind="definition",
            simplify=_reduced,
        ),
    )


def _laurent_steps() -> tuple[DerivationStep, ...]:
    y, p = sympy.Symbol("y"), sympy.Symbol("p", positive=True)
    local = 1 / (1 - sympy.exp(-y))
    return (
        identity_step(
            "near every pole z_q = (-L + i pi (2q + 1))/D the responsibility is the same function",
            ("psi(z_q + w)", "1/(1 - exp(-D w))"),
            lambda: responsibility(pole(_Q) + _W),
            lambda: 1 / (1 - sympy.exp(-_D * _W)),
            simplify=_reduced,
        ),
        checked_step(
            "its expansion",
            ("1/(1 - exp(-y))", "1/y + 1/2 + y/12 - y^3/720 + ..."),
            _series_is_sympys,
        ),
        identity_step(
            "all powers by differentiation, with s = 1/(1 - exp(-y))",
            ("s^(p+1)", "s^p - (1/p) d/dy s^p"),
            lambda: local,
            lambda: 1 - sympy.diff(local**p, y) / (p * local**p),
            kind="differentiation",
            simplify=_reduced,
        ),
        checked_step(
            f"principal parts by that recursion and by multiplying series, p <= {VERIFIED_POWERS}",
            ("[y^-m] s^p, m = 1 .. p", "derive.algebra.laurent.principal_part(p)"),
            _table_agrees,
        ),
        checked_step(
            f"residues are coefficients of products, p <= {VERIFIED_POWERS}",
            ("Res_{z_q} psi^p g", "sum_m c_{p,m} D^-m g^(m-1)(z_q)/(m-1)!"),
            _extraction_holds,
        ),
    )


def _kernel_steps() -> tuple[DerivationStep, ...]:
    unit = sympy.exp(_KAPPA * _Z)
    gap = 2 * sympy.pi / _D

    def leading(z: sympy.Expr) -> sympy.Expr:
        return -(z**2) / 2 + _KAPPA * z  # log of sqrt(2 pi) P = exp(-z^2/2) U

    def quotient(z: sympy.Expr) -> sympy.Expr:
        return leading(z + _I * gap) - leading(z)

    return (
        identity_step(
            "g = phi m near any z, with U = exp(2 pi i z/h), P = phi(z) U, kappa = 2 pi i/h",
            ("g(z + w)", "P exp((kappa - z) w - w^2/2)/(1 - U exp(kappa w))"),
            lambda: _density(_Z + _W) / (sympy.exp(-_KAPPA * (_Z + _W)) - 1),
            lambda: (
                _density(_Z)
                * unit
                * sympy.exp((_KAPPA - _Z) * _W - _W**2 / 2)
                / (1 - unit * sympy.exp(_KAPPA * _W))
            ),
            simplify=_reduced,
        ),
        identity_step(
            "from pole to pole, gap = 2 pi/D: log P_{q+1}/P_q",
            ("log P_{q+1} - log P_q", "gap^2/2 - i gap z_q - 2 pi gap/h"),
            lambda: quotient(_Z),
            lambda: gap**2 / 2 - _I * gap * _Z - 2 * sympy.pi * gap / _H,
        ),
        identity_step(
            "and the quotients form a geometric progression",
            ("second difference of log P", "gap^2"),
            lambda: quotient(_Z + _I * gap) - quotient(_Z),
            lambda: gap**2,
        ),
    )


def _contour_steps() -> tuple[DerivationStep, ...]:
    angle, large = sympy.Symbol("u", real=True), sympy.Symbol("R", positive=True)
    real, imaginary = sympy.symbols("r s", real=True)

    def m(z: sympy.Expr) -> sympy.Expr:
        return 1 / (sympy.exp(-_KAPPA * z) - 1)

    return (
        identity_step(
            "the poles of m(z) = 1/(exp(-2 pi i z/h) - 1) are the nodes, with equal residues",
            ("Res_{kh} m", "i h/(2 pi)"),
            lambda: 1 / sympy.diff(sympy.exp(-_KAPPA * _Z), _Z).subs(_Z, _K * _H),
            lambda: _I * _H / (2 * sympy.pi),
            kind="differentiation",
            simplify=sympy.simplify,
        ),
        identity_step(
            "the lower line is the mirror image of the upper one",
            ("1 + m(conj z)", "-conj m(z)"),
            lambda: 1 + m(_X - _I * _Y),
            lambda: -1 / (sympy.exp(_KAPPA * (_X - _I * _Y)) - 1),
            simplify=_reduced,
        ),
        identity_step(
            "so a pole and its mirror image contribute together, R = r + i s",
            ("2 pi i (R - conj R)", "-4 pi Im R"),
            lambda: 2 * sympy.pi * _I * ((real + _I * imaginary) - (real - _I * imaginary)),
            lambda: -4 * sympy.pi * imaginary,
        ),
        identity_step(
            "the factor on the lines, R = exp(2 pi a/h), u = 2 pi x/h",
            ("|R e^{-iu} - 1|^2 - (R - 1)^2", "2 R (1 - cos u) >= 0"),
            lambda: (
                (large * sympy.cos(angle) - 1) ** 2
                + (large * sympy.sin(angle)) ** 2
                - (large - 1) ** 2
            ),
            lambda: 2 * large * (1 - sympy.cos(angle)),
            simplify=_trigonometric,
        ),
        identity_step(
            "an example with known sum and integral: f = 1/(1 + z^2), one pole, a -> infinity",
            ("h sum f(kh) + 4 pi Im Res_i (f m)", "pi"),
            lambda: (
                sympy.pi * sympy.coth(sympy.pi / _H).rewrite(sympy.exp)
                + 4 * sympy.pi * sympy.im(m(_I) / (2 * _I))
            ),
            lambda: sympy.pi,
            simplify=_reduced,
        ),
    )


def _line_steps() -> tuple[DerivationStep, ...]:
    theta = sympy.Symbol("theta", real=True)
    modulus = (1 + _T * sympy.cos(theta)) ** 2 + (_T * sympy.sin(theta)) ** 2
    return (
        identity_step(
            "at a = 2 pi k/D the responsibility is periodic, hence real and between 0 and 1",
            ("psi(x + 2 pi i k/D)", "psi(x)"),
            lambda: responsibility(_X + 2 * sympy.pi * _I * _K / _D),
            lambda: responsibility(_X),
            simplify=_reduced,
        ),
        identity_step(
            "between the poles, t = exp(-(Dx + L)), theta = D a - 2 pi k: modulus at most 1 where "
            "cos(theta) >= 0",
            ("|1 + t e^{-i theta}|^2", "1 + t (t + 2 cos(theta))"),
            lambda: modulus,
            lambda: 1 + _T * (_T + 2 * sympy.cos(theta)),
            simplify=_trigonometric,
        ),
        identity_step(
            "and at most 1/|sin(theta)| elsewhere",
            ("|1 + t e^{-i theta}|^2", "sin(theta)^2 + (t + cos(theta))^2"),
            lambda: modulus,
            lambda: sympy.sin(theta) ** 2 + (_T + sympy.cos(theta)) ** 2,
            simplify=_trigonometric,
        ),
        identity_step(
            "the Gaussian on the lines",
            ("phi(x + i a) phi(x - i a)", "phi(x)^2 exp(a^2)"),
            lambda: _density(_X + _I * _A) * _density(_X - _I * _A),
            lambda: _density(_X) ** 2 * sympy.exp(_A**2),
            simplify=_reduced,
        ),
    )


def residue_corrected_trapezoid() -> Derivation:
    """The rule, its Laurent coefficients and its bound.

    Examples
    --------
    >>> bool(residue_corrected_trapezoid().verify())
    True
    """
    return Derivation(
        "residue-corrected-trapezoid",
        "The residue-corrected trapezoid rule for two components",
        "for f = phi psi^p: int f = h sum_k f(kh) + 4 pi sum_{0 < Im z_q < a} Im Res_{z_q} "
        "[f(z)/(exp(-2 pi i z/h) - 1)] + E, |E| <= 2 M/(exp(2 pi a/h) - 1), M = exp(a^2/2) G^p, "
        "G = 1 if |D a - 2 pi k| <= pi/2, else 1/|sin(D a)|, where k poles lie below the line",
        (
            "two components, D > 0",
            "(2k - 1) pi < D a < (2k + 1) pi",
            "the residue theorem",
        ),
        Scope("n = 2, any d, any weights, any power p (principal parts compared for p <= 8)"),
        (
            *_responsibility_steps(),
            *_laurent_steps(),
            *_kernel_steps(),
            *_contour_steps(),
            *_line_steps(),
        ),
        "derived here; trapezoid rule: Trefethen and Weideman, SIAM Review 2014",
        r"\int f = h\sum_k f(kh) + 4\pi\sum_q \operatorname{Im}\operatorname{Res}_{z_q}"
        r"\frac{f(z)}{e^{-2\pi iz/h}-1} + E",
    )
