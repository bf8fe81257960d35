"""Characters that no one sees, shown: what turns the direction of text, or drives a terminal."""

from __future__ import annotations

import re

#: Control characters but newline and tab, marks and turns of direction, breaks of lines.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]"
)


def visible(text: str) -> str:
    r"""Return a text with unseen characters as escapes, which JSON reads as what they were.

    Examples
    --------
    >>> print(visible("gain \u202eniag\x1b[2J"))
    gain \u202eniag\u001b[2J
    """
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
