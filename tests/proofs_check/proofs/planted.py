"""Errors planted in the combinations of exported proofs, for Coq to refuse.

Every combination of a proof stands as a lemma of its own, from its premises as hypotheses. The file
compiles only if Coq refuses every planted error and accepts every step that was weakened::

    python -m tests.proofs_check.proofs.planted K S R --count 100
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction

from proofs_check.proofs.catalogue import proof
from proofs_check.proofs.coq.derivation import Derivation
from proofs_check.proofs.coq.export import declarations, prelude
from proofs_check.proofs.coq.judge import compiled
from proofs_check.proofs.coq.language import Names
from proofs_check.proofs.coq.polynomials import Script
from proofs_check.proofs.kernel import ProofError, Term, Theorem, combine
from proofs_check.proofs.kernel.normal import normal
from proofs_check.proofs.kernel.theorem import Record
from proofs_check.proofs.tactics.language import number
from proofs_check.proofs.tactics.script import ScriptReplay, replay

PERCENT = Fraction(1, 100)


def combinations(found: ScriptReplay) -> list[Theorem]:
    """All combinations that a proof's steps are derived with."""
    seen: dict[Theorem, None] = {}
    stack = [o.theorem for o in found.outcomes if o.theorem is not None]
    while stack:
        theorem = stack.pop()
        if theorem not in seen:
            seen[theorem] = None
            stack += theorem.record.premises
    return [theorem for theorem in seen if theorem.record.rule == "combine"]


def _changed(record: Record, conclusion: Term, products, equalities) -> Record:
    premises = [t for _, theorems, _ in products for t in theorems]
    premises += [theorem for _, theorem in equalities]
    parameters = (tuple(products), tuple(equalities), record.parameters[2])
    return record._replace(conclusion=conclusion, parameters=parameters, premises=tuple(premises))


def _without(items: Sequence, place: int) -> list:
    return [*items[:place], *items[place + 1 :]]


def _with(items: Sequence, place: int, item: object) -> list:
    return [*items[:place], item, *items[place + 1 :]]


def planted(theorem: Theorem) -> Iterator[tuple[str, Record]]:
    """Changed copies of a combination, with the kind of change."""
    record = theorem.record
    products, equalities, _ = record.parameters
    goal = record.conclusion
    left, right = goal.args

    def relation(low: Term, high: Term) -> Record:
        return _changed(record, Term(goal.op, (low, high)), products, equalities)

    yield "tightened", relation(left, (1 - PERCENT) * right)
    yield "tightened", relation((1 + PERCENT) * left, right)
    yield "tightened", relation(left + PERCENT, right)
    yield "sides changed", relation(right, left)
    for place, (value, theorems, squares) in enumerate(products):
        part = ((1 - PERCENT) * value, theorems, squares)
        yield "multiplier", _changed(record, goal, _with(products, place, part), equalities)
        yield "premise dropped", _changed(record, goal, _without(products, place), equalities)
        part = (-value, theorems, squares)
        yield "sign flipped", _changed(record, goal, _with(products, place, part), equalities)
    for place, (factor, other) in enumerate(equalities):
        yield "premise dropped", _changed(record, goal, products, _without(equalities, place))
        part = (-factor, other)
        yield "sign flipped", _changed(record, goal, products, _with(equalities, place, part))


def weakened(theorem: Theorem) -> Record | None:
    """``l <= r + 1/100`` from ``l <= r``, with one more product."""
    record = theorem.record
    products, equalities, _ = record.parameters
    if record.conclusion.op == "equal":
        return None
    left, right = record.conclusion.args
    goal = Term(record.conclusion.op, (left, right + PERCENT))
    return _changed(record, goal, [*products, (PERCENT, (), ())], equalities)


def wrong(record: Record) -> bool:
    """Whether a change is one: the combination no longer gives the conclusion."""
    products, equalities, unfolded = record.parameters
    left, right = record.conclusion.args
    total = right - left
    for value, theorems, squares in products:
        part = number(-Fraction(value))
        for t in theorems:
            part = part * (t.record.conclusion.args[1] - t.record.conclusion.args[0])
        for s in squares:
            part = part * s * s
        total = total + part
    for factor, t in equalities:
        total = total - factor * (t.record.conclusion.args[1] - t.record.conclusion.args[0])
    return bool(normal(total, unfolded))


def refused_by_kernel(record: Record) -> bool:
    """Whether the kernel refuses it too."""
    try:
        combine(record.conclusion, *record.parameters)
    except ProofError:
        return True
    return False


def planted_file(theorems: Sequence[Theorem], seed: int, count: int) -> tuple[str, Counter[str]]:
    """A file that compiles only if Coq refuses and accepts as it should, and what is in it."""
    draw = random.Random(seed)
    errors = [found for t in theorems for found in planted(t) if wrong(found[1])]
    chosen = draw.sample(errors, min(count, len(errors)))
    names, script = Names(), Script()
    derivation = Derivation(names, script, planted=True)
    kinds: Counter[str] = Counter()
    for place, (kind, record) in enumerate(chosen):
        assert refused_by_kernel(record), (kind, record)
        for premise in record.premises:
            derivation.grant(premise)
        derivation.write(f"planted_{place}", record, refused=True)
        kinds[kind] += 1
    accepted = [found for t in theorems if (found := weakened(t)) is not None]
    accepted = draw.sample(accepted, min(max(1, count // 4), len(accepted)))
    for place, record in enumerate(accepted):
        for premise in record.premises:
            derivation.grant(premise)
        derivation.write(f"weakened_{place}", record)
        kinds["accepted: weakened"] += 1
    head = declarations(names, derivation.assumed)
    return "\n".join([prelude(), *head, *script.lines, "End Mixture.", ""]), kinds


def main() -> int:
    """Plant errors in the proofs named, and print what Coq says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="+")
    parser.add_argument("--count", type=int, default=100, help="errors in each proof")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    total: Counter[str] = Counter()
    failed = False
    for name in given.names:
        start = time.perf_counter()
        theorems = combinations(replay(proof(name)))
        text, kinds = planted_file(theorems, given.seed, given.count)
        right, _, message = compiled(text, 3600)
        failed = failed or not right
        total += kinds
        shown = ", ".join(f"{kind} {n}" for kind, n in sorted(kinds.items()))
        outcome = "as it should be" if right else f"NOT as it should be: {message}"
        print(f"{name}: {shown}: {outcome} ({time.perf_counter() - start:.0f} s)", flush=True)
    errors = sum(n for kind, n in total.items() if not kind.startswith("accepted"))
    print(f"{errors} errors, {total['accepted: weakened']} weakened steps")
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
