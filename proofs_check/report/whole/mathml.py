"""Formulas as MathML, in pieces between which a line may end."""

from __future__ import annotations

import html
from functools import lru_cache
from xml.etree import ElementTree

from markupsafe import Markup, escape

from proofs_check.formulas.formula import pieces, typeset
from proofs_check.formulas.mixed import rewritten
from proofs_check.formulas.plain_formula import plain_formula
from proofs_check.report.whole.model import Formula

_ELEMENT_NAMES = """
    math mrow mi mn mo mtext mspace mfrac msqrt mroot msub msup msubsup munder mover munderover
    mtable mtr mtd mstyle mpadded mphantom
"""
_ATTRIBUTE_NAMES = """
    stretchy fence form separator accent accentunder minsize maxsize lspace rspace movablelimits
    displaystyle scriptlevel mathvariant linethickness width columnalign rowspacing
"""
_ELEMENTS, _ATTRIBUTES = (frozenset(t.split()) for t in (_ELEMENT_NAMES, _ATTRIBUTE_NAMES))
#: Formulas up to so many characters of LaTeX stay in one piece.
_SHORT = 24
#: Bars and slashes stand close: they are fences and fractions here, not relations.
_TIGHT = frozenset("|‖∥/")
#: What closes a value, beside which a name needs a space; in bars one cannot tell.
_CLOSE = frozenset(")]}")
#: Elements that are values, so that a name beside them needs a space.
_VALUE_NAMES = "mi mn mrow msub msup msubsup mfrac msqrt mroot mover mtext"
_VALUES = frozenset(_VALUE_NAMES.split())
_THIN = {"width": "0.17em"}


def formula(shown: Formula) -> Markup:
    r"""Return a formula as MathML, or as text where its LaTeX is missing or not safe to typeset.

    Examples
    --------
    >>> print(formula(Formula("x <= 1", r"x \le 1")))
    <span class="formula"><math><mrow><mi>x</mi><mo>≤</mo><mn>1</mn></mrow></math></span>
    >>> print(formula(Formula("<b>", r"\href{javascript:1}{x}")))
    <code>&lt;b&gt;</code>
    """
    made = mathml(shown.latex) if shown.latex else ""
    if not made:
        return Markup("<code>") + escape(shown.text) + Markup("</code>")
    return Markup(f'<span class="formula">{made}</span>')


def mixed(text: str) -> Markup:
    r"""Return plain text with formulas between dollars as HTML.

    Examples
    --------
    >>> print(mixed(r"at <b> $x$"))
    at &lt;b&gt; <span class="formula"><math><mrow><mi>x</mi></mrow></math></span>
    """
    return Markup(rewritten(text, lambda prose: str(escape(prose)), inline))


def inline(latex: str) -> str:
    """A formula in a line of text, from its LaTeX alone."""
    return str(formula(Formula(plain_formula(latex), latex)))


def display(latex: str) -> str:
    """The MathML of a formula that stands by itself, in one piece; empty if it cannot be typeset.

    Examples
    --------
    >>> display("x")
    '<math display="block"><mrow><mi>x</mi></mrow></math>'
    """
    safe = typeset(latex)
    made = _element(safe, first=True) if safe else ""
    return made.replace("<math>", '<math display="block">', 1)


@lru_cache(maxsize=4096)
def mathml(latex: str) -> str:
    """The MathML of a formula; empty if it cannot be typeset."""
    safe = typeset(latex)
    if not safe:
        return ""
    long = len(safe) > _SHORT
    found = [_element(piece, first=number == 0) for number, piece in enumerate(pieces(safe))]
    if not long or "" in found:
        return _element(safe, first=True)
    return "<wbr>".join(found)


def _element(latex: str, *, first: bool) -> str:
    from latex2mathml.converter import convert_to_element

    try:
        root = convert_to_element(latex)
    except Exception:  # whatever it is that the library cannot read is shown as text
        return ""
    if not _clean(root):
        return ""
    _space_names(root)
    if not first:
        _continue(root)
    return ElementTree.tostring(root, encoding="unicode")


def _clean(root: ElementTree.Element) -> bool:
    """Keep known elements and attributes only; characters are themselves."""
    for element in root.iter():
        if element.tag not in _ELEMENTS:
            return False
        element.text = html.unescape(element.text or "")
        element.tail = ""
        if element.tag == "mo" and (element.text in _TIGHT or _is_name(element)):
            element.attrib |= {"lspace": "0", "rspace": "0"}
        for name in set(element.attrib) - _ATTRIBUTES:
            del element.attrib[name]
        while len(element) == 1 and element[0].tag == "mrow" and element.tag == "mrow":
            (inner,) = element
            if inner.attrib:
                break
            element[:] = list(inner)
    return True


def _space_names(root: ElementTree.Element) -> None:
    """Set names of functions apart from the values beside them: ``2 ln n``, not ``2lnn``."""
    for row in root.iter():
        if row.tag not in ("math", "mrow", "mstyle", "mtd"):
            continue
        spaced: list[ElementTree.Element] = []
        for element in row:
            before = spaced[-1] if spaced else None
            if before is not None and _meet(before, element):
                spaced.append(ElementTree.Element("mspace", _THIN))
            spaced.append(element)
        row[:] = spaced


def _meet(left: ElementTree.Element, right: ElementTree.Element) -> bool:
    """Whether a name and a value stand side by side, or two names."""
    if _is_name(left):
        return _is_value(right) or _is_name(right)
    if not _is_name(right):
        return False
    return _is_value(left) or (left.tag == "mo" and left.text in _CLOSE)


def _is_value(element: ElementTree.Element) -> bool:
    return element.tag in _VALUES and _core(element).tag != "mo"


def _is_name(element: ElementTree.Element) -> bool:
    core = _core(element)
    text = core.text or ""
    return core.tag in ("mi", "mo") and len(text) > 1 and text.isalpha()


def _core(element: ElementTree.Element) -> ElementTree.Element:
    """What bears the scripts."""
    while element.tag in ("msub", "msup", "msubsup", "munder", "mover", "munderover"):
        element = element[0]
    return element


def _continue(root: ElementTree.Element) -> None:
    """Space a sign at the start of a piece as one between two terms."""
    start = root
    while len(start) and start.tag in ("math", "mrow"):
        start = start[0]
    if start.tag == "mo":
        start.set("form", "infix")
