"""The location: its place on the map and its province, as people copy and type them."""

from datetime import date
from decimal import Decimal

import pytest

from contact.models import Location
from contact.place.coordinates import read_coordinates
from contact.place.holidays import country_code, days_without_hours, region_code
from tests.test_admin import address, form_page, typed_in

HERE = [Decimal("43.812346"), Decimal("-79.355000")]
WHOLE = [Decimal("43.812000"), Decimal("-79.355000")]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("43.8123456", HERE[:1]),
        ("43.81234567890123", HERE[:1]),
        (" 43,8123456 ", HERE[:1]),
        ("43.8123456° N", HERE[:1]),
        ("−79.355", HERE[1:]),
        ("- 79.355", HERE[1:]),
        ("79.355 W", HERE[1:]),
        ("-79.355°W", HERE[1:]),
        ("79,355 O", HERE[1:]),
        ("43.8123456, -79.355", HERE),
        ("43.8123456,-79.3550000000001", HERE),
        ("(43.8123456, -79.355)", HERE),
        ("43.8123456 -79.355", HERE),
        ("43,8123456; -79,355", HERE),
        ("43,8123456, -79,355", HERE),
        ("43°48'43.2\"N 79°21'18.0\"W", WHOLE),
        ("43° 48′ 43.2″ N, 79° 21′ 18.0″ W", WHOLE),
        ("0", [Decimal(0)]),
    ],
)
def test_coordinates_are_read_as_maps_give_them(text, numbers):
    assert read_coordinates(text) == numbers


@pytest.mark.parametrize("text", ["", "north", "43.8.1", "1e5", "nan", "\0", "9" * 400, "43.8, x"])
def test_what_is_no_coordinate_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011
        read_coordinates(text)


def save(owner, **typed):
    page = address(Location, "change", Location.objects.get().pk)
    return owner.post(page, typed_in(form_page(owner, page)) | typed)


@pytest.mark.parametrize(
    "typed",
    [
        {"latitude": "43.81234567890123", "longitude": "-79.3550000"},
        {"latitude": "43,8123456", "longitude": "79,355 W"},
        {"latitude": "43.8123456, -79.355"},
        {"longitude": "43.8123456, -79.355"},
        {"latitude": "43.8123456, -79.355", "longitude": ""},
    ],
)
def test_more_decimals_than_we_store_and_a_pasted_pair_are_taken(sample_site, owner, typed):
    assert save(owner, **typed).status_code == 302
    location = Location.objects.get()
    assert [location.latitude, location.longitude] == HERE


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"latitude": "up there"}, "Enter one number in degrees, for example 43.81413."),
        ({"latitude": "1, 2, 3"}, "Enter one number in degrees, for example 43.81413."),
        ({"latitude": "93.5"}, "Ensure this value is less than or equal to 90."),
        ({"longitude": "-181"}, "Ensure this value is greater than or equal to -180."),
        ({"longitude": ""}, "This field is required."),
    ],
)
def test_a_wrong_coordinate_is_told_beside_its_field(sample_site, owner, typed, words):
    answer = save(owner, **typed)
    (field,) = typed
    assert answer.context["adminform"].form.errors == {field: [words]}
    assert f'value="{typed[field]}"' in answer.text


@pytest.mark.parametrize("phone", ["905-555-0142", "905-555-0142 ext. 1234"])
def test_the_phone_is_shown_as_on_the_site_and_keeps_its_extension(sample_site, owner, phone):
    save(owner, phone=phone)
    page = address(Location, "change", Location.objects.get().pk)
    assert typed_in(form_page(owner, page))["phone"] == phone
    assert save(owner).status_code == 302
    assert Location.objects.get().phone_text == phone


@pytest.mark.parametrize("typed", ["call us", "555-0142", "905-555-01420000000"])
def test_a_wrong_phone_is_told_beside_its_field(sample_site, owner, typed):
    answer = save(owner, phone=typed)
    words = "Enter a phone number with its area code, for example 905-555-0142."
    assert answer.context["adminform"].form.errors == {"phone": [words]}
    assert f'value="{typed}"' in answer.text


@pytest.mark.parametrize(
    ("country", "text", "code"),
    [
        ("CA", "Ontario", "ON"),
        ("CA", " ontario", "ON"),
        ("CA", "on", "ON"),
        ("CA", "Ont.", "ON"),
        ("CA", "Québec", "QC"),
        ("CA", "QUEBEC", "QC"),
        ("CA", "B.C.", "BC"),
        ("CA", "Colombie‑Britannique", "BC"),
        ("CA", "Newfoundland", "NL"),
        ("US", "New York", "NY"),
        ("GB", "Scotland", "SCT"),
        ("CA", "New", None),
        ("CA", "Ontaria", None),
        ("CA", "", None),
        ("GB", "Surrey", None),
        ("XX", "Ontario", None),
    ],
)
def test_a_province_is_recognised_by_its_name_or_code(country, text, code):
    assert region_code(country, text) == code


@pytest.mark.parametrize("text", ["ca", "Canada", "CAN", " canada "])
def test_a_country_is_recognised_by_its_name_or_code(text):
    assert country_code(text) == "CA"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ({"region": "Ontario", "country": "Canada"}, ("ON", "CA")),
        ({"region": "québec"}, ("QC", "CA")),
        ({"region": "Surrey", "country": "GB"}, ("Surrey", "GB")),
    ],
)
def test_a_province_and_a_country_are_stored_as_codes(sample_site, owner, typed, stored):
    assert save(owner, **typed).status_code == 302
    location = Location.objects.get()
    assert (location.region, location.country) == stored


@pytest.mark.parametrize("typed", [{"region": "Ontaria"}, {"country": "Kanada"}])
def test_an_unknown_province_or_country_is_told_beside_its_field(sample_site, owner, typed):
    answer = save(owner, **typed)
    (field,) = typed
    (words,) = answer.context["adminform"].form.errors[field]
    assert "Enter its" in words
    assert f'value="{typed[field]}"' in answer.text


@pytest.mark.parametrize("region", ["Ontario", "ontario", "on"])
def test_holidays_are_asked_for_however_the_province_was_stored(sample_site, region):
    Location.objects.update(region=region)
    names = [name for _, name in days_without_hours(Location.objects.get(), date(2027, 2, 1))]
    assert "Family Day" in names
    Location.objects.update(region="Somewhere")
    names = [name for _, name in days_without_hours(Location.objects.get(), date(2027, 8, 20))]
    assert names == ["Labour Day"]
