"""Config files that are right: what they say becomes settings and clients."""

from dataclasses import fields

import pytest

from cdshooks.clients.client import Client
from cdshooks.clients.config import client_keys
from cdshooks.clients.profiles import PROFILE
from cdshooks.errors import SettingsInvalid
from cdshooks.hooks.profile import EVERYTHING, Profile
from cdshooks.settings import load_settings
from tests.clients.site import config

PATIENT = "{{context.patientId}}"


@pytest.fixture
def client(write):
    """The client that a file with these keys has, read outside of the sandbox."""

    def client(more="", **keys):
        return load_settings({}, config=write(config(keys) + "\n" + more)).clients[0]

    return client


def test_every_part_of_a_client_has_its_key_and_every_part_of_a_profile():
    assert {*client_keys()} - {"preset"} == {one.name for one in fields(Client)} - {"name"}
    assert {*PROFILE} == {one.name for one in fields(Profile)}


def test_what_is_not_given_is_as_a_client_has_it(client, furnished):
    keys = furnished / "keys.json"
    assert client() == Client("north", "https://north.example.org", jwks_file=keys)


def test_p112_p114_p118_everything_that_a_client_may_be_given(client, furnished):
    read = client(
        jwks_file=None,
        jku='"https://north.example.org/jwks?set=1"',
        audiences='["https://cds.example.org/by/hand"]',
        tenants='["a", "b"]',
        services='["net-patient-view"]',
        skew_seconds="0",
        lifetime_seconds="60",
        fhir_client_id='"0b6f"',
        fetch_ms="300",
        answer_ms="350",
        jurisdiction='"uk-nice"',
        cors_origins='["https://app.example", "http://localhost:3000"]',
        gets_assessment="true",
        missing_as_card="true",
    )
    assert read.jku is not None
    assert (read.jku.url, read.jku.private) == ("https://north.example.org/jwks?set=1", False)
    assert (read.jwks_file, read.audiences) == (None, ("https://cds.example.org/by/hand",))
    assert (read.tenants, read.services) == ({"a", "b"}, {"net-patient-view"})
    assert (read.skew_seconds, read.lifetime_seconds, read.fhir_client_id) == (0, 60, "0b6f")
    assert (read.fetch_ms, read.answer_ms, read.jurisdiction) == (300, 350, "uk-nice")
    assert read.cors_origins == ("https://app.example", "http://localhost:3000")
    assert (read.gets_assessment, read.missing_as_card) == (True, True)


def test_a1_a9_urls_and_tables_of_servers_stand_side_by_side(client, furnished):
    one, two, three = client(
        """
        [[clients.north.fhir_servers]]
        url = "http://127.0.0.1:9000/fhir"
        search = "post"
        private = true
        proxy = "http://proxy.example:3128"
        ca_bundle = "certificate.pem"
        certificate = "certificate.pem"
        certificate_key = "key.pem"
        [[clients.north.fhir_servers]]
        url = "https://[2001:db8::1]:8443/r4"
        [[clients.north.fhir_servers]]
        url = "https://10.0.0.8/r4"
        """
    ).fhir_servers
    assert (one.url, one.search) == ("http://127.0.0.1:9000/fhir", "post")
    assert (one.target.private, one.target.proxy) == (True, "http://proxy.example:3128")
    assert one.target.tls.ca_bundle == one.target.tls.certificate == furnished / "certificate.pem"
    assert one.target.tls.certificate_key == furnished / "key.pem"
    assert (two.search, two.target.private, two.target.tls.ca_bundle) == ("get", False, None)
    assert three.url == "https://10.0.0.8/r4"
    (short,) = client(fhir_servers='["https://fhir.example.org/r4"]').fhir_servers
    assert short.url == "https://fhir.example.org/r4"


@pytest.mark.parametrize(
    ("key", "template"),
    [
        ("observations", f"Observation?patient={PATIENT}&_count=200&_sort=-date"),
        ("observations", f"Observation?subject=Patient/{PATIENT}&category=laboratory,imaging"),
        ("observations", f"Observation?subject:Patient={PATIENT}&code:in=http://a.example/vs"),
        ("conditions", f"Condition?asserter={{{{context.userId}}}}&patient={PATIENT}"),
        ("patient", f"Patient?_id={PATIENT}"),
        ("patient", f"Patient/{PATIENT}"),
    ],
)
def test_p11_p16_p17_p18_a_client_may_have_templates_of_its_own(client, key, template):
    read = client(prefetch=f'{{ net-patient-view = {{ {key} = "{template}" }} }}')
    assert read.prefetch == {"net-patient-view": {key: template}}


def test_a_profile_is_read_part_by_part(client):
    read = client(
        """
        [clients.north.profile]
        link_hosts = ["WWW.EMA.europa.eu", "localhost"]
        app_context = false
        card_members = "1.0"
        one_card_an_option = true
        critical = false
        detail_at_most = 500
        suggestions = false
        override_reasons = false
        """
    ).profile
    hosts = frozenset({"www.ema.europa.eu", "localhost"})
    assert read == Profile(hosts, False, "1.0", True, False, 500, False, False)
    assert client().profile == EVERYTHING


