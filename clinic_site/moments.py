"""Days and times as patients read them, written the same on every page and in every mail."""


def clock(moment):
    """Return a time like 9:00 am, 12:30 pm; midnight is 12:00 am."""
    return f"{moment.hour % 12 or 12}:{moment:%M} {'am' if moment.hour < 12 else 'pm'}"


def day_and_time(moment):
    """Return an aware local moment like Tuesday, November 24, 12:00 pm."""
    return f"{moment:%A}, {moment:%B} {moment.day}, {clock(moment)}"
