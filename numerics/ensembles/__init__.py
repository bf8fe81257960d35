"""Many starts at once, in float64: for frequencies."""
