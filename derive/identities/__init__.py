"""The identities of the gradients, by name, with their false variants."""
