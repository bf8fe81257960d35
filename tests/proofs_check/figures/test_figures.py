"""Figures show what their captions say: checked on the numbers that are drawn."""

from __future__ import annotations

import ast
import math
import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics.studies.sources_experiment import Experiment, Row
from proofs_check import figures, registry
from proofs_check.checks import experiment as experiment_checks
from proofs_check.claim import Context
from proofs_check.cli import main
from proofs_check.figures import f7, fate_map, r5, style, svg, sweeps
from proofs_check.figures.gallery import FIGURES
from proofs_check.figures.symbols import SYMBOLS
from tests.proofs_check.commands import refusal

ROOT = Path(__file__).parents[3]


class RecordingAxes:
    """Remembers curves by label; everything else is accepted and forgotten."""

    def __init__(self):
        self.curves = []

    def plot(self, xs, ys, *style, label="", **options):
        self.curves.append((label, list(xs), list(ys)))
        return [self]

    semilogy = semilogx = loglog = plot

    def errorbar(self, xs, ys, yerr, **options):
        self.plot(xs, ys, label=options["label"])
        assert all(low >= 0 and high >= 0 for low, high in zip(*yerr, strict=True))

    def get_color(self):
        return "black"

    def __getattr__(self, name):
        return lambda *arguments, **options: None

    def __getitem__(self, label):
        return next(ys for name, _, ys in self.curves if name == label)


DOCS = Path(__file__).parents[3] / "docs"
#: Symbols of a formula: a letter or Greek letter with what is written below it.
LETTERS = re.compile(r"\\(?:eta|tau|theta|nabla|Lambda|pi|psi)|\b[A-Za-z](?:_\w)?(?![A-Za-z])")


def drawn(identifier: str) -> RecordingAxes:
    axes = RecordingAxes()
    registry.get(identifier).figure.draw(axes, Context())
    for label, xs, ys in axes.curves:
        assert len(xs) == len(ys) > 0, label
        assert all(math.isfinite(value) for value in (*xs, *ys)), label
    return axes


def test_f1_the_residual_falls_with_the_digits_and_the_changed_one_stays():
    (_, digits, residuals), (_, _, changed) = drawn("F1").curves
    for count, size in zip(digits, residuals, strict=True):
        assert 0 < size < 10.0 ** (1 - count)
    assert min(changed) > 0.1


def test_f2_only_the_common_translation_keeps_the_loss():
    axes = drawn("F2")
    together = axes["teacher moved too"]
    assert max(together) - min(together) < 1e-11
    assert max(axes["teacher left behind"]) - min(axes["teacher left behind"]) > 0.5


def test_f4_roots_are_where_the_curves_change_sign():
    axes = drawn("F4")
    for curve in ("$(0,a)$", "$(0,a,-a)$"):
        place = next(k for k, (label, _, _) in enumerate(axes.curves) if label == curve)
        _, xs, ys = axes.curves[place]
        _, (root,), _ = axes.curves[place + 1]
        changes = [(a, b) for a, b, u, v in zip(xs, xs[1:], ys, ys[1:], strict=False) if u > 0 > v]
        ((low, high),) = changes
        assert low < root < high


def test_r1_only_the_reverse_loss_keeps_its_direction():
    axes = drawn("R1")
    reverse, forward = axes["$R(sv)/s^2$"], axes["$L(sv)/s^2$"]
    assert reverse == sorted(reverse)
    assert forward[-1] < forward[0] / 2


def test_e1_the_gradients_agree_near_the_truth_and_only_one_changes_sign():
    axes = drawn("E1")
    kl, forward = axes["gradient of $K$"], axes["gradient of $L/2$"]
    assert kl[0] == pytest.approx(forward[0], rel=0.01)
    assert min(kl) > 0 > min(forward)


def test_e6_the_slope_of_k_is_the_loss_over_s():
    axes = drawn("E6")
    assert axes[r"$\frac{d}{ds}\,K(sv)$"] == pytest.approx(axes["$L(sv)/s$"], abs=1e-10)
    changed = axes["$1.05\\,L(sv)/s$ (control)"]
    assert all(
        Fraction(high) > Fraction(low) for high, low in zip(changed, axes["$L(sv)/s$"], strict=True)
    )


def test_x1_one_of_five_goes_to_the_truth_and_the_loss_falls(monkeypatch):
    norms = {4.0: (0.1,) * 5, 6.0: (0.1, 7.0, 7.0, 7.0, 7.0)}

    def short(size):
        start = Row(0, size**2, (size,) * 5)
        rows = [Row(step, 100.0 / step, norms[size]) for step in (1000, 10000, 20000)]
        return Experiment(size, (start, *rows), np.zeros((5, 3)), 20000)

    monkeypatch.setattr(experiment_checks, "line_run", short)
    left, right = RecordingAxes(), RecordingAxes()
    registry.get("X1").figure.draw([left, right], Context())
    shown = [label for label, xs, _ in left.curves if xs]
    assert shown == ["_"] * 5 + [f"$|v_{i}|$" for i in range(1, 6)]
    assert [label for label, xs, _ in left.curves if not xs] == ["$M_0 = 4$", "$M_0 = 6$"]
    assert right["$M_0 = 6$"] == [0.1, 0.01, 0.005]
    slope = right["slope $-1$"]
    assert slope[0] / slope[-1] == pytest.approx(20.0)


