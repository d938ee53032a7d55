"""The knowledge in other forms: a sheet to sign, FHIR resources, the difference of two editions."""
