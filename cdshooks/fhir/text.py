"""Reading prose: sentences, the phrases in them, and whether a phrase is denied or doubted.

A phrase is a run of whole words; it is found through a table by its first word, so time grows with
the text and not with the number of phrases, and no pattern here can backtrack.

- *Negation* holds inside one part of a sentence (up to a comma, "but", "aber" ...): from the word
  that denies to a phrase that begins within 8 words, or directly after the phrase.
- *Doubt* gives no reading either: questions, "possible", "cannot be excluded". "Consistent with"
  is not doubt: pathology says it of what it affirms.
- "No liver, bone or nodal lesion": a comma ends the part, so "nodal lesion" is not denied; but the
  "or" says that the list goes on, so it is in doubt and never affirmed.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import add, attrgetter
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

TEXT_LIMIT: Final = 20_000  # characters read of one text
REACH: Final = 8  # words over which a denying or doubting word holds

# ---- words that deny, doubt, divide ------------------------------------------------------------

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

CUE_WORDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        DENIES_NEXT_WORDS: (
            *("no", "not", "nor", "without", "absent", "absence of", "negative for", "free of"),
            *("free from", "denies", "denied", "never", "none of", "neither", "lack of", "lacks"),
            *("lacking", "devoid of", "fails to", "failed to", "cannot", "excludes", "excluded"),
            *("isn't", "wasn't", "aren't", "weren't", "hasn't", "haven't", "doesn't", "didn't"),
            *("kein*", "ohne", "nicht", "weder", "pas de", "pas d", "pas", "sans", "aucun*"),
            *("absence de", "absence d", "sin", "ni", "niega", "ningun*", "ausencia de"),
            *("sem", "nao", "nenhum*", "yok"),
        ),
        # "non-avid" is not avid, but a "non-functioning tumour with uptake" has uptake.
        DENIES_NEXT_WORD: ("non", "negative"),
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
            *("if any",),
        ),
        JOINS_A_LIST: ("or", "nor", "oder", "noch", "ou", "o", "veya", "ni"),
        MEANS_NOTHING: (
            *("is", "are", "was", "were", "be", "been", "has", "have", "remains", "remain"),
            *("currently", "ist", "sind", "war", "waren", "est", "sont", "es", "son", "e", "sao"),
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
            *("brother", "brothers", "sister", "sisters", "aunt", "uncle", "grandmother"),
            *("grandfather", "familienanamnese", "familiar vorbelastet", "mutter", "vater des"),
            *("vater der", "vater hatte", "vater an", "vater mit", "sein vater", "ihr vater"),
            *("bruder", "schwester", "antecedents familiaux", "mere du", "mere de", "sa mere"),
            *("pere", "frere", "soeur", "antecedentes familiares", "historia familiar", "madre"),
            *("padre", "hermano", "hermana", "historico familiar", "mae", "irmao", "irma"),
            *("aile oykusu", "ailede", "soygecmis", "annesi*", "babasi*", "kardesi*"),
        ),
    }
)
"""Cue words by what they do. Languages are added as `Cues({role: (*CUE_WORDS[role], ...), ...})`.

