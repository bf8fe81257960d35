"""``proofs-check derive``: a derivation as text, LaTeX or Python."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from numerics.errors import InputError
from proofs_check import exit_codes
from proofs_check.cli import arguments as shared
from proofs_check.cli import ending

if TYPE_CHECKING:
    from derive.steps.derivation import Derivation

FORMATS = ("text", "latex", "python")


def add_parser(subparsers: shared.Subparsers) -> None:
    """Declare the arguments of ``derive``."""
    parser = shared.add_command(
        subparsers,
        "derive",
        "Print a derivation after re-verifying every step of it.",
        "proofs-check derive lemma-2.2 --format latex",
    )
    parser.add_argument("name", metavar="NAME", help="the derivation; an unknown name lists all")
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="text",
        help="python: a script with both sides of an identity as SymPy expressions "
        "(default: %(default)s)",
    )
    shared.add_max_seconds(parser)


def run(arguments: argparse.Namespace) -> int:
    """Verify and print; exit code 3 if a step does not hold."""
    from derive import catalogue

    if arguments.name not in catalogue.names():
        raise InputError("NAME", arguments.name, "one of " + ", ".join(catalogue.names()))
    derivation = catalogue.derivation(arguments.name)
    verification = derivation.verify()
    printers = {"text": derivation.text, "latex": derivation.to_latex}
    printer = printers.get(arguments.format, lambda: python_script(derivation))
    print(printer())
    if not verification:
        failed = "; ".join(verification.failed)
        ending.say(f"{arguments.name} does not verify: {failed}")
        return exit_codes.OPEN
    if arguments.format == "text":
        print(f"Verified: {len(verification.holds)} steps.")
    return 0


def python_script(derivation: Derivation) -> str:
    """Return a Python script that states the derivation and verifies it again."""
    header = [
        f'r"""{derivation.title}',
        "",
        derivation.statement,
        "",
        f"Scope: {derivation.scope}. Source: {derivation.source}.",
        '"""',
        "",
    ]
    body = _sides(derivation.name)
    footer = [
        "from derive.catalogue import derivation",
        "",
        f"for step in derivation({derivation.name!r}).steps:",
        '    print(step.verify(), step.left, "=", step.right)',
    ]
    return "\n".join([*header, *body, *footer])


def _sides(name: str) -> list[str]:
    """Both sides of an identity as SymPy expressions; nothing for other derivations."""
    from derive.algebra.display import to_sympy
    from derive.identities.by_name import identity_names, named

    if name not in identity_names():
        return []
    identity = named(name)
    sides = [to_sympy(identity.left), to_sympy(identity.right)]
    frame = {"teacher": "E_T", "student": "E_p"}[identity.base]
    meaning = "pointwise" if identity.mode == "pointwise" else f"in expectation {frame}"
    return [
        "from sympy import IndexedBase, KroneckerDelta, Rational, Sum, symbols",
        "",
        *_declarations(sides),
        "",
        f"# equal {meaning}",
        *(
            f"{side} = {_source(value)}"
            for side, value in zip(("left", "right"), sides, strict=True)
        ),
        "",
    ]


def _declarations(expressions: list[Any]) -> list[str]:
    """Assignments that define every name in the expressions."""
    from sympy import IndexedBase, Symbol

    bases = sorted({str(b) for e in expressions for b in e.atoms(IndexedBase)})
    names = sorted({str(s) for e in expressions for s in e.atoms(Symbol)} - set(bases))
    lines = [f"{base} = IndexedBase({base!r})" for base in bases]
    if names:
        lines.insert(0, f'{", ".join(names)} = symbols("{" ".join(names)}", integer=True)')
    return lines


def _source(expression: Any) -> str:
    """Python text of an expression, with exact rationals."""
    from sympy.printing.str import StrPrinter

    class ExactPrinter(StrPrinter):  # type: ignore[misc]
        def _print_Rational(self, value: Any) -> str:
            return f"Rational({value.p}, {value.q})"

    return str(ExactPrinter({"order": None}).doprint(expression))
