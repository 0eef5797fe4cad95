"""Cases: the procedure as a table, and the operations behind it."""
