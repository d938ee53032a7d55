"""The other derived facts in plain Python, against their tables over all discretised inputs."""

from itertools import chain, combinations, product

from tests.knowledge.encoding import VOCABULARY, Between, either, facts, points, possible

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


# A flag that could not be read may be either.
READ = {True: (True,), False: (False,), None: (True, False)}


def subsets(values, size):
    return map(frozenset, chain.from_iterable(combinations(values, n) for n in range(1, size + 1)))


def settled(answers):
    """What remains possible of a yes or no; None, or both, is not known."""
    found = set(answers)
    return frozenset() if None in found or len(found) > 1 else frozenset(found)


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
        assert not possible(facts({"net.entity": entity}, ["net.family"]), "net.family")


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


# ---- kidney --------------------------------------------------------------------------------------


def renal(dialysis, stage5, stage4, clearance, egfr):
    """(severe, below the limit, in the review band); eGFR counts only without a clearance."""
    severe, hold, caution = None, None, None
    if clearance is not None:
        severe, hold, caution = clearance < 30, clearance < 40, 40 <= clearance < 50
    elif egfr is not None:
        severe, hold = egfr < 30, egfr < 50
    elif stage4:
        severe = True
    severe = True if dialysis or stage5 else severe
    return severe, True if severe else hold, caution


def test_kidney_function():
    clearances = (
        *(None, 25, 29.5, 30, 35, 39.5, 40, 49.5, 50, 90),
        *(Between(25, 35), Between(35, 45), Between(45, 55), Between(20, 60), Between(40, 49)),
    )
    rates = (None, 20, 29.5, 30, 49.5, 50, 90, Between(25, 35), Between(45, 55), Between(30, 49))
    tables = ("risk.renal_severe", "risk.renal_hold", "risk.renal_caution")
    for dialysis, stage5, stage4, clearance, egfr in product(READ, READ, READ, clearances, rates):
        given = {
            "risk.dialysis": dialysis,
            "risk.ckd5": stage5,
            "risk.ckd4": stage4,
            "lab.creatinine_clearance": clearance,
            "lab.egfr": egfr,
        }
        found = facts(given, tables)
        numbers = points(clearance), points(egfr)
        worlds = [renal(*w) for w in product(READ[dialysis], READ[stage5], READ[stage4], *numbers)]
        for table, answers in zip(tables, zip(*worlds, strict=True), strict=True):
            assert possible(found, table) == settled(answers), (table, given)


# ---- progression ---------------------------------------------------------------------------------


def test_not_progressive_is_said_only_by_stable_and_responding():
    table = "progression.not_progressive_recorded"
    for status in (None, *subsets(("progressive", "stable", "responding", "mixed"), 4)):
        said = bool(status) and status <= {"stable", "responding"}
        assert possible(facts({"progression.status": status}, [table]), table) == {said}, status
