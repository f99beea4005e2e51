"""Fields that hold a list as text."""


def split_names(text):
    """Return the names in a comma-separated text, without the empty ones."""
    return [name.strip() for name in text.split(",") if name.strip()]
