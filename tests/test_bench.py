"""bin/bench: its list of scenarios, its words for a wrong one, and its table."""

from importlib.util import find_spec

import pytest

from tests.bench import __main__ as bench
from tests.bench.report import Report


@pytest.mark.parametrize("name", bench.SCENARIOS)
def test_every_listed_scenario_is_there(name):
    assert find_spec(f"tests.bench.{name}")


def test_help_lists_the_scenarios(capsys):
    with pytest.raises(SystemExit, match="0"):
        bench.main(["--help"])
    assert bench.SCENARIOS["pages"] in capsys.readouterr().out


def test_an_unknown_scenario_exits_2_with_the_known_ones(capsys):
    with pytest.raises(SystemExit, match="2"):
        bench.main(["nope"])
    assert "pages" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "name"), [([], "pages"), (["--posts", "5"], "pages"), (["pages"], "pages")]
)
def test_pages_are_measured_when_nothing_is_named(arguments, name):
    assert bench.scenario_of(arguments)[0] == name


def test_a_report_is_one_plain_table_with_what_was_broken():
    report = Report("Two pages", ("page", "queries", "ms"))
    report.add("/", 1000, 1.25)
    report.add("/fees/", 9, 10.0)
    report.promise(True, "never shown")
    report.promise(False, "/ takes too many")
    assert str(report).splitlines() == [
        "Two pages",
        "",
        "page    queries    ms",
        "/         1,000   1.2",
        "/fees/        9  10.0",
        "BROKEN: / takes too many",
    ]
