"""Mozilla's intermediate profile, as the shipped nginx speaks it with either kind of key."""

import ssl

import pytest

from tests.authority import authority

pytestmark = pytest.mark.drive

OLD = "ignore:ssl.TLSVersion.TLSv1_1 is deprecated:DeprecationWarning"
GOOD = ("{}-AES128-GCM-SHA256", "{}-AES256-GCM-SHA384", "{}-CHACHA20-POLY1305")
# CBC; and for RSA a key exchange whose past is read by who gets the key later.
BAD = {
    "ECDSA": ["ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA384"],
    "RSA": ["ECDHE-RSA-AES128-SHA", "ECDHE-RSA-AES256-SHA384", "AES128-GCM-SHA256", "AES256-SHA"],
}


@pytest.fixture(scope="module")
def sites(proxied, tmp_path_factory):
    """The same configuration with a certificate of each kind."""
    ca, certificate, key = authority(tmp_path_factory.mktemp("rsa"), "RSA")
    with proxied.another_nginx(authority=ca, certificate=certificate, key=key) as rsa:
        yield {"ECDSA": proxied, "RSA": rsa}


def greet(site, version, ciphers="ALL:@SECLEVEL=0"):
    """Shake hands by one version of TLS and these ciphers; return the connection, closed."""
    context = ssl.create_default_context(cafile=site.authority)
    context.minimum_version = context.maximum_version = version
    context.set_ciphers(ciphers)
    with site.connect(context=context) as connection:
        connection.sendall(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
        connection.recv(100)  # of TLS 1.3, tickets come after the handshake
        return connection.version(), connection.cipher()[0], connection.session


@pytest.mark.parametrize("kind", BAD)
def test_good_ciphers_are_taken_and_others_refused(sites, kind):
    for name in (each.format(f"ECDHE-{kind}") for each in GOOD):
        assert greet(sites[kind], ssl.TLSVersion.TLSv1_2, name)[1] == name
    for name in BAD[kind]:
        with pytest.raises(ssl.SSLError) as refused:
            greet(sites[kind], ssl.TLSVersion.TLSv1_2, f"{name}:@SECLEVEL=0")
        assert refused.value.reason == "SSLV3_ALERT_HANDSHAKE_FAILURE", name


@pytest.mark.filterwarnings(OLD)
def test_tls_1_1_is_refused_and_1_3_is_taken(proxied):
    with pytest.raises(ssl.SSLError) as refused:
        greet(proxied, ssl.TLSVersion.TLSv1_1)
    assert refused.value.reason == "TLSV1_ALERT_PROTOCOL_VERSION"
    assert greet(proxied, ssl.TLSVersion.TLSv1_3)[0] == "TLSv1.3"


def test_a_session_is_kept_by_the_server_and_no_ticket_is_given(proxied):
    """A ticket opens with one key, which lies in memory for as long as nginx is not restarted."""
    session = greet(proxied, ssl.TLSVersion.TLSv1_2)[2]
    assert session.id
    assert not session.has_ticket
