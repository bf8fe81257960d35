"""Proofs as lists of steps that can be replayed; see ``docs/proofs.md``."""
