"""Results as plain data, and back: what reports hold and what a resumed run reads."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from numerics.documents import DocumentError, check_document
from numerics.errors import shorten
from proofs_check.points.witness import Witness
from proofs_check.schemas import schema
from proofs_check.verdict import CheckResult, ClaimResult, ControlResult, Method, Verdict


def claim_to_data(result: ClaimResult, title: str) -> dict[str, Any]:
    """Return a claim's result, with its title, as in ``proofs_check/schemas/verify.json``."""
    return {
        "id": result.identifier,
        "title": title,
        "verdict": result.verdict.value,
        "method": result.method,
        "checks": [check_to_data(check) for check in result.checks],
        "controls": [control_to_data(control) for control in result.controls],
        "seconds": round(result.seconds, 3),
    }


def check_to_data(result: CheckResult) -> dict[str, Any]:
    """Return a check's result as plain data.

    Examples
    --------
    >>> proved = CheckResult("I1", Verdict.PROVED, Method.SYMBOLIC, "all n, d")
    >>> check_from_data(check_to_data(proved)) == proved
    True
    """
    return {
        "name": result.name,
        "verdict": result.verdict.value,
        "method": result.method.value,
        "scope": result.scope,
        "margin": result.margin,
        "digits": result.digits,
        "cases": result.cases,
        "seconds": round(result.seconds, 3),
        "notes": list(result.notes),
        "witness": result.witness.to_data() if result.witness else None,
        "supports": result.supports,
    }


def control_to_data(control: ControlResult) -> dict[str, Any]:
    """Return a control's result as plain data; its name is the control's, not the check's."""
    return {**check_to_data(control.result), "name": control.name, "change": control.change}


def claim_from_data(data: Any) -> ClaimResult:
    """Read what `claim_to_data` gives; the verdict is worked out anew from the checks.

    Raises
    ------
    DocumentError
        If something is missing, of the wrong kind, says more than its method can give, or
        is not what its checks give.
    """
    check_document(data, _CLAIM)
    result = ClaimResult(
        data["id"],
        tuple(check_from_data(check) for check in data["checks"]),
        tuple(control_from_data(control) for control in data["controls"]),
        float(data["seconds"]),
    )
    for name, given in (("verdict", result.verdict.value), ("method", result.method)):
        if data.get(name, given) != given:
            raise DocumentError(
                f"{shorten(data['id'])}: {name} {shorten(data[name])}, but its checks give {given}"
            )
    return result


def check_from_data(data: Any) -> CheckResult:
    """Read what `check_to_data` gives.

    Raises
    ------
    DocumentError
        As `claim_from_data`.
    """
    if not isinstance(data, dict):
        raise DocumentError(f"{shorten(data)} is no check")
    own = {key: value for key, value in data.items() if key not in _NOT_OF_CHECKS}
    check_document(own, _check_schema())
    try:
        witness = None if own["witness"] is None else Witness.from_data(own["witness"])
        return CheckResult(
            name=own["name"],
            verdict=Verdict(own["verdict"]),
            method=Method(own["method"]),
            scope=own["scope"],
            margin=own["margin"],
            digits=own["digits"],
            cases=own["cases"],
            seconds=float(own["seconds"]),
            notes=tuple(own["notes"]),
            witness=witness,
            supports=own.get("supports", False),  # older reports do not say
        )
    except (TypeError, ValueError, ArithmeticError) as error:
        raise DocumentError(f"{shorten(own['name'])}: {shorten(error)}") from error


def control_from_data(data: Any) -> ControlResult:
    """Read what `control_to_data` gives; the changed check takes the control's name.

    Raises
    ------
    DocumentError
        As `claim_from_data`.
    """
    result = check_from_data(data)
    check_document(data, _CONTROL)
    return ControlResult(result.name, data["change"], result)


_CLAIM: Mapping[str, Any] = {
    "type": "object",
    "required": ["id", "checks", "controls", "seconds"],
    "properties": {
        "id": {"type": "string"},
        "checks": {"type": "array", "minItems": 1},
        "controls": {"type": "array"},
        "seconds": {"type": "number", "minimum": 0, "maximum": 1e12},
    },
}
_CONTROL: Mapping[str, Any] = {"required": ["change"], "properties": {"change": {"type": "string"}}}
#: What a control and an outcome in a state file have besides the check.
_NOT_OF_CHECKS = ("change", "kind")


@lru_cache(maxsize=1)
def _check_schema() -> Mapping[str, Any]:
    return {"$ref": "#/$defs/check", "$defs": schema("verify")["$defs"]}
