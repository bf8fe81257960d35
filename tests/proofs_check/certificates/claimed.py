"""Certificates as anybody might write them: a theorem claimed at the start of a run on a line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from proofs_check.certificates.file_format import FORMAT


def claimed(
    theorem: str, means: Sequence[Fraction], step_size: Fraction, fates: Sequence[str], **more: Any
) -> str:
    """The text of a certificate that claims fates at step 0."""
    n = len(means)
    return json.dumps(
        {
            "format": FORMAT,
            "version": 1,
            "objective": "forward",
            "means": [[str(v)] for v in means],
            "weights": [f"1/{n}"] * n,
            "teacher_mean": ["0"],
            "time": "0",
            "step_size": [{"from_step": 0, "in_mu": str(step_size)}],
            "step": 0,
            "theorem": theorem,
            "fates": list(fates),
            "checkpoints": [
                {
                    "step": 0,
                    "centred_means": {
                        "mid": [[f"{float(v):.6f}"] for v in means],
                        "rad": [["1e-6"]] * n,
                    },
                }
            ],
            "escape_region": None,
            **more,
        }
    )


def first_kept(theorem: str, means: Sequence[Fraction], step_size: Fraction) -> str:
    """A certificate that says: the first component converges, the others escape."""
    return claimed(theorem, means, step_size, ["converged", *["escaped"] * (len(means) - 1)])
