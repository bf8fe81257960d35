"""Studies made of the parts below: experiment, amplification, three objectives, star shape."""
