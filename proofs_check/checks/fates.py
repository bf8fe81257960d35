"""Checks of what becomes of components: a certified descent, recomputed by the separate checker."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from operator import sub
from typing import TYPE_CHECKING

from proofs_check.claim import Context
from proofs_check.points.witness import Witness
from proofs_check.statements.exact_text import decimal_text
from proofs_check.statements.mixture import Mixture
from proofs_check.verdict import MORE_DIGITS, MORE_TIME, CheckResult, Method, Verdict, inconclusive

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from numerics.descent.result import Descent
    from proofs_check.certificates.checker import Accepted
    from proofs_check.certificates.file_format import Certificate
    from proofs_check.certificates.small_steps import Region
    from proofs_check.sampling.evidence import Trial

#: Theorems that certificates rest on, and the proof objects that hold them. That of Region E
#: depends on weights and radius (`RegionE`), that of Theorem E_n' on a region.
PROOFS = {
    "Theorem F": "F",
    "Theorem R": "R-means",
    "Lemma E": "E",
    "Theorem L": "L",
    "Theorem E_n": "E-n",
}
#: What proof objects lack of other theorems: one of a part is none of the theorem.
LACKS = {
    "Theorem E_n'": "no region holds for all of the claimed enclosures",
}
#: Theorems whose conditions depend on the dimension: certificates take that of the means' span.
BY_DIMENSION = frozenset({"Theorem L", "Theorem E_n", "Theorem E_n'"})
#: Fate of a component about which nothing is claimed.
OPEN = "open"
#: Digits of the producing run; the checker recomputes with at least twice as many.
DIGITS = 15


@dataclass(frozen=True)
class ClaimedStart:
    """Exact initial means of a descent, and the fates that are claimed.

    Attributes
    ----------
    label : str
        The start in words.
    means : n x d texts or exact numbers
        Centred means ``v_i``.
    step_size : str
        Step in ``v``.
    fates : tuple of str
        ``"converged"`` or ``"escaped"`` for every component, as claimed; ``"open"``: nothing is
        claimed of it.
    steps : int
        A run that no theorem decides within so many steps is undecided. Theorem L, which leaves
        fates open, is applied after the last one only.
    objective : {"forward", "reverse", "kl"}
    weights : tuple of str or None
        Uniform by default.
    """

    label: str
    means: tuple[tuple[str, ...], ...]
    step_size: str
    fates: tuple[str, ...]
    steps: int = 2000
    objective: str = "forward"
    weights: tuple[str, ...] | None = None

    @property
    def mixture(self) -> Mixture:
        """The start as an exact mixture."""
        return Mixture.of(self.means, self.weights)

    def met_by(self, fates: Sequence[str]) -> bool:
        """Whether these are the claimed fates, as far as any are claimed.

        Examples
        --------
        >>> start = ClaimedStart("two", (("1",), ("9",)), "0.1", (OPEN, "escaped"))
        >>> start.met_by(("undecided", "escaped")), start.met_by(("escaped", "converged"))
        (True, False)
        """
        pairs = zip(self.fates, fates, strict=True)
        return all(claimed in (OPEN, found) for claimed, found in pairs)


@dataclass(frozen=True)
class RegionE:
    """What a certificate's Region E depends on: the proof is replayed for these very numbers.

    Attributes
    ----------
    near_weight, far_weight : Fraction
        Weights of the two groups.
    near, far : Fraction
        The radii.
    boxes : tuple of str
        The certificate's cover.
    """

    near_weight: Fraction
    far_weight: Fraction
    near: Fraction
    far: Fraction
    boxes: tuple[str, ...] = field(repr=False)

    def __str__(self) -> str:
        return f"Region E with weights {self.near_weight}, {self.far_weight} and radius {self.far}"


@dataclass(frozen=True)
class Decided:
    """A start whose fates a theorem decides, recomputed by the checker.

    Attributes
    ----------
    start : ClaimedStart
    fates : tuple of str
        What becomes of the components.
    theorem : str
    step : int
        Step from which the theorem applies.
    digits : int
        Working digits of the recomputation.
    region : RegionE, Region or None
        For Region E and Theorem E_n'.
    beyond : str
        What the certificate uses and the theorem's proof does not say; empty if nothing.
    """

    start: ClaimedStart
    fates: tuple[str, ...]
    theorem: str
    step: int
    digits: int
    region: RegionE | Region | None = None
    beyond: str = ""

    def __str__(self) -> str:
        return (
            f"{self.start.label}: {', '.join(self.fates)} ({self.theorem} from step {self.step}, "
            f"recomputed with {self.digits} digits)"
        )


def decide(
    start: ClaimedStart, digits: int = DIGITS, max_seconds: float | None = None
) -> Decided | str:
    """Certify a descent and recompute its certificate with at least twice the digits.

    Returns
    -------
    Decided or str
        The fates, or why they are not decided.

    Examples
    --------
    >>> near = ClaimedStart("near", (("1.5",), ("1",)), "0.1", ("converged", "converged"))
    >>> found = decide(near)
    >>> found.fates, found.theorem, found.step
    (('converged', 'converged'), 'Theorem F', 4)
    """
    run = certified_descent(start, digits, max_seconds)
    certificate = certificate_of(run)
    if certificate is None or any(
        found == "undecided" and claimed != OPEN
        for found, claimed in zip(certificate.fates, start.fates, strict=True)
    ):
        return f"{start.label}: no theorem decides the fates within {run.steps} steps"
    accepted = recomputed(certificate, digits)
    if isinstance(accepted, str):
        return f"{start.label}: the certificate is rejected: {accepted}"
    return decided(start, certificate, accepted)


def decided(start: ClaimedStart, certificate: Certificate, accepted: Accepted) -> Decided:
    """What an accepted certificate says of a start.

    Examples
    --------
    >>> near = ClaimedStart("near", (("1.5",), ("1",)), "0.1", ("converged", "converged"))
    >>> certificate = certificate_of(certified_descent(near, 6))
    >>> str(decided(near, certificate, recomputed(certificate, 6)))
    'near: converged, converged (Theorem F from step 4, recomputed with 20 digits)'
    """
    found = (certificate.fates, accepted.theorem, accepted.step, accepted.digits)
    return Decided(start, *found, _region(certificate), _beyond(certificate))


def certificate_of(run: Descent) -> Certificate | None:
    """Read a run's certificate as the separate checker does; None if no theorem decides."""
    from numerics.descent.certificate import make_certificate
    from proofs_check.certificates.file_format import parse_certificate

    data = make_certificate(run)
    return None if data is None else parse_certificate(json.dumps(data))


