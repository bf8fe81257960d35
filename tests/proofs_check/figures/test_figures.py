"""Figures show what their captions say: checked on the numbers that are drawn."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from numerics.studies.sources_experiment import Experiment, Row
from proofs_check import registry
from proofs_check.checks import experiment as experiment_checks
from proofs_check.claim import Context
from proofs_check.figures import f7


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
    assert len(left.curves) == 10
    assert right["$M = 6$"] == [0.1, 0.01, 0.005]
    slope = right["slope $-1$"]
    assert slope[0] / slope[-1] == pytest.approx(20.0)


def test_f7_frequencies_rise_with_the_distance(monkeypatch):
    monkeypatch.setattr(f7, "_CURVES", ((2, 1, "1"),))
    monkeypatch.setattr(f7, "_DISTANCES", (1, 100))
    axes = RecordingAxes()
    registry.get("F7").figure.draw(axes, Context())
    near, far = axes["$n = 2$, $d = 1$"]
    assert near < 0.5 < far <= 1
