"""What a test or a measurement needs and this machine lacks."""


class MissingError(Exception):
    """Something is not here; the words say the mend."""
