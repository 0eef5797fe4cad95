"""The launcher behind ./relief: standard library only, for nothing is installed at its start."""
