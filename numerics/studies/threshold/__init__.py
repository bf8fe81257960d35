"""The critical spread of a far cluster: searched, certified, and its limit for small steps."""
