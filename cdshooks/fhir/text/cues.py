"""Cues: the words that deny, doubt, divide a sentence or name the family, by what they do."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

import msgspec

from cdshooks.fhir.text.phrases import Phrase, Phrases

DENIES_NEXT_WORDS: Final = "denies the next words"
DENIES_NEXT_WORD: Final = "denies the next word"
DENIES_WORD_BEFORE: Final = "denies the phrase directly before"
DENIES_PART_BEFORE: Final = "denies the part before"
ANSWERS_NO: Final = "answers no after a colon"
DOUBTS_NEXT_WORDS: Final = "doubts the next words"
DOUBTS_WORD_BEFORE: Final = "doubts the phrase directly before"
DOUBTS_PART_BEFORE: Final = "doubts the part before"
EXCLUDES: Final = "excludes, and if denied leaves in doubt"
LOOKS_LIKE_A_CUE: Final = "looks like a cue and is none"
JOINS_A_LIST: Final = "joins a list"
MEANS_NOTHING: Final = "may stand between a phrase and what denies it"
BEGINS_A_PART: Final = "begins a part"
NAMES_FAMILY: Final = "names the family"
BRINGS_A_RELATIVE: Final = "says that a relative is only there"
SPEAKS_FOR_THE_PATIENT: Final = "says that the relative before it speaks"

# "Vater" and "mere" alone are not family: the ampulla is Vater's, and "a mere 3 %" is English.
CUE_WORDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        DENIES_NEXT_WORDS: (
            *("no", "not", "nor", "without", "absent", "absence of", "negative for", "free of"),
            *("free from", "denies", "denied", "never", "none of", "neither", "lack of", "lacks"),
            *("hardly any", "barely any", "scarcely any", "fail to", "failing to"),
            *("lacking", "devoid of", "fails to", "failed to", "cannot", "excludes", "excluded"),
            *("isn't", "wasn't", "aren't", "weren't", "hasn't", "haven't", "doesn't", "didn't"),
            *("kein*", "ohne", "nicht", "weder", "pas de", "pas d", "pas", "sans", "aucun*"),
            *("absence de", "absence d", "sin", "ni", "niega", "ningun*", "ausencia de"),
            *("sem", "nao", "nenhum*", "yok", "n'y a plus", "ne montre plus", "ne fixe plus"),
        ),
        # "non-avid" is not avid, but a "non-functioning tumour with uptake" has uptake, and who has
        # "loss of appetite and flushing" has flushing.
        DENIES_NEXT_WORD: ("non", "negative", "loss of"),
        DENIES_WORD_BEFORE: (
            *("negative", "negativ*", "negatif*", "absent", "absente", "ausente*", "none", "nil"),
            *("free", "excluded", "ruled out", "resolved", "disappeared", "not identified"),
            *("not seen", "not detected", "not detectable", "not present", "not visible"),
            *("not found", "not evident", "not demonstrated", "not observed", "not visualised"),
            *("not visualized", "not appreciated", "not shown", "not noted", "no longer seen"),
            *("no longer visible", "no longer present", "no longer identified"),
            *("no longer detected", "no longer detectable", "no longer evident"),
            *("nicht nachweisbar", "nicht nachgewiesen", "nicht mehr nachweisbar"),
            *("nicht abgrenzbar", "nicht erkennbar", "nicht vorhanden", "ausgeschlossen"),
            *("non vu", "non visualise*", "no identificad*", "no detectad*", "no observad*"),
            *("nao identificad*", "nao detectad*", "yok", "degil", "olmayan", "olmaksizin"),
        ),
        DENIES_PART_BEFORE: (
            # A Turkish verb stands at the end and denies what its whole part says.
            *("yok", "yoktur", "izlenmedi", "izlenmemis*", "izlenmemekte*", "saptanmadi"),
            *("saptanmamis*", "saptanmamakta*", "gorulmedi", "gorulmemis*", "gorulmemekte*"),
            *("bulunmamakta*", "tespit edilmedi", "mevcut degil*"),
        ),
        ANSWERS_NO: ("no", "none", "nil", "nein", "keine", "non", "nao", "hayir", "false"),
        DOUBTS_NEXT_WORDS: (
            *("possible", "possibly", "probable", "probably", "likely", "suspected", "suspect"),
            *("suspicious for", "suspicious of", "suspicion of", "concern for", "concerning for"),
            *("worrisome for", "questionable", "question", "presumed", "presumably", "perhaps"),
            *("may represent", "might represent", "could represent", "may be", "might be"),
            *("could be", "cannot exclude", "can not exclude", "cannot rule out", "not excluded"),
            *("rule out", "r/o", "to exclude", "exclude", "unlikely", "if", "in case of"),
            *("in the event of", "evaluate for", "evaluation for", "assess for", "consider"),
            *("until", "unless", "unclear whether", "uncertain whether", "risk of"),
            *("screening for", "screen for", "look for", "probability of", "possibility of"),
            *("chance of", "no increase", "no decrease", "exclure", "excluir"),
            *("verdacht auf", "v.a.", "fraglich*", "moglich*", "wahrscheinlich*", "zum ausschluss"),
            *("ausschluss von", "falls", "suspicion de", "suspect de", "probablement", "eventuel*"),
            *("sospecha de", "sospechos*", "posible*", "probablemente", "descartar", "suspeita de"),
            *("possivel", "provavel", "olasi", "muhtemel*", "suphe*", "kuskulu"),
            *("verdachtig auf", "suspekt auf", "dd", "suspicion d", "compatible con sospecha"),
            # Portuguese "in the", before an organ that English and Spanish spell alike.
            *("no pancreas", "no colon", "no torax", "no abdomen"),
        ),
        DOUBTS_WORD_BEFORE: (
            *("possible", "probable", "likely", "suspected", "questionable", "in question"),
            *("unlikely", "unclear", "uncertain", "unknown", "pending", "not assessed"),
            *("not assessable", "not evaluated", "not evaluable", "not reported", "not known"),
            # "Uptake not increased" denies no uptake, "metastases not enlarged" no metastases.
            *("not increased", "not elevated", "not enlarged", "not significant", "not above"),
            *("not higher", "not greater", "not confirmed", "not suspicious"),
            *("not applicable", "not done", "not performed", "to be determined", "n/a"),
            *("fraglich", "moglich", "wahrscheinlich", "unklar", "nicht beurteilbar"),
            *("posible", "dudos*", "possivel", "incertain*", "olasi", "suphe*"),
            *("kuskusu", "ihtimali", "olasiligi"),
        ),
        DOUBTS_PART_BEFORE: (
            *("not excluded", "not ruled out", "to be excluded", "should be excluded"),
            *("must be excluded", "a exclure", "a descartar", "dislanamaz", "dislanamadi"),
            *("ekarte edilemez", "ekarte edilemedi", "lehine olabilir"),
        ),
        # "cannot be excluded", and with any words between: "cannot be entirely excluded".
        EXCLUDES: (
            *("excluded", "ruled out", "ausgeschlossen", "auszuschliessen", "exclu*", "exclure"),
            *("descartar", "descartad*", "excluir", "ekarte edil*", "dislan*"),
        ),
        LOOKS_LIKE_A_CUE: (
            *("not only", "not just", "nicht nur", "pas seulement", "no solo", "nao so"),
            *("no doubt", "without doubt", "no change", "no changes", "no interval change"),
            *("no significant change", "no significant interval change", "without change"),
            *("no increase", "no decrease", "keine anderung", "sans changement", "sin cambios"),
            *("without contrast", "without iv contrast", "without intravenous contrast"),
            *("ohne kontrastmittel", "sans injection", "sin contraste", "sem contraste"),
            *("no more than", "no less than", "not more than", "not less than"),
            *("if any", "no carrier added", "no carrier"),
            # She is the patient.
            *("mother of one", "mother of two", "mother of three", "mother of four", "mother of 1"),
            *("mother of 2", "mother of 3", "mother of 4", "mother of a child"),
            *("mother of children", "father of one", "father of two", "father of three"),
            *("father of four", "father of 1", "father of 2", "father of 3", "father of 4"),
            *("expectant mother", "nursing mother", "breastfeeding mother", "lactating mother"),
            *("breast-feeding mother", "pregnant mother", "single mother"),
        ),
        # "Accompanied by her daughter", "her daughter reports flushing" tell of the patient.
        BRINGS_A_RELATIVE: (
            *("accompanied by", "lives with", "living with", "here with", "seen with"),
            *("cared for by", "presents with her", "presents with his"),
        ),
        SPEAKS_FOR_THE_PATIENT: (
            *("reports", "states", "says", "translates", "interprets", "at the bedside"),
            *("at bedside", "informed", "is present", "was present"),
        ),
        JOINS_A_LIST: ("or", "nor", "oder", "noch", "ou", "o", "veya", "ni"),
        MEANS_NOTHING: (
            *("is", "are", "was", "were", "be", "been", "has", "have", "remains", "remain"),
            *("currently", "ist", "sind", "war", "waren", "est", "sont", "es", "son", "e", "sao"),
            # Portuguese "no" is "in the" before these, and denies nothing.
            *("no figado", "no pulmao", "no ileo", "no jejuno", "no duodeno", "no estomago"),
            *("no reto", "no ceco", "no intestino", "no osso", "no baco", "no lobo", "no exame"),
            *("no momento", "no timo", "no rim", "no apendice", "no segmento", "no seguimento"),
        ),
        BEGINS_A_PART: (
            *("but", "however", "although", "though", "whereas", "while", "aber", "jedoch"),
            *("obwohl", "wahrend", "mais", "cependant", "pero", "aunque", "porem"),
            *("ama", "fakat", "ancak", "sin embargo", "no entanto"),
            # A Turkish verb that affirms ends its part, as one that denies does.
            *("var", "mevcut", "mevcuttur", "izlendi", "izlenmekte*", "saptandi", "goruldu"),
            *("gorulmekte*",),
        ),
        NAMES_FAMILY: (
            *("family history", "family hx", "fhx", "familial history", "mother", "father"),
            *("brother", "brothers", "sister", "sisters", "aunt", "aunts", "uncle", "uncles"),
            *("grandmother", "grandfather", "grandparent", "grandparents", "grandson"),
            *("granddaughter", "daughter", "daughters", "sons", "cousin", "cousins", "niece"),
            *("nephew", "nieces", "nephews", "parents", "sibling", "siblings", "relatives"),
            *("first-degree relative", "second-degree relative", "a relative", "one relative"),
            *("mothers", "fathers", "husband", "wife", "spouse", "twin sister", "twin brother"),
            # "son" alone is Spanish for "are".
            *("her son", "his son", "their son", "patient's son", "a son", "one son", "son had"),
            *("son has", "son with", "son was", "eldest son", "younger son", "family hx of"),
            *("familienanamnese", "familiar vorbelastet", "mutter", "vater des"),
            *("vater der", "vater hatte", "vater an", "vater mit", "sein vater", "ihr vater"),
            *("bruder", "schwester", "sohn", "tochter", "hijo", "hija", "filho", "filha"),
            *("antecedents familiaux", "mere du", "mere de", "sa mere"),
            *("pere", "frere", "soeur", "antecedentes familiares", "historia familiar", "madre"),
            *("grossmutter", "grossvater", "histoire familiale", "atcd familiaux", "oncle"),
            *("grand-mere", "grand-pere", "abuelo", "abuela", "tia materna", "tia paterna"),
            # "IRMA" is an assay.
            *("padre", "hermano", "hermana", "historico familiar", "mae", "irmao", "sua irma"),
            *(
                "irma com",
                "irma da",
                "irma do",
                "irma teve",
                "pai com",
                "pai da",
                "pai do",
                "pai teve",
            ),
            *("aile oykusu", "ailede", "soygecmis", "annesi*", "babasi*", "kardesi*", "teyzesi*"),
        ),
    }
)
# Beside a relative these only say that it is hers: "carcinoid, in her mother, at 60".
OF_WHOM: Final = frozenset(
    {
        *("in", "of", "the", "a", "an", "and", "or", "at", "on", "with", "by", "to", "this", "it"),
        *("her", "his", "their", "patient", "patients", "s", "maternal", "paternal", "side"),
        *("affected", "diagnosed", "had", "has", "have", "also", "too", "died", "deceased", "age"),
        *("aged", "years", "year", "old", "same", "likewise", "only", "positive", "known"),
        "both",
        *(str(number) for number in range(100)),
    }
)
_PHRASES: Final = Phrases(CUE_WORDS)
# French "mais" is "but"; after these it is Portuguese, and means "more" ("nao ha mais captacao").
_MORE: Final = "mais"
_PORTUGUESE: Final = frozenset({"nao", "sem", "nenhum", "nenhuma"})


class Mark(msgspec.Struct, frozen=True, gc=False):
    """A cue in a sentence: what it does, from which word to which."""

    roles: frozenset[str]
    first: int
    last: int


def marks(words: Sequence[str], printed: Sequence[str], gaps: Sequence[str]) -> tuple[Mark, ...]:
    """The cues of a sentence in order: the longest first, none inside another."""
    found: list[Mark] = []
    reached = -1
    for at, phrases in _PHRASES.find(words, printed, gaps):
        if at > reached:
            if words[at] == _MORE and not _PORTUGUESE.isdisjoint(words[:at]):
                continue
            length = phrases[0].length
            reached = at + length - 1
            found.append(Mark(_roles([p for p in phrases if p.length == length]), at, reached))
    return tuple(found)


def _roles(phrases: Sequence[Phrase]) -> frozenset[str]:
    """What phrases do together."""
    if len(phrases) == 1:
        return _ROLES[phrases[0].text]
    return frozenset([key for phrase in phrases for key in phrase.keys])


_ROLES: Final[Mapping[str, frozenset[str]]] = {
    text: frozenset(role for role, texts in CUE_WORDS.items() if text in texts)
    for texts in CUE_WORDS.values()
    for text in texts
}
