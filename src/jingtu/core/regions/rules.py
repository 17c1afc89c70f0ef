"""Pure rules of region trees: level names, how names are searched by sound, the order of positions."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

# Level keys of the national scheme (省、市、县、乡、村 of the NBS division codes) and of member units.
LEVEL_NAMES: Mapping[str, Mapping[str, str]] = {
    "nation": {"zh": "全国", "en": "nation"},
    "province": {"zh": "省级", "en": "province"},
    "city": {"zh": "市级", "en": "city"},
    "county": {"zh": "县级", "en": "county"},
    "township": {"zh": "乡级", "en": "township"},
    "village": {"zh": "村级", "en": "village"},
    "committee": {"zh": "委员会", "en": "committee"},
    "unit": {"zh": "成员单位", "en": "member unit"},
}

PINYIN_LENGTH = 255
INITIALS_LENGTH = 128

_not_letters = re.compile(r"[^0-9a-z]+")

Key = TypeVar("Key", bound=Hashable)


def search_keys(name: str) -> tuple[str, str]:
    """Full pinyin and initials of a name, both as one lower-case word: 祁阳市 → ``qiyangshi``, ``qys``.

    Words in Latin letters are kept as they are and give their first letters.
    """
    from pypinyin import lazy_pinyin  # its dictionaries take a while to load: only where names are written

    words: list[str] = []
    for syllable in lazy_pinyin(name):
        words.extend(word for word in _not_letters.split(syllable.lower()) if word)
    return "".join(words)[:PINYIN_LENGTH], "".join(word[0] for word in words)[:INITIALS_LENGTH]


def preorder(children: Mapping[Key | None, Sequence[Key]]) -> list[tuple[Key, int, int, int]]:
    """Number a tree in pre-order.

    ``children`` maps a parent (None for the root's) to its children in order. Returns
    ``(key, position, last, depth)`` in order of position; ``last`` is the position of the last
    descendant, inclusive. Does not recurse, so depth is not limited.
    """
    order: list[Key] = []
    depths: list[int] = []
    lasts: list[int] = []
    # Each entry is a node to open, or (as ~position) a subtree that ends here.
    stack: list[tuple[Key, int] | int] = [(key, 0) for key in reversed(children.get(None, ()))]
    while stack:
        entry = stack.pop()
        if isinstance(entry, int):
            lasts[entry] = len(order) - 1
            continue
        key, depth = entry
        position = len(order)
        order.append(key)
        depths.append(depth)
        lasts.append(position)
        below = children.get(key, ())
        if below:
            stack.append(position)
            stack.extend((child, depth + 1) for child in reversed(below))
    return [(key, position, lasts[position], depths[position]) for position, key in enumerate(order)]
