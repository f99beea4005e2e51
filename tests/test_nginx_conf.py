"""manage.py nginx_conf: the shipped configuration, filled in for one site."""

import pytest
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


def test_a_site_without_https_is_refused_with_the_mend(tmp_path, settings):
    settings.SITE_URL = "http://clinic.example"
    with pytest.raises(CommandError, match="SITE_URL"):
        call_command("nginx_conf", tmp_path)
