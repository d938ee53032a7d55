"""Texts that are made to be slow to read: no pattern on input can go back and forth over them."""

import json
import subprocess
import sys
import time
from pathlib import Path
from re import _constants as sre
from re import _parser

import pytest

from tests.front_door.real import SOAK, lean, post

PROGRAM = Path(__file__).with_name("patterns.py")
UNBOUNDED = 1_000

# These read our own knowledge and what is typed at the command line. In each a mark that cannot be
# left out stands between the repeats, so they have one way only, but this cannot be seen by rule.
OF_OUR_OWN_FILES = {
    "clinical/statement.py",
    "faces/terminal/cases.py",
    "knowledge/diff.py",
    "knowledge/families.py",
    "knowledge/rules/heads.py",
    "knowledge/standing.py",
}


@pytest.fixture(scope="module")
def patterns():
    told = subprocess.run([sys.executable, PROGRAM], capture_output=True, check=True)
    return json.loads(told.stdout)


def inside(kind, argument):
    """The sequences within a part of a pattern; none in what never gives back what it took."""
    if kind in (sre.MAX_REPEAT, sre.MIN_REPEAT):
        return [argument[2]]
    if kind is sre.SUBPATTERN:
        return [argument[3]]
    if kind is sre.BRANCH:
        return argument[1]
    if kind in (sre.ASSERT, sre.ASSERT_NOT):
        return [argument[1]]
    return []


def is_unbounded(kind, argument):
    return kind in (sre.MAX_REPEAT, sre.MIN_REPEAT) and argument[1] >= UNBOUNDED


def repeats(sequence):
    return any(
        is_unbounded(kind, argument) or any(map(repeats, inside(kind, argument)))
        for kind, argument in sequence
    )


def repeats_a_repeat(sequence):
    return any(
        (is_unbounded(kind, argument) and repeats(argument[2]))
        or any(map(repeats_a_repeat, inside(kind, argument)))
        for kind, argument in sequence
    )


def parsed(text, flags):
    try:
        return _parser.parse(text, flags)
    except (ValueError, _parser.error):
        return _parser.parse(text.encode("latin-1"), flags)  # of a pattern for bytes


@pytest.mark.parametrize(
    ("text", "slow"),
    [
        ("(?:a+)*", True),
        ("(?:a*b?)+", True),
        ("(?:x|(?:a+))*", True),
        ("(?:a++)*", False),
        ("(?>a+)*", False),
        ("(?:a{1,3})*", False),
        ("a+b*", False),
    ],
)
def test_d10_the_check_knows_a_repeat_of_a_repeat(text, slow):
    assert repeats_a_repeat(parsed(text, 0)) is slow


def test_d10_no_pattern_on_input_repeats_a_repeat(patterns):
    found = {place for text, flags, place in patterns if repeats_a_repeat(parsed(text, flags))}
    assert found - OF_OUR_OWN_FILES == set()
    assert len(patterns) > 100
    assert {place.partition("/")[0] for *_, place in patterns} >= {
        "fhir",
        "hooks",
        "faces",
    }


# ---- fifty strings -------------------------------------------------------------------------------

LENGTH = 4_000
PIECES = (
    *("a", "0", " ", "\n", "\t ", "-", ".", ",", ";", ":", "%", "(", ")", "[", "<", ">", "/", "'"),
    *("1 ", "1.", "1,", "1-", "<1", "1e", "9" * 50 + " ", "1 - 2 ", "2-5 % ", "< 3 %, "),
    *("Ki-67 ", "Ki67: ", "no ", "not ", "without no ", "G1 G2 ", "grade ", "a. ", "no uptake "),
    *(
        "DOTATATE ",
        "Krenning ",
        "SUV 1 ",
        "rule out ",
        "family history of ",
        "é",
        "\u0301",
        "\u200b",
    ),
    *("2026-", "2026-01-01T", "+00:00", "Patient/", "urn:uuid:"),
)
ENDS = ("", "!", "\x00", " %")
STRINGS = [(piece * (LENGTH // len(piece) + 1))[:LENGTH] + end for piece in PIECES for end in ENDS]
STRINGS = STRINGS if SOAK else STRINGS[::4] + STRINGS[1::40]


def chart(text):
    """A request in which `text` stands wherever a reader looks at texts."""
    sent = json.loads(lean())
    subject = {"reference": f"Patient/{sent['context']['patientId']}"}
    code = {"coding": [{"system": "http://loinc.org", "code": "29593-1", "display": text}]}
    observation = {
        "resourceType": "Observation",
        "id": "o",
        "status": "final",
        "subject": subject,
        "code": code,
        "valueString": text,
        "note": [{"text": text}],
        "interpretation": [{"text": text}],
    }
    report = {
        "resourceType": "DiagnosticReport",
        "id": "r",
        "status": "final",
        "subject": subject,
        "code": {"text": text},
        "conclusion": text,
        "effectiveDateTime": "2026-01-01",
    }
    condition = {
        "resourceType": "Condition",
        "id": "c",
        "subject": subject,
        "code": {"text": text},
        "note": [{"text": text}],
    }
    for key, resource in (
        ("observations", observation),
        ("diagnosticReports", report),
        ("conditions", condition),
    ):
        sent["prefetch"][key]["entry"] = [{"resource": resource}]
        sent["prefetch"][key]["total"] = 1
    return json.dumps(sent).encode()


def cost(text):
    """CPU seconds of an answer, the better of two, and its status."""
    sent, times, status = chart(text), [], 0
    for _ in range(2):
        began = time.process_time()
        status, _ = post(sent)
        times.append(time.process_time() - began)
    return min(times), status


# Cues, and what goes with them: each meets all others of its sentence.
CUES = ("fhx ", "mother ", "not ", "excluded ", "accompanied by her mother ", "uptake in ", "or ")


@pytest.mark.parametrize("cue", CUES)
def test_d10_four_times_as_many_cues_take_about_four_times_as_long(cue):
    """A text of one sentence, which holds nothing else. Twice as much is left for the noise."""
    some, more = (cost(cue * (size // len(cue)))[0] for size in (10_000, 40_000))
    assert more < 8 * max(some, 0.01)


def test_d10_no_text_is_slow_to_read_wherever_it_stands():
    """Eight places each: under 10 ms for a place, and five times that for the noise."""
    assert cost("plain")[1] == 200
    plain = cost("plain")[0]
    costs = sorted(((cost(text), text[:12]) for text in STRINGS), reverse=True)
    for (seconds, _), text in costs[:3]:
        print(f"{(seconds - plain) * 1e3:.1f} ms in eight places: {text!r}...")
    assert len(STRINGS) >= 50
    assert {status for (_, status), _ in costs} <= {200, 412}
    assert costs[0][0][0] - plain < 8 * 0.01 * 5
