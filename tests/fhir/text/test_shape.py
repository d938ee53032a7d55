"""Shapes: sentences that differ in numbers and names alone name the same, at the same places."""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from cdshooks.fhir.extract import named_concepts
from cdshooks.fhir.text.lexicon import Lexicon
from cdshooks.fhir.text.sentences import Sentence, sentences
from cdshooks.fhir.text.shape import Shape, Shapes, any_of, length
from tests.shipped import KNOWLEDGE

ROOT = Path(__file__).parents[3]
_, PROSE = named_concepts(KNOWLEDGE.facts)
LEXICON = Lexicon({one.key: one.heard for one in PROSE if one.heard})
PHRASES = sorted({phrase for one in PROSE for phrase in one.heard})
SHAPES = Shapes(PHRASES)


def shape(text: str) -> Shape:
    (sentence,) = sentences(text)
    return SHAPES.of(sentence)


def strings(node: object) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict | list):
        for inner in node.values() if isinstance(node, dict) else node:
            yield from strings(inner)


def told_of_patients() -> list[str]:
    """Every text of the fixtures, each with a phrase put somewhere into it, and behind a number."""
    random, texts = Random(7), set()
    for path in ROOT.glob("fixtures/*/bundle.json"):
        texts.update(strings(json.loads(path.read_text())))
    broken = []
    for text in sorted(texts):
        words = text.split(" ")
        phrase = random.choice(PHRASES).replace("*", "en")
        words.insert(random.randrange(len(words) + 1), phrase)
        broken += [" ".join(words), f"{random.randrange(100)}.{phrase}"]
    return [*sorted(texts), *broken]


def named(sentence: Sentence) -> object:
    return LEXICON.find_with(frozenset(), sentence)[1]


def test_a_sentence_names_what_any_of_its_shape_names():
    read = [sentence for text in told_of_patients() for sentence in sentences(text)]
    assert len(read) > 1000
    for sentence in read:
        of = SHAPES.of(sentence)
        assert named(sentence) == named(any_of(of)), sentence.text
        assert length(of) == len(sentence.text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Stable disease, 41 mm in sum, study 5512", "Stable disease, 38 mm in sum, study 7730"),
        ("Biopsy seen by Dr. Abbas: NET, G2", "Biopsy seen by Dr. Evans: NET, G2"),
        ("Ki-67 2.3 %", "Ki-67 2.1 %"),
        ("Karaciğerde 9,6 cm tutulum", "Karaciğerde 7,8 cm tutulum"),
    ],
)
def test_numbers_and_names_that_no_phrase_has_are_no_part_of_a_shape(one: str, other: str):
    assert shape(one) == shape(other)


@pytest.mark.parametrize("phrase", ["type 1.5", "5 hiaa", "1.5 cm", "grade 2", "nr. 5"])
def test_a_number_behind_a_point_counts_where_a_phrase_may_have_one_there(phrase: str):
    lexicon, shapes = Lexicon({"it": [phrase]}), Shapes([phrase])
    for before in ("", "of 12.", "e.g.", "ca. ", "12.5.", "grade "):
        for sentence in sentences(f"{before}{phrase}, 1.5 and 12.2"):
            found = lexicon.find_with(frozenset(), sentence)
            assert found == lexicon.find_with(frozenset(), any_of(shapes.of(sentence)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("NET, grade 1", "NET, grade 2"),
        ("a NET of 41 mm", "a net of 41 mm"),
        ("liver metastases", "liver metastasis"),
        ("no uptake in 41", "in uptake no 41"),
        ("uptake, 41 mm", "uptake 41 mm"),
        ("uptake 41 mm", "uptake 4 mm"),
        ("uptake in 41 mm", "uptake in 41 mm?"),
        ("carcinoid, in her mother, at 60", "carcinoid, in her mother, Wuhan 60"),
    ],
)
def test_whatever_something_is_found_by_is_a_part_of_a_shape(one: str, other: str):
    assert shape(one) != shape(other)
