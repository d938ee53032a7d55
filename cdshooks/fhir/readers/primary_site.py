"""Where the primary of a Condition is, by its codes, its body site and its text."""

from collections.abc import Callable, Iterable

from cdshooks.fhir.readers.condition_text import NEOPLASMS, ConditionText
from cdshooks.fhir.readers.site import ELSEWHERE, contradict
from cdshooks.knowledge.concepts import Concept


def primary_sites(
    coded: tuple[Concept, ...],
    text: ConditionText,
    there: tuple[Concept, ...],
    report: Callable[[str, str], None],
    *,
    is_secondary: bool,
) -> tuple[str, ...]:
    """NET code first, then another code of the Condition, its body site (`there`), its text.

    Of a secondary only where its text says that it came from; its body site is where it went.
    """
    if is_secondary:
        return _origins(coded, text)
    of_tumour = [c for c in coded if c.says.get("entity") in NEOPLASMS]
    linked, named, implied = (
        [n.concept for n in text.affirmed if n.origin == origin]
        for origin in ("linked", "named", "implied")
    )
    for concepts in (of_tumour, coded, there, linked, named, implied):
        found = _sites_of(concepts)
        if found:
            if contradict(found, _sites_of(linked)):
                report("code.text", ELSEWHERE)
            return found
    return ()


def _origins(coded: tuple[Concept, ...], text: ConditionText) -> tuple[str, ...]:
    """Where a metastasis came from: "liver metastases of an ileal NET", not "NET of the lung"."""
    if not text.names_metastasis:
        return ()
    # "Metastatic NET of the lung" under a code of lung metastases: it went there.
    went = {c.says["went"] for c in coded if "went" in c.says and not text.is_of_metastasis}
    linked = _sites_of(n.concept for n in text.affirmed if n.origin == "linked")
    implied = _sites_of(n.concept for n in text.affirmed if n.origin == "implied")
    return tuple(site for site in linked or implied if site not in went)


def _sites_of(concepts: Iterable[Concept]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(c.says["site"] for c in concepts if "site" in c.says))
