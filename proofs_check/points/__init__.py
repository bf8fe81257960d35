"""A mixture's quantities as numbers: by numerics, and by separate code that confirms."""
