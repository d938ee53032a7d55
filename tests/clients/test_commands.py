"""`cdshooks config check` and `config sheet`, as an operator and an EHR team read them."""

import re
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt
from typer.testing import CliRunner

from cdshooks.clients.presets import PRESETS
from cdshooks.faces.terminal.cli import app
from cdshooks.faces.terminal.sheet import registration_sheet, scopes
from cdshooks.faces.web import server
from cdshooks.knowledge.load import load_services
from cdshooks.settings import load_settings
from tests.clients.site import config

PATIENT = "{{context.patientId}}"
SERVICES = tuple(load_services().values())
FULL = {
    "audiences": '["https://cds.example.org/by/hand"]',
    "tenants": '["tenant-1"]',
    "fhir_servers": '["https://fhir.example.org/r4"]',
    "fhir_client_id": '"client-1"',
    "prefetch": f'{{ net-patient-view = {{ observations = "Observation?patient={PATIENT}'
    '&category=laboratory" } }',
    "profile": '{ link_hosts = ["www.ema.europa.eu"] }',
}


@pytest.fixture
def run(write):
    def run(command, text, *more):
        return CliRunner().invoke(app, ["config", *command, str(write(text)), *more])

    return run


def sheet(write, **keys):
    settings = load_settings({}, config=write(config(keys)))
    return registration_sheet(settings.clients[0], settings, SERVICES)


# ---- check ---------------------------------------------------------------------------------------


def test_g6_check_says_who_may_call_and_what_to_know_of_it(run):
    result = run(["check"], config({**FULL, "fhir_client_id": None, "jwks_file": '"two.json"'}))
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "north"
    assert "  issuer    https://north.example.org" in lines
    assert "  services  net-patient-view" in lines
    assert "  server    https://fhir.example.org/r4" in lines
    notes = [line.split(maxsplit=1)[1] for line in lines if line.startswith("  note")]
    assert len(notes) == 3
    assert notes[0].startswith("jwks_file: not used is key 2:")
    assert notes[1].startswith("no fhir_client_id")
    assert notes[2] == "observations: what category leaves out is not assessed"
    assert lines[-1].endswith("no mistake; clients: 1")
    assert all(len(line) <= 80 for line in lines if "/site" not in line)


def test_g6_check_says_every_mistake_at_once_and_fails(run):
    result = run(["check"], config({"isuer": "1", "skew_seconds": "999"}, {"port": '"1"'}))
    assert (result.exit_code, result.stdout) == (1, "")
    places = [line.partition(": ")[0] for line in result.stderr.splitlines()]
    assert places == ["service.port", "clients.north.isuer", "clients.north.skew_seconds"]


@pytest.mark.parametrize(
    ("client", "service", "said"),
    [
        (
            {"jku": '"https://north.example.org/jwks"'},
            {},
            "jwks_file is used; jku is only compared, its new keys are not read",
        ),
        ({"preset": '"oracle-health"', "issuer": None, "jwks_file": None}, {}, "no tenants: "),
        ({}, {"host": '"0.0.0.0"'}, "host is not loopback, and what is served there is plain"),
        ({}, {"public_base": '"http://localhost:9000"'}, "but not to port 8080"),
        ({}, {"public_base": '"http://[::1]"', "port": "9000"}, "but not to port 9000"),
    ],
    ids=range(5),
)
def test_g6_check_notes_what_is_odd_and_no_mistake(run, client, service, said):
    result = run(["check"], config(client, service))
    assert result.exit_code == 0
    assert said in " ".join(result.stdout.split())
    assert said not in run(["check"], config()).stdout


def test_g6_check_refuses_the_local_codes_that_serve_would(run, furnished):
    (furnished / "codes.yaml").write_text("nonsense: 1\n")
    result = run(["check"], config(service={"local_codes": '"codes.yaml"'}))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "codes.yaml:1: " in result.stderr


def test_g6_a_mistake_is_told_in_lines_of_80_columns(run):
    result = run(["check"], config({"xylophone": "1"}))
    first, *more = result.stderr.splitlines()
    assert first.startswith("clients.north.xylophone: there is no such key: there are: preset, ")
    assert all(len(line) <= 80 for line in (first, *more))
    assert all(line.startswith("    ") for line in more)


def test_check_reads_a_file_as_the_sandbox_would_if_asked_to(run):
    text = config({"preset": '"cds-hooks-sandbox"', "issuer": None, "jwks_file": None})
    assert run(["check"], text).exit_code == 1
    assert run(["check"], text, "--sandbox").exit_code == 0


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_can_be_checked_and_has_a_sheet(run, preset):
    text = config({"preset": f'"{preset}"'})
    how = ["--sandbox"] if PRESETS[preset].sandbox_only else []
    assert run(["check"], text, *how).exit_code == 0
    assert run(["sheet", "north", "--config"], text, *how).exit_code == 0


def test_serve_takes_the_file_and_says_who_may_call(write, monkeypatch):
    calls = []

    def serve(settings, _engine, _admission, _pages, announce):
        calls.append(settings)
        announce()

    monkeypatch.setattr(server, "serve", serve)
    path = write(config(service={"port": "9000"}))
    result = CliRunner().invoke(app, ["serve", "--config", str(path), "--port", "9001"])
    assert result.exit_code == 0
    (settings,) = calls
    assert (settings.port, settings.clients[0].name) == (9001, "north")
    assert "Discovery  https://cds.example.org/cds-services\n" in result.stdout
    assert "Clients    north\n" in result.stdout
    assert "Note" not in result.stdout
    result = CliRunner().invoke(app, ["serve", "--config", str(path), "--host", "0.0.0.0"])  # noqa: S104
    assert "Note       host is not loopback" in result.stdout


