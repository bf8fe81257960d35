"""E5: the ratio of forward to KL gradients, in the mean mode and in the end game."""

from __future__ import annotations

from typing import Any

from proofs_check.claim import Context
from proofs_check.figures.style import finish
from proofs_check.figures.symbols import axis
from proofs_check.figures.values import gradient

_SIZES = [2.0 ** (-k / 2) for k in range(-2, 13)]


def draw(axes: Any, context: Context) -> None:
    """Ratios of the first entries at (s, s), (s, s/2) and (s, -s)."""
    for text, second in (("$(s, s)$", 1.0), ("$(s, s/2)$", 0.5), ("$(s, -s)$", -1.0)):
        ratios = []
        for s in _SIZES:
            forward, kl = (gradient(name, [[s], [second * s]])[0][0] for name in ("forward", "kl"))
            ratios.append(forward / kl)
        axes.semilogx(_SIZES, ratios, "o-", label=text)
    finish(
        axes,
        "Near the truth forward descent is gradient EM at twice the speed, at $(s, -s)$ four times",
        axis("scale", "size of the means"),
        axis("ratio of gradients"),
        legend=3,
    )
