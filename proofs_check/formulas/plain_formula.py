r"""Formulas in plain characters, as people type them in mail: ``\eta^2`` is ``eta^2``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

from proofs_check.formulas.formula import tokens


class _Kind(Enum):
    """What a piece of text is to its neighbours."""

    WORD = auto()
    FUNCTION = auto()
    FRACTION = auto()
    RELATION = auto()
    SIGN = auto()
    OPEN = auto()
    CLOSE = auto()
    COMMA = auto()
    TIGHT = auto()
    SPACE = auto()


@dataclass
class _Piece:
    kind: _Kind
    text: str


_RELATIONS = {
    "=": "=", "<": "<", ">": ">", r"\le": "<=", r"\leq": "<=", r"\ge": ">=", r"\geq": ">=",
    r"\ne": "!=", r"\neq": "!=", r"\approx": "~", r"\sim": "~", r"\equiv": "==", r"\to": "->",
    r"\propto": "~", r"\in": "in", r"\Rightarrow": "=>", r"\implies": "=>", r"\iff": "<=>",
    r"\Leftrightarrow": "<=>", r"\mapsto": "->", r"\ll": "<<", r"\gg": ">>", r"\times": "x",
    r"\parallel": "||", r"\mid": "|", r"\notin": "not in", r"\vdash": "|-", r"\succ": ">",
    r"\succeq": ">=", r"\prec": "<", r"\preceq": "<=",
    r"\Vert": "||", r"\subset": "within",
}  # fmt: skip
_SIGNS = {"+": "+", "-": "-", r"\pm": "+-", r"\mp": "-+"}
_OPEN = {"(": "(", "[": "[", r"\{": "{", r"\lvert": "|", r"\lVert": "||", r"\langle": "<"}
_CLOSE = {")": ")", "]": "]", r"\}": "}", r"\rvert": "|", r"\rVert": "||", r"\rangle": ">"}
_TIGHT = {"/": "/", ".": ".", r"\cdot": ".", "'": "'", "!": "!", "*": "*", r"\ast": "*"}
_COMMAS = {",": ",", ";": ";", ":": ":", r"\colon": ":"}
_BARS = {"|": "|", r"\|": "||"}
_SPACES = {r"\,", r"\;", r"\:", r"\ ", r"\quad", r"\qquad"}
_FUNCTION_NAMES = "ln log exp min max sup inf arg sin cos tan sinh cosh tanh det lim"
_FUNCTIONS = frozenset(f"\\{name}" for name in _FUNCTION_NAMES.split())
_WORDS = {
    r"\infty": "infinity", r"\nabla": "grad", r"\partial": "d", r"\int": "int", r"\ell": "l",
    r"\forall": "for all", r"\exists": "there is", r"\ldots": "...", r"\cdots": "...",
    r"\dots": "...", r"\star": "*", r"\varepsilon": "eps", r"\epsilon": "eps", r"\prime": "'",
}  # fmt: skip
_VERBATIM = {
    r"\text",
    r"\mathrm",
    r"\operatorname",
    r"\mathcal",
    r"\mathbb",
    r"\mathbf",
    r"\mathsf",
}
_SKIPPED = {r"\left", r"\right", r"\!", r"\displaystyle", r"\textstyle", r"\limits", "&", " ", "\n"}
_FRACTIONS = {r"\frac", r"\tfrac", r"\dfrac"}


def plain_formula(latex: str) -> str:
    r"""Return a formula in plain characters.

    Examples
    --------
    >>> plain_formula(r"|V_{k+1}|^2\le|V_k|^2-2\eta\kappa S_k")
    '|V_{k+1}|^2 <= |V_k|^2 - 2 eta kappa S_k'
    >>> plain_formula(r"\frac{e^{-106ndM_0^3}}{108nd}"), plain_formula(r"\tfrac12\sqrt{\pi/n}\,R")
    ('e^(-106 n d M_0^3)/(108 n d)', '(1/2) sqrt(pi/n) R')
    """
    return _Reader(latex).text()


class _Reader:
    """Reads the tokens of a formula from left to right."""

    def __init__(self, latex: str) -> None:
        self.rest = tokens(latex)[::-1]
        self.inside = dict.fromkeys(_BARS, False)
        #: An odd bar is no fence: it stands between what it divides.
        self.divides = {bar for bar in _BARS if self.rest.count(bar) % 2}

    def text(self, *, close: bool = False) -> str:
        """The formula; ``close``: without spaces around relations and signs."""
        return _joined(self.pieces(), close=close)

    def pieces(self) -> list[_Piece]:
        found: list[_Piece] = []
        while self.rest:
            token = self.rest.pop()
            if token in "^_":
                script = _script(token, self.group(close=True))
                if found:
                    found[-1].text += script
                else:
                    found.append(_Piece(_Kind.WORD, script))
            elif token == "{":
                self.rest.append(token)
                found += _Reader(self.taken()).pieces()
            else:
                piece = self.piece(token)
                found += [] if piece is None else [piece]
        return found

    def piece(self, token: str) -> _Piece | None:
        for kind, table in (
            (_Kind.RELATION, _RELATIONS),
            (_Kind.SIGN, _SIGNS),
            (_Kind.OPEN, _OPEN),
            (_Kind.CLOSE, _CLOSE),
            (_Kind.TIGHT, _TIGHT),
            (_Kind.COMMA, _COMMAS),
            (_Kind.WORD, _WORDS),
        ):
            if token in table:
                return _Piece(kind, table[token])
        if token in _BARS:
            return self.bar(token)
        if token in _SPACES:
            return _Piece(_Kind.SPACE, "")
        if token in _FRACTIONS:
            return self.fraction()
        if token == r"\sqrt":
            return _Piece(_Kind.WORD, f"sqrt({self.group()})")
        if token in _VERBATIM:
            return _Piece(_Kind.WORD, self.taken().strip())
        if token in _FUNCTIONS:
            return _Piece(_Kind.FUNCTION, token[1:])
        if token in _SKIPPED or re.fullmatch(r"\\(big|Big|bigg|Bigg)[lr]?", token):
            return None
        if token.isdigit():
            while self.rest and re.fullmatch(r"[\d.]", self.rest[-1]):
                token += self.rest.pop()
        return _Piece(_Kind.WORD, token.lstrip("\\"))

    def bar(self, token: str) -> _Piece:
        if token in self.divides:
            return _Piece(_Kind.RELATION, _BARS[token])
        self.inside[token] = not self.inside[token]
        return _Piece(_Kind.OPEN if self.inside[token] else _Kind.CLOSE, _BARS[token])

    def fraction(self) -> _Piece:
        above, below = _Reader(self.taken()).pieces(), _Reader(self.taken()).pieces()
        top, bottom = _joined(above), _joined(below)
        if any(piece.kind in (_Kind.SIGN, _Kind.RELATION) for piece in above):
            top = f"({top})"
        return _Piece(_Kind.FRACTION, f"{top}/({bottom})" if len(below) > 1 else f"{top}/{bottom}")

    def group(self, *, close: bool = False) -> str:
        return _Reader(self.taken()).text(close=close)

    def taken(self) -> str:
        """The LaTeX of the next group, or the next token."""
        while self.rest and self.rest[-1].isspace():
            self.rest.pop()
        first = self.rest.pop() if self.rest else ""
        if first != "{":
            return first
        parts, depth = [], 1
        while self.rest:
            token = self.rest.pop()
            depth += (token == "{") - (token == "}")
            if not depth:
                break
            parts.append(token)
        return "".join(parts)


def _script(sign: str, text: str) -> str:
    if re.fullmatch(r"-?\w+|\*|'+", text):
        return f"{sign}{text}"
    return f"_{{{text}}}" if sign == "_" else f"^({text})"


#: Pieces at which a value ends or begins.
_ENDS = (_Kind.WORD, _Kind.FRACTION, _Kind.CLOSE)
_STARTS = (_Kind.WORD, _Kind.FUNCTION, _Kind.FRACTION)


def _joined(pieces: list[_Piece], *, close: bool = False) -> str:
    text, before = "", _Piece(_Kind.OPEN, "")
    for number, piece in enumerate(pieces):
        shown = piece.text
        following = pieces[number + 1].kind if number + 1 < len(pieces) else None
        if piece.kind is _Kind.FRACTION and following in (*_STARTS, _Kind.OPEN, _Kind.SPACE):
            shown = f"({shown})"
        unary = (
            piece.kind is _Kind.SIGN
            and before.kind not in _ENDS
            and before.text not in ("'", "!", "*")
        )
        if piece.kind in (_Kind.RELATION, _Kind.SIGN) and not unary:
            text = text.rstrip() + (shown if close and not shown.isalpha() else f" {shown} ")
        elif piece.kind is _Kind.COMMA:
            text += shown if close else f"{shown} "
        elif piece.kind is _Kind.SPACE:
            text += "" if text.endswith((" ", "(", "[")) or not text else " "
        else:
            text += f" {shown}" if _apart(before, piece, text, close=close) else shown
        if piece.kind is not _Kind.SPACE:
            before = piece if not unary else _Piece(_Kind.OPEN, "")
    return text.strip()


def _apart(before: _Piece, piece: _Piece, text: str, *, close: bool) -> bool:
    """Whether a space stands between a piece and the one before it."""
    if text.endswith(" ") or not text:
        return False
    if before.kind is _Kind.FUNCTION:
        return piece.text != "("
    if before.kind not in _ENDS or piece.kind not in _STARTS:
        return False
    # in a script, a number is close to its letter, unless more letters follow
    return not (
        close and before.text.isdigit() and len(piece.text) == 1 and text[-2:-1] in ("", "-")
    )
