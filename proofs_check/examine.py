"""Look at a claim before it runs: what is wrong with it is an error, not a verdict.

Names, numbers and shapes are checked, every relation is evaluated once with arbitrary numbers in
place of its quantities (no integral is computed), and every control must belong to a check: it
shares its kind or what its relation is about, and is not the check itself.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from numerics.errors import InputError
from proofs_check.checks.can_fail import written_alike
from proofs_check.checks.functions import FunctionCheck
from proofs_check.checks.general import (
    BallCheck,
    DerivationCheck,
    GeneratedCheck,
    IdentityCheck,
)
from proofs_check.claim import (
    Check,
    Claim,
    Control,
    Hypothesis,
    bare,
    kind_of,
)
from proofs_check.proofs.check import ProofCheck
from proofs_check.sampling.cases import Cases
from proofs_check.statements.mixture import Mixture
from proofs_check.statements.relation import Relation

if TYPE_CHECKING:
    from proofs_check.points.arbitrary_point import ArbitraryPoint

#: Mixtures at which a relation is tried, and draws made for them (hypotheses reject some).
_TRIED, _DRAWN, _DRAWN_UNDER_HYPOTHESES = 4, 6, 40
#: Draws of arbitrary numbers that a control may not depend on.
_SEEDS = 4


class ClaimError(InputError):
    """An error of a claim: names the file and line, the claim, the check, and what is allowed."""

    def __init__(self, place: str, argument: str, value: object, allowed: str) -> None:
        super().__init__(f"{place}: {argument}" if place else argument, value, allowed)


def examine(claim: Claim) -> None:
    """Refuse a claim that cannot be judged as it is written.

    Raises
    ------
    ClaimError
        An `InputError` that names file and line, claim, check and argument, and what is allowed.

    Examples
    --------
    >>> from proofs_check.checks import IdentityCheck
    >>> check, changed = IdentityCheck("I1"), IdentityCheck("I99")
    >>> examine(Claim("T1", "", "", "", "", (), (check,), (Control("c", "another", changed),)))
    Traceback (most recent call last):
    ...
    proofs_check.examine.ClaimError: ...claim T1, control 'c', identity: got I99; allowed: ...
    """
    if not isinstance(claim, Claim):
        raise ClaimError("", "claim", claim, "a proofs_check.claim.Claim")
    _examine_fields(claim)
    for part in claim.parts:
        _examine_part(claim, part)
    for control in claim.controls:
        _examine_control(claim, control)


def _examine_fields(claim: Claim) -> None:
    def refuse(argument: str, value: object, allowed: str) -> None:
        raise ClaimError(claim.origin, f"claim {claim.identifier}, {argument}", value, allowed)

    for name in ("identifier", "title", "statement", "latex", "source"):
        if not isinstance(getattr(claim, name), str):
            refuse(name, getattr(claim, name), "a text")
    for known in claim.hypotheses:
        if not isinstance(known, str | Hypothesis):
            refuse("hypotheses", known, "texts, or Hypothesis(text, predicate)")
        if isinstance(known, Hypothesis) and not callable(known.holds):
            refuse(f"hypothesis {known.text!r}", known.holds, "a function of a point")
    for budget in ("quick", "full"):
        limit: Any = claim.seconds.get(budget)
        if not isinstance(limit, int | float) or not limit > 0:
            refuse(f"seconds[{budget!r}]", limit, "a positive number of CPU seconds")


def _examine_part(claim: Claim, part: Check | Control) -> None:
    """Look at one check, or at that of a control; errors get its name and place."""
    check = bare(part)
    if not isinstance(getattr(check, "name", None), str) or not callable(
        getattr(check, "run", None)
    ):
        raise _error(claim, part, InputError("check", check, "an object with name, run"))
    try:
        for argument, problem in _problems(check, _assumed(claim, part)):
            raise _error(claim, part, problem, argument)
    except ClaimError:
        raise
    except InputError as error:
        raise _error(claim, part, error) from error


def _error(
    claim: Claim, part: Check | Control, error: InputError, argument: str = ""
) -> ClaimError:
    """The same error with claim, check and place."""
    word = "control" if isinstance(part, Control) else "check"
    place = next(
        (
            where
            for where in (
                getattr(bare(part), "origin", ""),
                getattr(part, "origin", ""),
                claim.origin,
            )
            if where
        ),
        "",
    )
    name = f"claim {claim.identifier}, {word} {part.name!r}, {argument or error.argument}"
    return ClaimError(place, name, error.value, error.allowed)


def _assumed(claim: Claim, part: Check | Control) -> tuple[Hypothesis, ...]:
    """The predicates under which a part runs."""
    dropped = part.drops if isinstance(part, Control) else ()
    return tuple(known for known in claim.predicates if known.text not in dropped)


def _problems(check: Check, hypotheses: tuple[Hypothesis, ...]) -> Iterator[tuple[str, InputError]]:
    """What is wrong with a check, by argument; or an `InputError` is raised."""
    if isinstance(check, DerivationCheck):
        from derive.catalogue import names

        yield from _unknown("derivation", check.derivation, names())
    elif isinstance(check, IdentityCheck):
        yield from _identity_problems(check)
    elif isinstance(check, ProofCheck):
        yield from _proof_problems(check, hypotheses)
    elif isinstance(check, FunctionCheck):
        yield from _function_problems(check)
    own: Callable[[], None] | None = getattr(check, "examine", None)
    if callable(own):
        own()
    relation = getattr(check, "relation", None)
    if isinstance(relation, Relation):
        yield from _relation_problems(check, relation, hypotheses)


def _unknown(argument: str, name: object, known: Iterable[str]) -> Iterator[tuple[str, InputError]]:
    names = tuple(known)
    if name not in names:
        yield argument, InputError(argument, name, f"one of {', '.join(names)}")


def _identity_problems(check: IdentityCheck) -> Iterator[tuple[str, InputError]]:
    from derive.identities.by_name import all_names

    if isinstance(check.identity, str):
        yield from _unknown("identity", check.identity, all_names())
    identity = check.unaltered()
    if check.altered is None:
        return
    term, coefficient = check.altered
    yield from _unknown("altered term", term, [t.name for t in identity.terms])
    if isinstance(coefficient, bool) or not isinstance(coefficient, int | Fraction):
        allowed = "an int or a Fraction"
        yield "altered coefficient", InputError("altered", repr(coefficient), allowed)


def _proof_problems(
    check: ProofCheck, hypotheses: tuple[Hypothesis, ...]
) -> Iterator[tuple[str, InputError]]:
    from proofs_check.proofs.catalogue import names

    if check.build is None:
        yield from _unknown("proof", check.name, names())
    for attack in check.attacks:
        for argument, problem in _problems(attack, hypotheses):
            yield f"attack {attack.name!r}, {argument}", problem


def _function_problems(check: FunctionCheck) -> Iterator[tuple[str, InputError]]:
    if not callable(check.function):
        yield "function", InputError("function", check.function, "a function of the context")
        return
    try:
        inspect.signature(check.function).bind(None)
    except TypeError as error:
        yield "function", InputError("function", str(error), "a function of one argument, context")
    except ValueError:  # no signature to be seen: a builtin
        return


def _relation_problems(
    check: Check, relation: Relation, hypotheses: tuple[Hypothesis, ...]
) -> Iterator[tuple[str, InputError]]:
    if relation.comparison.is_equality and not relation.tight:
        yield "tight", InputError("tight", False, "True for =: only a bound can be loose")
    if isinstance(check, GeneratedCheck):
        from numerics.evaluation.request import BACKENDS
        from numerics.numbers.exact import parse_number

        yield from _unknown("backend", check.backend, BACKENDS)
        parse_number(check.resolution, "resolution")
    if isinstance(check, BallCheck):
        if not isinstance(check.at, tuple | list) or not check.at:
            yield "at", InputError("at", check.at, "at least one Mixture")
            return
        for place, mixture in enumerate(check.at):
            if not isinstance(mixture, Mixture):
                yield f"at[{place}]", InputError("at", mixture, "a Mixture")
                return
            _satisfied(place, mixture, hypotheses)
    for _ in _tried(check, relation, hypotheses):
        pass


def _satisfied(place: int, mixture: Mixture, hypotheses: tuple[Hypothesis, ...]) -> None:
    """A listed point must satisfy the hypotheses."""
    from proofs_check.points.numerics_point import NumericsPoint

    at = NumericsPoint(mixture, 15, "float64")
    for known in hypotheses:
        if not known.met(at):
            raise InputError(f"at[{place}]", mixture, f"points where {known.text!r} holds")


def _tried(
    check: Check, relation: Relation, hypotheses: tuple[Hypothesis, ...]
) -> Iterator[ArbitraryPoint]:
    """Evaluate a relation with arbitrary numbers at some of its points.

    Raises
    ------
    InputError
        If a side cannot be evaluated as it is written.
    """
    from proofs_check.points.arbitrary_point import ArbitraryPoint
    from proofs_check.points.interpreter import precision

    tried = 0
    for mixture in _points(check, _DRAWN_UNDER_HYPOTHESES if hypotheses else _DRAWN):
        with precision(30):
            at = ArbitraryPoint(mixture, 0)
            if all(_written(known.met, at) for known in hypotheses):
                at = ArbitraryPoint(mixture, 0)
                try:
                    _written(relation.applies, at)
                    _written(relation.judge, at)
                except ArithmeticError:  # of these numbers, not of how it is written
                    continue
                yield at
                tried += 1
        if tried == _TRIED:
            return


def _written(function: Callable[[ArbitraryPoint], Any], at: ArbitraryPoint) -> Any:
    """Call what a claim's author wrote; whatever it raises is an error of the claim."""
    try:
        return function(at)
    except (ArithmeticError, InputError):
        raise
    except (Exception, SystemExit) as error:
        found = f"{type(error).__name__}: {error}"
        raise InputError("relation", found, "a function that returns numbers") from error


