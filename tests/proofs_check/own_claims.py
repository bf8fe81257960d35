"""A claims file as a user would write it, for tests: two claims that are decided in a moment."""

from __future__ import annotations

from pathlib import Path

TEXT = """\
from proofs_check.checks import BallCheck
from proofs_check.claim import Claim, Control
from proofs_check.statements import Mixture, Relation, dot

AT = (Mixture.of([["0"], ["2"]]),)


def square(at):
    return sum(w * dot(v, v) for w, v in zip(at.weights, at.means))


def relation(sign):
    return Relation(f"2 K {sign} sum_j w_j |v_j|^2", lambda at: 2 * at.loss("kl"), sign, square)


def claim(name, sign="<", turned=">"):
    check = BallCheck("points", relation(sign), AT)
    control = Control("turned", "the sign turned", BallCheck("turned points", relation(turned), AT))
    return Claim(name, "small", "2 K < sum", "2 K", "mine", (), (check,), (control,))


CLAIMS = (claim("Own1"), claim("Own2"))
"""
#: A claim that is refuted, and one whose control stands.
FAILING = TEXT.replace(
    'CLAIMS = (claim("Own1"), claim("Own2"))',
    'CLAIMS = (claim("False", ">", ">="), claim("Stands", "<", "<="))',
)


def write(folder: Path, text: str = TEXT, name: str = "my_claims.py") -> str:
    """Write a claims file; returns its path."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)