"Vater" and "mere" alone are not family: the ampulla is Vater's, and "a mere 3 %" is English.
"""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Points after these do not end a sentence; single letters in a row ("e.g.", "z. B.") neither.
ABBREVIATIONS: Final = frozenset(
    _words("approx aprox ca vs cf dr prof mr mrs ms st fig abb resp bzw ggf evtl env yakl pat max")
    + _words("min incl inkl excl al nr sog")
)
# "12. Mai 2025": the point is inside a date.
_MONTH_AND_YEAR: Final = re.compile(
    r" ?(?:jan|feb|mar|mär|mrz|apr|avr|abr|may|mai|jun|jui|jul|aug|aou|aoû|ago|sep|oct|okt|nov|dec"
    r"|déc|dez|dic|ene|fev|fév|set|out|oca|şub|nis|haz|tem|ağu|eyl|eki|kas|ara)[^\W\d_]{0,7}\.? ?"
    r"(?:19|20)[0-9]{2}"
)

# ---- folding -------------------------------------------------------------------------------------

_SUPERSCRIPT: Final = re.compile(r"(?<=10)[⁰¹²³⁴-⁹]{1,3}")
# U+0338 strikes a sign through: folding "≮" to "<" would turn its meaning round.
_ACCENTS: Final = re.compile("[\u0300-\u0337\u0339-\u036f]+")
_INVISIBLE: Final = "\u00ad\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff"
_FOLDED: Final = str.maketrans(
    {
        **dict(zip("ıßẞœŒæÆøØ", _words("i ss SS oe OE ae AE o O"), strict=True)),
        **dict(zip("×⁄∕٪\u200b", "x//% ", strict=True)),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        **dict.fromkeys("\u2018\u2019\u02bc\u00b4", "'"),
        **dict.fromkeys("∼≈≃≅～", "~"),
        **dict.fromkeys("≦⩽", "≤"),
        **dict.fromkeys("≧⩾", "≥"),
        **dict.fromkeys(_INVISIBLE, ""),
    }
)
_COMMA_DIGIT: Final = re.compile(",[0-9]")
_NUMBER: Final = re.compile(r"[0-9]{1,40}(?:[.,][0-9]{1,40}){0,200}")


def fold(text: str) -> str:
    """NFKC, without accents, with one kind of dash, quote, space and letter i; the case is kept.

    "10⁹" becomes "10^9", which NFKC alone would turn into 109. Lower case has the same length.
    """
    if text.isascii():
        return text
    powers = _SUPERSCRIPT.sub(lambda m: "^" + unicodedata.normalize("NFKC", m.group()), text)
    spread = unicodedata.normalize("NFKD", powers).translate(_FOLDED)
    return unicodedata.normalize("NFC", _ACCENTS.sub("", spread))


def normalise(text: str) -> str:
    """Folded, in lower case, with a point for a decimal comma.

    A comma before exactly three digits stays: "12,000" is as likely twelve thousand as twelve.

    >>> normalise("KARACİĞERDE tutulum, Ki-67: 4,0 %")
    'karacigerde tutulum, ki-67: 4.0 %'
    """
    return _points(fold(text)).lower()


def _points(text: str) -> str:
    return _NUMBER.sub(_point, text) if _COMMA_DIGIT.search(text) else text


def _point(match: re.Match[str]) -> str:
    printed = match.group()
    whole, comma, part = printed.partition(",")
    is_decimal = comma and part.isdigit() and whole.isdigit() and (len(part) != 3 or whole == "0")
    return f"{whole}.{part}" if is_decimal else printed


# ---- phrases -------------------------------------------------------------------------------------

_WORD: Final = re.compile(r"([^\W_]+)")
_ASCII_WORD: Final = re.compile(r"([A-Za-z0-9]+)")  # the same, in two thirds of the time
_SOFT: Final = " \t-_"  # "non functioning" is "non-functioning"; any other sign counts
_STEM_LENGTH: Final = 4


@dataclass(frozen=True, slots=True)
class _Phrase:
    """A phrase of `key`, with what is to be checked of each of its words.

    A check is (how many words on, word, is it a stem, signs before it). A first word that is whole
    needs none: the table that led here has looked it up. `upper` phrases are checked as printed.
    """

    key: str
    text: str
    words: tuple[str, ...]
    first_is_stem: bool
    second: str
    checks: tuple[tuple[int, str, bool, str], ...]
    upper: bool

    def stands_in(self, spelt: Sequence[str], gaps: Sequence[str], at: int) -> bool:
        """Is it there from word `at`?"""
        if at + len(self.words) > len(spelt):
            return False
        for offset, word, is_stem, signs in self.checks:
            there = spelt[at + offset]
            if there != word and not (is_stem and there.startswith(word)):
                return False
            if offset and gaps[at + offset].strip(_SOFT) != signs:
                return False
        return True


_OTHERWISE: Final = ""


def _phrase(key: str, text: str) -> _Phrase:
    pieces = _WORD.split(_points(fold(text)))
    upper = text.isupper()
    words = tuple(word if upper else word.lower() for word in pieces[1::2])
    if not words:
        raise ValueError(f"a phrase of {key} has no word: {text!r}")
    stems = [gap.startswith("*") for gap in pieces[2::2]]
    signs = [gap.replace("*", "").strip(_SOFT) for gap in pieces[0::2]]
    checks = zip(range(len(words)), words, stems, signs, strict=False)
    needed = tuple(checks) if upper or stems[0] else tuple(checks)[1:]
    second = _OTHERWISE if len(words) == 1 or stems[1] else words[1].lower()
    return _Phrase(key, text, words, stems[0], second, needed, upper)


_Bucket: TypeAlias = dict[str, list[_Phrase]]


class _Phrases:
    """Phrases by the word that they begin with, and in there by the word that follows.

    A word may begin a phrase as a whole or with a stem; what no whole word begins stands under the
    first letters of its stem.
    """

    def __init__(self, listed: Mapping[str, Sequence[str]]):
        phrases = [_phrase(key, text) for key, texts in listed.items() for text in texts]
        stemmed = [phrase for phrase in phrases if phrase.first_is_stem]
        self._prefix = min([_STEM_LENGTH, *(len(phrase.words[0]) for phrase in stemmed)])
        whole: dict[str, list[_Phrase]] = {}
        stems: dict[str, list[_Phrase]] = {}
        for phrase in phrases:
            word = phrase.words[0].lower()
            if phrase.first_is_stem:
                stems.setdefault(word[: self._prefix], []).append(phrase)
            else:
                whole.setdefault(word, []).append(phrase)
        for word, begun in whole.items():
            begun.extend(stems.get(word[: self._prefix], ()))
        self._whole = {word: _bucket(begun) for word, begun in whole.items()}
        self._stems = {letters: _bucket(begun) for letters, begun in stems.items()}

    def find(
        self, words: Sequence[str], printed: Sequence[str], gaps: Sequence[str]
    ) -> list[tuple[int, list[_Phrase]]]:
        """(position, phrases that stand there), in order, the longest phrase first."""
        whole, stems, prefix = self._whole, self._stems, self._prefix
        begun = [at for at, w in enumerate(words) if w in whole or w[:prefix] in stems]
        following = (*words[1:], _OTHERWISE)
        found = []
        for at in begun:
            bucket = whole.get(words[at]) or stems[words[at][:prefix]]
            there = [
                phrase
                for phrase in bucket.get(following[at]) or bucket[_OTHERWISE]
                if not phrase.checks
                or phrase.stands_in(printed if phrase.upper else words, gaps, at)
            ]
            if there:
                found.append((at, there))
        return found


def _bucket(phrases: Sequence[_Phrase]) -> _Bucket:
    """The phrases that may stand, by the second word; `_OTHERWISE` for any word not listed."""
    ordered = sorted(phrases, key=lambda phrase: -len(phrase.words))
    return {
        second: [phrase for phrase in ordered if phrase.second in (second, _OTHERWISE)]
        for second in {_OTHERWISE, *(phrase.second for phrase in ordered)}
    }


class Mark(NamedTuple):
    """A cue in a sentence: what it does, from which word to which."""

    roles: frozenset[str]
    first: int
    last: int


class Cues:
    """Words that deny, doubt, divide or name the family, by role; `CUE_WORDS` says which roles."""

    def __init__(self, words: Mapping[str, Sequence[str]] = CUE_WORDS):
        unknown = sorted(set(words) - set(CUE_WORDS))
        if unknown:
            raise ValueError(f"no such role of a cue: {', '.join(unknown)}")
        self._phrases = _Phrases(words)

    def marks(
        self, words: Sequence[str], printed: Sequence[str], gaps: Sequence[str]
    ) -> tuple[Mark, ...]:
        """The cues in order: the longest first, none inside another."""
        marks: list[Mark] = []
        reached = -1
        for at, phrases in self._phrases.find(words, printed, gaps):
            if at > reached:
                length = len(phrases[0].words)
                roles = frozenset([p.key for p in phrases if len(p.words) == length])
                reached = at + length - 1
                marks.append(Mark(roles, at, reached))
        return tuple(marks)


CUES: Final = Cues()

# ---- sentences -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: as printed, folded, and word by word.

    `text` is folded to lower case; `cased` is the same with the case printed, letter for letter, so
    an offset into the one is good in the other ("mL" is told from "ML" there).
    `gaps[n]` is what stands before word n; the last gap follows the last word. `part_starts` are
    the words that begin another part, and `doubted` the parts under a question mark. A sentence
    that is `about_family` gives no fact of the patient.
    """

    printed: str
    text: str
    cased: str
    words: tuple[str, ...]
    printed_words: tuple[str, ...]
    gaps: tuple[str, ...]
    part_starts: tuple[int, ...]
    marks: tuple[Mark, ...]
    doubted: frozenset[int]
    about_family: bool

    def part(self, at: int) -> int:
        """The number of the part that word `at` stands in."""
        return bisect_right(self.part_starts, at)


