"""Config files that are refused, each for one reason, named with its place (rows B11, G6)."""

import subprocess
import sys
import tomllib

import pytest
from typer.testing import CliRunner

from cdshooks.clients.config import client_keys
from cdshooks.clients.connection import SERVER_KEYS
from cdshooks.clients.profiles import PROFILE
from cdshooks.errors import SettingsInvalid
from cdshooks.faces.terminal import cli
from cdshooks.faces.web import server
from cdshooks.settings import NAMES, load_settings
from tests.clients.site import config

SECRET = "SECRET-4711"
PATIENT = "{{context.patientId}}"
SANDBOX = "https://sandbox.cds-hooks.org"


def prefetch(template, key="observations", service="net-patient-view"):
    return {"prefetch": f'{{ {service} = {{ {key} = "{template}" }} }}'}


def observations(query):
    return prefetch(f"Observation?patient={PATIENT}{query}")


def server_table(more):
    return {"fhir_servers": f'[{{ url = "https://fhir.example.org", {more} }}]'}


CLIENT = [  # keys of the client, the place that is named, words of what is said
    # who it is, and how it proves that
    ({"issuer": None}, "clients.north.issuer", "missing"),
    ({"issuer": '""'}, "clients.north.issuer", "empty"),
    ({"issuer": '" https://a.example"'}, "clients.north.issuer", "blank"),
    ({"issuer": '"*"'}, "clients.north.issuer", "holds *"),
    ({"issuer": "7"}, "clients.north.issuer", "no text"),
    ({"isuer": '"https://a.example"'}, "clients.north.isuer", "did you mean issuer?"),
    ({"jwks_file": None}, "clients.north", "no keys"),
    ({"jwks_file": '"absent.json"'}, "clients.north.jwks_file", "cannot be read"),
    ({"jwks_file": '"folder.json"'}, "clients.north.jwks_file", "cannot be read"),
    ({"jwks_file": '"/dev/null"'}, "clients.north.jwks_file", "cannot be read"),
    ({"jwks_file": '"page.json"'}, "clients.north.jwks_file", "no JWK set"),
    ({"jwks_file": '"no-set.json"'}, "clients.north.jwks_file", "no JWK set"),
    ({"jwks_file": '"none.json"'}, "clients.north.jwks_file", "no JWK set"),
    ({"jwks_file": '"private.json"'}, "clients.north.jwks_file", "give the public jwks.json"),
    ({"jwks_file": '"private-key.json"'}, "clients.north.jwks_file", "holds a private key"),
    ({"jwks_file": '"secret.json"'}, "clients.north.jwks_file", "holds a private key"),
    ({"jwks": '"keys.json"'}, "clients.north.jwks", "did you mean jwks_file or jku?"),
    ({"jwks_uri": '"https://a.example"'}, "clients.north.jwks_uri", "did you mean jku?"),
    ({"jwks_file": '"small.json"'}, "clients.north.jwks_file", "no key that can be used"),
    ({"jwks_file": '"twice.json"'}, "clients.north.jwks_file", "no key that can be used"),
    ({"jku": '"http://north.example.org/jwks"'}, "clients.north.jku", "use https"),
    ({"jku": '"https://a:SECRET-4711@north.example"'}, "clients.north.jku", "user or password"),
    ({"jku": '"https://north.example/jwks#1"'}, "clients.north.jku", "fragment"),
    ({"jku": '"north.example/jwks"'}, "clients.north.jku", "no URL"),
    ({"jku": '"https://2130706433/jwks"'}, "clients.north.jku", "no host"),
    ({"jku": '"https://169.254.169.254/jwks"'}, "clients.north.jku", "nothing may be asked of"),
    ({"jku": '{ uri = "https://north.example" }'}, "clients.north.jku", None),
    ({"jku": '["https://north.example"]'}, "clients.north.jku", "no table"),
    ({"audiences": '"https://a.example"'}, "clients.north.audiences", "no list"),
    ({"audiences": '["sand_man"]'}, "clients.north.audiences", "no URL"),
    ({"audiences": '["*"]'}, "clients.north.audiences.0", "holds *"),
    ({"tenants": "[]"}, "clients.north.tenants", "empty list"),
    ({"tenants": '["a", "a"]'}, "clients.north.tenants", "twice"),
    ({"services": "[]"}, "clients.north.services", "empty list"),
    ({"services": '["net-patient-veiw"]'}, "clients.north.services.0", "did you mean net-patient-"),
    ({"skew_seconds": "121"}, "clients.north.skew_seconds", "from 0 to 120"),
    ({"skew_seconds": "-1"}, "clients.north.skew_seconds", "from 0 to 120"),
    ({"lifetime_seconds": "3601"}, "clients.north.lifetime_seconds", "from 60 to 3600"),
    ({"lifetime_seconds": "59"}, "clients.north.lifetime_seconds", "from 60 to 3600"),
    ({"lifetime_seconds": '"900"'}, "clients.north.lifetime_seconds", "no whole number"),
    ({"skew_seconds": "true"}, "clients.north.skew_seconds", "no whole number"),
    # nothing switches a check off
    ({"auth": '"off"'}, "clients.north.auth", "nothing switches that off"),
    ({"verify_tls": "false"}, "clients.north.verify_tls", "nothing switches that off"),
    ({"insecure": "true"}, "clients.north.insecure", "nothing switches that off"),
    (server_table("verify = false"), "clients.north.fhir_servers.0.verify", "switches that off"),
    # the public sandbox, whose private key is public
    ({"preset": '"cds-hooks-sandbox"', "issuer": None}, "clients.north.preset", "sandbox only"),
    ({"issuer": f'"{SANDBOX}"'}, "clients.north.issuer", "sandbox only"),
    ({"issuer": f'"{SANDBOX.upper()}/"'}, "clients.north.issuer", "sandbox only"),
    ({"jku": f'"{SANDBOX}/.well-known/jwks.json"'}, "clients.north.jku", "sandbox only"),
    ({"jwks_file": '"sandbox.json"'}, "clients.north.jwks_file", "sandbox only"),
    ({"preset": '"epik"'}, "clients.north.preset", "did you mean epic?"),
    (
        {"preset": '"oracel-health"', "issuer": None, "jwks_file": None},
        "clients.north.preset",
        "did you mean oracle-health?",
    ),
    # where its data are
    ({"fhir_servers": '["http://10.0.0.1/fhir"]'}, "clients.north.fhir_servers.0", "use https"),
    ({"fhir_servers": '["https://a.example/?x=1"]'}, "clients.north.fhir_servers.0", "query"),
    ({"fhir_servers": '["https://a.example/x/../y"]'}, "clients.north.fhir_servers.0", "path"),
    (
        {"fhir_servers": '["https://a.example\\\\@b.ex"]'},
        "clients.north.fhir_servers.0",
        "URL",
    ),
    (
        {"fhir_servers": '["https://a.example/r4", "https://a.example/r4/"]'},
        "clients.north.fhir_servers",
        "twice",
    ),
    ({"fhir_servers": "[{ private = true }]"}, "clients.north.fhir_servers.0.url", "missing"),
    (server_table('search = "put"'), "clients.north.fhir_servers.0.search", "get, post"),
    (server_table('private = "yes"'), "clients.north.fhir_servers.0.private", "true nor false"),
    (server_table('ca_bundle = "no.pem"'), "clients.north.fhir_servers.0.ca_bundle", "be read"),
    (server_table('ca_bundle = "key.pem"'), "clients.north.fhir_servers.0.ca_bundle", "no cert"),
    (
        server_table('certificate = "certificate.pem"'),
        "clients.north.fhir_servers.0.certificate",
        "no certificate with its key",
    ),
    (
        server_table('certificate = "certificate.pem", certificate_key = "other.pem"'),
        "clients.north.fhir_servers.0.certificate",
        "no certificate with its key",
    ),
    (
        server_table('certificate = "certificate.pem", certificate_key = "sealed.pem"'),
        "clients.north.fhir_servers.0.certificate",
        "not encrypted",
    ),
    (
        server_table('certificate = "certificate.pem", certificate_key = "no.pem"'),
        "clients.north.fhir_servers.0.certificate_key",
        "cannot be read",
    ),
    (
        server_table('certificate_key = "key.pem"'),
        "clients.north.fhir_servers.0.certificate_key",
        "give certificate too",
    ),
    (
        server_table('proxy = "http://user:SECRET-4711@proxy.example:3128"'),
        "clients.north.fhir_servers.0.proxy",
        "user or password",
    ),
    (server_table('proxy = "socks5://p.example"'), "clients.north.fhir_servers.0.proxy", "URL"),
    ({"fetch_ms": "450"}, "clients.north.fetch_ms", "less than answer_ms"),
    ({"answer_ms": "400"}, "clients.north.fetch_ms", "less than answer_ms"),
    ({"fetch_ms": "1.5"}, "clients.north.fetch_ms", "no whole number"),
    ({"jurisdiction": '"uk"'}, "clients.north.jurisdiction", "us, eu, uk-nice"),
    # what it is asked for
    (observations("&_count=5&_count=6"), "clients.north.prefetch.net-patient-view.", "twice"),
    (
        observations("&date=ge2020&date:missing=false"),
        "clients.north.prefetch.net-patient-view.observations",
        "twice",
    ),
    (observations("&encounter={{context.encounterId}}"), "clients.north.prefetch.", "token"),
    (observations("&x={{context.draftOrders}}"), "clients.north.prefetch.", "token"),
    (observations("&x={{userPractitionerId}}"), "clients.north.prefetch.", "token"),
    (observations("&x={{today()}}"), "clients.north.prefetch.", "token"),
    (observations("&x={%patient}"), "clients.north.prefetch.", "outside of a token"),
    (observations("&_include=Observation:subject"), "clients.north.prefetch.", "_include"),
    (observations("&code:not=http://loinc.org"), "clients.north.prefetch.", ":not"),
    (observations("&subject.name=x"), "clients.north.prefetch.", "chaining"),
    (observations("&code"), "clients.north.prefetch.", "without name or value"),
    (prefetch("Observation?code=1"), "clients.north.prefetch.", "not bound to the patient"),
    (prefetch(f"Observation?_id={PATIENT}"), "clients.north.prefetch.", "not bound"),
    (prefetch(f"Observation/{PATIENT}"), "clients.north.prefetch.", "not bound"),
    (observations("&subject=Patient/1"), "clients.north.prefetch.", "not bound"),
    (observations(f"&_id={PATIENT}"), "clients.north.prefetch.", "not bound"),
    (prefetch(f"Patient?patient={PATIENT}", "patient"), "clients.north.prefetch.", "not bound"),
    (prefetch("Patient/1", "patient"), "clients.north.prefetch.", "not bound"),
    (prefetch(f"?patient={PATIENT}"), "clients.north.prefetch.", "names no resource type"),
    (prefetch(f"Condition?patient={PATIENT}"), "clients.north.prefetch.", "than Observation"),
    (prefetch(f"Observation?patient={PATIENT}", "observation"), "clients.north.prefetch.", "mean"),
    (
        prefetch(f"Observation?patient={PATIENT}", service="net-patient"),
        "clients.north.prefetch.net-patient",
        "did you mean net-patient-view?",
    ),
    ({"prefetch": '"x"'}, "clients.north.prefetch", "no table"),
    # what it can show
    ({"profile": '{ link_hosts = ["https://a.example"] }'}, "clients.north.profile.", "no host"),
    ({"profile": '{ link_hosts = ["*.example"] }'}, "clients.north.profile.", "has no host"),
    ({"profile": '{ link_hosts = ["a.example:443"] }'}, "clients.north.profile.", "has no host"),
    ({"profile": '{ link_host = ["a.example"] }'}, "clients.north.profile.link_host", "mean link_"),
    ({"profile": '{ card_members = "3.0" }'}, "clients.north.profile.card_members", "1.0, 2.0"),
    ({"profile": "{ detail_at_most = 0 }"}, "clients.north.profile.detail_at_most", "from 200"),
    ({"profile": '{ critical = "no" }'}, "clients.north.profile.critical", "true nor false"),
    ({"cors_origins": '["*"]'}, "clients.north.cors_origins.0", "every page"),
    ({"cors_origins": '["null"]'}, "clients.north.cors_origins.0", "no URL"),
    ({"cors_origins": '["https://a.example/"]'}, "clients.north.cors_origins.0", "without path"),
    ({"cors_origins": '["https://a.example/app"]'}, "clients.north.cors_origins.0", "no origin"),
    ({"cors_origins": '["https://A.example"]'}, "clients.north.cors_origins.0", "small letters"),
    ({"cors_origins": '["http://a.example"]'}, "clients.north.cors_origins.0", "use https"),
    ({"gets_assessment": "1"}, "clients.north.gets_assessment", "true nor false"),
]

