"""Django's SQLite backend, with transactions that take the write lock at their first write."""