def sentences(text: str, limit: int = TEXT_LIMIT, cues: Cues = CUES) -> tuple[Sentence, ...]:
    """The sentences that have a word in them, in order.

    Only the first `limit` characters are read; the sentence that the limit falls into is left out,
    for what denies it may stand behind. The caller names a text that is longer.

    >>> [s.text for s in sentences("Ki-67 ca. 4,5 %. No mets; stable vs. 2025.")]
    ['ki-67 ca. 4.5 %', 'no mets', 'stable vs. 2025']
    """
    found = []
    left = limit
    for piece, is_question in _pieces(text, limit):
        folded = _points(fold(piece))
        left -= len(folded)
        if left < 0:  # one character may fold to eighteen
            break
        sentence = _sentence(piece, folded, is_question, cues) if piece else None
        if sentence is not None and sentence.words:
            found.append(sentence)
    return tuple(found)


_NEWLINES: Final = "\n\r\v\f\x85\u2028\u2029"
# One class first: an alternation of two takes four times as long to find nothing.
_END: Final = re.compile(
    r"[.;!?．；！？。\n\r\v\f\x85\u2028\u2029](?:(?<=[.;!?．；！？。])[.;!?．；！？。]{1,99})?"
)
_LAST_WORD: Final = re.compile(r"[^\W_]{1,12}\Z")
_INITIAL_AHEAD: Final = re.compile(r" ?[^\W\d_]\.")
_INITIAL_BEHIND: Final = re.compile(r"(?<![^\W_])[^\W\d_]\. ?\Z")


