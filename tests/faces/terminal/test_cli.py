"""The command line: exit status, streams, and going on past a bad line."""

import io
import json
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest
from rich.text import Text
from typer.main import get_command
from typer.testing import CliRunner

from cdshooks import __version__
from cdshooks.engine import Engine
from cdshooks.errors import InputUnreadable, KnowledgeInvalid, KnowledgeProblem, SettingsInvalid
from cdshooks.faces.fixtures import load_cases
from cdshooks.faces.terminal import assessing, cli
from cdshooks.faces.terminal.inputs import Item
from cdshooks.faces.terminal.options import meant
from cdshooks.faces.terminal.page import Page
from cdshooks.settings import load_settings
from tests.shipped import ENGINE

TITLE = 'A "small" one: G1'
DIGEST = "sha256:" + "ab" * 32
CARD = {
    "uuid": "1",
    "summary": "Consider PRRT",
    "detail": "**NET · pancreas**\n- Ki-67: < 3 % `Observation/k`. *WHO*\n\n**Sources**\n"
    "- [WHO 2019](https://example.org/who)",
    "indicator": "info",
    "source": {
        "label": "cdshooks-net",
        "topic": {"system": "urn:x", "code": "options", "display": "Options to discuss"},
    },
    "suggestions": [{"label": "Draft a referral", "uuid": "2", "actions": []}],
}


def document(patient):
    return {
        "asOf": "2026-11-15",
        "jurisdiction": "us",
        "knowledge": {"version": "2026.11.0", "digest": DIGEST},
        "facts": {
            "tumour.ki67": {
                "possible": [{"low": "0", "high": "3", "unit": "%", "highOpen": True}],
                "readings": [
                    {"reference": f"Observation/{patient}", "date": "2026-03-01", "printed": "<3%"}
                ],
            },
            "symptom.bulk": {"possible": [False], "assumed": True},
            "patient.ecog": {"whyAbsent": "too old"},
        },
        "treatments": [
            {"id": "prrt", "outcome": "offer"},
            {"id": "ssa", "outcome": "not-offered", "because": ["Site: lung. Off-label."]},
        ],
        "problems": [{"reference": "Observation/x", "path": "valueString", "problem": "is odd"}],
        "cards": [CARD],
    }


class FakeEngine:
    """Reads {"patient": ...}; says which day and jurisdiction it was asked for."""

    knowledge = SimpleNamespace(
        vocabulary=[SimpleNamespace(name="tumour.ki67", label="Ki-67")],
        treatments=[SimpleNamespace(id="ssa", title="Somatostatin analogue")],
    )

    def __init__(self):
        self.asked = []

    def patients(self, body):
        return json.loads(body)["patient"].split(",")

    def assess_body(self, body, as_of, jurisdiction):
        self.asked.append((as_of and as_of.isoformat(), jurisdiction))
        if b"crash" in body:
            raise RuntimeError("SECRET-4711")
        try:
            return [document(one) for one in self.patients(body)]
        except (ValueError, KeyError, TypeError):
            raise InputUnreadable("is neither a FHIR Bundle nor a CDS Hooks request") from None


@pytest.fixture
def engine(monkeypatch):
    fake = FakeEngine()
    monkeypatch.setattr(assessing, "patient_ids", lambda bodies: fake.patients(bodies[0][1]))
    monkeypatch.setattr(cli.Engine, "load", lambda *_, **__: fake)
    return fake


@pytest.fixture
def run():
    runner = CliRunner()
    return lambda *arguments, **how: runner.invoke(cli.app, [str(one) for one in arguments], **how)


@pytest.fixture
def write(tmp_path):
    def write(name, text):
        (tmp_path / name).write_text(text)
        return tmp_path / name

    return write


