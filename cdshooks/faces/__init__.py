"""How the engine is reached: HTTP and the command line."""
