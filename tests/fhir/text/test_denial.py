"""Denial and doubt: what a sentence affirms, denies or leaves in doubt, in seven languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdshooks.fhir.text.lexicon import Hit, Lexicon
from cdshooks.fhir.text.sentences import sentences

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


def hits(text: str) -> list[Hit]:
    return [hit for sentence in sentences(text) for hit in LEXICON.find(sentence)]


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


# No wrong reading in these.
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
    ("Loss of appetite and carcinoid syndrome", "+syndrome"),
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
    ("Lesions fail to show uptake", "-uptake"),
    ("Hardly any uptake", "-uptake"),
    ("Loss of uptake", "-uptake"),
    # denied behind its place
    ("Uptake in the liver metastases was not observed", "-uptake -metastasis"),
    ("Uptake in the liver is absent", "-uptake"),
    ("Intense uptake in liver metastases has been ruled out", "-uptake -metastasis"),
    ("Metastases in the liver are not seen", "-metastasis"),
    ("Progression of the tumour on the current CT is excluded", "-progression"),
    ("Progression in the liver was negative", "-progression"),
    ("Metastasen in der Leber sind nicht nachweisbar", "-metastasis"),
    # it may be the place that is denied
    ("Neuroendocrine tumour of pancreas not seen", "?NET"),
    ("Uptake of the tumour resolved", "?uptake"),
    ("Uptake in lesions that were not seen in May", "?uptake"),
    ("Uptake in the liver and bone metastases not identified", "?uptake -metastasis"),
    ("Metástasis en el hígado no identificadas", "?metastasis"),
    # it is another part that is denied, or a comparison
    ("Uptake in the liver, bone lesions not seen", "+uptake"),
    ("Uptake in lesions not seen on the prior CT", "+uptake"),
    ("NET of the ileum with metastases in the liver not seen before", "+NET +metastasis"),
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
def test_h6_what_a_sentence_says(text: str, read: str):
    assert said(text) == read


def test_negation_reaches_eight_words():
    assert hits("no a b c d e f g uptake")[0].negated
    assert not hits("no a b c d e f g h uptake")[0].negated


def test_a_phrase_is_not_denied_by_its_own_words():
    (hit,) = Lexicon({"stable": ["no progression"]}).find(*sentences("no progression"))
    assert not hit.negated


def test_h6_denied_and_doubted_are_told_apart():
    (denied,) = hits("no uptake")
    (doubted,) = hits("possible uptake")
    assert (denied.negated, denied.doubtful) == (True, False)
    assert (doubted.negated, doubted.doubtful) == (False, True)


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
