"""Errors planted in the formulas must turn the tests red."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutants.forked import surviving
from tests.mutants.harness import Mutant, copy_of_the_packages, plant, run

GRADIENTS = "tests/derive/losses/test_gradients.py"
IDENTITIES = "tests/derive/identities/test_identities.py"
INDEX = "tests/derive/algebra/test_index.py"
ESCAPE = "tests/numerics/fates/test_escape_region.py"
PROOFS = "tests/proofs_check/proofs/test_proofs_forward.py"

MUTANTS = [
    Mutant(
        "sign of the responsibility's own term",
        "derive/algebra/mixture_rules.py",
        'atom("delta_component", indices[0], component) - atom("psi", component)',
        'atom("delta_component", indices[0], component) + atom("psi", component)',
        (GRADIENTS,),
    ),
    Mutant(
        "sign of x - v",
        "derive/algebra/mixture_rules.py",
        'towards = atom(X, label) - atom("v", component, label)',
        'towards = atom(X, label) + atom("v", component, label)',
        (GRADIENTS,),
    ),
    Mutant(
        "swapped component in d psi / d v",
        "derive/algebra/mixture_rules.py",
        'return atom("psi", *indices) * own * towards',
        'return atom("psi", component) * own * towards',
        (GRADIENTS,),
    ),
    Mutant(
        "factor in d psi / d x",
        "derive/algebra/mixture_rules.py",
        'return atom("psi", *indices) * atom("u", indices[0], label)',
        'return 2 * atom("psi", *indices) * atom("u", indices[0], label)',
        (GRADIENTS,),
    ),
    Mutant(
        "the density does not move with the parameters",
        "derive/algebra/mixture_rules.py",
        'if base != "student":\n        return ZERO',
        'if base != "nobody":\n        return ZERO',
        (GRADIENTS,),
    ),
    Mutant(
        "Stein without the mean of the base",
        "derive/algebra/calculus.py",
        "moved = base_mean(base, label) * test + derivative",
        "moved = derivative",
        (GRADIENTS,),
    ),
    Mutant(
        "Stein with the wrong sign",
        "derive/algebra/calculus.py",
        "moved = base_mean(base, label) * test + derivative",
        "moved = base_mean(base, label) * test - derivative",
        (GRADIENTS,),
    ),
    Mutant(
        "missing product-rule term",
        "derive/algebra/calculus.py",
        "for position, factor in enumerate(opened_key):\n            change",
        "for position, factor in list(enumerate(opened_key))[:1]:\n            change",
        (GRADIENTS,),
    ),
    Mutant(
        "KL with the wrong sign",
        "derive/losses/objectives.py",
        'atom("log_teacher") - atom("log_student")',
        'atom("log_student") - atom("log_teacher")',
        (GRADIENTS,),
    ),
    Mutant(
        "reverse divergence under the teacher",
        "derive/losses/objectives.py",
        '"reverse",\n    "student",',
        '"reverse",\n    "teacher",',
        (GRADIENTS,),
    ),
    Mutant(
        "factor in I3",
        "derive/identities/radial.py",
        'NamedTerm("mixed", Fraction(-4), m_c_m)',
        'NamedTerm("mixed", Fraction(-2), m_c_m)',
        (f"{IDENTITIES}::test_identity_holds",),
    ),
    Mutant(
        "sums of responsibilities dropped where another factor shares the component",
        "derive/algebra/calculus.py",
        "and uses[indices[0]] == 1)",
        "and uses[indices[0]] <= 2)",
        (f"{INDEX}::test_responsibilities_sum_to_one_and_centred_means_average_to_zero",),
    ),
    Mutant(
        "factor of the reduced gradient",
        "derive/two_components/escape_integrals.py",
        "sympy.cancel(moved * EPS**3 / 2)",
        "sympy.cancel(moved * EPS**3)",
        (f"{ESCAPE}::test_kernels_are_the_derivatives_of_the_loss",),
        on_disk=True,
    ),
    Mutant(
        "a responsibility that is not shared among coincident components",
        "derive/mixtures/coincident_groups.py",
        '_WEIGHTED = frozenset({"psi", "pi"})',
        '_WEIGHTED = frozenset({"pi"})',
        ("tests/derive/mixtures/test_coincident_groups.py",),
    ),
    Mutant(
        "the width of the slice's law",
        "derive/slices/slice_law.py",
        "sympy.exp(-U * S**2 / 2)",
        "sympy.exp(-U * S**2)",
        ("tests/derive/slices/test_slice_law.py::test_parts_under_the_law",),
    ),
]


UNCHANGED = [Mutant("nothing", m.file, m.old, m.old, m.tests) for m in MUTANTS[:1]]
PARTS = 2


def test_what_is_not_changed_passes() -> None:
    assert surviving("tests.mutants.test_derive_mutants", "UNCHANGED") == ["nothing"]


@pytest.mark.parametrize("part", range(PARTS))
def test_mutants_are_caught(part: int) -> None:
    assert surviving("tests.mutants.test_derive_mutants", "MUTANTS", part, PARTS) == []


@pytest.mark.parametrize("mutant", [m for m in MUTANTS if m.on_disk], ids=lambda m: m.name)
def test_mutant_of_what_is_stored_is_caught(mutant: Mutant, tmp_path: Path) -> None:
    root = copy_of_the_packages(tmp_path)
    plant(root, mutant)
    done = run(root, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *mutant.tests)
    assert done.returncode == 1, done.stdout[-2000:]
