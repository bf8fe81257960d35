"""``proofs-check stationary --census``, ``--continue-weights`` and ``--reach``: results as text."""

from __future__ import annotations

import sys
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from numerics.errors import InputError
from proofs_check.cli.bars import counted_bar, stepped_bar
from proofs_check.statements.exact_text import measured

if TYPE_CHECKING:
    from numerics.stationary.census import Census, CensusPoint
    from numerics.stationary.weight_branch import BranchPoint
    from numerics.validated.inertia import Inertia

DIGITS = 12
#: Steps of a bar that shows a part.
_PARTS = 1000
#: Significant digits of a coordinate in the text; the JSON document has them all.
_SHOWN = 9
DEFAULT_WEIGHTS = "1/10,9/10"
#: Weights of the far component at which the branch is tabulated, where it covers them.
TABULATED = (
    *("1/1000", "1/100", "1/20", "1/10", "1/5", "3/10", "2/5", "9/20", "1/2"),
    *("11/20", "3/5", "7/10", "4/5", "9/10", "19/20", "99/100", "999/1000"),
)


def census_document(components: int, dimension: int, starts: int, seed: int) -> dict[str, Any]:
    """Search for stationary points, prove them, and describe them."""
    from numerics.stationary.census import census
    from proofs_check.store.versions import versions

    with counted_bar("starts", starts) as advance:
        found = census(
            components, dimension, starts=starts, seed=seed, report=lambda done, total: advance()
        )
    return {
        "objective": "forward",
        "components": components,
        "dimension": dimension,
        "starts": starts,
        "seed": seed,
        "status": _census_status(found),
        "points": [_point(point) for point in found.points],
        "unproved": [
            {"multiplicities": list(counts), "places": list(places)}
            for counts, places in found.unproved
        ],
        "not_told_apart": [list(pair) for pair in found.ambiguous],
        "ended_at_truth": found.truth,
        "ended_nowhere": found.lost,
        "complete": _complete(found),
        "versions": versions(),
    }


def _complete(found: Census) -> bool:
    """Whether the list is proved to be complete: two components, and that one point."""
    if found.components != 2:
        return False
    from numerics.stationary.pair_classification import classify

    known = classify()
    return known.complete and len(known.search.zeros) == len(found.points)


def _census_status(found: Census) -> str:
    count = len(found.points)
    text = f"{count} stationary point{'s' if count != 1 else ''} besides the truth, proved"
    if count > 1 and not found.ambiguous:
        text += " to exist and to differ by more than a symmetry"
    if found.unproved:
        text += f"; {len(found.unproved)} candidates not proved"
    return text


def _point(point: CensusPoint) -> dict[str, Any]:
    from numerics.validated.interval import decimal_strings

    places = [decimal_strings(side, DIGITS) for side in point.places]
    groups = len(point.multiplicities)
    rows = [places[point.rank * k : point.rank * (k + 1)] for k in range(groups)]
    middle, radius = decimal_strings(point.square, DIGITS)
    return {
        "multiplicities": list(point.multiplicities),
        "rank": point.rank,
        "places": [[mid for mid, _ in row] for row in rows],
        "radii": [[rad for _, rad in row] for row in rows],
        "squared_norm": {"mid": middle, "rad": radius},
        "index": point.index,
        "signature": signs(point.inertia),
        "hits": point.hits,
    }


def signs(inertia: Inertia) -> dict[str, int]:
    """Counts of signs as data."""
    return {
        "positive": inertia.positive,
        "negative": inertia.negative,
        "zero": inertia.zero,
        "undecided": inertia.undecided,
    }


def print_census(document: dict[str, Any]) -> None:
    """Print a census as text."""
    print(
        f"forward loss, n = {document['components']}, d = {document['dimension']}, equal weights, "
        f"{document['starts']} starts: {document['status']}"
    )
    for point in document["points"]:
        places = "  ".join(
            f"{count} x ({', '.join(map(_place, row, radii))})"
            for count, row, radii in zip(
                point["multiplicities"], point["places"], point["radii"], strict=True
            )
        )
        counts = ", ".join(f"{value} {name}" for name, value in point["signature"].items() if value)
        print(f"  {places}: Hessian {counts}; {point['hits']} starts")
    if document["complete"]:
        print("  no others, in any dimension: proved")
    else:
        print("  that there are no others is not proved")


