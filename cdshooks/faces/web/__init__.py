"""HTTP: who is let in, what is answered, what is logged, and the processes that do it."""
