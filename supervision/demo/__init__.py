"""The demo district: synthetic people and cases, driven through the operations of real ones."""
