"""Reads across the rooms."""
