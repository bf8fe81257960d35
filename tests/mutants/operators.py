"""Small changes of a module's source, each with a description that does not depend on line numbers.

Comparisons, connectives, arithmetic, constants, conditions, ``raise``, statements, filters and the
order of arguments. Annotations, docstrings, messages of errors and imports are left alone.
"""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
CALLS = {"any": "all", "all": "any", "max": "min", "min": "max", "floor": "ceil", "ceil": "floor"}


@dataclass(frozen=True)
class Change:
    """One change: where it is, in words and as the position of a node in the walk of the tree."""

    where: str
    what: str
    line: int
    node: int
    choice: int

    @property
    def kind(self) -> str:
        """Which of the operators."""
        return self.what.partition(":")[0]

    @property
    def name(self) -> str:
        """The same as long as the changed code is."""
        return f"{self.where}: {self.what}"


def _options(  # noqa: C901 - one case for each kind of node
    node: ast.AST,
) -> Iterator[tuple[str, int, ast.AST | None]]:
    """Kinds of changes of a node: kind, choice, and what stands in its place (None: nothing)."""
    match node:
        case ast.Compare():
            for place, op in enumerate(node.ops):
                if isinstance(op, ast.In | ast.NotIn) and isinstance(
                    node.comparators[place], ast.Tuple
                ):
                    for at in range(len(node.comparators[place].elts)):
                        new = copy.deepcopy(node)
                        del new.comparators[place].elts[at]
                        yield "member", at, new
                for other in COMPARISONS[type(op)]:
                    new = copy.deepcopy(node)
                    new.ops[place] = other()
                    yield "comparison", place, new
        case ast.BoolOp():
            new = copy.deepcopy(node)
            new.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            yield "connective", 0, new
            for place in range(len(node.values)):
                rest = [v for at, v in enumerate(node.values) if at != place]
                less = copy.deepcopy(node)
                less.values = copy.deepcopy(rest)
                yield "operand", place, less if len(rest) > 1 else copy.deepcopy(rest[0])
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield "unary", 0, copy.deepcopy(node.operand)
        case ast.BinOp():
            other = ARITHMETIC.get(type(node.op))
            if other is not None:
                new = copy.deepcopy(node)
                new.op = other()
                yield "arithmetic", 0, new
        case ast.Constant(value=bool()):
            yield "constant", 0, ast.Constant(not node.value)
        case ast.Constant(value=int()):
            for step in (1, -1):
                yield "constant", step, ast.Constant(node.value + step)
        case ast.IfExp():
            yield "branch", 0, copy.deepcopy(node.body)
            yield "branch", 1, copy.deepcopy(node.orelse)
        case ast.Call():
            if isinstance(node.func, ast.Name) and node.func.id in CALLS:
                new = copy.deepcopy(node)
                new.func = ast.Name(CALLS[node.func.id], ast.Load())
                yield "function", 0, new
            for place in range(len(node.args) - 1):
                new = copy.deepcopy(node)
                new.args[place], new.args[place + 1] = new.args[place + 1], new.args[place]
                yield "order", place, new
        case ast.comprehension():
            for place in range(len(node.ifs)):
                new = copy.deepcopy(node)
                del new.ifs[place]
                yield "filter", place, new
        case ast.If():
            for value in (True, False):
                new = copy.deepcopy(node)
                new.test = ast.Constant(value)
                yield "condition", int(value), new
        case ast.Raise() | ast.Assign() | ast.AugAssign() | ast.Expr() | ast.Continue():
            yield "statement", 0, ast.Pass()


def _left_alone(node: ast.AST) -> list[ast.AST]:
    """Parts whose changes say nothing: annotations, docstrings, messages, declarations."""
    match node:
        case ast.FunctionDef():
            return [node.returns] if node.returns else []
        case ast.arg():
            return [node.annotation] if node.annotation else []
        case ast.AnnAssign():
            return [node.annotation]
        case ast.Raise():
            return [node.exc] if node.exc else []
        case ast.Expr(value=ast.Constant()) | ast.Import() | ast.ImportFrom():
            return [node]
        case ast.JoinedStr():
            return [v for v in node.values if isinstance(v, ast.Constant)]
        case ast.Assign() if any(
            isinstance(t, ast.Name) and t.id in ("__slots__", "__all__") for t in node.targets
        ):
            return [node]
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return [node]
    return []


def _first_assignments(tree: ast.AST) -> set[ast.AST]:
    """Assignments without which a name would not exist: that is always noticed."""
    found: set[ast.AST] = set()
    for scope in ast.walk(tree):
        if not isinstance(scope, ast.Module | ast.ClassDef | ast.FunctionDef):
            continue
        known = {a.arg for a in scope.args.args} if isinstance(scope, ast.FunctionDef) else set()
        for node in ast.walk(scope):
            if isinstance(node, ast.Assign):
                names = {n.id for t in node.targets for n in ast.walk(t) if isinstance(n, ast.Name)}
                if not names & known:
                    found.add(node)
                known |= names
    return found


def changes(source: str) -> list[Change]:
    """All changes of a module."""
    tree = ast.parse(source)
    number = {id(node): place for place, node in enumerate(ast.walk(tree))}
    first = _first_assignments(tree)
    found: list[Change] = []

    said: Counter[str] = Counter()

    def visit(node: ast.AST, where: str, statement: str) -> None:
        skipped = {id(part) for part in _left_alone(node)}
        if id(node) in skipped:
            return
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            where = f"{where}.{node.name}".lstrip(".")
        if isinstance(node, ast.stmt):
            statement = ast.unparse(node).splitlines()[0]
        for at, (kind, choice, new) in enumerate(_options(node)):
            if node in first:
                continue
            old = ast.unparse(node).splitlines()[0]
            text = f"{kind}: {old} -> {ast.unparse(new) if new is not None else ''}"
            if isinstance(node, ast.If):
                text = f"{kind}: {old} -> {bool(choice)}"
            elif not isinstance(node, ast.stmt):
                text += f" in `{statement}`"
            said[f"{where}: {text}"] += 1
            if said[f"{where}: {text}"] > 1:
                text += f" ({said[f'{where}: {text}']})"
            found.append(Change(where, text, getattr(node, "lineno", 0), number[id(node)], at))
        for child in ast.iter_child_nodes(node):
            if id(child) not in skipped:
                visit(child, where, statement)

    visit(tree, "", "")
    return found


def changed(source: str, change: Change) -> ast.Module:
    """The tree after one change."""
    tree = ast.parse(source)
    nodes = list(ast.walk(tree))
    target = nodes[change.node]
    new = list(_options(target))[change.choice][2]
    assert new is not None
    for parent in nodes:
        for name, value in ast.iter_fields(parent):
            if value is target:
                setattr(parent, name, new)
            elif isinstance(value, list) and any(v is target for v in value):
                value[next(at for at, v in enumerate(value) if v is target)] = new
    ast.copy_location(new, target)
    return ast.fix_missing_locations(tree)
