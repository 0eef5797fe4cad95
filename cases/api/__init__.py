"""The interface to cases: the same operations and reports as the pages."""
