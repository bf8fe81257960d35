"""``python -m numerics.kernels [--write]``: check, or rewrite, the shipped kernels."""

import sys

from numerics.kernels.library import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
