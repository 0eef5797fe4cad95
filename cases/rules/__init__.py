"""The regulation as pure Python: values in, values or reasons out."""
