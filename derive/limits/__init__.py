"""Limits: small means, the end games, long amplification, the trap."""
