"""The way of the README's "Connect your EHR", run line by line in a shell of its own."""

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def the_lines():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.search(r"<!-- connect:begin -->\n```\n(.*?)```", readme, re.DOTALL)
    assert found
    return found[1]


def run(lines, folder):
    """What the last line of a script prints; whatever it started is stopped."""
    program = folder / "bin" / "cdshooks"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cdshooks "$@"\n')
    program.chmod(0o755)
    environment = os.environ | {
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "XDG_STATE_HOME": str(folder / "state"),
    }
    script = f"set -eu\ntrap 'kill $(jobs -p)' EXIT\n{lines}"
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
    waiting = f"until curl -sf http://127.0.0.1:{port}/healthz >/dev/null; do sleep 0.2; done"
    lines = the_lines().replace(":8080", f":{port}").replace("sleep 5", waiting)
    lines = lines.replace(
        "serve --config clients.toml", f"serve --config clients.toml --port {port}"
    )
    answer = json.loads(run(lines, tmp_path).splitlines()[-1])
    assert len(answer["cards"]) > 0
    assert json.loads((tmp_path / "request.json").read_text())["hook"] == "patient-view"
