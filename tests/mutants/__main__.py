"""`python -m tests.mutants`: how much of mappings/ is tested.

Each mutant changes one thing in the knowledge: a threshold, a statement, `any` or `all`, a limit, a
list of codes or words. It is killed if a fixture or a hand-written table fails. What survives could
be changed in mappings/ and no test would say so: it is listed with file, line and statement.

What no patient can tell apart is listed in equivalent.yaml with its reason, and counted apart.

Exit status 1 if a target is missed, if a test notices what is listed as equivalent, or if something
fails before anything is changed.
"""

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from multiprocessing import get_context
from random import Random

from tests.knowledge.encoding import KNOWLEDGE
from tests.mutants.edits import Mutant, equivalents, every_mutant
from tests.mutants.judge import failing, killer, tables

WIDTH = 80
TARGETS = {"threshold": 1.0, "statement": 0.95, "group": 0.95}
KINDS = {
    "threshold": "thresholds moved",
    "statement": "statements flipped or dropped",
    "group": "any and all exchanged",
    "limit": "ages and limits of facts moved",
    "codes": "code groups removed",
    "never": "look-alike codes removed",
    "words": "word lists removed",
    "never_words": "words of other things removed",
    "helps": "helping words removed",
}
READING = 0.2  # of a budget is for how facts are read; each of those mutants takes a second
MUTANTS = tuple(every_mutant())
EQUIVALENT = equivalents(MUTANTS)


def main() -> int:
    options = _options()
    started = time.monotonic()
    failed = sorted({*failing("facts", KNOWLEDGE), *failing("treatments", KNOWLEDGE)})
    if failed:
        print("Fails before anything is changed:", *failed, sep="\n  ")
        return 1
    rules = [n for n, one in enumerate(MUTANTS) if one.folder != "facts"]
    facts = [n for n, one in enumerate(MUTANTS) if one.folder == "facts"]
    budget = options.budget
    killers = dict(_judged(rules, options, budget and budget * (1 - READING)))
    killers |= dict(_judged(facts, options, budget and started + budget - time.monotonic()))
    return _report({MUTANTS[number]: found for number, found in sorted(killers.items())}, started)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("--budget", type=float, help="seconds; without it every mutant is tried")
    parser.add_argument("--seed", default="1", help="which mutants a budget begins with")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    return parser.parse_args()


def _judged(
    numbers: list[int], options: argparse.Namespace, seconds: float | None
) -> Iterator[tuple[int, str]]:
    """(number, what killed it) of each mutant, in random order, until the time is over."""
    if seconds is not None:
        Random(options.seed).shuffle(numbers)
    tables()  # loaded once, before the processes part
    end = None if seconds is None else time.monotonic() + seconds
    with get_context("fork").Pool(options.jobs) as pool:
        for number, found in pool.imap_unordered(_judge, numbers):
            yield number, found
            if end is not None and time.monotonic() > end:
                return


def _judge(number: int) -> tuple[int, str]:
    return number, killer(MUTANTS[number])


# ---- the report ---------------------------------------------------------------------------------


def _report(killers: dict[Mutant, str], started: float) -> int:
    print(
        f"{'':32}{'tried':>6}{'killed':>8}{'equiv.':>8}{'share':>8}{'by fixture':>12}{'target':>8}"
    )
    missed = [kind for kind in KINDS if _line(kind, killers)]
    alive = [mutant for mutant, found in killers.items() if not found]
    for kind, text in KINDS.items():
        survivors = [one for one in alive if one.kind == kind and one not in EQUIVALENT]
        if survivors:
            print(f"\nSurvivors: {text}", *map(_told, survivors), sep="\n")
    equivalent = [f"{_told(one)}\n    {EQUIVALENT[one]}" for one in alive if one in EQUIVALENT]
    if equivalent:
        print("\nEquivalent: no patient can tell them apart", *equivalent, sep="\n")
    noticed = [_told(one) for one in EQUIVALENT if killers.get(one)]
    if noticed:
        print("\nListed as equivalent, and noticed by a test", *noticed, sep="\n")
    seconds = time.monotonic() - started
    print(f"\n{len(killers)} of {len(MUTANTS)} mutants in {seconds:.0f} s", end="")
    print(f"; below target: {', '.join(missed)}" if missed else "")
    return 1 if missed or noticed else 0


def _line(kind: str, killers: dict[Mutant, str]) -> bool:
    """Prints the figures of one kind; is its target missed?"""
    of_kind = {mutant: found for mutant, found in killers.items() if mutant.kind == kind}
    if not of_kind:
        return False
    by = Counter(found.split(" ")[0] for found in of_kind.values())
    equivalent = sum(1 for mutant, found in of_kind.items() if not found and mutant in EQUIVALENT)
    killed, judged = len(of_kind) - by[""], len(of_kind) - equivalent
    share, target = killed / judged if judged else 1.0, TARGETS.get(kind)
    print(
        f"{KINDS[kind]:32}{len(of_kind):>6}{killed:>8}{equivalent:>8}{share:>8.1%}"
        f"{by['fixture']:>12}{f'{target:.0%}' if target else '-':>8}"
    )
    return target is not None and share < target


def _told(mutant: Mutant) -> str:
    """Where it is, what stood there, and what stands there now without a test that says so."""
    lines = (f"{mutant.file}:{mutant.line}", f"    {mutant.was}", f" -> {mutant.became}")
    return "\n".join(f"  {_cut(line, WIDTH - 2)}" for line in lines)


def _cut(line: str, width: int) -> str:
    return line if len(line) <= width else f"{line[: width - 3]}..."


if __name__ == "__main__":
    sys.exit(main())
