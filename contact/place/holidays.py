"""Public holidays for which a location has no special hours yet."""

from datetime import date, timedelta
from functools import cache

from clinic_site.web.folding import fold_for_search

AHEAD = timedelta(days=30)


@cache
def country_codes():
    """Return {folded name or code: two letters} of the countries that the library knows."""
    from holidays.registry import COUNTRIES  # here, as below

    return {
        fold_for_search(name.replace("_", " ")): codes[1]
        for module, codes in COUNTRIES.items()
        for name in (module, *codes[1:3])
    }


def country_code(text):
    """Return a country's two letters from its name or code, or None for an unknown one."""
    return country_codes().get(fold_for_search(text).replace(".", ""))


@cache
def region_codes(country):
    """Return {folded name or code: code} of a country's provinces or states."""
    from holidays import country_holidays  # here, because it takes a tenth of a second to load

    try:
        place = country_holidays(country)
    except NotImplementedError:
        return {}
    names = dict.fromkeys(place.subdivisions) | getattr(place, "subdivisions_aliases", {})
    return {fold_for_search(name): code or name for name, code in names.items()}


def region_code(country, text):
    """Return a region's code, such as ON for Ontario, Ont. or on, or None for an unknown one."""
    codes, text = region_codes(country), fold_for_search(text).replace(".", "")
    begins = {code for name, code in codes.items() if len(text) > 2 and name.startswith(text)}
    return codes.get(text) or (begins.pop() if len(begins) == 1 else None)


@cache
def public_holidays(country, region, year):
    """Return a year's {day: name}: the country's own where the library does not know the region."""
    from holidays import country_holidays

    region = region_code(country, region)
    try:
        return dict(country_holidays(country, subdiv=region, years=year, language="en_CA"))
    except NotImplementedError:
        return {}


def days_without_hours(location, today):
    """Return (day, name) of the holidays within 30 days that are not special days of a Location."""
    entered = {special.day for special in location.coming_days}
    weekdays = {hours.weekday for hours in location.usual_hours}
    place = (location.country.upper(), location.region)
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
