"""The project as a whole: what is in it, what it builds, and that the result works elsewhere."""

import json
import os
import re
import socket
import subprocess
import sys
import sysconfig
import time
import tomllib
import urllib.request
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from zipfile import ZipFile

import grimp
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import cdshooks
from cdshooks.hooks.example import example_request
from cdshooks.knowledge.load import load_services

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
AS_OF = "2026-11-15"

TOP_LEVEL = {
    "cdshooks",
    "docs",
    "fixtures",
    "mappings",
    "tests",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "Makefile",
    "NOTICE",
    "README.md",
    "SECURITY.md",
    "pyproject.toml",
    "requirements.lock",
    ".ci",
    ".editorconfig",
    ".gitattributes",
    ".gitignore",
}


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    """What the command prints; the test fails with all of it if the command fails.

    PYTHONPATH and the like are left out, so that only what is installed can be imported.
    """
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


# ---- what is in it ----------------------------------------------------------


def project_files(folder: str = ".") -> list[Path]:
    """Every file that git knows or would add, below `folder`, relative to the project."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    command = ("git", "-c", "safe.directory=*", "ls-files", "-coz", "--exclude-standard", folder)
    names = run(*command).split("\0")
    return sorted(Path(name) for name in names if name and (ROOT / name).is_file())


def test_nothing_unexpected_lies_at_the_top():
    assert {file.parts[0] for file in project_files()} - TOP_LEVEL == set()


def test_no_file_points_out_of_the_project():
    """The notes that the project was designed from are not part of it."""
    outside = b"../" + b"shared"  # in two parts, so that this file is not found
    assert [file for file in project_files() if outside in (ROOT / file).read_bytes()] == []


def test_the_version_is_the_one_of_pyproject():
    assert cdshooks.__version__ == PROJECT["version"]


def test_every_make_target_that_the_documents_name_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        target
        for page in ROOT.glob("*.md")
        for target in re.findall(r"(?:`|^\$ )make ([a-z-]+)", page.read_text(), re.MULTILINE)
    }
    assert named - targets == set()


# ---- dependencies -----------------------------------------------------------


def locked() -> dict[str, str]:
    """Each distribution in the lock with the text of its entry (version, hashes, why)."""
    text = (ROOT / "requirements.lock").read_text()
    entries = re.split(r"^(?=[a-zA-Z0-9])", text, flags=re.MULTILINE)[1:]
    return {canonicalize_name(entry.split("==")[0]): entry for entry in entries}


def requirements() -> list[Requirement]:
    extras = PROJECT["optional-dependencies"]
    return [Requirement(r) for r in [*PROJECT["dependencies"], *extras["test"], *extras["dev"]]]


@pytest.mark.parametrize("requirement", requirements(), ids=lambda requirement: requirement.name)
def test_the_lock_holds_a_version_that_pyproject_accepts(requirement):
    entry = locked()[canonicalize_name(requirement.name)]
    assert requirement.specifier.contains(entry.split("==")[1].split()[0])


def test_every_entry_of_the_lock_has_hashes():
    assert [name for name, entry in locked().items() if "--hash=sha256:" not in entry] == []


def test_the_lock_names_no_index_and_no_place_on_disk():
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    assert [line for line in lines if "://" in line or line.startswith("-")] == []


# ---- layers -----------------------------------------------------------------


def test_each_room_keeps_to_its_layer():
    run(Path(sys.executable).with_name("lint-imports"), "--no-cache")


def test_clinical_meaning_needs_the_standard_library_only():
    """Wider than the contract in pyproject.toml, which has to name what it forbids."""
    graph = grimp.build_graph("cdshooks", include_external_packages=True, cache_dir=None)
    rooms = {"cdshooks.clinical", *graph.find_descendants("cdshooks.clinical"), "cdshooks.errors"}
    imported = {name for room in rooms for name in graph.find_modules_directly_imported_by(room)}
    assert imported - rooms - sys.stdlib_module_names == set()


# ---- the wheel --------------------------------------------------------------


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Built from the sdist, so the sdist holds all that a build needs."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT)
    assert len(list(folder.glob("*.tar.gz"))) == 1
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def packed(wheel) -> set[str]:
    return set(ZipFile(wheel).namelist())


@pytest.mark.parametrize("folder", ["mappings", "fixtures"])
def test_knowledge_and_patients_travel_in_the_wheel(packed, folder):
    files = project_files(folder)
    assert files
    assert {f"cdshooks/_data/{file.as_posix()}" for file in files} - packed == set()


def test_every_file_of_the_package_travels_in_the_wheel(packed):
    """Types, templates and the JSON Schema too."""
    assert "cdshooks/py.typed" in packed
    assert {file.as_posix() for file in project_files("cdshooks")} - packed == set()


def test_the_wheel_holds_the_package_its_licence_and_nothing_else(packed):
    metadata = f"cdshooks_net-{PROJECT['version']}.dist-info"
    assert {name.split("/")[0] for name in packed} == {"cdshooks", metadata}
    assert {f"{metadata}/licenses/LICENSE", f"{metadata}/licenses/NOTICE"} <= packed


# ---- the result works elsewhere ---------------------------------------------


@pytest.fixture(scope="module")
def from_wheel(wheel, tmp_path_factory) -> Path:
    """The scripts of an environment that has the wheel, and the dependencies of this one.

    A path in a .pth file is searched for modules, but its own .pth files are not read: an editable
    install of the project in this environment stays out of sight.
    """
    folder = tmp_path_factory.mktemp("installed")
    run(sys.executable, "-m", "venv", "--without-pip", folder)
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", folder)
    run(*pip, "install", "--quiet", "--no-deps", "--no-index", wheel)
    base = {"base": str(folder), "platbase": str(folder)}
    here = Path(sysconfig.get_path("purelib", "venv", vars=base))
    (here / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    where = run(folder / "bin/python", "-c", "import cdshooks; print(cdshooks.__file__)", cwd=here)
    assert Path(where.strip()) == here / "cdshooks/__init__.py"
    return folder / "bin"


@pytest.fixture(scope="module")
def editable() -> Path:
    """The scripts of this environment, if it has an editable install of this checkout."""
    scripts = Path(sys.executable).parent
    if not (scripts / "cdshooks").exists():
        pytest.fail("the project is not installed here: run `make setup`")
    return scripts


def bundles() -> list[Path]:
    return sorted(ROOT.glob("fixtures/*/bundle.json"))


@pytest.mark.parametrize("install", ["from_wheel", "editable"])
def test_it_assesses_patients_away_from_the_checkout(install, request, tmp_path):
    scripts = request.getfixturevalue(install)
    how = ("--as-of", AS_OF, "--format", "json")
    printed = run(scripts / "cdshooks", "assess", *bundles(), *how, cwd=tmp_path)
    documents = [json.loads(line) for line in printed.splitlines()]
    assert [document["asOf"] for document in documents] == [AS_OF] * len(bundles())
    assert all(document["treatments"] for document in documents)
    assert any(document.get("cards") for document in documents)


@pytest.fixture
def service(from_wheel, tmp_path) -> Iterator[str]:
    """The address of `cdshooks serve --sandbox`, started from the wheel in a foreign folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = (from_wheel / "cdshooks", "serve", "--sandbox", "--port", port)
    with (
        (tmp_path / "log").open("w") as log,
        subprocess.Popen(command, cwd=tmp_path, stdout=log, stderr=log) as process,
    ):
        try:
            until_it_listens(int(port), process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
    assert "Traceback" not in (tmp_path / "log").read_text()


def until_it_listens(port: int, process: subprocess.Popen[bytes], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail(f"`cdshooks serve` does not listen on {port} (exit status {process.poll()})")


def ask(url: str, body: object = None) -> dict:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=30) as answer:
        return json.load(answer)


def test_it_answers_a_patient_view_hook_away_from_the_checkout(service):
    found = {offered["id"]: offered for offered in ask(f"{service}/cds-services")["services"]}
    (service_id,) = found
    described = load_services()[service_id]
    assert found[service_id]["prefetch"].keys() == {one.key for one in described.prefetch}
    requests = [
        example_request(json.loads(b.read_text()), described, date.fromisoformat(AS_OF))
        for b in bundles()
    ]
    answers = [ask(f"{service}/cds-services/{service_id}", body) for body in requests]
    assert any(answer["cards"] for answer in answers)