def lines(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


# ---- assess --------------------------------------------------------------------------------------


def test_one_document_a_line_in_order(run, write, engine):
    """A file of lines, a pretty-printed one, and a Bundle of two patients."""
    files = (
        write("many.ndjson", '{"patient": "a"}\n\n{"patient": "b"}\n'),
        write("one.json", '{\n  "patient": "c,d"\n}\n'),
    )
    result = run("assess", *files, "--format", "json")
    assert result.exit_code == 0
    places = [one["facts"]["tumour.ki67"]["readings"][0]["reference"] for one in lines(result)]
    assert places == [f"Observation/{name}" for name in "abcd"]


@pytest.mark.parametrize("name", ["many.ndjson", "many.json", "many"])
def test_it_goes_on_past_a_bad_line(run, write, engine, name):
    file = write(name, '{"patient": "a"}\n{"patient\n{"patient": "b"}\n')
    result = run("assess", file, "--format", "json")
    assert result.exit_code == 1
    first, bad, last = lines(result)
    assert "facts" in first
    assert "facts" in last
    assert bad == {
        "problems": [
            {
                "reference": f"{file}:2",
                "problem": "is neither a FHIR Bundle nor a CDS Hooks request",
            }
        ]
    }


def test_broken_pretty_printed_json_is_one_problem(run, write, engine):
    file = write("one.json", '{\n  "patient": {\n  "x": 1\n}\n')
    result = run("assess", file, "--format", "json")
    assert (result.exit_code, len(lines(result))) == (1, 1)


def test_a_mistake_of_ours_costs_one_record_and_shows_nothing_of_it(run, write, engine):
    file = write("many.ndjson", '{"patient": "crash"}\n{"patient": "b"}\n')
    result = run("assess", file, "--format", "json")
    assert result.exit_code == 1
    assert lines(result)[0]["problems"][0]["problem"] == (
        "internal error (RuntimeError): please report it"
    )
    assert "facts" in lines(result)[1]
    assert "SECRET-4711" not in result.output


def test_the_day_and_the_jurisdiction_are_handed_on(run, write, engine):
    file = write("one.json", '{"patient": "a"}')
    run("assess", file)
    run("assess", file, "--as-of", "2026-11-15", "--jurisdiction", "uk-nice")
    assert engine.asked == [(None, None), ("2026-11-15", "uk-nice")]


def test_standard_input_is_a_file_too(run, engine):
    result = run("assess", "-", "--format", "json", input='{"patient": "a"}')
    assert result.exit_code == 0
    assert len(lines(result)) == 1


def test_a_file_that_may_not_be_read_stops_nothing_after_it(run, write, engine, monkeypatch):
    shut, other = write("shut.json", "{}"), write("other.json", '{"patient": "a"}')

    def items(path):
        if path == shut:
            raise PermissionError(13, "Permission denied")
        yield Item(path.name, path.read_bytes())

    monkeypatch.setattr(assessing, "items", items)
    result = run("assess", shut, other, "--format", "json")
    assert result.exit_code == 1
    assert lines(result)[0] == {
        "problems": [{"reference": str(shut), "problem": "Permission denied"}]
    }
    assert "facts" in lines(result)[1]


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("missing.json",),
        (".",),
        ("--as-of", "2026-13-01", "FILE"),
        ("--jurisdiction", "mars", "FILE"),
        ("--format", "xml", "FILE"),
        ("--unknown", "FILE"),
    ],
    ids=str,
)
def test_wrong_usage_is_2(run, write, engine, arguments):
    file = write("one.json", '{"patient": "a"}')
    result = run("assess", *(file if one == "FILE" else one for one in arguments))
    assert (result.exit_code, result.stdout) == (2, "")


def test_a_page_is_readable_at_80_columns(run, write, engine):
    result = run("assess", write("one.json", '{"patient": "a"}'))
    assert result.exit_code == 0
    assert "\x1b" not in result.stdout, "no colour where no terminal is"
    assert max(map(len, result.stdout.splitlines())) <= 80
    told = " ".join(result.stdout.split())
    for part in (
        "As of 2026-11-15, us, knowledge 2026.11.0.",
        "OPTIONS TO DISCUSS (INFO) Consider PRRT NET · pancreas",
        "Ki-67: < 3 % Observation/k. WHO",
        "WHO 2019 (https://example.org/who)",
        "Drafts offered: Draft a referral.",
        "NOT OFFERED - Somatostatin analogue: Site: lung. Off-label.",
        "FACTS - Ki-67: < 3 %; 2026-03-01 Observation/a “<3%”",
        "- Not known: patient.ecog (too old)",
        "- Not recorded: symptom.bulk",
        "COULD NOT BE USED - Observation/x, valueString: is odd",
    ):
        assert part in told


def test_a_page_of_a_record_that_cannot_be_read(run, write, engine):
    result = run("assess", write("bad.json", "nonsense"))
    assert result.exit_code == 1
    told = "".join(result.stdout.split())
    assert "bad.json:isneitheraFHIRBundlenoraCDSHooksrequest" in told


