"""The command line: ``proofs-check COMMAND``; one module per command.

A command module has two functions: ``add_parser(subparsers)`` declares its arguments and
``run(arguments)`` returns the exit code; ``FOLDERS`` names options for folders that it writes into,
``ENDS_IN_TIME`` says that it keeps ``--max-seconds`` itself (else it is interrupted then). Only the
module of the command given is loaded.

Exit codes: `proofs_check.exit_codes`.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module

from numerics.errors import InputError, why
from proofs_check.cli import completion, ending, outputs
from proofs_check.cli.arguments import Parser, command_parser
from proofs_check.loading.source import ClaimsFileError

#: Commands and what they do; each is the module of that name in this package.
COMMANDS = {
    "list": "list the claims, of this package or of a claims file",
    "explain": "print a claim's page and proofs in the terminal",
    "verify": "check claims and their controls, and print verdicts",
    "new-claim": "write a claims file to start from",
    "pages": "write the claims' pages and figures from a run",
    "report": "write a whole run as one HTML file or a LaTeX appendix",
    "figures": "draw figures as SVG or PDF, and the page that shows them",
    "derive": "print a derivation",
    "prove": "replay a proof step by step",
    "eval": "evaluate a loss, gradient or Hessian at any precision",
    "stationary": "find the stationary points on a slice, with proof",
    "compare": "compare forward, reverse and KL descent from the same starts",
    "descend": "run gradient descent on the population loss",
    "precision": "measure the precision that descent needs, or advise on it",
    "threshold": "find the critical spread of a far cluster, between two proved fates",
    "sweep": "run a declared grid or sample of descents; ask and plot its results",
    "reproduce": "repeat a source's experiment: figure and data",
    "check-certificate": "check a certificate that descend --certify wrote",
    "doctor": "print what is installed, and test that it works",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code.

    Examples
    --------
    >>> main(["eval", "--objective", "forward", "--means", "[[0], [2.5]]", "--digits", "6"])
    forward loss (6 digits, float64, rank 1)
    0.47925762 +/- ...
    0
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    ending.escape_what_cannot_be_printed()
    try:
        if completion.ASKED in os.environ:
            completion.complete(COMMANDS, _module)
        with ending.signals():
            return ending.exit_code(_run(arguments))
    except InputError as error:
        print(f"proofs-check: error: {as_option(error)}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # the reader of our output has gone (as in `| head`): nothing is left to say
        _drop_output()
        return 0
    except OSError as error:  # a full disk under standard output; files have their own errors
        _drop_output()
        name = error.filename or "standard output"
        print(f"proofs-check: error: {name}: {why(error)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return _interrupted()
    except Exception as error:
        # compiled code may turn an interruption within it into an error of its own
        return _interrupted() if ending.asked() else ending.last_net(error)


def _interrupted() -> int:
    print(f"proofs-check: {ending.interruption()}", file=sys.stderr)
    return ending.exit_code()


def _drop_output() -> None:
    """Send what is still buffered for standard output nowhere, so that exit does not fail on it."""
    with suppress(OSError):  # a stream of a notebook, say, has no descriptor
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def as_option(error: InputError) -> str:
    """Return the text of an error with the argument as the command line spells it.

    Examples
    --------
    >>> as_option(InputError("teacher[0]", "x", "a number"))
    '--teacher-mean[0]: got x; allowed: a number'
    >>> as_option(InputError("teacher.weights[0]", "x", "a number"))
    '--teacher.weights[0]: got x; allowed: a number'
    """
    name, place = re.fullmatch(r"(\w*)(.*)", error.argument, re.DOTALL).groups()  # type: ignore[union-attr]
    # already an option, a positional argument such as ID, or a place in a file or claim
    if not name.islower() or isinstance(error, ClaimsFileError) or re.search(r"[:\s]", place):
        return str(error)
    option = name.replace("_", "-")
    if option == "teacher" and not place.startswith("."):  # a mixture's parts follow a dot
        option = "teacher-mean"
    return str(error).replace(error.argument, f"--{option}{place}", 1)


def _run(arguments: list[str]) -> int:
    command = next((word for word in arguments if not word.startswith("-")), None)
    parser = Parser(COMMANDS)
    if command not in COMMANDS:
        if command is None:
            parser.parse_args(arguments)  # prints help or version, or reports an unknown option
        raise InputError("COMMAND", command or "none", "one of " + ", ".join(COMMANDS))
    for word in arguments:
        if re.fullmatch(r"--[a-z-]+=--", word):  # argparse takes the value for its own mark
            raise InputError(word[:-3], "--", "a value")
    module = import_module(f"proofs_check.cli.{_module(command)}")
    module.add_parser(command_parser(parser))
    parsed = parser.parse_args(arguments)
    seconds = getattr(parsed, "max_seconds", None)
    if seconds is not None and not getattr(module, "ENDS_IN_TIME", False):
        ending.limit(seconds)
    with outputs.held(parsed, getattr(module, "FOLDERS", ())), ending.quiet(parsed.quiet):
        code: int = module.run(parsed)
    sys.stdout.flush()
    if parsed.verbose:
        print(f"proofs-check: {ending.cost()}, exit code {code}", file=sys.stderr)
    return code


def _module(command: str) -> str:
    return {"list": "list_claims", "eval": "evaluate"}.get(command, command.replace("-", "_"))
