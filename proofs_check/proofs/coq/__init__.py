"""The second judge: a proof's derivation as a file that Coq checks."""
