"""The other derived facts in plain Python, against their tables over all discretised inputs."""

from itertools import chain, combinations, product

from tests.knowledge.encoding import (
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


def test_gep():
    for site in (None, *subsets((*GUT, *ELSEWHERE, *NOT_SAID), 2)):
        found = possible(facts({"tumour.site": site}, ["tumour.gep"]), "tumour.gep")
        assert found == settled(map(gep, points(site))), site


# ---- extent --------------------------------------------------------------------------------------

STAGES = [None, *subsets(("localised", "regional", "metastatic"), 3)]


def advanced(unresectable, stage):
    return True if unresectable or stage == "metastatic" else None if stage is None else False


def test_advanced():
    """Metastatic or called unresectable; None: what was recorded of it could not be read."""
    for unresectable, stage in product(READ, STAGES):
        given = {"extent.unresectable_recorded": unresectable, "extent.stage": stage}
        worlds = product(READ[unresectable], points(stage))
        found = possible(facts(given, ["extent.advanced"]), "extent.advanced")
        assert found == settled(advanced(*world) for world in worlds), given


# ---- family --------------------------------------------------------------------------------------

ENTITIES = ("NEN", "PPGL", "MTC", "MiNEN", "excluded")
CLASSES = ("G1", "G2", "G3-NET", "NEC", "TC", "AC", "HG-UNDET")


def family(entity, classes):
    """NEC only where the class is NEC for certain; while that is open the tumour counts as NET."""
    if entity == "NEN":
        return "NEC" if classes == {"NEC"} else "NET"
    return "excluded" if entity == "MiNEN" else entity


def test_family():
    for entity, classes in product(ENTITIES, (None, *subsets(CLASSES, 3))):
        given = {"net.entity": entity, "tumour.grade_class": classes}
        found = possible(facts(given, ["net.family"]), "net.family")
        assert found == {family(entity, classes)}, (entity, classes)


def test_the_family_is_open_while_it_is_not_known_what_the_tumour_is():
    for entity in (None, either("NEN", "PPGL"), either("PPGL", "MTC")):
        given = {"net.entity": entity, "tumour.grade_class": "G1"}
        assert not possible(facts(given, ["net.family"]), "net.family")


# ---- tumour volume -------------------------------------------------------------------------------


def volume_is_low(stated_low, stated_high, lesions, largest):
    """In words, else at most 5 liver lesions of at most 20 mm; high and low together is neither."""
    if stated_low or stated_high:
        return None if stated_low and stated_high else stated_low
    if None in (lesions, largest):
        return False if (lesions or 0) > 5 or (largest or 0) > 20 else None
    return lesions <= 5 and largest <= 20


def test_low_volume():
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
        expected = settled(volume_is_low(bool(stated_low), bool(stated_high), *w) for w in worlds)
        assert possible(facts(given, ["burden.low"]), "burden.low") == expected, given


# ---- progression ---------------------------------------------------------------------------------


def test_not_progressive_is_said_only_by_stable_and_responding():
    table = "progression.not_progressive_recorded"
    for status in (None, *subsets(("progressive", "stable", "responding", "mixed"), 4)):
        said = bool(status) and status <= {"stable", "responding"}
        assert possible(facts({"progression.status": status}, [table]), table) == {said}, status


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
