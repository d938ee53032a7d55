"""The number of a name in a sentence: which one is its own, and which is never read."""

import random
import string
from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdshooks.fhir.number.quantity import parse_number_text, unit_key
from cdshooks.fhir.number.span import ParsedNumber
from cdshooks.fhir.number.text import (
    after_by_rules,
    number_after_name,
    number_before_name,
    plain_percentage,
)


def show(parsed: ParsedNumber | None) -> str:
    """[3,5) % with ~ for approximate; "-" where nothing is read."""
    if parsed is None:
        return "-"
    span = parsed.span
    low, high = ("" if end is None else f"{end:f}" for end in (span.low, span.high))
    ends = f"{'(' if span.low_open else '['}{low},{high}{')' if span.high_open else ']'}"
    return f"{'~' if span.approximate else ''}{ends} {parsed.unit or ''}".rstrip()


def after(text: str, name: str) -> str:
    """The number after `name`, which `text` begins with or holds."""
    start = text.lower().index(name) + len(name)
    return show(number_after_name(text, start))


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Ki-67 4 %", "[4,4] %"),
        ("Ki-67: 5", "[5,5]"),
        ("Ki-67=5%", "[5,5] %"),
        ("Ki-67-Index: 4.0 %", "[4.0,4.0] %"),
        ("Ki-67-15%", "[15,15] %"),
        ("Ki-67 labelling index of approximately 12 %", "~[12,12] %"),
        ("Ki-67 proliferation index is 3-5 %", "[3,5] %"),
        ("Ki-67 indeksi %1'den az", "[0,1) %"),
        ("Ki-67 (MIB-1): 15 %", "[15,15] %"),
        ("Ki-67 (15 %)", "[15,15] %"),
        ("Ki-67 (block 2, clone 30-9) 20 %", "[20,20] %"),
        ("Ki-67 in block A3: 20 %", "[20,20] %"),
        ("Ki-67 on 2026-03-01: 8 %", "[8,8] %"),
        ("Ki-67 on 1 March 2026: 8 %", "[8,8] %"),
        ("Ki-67 from 2019: 5 %", "[5,5] %"),
        ("Ki-67 vom 12. Mai 2025: 5 %", "[5,5] %"),
        ("Ki-67 40/1000 cells (4 %)", "[4,4] %"),
        ("Ki-67 in 500 cells: 5 %", "[5,5] %"),
        ("Ki-67 12/15", "-"),
        ("Ki-67 7 of 100 cells", "-"),
        ("Ki-67 (CD56 positive, CK7 negative) 8 %", "[8,8] %"),
        ("Ki-67 index, CD56 positive, 12 %", "[12,12] %"),
        ("Ki-67 CD56 90 %", "-"),
        ("Ki-67 and CD56 90 %", "-"),
        ("Ki-67 and CD56 positive", "-"),
        ("Ki-67 not done, mitoses 4 per 2 mm2", "-"),
        ("Ki-67 pending, 40 % necrosis", "-"),
        ("Ki-67 to follow, tumour size 4 cm", "-"),
        ("Ki-67 high, grade 2", "-"),
        ("Ki-67 high in lesion 2", "-"),
        ("Ki-67 high in the lesion: 22 %", "[22,22] %"),
        ("Ki-67 low and necrosis of 40 %", "-"),
        ("Ki-67 was discussed at the board and the tumour fills 40 % of the liver", "-"),
        ("Ki-67 increased from 3 % to 15 %", "[3,15] %"),
        ("Ki-67 from 3 % in 2020 to 15 %", "-"),
        ("Ki-67 (previously 3 %) 15 %", "[15,15] %"),
        ("Ki-67 5 lesions", "[5,5] lesions"),
        ("Ki-67 (%) 5", "[5,5] %"),
        ("Ki-67 [%]: 12", "[12,12] %"),
        ("Ki-67 5 % - 2 mitoses/2 mm2", "[5,5] %"),
        ("Ki-67 5 %, mitoses 3/2 mm2", "[5,5] %"),
        ("Ki-67 12 % 2025-03-01", "[12,12] %"),
        ("Ki-67 score 3+", "-"),
        ("Ki-67 ?5 %", "-"),
        ("Ki-67 1,000", "-"),
        ("Ki-67 5 100 %", "-"),
        ("Ki-67,5 %", "-"),
        ("Ki-67.5 %", "-"),
        ("Ki-67 -> 5 %", "[5,5] %"),
        ("Ki-67 à 5 %", "[5,5] %"),
        ("Ki-67 de 3 a 5 %", "[3,5] %"),
        ("Ki-67 up to 20% in hot spots", "[0,20] %"),
        ("Ki-67 >20 % and 15 % in the other", "-"),
        ("8 % Ki-67", "-"),
        ("Ki-67", "-"),
    ],
)
def test_the_number_belongs_to_the_name_before_it(text: str, read: str):
    assert after(text, "ki-67") == read