def _pieces(text: str, limit: int) -> Iterator[tuple[str, bool]]:
    """(sentence without its end, whether a question mark ends it)."""
    start = 0
    for match in _END.finditer(text, 0, limit):
        end, at = match.group(), match.start()
        if at == start and end in _NEWLINES:
            start = at + 1
            continue
        if _goes_on(text, at, end):
            continue
        # "Stable.?liver lesion": the question mark belongs to what follows.
        asks_ahead = (
            len(end) > 1 and end[-1] == "?" and text[match.end() : match.end() + 1].isalnum()
        )
        yield text[start:at].strip(), not asks_ahead and ("?" in end or "？" in end)
        start = match.end() - asks_ahead
    if len(text) <= limit:
        yield text[start:].strip(), False


def _goes_on(text: str, at: int, end: str) -> bool:
    """Is the sign at `at` inside a sentence?"""
    if end in ("?", "？"):  # "? liver lesion" doubts what follows, "liver lesion?" asks
        return at == 0 or not text[at - 1].isalnum()
    return end == "." and _inner_point(text, at)


def _inner_point(text: str, at: int) -> bool:
    before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    if before.isdigit():
        return after.isdigit() or _MONTH_AND_YEAR.match(text[at + 1 : at + 20].lower()) is not None
    match = _LAST_WORD.search(text[max(0, at - 13) : at])
    if match is None:
        return False
    word = match.group().lower()
    return word in ABBREVIATIONS or (len(word) == 1 and _is_initial(text, at))


def _is_initial(text: str, at: int) -> bool:
    """One of the single letters of "e.g." or "z. B."."""
    if _INITIAL_AHEAD.match(text, at + 1):
        return True
    return _INITIAL_BEHIND.search(text[max(0, at - 5) : at - 1]) is not None


def _sentence(printed: str, folded: str, is_question: bool, cues: Cues) -> Sentence:
    pieces = (_ASCII_WORD if folded.isascii() else _WORD).split(folded)
    spelt, gaps = tuple(pieces[1::2]), tuple(pieces[0::2])
    words = tuple([word.lower() for word in spelt])
    marks = cues.marks(words, spelt, gaps)
    starts = _part_starts(words, gaps, marks, "," in folded)
    asked = frozenset(range(len(starts) + 1)) if is_question else _NONE
    if "?" in folded:
        asked |= _asked(gaps, starts)
    family = any(NAMES_FAMILY in mark.roles for mark in marks)
    return Sentence(
        printed, folded.lower(), folded, words, spelt, gaps, starts, marks, asked, family
    )


_NONE: Final = frozenset[int]()


def _part_starts(
    words: Sequence[str], gaps: Sequence[str], marks: Sequence[Mark], has_comma: bool
) -> tuple[int, ...]:
    """The words, besides the first, that begin a part of the sentence."""
    starts = {mark.first for mark in marks if BEGINS_A_PART in mark.roles}
    if has_comma:
        commas = [at for at, gap in enumerate(gaps) if "," in gap]
        starts.update([at for at in commas if _divides(words, gaps, at)])
    return tuple(sorted(starts)) if starts else ()


