"""Pages of cases: page (GET), part (GET, htmx), act (POST)."""