def _points(check: Check, draws: int) -> Sequence[Mixture]:
    """Listed points, or a few that are drawn."""
    if isinstance(check, BallCheck):
        return check.at
    cases = getattr(check, "cases", None)
    return () if cases is None else _drawn(cases, draws)


@lru_cache(maxsize=64)
def _drawn(cases: Cases, draws: int) -> Sequence[Mixture]:
    from proofs_check.sampling.evidence import Trial, gather

    found: list[Mixture] = []

    def keep(mixture: Mixture) -> Trial:
        found.append(mixture)
        return Trial(True)

    try:
        gather(keep, cases.strategy(), cases=draws)
    except InputError:
        raise
    except (Exception, SystemExit) as error:  # whatever the family's author does wrong
        problem = f"{cases}: {type(error).__name__}: {error}"
        raise InputError("cases", problem, "a family of mixtures that can be drawn") from error
    if not found:
        raise InputError("cases", cases, "a family that is not empty")
    return found


def _examine_control(claim: Claim, control: Control) -> None:
    """A control must be a check of the claim with one change."""
    known = {hypothesis.text for hypothesis in claim.predicates}
    for text in control.drops:
        if text not in known:
            allowed = f"one of {', '.join(sorted(known)) or 'no hypothesis: none is a predicate'}"
            raise _error(claim, control, InputError("drops", text, allowed))
    if not isinstance(control.change, str) or not control.change.strip():
        raise _error(claim, control, InputError("change", control.change, "the change in words"))
    changed = bare(control)
    checks = list(_all_checks(claim))
    if not control.drops and any(_unchanged(changed, check) for check in checks):
        problem = InputError("check", "a check of the claim, unchanged", "one small change of it")
        raise _error(claim, control, problem)
    if not any(_related(claim, control, changed, check) for check in checks):
        names = ", ".join(repr(part.name) for part in claim.checks)
        allowed = (
            f"a check of the kind, or about the quantities, of one of the claim's: {names}; with "
            "one change"
        )
        shown = getattr(getattr(changed, "relation", None), "text", type(changed).__name__)
        raise _error(claim, control, InputError("check", f"an unrelated {shown!r}", allowed))
    if _ignores_quantities(changed, _assumed(claim, control)):
        problem = InputError(
            "check",
            "a relation whose sides are the same whatever the losses and gradients are",
            "one that fails because of what they are",
        )
        raise _error(claim, control, problem)


