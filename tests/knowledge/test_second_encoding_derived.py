"""The other derived facts in plain Python, against their tables over all discretised inputs."""

from functools import cache
from itertools import chain, combinations, product

import pytest

from tests.knowledge.encoding import (
    KNOWLEDGE,
    READ,
    VOCABULARY,
    Between,
    Patient,
    either,
    facts,
    points,
    possible,
    settled,
)
from tests.knowledge.test_second_encoding_grade import NAMES, Tumour, by_hand
from tests.knowledge.test_second_encoding_kidney import renal

# ---- primary site --------------------------------------------------------------------------------

GUT = (
    *("stomach", "duodenum", "ampulla", "pancreas", "jejunum-ileum", "small-bowel-nos"),
    *("midgut-nos", "appendix", "caecum", "colon", "hindgut-nos", "rectum", "anal-canal"),
)
ELSEWHERE = (
    *("lung", "thymus", "adrenal-paraganglia", "thyroid", "kidney", "ovary", "testis", "skin"),
)
NOT_SAID = ("foregut-nos", "other")  # oesophagus, bile duct and liver among them


def gep(site):
    return True if site in GUT else False if site in ELSEWHERE else None


def subsets(values, size):
    return map(frozenset, chain.from_iterable(combinations(values, n) for n in range(1, size + 1)))


def test_every_site_is_gut_or_pancreas_or_elsewhere_or_open():
    assert {*GUT, *ELSEWHERE, *NOT_SAID} == set(VOCABULARY["tumour.site"].values)


def gep_states():
    for site in (None, *subsets((*GUT, *ELSEWHERE, *NOT_SAID), 3)):
        yield {"tumour.site": site}, settled(map(gep, points(site)))


# ---- extent --------------------------------------------------------------------------------------

STAGES = [None, *subsets(("localised", "regional", "metastatic"), 3)]


def advanced(unresectable, stage):
    return True if unresectable or stage == "metastatic" else None if stage is None else False


def advanced_states():
    """Metastatic or called unresectable; None: what was recorded of it could not be read."""
    for unresectable, stage in product(READ, STAGES):
        given = {"extent.unresectable_recorded": unresectable, "extent.stage": stage}
        worlds = product(READ[unresectable], points(stage))
        yield given, settled(advanced(*world) for world in worlds)


# ---- family --------------------------------------------------------------------------------------

ENTITIES = ("NEN", "PPGL", "MTC", "MiNEN", "excluded")
CLASSES = ("G1", "G2", "G3-NET", "NEC", "TC", "AC", "HG-UNDET")


def family(entity, classes):
    """NEC only where the class is NEC for certain; while that is open the tumour counts as NET."""
    if entity == "NEN":
        return "NEC" if classes == {"NEC"} else "NET"
    return "excluded" if entity == "MiNEN" else entity


def family_states():
    """Open while it is not known what the tumour is."""
    for entity, classes in product(ENTITIES, (None, *subsets(CLASSES, 3))):
        given = {"net.entity": entity, "tumour.grade_class": classes}
        yield given, {family(entity, classes)}
    pairs = map(either, *zip(*combinations(ENTITIES, 2), strict=True))
    for entity, grade in product((None, *pairs), ("G1", "NEC")):
        given = {"net.entity": entity, "tumour.grade_class": grade}
        yield given, {"excluded"} if entity == {"MiNEN", "excluded"} else set()


# ---- tumour volume -------------------------------------------------------------------------------


def volume_is_low(stated_low, stated_high, lesions, largest):
    """In words, else at most 5 liver lesions of at most 20 mm; high and low together is neither."""
    if stated_low or stated_high:
        return None if stated_low and stated_high else stated_low
    if None in (lesions, largest):
        return False if (lesions or 0) > 5 or (largest or 0) > 20 else None
    return lesions <= 5 and largest <= 20


def volume_states():
    lesions = (None, 1, 5, 6, Between(4, 8), Between(5, 40, low_open=True))
    sizes = (None, 8, 20, 20.5, Between(15, 25), Between(1, 10))
    for stated_low, stated_high, count, size in product((0, 1), (0, 1), lesions, sizes):
        given = {
            "burden.low_stated": bool(stated_low),
            "burden.high": bool(stated_high),
            "liver.lesion_count": count,
            "liver.largest_mm": size,
        }
        worlds = product(points(count), points(size))
        yield given, settled(volume_is_low(bool(stated_low), bool(stated_high), *w) for w in worlds)


# ---- progression ---------------------------------------------------------------------------------


