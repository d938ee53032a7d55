"""Texts that are a number: sixty ways to write a Ki-67, and what is none or more than one."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdshooks.fhir.number.quantity import from_quantity, from_range, parse_number_text
from cdshooks.fhir.number.span import NumberSpan, ParsedNumber


def show(parsed: ParsedNumber | None) -> str:
    """[3,5) % with ~ for approximate; "-" where nothing is read."""
    if parsed is None:
        return "-"
    span = parsed.span
    low, high = ("" if end is None else f"{end:f}" for end in (span.low, span.high))
    ends = f"{'(' if span.low_open else '['}{low},{high}{')' if span.high_open else ']'}"
    return f"{'~' if span.approximate else ''}{ends} {parsed.unit or ''}".rstrip()


KI67_SPELLINGS = [
    ("4", "[4,4]"),
    ("4 %", "[4,4] %"),
    ("4%", "[4,4] %"),
    ("4,0 %", "[4.0,4.0] %"),
    ("%4", "[4,4] %"),
    ("% 4", "[4,4] %"),
    ("4 percent", "[4,4] %"),
    ("4 per cent", "[4,4] %"),
    ("4 Prozent", "[4,4] %"),
    ("yüzde 4", "[4,4] %"),
    ("４ ％", "[4,4] %"),
    ("4\u00a0%", "[4,4] %"),
    ("0 %", "[0,0] %"),
    ("0.5 %", "[0.5,0.5] %"),
    (".5 %", "[0.5,0.5] %"),
    ("100 %", "[100,100] %"),
    ("100.0001", "[100.0001,100.0001]"),
    ("2.9999999", "[2.9999999,2.9999999]"),
    ("3.0", "[3.0,3.0]"),
    ("-1", "[-1,-1]"),
    ("<3%", "[0,3) %"),
    ("< 3 %", "[0,3) %"),
    ("<3", "[0,3)"),
    ("<%3", "[0,3) %"),
    ("≤3", "[0,3]"),
    ("<= 3 %", "[0,3] %"),
    (">20 %", "(20,] %"),
    ("> 20", "(20,]"),
    (">= 20", "[20,]"),
    ("≥20%", "[20,] %"),
    ("3-20 %", "[3,20] %"),
    ("3–5 %", "[3,5] %"),
    ("3 - 5", "[3,5]"),
    ("3 %-5 %", "[3,5] %"),
    ("%3-5", "[3,5] %"),
    ("3 to 5", "[3,5]"),
    ("3 bis 5 %", "[3,5] %"),
    ("3 à 5 %", "[3,5] %"),
    ("3 ile 5", "[3,5]"),
    ("between 3 and 5", "[3,5]"),
    ("zwischen 3 und 5 %", "[3,5] %"),
    ("entre 3 y 5 %", "[3,5] %"),
    ("from 3 to 5 %", "[3,5] %"),
    (">3-20 %", "(3,20] %"),
    (">2 and <20 %", "(2,20) %"),
    ("approx. 20%", "~[20,20] %"),
    ("approximately 20", "~[20,20]"),
    ("~20", "~[20,20]"),
    ("≈ 20 %", "~[20,20] %"),
    ("about 20", "~[20,20]"),
    ("ca. 15 %", "~[15,15] %"),
    ("environ 15 %", "~[15,15] %"),
    ("yaklaşık %15", "~[15,15] %"),
    ("~3-5 %", "~[3,5] %"),
    ("up to 5 %", "[0,5] %"),
    ("bis zu 5 %", "[0,5] %"),
    ("not more than 5 %", "[0,5] %"),
    ("less than 3", "[0,3)"),
    ("weniger als 3 %", "[0,3) %"),
    ("moins de 3 %", "[0,3) %"),
    ("menos del 3 %", "[0,3) %"),
    ("%1'den az", "[0,1) %"),
    ("%1\u2019den az", "[0,1) %"),
    ("%5'in altında", "[0,5) %"),
    ("more than 20", "(20,]"),
    ("over 20", "(20,]"),
    ("über 20 %", "(20,] %"),
    ("%20'nin üzerinde", "(20,] %"),
    ("at least 20", "[20,]"),
    ("en az %20", "[20,] %"),
    ("less than or equal to 3 %", "[0,3] %"),
    ("3 % or less", "[0,3] %"),
    ("20 or more", "[20,]"),
    ("%5'e kadar", "[0,5] %"),
    ("%5'tir", "[5,5] %"),
    ("Ki-67: 4 %", "[4,4] %"),
    ("Ki-67 index = 4 %", "[4,4] %"),
    ("4 % (hot spot)", "[4,4] %"),
    ("4 % of tumour cells", "[4,4] %"),
    ("4 %, MIB-1", "[4,4] %"),
    ("4 % (2026-03-01)", "[4,4] %"),
    ("40/1000 (4 %)", "[4,4] %"),
    ("12 % in 2019", "[12,12] %"),
]


@pytest.mark.parametrize(("text", "read"), KI67_SPELLINGS)
def test_e6_a_ki67_is_read_as_it_is_written(text: str, read: str):
    assert show(parse_number_text(text)) == read


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "n/a", "pending", "not done", "see report", "low", "%", "<", "G2", "grade 2"),
        *("14/100", "3:5", "12 of 15", "1/3 %", "½", "3½ %", "5+", "5 ++", "20±5", "20 +/- 5"),
        *("3 5", "2 and 4", "4 % 6 %", "12 % (previously 5 %)", "3-5-7", "5-3", "1.2.3", "5,3,1"),
        *("1,000", "12,500 %", "1'000", "1e9", "1E+3", "0x10", "NaN", "inf", "Infinity"),
        *("≮3", "≠3", "3 ‰", "5 %?", "? 5 %", "5 % *", "=> 5", "5 -> 10", "< or = 5", "<0"),
        *("<1-2 %", "3-<2", "3->5", "between 3 %", "from 3 %", "nearly 20 %", "almost 3 %"),
        *("not 5 %", "5 % not confirmed", "5 % or 10 %", "5 vs 8", "> > 3", "<>3", "< 3 or more"),
        *("2026-03-01", "01.03.2026", "2026", "12:30", "CD56", "block 3", "A3", "#4", "2nd", "٤ %"),
        *("6 x 4 cm", "-5 to 3", "- 1 -", "9" * 41, "1." + "0" * 80, "4" + " " * 300 + "%"),
    ],
)
def test_e6_what_is_no_number_or_more_than_one_is_not_read(text: str):
    assert parse_number_text(text) is None


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("12,000/uL", "[12000,12000] /uL"),
        ("12,000 /µL", "[12000,12000] /uL"),
        ("150.000/µl", "[150000,150000] /ul"),
        ("150 000/mm3", "[150000,150000] /mm3"),
        ("1 000", "[1000,1000]"),
        ("1.000.000", "[1000000,1000000]"),
        ("1,234.5", "[1234.5,1234.5]"),
        ("1.234,5", "[1234.5,1234.5]"),
        ("12.000", "[12.000,12.000]"),
        ("0,123", "[0.123,0.123]"),
        ("1234,567", "[1234.567,1234.567]"),
        ("1,5", "[1.5,1.5]"),
        ("1,0000", "[1.0000,1.0000]"),
        ("2000 ng/mL", "[2000,2000] ng/mL"),
        ("1999 U/L", "[1999,1999] U/L"),
        ("150 x 10^9/L", "[150,150] 10*9/L"),
        ("150 x10⁹/L", "[150,150] 10*9/L"),
        ("150 10*3/uL", "[150,150] 10*3/uL"),
        ("150 K/uL", "[150,150] K/uL"),
        ("6 cm", "[6,6] cm"),
        ("32mm", "[32,32] mm"),
        ("90 mL/min/1.73 m2", "[90,90] mL/min/1.73 m2"),
        ("3 mitoses/2 mm2", "[3,3] per 2 mm2"),
        ("3 per 2 mm²", "[3,3] per 2 mm2"),
        ("3/2 mm2", "[3,3] per 2 mm2"),
        ("<1/mm2", "[0,1) per mm2"),
        ("3/10 HPF", "[3,3] per 10 HPF"),
        ("0-1 mitoses per 10 high power fields", "[0,1] per 10 HPF"),
        ("2 Mitosen pro 2 mm2", "[2,2] per 2 mm2"),
    ],
)
def test_thousands_and_units_are_told_apart(text: str, read: str):
    assert show(parse_number_text(text)) == read


# ---- laws ----------------------------------------------------------------------------------------

NUMBERS = st.decimals(0, 10**6, allow_nan=False, allow_infinity=False, places=4)


@given(NUMBERS, st.sampled_from(["%", " %", " percent", " g/L"]))
def test_a_plain_number_reads_as_itself(number: Decimal, unit: str):
    parsed = parse_number_text(f"{number}{unit}")
    assert parsed is not None
    assert parsed.span == NumberSpan(number, number)


@given(st.decimals(0, 10**6, places=2))
def test_a_number_without_a_unit_reads_as_itself(number: Decimal):
    """With four places "10.2026" might be October."""
    parsed = parse_number_text(str(number))
    assert parsed == ParsedNumber(NumberSpan(number, number), None)


@given(NUMBERS, st.sampled_from(["<", "<=", ">", ">="]))
def test_text_and_quantity_read_a_limit_alike(number: Decimal, comparator: str):
    by_text = parse_number_text(f"{comparator} {number} %")
    by_quantity = from_quantity({"value": number, "comparator": comparator, "unit": "%"})
    assert by_text == by_quantity


@given(st.decimals(0, 1000, places=2), st.decimals(0, 1000, places=2))
def test_a_range_reads_from_low_to_high_or_not_at_all(one: Decimal, other: Decimal):
    parsed = parse_number_text(f"{one} - {other} %")
    assert parsed == from_range({"low": {"value": one, "unit": "%"}, "high": {"value": other}})
