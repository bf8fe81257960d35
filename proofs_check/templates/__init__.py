"""Claims files to start from, one a kind of statement; ``proofs-check new-claim`` copies them."""
