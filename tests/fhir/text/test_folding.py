"""Folding: one spelling for the spellings of a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdshooks.fhir.text.folding import fold, normalise


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Ki-67: 4,0 %", "ki-67: 4.0 %"),
        ("Ki\u201167: 4\u00a0%", "ki-67: 4 %"),
        ("3–5 %", "3-5 %"),
        ("KARACİĞER, karacığer", "karaciger, karaciger"),
        ("Yoğun tutulum IŞIK", "yogun tutulum isik"),
        ("kräftige Anreicherung, Größe", "kraftige anreicherung, grosse"),
        ("lésion hépatique, sœur", "lesion hepatique, soeur"),
        ("captación en hígado", "captacion en higado"),
        ("não ressecável", "nao ressecavel"),
        ("ﬁxation ２ mm²", "fixation 2 mm2"),
        ("150 x 10⁹/L", "150 x 10^9/l"),
        ("½", "1/2"),
        ("%1’den", "%1'den"),
        ("meta\u00adstasis", "metastasis"),
        ("no\u200bmetastasis", "no metastasis"),
        ("≮ 3", "≮ 3"),
        ("12,000 and 1,5 and 0,125", "12,000 and 1.5 and 0.125"),
        ("1,2,3 and 1.234,5", "1,2,3 and 1.234,5"),
        ("segment 2,4.", "segment 2.4."),
    ],
)
def test_normalising(text: str, read: str):
    assert normalise(text) == read


@given(st.text())
def test_normalising_twice_changes_nothing_more(text: str):
    assert normalise(normalise(text)) == normalise(text)


@given(st.text())
def test_lower_case_keeps_every_letter_in_its_place(text: str):
    assert len(fold(text).lower()) == len(fold(text))
    assert len(normalise(text)) == len(fold(normalise(text)))
