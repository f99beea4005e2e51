"""Opening hours: the status, the week and the next openings, in the location's time zone.

Hours are stored as wall-clock times and compared as moments in UTC. So they are right past midnight
and when the clocks change. A closing time that is not after the opening time is on the next day. A
night belongs to the day on which it begins, so a special day replaces its night too."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from clinic_site.web.dates import WEEKDAYS, YEAR_AFTER, clock

MIDNIGHT = time(0)
HORIZON_DAYS = 60  # how far ahead or back an opening is looked for, or past the last special day
MOST_DAYS = 3 * 366  # a special day of the year 2206 is a typing mistake
SOON = timedelta(days=6)  # the same in site.js, which names a day within it by its weekday
DAY, WEEK = 24 * 60, 7 * 24 * 60  # minutes


@dataclass(frozen=True)
class Opening:
    """One stretch of open time, in UTC: Python compares local moments of one zone by wall clock."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class DayHours:
    """A line of the hours table."""

    weekday: int
    day: date
    spans: tuple  # of (opens, closes), wall-clock times; empty when closed
    note: str  # the name of a special day
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
    """Return a moment as "today at 1:00 pm" or "Tuesday at 9:00 am", later ones with their date."""
    ahead = moment.date() - today
    day = WEEKDAYS[moment.weekday()] if ahead else "today"
    if ahead.days >= 7:
        day += f", {moment:%B} {moment.day}"
    if ahead >= YEAR_AFTER:
        day += f", {moment.year}"
    return f"{day} at {clock(moment)}"


class Schedule:
    """The opening hours of a location.

    Args:
        weekly: objects with `weekday` (0 is Monday), `opens` and `closes`.
        special: objects with `day`, `opens` (None when closed), `closes` and `note`, instead of
            that day's weekly hours.
        zone: the location's tzinfo.
    """

    def __init__(self, weekly, special, zone):
        self.zone = zone
        self.weekly, self.special = defaultdict(list), defaultdict(list)
        for span in weekly:
            self.weekly[span.weekday].append(span)
        for span in special:
            self.special[span.day].append(span)

    def spans(self, day):
        """Return the day's (opens, closes) wall-clock times in order."""
        spans = self.special[day] if day in self.special else self.weekly[day.weekday()]
        return tuple(sorted((span.opens, span.closes) for span in spans if span.opens is not None))

    def moment(self, day, wall_clock):
        return datetime.combine(day, wall_clock, self.zone).astimezone(UTC)

    def opening(self, day, opens, closes):
        last_day = day + timedelta(days=1) if closes <= opens else day
        return Opening(self.moment(day, opens), self.moment(last_day, closes))

    def openings(self, now, days=None):
        """Return the openings that end after `now`, in order, joined where they touch.

        Args:
            days: how many days from today on; by default HORIZON_DAYS past the last special day.
        """
        today = now.astimezone(self.zone).date()
        if days is None:
            closed_days = max(((day - today).days for day in self.special), default=0)
            days = min(max(closed_days, 0) + HORIZON_DAYS, MOST_DAYS)
        found = []
        # From yesterday: an opening may run into the new day.
        for offset in range(-1, days):
            day = today + timedelta(days=offset)
            for opens, closes in self.spans(day):
                opening = self.opening(day, opens, closes)
                if opening.end <= opening.start:  # in the hour that spring leaves out
                    continue
                if found and opening.start <= found[-1].end:
                    found[-1] = Opening(found[-1].start, max(opening.end, found[-1].end))
                else:
                    found.append(opening)
        return [opening for opening in found if opening.end > now]

    def status(self, now):
        """Return the Status at `now` (aware), or None without hours."""
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

    def far_opening(self, now):
        """Return the status while the next opening is at least SOON away, or "" without one."""
        today = now.astimezone(self.zone).date()
        starts = [one.start.astimezone(self.zone) for one in self.openings(now)]
        far = next((start for start in starts if start - now >= SOON), None)
        return f"Opens {day_and_clock(far, today)}" if far else ""

    def add_open_hours(self, now, hours):
        """Return the local moment when `hours` of open time have passed, or None if never."""
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
        today, left = now.astimezone(self.zone).date(), days
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
                note=self.special[day][0].note if day in self.special else "",
                is_special=day in self.special,
                is_today=day == today,
            )
            for day in days
        ]


def minutes(day, opens, closes):
    """Return (start, end) of a span in minutes; `day` is a date, or a weekday as a number."""
    number = day if isinstance(day, int) else day.toordinal()
    start, end = (DAY * number + one.hour * 60 + one.minute for one in (opens, closes))
    return start, end + (DAY if closes <= opens else 0)


def overlap(row, other):
    """Say whether two rows of (day, opens, closes) overlap; a weekday comes again each week."""
    (start, end), (other_start, other_end) = minutes(*row), minutes(*other)
    weeks = (-WEEK, 0, WEEK) if isinstance(row[0], int) else (0,)
    return any(start + week < other_end and other_start < end + week for week in weeks)
