r"""Unicode text for LaTeX: letters with their accents, signs as commands."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from numerics.visible import visible

_SMALL = {"omicron": "o", "final sigma": r"\varsigma"}
#: Greek capitals that do not look like Latin ones.
_CAPITALS = frozenset(
    ("Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega")
)
_SYMBOLS_TABLE = r"""
    ≤ \le ≥ \ge ≠ \ne ≈ \approx ∼ \sim ≡ \equiv ≪ \ll ≫ \gg ∝ \propto ± \pm ∓ \mp × \times ÷ \div
    · \cdot ⋅ \cdot ∗ \ast ∘ \circ − - ∞ \infty ∂ \partial ∇ \nabla ∑ \sum ∏ \prod ∫ \int √ \surd
    ∈ \in ∉ \notin ⊂ \subset ⊆ \subseteq ∅ \emptyset ∪ \cup ∩ \cap ∀ \forall ∃ \exists ¬ \neg
    ∧ \wedge ∨ \vee → \to ← \leftarrow ⇒ \Rightarrow ⇔ \Leftrightarrow ↦ \mapsto ↔ \leftrightarrow
    ⟨ \langle ⟩ \rangle ‖ \| ∣ | ⊥ \perp ∥ \parallel ℓ \ell ⊗ \otimes ⊕ \oplus ′ ' … \ldots ⋯ \cdots
    ℝ \mathbb{R} ℕ \mathbb{N} ℤ \mathbb{Z} ℚ \mathbb{Q} 𝔼 \mathbb{E} ℙ \mathbb{P}
    ½ \tfrac{1}{2} ¼ \tfrac{1}{4} ¾ \tfrac{3}{4} ϵ \epsilon ϕ \phi ϑ \vartheta ϱ \rho
"""


def _table(text: str) -> Mapping[str, str]:
    """Pairs of a character and what stands for it."""
    words = text.split()
    return dict(zip(words[::2], words[1::2], strict=True))


_SYMBOLS = _table(_SYMBOLS_TABLE)
_TEXT = {"–": "--", "—": "---", "’": "'", "‘": "`", "“": "``", "”": "''", "…": r"\dots{}"}
_TEXT |= {"\u00a0": "~", "\u202f": "~", "\u2009": " ", "\u2011": "-", "\u00ad": ""}
#: Accents that every font of LaTeX has, and letters that are no accented ones.
_ACCENTS: Mapping[str, str] = {
    "\u0300": "`",
    "\u0301": "'",
    "\u0302": "^",
    "\u0303": "~",
    "\u0304": "=",
    "\u0306": "u",
    "\u0307": ".",
    "\u0308": '"',
    "\u030a": "r",
    "\u030b": "H",
    "\u030c": "v",
    "\u0327": "c",
}
_LETTERS_TABLE = r"""
    ß \ss{} æ \ae{} Æ \AE{} œ \oe{} Œ \OE{} ø \o{} Ø \O{} ł \l{} Ł \L{} ı \i{} § \S{}
    ° \textdegree{}
"""
_LETTERS = _table(_LETTERS_TABLE)
#: A typewriter word may be broken after these, and after so many other characters in a row.
_BREAKS = frozenset("_^|<>-/,)=+]:;@")
_RUN = 16
#: Longer words are numbers with many digits, which have to be broken.
_LONGEST_WORD = 30
_WORDS_OF_FORMULAS = set("_^|<>*")


class Tex(str):
    """LaTeX that is printed as it stands; every other text is escaped first."""


def tex(text: object) -> Tex:
    r"""Text for LaTeX; what no font has is named by its number.

    Examples
    --------
    >>> print(tex("5% of ψ ≤ 1 is é"))
    5\% of \ensuremath{\psi} \ensuremath{\le} 1 is \'{e}
    >>> print(tex("snow \u2603, \x07bell"))
    snow [U+2603], \textbackslash{}u0007bell
    """
    if isinstance(text, Tex):
        return text
    return Tex("".join(_character(character) for character in str(text)))


def _character(character: str) -> str:
    from derive.steps.derivation import escape  # loads SymPy, which plain text does without

    if character in "\n\t" or " " <= character <= "~":
        return _APART.get(character) or escape(character)
    if visible(character) != character:
        return escape(visible(character))
    if character in _TEXT:
        return _TEXT[character]
    known = _math_character(character)
    if known is not None:
        return rf"\ensuremath{{{known}}}"
    if character in _LETTERS:
        return _LETTERS[character]
    if unicodedata.category(character) in ("Cc", "Cf", "Mn"):
        return ""
    parts = list(unicodedata.normalize("NFD", character))
    if len(parts) == 2 and parts[0].isascii() and parts[1] in _ACCENTS:
        return rf"\{_ACCENTS[parts[1]]}{{{parts[0]}}}"
    plain = unicodedata.normalize("NFKD", character)
    if plain.isascii() and plain.isprintable():
        return "".join(map(_character, plain))
    return f"[U+{ord(character):04X}]"


#: In the fonts used these would form others with their neighbours, or are others.
_APART: Mapping[str, str] = {
    "-": "-{}",
    "'": "'{}",
    "`": "`{}",
    "|": r"\textbar{}",
    '"': r"{\ttfamily\char34}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
}


def code(text: str) -> Tex:
    r"""Typewriter text that may be broken after signs.

    Examples
    --------
    >>> print(code("v_1"))
    \texttt{v{\char95}\allowbreak{}1}
    """
    parts, run = [], 0
    for character in text:
        parts.append(_typewriter(character))
        run = 0 if character in _BREAKS or character.isspace() else run + 1
        if run in (0, _RUN):
            parts.append(r"\allowbreak{}" if not character.isspace() else "")
            run = 0
    return Tex(rf"\texttt{{{''.join(parts)}}}")


def _typewriter(character: str) -> str:
    """A character of a typewriter font, which has all of ASCII in its place."""
    if character in "\\{}_^~\"'`#$%&-":
        return rf"{{\char{ord(character)}}}"
    return character if "!" <= character <= "~" else _character(character)


def prose(text: str) -> Tex:
    r"""Plain text, with words of formulas in it set in typewriter type.

    Examples
    --------
    >>> print(prose("as x^2 is 5%"))
    as \texttt{x{\char94}\allowbreak{}2} is 5\%
    """
    return Tex(" ".join(map(_word, text.split(" "))))


def _word(word: str) -> str:
    if not set(word) & _WORDS_OF_FORMULAS and len(word) <= _LONGEST_WORD:
        return tex(word)
    bare = word.rstrip(",.;:")
    return code(bare) + tex(word[len(bare) :])


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
