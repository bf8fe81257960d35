"""What a derivation is made of: steps that are verified, and identities."""