def _divides(words: Sequence[str], gaps: Sequence[str], at: int) -> bool:
    """Does the comma before word `at` begin a part? Not the one inside 12,000."""
    if at == 0 or at == len(words):
        return False
    return gaps[at] != "," or not (words[at - 1][-1].isdigit() and words[at][0].isdigit())


def _asked(gaps: Sequence[str], starts: Sequence[int]) -> frozenset[int]:
    """The parts with a loose question mark: that of the word after it, or the last part."""
    return frozenset(bisect_right(starts, at) for at, gap in enumerate(gaps) if "?" in gap)


# ---- finding -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hit:
    """A concept named in a sentence: from word to word, and from `start` to `end` of its text.

    It affirms if it is neither denied nor in doubt, and denies if it is denied and not in doubt.
    """

    concept: str
    phrase: str
    first_token: int
    last_token: int
    start: int
    end: int
    negated: bool
    doubtful: bool


class Lexicon:
    """Concepts by the phrases that name them, compiled once.

    A phrase is whole words. `*` ends a stem ("metasta*"). A hyphen and a space are the same, but
    list "nonfunctional" beside "non-functional". A phrase without a lower-case letter ("NET", "PD",
    also "R0") is found in upper case only; write "fdg" for what may be printed in any case.
    """

    def __init__(self, phrases: Mapping[str, Sequence[str]]):
        self._phrases = _Phrases(phrases)

    def find(self, sentence: Sentence) -> list[Hit]:
        """Every concept named, in order; of one concept none inside a longer one.

        >>> lexicon = Lexicon({"uptake": ["uptake"], "liver": ["liver lesion*"]})
        >>> hits = lexicon.find(*sentences("Uptake in pancreatic nodules, no liver lesions."))
        >>> [(hit.concept, hit.negated) for hit in hits]
        [('uptake', False), ('liver', True)]
        """
        hits = []
        reached: dict[str, int] = {}
        starts: list[int] = []
        there = self._phrases.find(sentence.words, sentence.printed_words, sentence.gaps)
        for at, phrases in there:
            starts = starts or _starts(sentence)
            for phrase in phrases:
                last = at + len(phrase.words) - 1
                if last > reached.get(phrase.key, -1):
                    reached[phrase.key] = last
                    hits.append(_hit(phrase, sentence, at, last, starts))
        return hits


def _starts(sentence: Sentence) -> list[int]:
    """Where each word begins in the sentence's text."""
    steps = map(add, map(len, sentence.gaps[1:]), map(len, sentence.words))
    return list(accumulate(steps, initial=len(sentence.gaps[0])))


def _hit(phrase: _Phrase, sentence: Sentence, first: int, last: int, starts: list[int]) -> Hit:
    start, end = starts[first], starts[last] + len(sentence.words[last])
    negated = doubtful = False
    if sentence.marks:
        negated, doubtful = _denied_and_doubted(sentence, first, last)
    if sentence.doubted:
        doubtful = doubtful or sentence.part(first) in sentence.doubted
    return Hit(phrase.key, phrase.text, first, last, start, end, negated, doubtful)


def _denied_and_doubted(sentence: Sentence, first: int, last: int) -> tuple[bool, bool]:
    near = _near(sentence.marks, first, last)
    if not near:
        return False, False
    across = [mark for mark in near if mark.first < first <= mark.last]
    before = [mark for mark in near if mark.last < first]
    after = [mark for mark in near if mark.first > last]
    roles = _across(across) | _before(sentence, before, first) | _after(sentence, after, last)
    negated = _DENIES in roles
    doubtful = _DOUBTS in roles or (
        not negated and _in_denied_list(sentence, before, after, first, last)
    )
    return negated, doubtful


_DENIES: Final = "denies"
_DOUBTS: Final = "doubts"


def _near(marks: Sequence[Mark], first: int, last: int) -> Sequence[Mark]:
    """The cues within reach, however many the sentence has."""
    if len(marks) <= 2 * REACH:
        return [mark for mark in marks if first - REACH <= mark.last and mark.first <= last + REACH]
    low = bisect_left(marks, first - REACH, key=_last)
    return marks[low : bisect_right(marks, last + REACH, key=_first)]


_first: Final = attrgetter("first")
_last: Final = attrgetter("last")