def stability_states():
    """Not progressive is said only by stable and responding."""
    for status in (None, *subsets(("progressive", "stable", "responding", "mixed"), 4)):
        said = bool(status) and status <= {"stable", "responding"}
        yield {"progression.status": status}, {said}


# ---- earlier treatment ---------------------------------------------------------------------------

CYTOTOXIC = (
    *("prior.captem", "prior.temozolomide"),
    *("prior.platinum_etoposide", "prior.chemotherapy_other"),
)
GIVEN = (None, "none", "past", "current")


def chemotherapy_states():
    """Current if any drug is running, past if any was given, else none; counted once."""
    for told in product(GIVEN, repeat=4):
        given = dict(zip(CYTOTOXIC, told, strict=True))
        worlds = product(*(("none", "past", "current") if t is None else (t,) for t in told))
        classes = {
            "current" if "current" in w else "past" if "past" in w else "none" for w in worlds
        }
        yield given, classes if len(classes) < 3 else set()


# ---- what contradicts itself ---------------------------------------------------------------------

COUNTED = (None, "G1", "G2", "G3", either("G1", "G2"), either("G2", "G3"))


def counts_states():
    """Two grades apart for certain."""
    for ki67, mitoses in product(COUNTED, COUNTED):
        given = {"tumour.ki67_step": ki67, "tumour.mitotic_step": mitoses}
        yield given, {(ki67, mitoses) in {("G1", "G3"), ("G3", "G1")}}


BOTH = either("well", "poor")  # one report says so, another the contrary
PROLIFERATION = (None, 2, 20, 20.5, 55, 55.5, Between(15, 25), Between(50, 60))


def plausible(said, coded, lung, grade, ki67, counted, mitoses=None):
    """False where differentiation and proliferation make a pair that hardly exists."""
    if said == BOTH or (said == "well" and coded == "poor"):
        return False
    few_mitoses = ki67 is None and mitoses is not None and max(points(mitoses)) <= 20
    if said == "poor" and (grade in {"G1", "G2"} or few_mitoses):
        return False
    low = ki67 is not None and max(points(ki67)) <= 20
    high = ki67 is not None and min(points(ki67)) > 55
    well = said == "well" or lung or (coded == "well" and said is None)
    label = coded == "poor" and (said, lung, grade) == (None, None, None)
    few = counted is not None and either(*points(counted)) <= {"G1", "G2"}
    return not ((said == "poor" and low) or (well and high) or (label and few))


def differentiation_states():
    words, types = (None, "well", "poor"), (None, "TC", "AC")
    said, graded, mitoses = (*words, BOTH), (None, "G1", "G2", "G3"), (20, 21, Between(15, 25))
    names = (
        *("tumour.differentiation", "tumour.coded_differentiation"),
        *("tumour.lung_type_stated", "tumour.grade_stated"),
        *("tumour.ki67", "tumour.counted_step", "tumour.mitoses"),
    )
    without = product(said, words, types, graded, PROLIFERATION, COUNTED, (None,))
    for values in (
        *without,
        *product(said, words, (None,), graded, PROLIFERATION, (None,), mitoses),
    ):
        yield dict(zip(names, values, strict=True)), {not plausible(*values)}


def chest_conflict(lung, grade, mitoses, necrosis):
    """The report says typical with many mitoses or necrosis, or atypical with neither."""
    typical, atypical = lung == "TC" or grade == "G1", lung == "AC" or grade == "G2"
    many = mitoses is not None and min(points(mitoses)) >= 2
    few = mitoses is not None and max(points(mitoses)) < 2
    return (typical and (many or necrosis is True)) or (atypical and few and necrosis is False)


def gut_conflict(grade, morphology, counted):
    """The counts cannot be what the report, or the morphology code, says."""
    possible_counts = {*points(counted)} if counted else {"G1", "G2", "G3"}
    stated = grade is not None and grade not in possible_counts
    return stated or (morphology is not None and possible_counts == {"G1"})


