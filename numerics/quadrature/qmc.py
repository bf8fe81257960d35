r"""Randomized quasi-Monte Carlo for more than three integration dimensions (float64 only).

The integrand of a mixture with far components is tiny where the base density has its mass; what
counts is where responsibilities cross. So every Gaussian ``N(c, I)`` of the base is sampled through
a mixture of proposals (`numerics.quadrature.proposals`): itself and one Gaussian at each far
crossing, with the weights of the balance heuristic, from consecutive blocks of one scrambled Sobol
sequence. The part of the integrand at ``psi = e_k``, ``k`` the dominant component at ``c``, is
known exactly and subtracted.

*The error* of an entry is the sum of four parts.

- The scatter of `RANDOMIZATIONS` independent scramblings (Student's t). Each of at most `LOOKS`
  looks at the result (more points are drawn until the tolerance is met) has its share of
  `CONFIDENCE`.
- What no point has met: an event of probability ``p`` is missed by ``N`` draws with probability at
  most ``exp(-p N)``. Where weights times integrand are at most ``W = max L_m C_m/alpha_m``, that is
  ``W ln(1000)/N``. A crossing that the base itself covers (``C_m >= NEAR``) is met by more than one
  draw in a hundred, and does not count here.
- Items so small that they get no proposal: the sum of their bounds ``L_m C_m``.
- Rounding.

It is a statistical estimate, never a proof.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from derive.algebra.program import Program
from numerics.kernels.arrays import Array, ArrayKernel
from numerics.quadrature.float_grid import Scene, weighted_sums
from numerics.quadrature.proposals import Outlook, outlooks

#: Independent randomizations, from whose scatter the error bar is computed.
RANDOMIZATIONS = 16
#: Two-sided confidence of the error bar.
CONFIDENCE = 0.999
#: In place of an item: the Gaussian of the base itself.
BASE = -1
#: Most looks at the result, among which the confidence is divided.
LOOKS = 3
_PILOT = 10  # log2 of the points of one randomization in the first attempt
_GROWTH = 3  # log2 of the factor from one attempt to the next
_EDGE = 2.0**-53  # keeps the inverse normal distribution finite
_FEWEST = 4  # points of one block in one randomization
_DROPPED = 2.0**-6  # share of the tolerance that items without proposals may take
_SMALLEST = -600.0  # logarithm of what still gets a proposal
_ROUNDING = 64 * float(np.finfo(np.float64).eps)  # of sum |weight * integrand|


@dataclass(frozen=True)
class Estimate:
    """Value, absolute error and nodes; of randomizations the mean and its half-width."""

    value: Array
    error: Array
    nodes: int


def sobol_normal(rank: int, log2_points: int, generator: np.random.Generator) -> Array:
    """Scrambled Sobol points with standard normal margins, shape ``rank x 2**log2_points``.

    Examples
    --------
    >>> points = sobol_normal(4, 10, np.random.default_rng(0))
    >>> points.shape, bool(abs((points**2).mean() - 1) < 0.01)
    ((4, 1024), True)
    """
    from scipy.special import ndtri
    from scipy.stats import qmc

    # SciPy renamed the argument `seed` to `rng`; by position it is the fourth in all versions.
    sequence = qmc.Sobol(rank, scramble=True, bits=32, **_seeded(qmc.Sobol, generator))
    uniform = sequence.random_base2(log2_points).T
    return np.asarray(ndtri(np.clip(uniform, _EDGE, 1 - _EDGE)))


def _seeded(factory: object, generator: np.random.Generator) -> dict[str, np.random.Generator]:
    import inspect

    names = inspect.signature(factory).parameters  # type: ignore[arg-type]
    return {"rng" if "rng" in names else "seed": generator}


@dataclass(frozen=True)
class Strata:
    """How one Gaussian of the base is sampled in one randomization.

    Attributes
    ----------
    outlook : Outlook
    items : array of int, b
        Whose crossing each block is centred at; ``BASE`` for the Gaussian itself.
    counts : array of int, b
        Points of each block: descending powers of two, so that every block is a net.
    """

    outlook: Outlook
    items: Array
    counts: Array

    @property
    def shifts(self) -> Array:
        """Centres of the blocks, counted from the Gaussian's centre."""
        rows = np.concatenate([self.outlook.shifts, np.zeros((1, len(self.outlook.centre)))])
        return np.asarray(rows[self.items])

    def nodes(self, points: Array, size: int) -> Iterator[tuple[Array, Array]]:
        """Chunks of nodes and weights from standard normal points, ``r x N``."""
        total, shifts = int(self.counts.sum()), self.shifts
        owners = np.repeat(np.arange(len(self.counts)), self.counts)
        constants = np.log(self.counts) - (shifts * shifts).sum(axis=1) / 2
        for start in range(0, total, size):
            part = points[:, start : min(start + size, total)]
            part = part + shifts[owners[start : start + size]].T
            exponents = shifts @ part + constants[:, None]
            top = exponents.max(axis=0)
            ratio = np.exp(exponents - top).sum(axis=0)
            weights = np.exp(self.outlook.log_weight - top) / ratio
            yield part + self.outlook.centre[:, None], weights

    def unseen(self) -> Array:
        """``W/N`` of every item with a block, for the points of one randomization."""
        own = self.items != BASE
        sizes = np.exp(self.outlook.log_sizes[self.items[own]])
        return np.asarray((sizes / self.counts[own, None]).max(axis=0, initial=0.0))

    def dropped(self) -> Array:
        """Bounds of the far items without a block."""
        missing = self.outlook.far.copy()
        missing[self.items[self.items != BASE]] = False
        return np.asarray(np.exp(self.outlook.log_sizes[missing]).sum(axis=0))


