"""Public holidays ahead on which a location would be open as on any day."""

from datetime import date, timedelta
from functools import cache

AHEAD = timedelta(days=30)


@cache
def public_holidays(country, region, year):
    """Return a year's {day: name}, none for a place that the library does not know.

    Read only when it is needed: it takes a tenth of a second to load.
    """
    from holidays import country_holidays

    try:
        found = country_holidays(country, subdiv=region, years=year, language="en_CA")
    except NotImplementedError:
        return {}
    return dict(found.items())


def days_without_hours(location, today):
    """Return (day, name) of the holidays within 30 days that nobody entered as special days.

    Args:
        location: a Location.
        today: a date.
    """
    entered = {special.day for special in location.coming_days}
    weekdays = {hours.weekday for hours in location.usual_hours}
    years = {today.year, (today + AHEAD).year}
    place = (location.country.upper(), location.region.upper())
    ahead = sorted(
        (day, name) for year in years for day, name in public_holidays(*place, year).items()
    )
    return [
        (day, name)
        for day, name in ahead
        if today <= day <= today + AHEAD and day.weekday() in weekdays and day not in entered
    ]


def day_from(text):
    """Return the date in an address, or None for what is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