SERVICE = [  # keys of [service], the place that is named, words of what is said
    ({"public_base": None}, "service.public_base", "is missing"),
    ({"public_base": '"http://cds.example.org"'}, "service.public_base", "use https"),
    ({"public_base": '"https://cds.example.org/cds-services"'}, "service.public_base", "before"),
    ({"public_base": '"https://cds.example.org?x=1"'}, "service.public_base", "query"),
    ({"public_bass": "1"}, "service.public_bass", "did you mean public_base?"),
    ({"port": '"8080"'}, "service.port", "no whole number"),
    ({"port": "0"}, "service.port", "no whole number from 1 to 65535"),
    ({"workers": "true"}, "service.workers", "no whole number"),
    ({"open_discovery": '"yes"'}, "service.open_discovery", "true nor false"),
    ({"drain_seconds": '"5"'}, "service.drain_seconds", "no number"),
    ({"log_level": '"loud"'}, "service.log_level", "none of debug, info"),
    ({"log_key": f'"{SECRET * 4}"'}, "service.log_key", "give it as CDSHOOKS_LOG_KEY"),
    (
        {"replay_store": f'"postgresql://cds:{SECRET}@db/replay"'},
        "service.replay_store",
        "give it as CDSHOOKS_REPLAY_STORE",
    ),
    ({"replay_store": '"mysql://db/replay"'}, "service.replay_store", "sqlite, postgresql"),
    ({"replay_store": '"sqlite:///:memory:"'}, "service.replay_store", "outlast a restart"),
    ({"cors_origins": '["*"]'}, "service.cors_origins", "every page"),
    ({"fhir_servers": '["https://a.example"]'}, "service.fhir_servers", "for the sandbox"),
    ({"config": '"other.toml"'}, "service.config", "no such key"),
    ({"sandbox": "true"}, "service.sandbox", "for the command line: serve --sandbox"),
    ({"sandbox": "false"}, "service.sandbox", "for the command line: serve --sandbox"),
    ({"auth": '"none"'}, "service.auth", "nothing switches that off"),
]

