"""Standing pages in the admin."""
