"""The objectives: integrands, gradients, Hessians, and their lowering to programs."""
