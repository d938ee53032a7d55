"""Treatments, requests, warnings, derived facts and blocks: each kind of file has a module."""
