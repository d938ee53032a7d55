"""Prose: what a sentence is, which phrases stand in it, what is affirmed, denied or in doubt."""

import random
import string
from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdshooks.fhir.text import (
    CUE_WORDS,
    DENIES_NEXT_WORDS,
    NAMES_FAMILY,
    TEXT_LIMIT,
    Cues,
    Hit,
    Lexicon,
    fold,
    normalise,
    sentences,
)

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


def hits(text: str, cues: Cues | None = None) -> list[Hit]:
    read = sentences(text) if cues is None else sentences(text, cues=cues)
    return [hit for sentence in read for hit in LEXICON.find(sentence)]


def said(text: str) -> str:
    """+ affirmed, - denied, ? in doubt, (nothing) where it is not the patient's; in order."""
    marks = []
    for sentence in sentences(text):
        if sentence.about_family:
            continue
        for hit in LEXICON.find(sentence):
            mark = "?" if hit.doubtful else "-" if hit.negated else "+"
            marks.append(f"{mark}{hit.concept}")
    return " ".join(marks)


# ---- normalising ---------------------------------------------------------------------------------


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
    assert len(normalise(text)) == len(fold(normalise(text)))
    for sentence in sentences(text):
        assert len(sentence.text) == len(sentence.cased)
        assert sentence.text == sentence.cased.lower()


# ---- sentences -----------------------------------------------------------------------------------


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


# ---- phrases -------------------------------------------------------------------------------------


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


def test_a_hit_says_where_it_stands():
    (sentence,) = sentences("Kräftige – sehr starke – Anreicherung der Leber")
    (hit,) = LEXICON.find(sentence)
    assert (hit.concept, hit.phrase) == ("uptake", "anreicherung")
    assert (hit.first_token, hit.last_token) == (3, 3)
    assert sentence.text[hit.start : hit.end] == "anreicherung"
    assert sentence.cased[hit.start : hit.end] == "Anreicherung"


# ---- denied, doubted, affirmed: no wrong reading in these ----------------------------------------

