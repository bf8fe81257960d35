"""Claims in tests of one's own: an assertion that a claim holds."""

from __future__ import annotations

from proofs_check import runner
from proofs_check.claim import Claim, Context
from proofs_check.report.formats import human


def assert_claim(
    claim: Claim | str, context: Context | None = None, *, scheduler: str | None = None
) -> None:
    """Run a claim, and require that it holds and all its controls are refuted.

    Parameters
    ----------
    claim : Claim or str
        A claim, or its name: ``E6``, ``my_claims.py::T1``.
    context : Context or None
        Budget, digits, seed.
    scheduler : str or None
        Address of a Dask scheduler (docs/cluster.md); by default processes of this machine.

    Raises
    ------
    AssertionError
        If a check is neither ``PROVED`` nor ``SUPPORTED``, or a control is not ``REFUTED``; its
        text is the report.
    InputError
        If there is no such claim, or it is wrong in itself.

    Examples
    --------
    >>> assert_claim("E6")
    """
    outcome = runner.run(claim, context, scheduler=scheduler)
    if outcome.exit_code:
        raise AssertionError(human(outcome))
