"""Sites told roughly and exactly, and which of them contradict each other."""

from collections.abc import Iterable

# A site told only roughly gives way to one of its parts told exactly.
PARTS = {
    "small-bowel-nos": {"duodenum", "jejunum-ileum"},
    "midgut-nos": {"jejunum-ileum", "small-bowel-nos", "appendix", "caecum", "colon"},
    "hindgut-nos": {"colon", "rectum"},
    "foregut-nos": {"stomach", "duodenum", "pancreas", "lung", "thymus"},
}
ELSEWHERE = "names another primary site than the diagnosis, which counts"


def contradict(sites: Iterable[str], others: Iterable[str]) -> bool:
    """Is none of the others one of these sites, or a part of one? "other" contradicts nothing."""
    told, else_told = set(sites), set(others)
    if not told or not else_told or "other" in told | else_told:
        return False
    return not any(_agree(one, other) for one in told for other in else_told)


def _agree(one: str, other: str) -> bool:
    return one == other or other in PARTS.get(one, ()) or one in PARTS.get(other, ())
