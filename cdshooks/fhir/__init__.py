"""From a FHIR record to facts, and back."""
