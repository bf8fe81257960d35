"""LaTeX of claims: which is safe to typeset, and Unicode text as LaTeX."""