WHOLE = [  # the file, the place that is named, words of what is said
    ("[service", "config", "at end of document"),
    (f'[service]\npassword = "{SECRET}', "config", "not TOML"),
    (f"[service]\nport = {SECRET}", "config", "at line 2"),
    (f"{SECRET} = 1\n{SECRET} = 2", "config", "each key once"),
    (b"\xff\xfe[service]", "config", "not TOML"),
    ("a = " + "[" * 100_000, "config", "not TOML"),
    ("#" * 1_000_001, "config", "not TOML"),
    ("[clients]", "clients", "nobody could call"),
    ("clients = 1", "clients", "no table"),
    ("service = []", "service", "no table"),
    ('[client.north]\nissuer = "a"', "client", "did you mean clients?"),
    ('[clients]\nissuer = "a"', "clients.issuer", "no table"),
    (config(more='[clients."no\\nname"]\nissuer="a"\njwks_file="keys.json"'), "clients.(a", "name"),
    (
        config(more='[clients.south]\nissuer="https://north.example.org"\njwks_file="keys.json"'),
        "clients.north",
        "has the issuer of clients.south",
    ),
]

BROKEN = [
    *((config(client=client), place, said) for client, place, said in CLIENT),
    *((config(service=service), place, said) for service, place, said in SERVICE),
    *WHOLE,
]


