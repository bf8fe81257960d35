"""Expectations with an error on every backend: `evaluate`, `Evaluator` and their engines."""