def _across(marks: Sequence[Mark]) -> set[str]:
    """What a cue does that begins before the phrase and shares a word with it.

    In "no increase in size" the cue "no increase" means little for what follows it, but "increase
    in size" is denied.
    """
    return {
        _DENIES if {LOOKS_LIKE_A_CUE, DENIES_WORD_BEFORE} & mark.roles else _DOUBTS
        for mark in marks
        if not {MEANS_NOTHING, BEGINS_A_PART, NAMES_FAMILY} & mark.roles
    }


def _before(sentence: Sentence, marks: Sequence[Mark], first: int) -> set[str]:
    """What the cues before word `first` do to it."""
    done = set()
    for mark in marks:
        if sentence.part(mark.last) != sentence.part(first) or _apart(sentence, mark, first):
            continue
        if DENIES_NEXT_WORDS in mark.roles or _denies_next_word(sentence, mark, first):
            done.add(_DENIES)
        if DOUBTS_NEXT_WORDS in mark.roles:
            done.add(_DOUBTS)
    return done


def _apart(sentence: Sentence, mark: Mark, first: int) -> bool:
    """Does the cue stand in brackets that close before the phrase?"""
    between = "".join(sentence.gaps[mark.last + 1 : first + 1])
    return ")" in between and "(" not in between.partition(")")[0]


def _denies_next_word(sentence: Sentence, mark: Mark, first: int) -> bool:
    """The "negative" of "FDG-negative SSTR expression" belongs to the word that it hangs on."""
    follows = mark.last == first - 1 and DENIES_NEXT_WORD in mark.roles
    return follows and sentence.gaps[mark.first] != "-"


def _after(sentence: Sentence, marks: Sequence[Mark], last: int) -> set[str]:
    """What the cues after word `last` do to it."""
    done: set[str] = set()
    next_word = last + 1
    for mark in marks:
        if sentence.part(mark.first) != sentence.part(last):
            break
        direct = mark.first == next_word
        if direct and MEANS_NOTHING in mark.roles:
            next_word = mark.last + 1
        if EXCLUDES in mark.roles and _is_denied(mark, marks):
            done.add(_DOUBTS)
        elif _denies_before(sentence, mark, direct):
            done.add(_DENIES)
        if _doubts_before(sentence, mark, direct):
            done.add(_DOUBTS)
    return done


def _is_denied(excludes: Mark, marks: Sequence[Mark]) -> bool:
    """Does a denying word stand shortly before it ("cannot be entirely excluded")?"""
    return any(
        DENIES_NEXT_WORDS in mark.roles and 0 < excludes.first - mark.last <= 4 for mark in marks
    )


def _denies_before(sentence: Sentence, mark: Mark, direct: bool) -> bool:
    if DENIES_PART_BEFORE in mark.roles:
        return True
    if direct and ANSWERS_NO in mark.roles and set(sentence.gaps[mark.first]) & set(":=|"):
        return True
    return direct and DENIES_WORD_BEFORE in mark.roles


def _doubts_before(sentence: Sentence, mark: Mark, direct: bool) -> bool:
    if DOUBTS_PART_BEFORE in mark.roles:
        return True
    return DOUBTS_WORD_BEFORE in mark.roles and (direct or _closes_part(sentence, mark))


def _closes_part(sentence: Sentence, mark: Mark) -> bool:
    """Is it the last of its part? ("Metastasis in segment 4 suspected")."""
    following = mark.last + 1
    return following == len(sentence.words) or _begins_part(sentence, following)


def _begins_part(sentence: Sentence, at: int) -> bool:
    return sentence.part(at) != sentence.part(at - 1)


def _in_denied_list(
    sentence: Sentence, before: Sequence[Mark], after: Sequence[Mark], first: int, last: int
) -> bool:
    """Does it go on a list that began as denied ("no liver, bone or nodal lesion")?"""
    denied: int | None = None
    joined = any(
        JOINS_A_LIST in mark.roles
        and (mark.first == last + 1 or _begins_part(sentence, mark.first))
        for mark in after
    )
    for mark in before:
        if BEGINS_A_PART in mark.roles:
            denied = None
        elif DENIES_NEXT_WORDS in mark.roles:
            denied = sentence.part(mark.last)
        elif JOINS_A_LIST in mark.roles and denied is not None:
            joined = joined or sentence.part(mark.first) != denied
    return joined and denied is not None and denied != sentence.part(first)
