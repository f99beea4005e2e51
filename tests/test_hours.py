"""The clinic's hours: closing time, midnight, gaps, special days and changes of the clock."""

from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from clinic_site.web.json_ld import opening_hours
from contact.place.hours import Schedule, overlap

TORONTO = ZoneInfo("America/Toronto")


def weekly(weekday, opens, closes):
    return SimpleNamespace(
        weekday=weekday, opens=time.fromisoformat(opens), closes=time.fromisoformat(closes)
    )


def special(day, opens=None, closes=None, note=""):
    return SimpleNamespace(
        day=date.fromisoformat(day),
        opens=opens and time.fromisoformat(opens),
        closes=closes and time.fromisoformat(closes),
        note=note,
    )


def schedule(rows=(), days=(), zone=TORONTO):
    return Schedule(rows, days, zone)


def at(text, zone=TORONTO):
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


NINE_TO_SEVEN = [weekly(day, "09:00", "19:00") for day in range(5)]


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        ("2026-11-24 09:00:00", "Open now until 7:00 pm"),  # a Tuesday
        ("2026-11-24 08:59:59", "Opens today at 9:00 am"),
        ("2026-11-24 18:59:59", "Open now until 7:00 pm"),
        ("2026-11-24 19:00:00", "Opens Wednesday at 9:00 am"),
        ("2026-11-24 23:59:59", "Opens Wednesday at 9:00 am"),
        ("2026-11-25 00:00:00", "Opens today at 9:00 am"),
        ("2026-11-27 19:00:00", "Opens Monday at 9:00 am"),
    ],
)
def test_status_at_the_edges_of_the_day(moment, text):
    assert schedule(NINE_TO_SEVEN).status(at(moment)).text == text


def test_status_is_none_without_hours():
    assert schedule().status(at("2026-11-24 09:00")) is None


def test_status_in_a_lunch_gap_names_the_afternoon():
    rows = [weekly(1, "09:00", "12:00"), weekly(1, "13:00", "19:00")]
    assert schedule(rows).status(at("2026-11-24 12:30")).text == "Opens today at 1:00 pm"
    assert schedule(rows).status(at("2026-11-24 11:30")).text == "Open now until 12:00 pm"


def test_status_over_midnight():
    rows = [weekly(4, "18:00", "00:00"), weekly(5, "00:00", "02:00")]
    assert schedule(rows).status(at("2026-11-27 23:59")).text == "Open now until 2:00 am"
    assert schedule(rows).status(at("2026-11-28 01:59:59")).is_open
    assert not schedule(rows).status(at("2026-11-28 02:00")).is_open


def test_status_closing_at_midnight_says_so():
    rows = [weekly(4, "18:00", "00:00")]
    assert schedule(rows).status(at("2026-11-27 23:30")).text == "Open now until 12:00 am"
    assert not schedule(rows).status(at("2026-11-28 00:00")).is_open


def test_status_around_the_clock():
    rows = [weekly(day, "00:00", "00:00") for day in range(7)]
    assert schedule(rows).status(at("2026-11-24 03:00")).text == "Open now"


def test_special_day_closed_replaces_the_weekly_rows():
    days = [special("2026-11-24", note="Staff day")]
    status = schedule(NINE_TO_SEVEN, days).status(at("2026-11-24 10:00"))
    assert status.text == "Opens Wednesday at 9:00 am"


def test_special_day_with_other_hours():
    days = [special("2026-11-24", "10:00", "11:00"), special("2026-11-24", "14:00", "15:00")]
    hours = schedule(NINE_TO_SEVEN, days)
    assert hours.status(at("2026-11-24 09:30")).text == "Opens today at 10:00 am"
    assert hours.status(at("2026-11-24 11:00")).text == "Opens today at 2:00 pm"


def test_status_far_ahead_gives_the_date():
    days = [special(f"2026-12-{day:02}") for day in range(21, 32)]
    status = schedule(NINE_TO_SEVEN, days).status(at("2026-12-20 10:00"))
    assert status.text == "Opens Friday, January 1 at 9:00 am"


