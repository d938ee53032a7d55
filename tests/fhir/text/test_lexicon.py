"""Concepts in prose: which phrases stand in a sentence, where, and how fast they are found."""

import random
import string
from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdshooks.fhir.text.folding import fold_prose
from cdshooks.fhir.text.lexicon import Hit, Lexicon
from cdshooks.fhir.text.phrases import _beginning, _spelt, words_and_gaps
from cdshooks.fhir.text.sentences import TEXT_LIMIT, Sentence, sentences

WORDS = {
    "NET": ["NET", "neuroendocrine tumo*", "neuroendokrin* tumor*", "noroendokrin tumor*"],
    "uptake": ["uptake", "avid", "anreicherung", "fixation", "captacion", "tutulum"],
    "metastasis": ["metasta*", "mets", "liver lesion*", "lesion hepatique", "liver metasta*"],
    "node": ["lymph node*", "nodal", "LN"],
    "progression": ["progress*", "progresion", "PD"],
    "resectable": ["resectable", "resektabel"],
    "syndrome": ["carcinoid syndrome", "karzinoid-syndrom"],
    "mismatch": ["mismatch"],
    "growth": ["increase in size", "visible growth"],
    "SSTR": ["sstr expression", "somatostatin receptor*"],
}
LEXICON = Lexicon(WORDS)


def found(phrases: dict[str, list[str]], text: str) -> list[tuple[str, str]]:
    lexicon = Lexicon(phrases)
    return [
        (hit.concept, sentence.text[hit.start : hit.end])
        for sentence in sentences(text)
        for hit in lexicon.find(sentence)
    ]


@pytest.mark.parametrize(
    ("phrase", "text", "is_found"),
    [
        ("NET", "a NET of the pancreas", True),
        ("NET", "a net weight", False),
        ("NET", "Net effect", False),
        ("NET", "NETS", False),
        ("NET", "NET-G2", True),
        ("net", "NET", True),
        ("PD", "RECIST PD", True),
        ("PD", "pd", False),
        ("NET G1", "NET G1", True),
        ("NET G1", "NET g1", False),
        ("NET grade 3", "net grade 3", True),
        ("uptake", "Uptake.", True),
        ("uptake", "uptakes", False),
        ("metasta*", "metastases", True),
        ("metasta*", "metasta", True),
        ("metasta*", "micrometastases", False),
        ("bien differenci*", "tumeur bien différenciée", True),
        ("neuroendokrin* tumor*", "neuroendokriner Tumoren", True),
        ("neuroendokrin* tumor*", "neuroendokriner Test", False),
        ("non-functioning", "non functioning", True),
        ("non functioning", "Non-functioning", True),
        ("non functioning", "non - functioning", True),
        ("non-functioning", "nonfunctioning", False),
        ("non-functioning", "non, functioning", False),
        ("ki-67", "Ki 67", True),
        ("ki-67", "Ki67", False),
        ("r/o", "r/o NET", True),
        ("r/o", "r o", False),
        ("n0/n1", "N0/N1", True),
        ("progressive disease", "progressive  disease", True),
        ("progressive disease", "progressive\u00a0disease", True),
        ("progressive disease", "progressive disease's", True),
        ("progressive disease", "progressive. disease", False),
        ("stable since 2,5", "stable since 2,5 years", True),
        ("higado", "hígado", True),
        ("hígado", "HIGADO", True),
        ("größe", "Größe", True),
        ("rezeke edilemez", "rezeke edilemez", True),
        ("g2", "G2", True),
        ("%", "5 %", None),
        ("*", "anything", None),
        ("", "anything", None),
    ],
)
def test_a_phrase_is_whole_words(phrase: str, text: str, is_found: bool | None):
    if is_found is None:
        with pytest.raises(ValueError, match="concept has no word"):
            Lexicon({"concept": [phrase]})
    else:
        assert bool(found({"concept": [phrase]}, text)) is is_found


def test_of_one_concept_the_longest_phrase_wins():
    phrases = {"a": ["liver", "liver metasta*", "metasta*", "liver metastases in both lobes"]}
    assert found(phrases, "liver metastases in both") == [("a", "liver metastases")]
    text = "liver metastases in both lobes"
    assert found(phrases, text) == [("a", text)]


def test_concepts_may_overlap():
    phrases = {"a": ["liver metasta*"], "b": ["liver"], "c": ["metasta*"], "d": ["metastases now"]}
    assert found(phrases, "Liver metastases now") == [
        ("a", "liver metastases"),
        ("b", "liver"),
        ("d", "metastases now"),
        ("c", "metastases"),
    ]


def test_one_phrase_may_name_two_concepts():
    assert found({"a": ["TC"], "b": ["TC", "t*"]}, "TC") == [("a", "tc"), ("b", "tc")]


def test_a_whole_word_and_a_stem_that_begins_alike_are_told_apart():
    phrases = {"a": ["lung"], "b": ["Lungenmetasta*"], "c": ["LUNG*"], "d": ["lung* mass"]}
    assert found(phrases, "lung, Lungenmetastasen") == [("a", "lung"), ("b", "lungenmetastasen")]
    assert found(phrases, "LUNGS, lungs mass") == [("c", "lungs"), ("d", "lungs mass")]


def test_a_hit_says_where_it_stands():
    (sentence,) = sentences("Kräftige – sehr starke – Anreicherung der Leber")
    (hit,) = LEXICON.find(sentence)
    assert (hit.concept, hit.phrase) == ("uptake", "anreicherung")
    assert (hit.first_token, hit.last_token) == (3, 3)
    assert sentence.text[hit.start : hit.end] == "anreicherung"
    assert sentence.cased[hit.start : hit.end] == "Anreicherung"


