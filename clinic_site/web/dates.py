"""Days and times as people read them, written the same on every page and in every mail."""

from datetime import timedelta

from django.utils import timezone

YEAR_AFTER = timedelta(days=300)  # from now, a date has its year
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def clock(moment):
    """Return a time like 9:00 am, 12:30 pm; midnight is 12:00 am."""
    return f"{moment.hour % 12 or 12}:{moment:%M} {'am' if moment.hour < 12 else 'pm'}"


def day_and_time(moment):
    """Return an aware local moment like Tuesday, November 24, 12:00 pm; far ones with the year."""
    year = f", {moment.year}" if abs(moment - timezone.now()) > YEAR_AFTER else ""
    return f"{moment:%A}, {moment:%B} {moment.day}{year}, {clock(moment)}"


def date_and_time(moment):
    """Return an aware moment, of any year, like November 24, 2026 at 12:00 pm, in local time."""
    local = timezone.localtime(moment)
    return f"{local:%B} {local.day}, {local.year} at {clock(local)}"
