"""`cdshooks export`: files that are current, exit statuses, and editions of git."""

import io
import json
import shutil
import subprocess
import tarfile
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from cdshooks.faces import fixtures
from cdshooks.faces.terminal.cli import app
from cdshooks.knowledge.load import default_root


def run(*arguments):
    return CliRunner().invoke(app, ["export", *map(str, arguments)])


@pytest.fixture
def mappings(tmp_path):
    return shutil.copytree(default_root(), tmp_path / "mappings")


@pytest.fixture
def one_patient(tmp_path):
    """A folder of patients with one in it: assessing all takes seconds."""
    shutil.copytree(
        fixtures.default_root() / "ileum-g1-progressive-after-ssa",
        tmp_path / "patients/ileum-g1-progressive-after-ssa",
    )
    return tmp_path / "patients"


def test_the_sheet_on_disk_is_current():
    """Else: cdshooks export review."""
    done = run("review", "--check")
    assert done.exit_code == 0, done.output


def test_a_stale_sheet_is_named_and_then_written(mappings, one_patient):
    sheet = mappings / "README.md"
    arguments = ("review", "--mappings", mappings, "--fixtures", one_patient)
    sheet.write_text("old", encoding="utf-8")
    assert run(*arguments, "--check").exit_code == 1
    assert sheet.read_text(encoding="utf-8") == "old"
    assert run(*arguments).exit_code == 0
    assert run(*arguments, "--check").exit_code == 0
    assert "- offered: `ileum-g1-progressive-after-ssa`" in sheet.read_text(encoding="utf-8")


def test_fhir_is_written_as_files_that_a_server_takes(tmp_path):
    done = run("fhir", "--out", tmp_path / "r4", "--base", "https://example.org/fhir/")
    assert done.exit_code == 0, done.output
    bundle = json.loads((tmp_path / "r4/transaction.json").read_text(encoding="utf-8"))
    files = {path.name for path in (tmp_path / "r4").iterdir()} - {"transaction.json"}
    assert len(files) == len(bundle["entry"])
    plan = json.loads((tmp_path / "r4/PlanDefinition-everolimus.json").read_text(encoding="utf-8"))
    assert plan["url"] == "https://example.org/fhir/PlanDefinition/everolimus"


def test_two_editions_that_are_equal_give_status_0_and_no_word(mappings, one_patient):
    done = run("diff", default_root(), mappings, "--fixtures", one_patient)
    assert (done.exit_code, done.output) == (0, "")


def test_two_editions_that_differ_give_status_1_and_the_patients(mappings, one_patient):
    (mappings / "treatments/everolimus.yaml").unlink()
    done = run("diff", default_root(), mappings, "--fixtures", one_patient)
    assert done.exit_code == 1
    assert "treatments/everolimus is gone" in done.output
    assert "patient ileum-g1-progressive-after-ssa\n  outcome gone everolimus" in done.output


@pytest.mark.parametrize("command", ["review", "fhir", "diff"])
def test_broken_knowledge_is_told_and_nothing_is_written(mappings, tmp_path, command):
    (mappings / "sources.yaml").unlink()
    out = tmp_path / "out"
    arguments = {
        "review": ("--mappings", mappings, "--out", out),
        "fhir": ("--mappings", mappings, "--out", out),
        "diff": (default_root(), mappings),
    }[command]
    done = run(command, *arguments)
    assert done.exit_code in (1, 2)
    assert "sources.yaml" in done.output
    assert not out.exists()


def test_what_is_no_folder_and_no_revision_is_a_usage_error():
    done = run("diff", "no-such-edition")
    assert done.exit_code == 2
    assert "neither a folder nor a git revision" in done.output


@pytest.fixture
def edition(mappings, monkeypatch):
    """A repository whose one revision is the mappings, and which are shipped in their place."""
    git = ["git", "-C", str(mappings.parent), "-c", "user.name=a", "-c", "user.email=a@b.example"]
    for command in (("init", "-q"), ("add", "mappings"), ("commit", "-q", "-m", "edition")):
        subprocess.run([*git, *command], check=True)
    monkeypatch.setattr("cdshooks.faces.terminal.export.default_root", lambda: mappings)
    return mappings


def test_a_revision_is_an_edition_also_for_a_python_whose_archives_have_no_filter(
    edition, one_patient, monkeypatch
):
    """Filters came with Python 3.11.4; Debian 12 has 3.11.2."""

    def extractall(_self, _path=".", _members=None, *, numeric_owner=False):
        raise AssertionError(numeric_owner)

    monkeypatch.setattr(tarfile.TarFile, "extractall", extractall)
    done = run("diff", "HEAD", "--fixtures", one_patient)
    assert (done.exit_code, done.output) == (0, "")
    (edition / "treatments/everolimus.yaml").unlink()
    done = run("diff", "HEAD", "--fixtures", one_patient)
    assert done.exit_code == 1
    assert "treatments/everolimus is gone" in done.output


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("mappings/link.yaml", tarfile.SYMTYPE),
        ("mappings/link.yaml", tarfile.LNKTYPE),
        ("mappings/pipe", tarfile.FIFOTYPE),
        ("mappings/../../outside", tarfile.REGTYPE),
        ("/outside", tarfile.DIRTYPE),
    ],
)
def test_of_a_revision_only_plain_files_inside_of_it_are_brought_out(
    monkeypatch, tmp_path, name, kind
):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.type, member.linkname = kind, "mappings/knowledge.yaml"
        archive.addfile(member)
    monkeypatch.setattr(
        subprocess, "run", lambda *_, **__: SimpleNamespace(stdout=packed.getvalue())
    )
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    done = run("diff", "HEAD")
    assert done.exit_code == 2
    assert "is no plain file or folder" in done.output
    assert list(tmp_path.iterdir()) == []
