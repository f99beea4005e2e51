"""The rooms: who may import whom, read from the syntax tree."""

import ast
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines

ROOT = settings.BASE_DIR
APPS = ("blog", "contact", "services", "clinic_site")
# The modules of clinic_site that may import any app; all others are shared and import none.
COMPOSITION = {
    "admin",
    "admin_site",
    "apps",
    "context_processors",
    "front_page",
    "styleguide",
    "management",
    "sample_content",
    "settings",
    "sitemaps",
    "urls",
    "views",
    "wsgi",
}


def modules():
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT)


def imported(path):
    """Yield the dotted names a module imports from our apps."""
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        yield from (name for name in names if name.split(".")[0] in APPS)


def room(path):
    """Return blog, contact, services, composition or shared."""
    if path.parts[0] != "clinic_site":
        return path.parts[0]
    name = path.parts[1].removesuffix(".py")
    return "composition" if name in COMPOSITION else "shared"


def room_of_name(name):
    parts = name.split(".")
    if parts[0] != "clinic_site":
        return parts[0]
    return "composition" if len(parts) > 1 and parts[1] in COMPOSITION else "shared"


MAY_IMPORT = {
    "composition": {"blog", "contact", "services", "composition", "shared"},
    "blog": {"blog", "services", "shared"},
    "contact": {"contact", "services", "shared"},
    "services": {"services", "shared"},
    "shared": {"shared"},
}


@pytest.mark.parametrize("path", list(modules()), ids=str)
def test_import_direction(path):
    forbidden = {
        name for name in imported(path) if room_of_name(name) not in MAY_IMPORT[room(path)]
    }
    assert not forbidden, f"{path} ({room(path)}) may not import {forbidden}"


@pytest.mark.parametrize("path", list(modules()), ids=str)
def test_module_opens_with_what_the_room_is_for(path):
    text = (ROOT / path).read_text(encoding="utf-8")
    if path.name == "__init__.py" and not text.strip():
        return
    assert ast.get_docstring(ast.parse(text))


def test_no_module_named_for_nothing():
    names = {path.stem for path in modules()}
    assert not names & {"utils", "helpers", "common", "core"}


def templates():
    folder = Path(ROOT / "templates")
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.html"))


@pytest.mark.parametrize("name", templates())
def test_template_compiles(name):
    engines["django"].get_template(name)
