"""Numbers: sixty ways to write a Ki-67 and what each may mean; what is not a number; units."""

import random
import string
from decimal import Decimal
from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdshooks.fhir.quantity import (
    NumberSpan,
    ParsedNumber,
    convert,
    from_quantity,
    from_range,
    from_ratio,
    number_after_name,
    number_before_name,
    parse_number_text,
    unit_key,
)

UCUM = "http://unitsofmeasure.org"
PERCENT = {"%": Decimal(1), "1": Decimal(100), "{ratio}": Decimal(100)}


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
def test_a_ki67_is_read_as_it_is_written(text: str, read: str):
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
def test_what_is_no_number_or_more_than_one_is_not_read(text: str):
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


def test_the_next_name_ends_the_search():
    text = "Ki-67 index and grade 2 with 5 %"
    assert number_after_name(text, 5, text.index("grade")) is None


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


@pytest.mark.parametrize(
    ("quantity", "read"),
    [
        ({"value": Decimal(4), "unit": "%"}, "[4,4] %"),
        ({"value": 4, "unit": "percent"}, "[4,4] %"),
        ({"value": Decimal("4.0"), "code": "%", "system": UCUM, "unit": "per 100"}, "[4.0,4.0] %"),
        ({"value": 4, "code": "%", "system": "urn:oid:2.16.840.1.113883.6.8"}, "[4,4] %"),
        ({"value": 4, "code": "%"}, "[4,4]"),
        ({"value": 4, "code": "P", "system": "http://local", "unit": "%"}, "[4,4] %"),
        ({"value": 4, "unit": "{%}"}, "[4,4] %"),
        ({"value": 4}, "[4,4]"),
        ({"value": 4, "unit": " "}, "[4,4]"),
        ({"value": Decimal("0.04"), "code": "{ratio}", "system": UCUM}, "[0.04,0.04] {ratio}"),
        ({"value": 3, "comparator": "<", "unit": "%"}, "[0,3) %"),
        ({"value": 3, "comparator": "<="}, "[0,3]"),
        ({"value": 20, "comparator": ">"}, "(20,]"),
        ({"value": 20, "comparator": ">="}, "[20,]"),
        ({"value": -1}, "[-1,-1]"),
        ({"value": -1, "comparator": "<"}, "[,-1)"),
        ({"value": 0, "comparator": "<="}, "[0,0]"),
        ({"value": Decimal("1e9")}, "[1000000000,1000000000]"),
        ({"value": 3, "unit": "/10.[HPF]"}, "[3,3] per 10 HPF"),
        ({"value": 3, "unit": "{mitoses}/2.mm2"}, "[3,3] per 2 mm2"),
        ({"value": 3, "code": "/mm2", "system": UCUM}, "[3,3] per mm2"),
        ({"value": 3, "code": "10*3/uL", "system": UCUM}, "[3,3] 10*3/uL"),
        ({}, "-"),
        ({"unit": "%"}, "-"),
        ({"value": None}, "-"),
        ({"value": True}, "-"),
        ({"value": "4"}, "-"),
        ({"value": 4.0}, "-"),
        ({"value": Decimal("NaN")}, "-"),
        ({"value": Decimal("sNaN")}, "-"),
        ({"value": Decimal("Infinity")}, "-"),
        ({"value": Decimal("-Infinity")}, "-"),
        ({"value": Decimal("1e31")}, "-"),
        ({"value": Decimal("1e-31")}, "-"),
        ({"value": Decimal("0e999999")}, "-"),
        ({"value": 10**40}, "-"),
        ({"value": Decimal("1." + "0" * 80)}, "-"),
        ({"value": 0, "comparator": "<"}, "-"),
        ({"value": 4, "comparator": "ad"}, "-"),
        ({"value": 4, "comparator": "~"}, "-"),
        ({"value": 4, "comparator": None}, "-"),
        ({"value": [4]}, "-"),
    ],
)
def test_a_quantity(quantity: dict[str, object], read: str):
    assert show(from_quantity(quantity)) == read


