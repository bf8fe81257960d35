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
    from numerics.errors import InputError, NodeLimitError
    from numerics.evaluation.enclosure import Enclosure
    from numerics.evaluation.evaluate import evaluate
    from numerics.evaluation.evaluator import Evaluator
    from numerics.evaluation.expectation import expectation
    from numerics.evaluation.result import Evaluation
    from numerics.gradient_flow.integrate import Flow, FlowPoint, flow
    from numerics.mixtures.problem import Problem, Teacher

_HOMES = {
    "InputError": "numerics.errors",
    "NodeLimitError": "numerics.errors",
    "Enclosure": "numerics.evaluation.enclosure",
    "Evaluation": "numerics.evaluation.result",
    "Evaluator": "numerics.evaluation.evaluator",
    "Flow": "numerics.gradient_flow.integrate",
    "FlowPoint": "numerics.gradient_flow.integrate",
    "expectation": "numerics.evaluation.expectation",
    "evaluate": "numerics.evaluation.evaluate",
    "flow": "numerics.gradient_flow.integrate",
    "Problem": "numerics.mixtures.problem",
    "Teacher": "numerics.mixtures.problem",
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
    "expectation",
    "flow",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