@pytest.mark.parametrize("server_zone", ["UTC", "Asia/Tokyo", "America/Los_Angeles"])
def test_status_does_not_depend_on_the_zone_of_now(server_zone):
    now = at("2026-11-24 18:30").astimezone(ZoneInfo(server_zone))
    assert schedule(NINE_TO_SEVEN).status(now).text == "Open now until 7:00 pm"


def test_spring_forward_shortens_the_night_not_the_day():
    # 2026-03-08: 2:00 am becomes 3:00 am.
    rows = [weekly(6, "01:00", "04:00")]
    hours = schedule(rows)
    assert hours.status(at("2026-03-08 01:30")).text == "Open now until 4:00 am"
    (opening,) = hours.openings(at("2026-03-08 00:00"), days=1)
    assert opening.end - opening.start == timedelta(hours=2)


def test_fall_back_keeps_open_through_both_one_o_clocks():
    # 2026-11-01: 2:00 am becomes 1:00 am again.
    hours = schedule([weekly(6, "00:30", "01:30")])
    first = datetime(2026, 11, 1, 1, 15, tzinfo=TORONTO)
    second = first.replace(fold=1)
    assert hours.status(first).is_open
    assert not hours.status(second).is_open


def test_day_after_the_change_opens_at_wall_clock_time():
    status = schedule(NINE_TO_SEVEN).status(at("2026-03-08 12:00"))
    assert status.text == "Opens Monday at 9:00 am"
    assert status.changes_at.utcoffset() == timedelta(hours=-4)


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("2026-11-24 10:00", "2026-11-24 14:00"),
        ("2026-11-24 17:00", "2026-11-25 11:00"),
        ("2026-11-27 18:00", "2026-11-30 12:00"),  # over a weekend
        ("2026-11-28 03:00", "2026-11-30 13:00"),
    ],
)
def test_add_open_hours_counts_open_time_only(asked, answered):
    assert schedule(NINE_TO_SEVEN).add_open_hours(at(asked), 4) == at(answered)


def test_add_open_hours_skips_a_holiday():
    days = [special("2026-11-25")]
    due = schedule(NINE_TO_SEVEN, days).add_open_hours(at("2026-11-24 17:00"), 4)
    assert due == at("2026-11-26 11:00")


def test_add_open_hours_without_hours_is_none():
    assert schedule().add_open_hours(at("2026-11-24 17:00"), 4) is None


def test_week_runs_monday_to_sunday_with_the_coming_dates():
    days = [special("2026-11-30", note="Staff day")]
    week = schedule(NINE_TO_SEVEN, days).week(at("2026-11-26 10:00"))  # a Thursday
    assert [day.name for day in week][0] == "Monday"
    assert week[0].day == date(2026, 11, 30)
    assert week[0].note == "Staff day"
    assert week[0].spans == ()
    assert [day.is_today for day in week] == [False, False, False, True, False, False, False]
    assert week[1].span_texts == [("9:00 am", "7:00 pm")]


def test_today_turns_at_the_location_s_midnight():
    hours = schedule(NINE_TO_SEVEN)
    today = [day.name for day in hours.week(at("2026-11-24 23:59:59")) if day.is_today]
    assert today == ["Tuesday"]
    today = [day.name for day in hours.week(at("2026-11-25 00:00:00")) if day.is_today]
    assert today == ["Wednesday"]


