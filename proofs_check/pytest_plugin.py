"""Claims as tests: ``pytest --proofs-check my_claims.py``, or the setting ``proofs_check_claims``.

Every check and control is a test item, ``my_claims.py::T1::name``. A check passes if it is
``PROVED`` or ``SUPPORTED``, a control if it is ``REFUTED``; all else fails, with the verdict, its
reasons and the witness as text. Nothing but pytest is imported before there is a claims file.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from proofs_check.claim import Check, Context, Control
    from proofs_check.loading.find import Found
    from proofs_check.run.parts import Finished, Outcome

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
    group.addoption(
        "--proofs-check-scheduler",
        metavar="local|ADDRESS",
        help="run the claims on the workers of a Dask scheduler, and report as they finish",
    )
    parser.addini(_INI, "claims files, whose claims are collected", type="paths", default=[])


def pytest_configure(config: pytest.Config) -> None:
    """Collect the configured files too where the command line names nothing."""
    if config.args_source is pytest.Config.ArgsSource.TESTPATHS:
        config.args.extend(str(path) for path in config.getini(_INI))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Send what was selected to the scheduler, if there is one."""
    scheduler = session.config.getoption("--proofs-check-scheduler")
    items = [item for item in session.items if isinstance(item, PartItem)]
    if scheduler is None or not items or session.config.option.collectonly:
        return
    from numerics.errors import InputError

    if getattr(session.config.option, "numprocesses", None) or hasattr(
        session.config, "workerinput"
    ):
        raise pytest.UsageError("--proofs-check-scheduler has processes of its own: without -n")
    try:
        session.config.stash[_ELSEWHERE] = Elsewhere(scheduler, items)
    except InputError as error:
        raise pytest.UsageError(str(error)) from error


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave the scheduler."""
    if (elsewhere := config.stash.get(_ELSEWHERE, None)) is not None:
        elsewhere.close()


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
            yield ClaimNode.from_parent(self, name=each.claim.identifier, found=each)


class ClaimNode(pytest.Collector):
    """A claim: one item for each check and control."""

    def __init__(self, *, found: Found, **options: Any) -> None:
        super().__init__(**options)
        self.found = found

    def collect(self) -> Iterator[pytest.Item]:
        """Checks, then controls."""
        for part in self.found.claim.parts:
            yield PartItem.from_parent(self, name=part.name, found=self.found, part=part)


class PartItem(pytest.Item):
    """A check or control of a claim."""

    def __init__(self, *, found: Found, part: Check | Control, **options: Any) -> None:
        super().__init__(**options)
        self.found = found
        self.claim = found.claim
        self.part = part
        self.extra_keyword_matches.add("control" if part in self.claim.controls else "check")

    def runtest(self) -> None:
        """Run it in this process, under the claim's limit of CPU time, or have it run elsewhere."""
        from proofs_check.report.formats import part_text

        outcome = self._outcome()
        text = part_text(self.part.name, outcome)
        self._record(outcome)
        if not _as_it_should_be(outcome):
            from proofs_check.formulas.mixed import plain

            raise NotEstablishedError(
                f"{self.claim.identifier}  {plain(self.claim.statement)}\n{text}"
            )

    def _outcome(self) -> Outcome:
        from proofs_check.claim import run_part
        from proofs_check.run.parts import limited

        elsewhere = self.config.stash.get(_ELSEWHERE, None)
        if elsewhere is not None and self.claim.identifier in elsewhere.parcels:
            return elsewhere.outcome(self)
        return run_part(self.claim, self.part, limited(self.claim, _context(self.config)))

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


class Elsewhere:
    """The checks and controls of a session on a scheduler's workers."""

    def __init__(self, scheduler: str, items: Sequence[PartItem]) -> None:
        from numerics.execution import executor
        from proofs_check.run.identity import identity
        from proofs_check.run.plan import plan
        from proofs_check.run.sending import packed
        from proofs_check.run.sent import Sent

        context = _context(items[0].config)
        found = {item.claim.identifier: item.found for item in items}
        self.parcels, _ = packed(tuple(found.values()))
        wanted = {(item.claim.identifier, item.part.name) for item in items}
        claims = [each.claim for each in found.values()]
        rest = {
            claim.identifier: [
                part.name for part in claim.parts if (claim.identifier, part.name) not in wanted
            ]
            for claim in claims
        }
        self._pool = executor(scheduler, identity=identity)
        planned = plan(claims, context.budget, max(1, self._pool.slots), rest)
        self._outcomes = Sent(planned.tasks, self.parcels, context).run(self._pool)
        self._found: dict[tuple[str, str], Finished | str] = {}

    def outcome(self, item: PartItem) -> Outcome:
        """Wait for an item's outcome."""
        from proofs_check.run.parts import unfinished

        place = item.claim.identifier, item.part.name
        while place not in self._found:
            claim, name, found, _ = next(self._outcomes)
            self._found[claim.identifier, name] = found
        found = self._found[place]
        return unfinished(item.part, found) if isinstance(found, str) else found.outcome

    def close(self) -> None:
        """End what runs."""
        self._pool.close()


_ELSEWHERE = pytest.StashKey[Elsewhere]()


def _context(config: pytest.Config) -> Context:
    from proofs_check.claim import Context

    return Context(config.getoption("--proofs-check-budget"))


def _as_it_should_be(outcome: Outcome) -> bool:
    from proofs_check.verdict import ControlResult, Verdict

    if isinstance(outcome, ControlResult):
        return outcome.refuted
    return outcome.verdict in (Verdict.PROVED, Verdict.SUPPORTED)
