"""Strings that are made to do something where they are shown, and charts that are full of them."""

import json
import os
import re
from collections import Counter
from pathlib import Path

from markdown_it import MarkdownIt

from tests.dirty.calls import copied

# None has a full stop of its own: a card quotes the sentence that was read, and it is to be in it.
HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<IMG SRC=//attack/p>",
    "<svg/onload=alert(1)>",
    "<p style='background:url(//attack)'>",
    "<iframe src=javascript:alert(1)>",
    "<!-- attack -->",
    "<![CDATA[<b>]]>",
    "<?php attack ?>",
    "&lt;img src=//a&gt; &#60;b&#62; &#x3c;b&#x3e;",
    "[click](javascript:alert(1))",
    "[click](  javascript&#58;alert(1))",
    "![x](http://attack/p?p=1)",
    "![x][r] [r]: http://attack/p",
    "[^1] [^1]: attack",
    "<http://attack/p>",
    "http://attack/p https://attack www.attack.example",
    "somebody@attack.example",
    "# attack",
    "> quote",
    "- list",
    "1) one",
    "|attack|<b>|\n|---|---|\n|1|2|",
    "```\n<b>\n```",
    "~~~ attack",
    "`` ` <img src=//a>",
    "**a** __b__ *c* _d_ ~~e~~ ==f==",
    "line\r\n\r\n<b>break</b>\u2028<i>\u2029<u>",
    "\\<b>\\",
    "attack” “<b>",
    "$x$ \\(y\\) :smile: @someone #1",
    "{{constructor.constructor('alert(1)')()}} ${alert(1)} #{7*7} <%= 7*7 %>",
    "a\u202egnp\u202c \u2066x\u2069 \u200ezero\u200b\u2060\ufeff\u00ad",
    "\u0430\u0440\u0440\u04cf\u0435 \uff1cscript\uff1e \ufe64b\ufe65",  # look-alikes
    "nul\x00 esc\x1b[31m del\x7f bell\x07",
    "Z̷̛͎a̴l̵g̶o̷ " + "\u0301" * 50,
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U000e0041 \ufdd0",
    "'; DROP TABLE patients; --",
    "null",
    "=1+1",
    "",
    " \t ",
)
# Where a chart has words; each is read, printed or named somewhere, or must not be.
WORDS = frozenset(
    {"text", "display", "title", "conclusion", "valueString", "unit", "family", "given", "div"}
)
OURS = {"p", "strong", "em", "ul", "li", "code", "a"}
# A client that follows GitHub makes a link of these, wherever they stand and however escaped.
LITERAL_LINK = re.compile(r"https?://[-.\w]|www\.[-.\w]|[-.\w+]@[-\w]+\.[-\w]", re.IGNORECASE)
_RENDERER = MarkdownIt("gfm-like", {"html": True, "linkify": False})


def corpus():
    """The Big List of Naughty Strings, where the variable CORPORA names the folder that has it."""
    file = Path(os.environ.get("CORPORA", "")) / "naughty-strings" / "blns.json"
    if "CORPORA" not in os.environ or not file.is_file():
        return []
    return [str(text) for text in json.loads(file.read_text(encoding="utf-8"))]


def rendered(markdown):
    """As the public sandbox draws it: GitHub-flavoured, with raw HTML switched on."""
    return _RENDERER.render(markdown)


def poisoned(entries, strings, turn, keys=WORDS):
    """The entries with a string before each word of a chart; each turn other ones.

    In as many turns as there are strings each stands before each kind of word once.
    """
    count = Counter()

    def visit(node, kind, key=""):
        if isinstance(node, dict):
            return {name: visit(child, kind, name) for name, child in node.items()}
        if isinstance(node, list):
            return [visit(child, kind, key) for child in node]
        if key not in keys or not isinstance(node, str):
            return node
        count[kind, key] += 1
        return f"{strings[(turn + count[kind, key]) % len(strings)]} {node}"

    return [
        {**one, "resource": visit(one["resource"], one["resource"]["resourceType"])}
        for one in copied(list(entries))
    ]


def faults(card, known_links):
    """What a client would draw or load of a card beside its words; [] if nothing."""
    html = rendered(card["detail"])
    written = re.sub(r'<a href="[^"]*">.*?</a>|<code>.*?</code>|<[^>]*>', "", html)
    found = sorted(drawn_tags(html) - OURS)
    found += sorted(set(re.findall(r'(?:href|src)="([^"]*)"', html)) - known_links)
    found += LITERAL_LINK.findall(written)
    summary = card["summary"]
    found += [summary] if len(summary) > 140 or set("<>&\n") & set(summary) else []
    return found + [char for char in card["detail"] if char != "\n" and not char.isprintable()]


def drawn_tags(html):
    """`a` for a link with nothing but an address; any other attribute stays with its tag."""
    tags = {part.split(">")[0].strip("/ ") for part in html.split("<")[1:]}
    return {re.sub(r'^a href="[^"]*"$', "a", tag) for tag in tags}
