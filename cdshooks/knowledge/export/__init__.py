"""The knowledge in other forms: a sheet to sign, FHIR resources, the difference of two editions."""

BASE = "https://cdshooks-net.example/fhir"  # a name that resolves nowhere: a deployer gives its own