FRIDAY, SATURDAY, SUNDAY, MONDAY = 4, 5, 6, 0
SPECIAL = date(2026, 11, 27)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((FRIDAY, "09:00", "12:00"), (FRIDAY, "12:00", "00:00"), False),
        ((FRIDAY, "09:00", "13:00"), (FRIDAY, "12:00", "00:00"), True),
        ((FRIDAY, "09:00", "00:00"), (FRIDAY, "18:00", "20:00"), True),
        ((FRIDAY, "17:00", "01:00"), (FRIDAY, "09:00", "17:00"), False),
        ((FRIDAY, "17:00", "01:00"), (FRIDAY, "00:30", "02:00"), False),  # the night before
        ((FRIDAY, "17:00", "01:00"), (SATURDAY, "00:30", "02:00"), True),
        ((FRIDAY, "17:00", "01:00"), (SATURDAY, "01:00", "02:00"), False),
        ((SUNDAY, "22:00", "06:00"), (MONDAY, "05:00", "09:00"), True),
        ((MONDAY, "05:00", "09:00"), (SUNDAY, "22:00", "06:00"), True),
        ((SUNDAY, "22:00", "06:00"), (MONDAY, "06:00", "09:00"), False),
        ((FRIDAY, "18:00", "00:00"), (SATURDAY, "00:00", "02:00"), False),
        ((FRIDAY, "00:00", "00:00"), (FRIDAY, "08:00", "09:00"), True),
        ((SPECIAL, "17:00", "01:00"), (SPECIAL + timedelta(1), "00:00", "02:00"), True),
        ((SPECIAL, "17:00", "01:00"), (SPECIAL + timedelta(7), "17:00", "01:00"), False),
    ],
)
def test_hours_overlap_also_those_of_a_night_and_the_day_after(one, other, expected):
    rows = [(day, *map(time.fromisoformat, times)) for day, *times in (one, other)]
    assert overlap(*rows) == expected


NIGHT = [*NINE_TO_SEVEN[:4], weekly(FRIDAY, "17:00", "01:00")]


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        ("2026-11-27 16:59", "Opens today at 5:00 pm"),
        ("2026-11-27 17:00", "Open now until 1:00 am"),
        ("2026-11-28 00:59", "Open now until 1:00 am"),
        ("2026-11-28 01:00", "Opens Monday at 9:00 am"),
        ("2026-03-07 00:30", "Open now until 1:00 am"),
    ],
)
def test_a_night_is_one_row(moment, text):
    assert schedule(NIGHT).status(at(moment)).text == text


def test_a_special_friday_closes_its_night_too_and_a_special_saturday_does_not():
    closed = schedule(NIGHT, [special("2026-11-27")])
    assert closed.status(at("2026-11-28 00:30")).text == "Opens Monday at 9:00 am"
    other = schedule(NIGHT, [special("2026-11-27", "12:00", "15:00")])
    assert not other.status(at("2026-11-28 00:30")).is_open
    longer = schedule(NIGHT, [special("2026-11-27", "12:00", "02:00")])
    assert longer.status(at("2026-11-28 01:30")).text == "Open now until 2:00 am"
    saturday = schedule(NIGHT, [special("2026-11-28")])
    assert saturday.status(at("2026-11-28 00:30")).text == "Open now until 1:00 am"


def test_a_night_and_the_next_morning_that_meet_are_one_opening():
    rows = [weekly(SUNDAY, "22:00", "06:00"), weekly(MONDAY, "06:00", "12:00")]
    assert schedule(rows).status(at("2026-11-29 23:00")).text == "Open now until 12:00 pm"
    every_day = [weekly(day, "17:00", "17:00") for day in range(7)]
    assert schedule(every_day).status(at("2026-11-29 23:00")).text == "Open now"


@pytest.mark.parametrize(
    ("opens", "closes", "told"),
    [
        ("17:00", "01:00", ("17:00", "01:00")),  # Google reads it as the next day
        ("17:00", "00:00", ("17:00", "23:59")),
        ("00:00", "00:00", ("00:00", "23:59")),
    ],
)
def test_search_engines_get_a_night_as_one_row_too(opens, closes, told):
    row = opening_hours(weekly(FRIDAY, opens, closes), dayOfWeek="Friday")
    assert (row["opens"], row["closes"]) == told


