"""Connections that this service opens: to registered hosts only, with a deadline and a size."""
