"""Claims as tests: ``pytest --proofs-check my_claims.py``, or the setting ``proofs_check_claims``.

Every check and control is a test item, ``my_claims.py::T1::name``. A check passes if it is
``PROVED`` or ``SUPPORTED``, a control if it is ``REFUTED``; all else fails, with the verdict, its
reasons and the witness as text. Nothing but pytest is imported before there is a claims file.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from proofs_check.claim import Check, Claim, Context, Control
    from proofs_check.run.parts import Outcome

_OPTION = "--proofs-check"
_INI = "proofs_check_claims"


class NotEstablishedError(Exception):
    """A check or control that does not come out as it should; says what came out."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare options and the ini setting."""
    group = parser.getgroup("proofs-check", "claims about Gaussian mixtures")
    group.addoption(
        _OPTION,
        action="store_true",
        help="collect the claims of Python files with CLAIMS (those named, and those in folders)",
    )
    group.addoption(
        "--proofs-check-budget",
        choices=("quick", "full"),
        default="quick",
        help="how much a check may spend (default: quick)",
    )
    parser.addini(_INI, "claims files, whose claims are collected", type="paths", default=[])


def pytest_configure(config: pytest.Config) -> None:
    """Collect the configured files too where the command line names nothing."""
    if config.args_source is pytest.Config.ArgsSource.TESTPATHS:
        config.args.extend(str(path) for path in config.getini(_INI))


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect claims files that pytest does not take for test modules."""
    if file_path.suffix != ".py" or _is_test_module(file_path, parent):
        return None
    if not _is_claims_file(file_path, parent):
        return None
    collector: pytest.Collector = ClaimsFile.from_parent(parent, path=file_path)
    return collector


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makemodule(
    module_path: Path, parent: pytest.Collector
) -> pytest.Collector | None:
    """Collect claims files that pytest takes for test modules, by their names or as given."""
    if not _is_claims_file(module_path, parent):
        return None
    collector: pytest.Collector = ClaimsFile.from_parent(parent, path=module_path)
    return collector


def _is_test_module(path: Path, parent: pytest.Collector) -> bool:
    """Whether pytest's own collection takes a file, and asks `pytest_pycollect_makemodule`."""
    return parent.session.isinitpath(path) or _has_test_name(path, parent)


def _has_test_name(path: Path, parent: pytest.Collector) -> bool:
    patterns = [*parent.config.getini("python_files"), "__init__.py"]
    return any(fnmatch(path.name, pattern) for pattern in patterns)


def _is_claims_file(path: Path, parent: pytest.Collector) -> bool:
    """Whether a file is configured, named with the option, or found with it and has claims."""
    if path in parent.config.getini(_INI):
        return True
    if not parent.config.getoption(_OPTION):
        return False
    named = parent.session.isinitpath(path) and not _has_test_name(path, parent)
    return named or _binds_claims(path)


def _binds_claims(path: Path) -> bool:
    """Whether a file assigns to ``CLAIMS``, without running it."""
    try:
        content = path.read_bytes()
        if b"CLAIMS" not in content:
            return False
        tree = ast.parse(content)
    except (OSError, SyntaxError, ValueError):
        return False
    targets: list[ast.expr] = []
    for statement in tree.body:
        if isinstance(statement, ast.Assign):
            targets += statement.targets
        elif isinstance(statement, ast.AnnAssign):
            targets.append(statement.target)
    return any(isinstance(target, ast.Name) and target.id == "CLAIMS" for target in targets)


class ClaimsFile(pytest.File):
    """A claims file: one node for each claim."""

    def collect(self) -> Iterator[pytest.Collector]:
        """Load the file; a fault in it is one line."""
        from numerics.errors import InputError
        from proofs_check.loading.find import claims_of
        from proofs_check.loading.load import load
        from proofs_check.loading.source import Source

        try:
            file = load(Source(self.nodeid, str(self.path)))
            found = claims_of(file)
        except InputError as error:
            raise self.CollectError(str(error)) from error
        for name in vars(file.module):
            if name.startswith("test"):
                self.warn(
                    pytest.PytestCollectionWarning(f"{name} is not run: {self.path} has claims")
                )
        for each in found:
            yield ClaimNode.from_parent(self, name=each.claim.identifier, claim=each.claim)


class ClaimNode(pytest.Collector):
    """A claim: one item for each check and control."""

    def __init__(self, *, claim: Claim, **options: Any) -> None:
        super().__init__(**options)
        self.claim = claim

    def collect(self) -> Iterator[pytest.Item]:
        """Checks, then controls."""
        for part in self.claim.parts:
            yield PartItem.from_parent(self, name=part.name, claim=self.claim, part=part)


class PartItem(pytest.Item):
    """A check or control of a claim."""

    def __init__(self, *, claim: Claim, part: Check | Control, **options: Any) -> None:
        super().__init__(**options)
        self.claim = claim
        self.part = part
        self.extra_keyword_matches.add("control" if part in claim.controls else "check")

    def runtest(self) -> None:
        """Run it in this process, under the claim's limit of CPU time."""
        from proofs_check.claim import run_part
        from proofs_check.report.formats import part_text
        from proofs_check.run.parts import limited

        outcome = run_part(self.claim, self.part, limited(self.claim, self._context()))
        text = part_text(self.part.name, outcome)
        self._record(outcome)
        if not _as_it_should_be(outcome):
            raise NotEstablishedError(f"{self.claim.identifier}  {self.claim.statement}\n{text}")

    def _context(self) -> Context:
        from proofs_check.claim import Context

        return Context(self.config.getoption("--proofs-check-budget"))

    def _record(self, outcome: Outcome) -> None:
        """Leave the verdict in reports such as JUnit's."""
        self.user_properties.append(("verdict", str(outcome.verdict)))
        self.user_properties.append(("method", outcome.method.value))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return the verdict and its witness; of an error in the claim, the traceback."""
        if isinstance(excinfo.value, NotEstablishedError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the item is from, and its heading."""
        return self.path, None, f"{self.claim.identifier}: {self.name}"


def _as_it_should_be(outcome: Outcome) -> bool:
    from proofs_check.verdict import ControlResult, Verdict

    if isinstance(outcome, ControlResult):
        return outcome.refuted
    return outcome.verdict in (Verdict.PROVED, Verdict.SUPPORTED)
