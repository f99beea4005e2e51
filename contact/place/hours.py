"""When the clinic is open: right at midnight, on special days and over changes of the clock."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from clinic_site.web.dates import WEEKDAYS, clock

MIDNIGHT = time(0)
HORIZON_DAYS = 60  # how far ahead or back an opening is looked for


@dataclass(frozen=True)
class Opening:
    """One stretch of open time; both moments are aware and in UTC, so they compare truly."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class DayHours:
    """What one row of the hours table prints.

    `spans` holds (opens, closes) wall-clock times; empty means closed. `note` names a special day.
    """

    weekday: int
    day: date
    spans: tuple
    note: str
    is_special: bool
    is_today: bool

    @property
    def name(self):
        return WEEKDAYS[self.weekday]

    @property
    def span_texts(self):
        return [(clock(opens), clock(closes)) for opens, closes in self.spans]


@dataclass(frozen=True)
class Status:
    """Whether the clinic is open at a moment, and when that changes (aware, local) or None."""

    is_open: bool
    changes_at: datetime | None
    text: str


def day_and_clock(moment, today):
    """Return an aware local moment as "today at 1:00 pm", "Tuesday at 9:00 am" or with its date.

    A weekday alone is used only where it cannot be mistaken: up to six days ahead.
    """
    ahead = (moment.date() - today).days
    if ahead == 0:
        return f"today at {clock(moment)}"
    weekday = WEEKDAYS[moment.weekday()]
    if ahead < 7:
        return f"{weekday} at {clock(moment)}"
    return f"{weekday}, {moment:%B} {moment.day} at {clock(moment)}"


def days_before(now, zone):
    """Return the first and last day a look back from `now` (aware) may ask for."""
    today = now.astimezone(zone).date()
    return today - timedelta(days=HORIZON_DAYS), today


class Schedule:
    """A location's hours, and every question that is asked of them.

    Args:
        weekly: rows with `weekday` (0 is Monday), `opens`, `closes` (00:00 is midnight, the day's
            end).
        special: rows with `day`, `opens`, `closes`, `note`; no `opens` means closed. The rows of
            a day replace that day's weekly ones.
        zone: the location's tzinfo; the server's does not matter.
    """

    def __init__(self, weekly, special, zone):
        self.zone = zone
        self.weekly = {number: [] for number in range(7)}
        for row in weekly:
            self.weekly[row.weekday].append((row.opens, row.closes))
        self.special = {}
        for row in special:
            self.special.setdefault(row.day, []).append(row)

    def spans(self, day):
        """Return the day's (opens, closes) wall-clock times in order."""
        if day in self.special:
            rows = [(row.opens, row.closes) for row in self.special[day] if row.opens is not None]
        else:
            rows = self.weekly[day.weekday()]
        return tuple(sorted(rows))

    def moment(self, day, wall_clock):
        return datetime.combine(day, wall_clock, self.zone).astimezone(UTC)

    def opening(self, day, opens, closes):
        """Return the Opening of one span of a day; 00:00 as closing time ends the day."""
        last_day = day + timedelta(days=1) if closes == MIDNIGHT else day
        return Opening(self.moment(day, opens), self.moment(last_day, closes))

    def openings(self, now, days=HORIZON_DAYS):
        """Return the openings that end after `now`, in order, joined where they touch."""
        today = now.astimezone(self.zone).date()
        found = []
        # From yesterday: an opening may run into the new day.
        for offset in range(-1, days):
            day = today + timedelta(days=offset)
            for opens, closes in self.spans(day):
                opening = self.opening(day, opens, closes)
                if found and opening.start <= found[-1].end:
                    found[-1] = Opening(found[-1].start, max(opening.end, found[-1].end))
                else:
                    found.append(opening)
        return [opening for opening in found if opening.end > now]

    def status(self, now):
        """Return the Status at `now` (aware); None when no hours were ever entered.

        A clinic is open at its opening moment and closed at its closing moment.
        """
        openings = self.openings(now, days=8) or self.openings(now)
        if not openings:
            return None
        first = openings[0]
        today = now.astimezone(self.zone).date()
        if first.start > now:
            opens = first.start.astimezone(self.zone)
            return Status(False, opens, f"Opens {day_and_clock(opens, today)}")
        closes = first.end.astimezone(self.zone)
        if closes - now > timedelta(days=1):
            return Status(True, None, "Open now")
        return Status(True, closes, f"Open now until {clock(closes)}")

    def add_open_hours(self, now, hours):
        """Return the local moment by which `hours` of open time have passed since `now`.

        None when there are too few open hours ahead.
        """
        left = timedelta(hours=hours)
        for opening in self.openings(now):
            start = max(opening.start, now)
            if opening.end - start >= left:
                return (start + left).astimezone(self.zone)
            left -= opening.end - start
        return None

    def open_days_ago(self, now, days):
        """Return when the first of the last `days` finished open days began, as an aware moment.

        Without that many open days in HORIZON_DAYS, closed ones count too.
        """
        today = now.astimezone(self.zone).date()
        left = days
        for offset in range(HORIZON_DAYS):
            day = today - timedelta(days=offset)
            openings = [self.opening(day, *span) for span in self.spans(day)]
            if openings and openings[-1].end <= now:
                left -= 1
                if left == 0:
                    return openings[0].start
        return now - timedelta(days=days)

    def week(self, now):
        """Return seven DayHours from Monday to Sunday, each for its next date from today on."""
        today = now.astimezone(self.zone).date()
        days = sorted((today + timedelta(days=n) for n in range(7)), key=date.weekday)
        return [
            DayHours(
                weekday=day.weekday(),
                day=day,
                spans=self.spans(day),
                note=next((row.note for row in self.special.get(day, ())), ""),
                is_special=day in self.special,
                is_today=day == today,
            )
            for day in days
        ]


def overlaps(spans):
    """Say whether any two (opens, closes) spans of one day overlap; 00:00 closes the day."""
    minutes = sorted(
        (a.hour * 60 + a.minute, (b.hour * 60 + b.minute) or 24 * 60) for a, b in spans
    )
    return any(first[1] > second[0] for first, second in pairwise(minutes))
