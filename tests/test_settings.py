"""Settings: from the environment and the command line, checked before anything binds (row G6)."""

import pytest

from cdshooks.clients.urls import is_loopback
from cdshooks.errors import SettingsInvalid
from cdshooks.settings import Settings, load_settings


def refusal(environ, **arguments):
    with pytest.raises(SettingsInvalid) as caught:
        load_settings(environ, **arguments)
    return str(caught.value).splitlines()


def test_without_a_word_it_listens_on_this_machine_only():
    settings = load_settings({})
    assert settings == Settings()
    assert (settings.host, settings.port, settings.sandbox) == ("127.0.0.1", 8080, False)
    assert settings.max_body_bytes == 33_554_432


def test_the_command_line_comes_before_the_environment():
    environ = {"CDSHOOKS_PORT": "9000", "CDSHOOKS_LOG_LEVEL": "debug", "PATH": "/bin"}
    settings = load_settings(environ, port=9001, host=None, fhir_servers=[])
    assert (settings.port, settings.log_level, settings.host) == (9001, "debug", "127.0.0.1")


def test_several_servers_stand_in_one_variable():
    servers = "https://a.example/fhir, https://b.example:8443/r4 https://c.example"
    settings = load_settings({"CDSHOOKS_FHIR_SERVERS": servers})
    assert settings.fhir_servers == tuple(servers.replace(",", "").split())
    assert load_settings({}, fhir_servers=["https://a.example"]).fhir_servers == (
        "https://a.example",
    )


def test_g6_a_misspelt_variable_is_refused_with_the_one_that_was_meant():
    assert refusal({"CDSHOOKS_PROT": "1"}) == [
        "CDSHOOKS_PROT is not a setting: did you mean CDSHOOKS_PORT?"
    ]
    (line,) = refusal({"CDSHOOKS_XYLOPHONE": "1"})
    assert "CDSHOOKS_MAX_BODY_BYTES" in line


def test_g6_every_mistake_is_named_at_once_and_no_value_is_shown():
    lines = refusal(
        {"CDSHOOKS_PORT": "SECRET", "CDSHOOKS_HSOT": "SECRET", "CDSHOOKS_LOG_LEVEL": "SECRET"},
        threads=0,
    )
    assert [line.split(" ")[0].rstrip(":") for line in lines] == [
        "CDSHOOKS_HSOT",
        "port",
        "threads",
        "log_level",
    ]
    assert not any("SECRET" in line for line in lines)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.5.5.5"])
def test_the_sandbox_binds_to_loopback(host):
    assert load_settings({}, sandbox=True, host=host).sandbox


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "example.com", ""])  # noqa: S104
def test_g6_the_sandbox_binds_to_nothing_else_and_says_the_cure(host):
    (line,) = refusal({}, sandbox=True, host=host)
    assert "use 127.0.0.1, or run without sandbox" in line
    assert load_settings({}, sandbox=False, host=host)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.example/fhir",
        "a.example/fhir",
        "https://",
        "https://user@a.example/fhir",
        "https://user:word@a.example/fhir",
        "https://a.example/fhir?x=1",
        "https://a.example/fhir#x",
        "https://a.example:99999/fhir",
        "https://[::1/fhir",
        "file:///etc/passwd",
    ],
)
def test_a1_g6_a_server_is_a_plain_base_url(url):
    assert refusal({"CDSHOOKS_FHIR_SERVERS": url})[0].startswith("fhir_servers: ")


def test_g6_plain_http_is_for_the_sandbox():
    base = "http://127.0.0.1:9999/fhir"
    assert load_settings({}, sandbox=True, fhir_servers=[base]).fhir_servers == (base,)
    assert "use https" in refusal({}, fhir_servers=[base])[0]


def test_settings_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        Settings().port = 1


@pytest.mark.parametrize("host", ["localhost.evil.example", "127.0.0.1.nip.io", "0", "", "::2"])
def test_a2_loopback_is_an_address_or_the_one_name(host):
    assert not is_loopback(host)