# ---- laws ----------------------------------------------------------------------------------------

VOCABULARY = [
    "uptake",
    "liver",
    "lesion",
    "metastases",
    "NET",
    "no",
    "not",
    "possible",
    "yok",
    "if",
]
VOCABULARY += [",", ".", "?", "(", ")", ":", "but", "or", "negative", "is", "excluded", "mother"]
PROSE = st.lists(st.sampled_from(VOCABULARY), max_size=30).map(" ".join)


@given(PROSE | st.text())
def test_every_hit_lies_in_its_sentence(text: str):
    for sentence in sentences(text):
        assert len(sentence.gaps) == len(sentence.words) + 1
        whole = "".join(g + w for g, w in zip(sentence.gaps, (*sentence.words, ""), strict=True))
        assert whole.lower() == sentence.text
        for hit in LEXICON.find(sentence):
            words = sentence.words[hit.first_token : hit.last_token + 1]
            assert sentence.text[hit.start : hit.end].startswith(words[0])
            assert sentence.text[hit.start : hit.end].endswith(words[-1])


def told_with(reasons: set[str], text: Sentence) -> tuple[bool, list[Hit]]:
    is_asked, (found, _) = LEXICON.find_with(reasons, text)
    return is_asked, [mention.of(concept) for mention, concepts in found for concept in concepts]


@given(PROSE)
def test_one_look_tells_what_is_named_of_the_patient_and_whether_that_is_read(text: str):
    every = {phrase for phrases in WORDS.values() for phrase in phrases}
    for sentence in sentences(text):
        named = LEXICON.find(sentence)
        own = [hit for hit in named if hit.last_token < sentence.family_from]
        assert LEXICON.names_any(sentence) == bool(named)
        assert told_with(every, sentence) == (bool(own), own)
        for reason in WORDS["uptake"]:
            is_there = any(hit.phrase == reason for hit in own)
            assert told_with({reason}, sentence) == (is_there, own)


@given(PROSE)
def test_what_is_named_is_found_by_its_concept_too(text: str):
    phrases = {**WORDS, "disease": ["lesion", "liver lesion*", "NET"], "place": ["liver"]}
    lexicon = Lexicon(phrases)
    for sentence in sentences(text):
        _, (_, by_concept) = lexicon.find_with({"uptake"}, sentence)
        own = [hit for hit in lexicon.find(sentence) if hit.last_token < sentence.family_from]
        assert set(by_concept) == {hit.concept for hit in own}
        for key, mentions in by_concept.items():
            assert [mention.of(key) for mention in mentions] == [h for h in own if h.concept == key]


@given(PROSE)
def test_what_other_texts_were_asked_before_changes_nothing(text: str):
    """What phrases begin with a word is made when a text first has it."""
    for sentence in sentences(text):
        assert LEXICON.find(sentence) == Lexicon(WORDS).find(sentence)


@given(st.text(st.sampled_from("aBé1,.5*- _\t\u0301⁹İß") | st.characters()))
def test_a_phrase_is_listed_under_the_first_word_that_is_looked_for(text: str):
    if words_and_gaps(fold_prose(text))[0]:
        words, _, stems, *_ = _spelt(text)
        assert _beginning(text) == (words[0].lower(), any(stems[:1]))
    else:
        assert _beginning(text) == ("", False)


def test_a_relative_gives_no_reason_to_read_a_sentence():
    (sentence,) = sentences("No uptake, mother had a NET")
    for reason, is_asked in (("uptake", True), ("NET", False)):
        asked, hits = told_with({reason}, sentence)
        assert asked == is_asked
        assert [hit.concept for hit in hits] == ["uptake"]


# ---- time ----------------------------------------------------------------------------------------


def thousand_phrases() -> Lexicon:
    dice = random.Random(1)
    words = [
        "".join(dice.choices(string.ascii_lowercase, k=dice.randint(4, 11))) for _ in range(2000)
    ]
    phrases = {
        f"concept {n}": [" ".join(dice.choices(words, k=dice.randint(1, 3))) + "*" * (n % 2)] * 10
        for n in range(100)
    }
    return Lexicon({**phrases, **WORDS})


def hostile_texts() -> list[str]:
    """Fifty texts that make careless patterns slow."""
    dice = random.Random(10)
    pieces = [
        "a",
        "a ",
        "no ",
        "uptake ",
        "no uptake ",
        "uptake, ",
        "NET ",
        ". ",
        ".",
        "1.",
        "e.g.",
    ]
    pieces += ["or ", ", or uptake", "uptake unclear, ", "no uptake, "]
    pieces += [
        "?",
        "? ",
        ", ",
        "1,",
        "(",
        ") ",
        "\n",
        "-",
        "é ",
        "ﷺ",
        "\u0338",
        "not ",
        "yok ",
        "12. Mai ",
    ]
    singles = [piece * (TEXT_LIMIT // len(piece)) for piece in pieces]
    mixed = ["".join(dice.choices(pieces, k=5_000)) for _ in range(15)]
    noise = ["".join(dice.choices(string.printable, k=TEXT_LIMIT)) for _ in range(10)]
    return singles + mixed + noise


@pytest.mark.bench
@pytest.mark.parametrize("text", hostile_texts(), ids=lambda text: repr(text[:12]))
def test_no_text_takes_long(text: str):
    """Some 20 ms for 20,000 characters that are all cues and hits: a microsecond a character."""
    lexicon = thousand_phrases()

    def once() -> float:
        begun = thread_time()
        for sentence in sentences(text):
            lexicon.find(sentence)
        return thread_time() - begun

    fastest = min(once() for _ in range(3))
    print(f"{fastest * 1000:.1f} ms")
    assert fastest < 0.100
