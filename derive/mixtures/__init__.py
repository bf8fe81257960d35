"""What is true of every mixture: densities, masses, symmetries, coincident groups."""