def test_the_state_of_a_service_stays_where_it_is_wherever_it_is_started_from(
    monkeypatch, tmp_path
):
    monkeypatch.setenv("HOME", str(tmp_path))
    settings = load_settings({})
    assert settings.state_dir == tmp_path / ".local/state/cdshooks-net"
    assert settings.replay_store == f"sqlite:///{settings.state_dir}/replay.sqlite3"
    assert str(load_settings({"CDSHOOKS_STATE_DIR": "~/x"}).state_dir) == f"{tmp_path}/x"


def test_c1_g6_secrets_stay_out_of_what_is_printed_of_the_settings():
    store = "postgresql://cds:SECRET@db/replay"
    environ = {"CDSHOOKS_REPLAY_STORE": store, "CDSHOOKS_LOG_KEY": "SECRET" * 6}
    assert "SECRET" not in repr(load_settings(environ))
    (line,) = refusal({"CDSHOOKS_LOG_KEY": "SECRET"})
    assert line.startswith("log_key: ")
    assert "at least 32" in line
    assert refusal({"CDSHOOKS_REPLAY_STORE": "mysql://cds:SECRET@db/x"})[0].endswith("folder/file")


def test_g6_what_settings_are_together_is_told_with_what_each_of_them_is():
    lines = refusal(
        {"CDSHOOKS_PORT": "x", "CDSHOOKS_FHIR_SERVERS": "ftp://x"}, sandbox=True, host=""
    )
    assert [line.partition(":")[0] for line in lines] == ["port", "host", "fhir_servers"]


def test_g6_clients_come_from_a_file_alone():
    (line,) = refusal({"CDSHOOKS_CLIENTS": "north"})
    assert line.startswith("CDSHOOKS_CLIENTS is not a setting")
    (line,) = refusal({"CDSHOOKS_CONFIG": "/absent/cds.toml"})
    assert line == "config: /absent/cds.toml cannot be read: No such file or directory"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("port", "0", "is no whole number from 1 to 65535"),
        ("port", "x", "is no whole number from 1 to 65535"),
        ("max_body_bytes", "5", "is no whole number from 1024"),
        ("memory_bytes", "-1", "is no whole number from 0"),
        ("body_seconds", "0", "is no number above 0 to 600"),
        ("drain_seconds", "-1", "is no number from 0 to 600"),
        ("open_discovery", "si", "is neither true nor false"),
        ("log_level", "loud", "is none of debug, info, warning, error"),
    ],
)
def test_g6_a_wrong_value_is_told_with_what_is_accepted(name, value, said):
    assert refusal({f"CDSHOOKS_{name.upper()}": value}) == [f"{name}: {said}"]


@pytest.mark.parametrize("name", ["AUTH", "NO_AUTH", "INSECURE", "TLS_VERIFY", "TRUST_ALL"])
def test_b11_no_variable_switches_sign_in_or_certificates_off(name):
    (line,) = refusal({f"CDSHOOKS_{name}": "off"})
    assert line.startswith(f"CDSHOOKS_{name} is not a setting: ")


@pytest.mark.parametrize("origin", ["*", "null", "https://a.example/"])
def test_c8_origins_are_named_one_by_one(origin):
    assert refusal({"CDSHOOKS_CORS_ORIGINS": origin})[0].startswith("cors_origins: one of them ")


@pytest.mark.parametrize(
    ("host", "metrics_host"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),  # noqa: S104
        ("10.0.0.1", "::"),
        ("::ffff:127.0.0.1", "127.0.0.1"),
        ("localhost", "127.0.0.1"),
        ("net.example.org", "10.0.0.1"),
    ],
)
def test_counts_are_refused_at_a_port_where_calls_would_get_lost(host, metrics_host):
    (line,) = refusal({}, port=9000, metrics_port=9000, host=host, metrics_host=metrics_host)
    assert line.startswith("metrics_port: is the port of the service too")
    assert load_settings(
        {}, port=9000, metrics_port=9001, host=host, metrics_host=metrics_host
    ).metrics_port


def test_two_addresses_may_have_a_port_of_the_same_number():
    settings = load_settings({}, host="10.0.0.1", port=9000, metrics_port=9000)
    assert (settings.metrics_host, settings.metrics_port) == ("127.0.0.1", 9000)
