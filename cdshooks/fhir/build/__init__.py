"""The inverse of reading: from a short list of facts to a Bundle that gives them back."""