@pytest.mark.parametrize(
    ("low", "high", "read"),
    [
        ({"value": 3, "unit": "%"}, {"value": 5, "unit": "%"}, "[3,5] %"),
        ({"value": 3, "unit": "%"}, {"value": 5}, "[3,5] %"),
        ({"value": 3, "unit": "%"}, {"value": 5, "unit": "percent"}, "[3,5] %"),
        ({"value": 3}, None, "[3,]"),
        (None, {"value": 5}, "[0,5]"),
        ({"value": 3}, {"value": 3}, "[3,3]"),
        (None, None, "-"),
        ({"value": 5}, {"value": 3}, "-"),
        ({"value": 3, "unit": "mm"}, {"value": 5, "unit": "cm"}, "-"),
        ({"value": 3, "comparator": "<"}, {"value": 5}, "-"),
        ({"unit": "%"}, {"value": 5}, "-"),
        ({"value": 3}, {"value": True}, "-"),
        ({"value": 3}, 5, "-"),
    ],
)
def test_a_range(low: object, high: object, read: str):
    ends = {"low": low, "high": high}
    assert show(from_range({name: end for name, end in ends.items() if end is not None})) == read


@pytest.mark.parametrize(
    ("numerator", "denominator", "read"),
    [
        ({"value": 40}, {"value": 1000}, "[0.04,0.04] 1"),
        ({"value": 40, "unit": "{cells}"}, {"value": 1000, "unit": "{cells}"}, "[0.04,0.04] 1"),
        ({"value": 40, "unit": "{positive}"}, {"value": 1000, "unit": "1"}, "[0.04,0.04] 1"),
        ({"value": 12, "unit": "%"}, {"value": 1}, "[12,12] %"),
        ({"value": 12, "unit": "%"}, {"value": 100}, "-"),
        ({"value": 3}, {"value": 2, "unit": "mm2"}, "[1.5,1.5] per mm2"),
        ({"value": 100, "unit": "mg"}, {"value": 2, "unit": "dL"}, "[50,50] mg/dL"),
        ({"value": 1, "comparator": "<"}, {"value": 100}, "[0,0.01) 1"),
        ({"value": 1}, {"value": 0}, "-"),
        ({"value": 1}, {"value": -2}, "-"),
        ({"value": 1}, {"value": 2, "comparator": ">"}, "-"),
        ({"value": 1}, None, "-"),
        (None, {"value": 2}, "-"),
    ],
)
def test_a_ratio(numerator: object, denominator: object, read: str):
    assert show(from_ratio({"numerator": numerator, "denominator": denominator})) == read


@pytest.mark.parametrize(
    ("unit", "key"),
    [
        (" % ", "%"),
        ("percent", "%"),
        ("Percent", "%"),
        ("pct", "%"),
        ("{%}", "%"),
        ("µmol/L", "umol/L"),
        ("μmol/L", "umol/L"),
        ("umol/L", "umol/L"),
        ("mL/min", "mL/min"),
        ("ML/min", "ML/min"),
        ("10*9/L", "10*9/L"),
        ("10^9/L", "10*9/L"),
        ("x10E9/L", "10*9/L"),
        ("x10(9)/L", "10*9/L"),
        ("×10⁹/l", "10*9/L"),
        ("10*3/uL", "10*3/uL"),
        ("/10 HPF", "per 10 HPF"),
        ("/10 hpf", "per 10 HPF"),
        ("/HPF", "per HPF"),
        ("{#}/[HPF]", "per HPF"),
        ("per 10 high-power fields", "per 10 HPF"),
        ("/[2.mm2]", "per 2 mm2"),
        ("/2 mm²", "per 2 mm2"),
        ("mitoses/2mm2", "per 2 mm2"),
        ("/mm2", "per mm2"),
        ("mm2", "mm2"),
        ("mL/min/{1.73_m2}", "mL/min/{1.73_m2}"),
        ("", ""),
    ],
)
def test_one_key_for_the_spellings_of_a_unit(unit: str, key: str):
    assert unit_key(unit) == key
    assert unit_key(key) == key


PLATELETS = {"10*9/L": Decimal(1), "10*3/uL": Decimal(1), "/uL": Decimal("0.001")}
CLEARANCE = {"mL/min": Decimal(1)}
EGFR = {"mL/min/{1.73_m2}": Decimal(1), "mL/min/1.73 m2": Decimal(1)}
MITOSES = {"per 2 mm2": Decimal(1), "/mm2": Decimal(2)}
CGA = {"ng/mL": Decimal(1), "ug/L": Decimal(1)}


