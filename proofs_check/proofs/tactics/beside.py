"""Steps beside a theorem: derivations that are verified again, identities of ordinary calculus."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from proofs_check.proofs.kernel import ProofError

if TYPE_CHECKING:
    from derive.steps.derivation import Derivation


@dataclass(frozen=True)
class Replayed:
    """A derivation of ``derive`` beside the theorem, every step of it verified again.

    Attributes
    ----------
    derivation : str or callable
    """

    derivation: str | Callable[[], Derivation]
    kind: ClassVar[str] = "symbolic identity"

    def verify(self) -> str:
        """Replay the derivation."""
        from derive.catalogue import derivation

        given = self.derivation
        found = derivation(given) if isinstance(given, str) else given()
        verification = found.verify()
        if not verification:
            raise ProofError(f"{found.name} does not verify: {'; '.join(verification.failed)}")
        return f"{found.name}: {len(verification.holds)} steps, {found.scope}"


@dataclass(frozen=True)
class Calculus:
    """An identity of ordinary calculus, ``left = right``, that SymPy decides; beside the theorem.

    Attributes
    ----------
    left, right : SymPy expression
    """

    left: Any
    right: Any
    kind: ClassVar[str] = "symbolic identity"

    def verify(self) -> str:
        """Simplify ``left - right`` after carrying out derivatives."""
        import sympy

        gap = sympy.simplify(sympy.expand((self.left - self.right).doit()))
        if gap != 0:
            raise ProofError(f"left - right is {gap}")
        return f"{self.left} = {self.right}"
