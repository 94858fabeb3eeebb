"""Writes the made part of the privacy corpus from templates.toml: `python tests/data/privacy/generate.py`.

What stands above the line MARK in each of the four files is written by hand and stays; what is below is replaced.
One seed for each file: the same templates give the same bytes.
"""

from __future__ import annotations

import random
import tomllib
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
MARK = "# --- made by generate.py ---"
EACH = 7
"""Fillings of one template."""
DIALS = ("0900", "0350", "0700", "0988", "0911")
LINKS = ("https://drive.google.com/file/d/1x000000000yz/view", "https://facebook.com/truong/posts/1000000000000000")


def made(which: str, kind: str) -> list[str]:
    """The made texts of one file: `which` is "train" or "held-out", `kind` is "with" or "without"."""
    words = tomllib.loads((HERE / "templates.toml").read_text("utf-8"))[which]
    chance = random.Random(f"{which} {kind} 1")
    filled = dict.fromkeys(
        typed(fill(template, words, chance), words, chance, kind) for template in words[kind] for _ in range(EACH)
    )
    return list(filled)


def fill(template: str, words: dict[str, Any], chance: random.Random) -> str:
    """`template` with invented people, numbers and days in its places."""
    text = template
    for place, make in PLACES.items():
        while "{" + place + "}" in text:
            text = text.replace("{" + place + "}", make(words, chance), 1)
    return text


def typed(text: str, words: dict[str, Any], chance: random.Random, kind: str) -> str:
    """`text` as somebody types it: mostly as it is; some in NFD, without diacritics, in capitals, or in a long text."""
    draw = chance.random()
    if draw < 0.10:
        return unicodedata.normalize("NFD", text)
    if draw < 0.22:
        return bare(text)
    if draw < 0.28:
        return text.upper()
    if draw < 0.31:
        return bare(text).lower()
    if draw < 0.45:
        before, after = chance.sample(words["neutral"], 2), chance.sample(words["neutral"], 2)
        return " ".join([*before, text.rstrip(".") + ".", *after])
    return text


def bare(text: str) -> str:
    """`text` without diacritics, as on a telephone."""
    apart = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def name(words: dict[str, Any], chance: random.Random) -> str:
    """A person who does not exist."""
    return " ".join(filter(None, (chance.choice(words[part]) for part in ("surname", "middle", "given"))))


def initials(words: dict[str, Any], chance: random.Random) -> str:
    """A name that somebody believed to be hidden."""
    letters = [word[0] for word in name(words, chance).split()][:4]
    whole = str(chance.choice(words["surname"])) + " " + ". ".join(letters[1:]) + "."
    return chance.choice([".".join(letters), ". ".join(letters) + ".", letters[-1] + ".", whole])


def day(chance: random.Random, first: int, last: int) -> str:
    """A day of the years from `first` to `last` in one of the usual forms."""
    date, month, year = chance.randint(1, 28), chance.randint(1, 12), chance.randint(first, last)
    form = chance.choice(["{0:02}/{1:02}/{2}", "{0}/{1}/{2}", "{0:02}-{1:02}-{2}", "{0:02}.{1:02}.{2}"])
    return form.format(date, month, year)


def class_name(chance: random.Random) -> str:
    """A class of a primary or lower secondary school."""
    grade, number = chance.randint(1, 9), chance.randint(1, 6)
    return chance.choice([f"{grade}{'ABCDE'[number % 5]}", f"{grade}/{number}", f"{grade}A{number}"])


def phone(chance: random.Random) -> str:
    """A number of a telephone that nobody has."""
    start, end = chance.choice(DIALS), f"{chance.randint(0, 99):03}"
    return chance.choice([f"{start}000{end}", f"{start} 000 {end}", f"{start}.000.{end}", f"{start}-000-{end}"])


def identity(chance: random.Random) -> str:
    """A number of an identity card that nobody has: its year of birth is nought."""
    number = f"0{chance.choice([79, 80, 82])}{chance.choice([0, 1, 2, 3])}00000{chance.randint(0, 999):03}"
    spaced = " ".join(number[i : i + 3] for i in (0, 3, 6, 9))
    return chance.choice([number, number, spaced])


def document(chance: random.Random) -> str:
    """A number and date of an administrative document."""
    kind, issuer = chance.choice(["KH", "QĐ", "BC", "TB"]), chance.choice(["THCS", "TH", "MG", "PGDĐT", "UBND"])
    form = chance.choice(["{0} {1}/{0}-{2} ngày {3}", "{0} số {1}/{0}-{2} ngày {3}", "Công văn số {1}/{2} ngày {3}"])
    return form.format(kind, chance.randint(1, 999), issuer, day(chance, 2020, 2025))


def chosen(part: str) -> Callable[[dict[str, Any], random.Random], str]:
    """A word of the list `part`."""
    return lambda words, chance: str(chance.choice(words[part]))


PLACES: dict[str, Callable[[dict[str, Any], random.Random], str]] = {
    **dict.fromkeys(("name", "a", "b", "adult", "adult2"), name),
    **{part: chosen(part) for part in ("given", "hamlet", "school")},
    **dict.fromkeys(("class", "class2", "class3"), lambda _words, chance: class_name(chance)),
    "kclass": lambda _words, chance: chance.choice(["Mầm", "Chồi", "Lá"]) + f" {chance.randint(1, 4)}",
    "initials": initials,
    "birth": lambda _words, chance: day(chance, 2009, 2020),
    "date": lambda _words, chance: day(chance, 2020, 2025),
    "phone": lambda _words, chance: phone(chance),
    "cccd": lambda _words, chance: identity(chance),
    "document": lambda _words, chance: document(chance),
    "money": lambda _words, chance: f"{chance.randint(1, 90)}.{chance.choice(['000', '500'])}.000",
    "link": lambda _words, chance: chance.choice(LINKS),
    "n": lambda _words, chance: str(chance.randint(10, 400)),
    "k": lambda _words, chance: str(chance.randint(2, 9)),
}


def written(which: str, kind: str) -> str:
    """The whole file: its part written by hand, MARK, and the made part."""
    hand = (HERE / f"{kind}-{which}.txt").read_text("utf-8").partition(MARK)[0].rstrip("\n")
    return "\n".join([hand, "", MARK, *made(which, kind), ""])


if __name__ == "__main__":
    for which in ("train", "held-out"):
        for kind in ("with", "without"):
            content = written(which, kind)
            (HERE / f"{kind}-{which}.txt").write_text(content, "utf-8", newline="\n")