def test_two_clients_may_share_a_server_and_keys_but_no_issuer(write):
    more = '[clients.south]\nissuer = "https://south.example"\njwks_file = "keys.json"\n'
    path = write(config({"fhir_servers": '["https://a.example"]'}, more=more))
    assert [one.name for one in load_settings({}, config=path).clients] == ["south", "north"]


# ---- settings of the file ------------------------------------------------------------------------


def test_the_command_line_comes_before_the_environment_and_that_before_the_file(write):
    path = write(config(service={"port": "9000", "workers": "3", "threads": "5"}))
    environ = {"CDSHOOKS_CONFIG": str(path), "CDSHOOKS_PORT": "9001", "CDSHOOKS_WORKERS": "4"}
    settings = load_settings(environ, port=9002, config=None)
    assert (settings.port, settings.workers, settings.threads) == (9002, 4, 5)
    assert (settings.config, settings.queue) == (path, 64)


def test_paths_in_the_file_are_those_of_its_folder_and_others_are_not(write, furnished):
    path = write(config(service={"state_dir": '"state"', "local_codes": '"/etc/codes.yaml"'}))
    settings = load_settings({}, config=path)
    assert (settings.state_dir, str(settings.local_codes)) == (
        furnished / "state",
        "/etc/codes.yaml",
    )
    assert settings.replay_store == f"sqlite:///{furnished}/state/replay.sqlite3"
    assert str(load_settings({"CDSHOOKS_STATE_DIR": "state"}).state_dir) == "state"


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("sqlite:///rel.db", "sqlite:///{}/rel.db"),
        ("sqlite+pysqlite:///a/rel.db?timeout=1", "sqlite+pysqlite:///{}/a/rel.db?timeout=1"),
        ("sqlite:////var/lib/used.db", "sqlite:////var/lib/used.db"),
        ("redis:///0", "redis:///0"),
    ],
)
def test_a_relative_store_of_used_tokens_is_in_the_folder_of_the_file(
    write, furnished, monkeypatch, tmp_path, given, read
):
    monkeypatch.chdir(tmp_path)
    settings = load_settings({}, config=write(config(service={"replay_store": f'"{given}"'})))
    assert settings.replay_store == read.format(furnished)


def test_p114_the_public_base_has_no_slash_at_its_end(write):
    base = '"https://cds.example.org/net/"'
    settings = load_settings({}, config=write(config(service={"public_base": base})))
    assert settings.public_base == "https://cds.example.org/net"


def test_every_setting_may_stand_in_the_file_but_secrets(write):
    given = {
        "host": '"0.0.0.0"',
        "body_seconds": "2",
        "drain_seconds": "0.5",
        "open_discovery": "false",
        "cors_origins": '["https://app.example"]',
        "replay_store": '"redis://cache:6379/0"',
        "log_level": '"error"',
    }
    settings = load_settings({}, config=write(config(service=given)))
    assert (settings.body_seconds, settings.drain_seconds, settings.open_discovery) == (2, 0.5, 0)
    assert settings.cors_origins == ("https://app.example",)
    assert (settings.replay_store, settings.log_level) == ("redis://cache:6379/0", "error")


def test_c1_a_password_and_a_key_come_from_the_environment_and_are_never_shown(write):
    store, key = "postgresql://cds:SECRET-4711@db/replay", "SECRET-4711" * 3
    environ = {"CDSHOOKS_REPLAY_STORE": store, "CDSHOOKS_LOG_KEY": key}
    settings = load_settings(environ, config=write(config()))
    assert settings.log_key is not None
    assert (settings.replay_store, settings.log_key.get_secret_value()) == (store, key)
    assert "SECRET" not in repr(settings)


# ---- the sandbox ---------------------------------------------------------------------------------

OPEN = {"preset": '"cds-hooks-sandbox"', "issuer": None, "jwks_file": None}


def test_b11_the_public_sandbox_may_call_a_sandbox_only(write):
    path = write(config(OPEN))
    (client,) = load_settings({}, config=path, sandbox=True).clients
    assert (client.issuer, client.lifetime_seconds) == ("https://sandbox.cds-hooks.org", 300)
    for switch in ({}, {"CDSHOOKS_SANDBOX": "0"}, {"CDSHOOKS_SANDBOX": "SECRET"}):
        with pytest.raises(SettingsInvalid, match="sandbox only"):
            load_settings(switch, config=path)


@pytest.mark.parametrize("preset", ["generic", "epic"])
def test_b11_a_sandbox_asks_nobody_to_sign_in_so_it_takes_no_client_that_would(write, preset):
    path = write(config({"preset": f'"{preset}"'}))
    for how in ({"environ": {}, "sandbox": True}, {"environ": {"CDSHOOKS_SANDBOX": "1"}}):
        with pytest.raises(SettingsInvalid, match=r"^clients.north: signs its calls"):
            load_settings(**how, config=path)
    assert load_settings({}, config=path).sandbox is False


def test_p114_b4_a_name_in_place_of_an_audience_is_for_the_sandbox(write):
    """One public test client sends aud `sand_man`."""
    path = write(config({**OPEN, "audiences": '["sand_man"]'}))
    assert load_settings({}, config=path, sandbox=True).clients[0].audiences == ("sand_man",)
