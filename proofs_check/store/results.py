"""Results as plain data, and back: what reports hold and what a resumed run reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from proofs_check.points.witness import Witness
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


def claim_from_data(data: Mapping[str, Any]) -> ClaimResult:
    """Read what `claim_to_data` gives; the verdict is worked out anew from the checks.

    Raises
    ------
    KeyError, TypeError, ValueError
        If something is missing, of the wrong kind, or says more than its method can give.
    """
    return ClaimResult(
        str(data["id"]),
        tuple(check_from_data(check) for check in data["checks"]),
        tuple(control_from_data(control) for control in data["controls"]),
        float(data["seconds"]),
    )


def check_from_data(data: Mapping[str, Any]) -> CheckResult:
    """Read what `check_to_data` gives.

    Raises
    ------
    KeyError, TypeError, ValueError
        As `claim_from_data`.
    """
    witness = data["witness"]
    return CheckResult(
        name=str(data["name"]),
        verdict=Verdict(data["verdict"]),
        method=Method(data["method"]),
        scope=str(data["scope"]),
        margin=_optional(data["margin"], str),
        digits=_optional(data["digits"], int),
        cases=_optional(data["cases"], int),
        seconds=float(data["seconds"]),
        notes=tuple(str(note) for note in data["notes"]),
        witness=None if witness is None else Witness.from_data(witness),
        supports=data.get("supports", False) is True,  # older reports do not say
    )


def _optional(value: Any, kind: type) -> Any:
    """Let a value of a kind pass, or none."""
    if value is not None and type(value) is not kind:
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value


def control_from_data(data: Mapping[str, Any]) -> ControlResult:
    """Read what `control_to_data` gives; the changed check takes the control's name.

    Raises
    ------
    KeyError, TypeError, ValueError
        As `claim_from_data`.
    """
    return ControlResult(str(data["name"]), str(data["change"]), check_from_data(data))