def test_f7_frequencies_rise_with_the_distance(monkeypatch):
    monkeypatch.setattr(f7, "_CURVES", ((2, 1, "1"),))
    monkeypatch.setattr(f7, "_DISTANCES", (1, 100))
    axes = RecordingAxes()
    registry.get("F7").figure.draw(axes, Context())
    near, far = axes["$n = 2$, $d = 1$"]
    assert near < 0.5 < far <= 1


def test_the_same_numbers_give_the_same_bytes():
    figure = registry.get("F2").figure
    text, file = svg.render(figure, Context()), svg.render_pdf(figure, Context())
    assert file.startswith(b"%PDF")
    assert b"CreationDate" not in file
    assert svg.render(figure, Context()) == text
    assert svg.render_pdf(figure, Context()) == file
    assert "<dc:date>" not in text
    assert "Matplotlib" not in text


def test_a_reader_s_settings_change_nothing(monkeypatch):
    import matplotlib

    figure = registry.get("E6").figure
    before = svg.render(figure, Context())
    monkeypatch.setitem(matplotlib.rcParams, "lines.linewidth", 9.0)
    monkeypatch.setitem(matplotlib.rcParams, "font.size", 30.0)
    assert svg.render(figure, Context()) == before
    assert matplotlib.rcParams["lines.linewidth"] == 9.0


@pytest.mark.parametrize("identifier", ["E6", "F2", "R1", "R3"])
def test_legends_titles_and_labels_are_beside_the_data(identifier):
    figure = registry.get(identifier).figure
    with style.canvas(lambda axes: figure.draw(axes, Context())) as canvas:
        canvas.draw_without_rendering()
        (axes,) = canvas.axes
        panel, legend = axes.get_window_extent(), axes.get_legend().get_window_extent()
        whole = canvas.bbox
        assert legend.y1 <= axes.xaxis.label.get_window_extent().y0
        assert legend.y1 <= panel.y0
        for text in (axes.title, axes._left_title, axes.xaxis.label, axes.yaxis.label, legend):
            box = legend if text is legend else text.get_window_extent()
            assert whole.x0 <= box.x0 <= box.x1 <= whole.x1
            assert whole.y0 <= box.y0 <= box.y1 <= whole.y1
        assert axes.get_title(loc="left")


_WORDS = st.text("abcxyz-,.", min_size=1, max_size=12)
_FORMULAS = st.sampled_from(["$L$", "$a = 2.456$", "$(s, -s)$", r"$L\,\tau^2$", r"cost \$5 now"])


@given(st.lists(st.one_of(_WORDS, _FORMULAS), min_size=1, max_size=30), st.integers(1, 60))
def test_titles_are_never_broken_inside_mathematics(pieces, width):
    lines = style.wrapped(" ".join(pieces), width).split("\n")
    assert " ".join(lines) == " ".join(pieces)
    for line in lines:
        assert line.replace(r"\$", "").count("$") % 2 == 0
        assert len(line) <= width or " " not in re.sub(r"\$[^$]*\$", "", line.replace(r"\$", ""))


@pytest.mark.parametrize("path", sorted((ROOT / "docs").rglob("*.svg")), ids=lambda path: path.stem)
def test_published_figures_show_no_broken_mathematics(path):
    texts = re.findall(r"<!--(.*?)-->", path.read_text(encoding="utf-8"), re.DOTALL)
    assert texts
    assert not [text for text in texts if text.count("$") % 2]


def test_titles_and_legends_are_made_in_one_place():
    sources = [*(ROOT / "proofs_check").rglob("*.py"), *(ROOT / "docs").rglob("*.py")]
    own = {
        path.name
        for path in sources
        if re.search(r"\.set_title\(|\.legend\(", path.read_text(encoding="utf-8"))
    }
    assert own == {"style.py"}


def test_r5_draws_only_what_is_resolved(monkeypatch):
    monkeypatch.setattr(r5, "_STEPS", (32, 128))
    axes = drawn("R5")
    assert len(axes["one Gaussian"]) == 2
    assert len(axes["both means met"]) == 1
    assert all(min(values) >= 1e-10 for _, _, values in axes.curves)


