"""A page kept since yesterday tells the truth: the script sets the hours for the present moment."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from clinic_site.sample_content import samples
from clinic_site.templatetags.site import timestamps
from contact.models import Location
from contact.place.hours import Schedule

pytestmark = pytest.mark.browser

ZONE = ZoneInfo("America/Toronto")
DAYS = 4  # how long the page is kept
MARGIN = timedelta(seconds=90)  # the script looks each minute


@pytest.fixture(scope="module")
def schedule():
    """The hours of the sample clinic, as the running site has them."""
    (location,) = [values for model, values in samples() if model is Location]
    closed = {"opens": None, "closes": None}
    return Schedule(
        [SimpleNamespace(**row) for row in location["weekly_hours"]],
        [SimpleNamespace(**row | closed) for row in location["special_days"]],
        ZONE,
    )


def moments(schedule, now):
    """Return moments around each opening, each closing and each midnight to come, in order."""
    edges = []
    for opening in schedule.openings(now, days=DAYS):
        edges += [opening.start, opening.end]
    today = now.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    midnights = [today + timedelta(days=number) for number in range(1, DAYS)]
    # In UTC: two moments of one zone are subtracted by their wall clocks.
    edges += [midnight.astimezone(UTC) for midnight in midnights]
    around = sorted(edge + side for edge in edges for side in (-MARGIN, MARGIN))
    return [moment for moment in around if moment > now + MARGIN]


@pytest.mark.parametrize("zone", ["America/Toronto", "Asia/Tokyo"])
def test_kept_page_says_what_the_server_would(visit, schedule, zone):
    page = visit(timezone_id=zone)
    now = datetime.now(UTC)
    page.clock.install(time=now)
    page.goto("/contact/")
    clock, told, expected = now, [], []
    for moment in moments(schedule, now):
        page.clock.fast_forward(int((moment - clock).total_seconds() * 1000))
        clock = moment
        marked = page.locator(".hours tr", has_text="(today)")
        told.append(
            (
                moment,
                set(page.locator("[data-openings]").all_inner_texts()),
                {
                    row.get_attribute("data-day")
                    for row in marked.all()
                    if "(today)" in row.inner_text()
                },
            )
        )
        expected.append(
            (
                moment,
                {schedule.status(moment).text},
                {moment.astimezone(ZONE).date().isoformat()},
            )
        )
    assert len(told) > 2 * (DAYS - 1)  # midnights alone; around Christmas there is little more
    assert told == expected


@pytest.mark.parametrize("days", [20, 70])
def test_kept_page_names_the_day_after_a_long_closure(visit, schedule, days):
    """The page of the last open day is kept until after its closing time."""
    page = visit(timezone_id="Asia/Tokyo")
    now = datetime(2027, 3, 2, 18, 30, tzinfo=ZONE)  # a Tuesday
    closed = [
        SimpleNamespace(day=now.date() + timedelta(number), opens=None, closes=None, note="")
        for number in range(1, days)
    ]
    hours = Schedule(sum(schedule.weekly.values(), []), closed, ZONE)
    page.clock.install(time=now)
    page.goto("/contact/")
    values = [timestamps(hours.openings(now, days=8)), hours.far_opening(now)]
    page.evaluate(
        """([openings, far]) => document.querySelectorAll("[data-openings]").forEach(
            (line) => Object.assign(line.dataset, { openings, far }))""",
        values,
    )
    page.clock.fast_forward(5 * 3600 * 1000)
    told = set(page.locator("[data-openings]").all_inner_texts())
    assert told == {hours.status(now + timedelta(hours=5)).text}


def test_today_is_found_however_the_browser_writes_dates(visit):
    page = visit()
    page.add_init_script(
        "for (const name of ['toLocaleDateString', 'toLocaleString', 'toLocaleTimeString'])"
        "  Date.prototype[name] = () => '1/12/2026';"
        "Object.defineProperty(Intl.DateTimeFormat.prototype, 'format', "
        "  { get: () => () => '1/12/2026' });"
    )
    page.clock.install(time=datetime.now(UTC) + timedelta(days=1))
    page.goto("/contact/")
    page.clock.fast_forward(61_000)
    tomorrow = (datetime.now(ZONE) + timedelta(days=1)).date().isoformat()
    for table in page.locator(".hours").all():
        marked = table.locator(".hours__today")
        assert [row.get_attribute("data-day") for row in marked.all()] == [tomorrow]
    assert "1/12" not in page.locator("[data-openings]").first.inner_text()


def test_translated_page_stays_translated_while_nothing_changes(visit, schedule):
    opening = schedule.openings(datetime.now(UTC))[1]
    now = opening.start + timedelta(hours=1)
    page = visit()
    page.clock.install(time=now)
    page.goto("/contact/")
    page.clock.fast_forward(61_000)
    line = page.locator("[data-openings]").first
    line.evaluate("line => line.textContent = 'Ouvert'")
    page.evaluate(
        "() => { window.changes = []; new MutationObserver((seen) => window.changes.push(...seen))"
        ".observe(document.body, "
        "{ subtree: true, childList: true, characterData: true, attributes: true }) }"
    )
    page.clock.fast_forward(3 * 60_000)
    assert line.inner_text() == "Ouvert"
    assert page.evaluate("window.changes.length") == 0
    closed = opening.end + MARGIN
    page.clock.fast_forward(int((closed - now).total_seconds() * 1000))
    assert line.inner_text() == schedule.status(closed).text
