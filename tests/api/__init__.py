"""The interface to programs."""