READINGS = [
    # affirmed
    ("Intense uptake in the liver", "+uptake"),
    ("Uptake in pancreatic nodules, no liver lesion", "+uptake -metastasis"),
    ("No liver lesion, uptake in the pancreas", "-metastasis +uptake"),
    ("No liver lesion but intense uptake in the pancreas", "-metastasis +uptake"),
    ("Keine Metastasen, aber kräftige Anreicherung", "-metastasis +uptake"),
    ("Pas de lésion hépatique mais fixation intense", "-metastasis +uptake"),
    ("Sin metástasis pero captación intensa", "-metastasis +uptake"),
    ("No bone lesion. Avid nodal disease", "+uptake +node"),
    ("Not only nodal uptake", "+node +uptake"),
    ("Non-functioning tumour with intense uptake", "+uptake"),
    ("CT without contrast shows liver metastases", "+metastasis"),
    ("No change in the liver metastases", "+metastasis"),
    ("No significant interval change of liver metastases", "+metastasis"),
    ("Consistent with metastases", "+metastasis"),
    ("FDG-negative SSTR expression strong", "+SSTR"),
    ("Pankreasta tutulum var, karaciğerde metastaz yok", "+uptake -metastasis"),
    ("Pankreasta tutulum izlendi ve karaciğerde metastaz izlenmedi", "+uptake -metastasis"),
    ("Uptake (no liver lesion) and metastases in bone", "+uptake -metastasis +metastasis"),
    ("Metastases of unknown primary", "+metastasis"),
    ("Tumour of the ampulla of Vater with metastases", "+metastasis"),
    ("A mere 3 % with uptake", "+uptake"),
    ("NET with liver metastases", "+NET +metastasis"),
    ("No one in the family since the operation of the bowel obstruction had uptake", "+uptake"),
    ("No bone lesion or ascites, liver metastases unchanged", "+metastasis"),
    ("No bone lesion, liver metastases stable or smaller", "+metastasis"),
    ("No new disease, liver metastases unchanged", "+metastasis"),
    # denied
    ("No uptake", "-uptake"),
    ("no evidence of progression", "-progression"),
    ("No mismatch", "-mismatch"),
    ("no new or enlarging liver lesion", "-metastasis"),
    ("Without significant uptake", "-uptake"),
    ("Absent uptake", "-uptake"),
    ("Absence of metastases", "-metastasis"),
    ("Negative for metastases", "-metastasis"),
    ("Free of metastases", "-metastasis"),
    ("Patient denies carcinoid syndrome", "-syndrome"),
    ("Never had carcinoid syndrome", "-syndrome"),
    ("Lesions are non-avid", "-uptake"),
    ("Negative uptake", "-uptake"),
    ("Doesn't show uptake", "-uptake"),
    ("None of the lesions shows uptake", "-uptake"),
    ("Lack of SSTR expression", "-SSTR"),
    ("SSTR expression negative", "-SSTR"),
    ("SSTR expression is absent", "-SSTR"),
    ("Metastases are not seen", "-metastasis"),
    ("Liver metastases not identified", "-metastasis"),
    ("Nodal metastases have been excluded", "+node -metastasis"),
    ("Metastases: none", "-metastasis"),
    ("Progression: no", "-progression"),
    ("Progression = no", "-progression"),
    ("Not resectable", "-resectable"),
    ("Liver lesions not avid", "+metastasis -uptake"),
    ("No increase in size", "-growth"),
    ("Not visible growth", "-growth"),
    ("The liver metastases are no longer visible", "-metastasis"),
    ("Metastases have resolved", "-metastasis"),
    ("No neuroendocrine tumour", "-NET"),
    ("Kein Progress", "-progression"),
    ("Keine Metastasen", "-metastasis"),
    ("Ohne Anreicherung", "-uptake"),
    ("nicht resektabel", "-resectable"),
    ("Metastasen nicht nachweisbar", "-metastasis"),
    ("Pas de métastase", "-metastasis"),
    ("Pas d'évidence de métastase", "-metastasis"),
    ("Aucune fixation", "-uptake"),
    ("sans métastase", "-metastasis"),
    ("Sin metástasis", "-metastasis"),
    ("No hay captación", "-uptake"),
    ("ni captación ni metástasis", "-uptake -metastasis"),
    ("Sem metástases", "-metastasis"),
    ("Metastaz yok", "-metastasis"),
    ("Karaciğerde metastaz lehine bulgu yok", "-metastasis"),
    ("Tutulum saptanmadı", "-uptake"),
    ("METASTAZ İZLENMEDİ", "-metastasis"),
    # in doubt
    ("Metastases?", "?metastasis"),
    ("Any uptake in liver, nodal or bone?", "?uptake ?node"),
    ("?liver metastases", "?metastasis"),
    ("CT: ? liver metastases, uptake in bone", "?metastasis +uptake"),
    ("Métastases hépatiques ?", "?metastasis"),
    ("Metastases??? Uptake", "?metastasis +uptake"),
    ("Metastases...? Uptake", "?metastasis +uptake"),
    ("Uptake.?liver metastases", "+uptake ?metastasis"),
    ("Uptake\n?liver metastases", "+uptake ?metastasis"),
    ("No mets.\n? uptake", "-metastasis ?uptake"),
    ("Metastases ?\nUptake", "?metastasis +uptake"),
    ("Possible metastases", "?metastasis"),
    ("Probable NET", "?NET"),
    ("Suspected progression", "?progression"),
    ("Progression suspected", "?progression"),
    ("Metastasis in segment 4 is suspected", "?metastasis"),
    ("Metastasis in segment 4 suspected", "?metastasis"),
    ("Suspicious for metastases", "?metastasis"),
    ("Likely metastases", "?metastasis"),
    ("Metastases unlikely", "?metastasis"),
    ("Metastases cannot be excluded", "?metastasis"),
    ("Metastases cannot be completely excluded", "?metastasis"),
    ("Metastases in segment 4 could not be ruled out", "?metastasis"),
    ("Cannot exclude metastases", "?metastasis"),
    ("Rule out NET", "?NET"),
    ("r/o metastases", "?metastasis"),
    ("Evaluate for progression", "?progression"),
    ("Continue until progression", "?progression"),
    ("If progression, then PRRT", "?progression"),
    ("Progression not assessed", "?progression"),
    ("Progression: unknown", "?progression"),
    ("Uptake not above background", "?uptake"),
    ("No increase in uptake", "?uptake"),
    ("Metastases not enlarged", "?metastasis"),
    ("Low probability of metastases", "?metastasis"),
    ("On ne peut exclure une métastase", "?metastasis"),
    ("NET şüphesi", "?NET"),
    ("V.a. Metastasen", "?metastasis"),
    ("Verdacht auf Metastasen", "?metastasis"),
    ("Metastasen nicht auszuschließen", "?metastasis"),
    ("Suspicion de métastase", "?metastasis"),
    ("Sospecha de metástasis", "?metastasis"),
    ("No se puede descartar metástasis", "?metastasis"),
    ("Olası metastaz", "?metastasis"),
    ("No bone, liver metastases, or ascites", "?metastasis"),
    ("No bone, liver metastases or ascites", "?metastasis"),
    ("Question liver metastases", "?metastasis"),
    ("No bone, nodal or liver lesion", "?node ?metastasis"),
    ("No evidence of recurrence, nodal disease, or liver metastases", "?node ?metastasis"),
    # not the patient's
    ("Family history of neuroendocrine tumour", ""),
    ("FHx: NET", ""),
    ("Mother had metastases", ""),
    ("His brother: carcinoid syndrome", ""),
    ("Familienanamnese: Metastasen", ""),
    ("Antécédents familiaux: métastases", ""),
    ("Aile öyküsü: metastaz", ""),
]


