"""The CDS Hooks contract, without a web framework."""
