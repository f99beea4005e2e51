"""A certificate of our own making, which nobody trusts who was not told to."""

import ssl
import subprocess

from tests.conftest import need


def certificate(folder):
    """Make a certificate for 127.0.0.1 in `folder`.

    Returns:
        The ssl.SSLContext of a server that shows it, and the path of the certificate.
    """
    need("openssl")
    key, path = folder / "key.pem", folder / "certificate.pem"
    made = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=mail"
    names = ["-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(
        [*made.split(), *names, "-keyout", key, "-out", path], check=True, capture_output=True
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path, key)
    return context, path
