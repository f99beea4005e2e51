"""The colleges' rules for texts: the rules themselves, the checks, readability and their admin."""
