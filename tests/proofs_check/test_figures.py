"""Figures show what their captions say: checked on the numbers that are drawn."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from proofs_check import registry
from proofs_check.claim import Context


class RecordingAxes:
    """Remembers curves by label; everything else is accepted and forgotten."""

    def __init__(self):
        self.curves = []

    def plot(self, xs, ys, *style, label="", **options):
        self.curves.append((label, list(xs), list(ys)))
        return [self]

    semilogy = loglog = plot

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
    for curve in ("(0,a)", "(0,a,-a)"):
        place = next(k for k, (label, _, _) in enumerate(axes.curves) if label == curve)
        _, xs, ys = axes.curves[place]
        _, (root,), _ = axes.curves[place + 1]
        changes = [(a, b) for a, b, u, v in zip(xs, xs[1:], ys, ys[1:], strict=False) if u > 0 > v]
        ((low, high),) = changes
        assert low < root < high


def test_r1_only_the_reverse_loss_keeps_its_direction():
    axes = drawn("R1")
    reverse, forward = axes["R(sv)/s²"], axes["L(sv)/s²"]
    assert reverse == sorted(reverse)
    assert forward[-1] < forward[0] / 2


def test_e1_the_gradients_agree_near_the_truth_and_only_one_changes_sign():
    axes = drawn("E1")
    kl, forward = axes["gradient of K"], axes["gradient of L/2"]
    assert kl[0] == pytest.approx(forward[0], rel=0.01)
    assert min(kl) > 0 > min(forward)


def test_e6_the_slope_of_k_is_the_loss_over_s():
    axes = drawn("E6")
    assert axes["d/ds K(sv)"] == pytest.approx(axes["L(sv)/s"], abs=1e-10)
    changed = axes["1.05 L(sv)/s (control)"]
    assert all(
        Fraction(high) > Fraction(low) for high, low in zip(changed, axes["L(sv)/s"], strict=True)
    )