def stratify(
    views: Sequence[Outlook], per_run: int, *, negligible: float = 0.0, even: bool = False
) -> list[Strata]:
    """Divide the points of one randomization among the proposals of all Gaussians of the base.

    Parameters
    ----------
    views : sequence of Outlook
    per_run : int
        Points of one randomization, about.
    negligible : float
        Items whose bounds sum to at most this get no block.
    even : bool
        The same number of points for every crossing, whatever its size. Otherwise one half is
        divided evenly and the other by the sizes ``L_m C_m``.
    """
    owner, item, size, bound = [], [], [], []
    for index, view in enumerate(views):
        logs = view.log_sizes.max(axis=1, initial=-np.inf)
        sizes = np.exp(logs)
        far = np.flatnonzero(view.far & (logs > _SMALLEST))
        near = sizes[~view.far].max(initial=0.0)
        owner += [index] * (1 + len(far))
        item += [BASE, *far.tolist()]
        bound += [np.inf, *sizes[far]]
        if even:
            size += [float(np.exp(view.log_weight)) * bool(near), *np.zeros(len(far))]
        else:
            size += [float(near), *sizes[far]]
    owners, items, importance = np.array(owner), np.array(item), np.array(size)
    kept = np.ones(len(items), dtype=bool)
    ascending = np.argsort(bound, kind="stable")
    if negligible:
        kept[ascending[np.cumsum(np.array(bound)[ascending]) <= negligible]] = False
    kept[ascending[: max(0, len(items) - per_run // _FEWEST)]] = False
    kept[items == BASE] = True
    share = np.where(kept, 0.5 / kept.sum(), 0.0)
    finite = np.where(np.isfinite(importance) & kept, importance, 0.0)
    share += 0.5 * (finite / finite.sum() if finite.sum() > 0 else kept / kept.sum())
    counts = _powers(share, per_run)
    result = []
    for index, view in enumerate(views):
        mine = np.flatnonzero((owners == index) & kept)
        mine = mine[np.argsort(-counts[mine], kind="stable")]
        result.append(Strata(view, items[mine], counts[mine]))
    return result


def _powers(share: Array, total: int) -> Array:
    """Powers of two next to ``share * total``, at least 1 for any positive share."""
    wanted = share * total
    counts = 2 ** np.floor(np.log2(np.maximum(wanted, 1.0))).astype(int)
    left = total - int(counts[share > 0].sum())
    for index in np.argsort(-wanted / counts, kind="stable"):
        if share[index] > 0 and counts[index] <= left and wanted[index] > counts[index]:
            left -= int(counts[index])
            counts[index] *= 2
    return np.asarray(counts)


class Sampler:
    """Sums of kernels over the strata of one randomization, with what is exact taken out.

    Parameters
    ----------
    kernels : sequence of ArrayKernel
        Whose values at one dominant component are subtracted.
    scene : Scene
    strata : sequence of Strata
    size : int
        Nodes in a chunk.
    """

    def __init__(
        self, kernels: Sequence[ArrayKernel], scene: Scene, strata: Sequence[Strata], size: int
    ) -> None:
        self.kernels, self.scene, self.strata, self.size = kernels, scene, strata, size
        self.students = np.array([each.outlook.student for each in strata])
        self.teachers = np.array([each.outlook.teacher for each in strata])
        self.heads = kernels[0].heads.union(*(kernel.heads for kernel in kernels[1:]))
        centres = np.stack([each.outlook.centre for each in strata], axis=1)
        shares = np.exp([each.outlook.log_weight for each in strata])
        #: What is exact: the kernels where the dominant component has all the responsibility.
        self.exact = self._dominant(centres, shares)

    def nodes(self, points: Array) -> list[tuple[Array, Array]]:
        """Nodes and weights of all strata from the same standard normal points."""
        self.masses = np.zeros(len(self.strata))
        self.moments = np.zeros((len(points), len(self.strata)))
        result = []
        for index, each in enumerate(self.strata):
            for part, weights in each.nodes(points, self.size):
                self.masses[index] += weights.sum()
                self.moments[:, index] += part @ weights
                result.append((part, weights))
        return result

    def finish(self, sums: Sequence[Array]) -> list[Array]:
        """Replace what the last nodes made of the exact part by its value.

        That part is constant in ``x``, or linear (logarithms): its sum is the sum of the
        weights times its value at the weighted mean of the nodes.
        """
        centres = self.moments / np.maximum(self.masses, np.finfo(float).tiny)
        sampled = self._dominant(centres, self.masses)
        return [
            total - part + exact
            for total, part, exact in zip(sums, sampled, self.exact, strict=True)
        ]

    def _dominant(self, points: Array, weights: Array) -> list[Array]:
        inputs = self.scene.single_inputs(points, self.students, self.teachers, self.heads)
        return [(kernel(inputs) * weights).sum(axis=-1) for kernel in self.kernels]


def bound_of_unseen(strata: Sequence[Strata], shape: tuple[int, ...], randomizations: int) -> Array:
    """What no point may have met and what has no proposal, for each entry (see the module)."""
    entries = int(np.prod(shape))
    worst, dropped = np.zeros(entries), np.zeros(entries)
    for each in strata:
        worst = np.maximum(worst, each.unseen())
        dropped = dropped + each.dropped()
    chance = -np.log(1 - CONFIDENCE) / randomizations
    return np.asarray(dropped + worst * chance).reshape(shape)


def scatter_factor(randomizations: int, looks: int = 1) -> float:
    """Half-width of the confidence interval over the standard deviation of independent runs."""
    from scipy.special import stdtrit

    tail = (1 - CONFIDENCE) / looks / 2
    return float(stdtrit(randomizations - 1, 1 - tail)) / float(np.sqrt(randomizations))


def randomized_expectation(
    kernel: ArrayKernel,
    scene: Scene,
    program: Program,
    *,
    tolerance: float,
    max_nodes: int,
    seed: int,
) -> Estimate:
    """Estimate an expectation with ever more points until the tolerance or the limit is reached.

    Parameters
    ----------
    kernel, scene, program
        What is integrated.
    tolerance : float
        Absolute error wanted, relative to ``max(1, |value|)``.
    max_nodes : int
        Most nodes of the last look.
    seed : int
        Of the scramblings.

    Returns
    -------
    Estimate
        Its error bar has confidence `CONFIDENCE` for each entry.
    """
    generator = np.random.default_rng(seed)
    views = outlooks(program, scene, kernel)
    largest = max(2, (max_nodes // RANDOMIZATIONS).bit_length() - 1)
    blocks = len(views) + sum(int(view.far.sum()) for view in views)
    start = min(largest, max(_PILOT, (_FEWEST * blocks).bit_length()))
    looks = [min(start + _GROWTH * look, largest) for look in range(LOOKS - 1)] + [largest]
    for log2_points in sorted(set(looks)):
        strata = stratify(views, 1 << log2_points, negligible=_DROPPED * tolerance)
        estimate = _estimate(kernel, scene, strata, generator, len(set(looks)))
        if (estimate.error <= tolerance * np.maximum(1, np.abs(estimate.value))).all():
            break
    return estimate


def _estimate(
    kernel: ArrayKernel,
    scene: Scene,
    strata: Sequence[Strata],
    generator: np.random.Generator,
    looks: int,
) -> Estimate:
    sampler = Sampler([kernel], scene, strata, kernel.chunk)
    most = max(int(each.counts.sum()) for each in strata)
    runs: list[Array] = []
    nodes, absolute = 0, np.zeros(())
    for _ in range(RANDOMIZATIONS):
        points = sobol_normal(scene.rank, (most - 1).bit_length(), generator)
        total = weighted_sums([kernel], scene, sampler.nodes(points))[0]
        runs += sampler.finish([total.value])
        absolute = absolute + total.absolute / RANDOMIZATIONS
        nodes += total.nodes
    values = np.stack(runs)
    error = scatter_factor(RANDOMIZATIONS, looks) * values.std(axis=0, ddof=1)
    error = error + bound_of_unseen(strata, kernel.shape, RANDOMIZATIONS)
    return Estimate(values.mean(axis=0), error + _ROUNDING * absolute, nodes)


def fixed_points(rank: int, max_nodes: int, seed: int, randomizations: int) -> Sequence[Array]:
    """Normal points of a few randomizations, drawn once for a whole descent."""
    per_run = max(4, max_nodes // randomizations)
    generator = np.random.default_rng(seed)
    log2_points = per_run.bit_length() - 1
    return [sobol_normal(rank, log2_points, generator) for _ in range(randomizations)]
