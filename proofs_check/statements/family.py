"""Families of mixtures with named parameters: one function makes the mixture at any of them.

The function is given exact rationals where a point is wanted, and numbers over a box where a box
is: it may add, subtract, multiply and divide them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from numerics.errors import InputError
from proofs_check.statements.exact_text import fraction_text
from proofs_check.statements.mixture import Mixture

if TYPE_CHECKING:
    from numerics.evaluation.over_boxes import Entries
    from numerics.validated.interval import Interval
    from numerics.validated.slope_numbers import Frame, SlopeNumber

#: What a family's function returns: the means, or a mapping with some of these keys.
KEYS = ("means", "weights", "teacher_means", "teacher_weights")
Made = Sequence[Any] | Mapping[str, Any]
Ends = tuple[Any, Any]


def exact(value: object, name: str) -> Fraction:
    """Read an exact number: an int, a Fraction, a Decimal, or text.

    Raises
    ------
    InputError
        For anything else, a binary float included.

    Examples
    --------
    >>> exact("1/10", "t"), exact(2, "t")
    (Fraction(1, 10), Fraction(2, 1))
    """
    if isinstance(value, int | Fraction | Decimal | str) and not isinstance(value, bool):
        try:
            return Fraction(value)
        except (ValueError, ZeroDivisionError, OverflowError):
            pass
    raise InputError(name, repr(value), 'an exact number: an int, a Fraction or text like "1/10"')


def read_ends(
    parameters: object, argument: str = "parameters"
) -> dict[str, tuple[Fraction, Fraction]]:
    """Read ranges of named parameters, each a pair of exact ends in order.

    Raises
    ------
    InputError
        Naming the parameter.

    Examples
    --------
    >>> read_ends({"t": ("1/10", 5)})
    {'t': (Fraction(1, 10), Fraction(5, 1))}
    """
    if not isinstance(parameters, Mapping) or not parameters:
        raise InputError(argument, repr(parameters), 'a mapping like {"t": ("1/10", "5")}')
    result = {}
    for name, ends in parameters.items():
        if not isinstance(name, str) or not name.isidentifier():
            raise InputError(argument, f"the name {name!r}", "names that are Python identifiers")
        label = f"{argument}[{name!r}]"
        if isinstance(ends, str) or not isinstance(ends, Sequence) or len(ends) != 2:
            raise InputError(label, repr(ends), "a pair of exact ends, the smaller first")
        low, high = (exact(end, label) for end in ends)
        if not low < high:
            raise InputError(label, f"{low} and {high}", "the smaller end first")
        result[name] = (low, high)
    return result


def on_the_line(**parameters: Any) -> Made:
    """The family whose means are the parameters, in one dimension, with equal weights."""
    return [[value] for value in parameters.values()]


@dataclass(frozen=True)
class Family:
    """Mixtures by named parameters.

    Attributes
    ----------
    function : callable
        Takes the parameters by name (or in their order) and returns the means, ``n x d``, or a
        mapping with ``means`` and any of ``weights``, ``teacher_means``, ``teacher_weights``.
    names : tuple of str
        The parameters.

    Raises
    ------
    InputError
        If the function does not take these parameters.

    Examples
    --------
    >>> pair = Family(lambda t: [[t], [-t]], ("t",))
    >>> print(pair.mixture({"t": Fraction(1, 2)}))
    t = 1/2, means ((1/2), (-1/2)), weights (1/2, 1/2)
    """

    function: Callable[..., Made]
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise InputError("family", repr(self.function), "a function of the parameters")
        if self._by_name is None:
            raise InputError(
                "family",
                f"a function {inspect.signature(self.function)}",
                f"a function of {', '.join(self.names)}",
            )

    @property
    def _by_name(self) -> bool | None:
        """Whether it takes the parameters by name; by position else; None for neither."""
        signature = inspect.signature(self.function)
        for kind in (True, False):
            try:
                if kind:
                    signature.bind(**dict.fromkeys(self.names))
                elif len(self.names) == 1:  # lambda t: ... for a single parameter of any name
                    signature.bind(None)
                else:
                    continue
            except TypeError:
                continue
            return kind
        return None

    def call(self, values: Mapping[str, Any]) -> Any:
        """Call the function."""
        return self.function(**values) if self._by_name else self.function(*values.values())

    def _made(self, values: Mapping[str, Any]) -> dict[str, Any]:
        made = self.call(values)
        if not isinstance(made, Mapping):
            made = {"means": made}
        unknown = [key for key in made if key not in KEYS]
        if "means" not in made or unknown:
            found = f"a mapping with keys {sorted(map(str, made))}"
            raise InputError(
                "family", found, f"the means, or a mapping with keys {', '.join(KEYS)}"
            )
        return dict(made)

    def mixture(self, values: Mapping[str, Fraction]) -> Mixture:
        """Return the mixture at exact parameters.

        Raises
        ------
        InputError
            If there is none: naming the values and why.
        """
        where = ", ".join(f"{name} = {fraction_text(value)}" for name, value in values.items())
        try:
            made = self._made(values)
            given = Mixture.of(
                made["means"],
                made.get("weights"),
                made.get("teacher_means", ()),
                made.get("teacher_weights"),
            )
        except InputError as error:
            raise InputError("family", f"at {where}: {error}", "a mixture") from error
        except (ValueError, TypeError, ArithmeticError) as error:
            text = f"at {where}: {type(error).__name__}: {error}"
            raise InputError("family", text, "a mixture") from error
        return replace(given, parameters=tuple(values.items()))

    def entries(self, frame: Frame) -> Entries:
        """Return the family's entries over a box.

        Raises
        ------
        InputError
            If weights do not add up to 1 for all parameters, as seen exactly.
        """
        from numerics.evaluation.over_boxes import Entries

        made = self._made({name: frame.parameter(name) for name in self.names})
        means = _rows(frame, made["means"])
        teacher_means = _rows(frame, made.get("teacher_means", ()))
        return Entries(
            means,
            _weights(frame, made.get("weights"), len(means), "weights"),
            teacher_means,
            _weights(frame, made.get("teacher_weights"), len(teacher_means), "teacher_weights"),
        )


def _number(frame: Frame, value: Any) -> SlopeNumber:
    from numerics.validated.slope_numbers import SlopeNumber

    return value if isinstance(value, SlopeNumber) else frame.constant(exact(value, "family"))


def _rows(frame: Frame, rows: Sequence[Sequence[Any]]) -> list[list[SlopeNumber]]:
    return [[_number(frame, value) for value in row] for row in rows]


def _weights(frame: Frame, given: Any, count: int, name: str) -> list[SlopeNumber]:
    if given is None:
        return [frame.constant(Fraction(1, count)) for _ in range(count)]
    weights = [_number(frame, value) for value in given]
    gap = sum(weights, frame.constant(-1))
    if gap.exactly is None or not gap.exactly.is_zero:
        found = f"a sum of 1 + {gap.range.str(5)}"
        raise InputError(name, found, "weights affine in the parameters that add up to 1 exactly")
    return weights


def box_of(parameters: Mapping[str, tuple[Fraction, Fraction]]) -> dict[str, Interval]:
    """Return the ranges as intervals."""
    from numerics.validated.interval import Interval

    return {name: Interval(low, high) for name, (low, high) in parameters.items()}