@pytest.mark.parametrize(
    ("text", "name", "read"),
    [
        ("mitotic count (per 2 mm2): 4", "count", "[4,4] per 2 mm2"),
        ("mitotic count per 10 HPF: 2", "count", "[2,2] per 10 HPF"),
        ("mitoses/2 mm2: 4", "mitoses", "[4,4] per 2 mm2"),
        ("mitotic rate <2/2 mm2", "rate", "[0,2) per 2 mm2"),
        ("mitoses 5 in 10 HPF", "mitoses", "[5,5] per 10 HPF"),
        ("stable for 14 months", "stable", "[14,14] months"),
        ("platelets 120,000/uL", "platelets", "[120000,120000] /uL"),
        ("platelets 120 x 10^9/L", "platelets", "[120,120] 10*9/L"),
        ("leukocytes 12 000", "leukocytes", "-"),
        ("creatinine clearance 55 mL/min", "clearance", "[55,55] mL/min"),
        ("krenning score 3-4", "krenning", "[3,4]"),
        ("grade: 2", "grade", "[2,2]"),
        ("chromogranin a 2000 ng/mL", "chromogranin a", "[2000,2000] ng/mL"),
    ],
)
def test_other_names_have_numbers_too(text: str, name: str, read: str):
    assert after(text, name) == read


def test_a_number_cut_by_the_window_is_not_read():
    """What was cut off may have been "5 % or more"."""
    text = "Ki-67" + " the" * 73 + " 5 % in the hot spot"
    assert number_after_name(text, 5) is None
    assert number_after_name("Ki-67" + " the" * 40 + " 5 % in the hot spot", 5) is not None


@pytest.mark.parametrize(
    ("text", "name", "read"),
    [
        ("3 mitoses per 2 mm2", "mitoses", "[3,3] per 2 mm2"),
        ("there are 3-5 mitoses per 10 HPF", "mitoses", "[3,5] per 10 HPF"),
        ("fewer than 2 mitoses/2 mm2", "mitoses", "[0,2) per 2 mm2"),
        ("2026-03-01: 3 mitoses pro 2 mm2", "mitoses", "[3,3] per 2 mm2"),
        ("8 % Ki-67", "ki-67", "[8,8] %"),
        ("block 3 mitoses", "mitoses", "-"),
        ("2 of 3 lesions", "lesions", "-"),
        ("3 large liver lesions", "liver", "[3,3] large"),
        ("mitoses", "mitoses", "-"),
        ("9" * 80 + " mitoses", "mitoses", "-"),
    ],
)
def test_a_number_before_a_name_is_read_where_asked_for(text: str, name: str, read: str):
    assert show(number_before_name(text, text.lower().index(name))) == read


# ---- laws ----------------------------------------------------------------------------------------

WRITING = st.text(alphabet="0123456789.,%<>=~-/()' abdeiklmnortuxKMH²⁹½µ?\u0338±") | st.text()


@given(WRITING)
def test_any_text_is_read_within_order_or_not_at_all(text: str):
    for parsed in (
        parse_number_text(text),
        number_after_name(text, 0),
        number_before_name(text, len(text)),
    ):
        if parsed is None:
            continue
        low, high = parsed.span.low, parsed.span.high
        assert low is None or high is None or low <= high
        assert parsed.unit != ""
    assert unit_key(unit_key(text)) == unit_key(text)


BEFORE = st.sampled_from(["", " ", ":", ": ", "=", " = ", "::", "- ", "."])
NUMBERS = st.from_regex(r"[0-9]{1,3}(\.[0-9]{1,3})?", fullmatch=True)
BEHIND = st.sampled_from(
    ["", ",", ")", "; ", ", 5 %", ",5", ", or less", ") to 20 %", " to 20 %", "-5"]
)


@given(BEFORE, NUMBERS, st.sampled_from(["%", " %", "  %", " % "]), BEHIND | WRITING)
def test_a_plain_percentage_is_what_the_rules_read(before: str, number: str, sign: str, then: str):
    text = f"{before}{number}{sign}{then}"
    plain = plain_percentage(text)
    assert plain is None or plain == after_by_rules(text)


@given(WRITING)
def test_no_text_is_taken_for_a_plain_percentage_that_the_rules_read_otherwise(text: str):
    plain = plain_percentage(text)
    assert plain is None or plain == after_by_rules(text)


def hostile_texts() -> list[str]:
    """Fifty texts that make careless patterns slow: none may take 10 ms."""
    dice = random.Random(67)
    pieces = ["0", "1,", "1.", "<", "> ", "%", " - ", "a-1 ", "((", ") (", "to ", "x 1", "1/", "1:"]
    pieces += ["10*", "mar ", "2026-", "block 1,", "de 1 ", "{", "per 1 ", "' ", "~", "and ", "-"]
    singles = [piece * (20_000 // len(piece)) for piece in pieces]
    mixed = ["".join(dice.choices(pieces, k=6_000)) for _ in range(15)]
    noise = ["".join(dice.choices(string.printable, k=20_000)) for _ in range(10)]
    return singles + mixed + noise


@pytest.mark.parametrize("text", hostile_texts(), ids=lambda text: repr(text[:12]))
def test_no_text_takes_long(text: str):
    def once() -> float:
        begun = thread_time()
        parse_number_text(text[:200])
        number_after_name(text, 0)
        number_before_name(text, len(text))
        return thread_time() - begun

    assert min(once() for _ in range(3)) < 0.010