def grade_conflict_states():
    chest = product(
        ("lung", "thymus"), (None, "TC", "AC"), GRADES, (None, 1, 2, 5, Between(1, 3)), FLAGS
    )
    for site, lung, grade, mitoses, necrosis in chest:
        given = {"tumour.site": site, "tumour.lung_type_stated": lung, "tumour.mitoses": mitoses}
        given |= {"tumour.grade_stated": grade, "tumour.necrosis": necrosis}
        given |= {"tumour.counted_step": "G3", "tumour.grade_by_morphology": either("G2", "G3")}
        yield given, {chest_conflict(lung, grade, mitoses, necrosis)}
    morphologies = (None, either("G2", "G3"))
    gut = product((None, "pancreas"), GRADES, morphologies, COUNTED, AS_IN_THE_LUNG)
    for site, grade, code, counted, (lung, mitoses, necrosis) in gut:
        given = {"tumour.site": site, "tumour.grade_stated": grade, "tumour.counted_step": counted}
        given |= {"tumour.grade_by_morphology": code, "tumour.lung_type_stated": lung}
        given |= {"tumour.mitoses": mitoses, "tumour.necrosis": necrosis}
        yield given, {gut_conflict(grade, code, counted)}


GRADES, FLAGS = (None, "G1", "G2", "G3"), (None, True, False)
# Stated type, mitoses and necrosis that would be a conflict in the lung, and say nothing elsewhere.
AS_IN_THE_LUNG = (("TC", 5, True), ("AC", 1, False))

# ---- all of them against the tables --------------------------------------------------------------

STATES = {
    "tumour.gep": gep_states,
    "extent.advanced": advanced_states,
    "net.family": family_states,
    "burden.low": volume_states,
    "progression.not_progressive_recorded": stability_states,
    "prior.any_chemotherapy": chemotherapy_states,
    "tumour.counts_conflict": counts_states,
    "tumour.differentiation_conflict": differentiation_states,
    "tumour.grade_conflict": grade_conflict_states,
}
TABLES = tuple(STATES)


@cache
def states_of(table):
    return tuple(STATES[table]())


def differing(table, knowledge=KNOWLEDGE):
    """The inputs for which a table gives something else than the formula."""
    for given, expected in states_of(table):
        if possible(facts(given, [table], knowledge), table) != expected:
            yield table, given, expected


def against(knowledge):
    for table in STATES:
        yield from differing(table, knowledge)


@pytest.mark.parametrize("table", STATES)
def test_h10_both_encodings_derive_the_same(table):
    found = [*differing(table)]
    print(f"{len(states_of(table))} states of {table}")
    assert not found, f"{len(found)}, such as {found[0]}"


# ---- all of them, for the criteria ---------------------------------------------------------------

HIGH_GRADE = {"HG-UNDET": ("G3-NET", "NEC")}
GROWTH = {"mixed": ("progressive", "stable")}  # a mixed response leaves progression open


def completed(plain):
    """The patient with the derived facts, by the functions that the other two files test."""
    p = Patient(plain)
    volume = [*recorded_as(p, "burden.low_stated", "burden.high")]
    volume += [*values(p, "liver.lesion_count", "liver.largest_mm")]
    kidney = [*recorded_as(p, "risk.dialysis", "risk.ckd5", "risk.ckd4")]
    kidney += [*values(p, "lab.creatinine_clearance", "lab.egfr")]
    extent = [*recorded_as(p, "extent.unresectable_recorded"), *values(p, "extent.stage")]
    entity, status, classes = p.given("net.entity"), p.given("progression.status"), grade_classes(p)
    return Patient(
        plain
        | {
            "tumour.grade_class": spread(classes, HIGH_GRADE),
            "net.family": entity and family(entity, classes),
            "progression.status": spread(either(*points(status)) if status else None, GROWTH),
            "stable or responding": bool(status) and {*points(status)} <= {"stable", "responding"},
            "tumour.gep": answer(gep, *values(p, "tumour.site")),
            "extent.advanced": answer(advanced, *extent),
            "burden.low": answer(volume_is_low, *volume),
            "risk.renal_severe": answer(lambda *known: renal(*known)[0], *kidney),
            "risk.renal_hold": answer(lambda *known: renal(*known)[1], *kidney),
        }
    )


def grade_classes(p):
    graded = p.given("net.entity") in {None, "NEN"} and p.given("net.status") != "none"
    by_code = p.given("tumour.grade_by_morphology") is not None
    tumour = Tumour(*(p.given(name) for name in NAMES), morphology=by_code)
    return by_hand(tumour) if graded else either()


def spread(possible, doubts):
    """What is possible, a value that stands for a doubt replaced by those between which it is."""
    return either(*(meant for one in possible or () for meant in doubts.get(one, (one,)))) or None


def values(p, *names):
    return [points(p.given(name)) for name in names]


def recorded_as(p, *names):
    return [READ[p.given(name)] for name in names]


def answer(rule, *inputs):
    return next(iter(settled(rule(*world) for world in product(*inputs))), None)
