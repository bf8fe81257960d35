"""Claims files: Python files or importable modules with ``CLAIMS``, read with errors named."""
