"""Public holidays for which a location has no special hours yet."""

from datetime import date, timedelta
from functools import cache

AHEAD = timedelta(days=30)


@cache
def public_holidays(country, region, year):
    """Return a year's {day: name}, empty for a place that the library does not know."""
    from holidays import country_holidays  # here, because it takes a tenth of a second to load

    try:
        return dict(country_holidays(country, subdiv=region, years=year, language="en_CA"))
    except NotImplementedError:
        return {}


def days_without_hours(location, today):
    """Return (day, name) of the holidays within 30 days that are not special days of a Location."""
    entered = {special.day for special in location.coming_days}
    weekdays = {hours.weekday for hours in location.usual_hours}
    place = (location.country.upper(), location.region.upper())
    holidays = {}
    for year in {today.year, (today + AHEAD).year}:
        holidays |= public_holidays(*place, year)
    return [
        (day, name)
        for day, name in sorted(holidays.items())
        if today <= day <= today + AHEAD and day.weekday() in weekdays and day not in entered
    ]


def day_from(text):
    """Return the date in an address, or None if there is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