def _ignores_quantities(changed: Check, hypotheses: tuple[Hypothesis, ...]) -> bool:
    """Whether a control's relation asks for quantities, and does not depend on what they are."""
    from proofs_check.points.arbitrary_point import ArbitraryPoint
    from proofs_check.points.interpreter import precision

    relation = getattr(changed, "relation", None)
    if not isinstance(relation, Relation):
        return False
    tried = [at.mixture for at in _tried(changed, relation, hypotheses) if at.asked]
    for mixture in tried:
        seen = set()
        for seed in range(_SEEDS):
            with precision(30):
                try:
                    outcome = relation.judge(ArbitraryPoint(mixture, seed))
                except (ArithmeticError, InputError):
                    return False
            seen.add(tuple(side.str(20) for pair in outcome.sides for side in pair))
        if len(seen) > 1:
            return False
    return bool(tried)


def _all_checks(claim: Claim) -> Iterator[Check]:
    """Checks of the claim, also those within others."""
    for part in claim.checks:
        check = bare(part)
        yield check
        yield from getattr(check, "attacks", ())


def _unchanged(changed: Check, check: Check) -> bool:
    """Whether two checks are the same but for their names."""
    if type(changed) is not type(check) or not hasattr(check, "__dataclass_fields__"):
        return changed is check
    return all(
        getattr(changed, field.name) == getattr(check, field.name)
        for field in check.__dataclass_fields__.values()
        if field.compare and field.name != "name"
    )


def _related(claim: Claim, control: Control, changed: Check, check: Check) -> bool:
    mine, theirs = getattr(changed, "relation", None), getattr(check, "relation", None)
    if isinstance(mine, Relation) and isinstance(theirs, Relation):
        pairs = ((mine.left, theirs.left), (mine.right, theirs.right),
                 (mine.left, theirs.right), (mine.right, theirs.left))  # fmt: skip
        if mine is theirs or any(written_alike(a, b) for a, b in pairs):
            return True
        return bool(
            _questions(changed, mine, _assumed(claim, control))
            & _questions(check, theirs, claim.predicates)
        )
    if isinstance(changed, IdentityCheck) and changed.altered is not None:
        named = getattr(check, "identity", getattr(check, "derivation", None))
        return bool(named == changed.identity)
    return kind_of(changed) == kind_of(check)


def _questions(
    check: Check, relation: Relation, hypotheses: tuple[Hypothesis, ...]
) -> frozenset[Any]:
    """The objectives, and other quantities, that a relation is about."""
    return frozenset(
        question[0] if isinstance(question, tuple) else question
        for at in _tried(check, relation, hypotheses)
        for _, question in at.memory.values
    )
