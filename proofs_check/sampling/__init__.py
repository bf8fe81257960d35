"""Cases that checks draw, and what counts as evidence; public is `Cases`."""

from proofs_check.sampling.cases import Cases

__all__ = ["Cases"]
