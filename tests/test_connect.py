"""The way of the README's "Connect your EHR", run line by line in a shell of its own."""

import json
import os
import re
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
SETUP = 'make setup && export PATH="$PWD/.venv/bin:$PATH"\n'


def the_lines():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.search(r"<!-- connect:begin -->\n```\n(.*?)```", readme, re.DOTALL)
    assert found
    return found[1]


def explaining():
    """The line with which the README has a token explained."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"^cdshooks trust explain .*$", readme, re.MULTILINE)
    assert line in (ROOT / "docs/trust.md").read_text(encoding="utf-8")
    return line


def run(lines, folder):
    """What a script prints whose `cdshooks` is this one; whatever it started is stopped."""
    program = folder / "bin" / "cdshooks"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cdshooks "$@"\n')
    program.chmod(0o755)
    environment = os.environ | {
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "XDG_STATE_HOME": str(folder / "state"),
    }
    script = f"set -eu\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n{lines}"
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_p105_the_readme_leads_to_a_verified_call(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    lines = the_lines()
    assert lines.startswith(SETUP)  # an installation of its own, which the stand-in is in place of
    lines = lines.removeprefix(SETUP).replace(":8080", f":{port}")
    lines = lines.replace(
        "serve --config clients.toml", f"serve --config clients.toml --port {port}"
    )
    assert lines.splitlines()[-1].startswith("kill $! ")
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    told = explaining().replace("TIME_OF_THE_LOG_LINE", now)
    printed = run(f"{lines}\necho\necho $token > token.txt\n{told}", tmp_path)
    (answer,) = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
    assert len(answer["cards"]) > 0
    assert f"Accepted for a call of http://127.0.0.1:{port}/" in printed
    assert json.loads((tmp_path / "request.json").read_text())["hook"] == "patient-view"


def test_what_make_setup_makes_is_where_the_readme_looks_for_it():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "\nVENV := .venv\nBIN := $(VENV)/bin\n" in makefile
    assert re.search(r"^setup: \$\(VENV\)/\.installed ", makefile, re.MULTILINE)
