"""Hypothesis strategies for mixtures, for the checks of this package and for your own tests.

Examples
--------
>>> from hypothesis import given, settings
>>> @settings(max_examples=20, database=None)
... @given(mixtures(components=(2, 3), dimensions=(1, 2)))
... def weights_sum_to_one(mixture):
...     assert sum(mixture.weights) == 1
>>> weights_sum_to_one()
"""

from proofs_check.sampling.cases import Cases
from proofs_check.sampling.drawing import (
    directions,
    fractions,
    log_uniform,
    means,
    mixtures,
    teachers,
    uniform_weights,
    weights,
)

__all__ = [
    "Cases",
    "directions",
    "fractions",
    "log_uniform",
    "means",
    "mixtures",
    "teachers",
    "uniform_weights",
    "weights",
]