def recomputed(certificate: Certificate, digits: int) -> Accepted | str:
    """Recompute a certificate with at least twice the run's digits; a text says why it is rejected.

    Examples
    --------
    >>> near = ClaimedStart("near", (("1.5",), ("1",)), "0.1", ("converged", "converged"))
    >>> certificate = certificate_of(certified_descent(near, 6))
    >>> recomputed(certificate, 6).theorem
    'Theorem F'
    """
    from proofs_check.certificates.checker import RejectedError, check

    try:
        return check(certificate, at_least=2 * digits)
    except RejectedError as error:
        return str(error)


def _region(certificate: Certificate) -> RegionE | Region | None:
    """What the proof of its theorem is asked for: weights and radius of Region E, or a region."""
    from proofs_check.certificates.file_format import SMALL_STEPS
    from proofs_check.certificates.small_steps import certified_region

    if certificate.theorem == SMALL_STEPS:
        return certified_region(certificate)
    region = certificate.region
    if certificate.theorem != "Region E" or region is None:
        return None
    near, far = (
        sum((w for w, f in zip(certificate.weights, certificate.fates, strict=True) if f == fate),
            Fraction(0))
        for fate in ("converged", "escaped")
    )  # fmt: skip
    return RegionE(near, far, region.near, region.far, region.boxes)


def _beyond(certificate: Certificate) -> str:
    """What a certificate uses beyond its theorem's proof: a changed step size, fewer dimensions."""
    from flint import fmpq, fmpq_mat

    theorem = certificate.theorem
    if certificate.starts[-1] > certificate.step:
        return f"{theorem} is proved for one step size, which changes after step {certificate.step}"
    truth = certificate.teacher_mean
    rows = [
        [fmpq(gap.numerator, gap.denominator) for gap in map(sub, row, truth)]
        for row in certificate.means
    ]
    if theorem in BY_DIMENSION and fmpq_mat(rows).rank() < len(truth):
        return f"{theorem} is proved for the space of the means, and applied in their span"
    return ""


