"""A cache of evaluations: what is asked for twice at one mixture is computed once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

from proofs_check.statements.mixture import Mixture


@dataclass
class Memory:
    """Values by mixture and question, shared by a point and those that it reaches ``elsewhere``.

    All of them must ask with the same settings (digits, backend).

    Examples
    --------
    >>> memory, at = Memory(), Mixture.of([["1"]])
    >>> [memory.recall(at, "loss", lambda: print("computed") or [1]) for _ in range(2)]
    computed
    [[1], [1]]
    """

    values: dict[tuple[Mixture, Hashable], Any] = field(default_factory=dict)

    def recall(self, mixture: Mixture, question: Hashable, compute: Callable[[], Any]) -> Any:
        """Return the value, computed if it is asked for the first time.

        Nested lists are copied: what one side of a relation does to its own is not seen by others.
        """
        key = (mixture, question)
        if key not in self.values:
            self.values[key] = compute()
        return _copied(self.values[key])


def _copied(value: Any) -> Any:
    return [_copied(entry) for entry in value] if isinstance(value, list) else value