def _place(value: str, error: str) -> str:
    """A coordinate to at most `_SHOWN` digits, or fewer if its error leaves fewer."""
    return measured(value, error, _SHOWN)[0]


def branch_document(weights: str) -> dict[str, Any]:
    """Follow the point of two components in the weights and tabulate it."""
    from numerics.stationary.weight_branch import branch_of_pair, refined_point
    from proofs_check.store.versions import versions

    low, high = _weights(weights)
    terminal = sys.stderr.isatty()
    branch = branch_of_pair(low, high, _shown if terminal else _silent)
    if terminal:
        print(file=sys.stderr)
    table = [refined_point(branch, Fraction(w)) for w in TABULATED if low <= Fraction(w) <= high]
    return {
        "objective": "forward",
        "far_weight": {"low": str(low), "high": str(high)},
        "complete": branch.complete,
        "reason": branch.reason,
        "saddle": branch.saddle,
        "tubes": len(branch.tubes),
        "log_odds": {"low": str(branch.covered.low), "high": str(branch.covered.high)},
        "points": [_branch_point(point) for point in table if point is not None],
        "versions": versions(),
    }


def _silent(odds: Fraction) -> None:
    return None


def _shown(odds: Fraction) -> None:
    """Where the branch is, on a terminal."""
    print(f"\rlog odds {float(odds):+.3f} ", end="", file=sys.stderr, flush=True)


def _weights(text: str) -> tuple[Fraction, Fraction]:
    from numerics.numbers.exact import parse_number

    parts = text.split(",")
    if len(parts) != 2:
        raise InputError("range", text, "two weights LO,HI of the far component")
    low, high = (parse_number(part, "range") for part in parts)
    return low, high


def _branch_point(point: BranchPoint) -> dict[str, Any]:
    from numerics.validated.interval import decimal_strings

    texts = [decimal_strings(side, DIGITS) for side in point.means]
    return {
        "far_weight": str(point.far_weight),
        "means": [mid for mid, _ in texts],
        "radii": [rad for _, rad in texts],
        "signature": {"d=1": signs(point.along), "each_extra_dimension": signs(point.across)},
    }


def print_branch(document: dict[str, Any]) -> None:
    """Print a branch as text."""
    weights = document["far_weight"]
    state = "proved" if document["complete"] else f"incomplete: {document['reason']}"
    print(
        f"forward loss, n = 2: one smooth curve of stationary points for far weights from "
        f"{weights['low']} to {weights['high']}, {document['tubes']} tubes: {state}"
    )
    if document["saddle"]:
        print("  index 1 all along (d = 1)")
    print("  far weight        v_1              v_2")
    for point in document["points"]:
        near, far = map(_place, point["means"], point["radii"])
        print(f"  {point['far_weight']:<10} {near:>16} {far:>16}")


def reach_document(text: str) -> dict[str, Any]:
    """Search a cube of three means on a line, and describe what was found."""
    from numerics.numbers.exact import parse_number
    from numerics.stationary.triple_classification import all_triples
    from numerics.validated.interval import decimal_strings
    from proofs_check.store.versions import versions

    with stepped_bar("volume", _PARTS) as progress:
        found = all_triples(
            parse_number(text, "reach"), lambda part: progress(round(_PARTS * part))
        )
    rows = [[decimal_strings(side, DIGITS) for side in zero.enclosure] for zero in found.zeros]
    return {
        "objective": "forward",
        "components": 3,
        "dimension": 1,
        "reach": str(found.reach),
        "points": [
            {"places": [mid for mid, _ in row], "radii": [rad for _, rad in row]} for row in rows
        ],
        "boxes": found.boxes,
        "undecided": len(found.undecided),
        "complete": found.complete,
        "none_beyond": found.none_beyond,
        "versions": versions(),
    }


def print_reach(document: dict[str, Any]) -> None:
    """Print them as text."""
    print(f"forward loss, n = 3, d = 1, equal weights, all |v_j| <= {document['reach']}:")
    for point in document["points"]:
        places = ", ".join(map(_place, point["places"], point["radii"]))
        print(f"  ({places})")
    left = "nothing undecided" if document["complete"] else f"{document['undecided']} undecided"
    print(f"  {document['boxes']} boxes, {left}")
    if document["complete"]:
        print("  no others but the truth, permutations and reflections: proved")
    if document["none_beyond"]:
        print("  none beyond: proved")
