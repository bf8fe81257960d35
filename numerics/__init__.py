"""Numbers for score matching of Gaussian mixtures: expectations with an error, at any precision.

The public names below load on first use, so that ``import numerics`` costs nothing.

Examples
--------
>>> import numerics
>>> result = numerics.evaluate("forward", [[0], ["2.5"]], quantity="loss")
>>> result.met
True
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numerics.enclosure import Enclosure
    from numerics.errors import InputError, NodeLimitError
    from numerics.evaluator import Evaluator
    from numerics.gradient_flow import Flow, FlowPoint, flow
    from numerics.population import evaluate
    from numerics.problem import Problem, Teacher
    from numerics.result import Evaluation

_HOMES = {
    "InputError": "numerics.errors",
    "NodeLimitError": "numerics.errors",
    "Enclosure": "numerics.enclosure",
    "Evaluation": "numerics.result",
    "Evaluator": "numerics.evaluator",
    "Flow": "numerics.gradient_flow",
    "FlowPoint": "numerics.gradient_flow",
    "evaluate": "numerics.population",
    "flow": "numerics.gradient_flow",
    "Problem": "numerics.problem",
    "Teacher": "numerics.problem",
}

__all__ = [
    "Enclosure",
    "Evaluation",
    "Evaluator",
    "Flow",
    "FlowPoint",
    "InputError",
    "NodeLimitError",
    "Problem",
    "Teacher",
    "evaluate",
    "flow",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
