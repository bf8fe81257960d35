r"""Formulas in LaTeX: which are safe to typeset, and where a long one may be broken.

A claims file is somebody's: its LaTeX may be wrong, or ``\input`` a file. Only known commands, in
balance, are typeset; everything else is shown as the text it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from itertools import pairwise

from proofs_check.formulas.tex_text import math_of

_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|.", re.DOTALL)
#: Longer pieces are broken at weaker places, in characters of LaTeX.
_PIECE = 44
_BIG = {f"\\{size}{side}" for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r")}
_DELIMITERS = {*"()[]|./", r"\|", r"\{", r"\}", r"\langle", r"\rangle", r"\lfloor", r"\rfloor"}
_ENVIRONMENTS = {"cases", "matrix", "pmatrix", "bmatrix", "vmatrix", "aligned"}
_RELATION_NAMES = """
    le leq ge geq ne neq approx sim equiv propto in subset to Rightarrow Leftrightarrow implies iff
    mapsto ll gg vdash succ prec succeq preceq
"""
_NAMES = """
    alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi
    rho sigma varsigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma
    Upsilon Phi Psi Omega
    frac tfrac dfrac sqrt binom sum prod int oint lim max min sup inf arg log ln exp sin cos tan
    sinh cosh tanh det dim Pr gcd deg ker surd
    text mathrm mathbf mathit mathcal mathbb mathsf operatorname
    bar hat tilde dot ddot vec overline underline widehat widetilde overbrace underbrace
    partial nabla infty cdot cdots ldots dots times div pm mp ast star circ oplus otimes cup cap
    setminus emptyset forall exists neg land lor wedge vee notin subseteq supset supseteq perp
    parallel mid colon prime ell Re Im hbar dagger leftarrow rightarrow Leftarrow leftrightarrow
    uparrow downarrow longrightarrow gets displaystyle textstyle limits substack lvert rvert lVert
    rVert Vert not left right quad qquad
"""


def _commands(names: str) -> frozenset[str]:
    return frozenset(f"\\{name}" for name in names.split())


_RELATIONS = _commands(_RELATION_NAMES) | {"=", "<", ">"}
_SIGNS = frozenset("+-")
_GAPS = frozenset((r"\,", r"\quad", r"\ "))
_IN_PARENTHESES = 1
_SPACES = {r"\,", r"\;", r"\:", r"\!", r"\ ", r"\_", r"\\"}
_KNOWN = _RELATIONS | _commands(_NAMES) | _BIG | _DELIMITERS | _SPACES


def tokens(latex: str) -> list[str]:
    r"""Split LaTeX into commands and characters.

    Examples
    --------
    >>> tokens(r"\frac12\,x")
    ['\\frac', '1', '2', '\\,', 'x']
    """
    return _TOKEN.findall(latex)


def typeset(latex: str) -> str:
    r"""Return LaTeX that is safe to typeset, characters outside ASCII as commands; else nothing.

    Examples
    --------
    >>> typeset("|∇K|² ≤ L")
    '|\\nabla K|^{2} \\le L'
    >>> typeset(r"\input{/etc/passwd}"), typeset("x}"), typeset("50%")
    ('', '', '')
    """
    text = math_of(latex)
    if text is None or "^^" in text or not _balanced(text):  # ^^5c is a backslash to TeX
        return ""
    for token, following in pairwise([*tokens(text), ""]):
        if token.startswith("\\"):
            if token in (r"\begin", r"\end"):
                continue  # `_balanced` knows them
            if token not in _KNOWN:
                return ""
            if (token in _BIG or token in (r"\left", r"\right")) and following not in _DELIMITERS:
                return ""
        elif token in '$#%~`"@' or not (token.isprintable() or token in "\n\t "):
            return ""
    return "" if re.search(r"\n\s*\n", text) else text


def _balanced(text: str) -> bool:
    r"""Whether braces, environments and ``\left`` close, and ``&`` stands in an environment."""
    opened: list[str] = []
    for match in re.finditer(r"\\(begin|end)\{([a-z]*)\}|\\[A-Za-z]+|\\.|[{}&]", text):
        token = match[0]
        if match[1] == "begin":
            if match[2] not in _ENVIRONMENTS:
                return False
            opened.append(match[2])
        elif token in ("{", r"\left"):
            opened.append(token)
        elif match[1] == "end" or token in ("}", r"\right"):
            closes = {"}": "{", r"\right": r"\left"}.get(token, match[2])
            if not opened or opened.pop() != closes:
                return False
        elif token in ("&", r"\\"):
            if not opened or opened[-1] not in _ENVIRONMENTS:
                return False
        elif token in (r"\begin", r"\end"):
            return False
    return not opened


def pieces(latex: str) -> list[str]:
    r"""Cut a formula where a line may end: before relations and, if still long, before signs.

    Within parentheses only what is too long otherwise is cut.

    Examples
    --------
    >>> pieces(r"a \le b")
    ['a', '\\le b']
    """
    found = _cut(latex, _RELATIONS | {r"\quad"})
    passes = ((_SIGNS, False), (_RELATIONS | _SIGNS, True), (_GAPS, True))
    for places, inside in passes:
        found = [part for piece in found for part in _shorter(piece, places, inside=inside)]
    return found


def _shorter(piece: str, places: Set[str], *, inside: bool) -> list[str]:
    return _cut(piece, places, inside=inside) if len(piece) > _PIECE else [piece]


def _cut(latex: str, places: Set[str], *, inside: bool = False) -> list[str]:
    """Cut before each of these tokens that stands outside braces, scripts and bars.

    And outside parentheses, unless ``inside``.
    """
    cut: list[str] = [""]
    before = ""
    for token, depth in _with_depth(latex):
        free = depth == 0 or (inside and depth == _IN_PARENTHESES)
        starts = token in places and free and before not in ("", "^", "_", "(", "[", *places)
        if starts and cut[-1].strip():
            cut.append("")
        cut[-1] += token if not _runs_together(cut[-1], token) else f" {token}"
        before = token if token.strip() else before
    return [piece.strip() for piece in cut if piece.strip()]


def _runs_together(text: str, token: str) -> bool:
    return bool(re.search(r"\\[A-Za-z]+$", text)) and token[0].isalpha()


def _with_depth(latex: str) -> Iterator[tuple[str, int]]:
    """Tokens, and where they stand: 0 outside all, 1 within parentheses only, 2 deeper."""
    braces, parentheses, bars = 0, 0, 0
    for token in tokens(latex):
        if token in ("{", r"\left", r"\begin"):
            braces += 1
        yield token, 2 if braces or bars % 2 else min(parentheses, _IN_PARENTHESES)
        if token in ("}", r"\right", r"\end"):
            braces -= 1
        elif braces == 0:
            bars += token in ("|", r"\|")
            parentheses = max(0, parentheses + (token in "([") - (token in ")]"))