def test_escape_codes_of_a_chart_do_not_reach_the_terminal(run, write, engine, monkeypatch):
    nasty = document("a")
    nasty["facts"]["tumour.ki67"]["readings"][0]["printed"] = "\x1b[31m[bold]red[/bold]\u202e\r\n"
    monkeypatch.setattr(engine, "assess_body", lambda *_: [nasty])
    result = run("assess", write("one.json", "{}"))
    assert "“[31m[bold]red[/bold]”" in " ".join(result.stdout.split())
    assert not {"\x1b", "\u202e", "\r"} & set(result.stdout)


def told_of(fact, run, write, engine, monkeypatch):
    """The page of a record that gives no cards, with this `net.status`."""
    quiet = {name: value for name, value in document("a").items() if name != "cards"}
    quiet["facts"] |= {"net.status": fact}
    monkeypatch.setattr(engine, "assess_body", lambda *_: [quiet])
    return " ".join(run("assess", write("one.json", "{}")).stdout.split())


def test_nothing_to_say_says_so_and_reads_no_silence_as_health(run, write, engine, monkeypatch):
    told = told_of({"possible": ["none"]}, run, write, engine, monkeypatch)
    assert "No advice: no diagnosis in this record names a neuroendocrine tumour" in told
    assert "A record without diagnoses says nothing of a tumour." in told
    assert "- Not recorded: symptom.bulk, net.status" in told
    assert "net.status: none" not in told
    assert "NOT OFFERED" not in told, "each would say that there is no tumour"


def test_diagnoses_that_were_not_assessed_are_never_no_tumour(run, write, engine, monkeypatch):
    lacking = {"whyAbsent": "not assessed: Condition not available"}
    told = told_of(lacking, run, write, engine, monkeypatch)
    assert "No advice: the diagnoses were not assessed, so nothing is known" in told
    assert "names a neuroendocrine tumour" not in told


def test_each_page_of_a_bundle_of_several_patients_says_whose_it_is(run, write, monkeypatch):
    monkeypatch.setattr(cli.Engine, "load", lambda *_, **__: ENGINE)
    two = [{"resource": {"resourceType": "Patient", "id": one}} for one in ("ada", "bob")]
    file = write("two.json", json.dumps({"resourceType": "Bundle", "entry": two}))
    pages = run("assess", file).stdout
    lines = [line.strip("─ ") for line in pages.splitlines()]
    headings = [line for line in lines if line.startswith("Patient/")]
    assert [one.split(",")[0] for one in headings] == ["Patient/ada", "Patient/bob"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{\n  "a": "SECRET",\n  SECRET\n}', "is not valid JSON: see line 3"),
        (b'{"resourceType": SECRET}', "is not valid JSON: see byte 18"),
        (b'{"a": "SECRET', "is not valid JSON: it ends before it is complete"),
        (b" \n", "is not valid JSON: it is empty"),
        (b'{"a": "\xff SECRET"}', "is not valid JSON: is not UTF-8"),
        (b'{"a": ' + b"[" * 100_000, "is nested too deeply to be read"),
        (b'["SECRET"]', "is neither a FHIR Bundle nor a CDS Hooks request"),
        (b'{"a": "SECRET"}', "is neither a FHIR Bundle nor a CDS Hooks request"),
    ],
    ids=lambda one: one[:20] if isinstance(one, bytes) else "",
)
def test_what_is_no_json_is_told_with_its_place_and_never_its_text(body, said):
    with pytest.raises(InputUnreadable) as caught:
        ENGINE.assess_body(body)
    assert str(caught.value) == said


def test_a_folder_is_not_called_absent(run, tmp_path):
    result = run("assess", tmp_path, env={"COLUMNS": "300"})
    assert (result.exit_code, "is a folder" in result.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("assess", "--jurisdiction", "de", "-"), "'de' is none of us, eu, uk-nice"),
        (("assess", "--format", "xml", "-"), "'xml' is none of text, json"),
        (("case", "new", "a-b", "x=1", "--jurisdiction", "de"), "'de' is none of us, eu, uk-nice"),
        (("trust", "keys", "--out", ".", "--algorithm", "none"), "'none' is none of ES384, RS384"),
    ],
    ids=str,
)
def test_a_word_that_is_no_choice_is_told_with_those_that_are(run, arguments, words):
    result = run(*arguments, env={"COLUMNS": "300"})
    assert result.exit_code == 2
    assert f": {words} " in result.stderr
    assert "Value error" not in result.stderr


