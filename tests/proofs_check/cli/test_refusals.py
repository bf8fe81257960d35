"""Every refusal of the command line is one readable sentence: what, the value, what is allowed."""

from __future__ import annotations

import re
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics.errors import InputError
from numerics.stationary.slice_points import stationary_points
from tests.proofs_check.commands import refusal

FORWARD = "eval --objective forward --means"
SLICE = "stationary --objective forward --slice"
DESCEND = "descend --objective forward --means [[1]] --steps 5"
SEARCH = "stationary --objective forward"
STEP = "--step-size 0.1"

REFUSED = {
    "nothing": "COMMAND: got nothing; allowed: one of list, explain, verify",
    f"{FORWARD} [[0],[1,2]]": "--means[1]: got 2 entries; allowed: one entry, like means[0]",
    f"{FORWARD} []": "--means: got an empty list; allowed: a non-empty list of n rows",
    f"{FORWARD} [0,1]": "--means[0]: got 0; allowed: a non-empty list of n rows",
    f"{FORWARD} [[],[]]": "--means[0]: got no entries; allowed: a non-empty list of n rows",
    f"{FORWARD} [[NaN]]": "--means: got NaN; allowed: finite numbers",
    f"{FORWARD} [[x]]": "--means: got [[x]]; allowed: a JSON list",
    f"{FORWARD} [[null]]": "--means[0][0]: got None; allowed: a finite number",
    f"{FORWARD} [[0],[1]] --weights [1]": "--weights: got one entry; allowed: a list of 2 numbers",
    f"{FORWARD} [[0],[1]] --weights [1,-1]": "--weights[1]: got -1; allowed: a positive number",
    f"{FORWARD} [[0],[1]] --weights [0.5,0.4]": (
        "--weights: got weights whose sum is 1 - 0.1; allowed: 2 positive numbers"
    ),
    f"{FORWARD} [[0],[1]] --teacher-mean [1,2]": (
        "--teacher-mean: got 2 entries; allowed: a list of one number"
    ),
    f'{FORWARD} [[0]] --teacher \'{{"means":[[1]],"weights":[2]}}\'': (
        "--teacher.weights: got weights whose sum is 1 + 1; allowed: one number that is exactly 1"
    ),
    f"{FORWARD} [[0],[1]] --digits 20": "--digits: got 20; allowed: 1 to 15 with backend",
    f"{FORWARD} [[0],[1e6]]": 'or backend "ball", which takes these means)',
    f"{FORWARD} [[1e200]]": 'entries up to 1e+60 with backend "float64", or backend "ball"',
    f"{FORWARD} [[0],[1]] --json /nonexistent/x": "--json: got /nonexistent/x; allowed: a file",
    f'{SLICE} 0,a --weights \'["1/3","2/3"]\'': (
        "--slice: got 0,a; allowed: a slice that a derived identity reduces to one equation (here "
        'the gradient components on "0,a" with weights 1/3, 2/3 are not proportional to one scalar '
        "by any reflection identity)"
    ),
    f"{SLICE} 0,b": '(here "b" cannot be read: entries look like 0, a, -a, 1/2 or 1-2*a)',
    f"{SLICE} 0,1": "(here it has no variable: at least one entry must contain a)",
    f"{SLICE} ''": '--slice: got ""; allowed: a slice',
    f"{SLICE} {','.join('a' * 9)}": "(here it has more than 8 components)",
    f"{SLICE} 0,a --range=2,1": "--range: got 2,1; allowed: two numbers LO,HI with LO < HI",
    f"{SLICE} 0,a --components 3": "--components: got 3; allowed: nothing, with --slice",
    f"{SEARCH} --census": "--components: got nothing; allowed: a number from 2 to 6, with --census",
    f"{SEARCH} --census --components 2 --range=1,2": (
        "--range: got 1,2; allowed: nothing, with --census"
    ),
    f"{SEARCH} --continue-weights --digits 5": (
        "--digits: got 5; allowed: nothing, with --continue-weights"
    ),
    "stationary --objective kl --continue-weights": (
        "--objective: got kl; allowed: forward, with --continue-weights"
    ),
    f"{DESCEND} --step-size 0": "--step-size: got 0; allowed: a positive number such as 0.1",
    f"{DESCEND} --step-size 5:0.1": "--step-size: got 5:1/10; allowed: a positive number",
    f"{DESCEND} --step-size 0:0.1,0:0.2": "--step-size: got 0:1/10,0:1/5; allowed: a positive",
    f"{DESCEND} {STEP} --time 400": "--time: got 400; allowed: at most 300 for float64 (mpmath and",
    f"{DESCEND} {STEP} --certify": "--certify: got backend float64; allowed: the ball backend",
    f"{DESCEND} {STEP} --resume": "--resume: got no --out; allowed: a run with --out",
    f"{DESCEND} {STEP} --certificate x": "--certificate: got x; allowed: together with --certify",
    f"{DESCEND} {STEP} --out x.txt": "--out: got x.txt; allowed: a file name that ends in .csv",
    "precision --means [[1]]": "--means: got [[1]]; allowed: nothing, without --advise",
    "precision --advise --means [[6],[7]] --distance 3": (
        "--distance: got 3; allowed: nothing, with --advise"
    ),
    "precision --components 1,2": "--components: got 1,2; allowed: numbers from 2 to 16",
    "compare --weights [1]": "--weights: got [1]; allowed: together with --means",
    "verify F1 --against /nonexistent": (
        "--against: got /nonexistent; allowed: a report that proofs-check verify --json wrote (No "
        "such file or directory)"
    ),
    "pages --report /nonexistent": "wrote (No such file or directory)",
    "check-certificate /nonexistent": "not a readable text file (No such file or directory)",
    "reproduce X1 --output /dev/null/x": "allowed: a folder (Not a directory)",
}


def assert_readable(line: str) -> None:
    """One sentence for people: no Python names, no doubled word, no open bracket or quote."""
    text = line.rstrip("\n")
    assert text.startswith("proofs-check: error: ")
    assert not re.search(r"Error|Errno|Traceback|np\.|Fraction\(|<\w+ object", text)
    assert not re.search(r"\b([a-z]+) \1\b", text)
    assert not re.search(r"  |; ;|: ;|\.\.;|allowed: (use|not) ", text)
    assert text.count("(") == text.count(")")
    assert text.count('"') % 2 == 0


@pytest.mark.parametrize("command", REFUSED)
def test_refusals(capsys: pytest.CaptureFixture[str], command: str) -> None:
    line = refusal(capsys, *shlex.split(command))
    assert REFUSED[command] in line
    assert_readable(line)


@given(st.text("0123a,-/*+ b.", min_size=0, max_size=12))
def test_a_slice_is_searched_or_refused_in_one_sentence(text: str) -> None:
    try:
        stationary_points("forward", text, search_range=("1", "2"), digits=2, max_evaluations=1)
    except InputError as error:
        ours = re.sub(r'"[^"]*"', '"..."', error.allowed)  # what is quoted is the user's
        assert_readable(f"proofs-check: error: {error.argument}: got it; allowed: {ours}")
