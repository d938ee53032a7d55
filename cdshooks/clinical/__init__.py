"""What the facts mean and what follows from them; the standard library only."""
