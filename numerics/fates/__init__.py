"""What becomes of a component, by numerical criteria and by theorems."""
