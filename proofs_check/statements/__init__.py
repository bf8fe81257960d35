"""Statements of claims: mixtures and relations between their quantities, public from here."""

from proofs_check.statements.mixture import Mixture
from proofs_check.statements.relation import Nested, Point, Relation, as_ball, dot, scaled

__all__ = ["Mixture", "Nested", "Point", "Relation", "as_ball", "dot", "scaled"]
