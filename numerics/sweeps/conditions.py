"""Conditions on the points of a sweep: comparisons of parameters and exact numbers."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from numerics.errors import InputError
from numerics.numbers.exact import parse_number
from numerics.sweeps.parameters import PARAMETERS

_ALLOWED = (
    'a comparison of parameters and numbers, such as "spread < distance", "2*spread <= 1/3" or '
    "\"objective == 'kl' or components > 2\""
)
_LONGEST = 500
_COMPARE: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_COMBINE: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


@dataclass(frozen=True)
class Condition:
    """A condition that a point must satisfy.

    Attributes
    ----------
    text, where : str
        As written, and its place in the spec.

    Examples
    --------
    >>> condition = Condition("spread < 0.1*distance and objective != 'kl'", "conditions[0]")
    >>> condition.holds({"spread": Fraction(1), "distance": Fraction(11), "objective": "forward"})
    True
    """

    text: str
    where: str

    def __post_init__(self) -> None:
        self._tree  # noqa: B018 - refused here if it is none

    @cached_property
    def _tree(self) -> ast.expr:
        if not isinstance(self.text, str) or len(self.text) > _LONGEST:
            raise InputError(self.where, self.text, _ALLOWED)
        try:
            tree = ast.parse(self.text, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise InputError(self.where, self.text, _ALLOWED) from None
        self._check(tree)
        return tree

    def _check(self, tree: ast.expr) -> None:
        """Refuse what is no combination of comparisons."""
        if isinstance(tree, ast.BoolOp):
            for part in tree.values:
                self._check(part)
            return
        if not isinstance(tree, ast.Compare) or any(type(op) not in _COMPARE for op in tree.ops):
            raise InputError(self.where, self.text, _ALLOWED)
        for side in (tree.left, *tree.comparators):
            self._check_side(side)

    def _check_side(self, node: ast.expr) -> None:
        if isinstance(node, ast.BinOp) and type(node.op) in _COMBINE:
            self._check_side(node.left)
            self._check_side(node.right)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            self._check_side(node.operand)
        elif isinstance(node, ast.Name):
            if node.id not in PARAMETERS:
                allowed = "names of parameters: " + ", ".join(PARAMETERS)
                raise InputError(self.where, node.id, allowed)
        elif isinstance(node, ast.Constant) and not isinstance(node.value, str):
            parse_number(self._source(node), self.where)
        elif not isinstance(node, ast.Constant):
            raise InputError(self.where, self.text, _ALLOWED)

    def _source(self, node: ast.expr) -> str:
        return ast.get_source_segment(self.text, node) or ""

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Whether the condition holds.

        Raises
        ------
        InputError
            If it compares what cannot be compared, or names a parameter that the point has not.
        """
        try:
            return bool(self._value(self._tree, values))
        except (TypeError, ZeroDivisionError, KeyError) as error:
            shown = f"{self.text} ({error})"
            raise InputError(self.where, shown, "numbers of parameters that every point has") from (
                None
            )

    def _value(self, node: ast.expr, values: Mapping[str, Any]) -> Any:
        if isinstance(node, ast.BoolOp):
            found = (self._value(part, values) for part in node.values)
            return all(found) if isinstance(node.op, ast.And) else any(found)
        if isinstance(node, ast.Compare):
            sides = [self._value(side, values) for side in (node.left, *node.comparators)]
            pairs = zip(node.ops, sides, sides[1:], strict=False)
            return all(_COMPARE[type(op)](left, right) for op, left, right in pairs)
        if isinstance(node, ast.BinOp):
            left, right = self._value(node.left, values), self._value(node.right, values)
            return _COMBINE[type(node.op)](left, right)
        if isinstance(node, ast.UnaryOp):
            return -self._value(node.operand, values)
        if isinstance(node, ast.Name):
            value = values[node.id]
            return Fraction(value) if node.id == "step_size" and ":" not in value else value
        assert isinstance(node, ast.Constant)
        return node.value if isinstance(node.value, str) else parse_number(self._source(node))
