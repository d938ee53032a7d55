"""Reading numbers: from FHIR values, from the text of a value, and after a name in prose."""