def test_on_a_terminal_no_text_has_a_background_of_its_own(monkeypatch):
    """It would be black on a terminal that is white."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)

    class Terminal(io.StringIO):
        encoding = "utf-8"

        def isatty(self):
            return True

    terminal = Terminal()
    Page(FakeEngine.knowledge, terminal).write("a", document("a"))
    codes = set(";".join(re.findall(r"\x1b\[([\d;]*)m", terminal.getvalue())).split(";"))
    assert "36" in codes
    assert not {str(ground) for ground in range(40, 50)} & codes


# ---- check, golden, version ----------------------------------------------------------------------


PROBLEMS = (
    KnowledgeProblem("mappings/facts/a.yaml", 3, "there is no key 'x' here", "fact, label"),
    KnowledgeProblem("mappings/facts/b.yaml", 1, "the file is empty", "see docs/knowledge.md"),
)


def broken(*_, **__):
    raise KnowledgeInvalid(PROBLEMS)


def test_check_prints_every_problem_like_a_compiler(run, monkeypatch, tmp_path):
    monkeypatch.setattr(cli, "load", broken)
    result = run("check", tmp_path)
    assert result.exit_code == 1
    assert result.stdout.splitlines()[:2] == [
        "mappings/facts/a.yaml:3: there is no key 'x' here",
        "    accepted: fact, label",
    ]
    assert "mappings/facts/b.yaml:1: the file is empty" in result.stdout


def test_check_of_sound_knowledge_is_one_line(run, monkeypatch):
    sound = SimpleNamespace(
        edition=SimpleNamespace(version="2026.11.0", digest=DIGEST),
        facts=SimpleNamespace(definitions=[1, 2]),
        derivations=[1],
        treatments=[1],
        requests=[],
        warnings=[],
        services={"a": 1},
        citations={"b": 1, "c": 2},
    )
    monkeypatch.setattr(cli, "load", lambda *_: sound)
    result = run("check")
    assert result.exit_code == 0
    assert result.stdout == (
        "knowledge 2026.11.0 (sha256:abababababab): 2 facts, 1 derived fact, 1 treatment, "
        "0 requests, 0 warnings, 1 service, 2 sources; no problem\n"
    )


def test_check_of_a_folder_that_is_not_there_is_usage(run, tmp_path):
    assert run("check", tmp_path / "nowhere").exit_code == 2


@pytest.mark.parametrize("arguments", [("assess", "FILE"), ("golden",), ("serve",)], ids=str)
def test_no_command_works_with_half_a_knowledge(run, write, monkeypatch, arguments):
    monkeypatch.setattr(cli, "load", broken)
    monkeypatch.setattr(cli.Engine, "load", broken)
    file = write("one.json", "{}")
    result = run(*(file if one == "FILE" else one for one in arguments))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "mappings/facts/a.yaml:3" in result.stderr


def test_the_version_names_the_knowledge(run, monkeypatch):
    monkeypatch.setattr(
        cli,
        "load",
        lambda: SimpleNamespace(edition=SimpleNamespace(version="2026.11.0", digest=DIGEST)),
    )
    result = run("--version")
    assert result.exit_code == 0
    assert result.stdout == f"cdshooks-net {__version__}, knowledge 2026.11.0 ({DIGEST})\n"
    monkeypatch.setattr(cli, "load", broken)
    assert "knowledge cannot be used (2 problems" in run("--version").stdout


@pytest.fixture
def cases(tmp_path):
    folder = tmp_path / "fixtures" / "one"
    folder.mkdir(parents=True)
    (folder / "case.yaml").write_text("title: One\nas_of: 2026-11-15\njurisdiction: eu\n")
    (folder / "bundle.json").write_text('{"patient": "a"}')
    return tmp_path / "fixtures"


def test_goldens_are_written_then_fresh_then_stale(run, engine, cases):
    assert run("golden", "--check", "--fixtures", cases).exit_code == 1
    assert not (cases / "one" / "cards.json").exists()
    written = run("golden", "--fixtures", cases)
    assert (written.exit_code, written.stdout) == (0, "one/cards.json written\n")
    assert json.loads((cases / "one" / "cards.json").read_text()) == [CARD]
    fresh = run("golden", "--check", "--fixtures", cases)
    assert (fresh.exit_code, fresh.stdout) == (0, "")
    (cases / "one" / "cards.json").write_text("[]\n")
    stale = run("golden", "--check", "--fixtures", cases)
    assert (stale.exit_code, stale.stdout) == (1, "one/cards.json is stale\n")
    assert engine.asked[0] == ("2026-11-15", "eu")


def test_a_case_without_a_bundle_is_named(run, engine, cases):
    (cases / "one" / "bundle.json").unlink()
    result = run("golden", "--fixtures", cases)
    assert result.exit_code == 1
    assert "one/bundle.json cannot be read" in result.stderr


# ---- help ----------------------------------------------------------------------------------------


def commands(group, path=()):
    for name, command in group.commands.items():
        yield (*path, name), command
        yield from commands(command, (*path, name)) if hasattr(command, "commands") else ()


def test_no_help_holds_what_is_markup_to_the_terminal_and_so_is_not_shown():
    helps = {
        (*path, parameter.name): parameter.help
        for path, command in commands(get_command(cli.app))
        for parameter in command.params
    }
    helps |= {path: command.help for path, command in commands(get_command(cli.app))}
    lost = {at: said for at, said in helps.items() if said and Text.from_markup(said).plain != said}
    assert len(helps) > 30
    assert lost == {}


# ---- case request --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("on",), "no patient 'on': did you mean one?"),
        (("zzz",), "no patient 'zzz': there are: one"),
        (("o",), "no patient 'o': there are: one"),
        (("one", "--service", "net-patient-veiw"), "did you mean net-patient-view?"),
        (("one", "--service", "zzz"), "no service 'zzz': there are: net-patient-view"),
    ],
    ids=str,
)
def test_who_asks_for_what_is_not_there_is_told_what_is(run, cases, arguments, said):
    result = run("case", "request", *arguments, "--fixtures", cases)
    assert result.exit_code == 1
    assert said in " ".join(result.stderr.split())


def test_of_many_names_those_that_begin_alike_are_told():
    known = ["ileum-g1-stable", "ileum-g2-progressive", "pancreas-g1"]
    assert meant("ileum", known) == "there are: ileum-g1-stable, ileum-g2-progressive"
    assert meant("ileum-g1-stabel", known).startswith("did you mean ileum-g1-stable")


# ---- case new ----------------------------------------------------------------------------------


def test_a_new_case_is_a_folder_with_a_record_and_an_empty_expectation(run, tmp_path):
    """The record says what was asked for, and nothing else."""
    result = run(
        "case", "new", "ileum-g1", "tumour.ki67=14 %", "tumour.site = pancreas",
        "--as-of", "2026-11-15", "--title", TITLE, "--jurisdiction", "eu", "--fixtures", tmp_path,
    )  # fmt: skip
    assert (result.exit_code, result.stderr) == (0, "")
    (case,) = load_cases(tmp_path)
    assert (case.name, case.title, case.jurisdiction) == ("ileum-g1", TITLE, "eu")
    assert "expect: {}" in (tmp_path / "ileum-g1" / "case.yaml").read_text()
    (document,) = Engine.load().assess_body(case.body(), case.as_of, case.jurisdiction)
    assert document["facts"]["tumour.ki67"]["possible"] == [
        {"low": "14", "high": "14", "unit": "%"}
    ]
    assert document["facts"]["tumour.site"]["possible"] == ["pancreas"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("ileum-g1", "tumour.ki67"),
        ("ileum-g1", "tumour.ki67=1 %", "tumour.ki67=2 %"),
        ("ileum-g1", "no.fact=1"),
        ("../ileum", "tumour.ki67=1 %"),
        ("there-already", "tumour.ki67=1 %"),
    ],
    ids=str,
)
def test_a_case_that_cannot_be_made_leaves_nothing_behind(run, tmp_path, arguments):
    (tmp_path / "there-already").mkdir()
    result = run("case", "new", *arguments, "--fixtures", tmp_path)
    assert result.exit_code == 1
    assert result.stderr
    assert [path.name for path in tmp_path.rglob("*")] == ["there-already"]


def test_a_fact_that_is_misspelt_is_told_with_those_that_are_near(run, tmp_path):
    near = run("case", "new", "a-b", "tumour.sight=knee", "--fixtures", tmp_path)
    assert near.stderr.startswith("there is no fact tumour.sight: did you mean tumour.site")
    far = run("case", "new", "a-b", "zzz=1", "--fixtures", tmp_path)
    assert "tumour.site" in far.stderr
    assert max(map(len, far.stderr.splitlines())) <= 80


# ---- serve ---------------------------------------------------------------------------------------


@pytest.fixture
def served(monkeypatch):
    """What `serve` is called with, in place of a server."""
    calls = []
    monkeypatch.setattr(cli, "load_version", lambda: "2026.11.0")
    monkeypatch.setattr(cli, "load_services", lambda: {"net-patient-view": None})

    def serve(settings, factory, admission, pages, announce):
        calls.append(settings)
        announce()

    monkeypatch.setattr("cdshooks.faces.web.server.serve", serve)
    for name in ("CDSHOOKS_PORT", "CDSHOOKS_HOST", "CDSHOOKS_SANDBOX"):
        monkeypatch.delenv(name, raising=False)
    return calls


def test_serve_hands_its_options_on(run, served):
    result = run(
        "serve", "--sandbox", "--port", "9090", "--host", "127.0.0.2", "--fhir-server",
        "http://127.0.0.1:9/fhir", "--fhir-server", "http://127.0.0.1:8/r4",
    )  # fmt: skip
    assert result.exit_code == 0
    (settings,) = served
    assert (settings.host, settings.port, settings.sandbox) == ("127.0.0.2", 9090, True)
    assert settings.fhir_servers == ("http://127.0.0.1:9/fhir", "http://127.0.0.1:8/r4")


def test_serve_says_where_to_look_and_what_to_paste(run, served):
    told = run("serve", "--sandbox").stdout
    assert "Sign-in    none (sandbox)\n" in told
    assert "Page       http://127.0.0.1:8080/\n" in told
    assert "Discovery  http://127.0.0.1:8080/cds-services\n" in told
    assert "Service    http://127.0.0.1:8080/cds-services/net-patient-view\n" in told
    assert "/request.json | curl -s -H 'Content-Type: application/json' --data-binary @- " in told


def test_outside_of_the_sandbox_it_says_that_only_health_is_served(run, served):
    told = run("serve", "--host", "::1").stdout
    assert "Health     http://[::1]:8080/healthz, http://[::1]:8080/readyz\n" in told
    assert "only health is served" in told
    assert "curl" not in told


def test_a_setting_that_cannot_be_is_usage(run, served, monkeypatch):
    assert run("serve", "--sandbox", "--host", "0.0.0.0").exit_code == 2  # noqa: S104
    monkeypatch.setenv("CDSHOOKS_PRT", "1")
    result = run("serve")
    assert result.exit_code == 2
    assert "CDSHOOKS_PORT" in result.stderr
    assert served == []


def test_a_port_that_is_taken_is_one_line(run, served, monkeypatch):
    def refuse(*_):
        raise SettingsInvalid("cannot listen on 127.0.0.1 port 8080")

    monkeypatch.setattr("cdshooks.faces.web.server.serve", refuse)
    result = run("serve")
    assert (result.exit_code, result.stderr) == (2, "cannot listen on 127.0.0.1 port 8080\n")


# ---- local codes ----

LOCAL = "maps:\n  - system: http://a.example\n    codes:\n      X: {display: Y, means: %s}\n"


def test_check_counts_the_codes_of_a_site(tmp_path):
    path = tmp_path / "local.yaml"
    path.write_text(LOCAL % "LOINC#777-3", encoding="utf-8")
    result = CliRunner().invoke(cli.app, ["check", "--local-codes", str(path)])
    assert result.exit_code == 0
    assert "1 local code; no problem" in result.stdout


def test_a_mistake_in_the_codes_of_a_site_stops_check_and_assess(tmp_path):
    path = tmp_path / "local.yaml"
    path.write_text(LOCAL % "LOINC#85330-9", encoding="utf-8")
    for command in (["check"], ["assess", str(path)]):
        result = CliRunner().invoke(cli.app, [*command, "--local-codes", str(path)])
        assert result.exit_code == 1
        assert "local.yaml:4: LOINC#85330-9 is a look-alike" in result.output


def test_the_file_of_a_sites_codes_is_a_setting_too(monkeypatch, tmp_path):
    asked = {}
    monkeypatch.setattr(cli.Engine, "load", lambda **settings: asked.update(settings))
    path = tmp_path / "local.yaml"
    cli.make_engine(load_settings({"CDSHOOKS_LOCAL_CODES": str(path)}))
    assert asked["local_codes"] == path


def test_the_package_can_be_run_as_a_module():
    asked = [sys.executable, "-m", "cdshooks", "--help"]
    told = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    assert "Usage: cdshooks " in told
