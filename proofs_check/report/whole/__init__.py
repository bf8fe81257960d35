"""A whole run for readers: one HTML file that needs nothing else, or a LaTeX appendix."""