@pytest.mark.parametrize(
    ("opens", "closes", "hours"),
    [
        ("2026-03-07", "04:00", 5),  # a Saturday: at 2:00 am it is 3:00 am
        ("2026-10-31", "04:00", 7),  # at 2:00 am it is 1:00 am again
        ("2026-11-07", "04:00", 6),
        ("2026-03-07", "03:00", 4),
    ],
)
def test_a_night_in_which_the_clocks_change_ends_by_the_clock(opens, closes, hours):
    rows = [weekly(SATURDAY, "22:00", closes)]
    (opening,) = schedule(rows).openings(at(f"{opens} 22:30"), days=2)
    assert opening.end - opening.start == timedelta(hours=hours)
    assert f"{opening.end.astimezone(TORONTO):%H:%M}" == closes


def test_hours_that_lie_in_the_hour_that_spring_leaves_out_are_none():
    hours = schedule([weekly(SUNDAY, "02:15", "03:10"), weekly(SUNDAY, "09:00", "10:00")])
    assert hours.status(at("2026-03-08 03:05")).text == "Opens today at 9:00 am"


def closed_from(day, days):
    start = date.fromisoformat(day)
    return [special((start + timedelta(n)).isoformat()) for n in range(days)]


@pytest.mark.parametrize(
    ("days", "text", "answer"),
    [
        (70, "Opens Tuesday, February 2 at 9:00 am", "2027-02-02 13:00"),
        (59, "Opens Friday, January 22 at 9:00 am", "2027-01-22 13:00"),
        (365, "Opens Wednesday, November 24, 2027 at 9:00 am", "2027-11-24 13:00"),
        (800, "Opens Thursday, February 1, 2029 at 9:00 am", "2029-02-01 13:00"),
    ],
)
def test_a_clinic_that_is_closed_for_long_names_the_day_it_opens_again(days, text, answer):
    hours = schedule(NINE_TO_SEVEN, closed_from("2026-11-24", days))
    now = at("2026-11-24 10:00")
    assert hours.status(now).text == text
    assert hours.add_open_hours(now, 4) == at(answer)


def test_a_page_kept_in_a_browser_knows_the_day_after_a_long_closure():
    """The script shows it when the last opening before the closure is over."""
    hours = schedule(NINE_TO_SEVEN, closed_from("2026-11-25", 30))
    now = at("2026-11-24 10:00")
    assert hours.status(now).text == "Open now until 7:00 pm"
    assert hours.far_opening(now) == "Opens Friday, December 25 at 9:00 am"
    assert schedule(NINE_TO_SEVEN).far_opening(now) == "Opens Tuesday, December 1 at 9:00 am"
    assert schedule().far_opening(now) == ""


def test_a_clinic_that_opens_with_a_special_day_far_ahead_names_it():
    hours = schedule([], [special("2027-03-01", "10:00", "18:00")])
    assert hours.status(at("2026-11-24 10:00")).text == "Opens Monday, March 1 at 10:00 am"
    assert schedule([], closed_from("2026-11-24", 70)).status(at("2026-11-24 10:00")) is None


def test_a_special_day_of_a_far_year_costs_no_time():
    hours = schedule([], [special("2206-03-01", "10:00", "18:00"), special("9999-12-31")])
    assert hours.status(at("2026-11-24 10:00")) is None


@pytest.mark.parametrize(
    ("now", "days", "since"),
    [
        ("2026-11-24 20:00", 1, "2026-11-24 09:00"),  # a Tuesday evening: it is finished
        ("2026-11-24 18:59", 1, "2026-11-23 09:00"),  # still open: Monday is the last
        ("2026-11-24 20:00", 2, "2026-11-23 09:00"),
        ("2026-11-24 20:00", 3, "2026-11-20 09:00"),  # over the closed weekend
        ("2026-11-24 20:00", 4, "2026-11-18 09:00"),  # and over a holiday
    ],
)
def test_open_days_ago_counts_days_with_opening_hours(now, days, since):
    hours = schedule(NINE_TO_SEVEN, [special("2026-11-19", note="Staff day")])
    assert hours.open_days_ago(at(now), days) == at(since)


def test_open_days_ago_without_hours_counts_all_days():
    now = at("2026-11-24 17:00")
    assert schedule().open_days_ago(now, 5) == now - timedelta(days=5)