@pytest.mark.parametrize(
    ("fates", "found"),
    [
        ({(3, 1): "c", (3, 2): "e", (4, 0): "c", (4, 1): "e"}, "below a spread that falls"),
        ({(3, 0): "c", (3, 1): "e", (4, 1): "c", (4, 2): "e"}, "below a spread that rises"),
        ({(3, 1): "e", (3, 2): "c", (4, 0): "c", (4, 1): "e"}, "from 2 of 4 starts"),
        ({(3, 1): "c", (3, 2): "e", (4, 1): "c", (4, 2): "e"}, "from 2 of 4 starts"),
        ({(3, 1): "c", (4, 1): "c"}, "from 2 of 2 starts"),
    ],
)
def test_a_fate_map_s_title_says_what_its_rows_show(fates, found):
    words = {"c": "converged", "e": "escaped"}
    rows = [
        dict.fromkeys(sweeps.FAMILY, 1)
        | {"distance": x, "log10_spread": y, "fate": words[fate], "status": "certified"}
        for (x, y), fate in fates.items()
    ]
    (panel,) = sweeps.panels("fates", rows, None, None)
    with style.canvas(panel.draw) as canvas:
        assert found in canvas.axes[0].get_title(loc="left").replace("\n", " ")


def test_every_colour_is_far_from_the_others():
    colours = [tuple(int(c[i : i + 2], 16) for i in (1, 3, 5)) for c in style.CYCLE]
    for i, one in enumerate(colours):
        for other in colours[:i]:
            assert math.dist(one, other) > 60


@pytest.mark.parametrize("name", ["precision-map", "fate-map"])
def test_maps_are_drawn(name, monkeypatch):
    monkeypatch.setattr(fate_map, "_PLACES", 9)
    text, file = svg.render(FIGURES[name], Context()), svg.render_pdf(FIGURES[name], Context())
    assert text.startswith("<?xml")
    assert file.startswith(b"%PDF")


def test_the_fate_map_agrees_with_the_theorems_regions(monkeypatch):
    monkeypatch.setattr(fate_map, "_PLACES", 9)
    seen = {}

    class Axes(RecordingAxes):
        def contourf(self, across, up, fates, **options):
            seen.update(
                {(x, y): fates[j][i] for i, x in enumerate(across) for j, y in enumerate(up)}
            )

    fate_map.draw(Axes(), Context())
    assert len(seen) == 81
    assert all(fate == 2 for (x, y), fate in seen.items() if x * x + y * y <= 2 and x != y)
    assert all(fate == 1 for (x, y), fate in seen.items() if x == 0 and abs(y) >= 3.1)


def test_f10_the_radii_come_in_the_order_of_the_theorems():
    axes = drawn("F10")
    source, small = axes["the source's radius"], axes[r"Theorem A, $\eta = 1/10$"]
    certified = axes[r"certified threshold, $\eta = 1/10$"]
    step = axes["Theorem B, first step $n/2$"]
    assert all(a > b > c for a, b, c in zip(source, small, certified, strict=False))
    assert step[-1] < small[-1] / 5


def test_f11_every_stationary_point_lies_below_the_curve_of_its_loss():
    curves = {label: (xs, ys) for label, xs, ys in drawn("F11").curves}
    for n in (2, 3, 4):
        levels, radii = curves[rf"$\rho_L$, $n = {n}$"]
        assert radii == sorted(radii)
        losses, norms = curves[rf"critical, $n = {n}$"]
        for loss, norm in zip(losses, norms, strict=True):
            # the curve is increasing: its value at the last level below the loss is a lower bound
            assert norm < max(r for level, r in zip(levels, radii, strict=True) if level <= loss)


def test_the_figures_command_writes_files_and_the_page(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["figures", "F2", "--format", "pdf", "--out", "talk"]) == 0
    assert Path("talk/F2.pdf").read_bytes().startswith(b"%PDF")
    monkeypatch.setattr(svg, "render", lambda figure, context: "<svg/>\n")
    assert main(["figures", "--out", "docs/figures"]) == 0
    written = {path.stem for path in Path("docs/figures").iterdir()}
    assert written == set(FIGURES)
    page = Path("docs/figures.md").read_text()
    assert page == (ROOT / "docs" / "figures.md").read_text()
    for link in re.findall(r"\]\(([^)]*)\)", page):
        assert (ROOT / "docs" / link).is_file(), link
    capsys.readouterr()
    assert "ID: got F99" in refusal(capsys, "figures", "F99")


def test_axes_take_their_symbols_from_one_glossary():
    """Labels of axes are words, or made by `axis`: a symbol has one meaning in all figures."""
    used = set()
    for path in sorted(Path(figures.__path__[0]).glob("*.py")):
        for call in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name)):
                continue
            if call.func.id == "axis":
                used.add(ast.literal_eval(call.args[0]))
            elif call.func.id == "finish":
                for text in map(ast.unparse, call.args[2:4]):
                    assert "axis(" in text or "$" not in text, f"{path.name}: {text}"
    assert used == set(SYMBOLS), "symbols that no figure uses"


def test_the_page_of_symbols_explains_those_of_the_figures():
    rows = re.findall(
        r"^\| (\$.*?) \|", (DOCS / "concepts" / "symbols.md").read_text(), re.MULTILINE
    )
    explained = set(LETTERS.findall(" ".join(rows)))
    for words, symbol in SYMBOLS.values():
        assert set(LETTERS.findall(symbol)) <= explained, f"{words}: {symbol}"