@pytest.mark.parametrize(("text", "read"), READINGS)
def test_what_a_sentence_says(text: str, read: str):
    assert said(text) == read


def test_negation_reaches_eight_words():
    assert hits("no a b c d e f g uptake")[0].negated
    assert not hits("no a b c d e f g h uptake")[0].negated


def test_a_phrase_is_not_denied_by_its_own_words():
    (hit,) = Lexicon({"stable": ["no progression"]}).find(*sentences("no progression"))
    assert not hit.negated


def test_denied_and_doubted_are_told_apart():
    (denied,) = hits("no uptake")
    (doubted,) = hits("possible uptake")
    assert (denied.negated, denied.doubtful) == (True, False)
    assert (doubted.negated, doubted.doubtful) == (False, True)


def test_languages_are_added_without_code():
    """Dutch, as a file in mappings/ would give it."""
    dutch = Cues({**CUE_WORDS, DENIES_NEXT_WORDS: (*CUE_WORDS[DENIES_NEXT_WORDS], "geen")})
    assert not hits("geen uptake")[0].negated
    assert hits("geen uptake", dutch)[0].negated
    assert Cues({NAMES_FAMILY: ("moeder",)}) is not None
    assert sentences("moeder: NET", cues=Cues({NAMES_FAMILY: ("moeder",)}))[0].about_family


def test_an_unknown_role_of_a_cue_is_refused():
    with pytest.raises(ValueError, match="no such role of a cue: denies a lot"):
        Cues({"denies a lot": ("no",)})


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


@given(PROSE, PROSE)
def test_a_sentence_is_read_alike_wherever_it_stands(one: str, other: str):
    def read(text: str) -> list[tuple[str, bool, bool]]:
        return [(hit.concept, hit.negated, hit.doubtful) for hit in hits(text)]

    assert read(f"{one} x\n{other}") == read(f"{one} x") + read(other)


@given(PROSE)
def test_a_part_about_something_else_changes_nothing(text: str):
    before = [(hit.concept, hit.negated) for hit in hits(f"{text} x")]
    after = [(hit.concept, hit.negated) for hit in hits(f"{text} x, no fever")]
    assert after == before


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
