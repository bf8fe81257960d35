"""Command lines and files that no sensible user writes: kinds that have broken programs, mixed."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

#: Texts in the place of a number.
NUMBERS = (
    "0", "1", "-1", "0.1", "1/3", "-2.5", "6", "1e-9999", "-1e-9999", "1e9999", "1e-400", "1e400",
    "1e-320", "1e308", "1e150", "1.1e150", "1e-150", "1e-17", "1/0", "0/0", "0/1", "-0", "nan",
    "NaN", "inf", "-inf", "Infinity", "1e", "e5", ".", "-", "--", "", " ", "1_000", "0x10", "1,5",
    "1/2/3", "1e10000", "1e10001", "1e-10001", "1e1000000000", "9" * 4301, "9" * 20001,
    "1/" + "9" * 5000, "0." + "0" * 5000 + "1", "1." + "3" * 5000, "\u0661", "\uff11", "1\n",
    "\x00", "\udcff", "null", "true", "[]", "{}", '"1"', "6.00000000000000000000000000001",
    "3.999999999",
)  # fmt: skip
#: Texts in the place of a whole number.
INTEGERS = (
    "0", "1", "2", "3", "5", "12", "100", "-1", "1.5", "1e3", "1000000000", "99999999999999999999",
    "100000000000000000000000", "", " ", "--", "nan", "\u0663", "0x1", "1_0", "9" * 5000, "\x00",
)  # fmt: skip
SECONDS = ("0.2", "1e-300", "0", "-1", "nan", "inf", "1e400", "", "x", "1e-9999")
WORDS = (
    "", "-", "--", "F1", "I1", "F", "f1", "X1", "R", "K", "lemma-2.2", "nothing", "\x00", "\udcff",
    "../x", "a" * 5000, "%s", "{0}", "\u03b7", "-1", "F1.py", "0,a", "0,a,-a", "a,b", "a", ",,,",
    "2,3", "3,2", "1e-9999,1", "1,1", "0.1,9", "along", "coq", "latex",
)  # fmt: skip


def _table(n: int, d: int, entry: str = "1") -> str:
    row = "[" + ",".join([entry] * d) + "]"
    return "[" + ",".join([row] * n) + "]"


#: Texts in the place of a JSON list of means, weights or a mean.
TABLES = (
    "[]", "[[]]", "[[[1]]]", "{}", "1", "null", '"x"', "[", "]", "[[1],[2]", "[1,2]", "[[1],[2,3]]",
    "[[1],2]", "[[true]]", "[[null]]", '[["x"]]', '[[{"a": 1}]]', "[[NaN]]", "[[Infinity]]",
    "[[1e999999999]]", "[" * 100000, "[" * 70 + "]" * 70, "[[" + "9" * 5000 + "]]", "--", "",
    '{"means": [[0],[3]]}', '{"means": [[0]], "weights": [2]}', '{"means": 1, "means": 2}',
    '{"means": []}', '{"means": [[0],[3]], "weights": ["1/2","1/2"], "x": 1}',
    "[0.5,0.5]", "[1]", "[0,1]", "[-1,2]", "[0.5,0.6]", '["1/3","2/3"]', '["1e-9999","1"]',
    "[1e-300,1]", _table(1, 3), _table(2, 4), _table(3000, 1), _table(1, 5000), _table(40, 40),
    _table(100000, 1), _table(1, 100000), _table(5, 3, '"1e-9999"'), "[[0],[5]]", '[["0.1"],[5]]',
    '[["6.0000005"],["5.9999995"]]', "[[0,0],[1,2]]", "[[1,2,3,4,5],[5,4,3,2,1],[1,1,1,1,9]]",
    '[["1e-400"],[1]]', '[["1e150"],["-1e150"]]', '[["1e9999"],[0]]', "[[1e200]]", "[[1]]\x00",
)  # fmt: skip


def _mostly(good: tuple[str, ...], hostile: tuple[str, ...]) -> st.SearchStrategy[str]:
    """One refused value ends a command: three of four are ordinary."""
    return st.integers(0, 3).flatmap(lambda k: st.sampled_from(good if k else hostile))


def _one_of_twenty(seldom: tuple[str, ...], else_: tuple[str, ...]) -> st.SearchStrategy[str]:
    return st.integers(0, 19).flatmap(lambda k: st.sampled_from(else_ if k else seldom))


_ints = _mostly(("1", "2", "3", "5", "20"), INTEGERS)
_numbers = _mostly(("0.1", "1/3", "2", "6", "1e-20", "0.05", "1e-9999", "1e-400"), NUMBERS)
_tables = _mostly(("[1]", "[0]", "[0.5,0.5]", '["1/3","2/3"]', "[1,2]"), TABLES)
_words = st.sampled_from(WORDS)


@st.composite
def _means(draw: st.DrawFn) -> str:
    """Mostly of the right shape, with hostile entries."""
    if not draw(st.integers(0, 3)):
        return draw(st.sampled_from(TABLES))
    n, d = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    rows = [[draw(_numbers) for _ in range(d)] for _ in range(n)]
    return json.dumps(rows)


_lists = st.lists(_numbers, min_size=1, max_size=3).map(",".join)
_schedules = _numbers | st.lists(
    st.tuples(_ints, _numbers).map(":".join), min_size=1, max_size=3
).map(",".join)
_limit = ("--max-seconds", st.sampled_from(SECONDS))
_json = (
    "--json",
    st.just("-") | st.sampled_from(["--", "", "/dev/full", "/dev/null", "no/x", "/"]),
)
_digits = ("--digits", st.sampled_from(["1", "5", "15", "30"]) | _ints)
_backend = ("--backend", st.sampled_from(["float64", "mpmath", "ball", ""]))
_scheduler = ("--scheduler", st.sampled_from(["", "-", "host", "tcp://", "tcp://h:x", "\x00"]))
_objective = st.sampled_from(["forward", "reverse", "kl"])
_mixture = (
    ("--weights", _means() | _lists.map(lambda text: f"[{text}]")),
    ("--teacher-mean", _tables | _lists.map(lambda text: f"[{text}]")),
    ("--teacher", _tables),
)
_files = st.sampled_from(["<file>"])

_exact = ("--from", _files | _words)
_seed = ("--seed", _ints)
_claims = (
    ("--budget", st.sampled_from(["quick", "full", "x"])), ("--jobs", st.just("1") | _ints),
    ("--digits", _ints), _seed,
)  # fmt: skip
#: Options that every command has, besides ``--help`` and ``--version``.
COMMON = (("--quiet", None), ("--verbose", None))
#: What refuses a command before it does anything, but for once in twenty.
_seldom = ("--json", _one_of_twenty(("/dev/null",), ("--", "", "no/x", "/", "pages/x", "x\x00")))

#: Of each command: positional arguments, options that are always given, and options.
GRAMMAR: dict[str, tuple[Any, Any, Any]] = {
    "list": ((_files | _words,), (), ()),
    "explain": (
        (st.sampled_from(["F1", "K", "lemma-2.2", "<file>"]) | _words,),
        (),
        (("--replay", None), _limit),
    ),
    "derive": (
        (_words,), (), (("--format", st.sampled_from(["text", "latex", "python", "x"])), _limit)
    ),
    "prove": (
        (_words,),
        (),
        # Coq would compute in a process of its own: tests/proofs_check/proofs/coq
        (("--check", st.sampled_from(["", "x", "Coq"])), ("--all", None), ("--boxes", _ints),
         ("--record", _files | _words), ("--format", _words), ("--out", _words),
         ("--search", _words), ("--constant", _numbers), ("--degree", _ints),
         _limit, _json),
    ),
    "eval": (
        (),
        (("--objective", _objective), ("--means", _means())),
        (*_mixture, ("--quantity", st.sampled_from(["loss", "gradient", "hessian"])), _digits,
         _backend, ("--max-nodes", _ints), _limit, _exact, _json),
    ),
    "descend": (
        (),
        (("--objective", _objective), ("--means", _means()), ("--step-size", _schedules),
         ("--steps", st.sampled_from(["1", "3", "40"]) | _ints), ("--max-seconds", st.just("0.3"))),
        (*_mixture, ("--time", _numbers), _digits, _backend, ("--max-nodes", _ints),
         ("--every", _ints), ("--certify", None), ("--out", st.just("<out>") | _words),
         ("--certificate", _words), ("--resume", None), ("--overwrite", None), _exact, _json),
    ),
    "compare": (
        (),
        (("--means", _means()), ("--steps", st.just("100") | _ints)),
        (("--weights", _tables), ("--step-size", _numbers), ("--output", _words),
         _limit, _json),
    ),
    "stationary": (
        (),
        (("--objective", _objective), ("--slice", _mostly(("0,a", "0,a,-a"), WORDS))),
        (("--range", _lists), _digits, ("--components", _ints), ("--dimension", _ints),
         ("--starts", _ints), ("--weights", _tables), ("--census", None), _seed, _exact,
         ("--continue-weights", None), ("--reach", _mostly(("1", "1/2"), WORDS)), _limit, _json),
    ),
    "precision": (
        (),
        (("--max-seconds", st.just("0.2")),),
        (("--distance", _lists), ("--spread", _lists), ("--components", _lists),
         ("--family", _words), _seed, ("--resume", _files | _words), ("--out", _words),
         ("--figure", _words), ("--advise", None), ("--means", _means()), ("--step-size", _numbers),
         ("--objective", _objective), ("--steps", _ints), *_mixture, _scheduler, _json),
    ),
    "threshold": (
        (),
        (("--distance", _numbers), ("--step-size", _numbers), ("--max-seconds", st.just("0.2"))),
        (("--components", _ints), _digits, _scheduler, _json),
    ),
    "reproduce": (
        (st.sampled_from(["X1", "X2", ""]),),
        (("--output", st.just("<folder>")), ("--max-seconds", st.just("0.2"))),
        (("--steps", _ints), _seed),
    ),
    "verify": (
        (st.just("E6") | _words,),
        (("--max-seconds", st.just("1e-3")),),
        (("--resume", _files), ("--against", _files), *_claims, ("--strict", None),
         ("--junit", _words), _scheduler, _json),
    ),
    "pages": (
        (st.just("E6") | _words,),
        (("--report", _files), ("--output", st.just("<folder>"))),
        (*_claims, ("--out", _words), _limit),
    ),
    "sweep": (
        (st.sampled_from(["<file>", "status", "show", "plot", "merge", "", "x.toml"]),
         st.sampled_from(["<file>", "<folder>", "no", "", "\x00"])),
        (("--max-seconds", st.just("0.2")),),
        (("--out", _words | st.just("<folder>")), ("--where", _words), ("--columns", _words),
         ("--kind", st.just("fates") | _words), ("--x", _words), ("--y", _words),
         ("--limit", _ints), ("--csv", None), ("--example", None),
         ("--jobs", st.just("1") | _ints), _scheduler, _json),
    ),
    "report": (
        (st.just("E6") | _words,),
        (("--report", _files), ("--out", st.just("<folder>"))),
        (("--against", _files), ("--format", _words | st.just("latex")), *_claims,
         ("--no-figures", None), ("--no-proofs", None), _limit),
    ),
    "figures": (
        (_one_of_twenty(("star-region", "E6"), WORDS),),
        (("--out", st.just("<folder>") | _words),),
        (("--format", st.sampled_from(["svg", "pdf", "", "x"])), _limit),
    ),
    "new-claim": ((_words,), (("--kind", _words | st.just("identity")),), (("--out", _words),)),
    "check-certificate": ((_files,), (), (_limit,)),
    "doctor": ((), (_seldom,), (_limit,)),
}  # fmt: skip


@st.composite
def command_lines(draw: st.DrawFn) -> list[str]:
    """A command with its options; ``<file>``, ``<out>`` and ``<folder>`` stand for paths."""
    command = draw(st.sampled_from(sorted(GRAMMAR)))
    positional, needed, optional = GRAMMAR[command]
    words = [command, *(draw(values) for values in positional)]
    chosen = draw(st.lists(st.sampled_from((*optional, *COMMON)), max_size=4))
    for option, values in (*needed, *chosen):
        if values is None:
            words.append(option)
        elif draw(st.integers(0, 9)):
            words.append(f"{option}={draw(values)}")
        else:
            words += [option, draw(values)]
    return words


#: Contents of files that are none.
CONTENTS = (
    b"", b"[", b"{}", b"[]", b"null", b"1", b'"x"', b"[" * 100000, b'{"a":' * 100000, b"\xff\xfe",
    b"[" * 60 + b"]" * 60, b"{" * 1000, b"1" * 5000, b"1e999", b"NaN", b'{"a": 1, "a": 2}', b"\x00",
    b'{"claims": [], "environment": {"budget": "quick", "digits": 15, "seed": 0}}',
    b'{"claims": [1], "environment": {"budget": "quick", "digits": 15, "seed": 0}}',
    b'{"claims": {}, "settings": {}}', b'{"format": "proofs-check trajectory certificate"}',
    b'{"belongs": {}, "cases": []}', b'{"settings": 1, "versions": 2, "sources": 3, "claims": 4}',
)  # fmt: skip
#: Values that take the place of one in a valid document.
VALUES = (
    None, True, 0, -1, 1, 10**30, 1e300, "", "x", "1/0", "0/0", "nan", "0x1p+99999", "1e99999", [],
    {}, [[]], [None], [[[]]], {"a": 1}, "9" * 5000, "\udcff", [[["1"]]], -0.5, ["x"],
    "INCONCLUSIVE",
)  # fmt: skip


@st.composite
def spoiled(draw: st.DrawFn, document: Any) -> bytes:
    """A valid document with some of its values exchanged, removed or repeated, or cut short."""
    changed = json.loads(json.dumps(document))
    for _ in range(draw(st.integers(1, 2))):
        _spoil(draw, changed)
    text = json.dumps(changed).encode()
    return text[: draw(st.integers(0, len(text)))] if not draw(st.integers(0, 9)) else text


def _spoil(draw: st.DrawFn, place: Any) -> None:
    while True:
        keys = sorted(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            return
        key = draw(st.sampled_from(keys))
        inner = place[key]
        if isinstance(inner, dict | list) and inner and draw(st.integers(0, 3)):
            place = inner
            continue
        action = draw(st.sampled_from(["exchange", "exchange", "remove", "add"]))
        if action == "exchange":
            place[key] = deepcopy(draw(st.sampled_from(VALUES)))
        elif action == "remove":
            del place[key]
        elif isinstance(place, dict):
            place["more"] = deepcopy(draw(st.sampled_from(VALUES)))
        else:
            place.append(deepcopy(inner))
        return


#: Texts in the place of a TOML value, besides `NUMBERS` as they stand and in quotes.
TOML = (
    "[]", "[[]]", "{}", "{a = 1}", "true", "1979-05-27", "07:32:00", "0x" + "f" * 30000, "9" * 4301,
    "[1, 1]", "[1, 2, 3]", "[[1], [2]]", "[nan]", "[" * 900 + "]" * 900, "[" * 90 + "]" * 90,
    "{range = [0, 9]}", "{range = [9, 0]}", "{range = [0, 1e9]}", "{range = [0, 1, 2], step = 0}",
    "{range = [0, 100000000000000000000]}", "{linear = [0, 1], count = 3}", "{linear = [1, 1]}",
    "{linear = [0, 1], count = 1000000000000}", "{log = [0, 1], count = 3}", "{log = 1}",
    "{log = ['1e-9999', '1e9999'], count = 3}", "{log = [1e-9, 1], per_decade = 1000000}",
    "{log = ['1e-9999', '1e9999'], per_decade = 1000}", "{log = [1, 2], linear = [1, 2]}",
    "{uniform = [0, 1]}", "{uniform = [1, 0]}", "{log_uniform = [0, 1]}", "{choice = []}",
    "{choice = [1, 2]}", "{choice = ['means', 'normal']}", "'means'", "'normal'", "'kl'", "'own'",
    "'0:0.1,10:0.05'", "'0:0.1,0:0.05'", "'uniform'", "['1/2', '1/2']", "\"\\u202e\"", "''",
    "['spread < distance']", "['spread < 1e-9999']", "['1/(spread - spread) < 1']", "['(']",
    "['" + "(" * 2000 + "1" + ")" * 2000 + " < 2']", "['a.b < 1']", "['spread ** 999999 < 1']",
)  # fmt: skip
_KEYS = (
    "objective", "start", "components", "dimension", "weights", "means", "distance", "spread",
    "step_size", "steps", "time", "digits", "certify", "certificate", "seed", "draw", "draws",
    "conditions", "seconds_per_point", "title", "from", "\"\"", "x", ".".join("x" * 2000), "fixed",
    "grid.spread.linear", "zip",
)  # fmt: skip
_SECTIONS = (
    "",
    "[fixed]",
    "[grid]",
    "[[zip]]",
    "[sample]",
    "[sample]\ndraws = 5",
    "[x]",
    "[",
    "[[grid]]",
)


@st.composite
def specs(draw: st.DrawFn) -> str:
    """The text of a spec of a sweep."""
    lines: list[str] = []
    numbers = st.sampled_from(NUMBERS).map(lambda text: draw(st.sampled_from([text, f"'{text}'"])))
    values = st.sampled_from(TOML) | st.sampled_from(("1", "0.1", "'1e-20'", "[1, 2]")) | numbers
    for section in draw(st.lists(st.sampled_from(_SECTIONS), min_size=1, max_size=3, unique=True)):
        lines.append(section)
        keys = draw(st.lists(st.sampled_from(_KEYS), min_size=1, max_size=3, unique=True))
        lines.extend(f"{key} = {draw(values)}" for key in keys)
    return "\n".join(lines)


def filled(words: list[str], room: Path, file: Path) -> list[str]:
    """The words with paths in the places of their names."""
    names = {"<file>": str(file), "<out>": str(room / "run.csv"), "<folder>": str(room / "pages")}
    for name, path in names.items():
        words = [word.replace(name, path) for word in words]
    return words