def test_b11_without_clients_serve_says_that_only_health_is_served(monkeypatch):
    monkeypatch.setattr(server, "serve", lambda *given: given[-1]())
    told = CliRunner().invoke(app, ["serve"]).stdout
    assert "No client is configured, so only health is served" in told


def test_presets_are_printed_with_what_they_fill_in_and_how_sure_that_is():
    result = CliRunner().invoke(app, ["config", "presets"])
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert all(len(line) <= 80 for line in lines)
    told = " ".join(result.stdout.split())
    for name, preset in PRESETS.items():
        for text in (f"{name}: {preset.title}", preset.seen, preset.sure, preset.by_hand):
            assert text in told
    assert "fills in lifetime_seconds = 900, profile.link_hosts = []" in told
    assert "profile.critical = false" in told


# ---- sheet ---------------------------------------------------------------------------------------


def test_the_sheet_names_all_that_a_team_asks_for(write):
    told = sheet(write, **FULL)
    for word in (
        "https://cds.example.org/cds-services",
        "https://cds.example.org/cds-services/net-patient-view",
        "patient-view",
        *(f"`{one.key}`" for one in SERVICES[0].prefetch),
        "Observation?patient={{context.patientId}}&category=laboratory",
        "What category leaves out",
        "https://north.example.org",
        "https://cds.example.org/by/hand",
        "`a+/=`",
        "ES384",
        "RS384",
        "at most 3600 s",
        "tenant-1",
        "client-1",
        "https://fhir.example.org/r4",
        "www.ema.europa.eu",
        "450 ms",
        "401:",
        "403:",
        "412:",
        "IP addresses to allow",
    ):
        assert " ".join(word.split()) in " ".join(told.split()), word
    for template in SERVICES[0].prefetch:
        assert " ".join(template.why.split()) in " ".join(told.split())


def test_the_sheet_has_80_columns_and_is_sound_markdown(write):
    told = sheet(write, **FULL)
    for line in told.splitlines():
        assert len(line) <= 80 or len(line.split()) <= 2, line
    html = MarkdownIt().render(told)
    assert html.count("<h2>") == told.count("\n## ")
    assert "`" not in re.sub(r"<code>.*?</code>", "", html, flags=re.DOTALL)


def test_p105_p106_the_sheet_says_whether_discovery_needs_a_token(write):
    settings = load_settings({}, config=write(config()))
    (client,) = settings.clients
    closed = settings.model_copy(update={"open_discovery": False})
    assert "open, no token needed" in registration_sheet(client, settings, SERVICES)
    assert "Discovery (with a token)" in registration_sheet(client, closed, SERVICES)


def test_the_sheet_tells_of_one_client_only_and_of_its_services(write):
    more = '[clients.south]\nissuer = "https://south.example"\njwks_file = "keys.json"\n'
    settings = load_settings({}, config=write(config(more=more)))
    _south, north = settings.clients
    told = registration_sheet(north, settings, SERVICES)
    assert "south" not in told
    barred = replace(north, services=frozenset({"another"}))
    assert "net-patient-view" not in registration_sheet(barred, settings, SERVICES)


def test_what_a_client_has_not_is_told_as_such(write):
    told = sheet(write, jwks_file=None, jku='"https://north.example.org/jwks"')
    assert "Read from `https://north.example.org/jwks`" in told
    assert "None is registered" in told
    assert "scope" not in told
    assert "any host" in told


def test_the_sheet_says_sizes_links_and_tls_as_they_are(write):
    told = " ".join(sheet(write, profile="{ link_hosts = [] }").split())
    assert "Cards carry no links until `link_hosts` is given" in told
    assert "A body has 32 MB at most" in told
    assert "`https://cds.example.org`, by TLS 1.2 or later" in told
    service = {"public_base": '"http://127.0.0.1:8080"', "max_body_bytes": "5000"}
    settings = load_settings({}, config=write(config(service=service)))
    told = registration_sheet(settings.clients[0], settings, SERVICES)
    assert "Calls come in at `http://127.0.0.1:8080`\n" in told
    assert "A body has 5000 bytes at most" in told


def test_p36_scopes_follow_from_the_templates():
    version_1, version_2 = scopes(SERVICES[0].prefetch)
    assert len(version_1) == len(version_2) == 9
    assert version_1[:2] == ["patient/Patient.read", "patient/Condition.read"]
    assert {"patient/Patient.r", "patient/Observation.rs"} < set(version_2)


def test_a_client_that_is_not_there_is_asked_back(run):
    result = run(["sheet", "nroth", "--config"], config())
    assert (result.exit_code, result.stdout) == (2, "")
    assert "did you mean north?" in result.stderr
    alone = CliRunner().invoke(app, ["config", "sheet", "north"])
    assert (alone.exit_code, "--config FILE" in alone.stderr) == (2, True)


def test_g6_no_sheet_comes_from_a_broken_file(run):
    result = run(["sheet", "north", "--config"], config({"auth": '"off"'}))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("clients.north.auth: ")