def proof_gap(certificate: Certificate) -> str:
    """Why the theorem that a certificate rests on is not proved; empty if it is."""
    return _gap(_region(certificate) or certificate.theorem) or _beyond(certificate)


def _gap(theorem: str | RegionE | Region) -> str:
    reason = missing_proof(theorem)
    return f"no proof object holds {theorem}: {reason}" if reason else ""


@lru_cache(maxsize=64)
def missing_proof(theorem: str | RegionE | Region) -> str:
    """Replay a theorem's proof, for a certificate's numbers if need be; empty text if it holds.

    Examples
    --------
    >>> missing_proof("Theorem R")
    ''
    >>> missing_proof("Theorem K")  # proof K bounds the least loss, not the means
    'not in the catalogue'
    """
    from numerics.fates.escape_region import NEAR
    from proofs_check.proofs.catalogue import BUILDERS, proof
    from proofs_check.proofs.region_e import region_e
    from proofs_check.proofs.tactics.script import replay
    from proofs_check.proofs.theorem_e_n_prime import theorem_e_n_prime

    if isinstance(theorem, str):
        if PROOFS.get(theorem) not in BUILDERS:
            return LACKS.get(theorem, "not in the catalogue")
        found = replay(proof(PROOFS[theorem]))
    elif isinstance(theorem, RegionE):
        weight, region = theorem.near_weight, theorem
        if region.near != NEAR or weight + region.far_weight != 1:
            return "the proof is for |v_1| <= 3/20 and two groups"
        found = replay(region_e(near_weight=weight, far=region.far, boxes=region.boxes))
    else:
        found = replay(theorem_e_n_prime(theorem))
    if found.verdict is Verdict.PROVED:
        return ""
    if found.failed:
        return f"step {found.failed[0].step.name!r} does not hold"
    return "; ".join([*found.gaps, *found.open_steps])


def certified_descent(
    start: ClaimedStart, digits: int, max_seconds: float | None = None
) -> Descent:
    """Descend in ball arithmetic until a theorem decides the fates."""
    from numerics.descent.result import RunOptions
    from numerics.descent.run import descend

    return descend(
        start.objective,
        start.means,
        step_size=start.step_size,
        steps=start.steps,
        weights=start.weights,
        digits=digits,
        backend="ball",
        options=RunOptions(certify=True, max_seconds=max_seconds),
    )


@dataclass(frozen=True)
class CertifiedFates:
    """Fates of components from listed exact starts, by certificates.

    Every start is run in ball arithmetic until a theorem decides the fates; the certificate is
    recomputed from the start alone by `proofs_check.certificates.checker`. Starts with other fates
    than claimed refute; starts that no theorem decides leave the check inconclusive. The theorems
    that certificates rest on are replayed, Region E for each pair of group weights, radius and
    cover that a certificate uses, Theorem E_n' for each region. A theorem that no proof object
    holds only supports, and refutes nothing.

    Attributes
    ----------
    name : str
        Name within the claim.
    quick, full : callable
        Give the starts of each budget; not called before the check runs.

    Examples
    --------
    >>> fates = ("converged", "converged")
    >>> far = ClaimedStart("far", (("15",), ("1",)), "0.1", fates, objective="reverse")
    >>> CertifiedFates("far", lambda: (far,)).run(Context()).verdict
    <Verdict.PROVED: 'PROVED'>
    """

    name: str
    quick: Callable[[], Sequence[ClaimedStart]] = field(repr=False)
    full: Callable[[], Sequence[ClaimedStart]] | None = field(default=None, repr=False)

    def run(self, context: Context) -> CheckResult:
        """Decide every start."""
        starts = (self.full or self.quick)() if context.budget == "full" else self.quick()
        decided: list[Decided] = []
        for start in starts:
            if context.expired:
                return inconclusive(self.name, "time ran out", decide=MORE_TIME)
            outcome = decide(start, max(DIGITS, context.digits))
            if isinstance(outcome, str):
                return inconclusive(
                    self.name, outcome, decide="a start farther from the threshold, or more steps"
                )
            if not start.met_by(outcome.fates):
                return refuted_by(self.name, outcome, len(starts))
            decided.append(outcome)
        problems = _unproved(decided)
        theorems = sorted({found.theorem for found in decided})
        result = CheckResult(
            self.name,
            Verdict.PROVED,
            Method.BALL,
            f"{len(decided)} exact starts",
            digits=min(found.digits for found in decided),
            cases=len(decided),
            notes=(f"by {', '.join(theorems)}", *(str(found) for found in decided[:4])),
        )
        for problem in problems:
            result = result.weakened(problem)
        return result


