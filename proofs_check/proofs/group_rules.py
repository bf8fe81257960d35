"""Rule for coincident components: the gradient of a member is its share of the group's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import sympy

from proofs_check.proofs.certificates import is_zero
from proofs_check.proofs.escape_rules import is_given_zero
from proofs_check.proofs.proof import Finding, Situation, StepKind
from proofs_check.proofs.quantities import Expression


@dataclass(frozen=True)
class Group:
    """Symbols of a group of coincident components, at step k.

    Attributes
    ----------
    count, share : symbol
        The number of members, and the share of each in the group's weight.
    member, mean : symbol
        The same coordinate of any member and of the group taken as one component.
    pull, force : symbol
        That coordinate of the member's and of the group's gradient.
    """

    count: Expression
    share: Expression
    member: Expression
    mean: Expression
    pull: Expression
    force: Expression


@dataclass(frozen=True)
class MemberGradient:
    """``grad_j = s_J grad_J`` for a member ``j`` of the group ``J``, forward loss.

    Premises: in *every* group the members coincide (``member = mean``) and have equal weights
    (``count * share = 1``).

    Attributes
    ----------
    group : Group
        The one that the conclusion is about.
    groups : tuple of Group
        All groups.
    counted : bool
        Whether a group counts as often as it has members; ``False`` is a planted error.
    """

    group: Group
    groups: tuple[Group, ...]
    counted: bool = True
    kind: ClassVar[StepKind] = "symbolic identity"
    cites: ClassVar[str] = ""
    discharges: ClassVar[tuple[str, ...]] = ()

    def verify(self, situation: Situation) -> Finding:
        """Derive the factor again."""
        from derive.mixtures.coincident_groups import SHARE, SIZE, member_factor

        for group in self.groups:
            if not is_given_zero(situation, group.member - group.mean):
                return Finding(False, f"{group.member} and its group are not known to coincide")
            if not is_given_zero(situation, group.count * group.share - 1):
                return Finding(False, f"the weights in the group of {group.member} may differ")
        try:
            heads = member_factor(counted=self.counted)
        except ValueError as error:
            return Finding(False, str(error))
        symbols = {SHARE: self.group.share, SIZE: self.group.count}
        factor = sympy.prod(symbols[head] for head in heads)
        target = situation.target
        if (
            target.is_equality
            and is_zero(target.left - self.group.pull)
            and is_zero(target.right - factor * self.group.force)
        ):
            return Finding(True, f"the factor is {factor}")
        return Finding(False, f"the derivation gives the factor {factor}")
