"""Who calls: the proof in a signed token, and that it was not used before."""
