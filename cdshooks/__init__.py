"""CDS Hooks for neuroendocrine tumours: a FHIR record in, cards with their reasons out."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("cdshooks-net")
except PackageNotFoundError:  # run from a checkout that was never installed
    __version__ = "0+unknown"