def refusal(path):
    """What is said of a file; "" where it can be used."""
    try:
        load_settings({}, config=path)
    except SettingsInvalid as error:
        return str(error)
    return ""


def problems(path):
    return refusal(path).splitlines()


def test_g6_the_file_that_all_others_differ_from_is_right(write):
    (client,) = load_settings({}, config=write(config())).clients
    assert (client.name, client.issuer) == ("north", "https://north.example.org")
    assert len(BROKEN) > 100


@pytest.mark.parametrize(("text", "place", "said"), BROKEN, ids=range(len(BROKEN)))
def test_b11_g6_a_broken_file_is_refused_with_its_place_and_what_is_accepted(
    write, text, place, said
):
    found = problems(write(text))
    (line,) = found if said is not None else found[:1]
    assert line.startswith(place)
    assert (said or "") in line
    assert SECRET not in "\n".join(found)


@pytest.mark.parametrize(("text", "place", "_said"), BROKEN[::10], ids=range(0, len(BROKEN), 10))
def test_g6_serve_ends_with_status_2_before_it_binds(write, monkeypatch, text, place, _said):
    monkeypatch.setattr(server, "serve", lambda *_: pytest.fail("it went on to bind"))
    result = CliRunner().invoke(cli.app, ["serve", "--config", str(write(text))])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(place)


