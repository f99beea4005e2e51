"""Runs one scenario by its name: bin/bench kills --times 100 --database postgresql."""

import argparse
import logging
import os
import sys
from contextlib import nullcontext
from importlib import import_module

import django

from tests.missing import MissingError
from tests.postgresql import postgresql

# What to measure when nothing is named.
USUAL = "pages"
SCENARIOS = {
    "backlog": "many waiting notifications: how fast they leave, and how soon a new one does",
    "pages": "what public pages cost in queries, CPU time and bytes",
    "editing": "the admin's lists with very many articles, and a long one's editor in Chromium",
    "inbox": "lists, search, a page and the export with very many enquiries",
    "inputs": "generated input in every field, path and parameter: no 500",
    "kills": "web server and sender killed while enquiries come in: lost, mailed twice",
    "outage": "days without a mail server, by a moved clock: when the last mail is sent",
    "serving": "behind nginx and alone: CPU per request, speed, memory, start, first view",
    "staff": "all slow work of staff beside five enquiries a second: waits for a lock, memory",
    "troubles": "a database locked, on a full or read-only disk, down: what people see and lose",
}


def parser_of(name=None):
    """Return the parser of one scenario, or of the command as a whole."""
    parser = argparse.ArgumentParser(
        f"bin/bench {name or ''}".strip(),
        description=SCENARIOS.get(name),
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    if name is None:
        scenarios = parser.add_subparsers(metavar="scenario", title=f"scenarios (else {USUAL})")
        for each, words in SCENARIOS.items():
            scenarios.add_parser(each, help=words, add_help=False)
    else:
        parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    return parser


def scenario_of(arguments):
    """Return the name of the scenario that was asked for and its own arguments."""
    if not arguments or (arguments[0].startswith("-") and arguments[0] not in ("-h", "--help")):
        return USUAL, arguments
    parser_of().parse_known_args(arguments[:1])  # ends with a list of them on any other word
    return arguments[0], arguments[1:]


def run(name, arguments):
    """Run a scenario and print its report; return how many promises were broken."""
    django.setup()
    logging.disable()  # the report says what happened
    scenario = import_module(f"tests.bench.{name}")
    parser = parser_of(name)
    scenario.add_arguments(parser)
    report = scenario.run(parser.parse_args(arguments))
    print(report)
    return len(report.broken)


def main(arguments):
    name, arguments = scenario_of(arguments)
    early = argparse.ArgumentParser(add_help=False)
    early.add_argument("--database")
    is_postgresql = early.parse_known_args(arguments)[0].database == "postgresql"
    os.environ.update(DJANGO_SETTINGS_MODULE="clinic_site.settings", DEVELOPMENT="1")
    try:
        with postgresql() if is_postgresql else nullcontext("") as url:
            # Empty, not missing: a missing one would be read from .env.
            os.environ.update(DATABASE_URL=url, EMAIL_URL="", SITE_URL="http://localhost:8000")
            return 1 if run(name, arguments) else 0
    except MissingError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
