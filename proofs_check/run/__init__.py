"""How a run is carried out: plan, processes, and going on after an interruption."""
