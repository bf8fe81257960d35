"""Tactics: how proofs are written. Nothing here is trusted; only the kernel makes theorems."""
