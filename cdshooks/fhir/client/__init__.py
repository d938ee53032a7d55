"""Reading from the FHIR server of a caller, which may be slow, wrong or hostile."""

from cdshooks.fhir.client.fetch import FhirClient

__all__ = ["FhirClient"]
