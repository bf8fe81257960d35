"""Plant an error in one step of a derivation at a time."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from derive.steps.derivation import Derivation
from derive.two_components import reduction as reductions


def steps_that_notice(
    monkeypatch: pytest.MonkeyPatch, module: ModuleType, build: Callable[[], Derivation]
) -> tuple[int, int]:
    """Number of planted right sides and number of those that the derivation notices.

    The planted error multiplies by 1001/1000 and adds 1/1000: no structure is destroyed.
    """
    original = reductions.identity_step
    planted = noticed = 0
    while True:
        calls = 0

        def wrong(
            description: str, sides: Any, left: Any, right: Any, *, at: int = planted, **rest: Any
        ) -> Any:
            nonlocal calls
            calls += 1
            changed = (
                right if calls - 1 != at else lambda: right() * 1001 / 1000 + left() / 1000 + 1
            )
            return original(description, sides, left, changed, **rest)

        with monkeypatch.context() as patch:
            patch.setattr(module, "identity_step", wrong)
            outcome = build().verify()
        if calls <= planted:
            return planted, noticed
        noticed += int(not outcome and len(outcome.failed) == 1)
        planted += 1
