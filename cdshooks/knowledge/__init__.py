"""The files of `mappings/` as typed objects, checked before anything uses them."""
