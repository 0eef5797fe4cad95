"""Reads that join aggregates; page, list, desk and interface use the same ones."""
