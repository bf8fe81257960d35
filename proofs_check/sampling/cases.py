"""Families of mixtures that checks draw from, described without loading Hypothesis."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from numerics.errors import InputError
from proofs_check.statements.exact_text import fraction_text
from proofs_check.statements.family import Family, exact, read_ends

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from proofs_check.sampling.drawing import WeightKind
    from proofs_check.statements.mixture import Mixture

_INTEGERS = "a pair of integers from {least} up, the smaller first"
#: Options that describe mixtures at large; a family of one's own takes their place.
_AT_LARGE = ("components", "dimensions", "separation", "weight", "teacher")


@dataclass(frozen=True)
class Cases:
    """The family of mixtures a check draws from, with its description.

    Attributes
    ----------
    components, dimensions, separation, on_line
        As in `mixtures`.
    weight : {"any", "uniform"} or pair
        Log-uniform or equal weights; a pair of exact numbers: every weight lies between them.
    teacher : pair of int or None
        Number of components of a drawn mixture teacher; ``None`` for the standard Gaussian.
    family : callable or None
        Mixtures of one's own: a function of the parameters that returns the means, or a mapping
        (`proofs_check.statements.family.Family`). It takes the place of all options above.
    parameters : mapping
        Exact ends of named parameters, log-uniform if both are positive, else uniform. A family
        takes them; without one they stand beside the drawn mixture (a step size, say). Relations
        see them as ``at.parameters``.

    Raises
    ------
    InputError
        Naming the option, its value and what is allowed.

    Examples
    --------
    >>> print(Cases(components=(2, 3), weight="uniform"))
    n = 2..3, d = 1..3, separations 1e-12..20, uniform weights
    >>> print(Cases(family=lambda t: [[t], [-t]], parameters={"t": ("1/10", "5")}))
    a family with t in 1/10..5
    """

    components: tuple[int, int] = (1, 4)
    dimensions: tuple[int, int] = (1, 3)
    separation: tuple[str, str] = ("1e-12", "20")
    weight: WeightKind | tuple[Any, Any] = "any"
    on_line: bool = False
    teacher: tuple[int, int] | None = None
    family: Callable[..., Any] | None = None
    parameters: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_integers("components", self.components, 1)
        _check_integers("dimensions", self.dimensions, 1)
        if self.teacher is not None:
            _check_integers("teacher", self.teacher, 1)
        low, high = _ends("separation", self.separation)
        if not 0 < low <= high:
            raise InputError("separation", repr(self.separation), "positive numbers, in order")
        if not isinstance(self.on_line, bool):
            raise InputError("on_line", repr(self.on_line), "True or False")
        self._check_weight()
        ends = read_ends(self.parameters) if self.parameters else {}
        if self.family is not None:
            self._check_family(tuple(ends))

    def __hash__(self) -> int:
        plain = (self.components, self.dimensions, self.separation, self.weight, self.on_line)
        return hash((plain, self.teacher, self.family, tuple(self.parameters.items())))

    def _check_weight(self) -> None:
        if isinstance(self.weight, str):
            if self.weight not in ("any", "uniform"):
                raise InputError("weight", repr(self.weight), '"any", "uniform" or a pair')
            return
        low, high = _ends("weight", self.weight)
        fewest, most = self.components
        if not 0 < low <= high <= 1 or most * low > 1 or fewest * high < 1:
            allowed = f"a range in (0, 1] in which {fewest} to {most} weights can add up to 1"
            raise InputError("weight", repr(self.weight), allowed)

    def _check_family(self, names: tuple[str, ...]) -> None:
        if not names:
            allowed = 'the ranges of its parameters: {"t": ("1/10", "5")}'
            raise InputError("parameters", "none beside a family", allowed)
        for name in _AT_LARGE:
            if getattr(self, name) != type(self).__dataclass_fields__[name].default:
                raise InputError(name, repr(getattr(self, name)), "nothing beside a family")
        assert self.family is not None
        Family(self.family, names)

    def strategy(self) -> SearchStrategy[Mixture]:
        """Hypothesis strategy of the family."""
        from proofs_check.sampling.drawing import members, mixtures, teachers, with_parameters

        ends = read_ends(self.parameters) if self.parameters else {}
        if self.family is not None:
            return members(Family(self.family, tuple(ends)), ends)
        students = mixtures(
            self.components,
            self.dimensions,
            self.separation,
            self.weight,
            on_line=self.on_line,
        )
        if self.teacher is not None:
            components = self.teacher
            students = students.flatmap(lambda student: teachers(student, components))
        return with_parameters(students, ends) if ends else students

    def __str__(self) -> str:
        named = [
            f"{name} in {fraction_text(low)}..{fraction_text(high)}"
            for name, (low, high) in (read_ends(self.parameters) if self.parameters else {}).items()
        ]
        if self.family is not None:
            return "a family with " + ", ".join(named)
        parts = [
            range_text("n", self.components),
            range_text("d", self.dimensions),
            "separations {}..{}".format(*self.separation),
            f"{self.weight} weights"
            if isinstance(self.weight, str)
            else "weights {}..{}".format(*self.weight),
        ]
        if self.on_line:
            parts.append("means on a line")
        if self.teacher is not None:
            parts.append(range_text("teacher components", self.teacher))
        return ", ".join(parts + named)


def range_text(name: str, bounds: tuple[int, int]) -> str:
    """A range of integers in words.

    Examples
    --------
    >>> range_text("n", (2, 2)), range_text("n", (2, 4))
    ('n = 2', 'n = 2..4')
    """
    low, high = bounds
    return f"{name} = {low}" if low == high else f"{name} = {low}..{high}"


def _is_pair(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str) and len(value) == 2


def _check_integers(name: str, value: Any, least: int) -> None:
    whole = _is_pair(value) and all(
        isinstance(end, int) and not isinstance(end, bool) for end in value
    )
    if not whole or not least <= value[0] <= value[1]:
        raise InputError(name, repr(value), _INTEGERS.format(least=least))


def _ends(name: str, value: Any) -> tuple[Fraction, Fraction]:
    if not _is_pair(value):
        raise InputError(name, repr(value), "a pair of exact numbers, the smaller first")
    low, high = (exact(end, name) for end in value)
    return low, high
