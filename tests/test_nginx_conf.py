"""manage.py nginx_conf: the shipped configuration, filled in for one site."""

import re

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from clinic_site.management.commands.nginx_conf import filled


def test_a_line_stands_once_for_each_value_of_its_word():
    values = {"HTTP": ["80", "[::]:80"], "NONE": [], "NAME": "clinic.example"}
    text = "listen @HTTP@;\n@NONE@\nserver_name @NAME@;"
    assert filled(text, values) == "listen 80;\nlisten [::]:80;\nserver_name clinic.example;\n"


def test_it_is_filled_in_from_the_settings(tmp_path, settings, capsys):
    settings.SITE_URL = "https://clinic.example"
    settings.ALLOWED_HOSTS = ["clinic.example", "www.clinic.example"]
    call_command("nginx_conf", tmp_path)
    conf = (tmp_path / "nginx.conf").read_text()
    assert "server_name clinic.example www.clinic.example;" in conf
    assert "return 301 https://clinic.example$request_uri;" in conf
    assert f"root {settings.VAR_DIR};" in conf
    assert "/etc/letsencrypt/live/clinic.example/fullchain.pem" in conf
    assert "Host clinic.example;" in (tmp_path / "app.conf").read_text()


@pytest.mark.parametrize("is_chosen", [False, True])
def test_files_promise_https_as_the_pages_do(client, sample_site, tmp_path, settings, is_chosen):
    settings.SITE_URL = "https://clinic.example"
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = is_chosen
    call_command("nginx_conf", tmp_path)
    by_app = client.get("/", secure=True).headers["Strict-Transport-Security"]
    assert ("preload" in by_app) == is_chosen
    conf = (tmp_path / "nginx.conf").read_text()
    by_nginx = set(re.findall(r'Strict-Transport-Security "([^"]*)"', conf))
    assert by_nginx == {by_app}


def test_a_site_without_https_is_refused_with_the_mend(tmp_path, settings):
    settings.SITE_URL = "http://clinic.example"
    with pytest.raises(CommandError, match="SITE_URL"):
        call_command("nginx_conf", tmp_path)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2:"),
        ("2001:db8:1:2::9", "2001:db8:1:2:"),
        ("2001:db8:1::9", "2001:db8:1:"),
        ("2001:db8::1:2:3:4", "2001:db8:"),
        ("203.0.113.7", None),
        ("::1", None),
    ],
)
def test_limits_count_an_ipv6_household_once(address, network):
    conf = (settings.BASE_DIR / "deploy/nginx/nginx.conf").read_text()
    rules = conf.partition("map $remote_addr $network {")[2].partition("}\n    map")[0]
    patterns = re.findall(r'"~(\S+)" \$\w+;', rules)
    assert len(patterns) == 2
    found = [re.match(pattern.replace("?<", "?P<"), address) for pattern in patterns]
    assert next((match[1] for match in found if match), None) == network
