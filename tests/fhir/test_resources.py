"""A record in columns says of each resource what a reading one by one says."""

import json
from random import Random

from cdshooks.fhir.bundle import Found, Resources, resources
from cdshooks.fhir.identity import Ownership, identity
from cdshooks.fhir.peek import PEEK

BASE = "https://fhir.example.org/r4"


def observation(number, **more):
    return {"resourceType": "Observation", "id": f"o{number}", **more}


def bundle(*entries):
    return {"resourceType": "Bundle", "type": "collection", "entry": list(entries)}


def entry(resource, **more):
    return {"resource": resource, **more}


def read(*bodies):
    told = []
    named = ((name, json.dumps(body).encode()) for name, body in bodies)
    return resources(named, lambda *said: told.append(said)), told


def test_each_resource_has_its_own_json_and_place():
    flat = bundle(*(entry(observation(n, note=[{"text": str(n)}])) for n in range(3)))
    nested = bundle(entry(observation(3)), entry(flat), entry(observation(4), fullUrl="urn:4"))
    found, told = read(("a", flat), ("b", observation(5)), ("c", nested), ("d", flat))
    assert not told
    assert [one.place for one in found] == [
        *("a.entry[0]", "a.entry[1]", "a.entry[2]", "b", "c.entry[0]"),
        *("c.entry[1].entry[0]", "c.entry[1].entry[1]", "c.entry[1].entry[2]", "c.entry[2]"),
        *("d.entry[0]", "d.entry[1]", "d.entry[2]"),
    ]
    for one, peek, url in zip(found, found.peeks, found.urls, strict=True):
        assert json.loads(bytes(one.raw))["id"] == one.peek.id == peek.id
        assert one.full_url == (url or None)
    assert [one.full_url for one in found if one.full_url] == ["urn:4"]


def test_an_entry_that_cannot_be_read_moves_no_other():
    body = bundle(entry(observation(0)), {"resource": 5}, 7, entry(observation(3)))
    found, told = read(("a", body))
    assert [one.place for one in found] == ["a.entry[0]", "a.entry[3]"]
    assert [place for place, *_ in told] == ["a.entry[1]", "a.entry[2]"]
    assert [json.loads(bytes(one.raw))["id"] for one in found] == ["o0", "o3"]


def test_resources_put_in_again_are_the_same():
    found, _ = read(("a", bundle(entry(observation(0)), entry(observation(1)))))
    assert list(Resources(found)) == list(found)


SUBJECTS = (
    {"reference": "Patient/p"},
    {"reference": "Patient/q"},
    {"reference": f"{BASE}/Patient/p"},
    {"reference": "https://elsewhere.example.org/Patient/p"},
    {"display": "Example, Pat"},
    None,
)
URLS = (
    f"{BASE}/Observation/",
    f"{BASE}/Condition/",
    "https://elsewhere.example.org/Observation/",
    "urn:uuid:",
    None,
)
KINDS = ("Observation", "Observation", "Condition", "AllergyIntolerance", "Patient", "Medication")


def charted(random):
    usual = random.choice(SUBJECTS)  # as in a chart, most have one subject
    for number in range(random.randrange(12)):
        subject = usual if random.random() < 0.7 else random.choice(SUBJECTS)
        one = {"resourceType": random.choice(KINDS), "id": random.choice(("p", "q", f"o{number}"))}
        for name in random.sample(("subject", "patient"), random.randrange(3)):
            one |= {name: subject} if subject else {}
        url, last = random.choice(URLS), random.choice((number, number, "no id", ""))
        raw = json.dumps(one).encode()
        yield Found(PEEK.decode(raw), raw, url and f"{url}{last}", "a")


def test_the_column_finds_the_strangers_that_each_resource_says():
    """Compared with asking each resource whose it is, with a server that is known and without."""
    for seed in range(2_000):
        random = Random(seed)
        found = Resources(charted(random))
        server = random.choice((BASE, None))
        whom = identity(None, "p", frozenset(), frozenset(), server)
        asked = [Ownership(whom).whose(one) for one in found]
        expected = {place: whose for place, whose in enumerate(asked) if whose != "own"}
        assert Ownership(whom).strangers(found) == expected, seed
