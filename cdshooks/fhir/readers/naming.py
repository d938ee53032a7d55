"""Is a thing named or only something like it: a denial, a doubt, or another thing with its word.

"Urine albumin" is no albumin of the blood and "carcinoid crisis prophylaxis" no crisis: a concept
lists such words as `never_words`.
"""

from collections.abc import Iterator
from functools import lru_cache

from cdshooks.fhir.chart import Matched, Said
from cdshooks.fhir.text.lexicon import Hit, Lexicon, Mention
from cdshooks.fhir.text.sentences import Sentence, sentences
from cdshooks.knowledge.concepts import Concept

NEAR = 4  # words from a phrase to one of its part that makes another thing of it


@lru_cache(maxsize=1024)
def lexicon(words: tuple[str, ...]) -> Lexicon:
    """A lexicon of one concept, for questions about one name or sentence."""
    return Lexicon({"": words})


def words_in(words: tuple[str, ...], sentence: Sentence) -> list[Hit]:
    """Where one of some phrases stands in a sentence."""
    return lexicon(words).find(sentence) if words else []


def is_named(matched: Matched, concept: Concept) -> bool:
    """Is the entry about the concept? A known code says so; a name must not take it back.

    In the name of a test a denial is none of its result ("HBsAg, not confirmed": see the value).
    """
    if matched.by_code:
        return True
    named = [sentence for name in matched.coded.names for sentence in sentences(name)]
    if any(s.about_family or words_in(concept.never_words, s) for s in named):
        return False
    if matched.entry.type == "Observation":
        return True
    hits = [hit for sentence in named for hit in words_in(concept.words, sentence)]
    return any(not hit.negated and not hit.doubtful for hit in hits)


def certain(said: Said, concept: Concept) -> Iterator[Mention]:
    """The places in a sentence that affirm or (`negated`) deny the concept; no doubt among them."""
    for hit in said.about(concept.key):
        if not hit.doubtful and not _is_something_else(said.sentence, hit, concept):
            yield hit


def affirmed(said: Said, concept: Concept) -> list[Mention]:
    """The places in a sentence that affirm the concept."""
    return [hit for hit in certain(said, concept) if not hit.negated]


def _is_something_else(sentence: Sentence, hit: Mention, concept: Concept) -> bool:
    part = sentence.part(hit.first_token)
    return any(
        hit.first_token - NEAR <= other.last_token
        and other.first_token <= hit.last_token + NEAR
        and sentence.part(other.first_token) == part
        for other in words_in(concept.never_words, sentence)
    )
