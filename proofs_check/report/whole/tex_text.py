r"""Unicode text for LaTeX: in text with what pdflatex knows, in formulas as commands."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from derive.steps.derivation import escape

_SMALL = {"omicron": "o", "final sigma": r"\varsigma"}
#: Greek capitals that do not look like Latin ones.
_CAPITALS = frozenset("Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega".split())
_SYMBOLS: Mapping[str, str] = {
    **{"≤": r"\le", "≥": r"\ge", "≠": r"\ne", "≈": r"\approx", "∼": r"\sim", "≡": r"\equiv"},
    **{"≪": r"\ll", "≫": r"\gg", "∝": r"\propto", "±": r"\pm", "∓": r"\mp", "×": r"\times"},
    **{"÷": r"\div", "·": r"\cdot", "⋅": r"\cdot", "∗": r"\ast", "∘": r"\circ", "−": "-"},
    **{"∞": r"\infty", "∂": r"\partial", "∇": r"\nabla", "∑": r"\sum", "∏": r"\prod"},
    **{"∫": r"\int", "√": r"\surd", "∈": r"\in", "∉": r"\notin", "⊂": r"\subset", "∅": r"\emptyset"},
    **{"⊆": r"\subseteq", "∪": r"\cup", "∩": r"\cap", "∀": r"\forall", "∃": r"\exists"},
    **{"¬": r"\neg", "∧": r"\wedge", "∨": r"\vee", "→": r"\to", "←": r"\leftarrow"},
    **{"⇒": r"\Rightarrow", "⇔": r"\Leftrightarrow", "↦": r"\mapsto", "↔": r"\leftrightarrow"},
    **{"⟨": r"\langle", "⟩": r"\rangle", "‖": r"\|", "∣": "|", "⊥": r"\perp", "∥": r"\parallel"},
    **{"ℓ": r"\ell", "ℝ": r"\mathbb{R}", "ℕ": r"\mathbb{N}", "ℤ": r"\mathbb{Z}", "ℚ": r"\mathbb{Q}"},
    **{"𝔼": r"\mathbb{E}", "ℙ": r"\mathbb{P}", "⊗": r"\otimes", "⊕": r"\oplus", "′": "'"},
    **{"½": r"\tfrac12", "¼": r"\tfrac14", "¾": r"\tfrac34", "…": r"\ldots", "⋯": r"\cdots"},
    **{"ϵ": r"\epsilon", "ϕ": r"\phi", "ϑ": r"\vartheta", "ϱ": r"\rho"},
}
_TEXT = {"–": "--", "—": "---", "’": "'", "‘": "`", "“": "``", "”": "''", "…": r"\dots{}"}
_TEXT |= {"\u00a0": "~", "\u202f": "~", "\u2009": " ", "\u2011": "-", "\u00ad": ""}
#: What T1 fonts have beyond ASCII.
_LATIN = range(0x00C0, 0x0180)
_NOT_IN_T1 = frozenset("×÷ĀāĈĉĊċĒēĔĕĖėĜĝĠġĢģĤĥĦħĨĩĪīĬĭĮįĴĵĶķĸĻļĿŀŅņŉŌōŎŏŖŗŜŝŦŧŨũŪūŬŭŲųŴŵŶŷſ")
#: A typewriter word may be broken after these.
_BREAKS = re.compile(
    r"(\\_|\\textasciicircum\{\}|\\text(?:bar|less|greater)\{\}|-\{\}|[/,()=+\[\]:;.@])"
)
_WORDS_OF_FORMULAS = set("_^|<>*")


class Tex(str):
    """LaTeX that is printed as it stands; every other text is escaped first."""


def tex(text: object) -> Tex:
    r"""Text for LaTeX; what no font has is named by its number.

    Examples
    --------
    >>> print(tex("5% of ψ ≤ 1 is é"))
    5\% of \ensuremath{\psi} \ensuremath{\le} 1 is é
    >>> print(tex("snow \u2603, \x07bell"))
    snow [U+2603], bell
    """
    if isinstance(text, Tex):
        return text
    return Tex("".join(_character(character) for character in str(text)))


def _character(character: str) -> str:
    if character in "\n\t" or " " <= character <= "~":
        return _APART.get(character) or escape(character)
    if character in _TEXT:
        return _TEXT[character]
    known = _math_character(character)
    if known is not None:
        return rf"\ensuremath{{{known}}}"
    if ord(character) in _LATIN and character not in _NOT_IN_T1:
        return character
    if unicodedata.category(character) in ("Cc", "Cf", "Mn"):
        return ""
    plain = unicodedata.normalize("NFKD", character)
    if plain.isascii() and plain != character and plain.isprintable():
        return escape(plain)
    return f"[U+{ord(character):04X}]"


#: In the fonts used these would form others with their neighbours, or are others.
_APART: Mapping[str, str] = {
    **{"-": "-{}", "'": r"\textquotesingle{}", "`": r"\textasciigrave{}", "|": r"\textbar{}"},
    **{'"': r"\textquotedbl{}", "<": r"\textless{}", ">": r"\textgreater{}"},
}


def code(text: str) -> Tex:
    r"""Typewriter text that may be broken after signs.

    Examples
    --------
    >>> print(code("v_1"))
    \texttt{v\_\allowbreak{}1}
    """
    broken = _BREAKS.sub(r"\1\\allowbreak{}", tex(text))
    return Tex(rf"\texttt{{{broken}}}")


def prose(text: str) -> Tex:
    r"""Plain text, with words of formulas in it set in typewriter type.

    Examples
    --------
    >>> print(prose("as x^2 is 5%"))
    as \texttt{x\textasciicircum{}\allowbreak{}2} is 5\%
    """
    words = text.split(" ")
    return Tex(" ".join(code(w) if set(w) & _WORDS_OF_FORMULAS else tex(w) for w in words))


def math_of(text: str) -> str | None:
    r"""A formula with characters outside ASCII as commands; ``None`` if one is not known.

    Examples
    --------
    >>> math_of("ψ² ≤ x₁"), math_of("☃")
    ('\\psi^{2} \\le x_{1}', None)
    """
    parts: list[str] = []
    for character in text:
        if character.isascii():
            parts.append(character)
            continue
        found = _math_character(character) or _script(character)
        if found is None:
            return None
        parts.append(found)
        if re.search(r"\\[A-Za-z]+$", found):
            parts.append("\0")
    joined = "".join(parts)
    return re.sub(r"\0(?=[A-Za-z])", " ", joined).replace("\0", "")


def _math_character(character: str) -> str | None:
    if character in _SYMBOLS:
        return _SYMBOLS[character]
    match = re.fullmatch(
        r"GREEK (SMALL|CAPITAL) LETTER ([A-Z]+(?: SIGMA)?)", unicodedata.name(character, "")
    )
    if match is None:
        return None
    name = match[2].lower().replace("lamda", "lambda")
    if match[1] == "SMALL":
        return _SMALL.get(name, rf"\{name}")
    return rf"\{name.title()}" if name.title() in _CAPITALS else rf"\mathrm{{{name[0].upper()}}}"


def _script(character: str) -> str | None:
    """A superscript or subscript of the character that stands in it."""
    kind, _, plain = unicodedata.decomposition(character).partition(" ")
    sign = {"<super>": "^", "<sub>": "_"}.get(kind)
    return f"{sign}{{{chr(int(plain, 16))}}}" if sign and " " not in plain else None
