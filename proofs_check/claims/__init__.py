"""The claims, one module per family; each module lists its own in ``CLAIMS``.

A claim file reads like the theorem. Nothing numeric or symbolic is worked out here, and nothing
heavy is imported at module level: checks load what they need when they run.
"""
