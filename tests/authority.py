"""A certificate authority of our own, and the site's certificate by it."""

import subprocess

HOST = "localhost"
KEYS = {
    "ECDSA": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "RSA": ["-newkey", "rsa:2048"],
}


def authority(folder, kind="ECDSA"):
    """Make a certificate authority in `folder` and a certificate by it for localhost.

    Args:
        kind: of KEYS.

    Returns:
        The paths of the authority's certificate, of the site's, and of the site's key.
    """
    ca, ca_key = folder / "ca.pem", folder / "ca.key"
    request, path, key = folder / "site.csr", folder / "site.pem", folder / "site.key"
    names = folder / "names"
    names.write_text(f"subjectAltName=DNS:{HOST}\n")
    new = ["openssl", "req", *KEYS[kind], "-nodes"]
    for command in (
        [*new, "-x509", "-days", "9", "-subj", "/CN=Test CA", "-keyout", ca_key, "-out", ca],
        [*new, "-subj", f"/CN={HOST}", "-keyout", key, "-out", request],
        ["openssl", "x509", "-req", "-in", request, "-CA", ca, "-CAkey", ca_key, "-days", "9"]
        + ["-CAcreateserial", "-extfile", names, "-out", path],
    ):
        subprocess.run(command, check=True, capture_output=True)
    path.write_text(path.read_text() + ca.read_text())  # the whole chain
    return ca, path, key
