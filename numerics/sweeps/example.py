"""The annotated spec that ``sweep --example`` prints."""

EXAMPLE = """\
# A sweep: gradient descent from many starts, and what becomes of every component.
# Numbers are exact: 0.1 is one tenth, "1/3" and 1e-400 are what they say.
title = "The spread at which a far cluster comes apart"

# Only points that satisfy all of these are run.
conditions = ["spread < distance"]

[fixed]                       # the same for all points
objective = "forward"         # "forward", "reverse", "kl", or an own one (from = "my_claims.py")
start = "apart"               # one component nearer to the truth than the others, by the spread
components = 2
steps = 2000                  # at most; a certified run stops where a theorem decides

[grid]                        # all combinations
step_size = [0.1, 0.3]
distance = { linear = [3, 8], count = 11 }
spread = { log = [1e-16, 1], per_decade = 1 }

# [[zip]]                     # values that go together
# components = [2, 3]
# weights = ["uniform", ["1/2", "1/4", "1/4"]]

# [sample]                    # drawn instead of listed
# seed = 1
# draws = 100
# distance = { uniform = [2, 10] }
# spread = { log_uniform = [1e-12, 1] }
"""
