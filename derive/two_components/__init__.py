"""Two components: reductions, crossing coordinates, the escape slice, residues."""
