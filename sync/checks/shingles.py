"""Texts as sets of shingles: three words in a row, within a sentence, whatever their accents and case."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np
import numpy.typing as npt
import pandas as pd

from sync.checks.alike import Hashes, Ints, counting, distinct

LENGTH = 3
"""Words in a shingle."""

_TOKEN = re.compile(r"\d+(?:[.,/]\d+)*|[^\W_]+|[.!?;:…\n]")
_MARKS = re.compile("[\u0300-\u036f]+")
_STOP = "."
_AT_ONCE = 5000
_ODD = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Words:
    """The words of `count` texts, one after the other: `text` is the number of the text, `word` a hash of the word
    without accents and in lower case. A full stop stands behind each sentence."""

    count: int
    text: Ints
    word: Hashes

    @cached_property
    def sizes(self) -> Ints:
        """How many words each text has."""
        return np.bincount(self.text, minlength=self.count)


def read(texts: Sequence[str], figures: bool = True) -> Words:
    """The words of `texts`; without `figures` every number is the same word."""
    # Only the different words are folded: there are few of them.
    tokens = [_TOKEN.findall(unicodedata.normalize("NFC", text)) for text in texts]
    codes, known = pd.factorize(np.array([*chain.from_iterable([*each, _STOP] for each in tokens)], dtype=object))
    sizes = np.array([len(each) + 1 for each in tokens], dtype=np.int64)
    return Words(
        len(texts), np.repeat(np.arange(len(texts)), sizes), _hashed([_folded(w, figures) for w in known])[codes]
    )


def _folded(token: str, figures: bool) -> str:
    if token[0].isdigit():
        return token if figures else "0"
    plain = _MARKS.sub("", unicodedata.normalize("NFKD", token)).lower().replace("đ", "d")
    return plain if plain.isalnum() else _STOP


def _hashed(words: Sequence[str]) -> Hashes:
    return pd.util.hash_array(np.array(words, dtype=object)) if words else np.zeros(0, dtype=np.uint64)


_STOP_HASH = _hashed([_STOP])[0]


class Names:
    """Names that do not count where they stand in a text: in full, or by two or more of their last words."""

    def __init__(self, names: Iterable[str], figures: bool = True) -> None:
        said = read(list(names), figures)
        words = said.word[said.word != _STOP_HASH]
        sizes = np.bincount(said.text[said.word != _STOP_HASH], minlength=said.count)
        self._ends = {length: _unique_ends(words, sizes, length) for length in range(1, int(sizes.max(initial=0)) + 1)}

    def removed(self, words: Words) -> Words:
        """`words` without the names; where names overlap the longer one counts."""
        covered = np.zeros(len(words.word), dtype=bool)
        for length, hits in reversed(list(self._found(words))):
            backs = np.arange(length)
            free = hits[~covered[hits[:, None] - backs].any(axis=1)]
            covered[free[:, None] - backs] = True
        return Words(words.count, words.text[~covered], words.word[~covered])

    def _found(self, words: Words) -> Iterator[tuple[int, Ints]]:
        """By length, shortest first: where in `words` names end."""
        everywhere = places = np.arange(len(words.word))
        for length, ends in self._ends.items():
            here = everywhere if length == 1 else places[places >= length - 1]
            hits = here[is_in(_runs(words.word, here, length), ends)] if len(ends) else here[:0]
            yield length, hits
            if length == 2:
                # A longer part of a name ends in the same two words.
                places = hits


def is_in(values: Hashes, known: Hashes) -> npt.NDArray[np.bool_]:
    """Which of `values` are known."""
    # Not numpy's: that sorts all of them.
    return pd.Series(values).isin(known).to_numpy(dtype=bool)


def _unique_ends(words: Hashes, sizes: Ints, length: int) -> Hashes:
    """The last `length` words of the names that have so many; of one-word names only, where `length` is 1."""
    ends = np.cumsum(sizes) - 1
    return np.unique(_runs(words, ends[sizes >= length] if length > 1 else ends[sizes == 1], length))


def _runs(words: Hashes, ends: Ints, length: int) -> Hashes:
    """A hash of the `length` words that end at each of `ends`."""
    mixed = np.zeros(len(ends), dtype=np.uint64)
    for back in range(length):
        mixed = mixed * _ODD + words[ends - back]
    return mixed


def shingles(texts: Sequence[str], names: Names) -> tuple[Ints, Ints, Hashes]:
    """The shingles of each text without names, each once, ordered by text: text, code, and the hash of each code."""
    # In parts, because words take more memory than their shingles.
    parts = [_shingles(texts[at : at + _AT_ONCE], names) for at in range(0, max(1, len(texts)), _AT_ONCE)]
    owner = np.concatenate([owner + at * _AT_ONCE for at, (owner, _item) in enumerate(parts)])
    codes, known = pd.factorize(np.concatenate([item for _owner, item in parts]))
    return owner, codes.astype(np.int64), np.asarray(known)


def _shingles(texts: Sequence[str], names: Names) -> tuple[Ints, Hashes]:
    words = names.removed(read(texts, figures=False))
    stops = np.concatenate([[0], np.cumsum(words.word == _STOP_HASH)])
    ends = np.arange(LENGTH - 1, len(words.word))
    ends = ends[stops[ends + 1] == stops[ends - LENGTH + 1]]
    # Hashed once more: sums of shingles, too, shall tell the order of words.
    return distinct(words.text[ends], pd.util.hash_array(_runs(words.word, ends, LENGTH)))


def whole(words: Words) -> Hashes:
    """A hash of each text: equal for the same words in the same order."""
    order = counting(words.sizes).astype(np.uint64)
    mixed = pd.util.hash_array(words.word + order * _ODD)
    sums: Hashes = np.concatenate([[np.uint64(0)], np.cumsum(mixed, dtype=np.uint64)])
    ends = np.cumsum(words.sizes)
    result: Hashes = sums[ends] - sums[ends - words.sizes]
    return result
