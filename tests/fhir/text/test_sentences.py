"""Sentences: where each ends, its words and parts, and what is left of a long text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdshooks.fhir.text.sentences import TEXT_LIMIT, sentences


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("One. Two; three! Four\nfive", ["one", "two", "three", "four", "five"]),
        ("One.\r\n\r\nTwo.", ["one", "two"]),
        ("No mets.Stable.", ["no mets", "stable"]),
        ("Ki-67 4.5 %. G2.", ["ki-67 4.5 %", "g2"]),
        ("Size 4. Five lesions.", ["size 4", "five lesions"]),
        ("Ki-67 approx. 20 %. Stable vs. 2025.", ["ki-67 approx. 20 %", "stable vs. 2025"]),
        ("Ki-67 ca. 20 %", ["ki-67 ca. 20 %"]),
        ("APPROX. 20 %", ["approx. 20 %"]),
        ("Uptake, e.g. in bone, i.e. avid.", ["uptake, e.g. in bone, i.e. avid"]),
        ("Dr. Example wrote. Stable.", ["dr. example wrote", "stable"]),
        ("z. B. Leber. V.a. Metastase.", ["z. b. leber", "v.a. metastase"]),
        ("Vom 12. Mai 2025: stabil.", ["vom 12. mai 2025: stabil"]),
        ("Lesion in segment 4. Decreased uptake.", ["lesion in segment 4", "decreased uptake"]),
        ("Lesion in segment A. No uptake.", ["lesion in segment a", "no uptake"]),
        ("Progression? No.", ["progression", "no"]),
        ("CT: ?liver mets", ["ct: ?liver mets"]),
        ("CT ? liver mets", ["ct ? liver mets"]),
        ("... ;; !!\n\n", []),
        ("", []),
        ("%", []),
        ("１．２ and 3", ["1", "2 and 3"]),
        ("Uptake。No mets", ["uptake", "no mets"]),
    ],
)
def test_where_sentences_end(text: str, read: list[str]):
    assert [sentence.text for sentence in sentences(text)] == read


def test_a_sentence_that_two_reports_have_is_read_once():
    other = "Dose 150 MBq, seen by a physician whose name is long. " * 4
    ((one, *_), (*_, again)) = (
        sentences(f"Stable disease. {other}"),
        sentences(f"{other}Stable disease."),
    )
    assert one is again
    asked = sentences(f"{other}Stable disease?")[-1]
    assert (asked.text, asked.doubted) == (one.text, {0})


def test_a_sentence_keeps_the_words_as_printed():
    (sentence,) = sentences("  Größe 3,5 cm im NET  ")
    assert sentence.printed == "Größe 3,5 cm im NET"
    assert sentence.cased == "Grosse 3.5 cm im NET"
    assert sentence.words == ("grosse", "3", "5", "cm", "im", "net")
    assert sentence.printed_words == ("Grosse", "3", "5", "cm", "im", "NET")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("one two", [0, 0]),
        ("one, two", [0, 1]),
        ("one but two", [0, 1, 1]),
        ("one, but two", [0, 1, 1]),
        ("one 12,000 two", [0, 0, 0, 0]),
        ("one 12, 13 two", [0, 0, 1, 1]),
        ("eins aber zwei", [0, 1, 1]),
        ("un mais deux pero tres", [0, 1, 1, 2, 2]),
        (", one, ", [0]),
    ],
)
def test_where_the_parts_of_a_sentence_begin(text: str, parts: list[int]):
    (sentence,) = sentences(text)
    assert [sentence.part(at) for at in range(len(sentence.words))] == parts


def test_the_sentence_that_the_limit_cuts_is_left_out():
    """What denies it may stand behind the limit."""
    text = "Stable. Metastases in the liver are not seen."
    assert [s.text for s in sentences(text, limit=30)] == ["stable"]
    assert len(sentences(text, limit=len(text))) == 2


def test_a_text_that_grows_when_folded_is_cut_too():
    assert sentences("\ufdfa" * TEXT_LIMIT) == ()
    assert len(sentences("\ufdfa.\n" * 3_000)) < 3_000


@given(st.text())
def test_lower_case_keeps_every_letter_in_its_place(text: str):
    for sentence in sentences(text):
        assert len(sentence.text) == len(sentence.cased)
        assert sentence.text == sentence.cased.lower()


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("NET of the ileum", "NET of the ileum"),
        ("Her son had a carcinoid", ""),
        ("Maternal aunts with insulinoma", ""),
        ("Mother of two with a NET", "Mother of two with a NET"),
        ("Breastfeeding mother", "Breastfeeding mother"),
        ("NET, mother had breast cancer", "NET"),
        ("NET, liver metastases, family history of colon cancer", "NET liver metastases"),
        ("NET (mother: breast cancer)", "NET"),
        ("Carcinoid, in her mother at 60", ""),
        ("Carcinoid, family history of", ""),
        ("Carcinoid (mother)", ""),
        ("NET, accompanied by her daughter", "NET accompanied by her daughter"),
        ("Daughter reports flushing", "Daughter reports flushing"),
        ("Patient reports that her mother had a carcinoid", ""),
        ("Daughter reports carcinoid in her brother", ""),
        ("Las lesiones son metastasis", "Las lesiones son metastasis"),
        ("Ampulla of Vater", "Ampulla of Vater"),
    ],
)
def test_h6_what_is_told_of_a_relative_is_not_the_patients(text, own):
    (sentence,) = sentences(text)
    assert " ".join(sentence.printed_words[: sentence.family_from]) == own
