"""Measurements of the real site: one module a scenario, each listed in __main__."""
