"""X1: norms and log-log loss of the experiment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from proofs_check.claim import Context
from proofs_check.figures.style import BLACK, finish
from proofs_check.figures.symbols import axis

if TYPE_CHECKING:
    from numerics.studies.sources_experiment import Experiment

_STYLES = {4.0: "--", 6.0: "-"}


def draw(axes: Any, context: Context) -> None:
    """Norms and loss of both runs on the line."""
    from proofs_check.checks.experiment import line_run

    draw_runs(axes, {size: line_run(size) for size in _STYLES})


def draw_runs(axes: Any, runs: Mapping[float, Experiment]) -> None:
    """Norms on the left, loss on the right, for each initial distance."""
    from numerics.studies.sources_experiment import STEP_SIZE

    norms, loss = axes
    for size in runs:
        norms.plot([], [], _STYLES.get(size, "-"), color=BLACK, label=f"$M_0 = {size:g}$")
    named = max(runs)
    for size, run in runs.items():
        style = _STYLES.get(size, "-")
        rows = [row for row in run.rows if row.step]
        times = [STEP_SIZE * row.step for row in rows]
        for i in range(len(rows[0].norms)):
            label = f"$|v_{i + 1}|$" if size == named else "_"
            norms.semilogx(times, [row.norms[i] for row in rows], style, color=f"C{i}", label=label)
        loss.loglog(times, [row.loss for row in rows], style, color="C0", label=f"$M_0 = {size:g}$")
    late = [time for time in times if time >= 10.0]
    if late:
        height = 0.3 * late[0]
        loss.loglog(late, [height / time for time in late], ":", color=BLACK, label="slope $-1$")
    across = axis("time")
    finish(
        norms,
        "From $M_0 = 6$ one mean converges and four escape; from $M_0 = 4$ all converge",
        across,
        axis("norm"),
        legend=4,
    )
    finish(
        loss,
        r"From $M_0 = 6$ the loss falls like $1/\tau$, from $M_0 = 4$ faster",
        across,
        axis("forward"),
        legend=3,
    )
