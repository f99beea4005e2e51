"""Static files for production: hashed and compressed, each layered stylesheet as one file."""

import re
from base64 import b64encode
from functools import cache
from hashlib import sha384
from pathlib import Path

from django.contrib.staticfiles import finders
from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

IMPORT = re.compile(r"""@import\s+url\(["']?([^"')]+)["']?\)(?:\s*layer\(([\w-]+)\))?;\n?""")
COMMENT = re.compile(r"/\*.*?\*/\s*", re.DOTALL)
SPACES = re.compile(r"\s*([{};])\s*|(?<=,)\s+|(?<=[a-z]:)\s+")  # that a stylesheet does not need
HASHED = re.compile(r"\.[0-9a-f]{12}\.(?!map$)\w+$")


def bundled(name):
    """Return the stylesheet `name` with every @import replaced by the file, in its layer.

    Args:
        name: the path below static/, such as "css/site.css". Imported files lie below the same
            folder, so `../` inside their url() is rewritten for the bundle's place.
    """
    folder = name.rpartition("/")[0]

    def source(path):
        with open(finders.find(f"{folder}/{path}"), encoding="utf-8") as file:
            return file.read()

    def inline(match):
        path, layer = match.groups()
        css = source(path)
        for _ in range(path.count("/")):
            css = css.replace('url("../', 'url("')
        return f"@layer {layer}{{{css}}}\n" if layer else css

    css = IMPORT.sub(inline, source(name.removeprefix(f"{folder}/")))
    css = COMMENT.sub("", css)
    return SPACES.sub(r"\1", css).replace(";}", "}").strip() + "\n"


@cache
def fingerprint(path):
    """Return the hash that a browser checks before it uses a file (subresource integrity)."""
    return f"sha384-{b64encode(sha384(Path(path).read_bytes()).digest()).decode()}"


class BundledStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Hashed names and compressed copies, with the sheets made of others bundled first."""

    bundles = ("css/site.css", "css/sign-in.css", "css/admin.css")

    def post_process(self, paths, dry_run=False, **options):
        if not dry_run:
            for name in self.bundles:
                self.delete(name)
                self.save(name, ContentFile(bundled(name).encode()))
                paths[name] = (self, name)  # hash the bundle, not its source
        yield from super().post_process(paths, dry_run, **options)
        if not dry_run:
            # The compressed copies too: nginx reads them as another user, whatever the umask.
            for path in Path(self.location).rglob("*.*"):
                if path.is_file():
                    path.chmod(self.file_permissions_mode)

    def compress_files(self, paths):
        """Compress only the files that pages ask for: brotli takes most of the time."""
        return super().compress_files([path for path in paths if HASHED.search(path)])

    def is_collected(self, name):
        try:
            return bool(super().stored_name(name))
        except ValueError:
            return False

    def stored_name(self, name):
        """Return the hashed name of a file, or its own when it was not collected.

        A page without its style can still be read, and its form sent.
        """
        return super().stored_name(name) if self.is_collected(name) else name

    def integrity(self, name):
        """Return the fingerprint of a file, or "" when it was not collected."""
        return fingerprint(self.path(self.stored_name(name))) if self.is_collected(name) else ""