@pytest.mark.parametrize(
    ("unit", "accepted", "factor"),
    [
        ("%", PERCENT, "1"),
        ("percent", PERCENT, "1"),
        ("{%}", PERCENT, "1"),
        ("1", PERCENT, "100"),
        ("{ratio}", PERCENT, "100"),
        ("%{cells}", PERCENT, "1"),
        (None, PERCENT, None),
        ("", PERCENT, None),
        (None, {"": Decimal(1)}, "1"),
        ("{index}", PERCENT, None),
        ("‰", PERCENT, None),
        ("mm", PERCENT, None),
        ("10*9/L", PLATELETS, "1"),
        ("10^9/L", PLATELETS, "1"),
        ("x10E9/L", PLATELETS, "1"),
        ("10*9/L{cells}", PLATELETS, "1"),
        ("{cells}/uL", PLATELETS, "0.001"),
        ("/µL", PLATELETS, "0.001"),
        ("/UL", PLATELETS, None),
        ("10*9", PLATELETS, None),
        ("10*12/L", PLATELETS, None),
        ("K/uL", PLATELETS, None),
        ("mL/min", CLEARANCE, "1"),
        (" mL/min ", CLEARANCE, "1"),
        ("ML/min", CLEARANCE, None),
        ("ml/min", CLEARANCE, None),
        ("mL/s", CLEARANCE, None),
        ("mL/min/{1.73_m2}", CLEARANCE, None),
        ("mL/min/1.73 m2", CLEARANCE, None),
        ("mL/min{1.73_m2}", CLEARANCE, None),
        ("mL/min/{1.73_m2}", EGFR, "1"),
        ("mL/min/1.73 m2", EGFR, "1"),
        ("mL/min", EGFR, None),
        ("/2 mm2", MITOSES, "1"),
        ("/mm2", MITOSES, "2"),
        ("per mm²", MITOSES, "2"),
        ("/10 HPF", MITOSES, None),
        ("/HPF", MITOSES, None),
        ("/50 HPF", MITOSES, None),
        ("ng/mL", CGA, "1"),
        ("µg/L", CGA, "1"),
        ("nmol/L", CGA, None),
        ("U/L", CGA, None),
        ("pg/mL", CGA, None),
        ("ng/dL", CGA, None),
        ("ng", CGA, None),
    ],
)
def test_only_a_listed_unit_is_converted(
    unit: str | None, accepted: dict[str, Decimal], factor: str | None
):
    two = NumberSpan(Decimal(2), Decimal(2))
    converted = convert(two, unit, accepted)
    if factor is None:
        assert converted is None
    else:
        assert converted is not None
        assert converted.low == converted.high == 2 * Decimal(factor)


@pytest.mark.parametrize("factor", ["0", "-1", "NaN", "Infinity"])
def test_a_factor_that_turns_the_comparison_is_refused(factor: str):
    with pytest.raises(ValueError, match="factor"):
        convert(NumberSpan(Decimal(2), None), "x", {"x": Decimal(factor)})


# ---- laws ----------------------------------------------------------------------------------------

NUMBERS = st.decimals(0, 10**6, allow_nan=False, allow_infinity=False, places=4)
FACTORS = st.sampled_from([Decimal(n) for n in ("1", "10", "0.001", "17.1", "1.611", "100", "2")])


@st.composite
def spans(draw: st.DrawFn) -> NumberSpan:
    low, high = sorted((draw(NUMBERS), draw(NUMBERS)))
    return NumberSpan(
        draw(st.sampled_from([low, None])),
        draw(st.sampled_from([high, None])),
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.booleans()),
    )


@given(spans(), FACTORS)
def test_converting_keeps_every_comparison(span: NumberSpan, factor: Decimal):
    converted = convert(span, "x", {"x": factor})
    assert converted is not None
    flags = (span.low_open, span.high_open, span.approximate)
    assert (converted.low_open, converted.high_open, converted.approximate) == flags
    for end, was in ((converted.low, span.low), (converted.high, span.high)):
        assert (end is None) == (was is None)
        assert end is None or was is None or end == was * factor


@given(st.integers(1, 50), st.sampled_from([Decimal(3), Decimal(20)]))
def test_nothing_near_a_limit_is_rounded_over_it(places: int, limit: Decimal):
    """A Ki-67 of 2.999... % is below 3, with as many nines as a report can print."""
    printed = f"{limit - 1}." + "9" * places
    read = parse_number_text(f"{printed} %") if places <= 40 else None
    for span in (
        read.span if read else NumberSpan(Decimal(printed), Decimal(printed)),
        NumberSpan(Decimal(printed), Decimal(printed)),
    ):
        converted = convert(span, "%", PERCENT)
        assert converted is not None
        assert converted.high is not None
        assert converted.high < limit


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