def test_g6_a_real_process_says_every_mistake_at_once_and_ends_with_status_2(write):
    broken = [{**client} for client, _, said in CLIENT if said is not None and len(client) == 1]
    together = {key: value for one in broken for key, value in one.items()}
    path = write(config(together, {"port": "0", "workers": "true"}))
    command = [sys.executable, "-m", "cdshooks", "serve", "--config", path]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    named = {line.partition(":")[0] for line in ended.stderr.splitlines()}
    assert {"service.port", "service.workers"} < named
    assert {f"clients.north.{key}" for key in ("isuer", "auth", "skew_seconds")} < named
    assert len(named) > 12
    assert SECRET not in ended.stderr


def test_g6_a_file_that_is_not_there_is_named_as_such(tmp_path):
    absent = tmp_path / "absent.toml"
    assert problems(absent) == [f"config: {absent} cannot be read: No such file or directory"]
    assert problems(tmp_path) == [f"config: {tmp_path} cannot be read: Is a directory"]


JUNK = [f'"{SECRET}"', f'["{SECRET}"]', f'{{ url = "{SECRET}" }}', "4711.5", "1979-05-27", "[[]]"]
PLACES = [
    *(("service", name) for name in NAMES),
    *(("clients.north", key) for key in client_keys()),
    *(("clients.north.profile", key) for key in PROFILE),
    *(("clients.north.jku", key) for key in SERVER_KEYS),
]


@pytest.mark.parametrize(("table", "key"), PLACES, ids=map(".".join, PLACES))
def test_c1_g6_whatever_stands_at_a_key_is_never_repeated(write, table, key):
    for junk in JUNK:
        keys = {"jwks_file": None} if table.endswith("jku") else {}
        text = f"{config(keys)}\n[{table}]\n{key} = {junk}"
        if table in ("service", "clients.north"):
            given = {"service": {}, "clients.north": {}, table: {key: junk}}
            text = config(given["clients.north"], given["service"])
        assert tomllib.loads(text)
        said = refusal(write(text))
        assert SECRET not in said
        assert not said or f"{table}.{key}" in said or "is missing" in said
