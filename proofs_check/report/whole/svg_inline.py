"""SVG text made fit to stand in a page: identifiers of its own, and nothing that acts or loads."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from markupsafe import Markup

_DROPPED = {"metadata", "style", "script", "foreignObject", "title", "desc", "a", "animate", "set"}
_REFERENCE = re.compile(r"url\(\s*#([^)\s]+)\s*\)")
_EMBEDDED = "data:image/png;base64,"


def inlined(svg: str, prefix: str, label: str) -> Markup:
    """Return an ``svg`` element whose identifiers begin with a prefix.

    Parameters
    ----------
    svg : str
        SVG text, as `proofs_check.figures.svg` draws it.
    prefix : str
        Letters, digits and hyphens; another one for each figure of a page.
    label : str
        What a screen reader says of it.

    Examples
    --------
    >>> text = '<svg xmlns="http://www.w3.org/2000/svg"><g id="a" onload="alert(1)"/></svg>'
    >>> print(inlined(text, "F1", "a curve"))
    <svg role="img" aria-label="a curve"><g id="F1-a" /></svg>
    """
    root = ElementTree.fromstring(svg)
    _prune(root)
    for element in root.iter():
        element.tag = _local(element.tag)
        element.attrib = _attributes(element, prefix)
    for name in ("width", "height"):
        root.attrib.pop(name, None)
    root.attrib |= {"role": "img", "aria-label": label}
    return Markup(ElementTree.tostring(root, encoding="unicode").strip())


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _prune(element: ElementTree.Element) -> None:
    for child in list(element):
        if not isinstance(child.tag, str) or _local(child.tag) in _DROPPED:
            element.remove(child)
        else:
            _prune(child)


def _attributes(element: ElementTree.Element, prefix: str) -> dict[str, str]:
    kept = {}
    for name, value in element.attrib.items():
        local = _local(name)
        if local == "href":
            if value.startswith("#"):
                kept["href"] = f"#{prefix}-{value[1:]}"
            elif value.startswith(_EMBEDDED):
                kept["href"] = value
        elif local == "id":
            kept["id"] = f"{prefix}-{value}"
        elif not local.lower().startswith("on"):
            kept[local] = _own_references(value, prefix)
    return kept


def _own_references(value: str, prefix: str) -> str:
    """References within the figure get its prefix; any other ``url()`` goes."""
    value = _REFERENCE.sub(rf"url(#{prefix}-\1)", value)
    return re.sub(rf"url\((?!#{re.escape(prefix)}-)[^)]*\)?", "none", value)
