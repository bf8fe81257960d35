"""What the processes of another machine must have in common with this one."""

from __future__ import annotations

from proofs_check.run.resume import sources_digest
from proofs_check.store.versions import versions


def identity() -> dict[str, str]:
    """Versions, and the digest of the sources, on which results depend.

    Examples
    --------
    >>> sorted(identity())[-2:]
    ['sources', 'sympy']
    """
    return {**versions(), "sources": sources_digest()[:16]}
