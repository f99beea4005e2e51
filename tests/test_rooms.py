"""Where code lives: who may import whom, read from the syntax tree."""

import ast
from functools import cache
from pathlib import Path

from django.conf import settings
from django.template import engines

ROOT = settings.BASE_DIR
APPS = ("blog", "contact", "services", "clinic_site")
# From the top down: a package imports those below it.
ORDER = ("editing", "publishing", "history", "richtext", "web", "images", "illustrations")
MOST_FLAT_FILES = 14
LONGEST_CHAIN = 10


@cache
def modules():
    """Return {dotted name: path} of our own modules, without migrations."""
    found = {}
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if "migrations" not in parts:
                name = ".".join(part for part in parts if part != "__init__")
                found[name] = path
    return found


@cache
def syntax(name):
    return ast.parse(modules()[name].read_text(encoding="utf-8"))


@cache
def imported(name):
    """Return the names of our own modules that a module imports, inside functions too."""
    found = set()
    for node in ast.walk(syntax(name)):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                found.add(whole if whole in modules() else node.module)
        elif isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
    return found & modules().keys()


@cache
def imports_at_load(name):
    """Return those that it imports before any of its functions runs."""
    found = set()
    for node in syntax(name).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                found.add(whole if whole in modules() else node.module)
        elif isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
    return found & modules().keys()


def room(name):
    """Return an app's name, "composition", or the name of a package of clinic_site."""
    parts = name.split(".")
    if parts[0] != "clinic_site":
        return parts[0]
    is_package = len(parts) > 1 and (ROOT / "clinic_site" / parts[1]).is_dir()
    return parts[1] if is_package and parts[1] != "management" else "composition"


def may_import(importer, name):
    """Say whether code of one room may import code of another."""
    if importer in (name, "composition"):
        return True
    if importer == "accounts":
        return name == "web"
    if importer == "templatetags":  # prints what the shared packages make
        return name in ORDER
    if importer in ("blog", "contact"):
        return name == "services" or name in ORDER
    if importer == "services":
        return name in ORDER
    return name in ORDER[ORDER.index(importer) + 1 :]


def test_imports_run_downwards():
    forbidden = [
        f"{name} ({room(name)}) may not import {one}"
        for name in modules()
        for one in imported(name)
        if not may_import(room(name), room(one))
    ]
    assert not forbidden


def test_no_model_imports_a_template_tag_library():
    reached, ahead = set(), {name for name in modules() if ".models" in name}
    while ahead:
        one = ahead.pop()
        reached.add(one)
        ahead |= imports_at_load(one) - reached
    assert not {one for one in reached if ".templatetags" in one}


def chain(name, way=()):
    """Return the longest chain of imports that begins at a module.

    Raises:
        AssertionError: it comes back to itself.
    """
    assert name not in way, f"a circle: {' → '.join((*way, name))}"
    if name not in chains:
        below = [chain(one, (*way, name)) for one in imports_at_load(name) - {name}]
        chains[name] = [name, *max(below, key=len, default=[])]
    return chains[name]


chains = {}


def test_no_circle_and_no_chain_too_deep():
    deepest = max((chain(name) for name in modules()), key=len)
    assert len(deepest) <= LONGEST_CHAIN, " → ".join(deepest)


def test_the_folder_of_the_site_stays_small():
    assert len(list((ROOT / "clinic_site").glob("*.py"))) <= MOST_FLAT_FILES


def test_each_module_opens_with_what_it_is_for():
    silent = [name for name in modules() if not ast.get_docstring(syntax(name))]
    paths = [modules()[name] for name in silent]
    # An empty __init__.py has nothing to say.
    assert not [one for one in paths if one.name != "__init__.py" or one.read_text().strip()]


def test_no_module_named_for_nothing():
    names = {name.rsplit(".", 1)[-1] for name in modules()}
    assert not names & {"utils", "helpers", "common", "core"}


def templates():
    folder = Path(ROOT / "templates")
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.html"))


def test_each_template_compiles():
    assert len([engines["django"].get_template(name) for name in templates()]) > 50
