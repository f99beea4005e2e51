"""The street map: to scale, with the pin in the middle and names inside the frame."""

from math import cos, radians
from types import SimpleNamespace

import pytest

from contact.models import Location, MapStreet
from contact.place.street_map import HEIGHT, METRES_PER_UNIT, WIDTH, draw, points_from_text, project

PIN = (43.8, -79.36)


def street(points, weight="major", name="A Street"):
    return SimpleNamespace(name=name, weight=weight, points=points)


def test_the_pin_is_in_the_middle():
    assert project([PIN], PIN) == [(WIDTH / 2, HEIGHT / 2)]


def test_a_kilometre_is_as_long_north_as_east():
    north = (PIN[0] + 1000 / 111_320, PIN[1])
    east = (PIN[0], PIN[1] + 1000 / (111_320 * cos(radians(PIN[0]))))
    (x, y), (x2, y2) = project([north, east], PIN)
    assert HEIGHT / 2 - y == pytest.approx(1000 / METRES_PER_UNIT)
    assert x2 - WIDTH / 2 == pytest.approx(1000 / METRES_PER_UNIT)
    assert (x, y2) == (WIDTH / 2, HEIGHT / 2)


@pytest.mark.parametrize("text", ["", "43,-79", "43,-79; x,y", "43; 44", "99,0; 0,0", "1,2,3; 4,5"])
def test_points_that_make_no_street_are_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011
        points_from_text(text)


def test_streets_out_of_the_frame_are_left_out_and_highways_lie_on_top():
    rows = [
        street("43.79,-79.36; 43.81,-79.36", "highway", "H"),
        street("43.8,-79.37; 43.8,-79.35", "minor", "M"),
        street("40,-79.36; 40.1,-79.36", "major", "Far"),
    ]
    assert [one["name"] for one in draw(rows, PIN)] == ["M", "H"]


def test_names_stand_inside_and_never_upside_down():
    rows = [
        street("43.79,-79.36; 43.81,-79.361"),
        street("43.81,-79.361; 43.79,-79.36"),
        street("43.8,-79.34; 43.801,-79.38"),
    ]
    for one in draw(rows, PIN):
        x, y, angle = one["label"]
        assert 0 < x < WIDTH
        assert 0 < y < HEIGHT
        assert -90 <= angle <= 90


def test_a_name_longer_than_its_street_is_left_out():
    (one,) = draw([street("43.8,-79.36; 43.8,-79.3603", name="A very long name")], PIN)
    assert one["label"] is None


def test_the_map_is_drawn_when_a_street_or_the_pin_is_saved(sample_site):
    location = Location.objects.get()
    assert location.map_streets
    with_street = location.map_streets
    street = location.streets.create(name="New Street", points="43.79,-79.36; 43.81,-79.36")
    moved = MapStreet.objects.get(pk=street.pk)
    moved.points = f"{location.latitude},-79.0; {location.latitude},-80.0"
    moved.save()
    location.refresh_from_db()
    assert [one["name"] for one in location.map_streets if one not in with_street] == ["New Street"]
    moved.delete()
    location.refresh_from_db()
    assert location.map_streets == with_street
    location.latitude += 1
    location.save()
    location.refresh_from_db()
    assert location.map_streets == []


def test_a_location_goes_with_its_streets(sample_site):
    Location.objects.get().delete()
    assert not MapStreet.objects.exists()


def test_the_map_is_printed_as_stored(client, sample_site):
    Location.objects.update(map_streets=[{"weight": "minor", "path": "M1 2L3 4", "label": None}])
    assert 'class="map__street map__street--minor" d="M1 2L3 4"' in client.get("/").content.decode()
