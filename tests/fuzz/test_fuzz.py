"""The fuzzer for some seconds on each push, from the same start: nothing but named errors comes."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cdshooks.errors import InputUnreadable
from tests.front_door.real import FIXTURES, SOAK, body, engine

TARGET = Path(__file__).with_name("target.py")
SECONDS = 120 if SOAK else 3

if sys.platform != "linux":  # on Linux the lock has it, and without it these tests fail
    pytest.skip("atheris has wheels for Linux alone", allow_module_level=True)


def seeds(folder, target):
    """Some patients, as the target takes them; the words of FHIR come with them."""
    folder.mkdir()
    names = sorted(path.parent.name for path in FIXTURES.glob("*/bundle.json"))[::20]
    for name in names:
        seed = body(name) if target == "body" else (FIXTURES / name / "bundle.json").read_bytes()
        (folder / name).write_bytes(seed)
    (folder / "empty").write_bytes(b"{}")
    return folder


@pytest.mark.parametrize("target", ["body", "evaluator"])
def test_d11_what_the_fuzzer_finds_is_answered_or_refused_by_name(tmp_path, target):
    options = [
        f"-max_total_time={SECONDS}",
        "-seed=4711",
        "-timeout=120",  # of the clock; the target looks at the time of the processor
        "-rss_limit_mb=1024",
        "-max_len=200000",
        f"-artifact_prefix={tmp_path}/",
    ]
    command = [sys.executable, TARGET, target, *options, seeds(tmp_path / "seeds", target)]
    # A shell between: a program begins with the peak of memory of the one that started it, and this
    # one may have read the largest bodies before.
    ended = subprocess.run(
        ["/bin/sh", "-c", '"$@"; exit $?', "sh", *command],
        capture_output=True,
        check=False,
        timeout=SECONDS * 10 + 300,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    said = ended.stderr.decode(errors="replace")
    assert ended.returncode == 0, said[-4_000:]
    runs = re.search(r"Done (\d+) runs", said)
    assert runs is not None, said[-4_000:]
    print(f"{target}: {runs[1]} runs in {SECONDS} s")
    assert int(runs[1]) > 10


FOUND = {
    "a key that is no UTF-8": b'{"resourceType":"Bundle","\x8d":1}',
    "a text that is no UTF-8": b'{"resourceType":"Bundle","entry":[{"fullUrl":"\xe8"}]}',
}


@pytest.mark.parametrize("data", FOUND.values(), ids=FOUND)
def test_d11_what_it_found_before_is_refused_by_name(data):
    with pytest.raises(InputUnreadable):
        engine().assess_body(data)