def _unproved(decided: Sequence[Decided]) -> list[str]:
    """Theorems of the certificates that no proof object holds, and why."""
    theorems = dict.fromkeys(found.region or found.theorem for found in decided)
    beyond = dict.fromkeys(found.beyond for found in decided)
    return [gap for gap in (*map(_gap, theorems), *beyond) if gap]


@dataclass(frozen=True)
class GeneratedFates:
    """Fates of components from generated exact starts, each decided by a theorem, in balls.

    Supports what `CertifiedFates` proves for listed starts. A start with other fates than claimed
    is shrunk, and its certificate recomputed; starts that no theorem decides do not count.

    Attributes
    ----------
    name : str
        Name within the claim.
    family : str
        The starts in words.
    strategy : callable
        Gives a Hypothesis strategy of `ClaimedStart`.
    """

    name: str
    family: str
    strategy: Callable[[], SearchStrategy[ClaimedStart]] = field(repr=False)

    def run(self, context: Context) -> CheckResult:
        """Draw starts and decide them."""
        from proofs_check.sampling.evidence import gather_for, supported

        evidence = gather_for(context, _trial, self.strategy())
        if evidence.counterexample is not None:
            found = decide(evidence.counterexample, max(DIGITS, context.digits))
            if isinstance(found, str) or found.start.met_by(found.fates):
                return inconclusive(
                    self.name, f"not confirmed: {found}", self.family, decide=MORE_DIGITS
                )
            return refuted_by(self.name, found, evidence.cases)
        undecided = decimal_text(100 * evidence.rejected_share, 3)
        notes = (f"{undecided}% of {evidence.cases + evidence.rejected} starts undecided",)
        scope = f"{evidence.cases} generated starts: {self.family}"
        return supported(self.name, evidence, scope, self.family, digits=DIGITS, notes=notes)


def _trial(start: ClaimedStart) -> Trial:
    from proofs_check.sampling.evidence import Trial

    fates = tuple(fate.fate for fate in certified_descent(start, DIGITS).fates)
    return Trial(start.met_by(fates), rejected="undecided" in fates)


def refuted_by(name: str, found: Decided, cases: int) -> CheckResult:
    """Other fates than claimed refute if a proof holds the theorem that decides them."""
    problems = _unproved([found])
    if problems:
        return inconclusive(
            name, f"{found}: {'; '.join(problems)}", decide="a proof of that theorem"
        )
    claimed = ", ".join(found.start.fates)
    witness = Witness(
        found.start.mixture,
        f"{found.start.label}, {found.start.objective} loss, step {found.start.step_size}: "
        f"the fates are {claimed}",
        f"certified: {', '.join(found.fates)}",
        f"claimed: {claimed}",
        found.digits,
    )
    return CheckResult(
        name,
        Verdict.REFUTED,
        Method.BALL,
        found.start.label,
        digits=found.digits,
        cases=cases,
        notes=(str(found),),
        witness=witness,
    )


def exact_exponential(exponent: Fraction, digits: int = 30) -> str:
    """Return ``exp(exponent)`` rounded to so many digits, as decimal text.

    Starts are exact: where a statement has an exponential in its initialization, the start is this
    rational number.

    Examples
    --------
    >>> exact_exponential(Fraction(-1, 100), 10)
    '0.9900498337'
    """
    from mpmath import mp, mpf, nstr

    with mp.workdps(digits + 10):
        value = mp.exp(mpf(exponent.numerator) / exponent.denominator)
        return str(nstr(value, digits))
