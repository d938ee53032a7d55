"""Is a metastasis denied itself, or only something about it?"""

from cdshooks.fhir.readers.wording import Wording
from cdshooks.fhir.text.cues import DENIES_NEXT_WORD, DENIES_NEXT_WORDS
from cdshooks.fhir.text.lexicon import Hit

PLACES = ("liver", "bone", "lung", "brain", "peritoneum", "other-place", "distant-nodes", "nodes")
_BETWEEN = ("evidence", "distant", "near-nodes", "metastasis", "liver-lesion", *PLACES)
_DENIES = {DENIES_NEXT_WORDS, DENIES_NEXT_WORD}


def is_denied(w: Wording, hit: Hit) -> bool:
    """Is it denied that there is one ("no evidence of distant metastases")?

    Not by "no growth of the metastases": between the denying word and the phrase may stand only
    places, small words, and what `evidence` lists.
    """
    if not hit.negated or hit.doubtful:
        return False
    before = [m.last for m in w.sentence.marks if m.roles & _DENIES and m.last < hit.first_token]
    same = [at for at in before if w.sentence.part(at) == w.part(hit)]
    if not same:
        return True  # "metastases: none", "metastases not seen"
    spoken = {at for h in w.of(*_BETWEEN) for at in range(h.first_token, h.last_token + 1)}
    small = {at for h in w.of("small") for at in range(h.first_token, h.last_token + 1)}
    return set(range(same[-1] + 1, hit.first_token)) <= spoken | small
