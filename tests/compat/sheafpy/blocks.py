"""Section 5: blocks."""
from dataclasses import dataclass
from functools import cached_property

import xxhash

from .base import (ARTICLES_MAX, BLOCK_MAX, PACKED_MAX, SEED_MAX, Cursor)
from .frames import DICTIONARY_MAGIC

IS_DICTIONARY, HAS_PARENT, HAS_SEEDS = 1, 2, 4


@dataclass
class BlockHeader:
    offset: int         # of the header's frame
    frame: int          # offset of the zstd frame behind it
    flags: int
    commit: int
    first: int
    packed: int
    plain: int
    lead: int
    parent: int         # offset of the parent's header; None
    lengths: list
    seeds: list

    @property
    def is_dictionary(self):
        return bool(self.flags & IS_DICTIONARY)

    @property
    def end(self):
        return self.frame + self.packed

    @cached_property
    def starts(self):
        """where each article begins in the content"""
        starts, at = [], self.lead
        for length in self.lengths:
            starts.append(at)
            at += length
        return starts


def parse_block_header(frame):
    cursor = Cursor(frame.body, frame.offset, "block header")
    flags = cursor.u8()
    cursor.check(flags < 8, f"flags {flags:#x}")
    commit = cursor.varint("commit", 1)
    first = cursor.varint("first")
    packed = cursor.varint("packed", 1, PACKED_MAX)
    plain = cursor.varint("plain", 0, BLOCK_MAX)
    lead = cursor.varint("lead", 0, plain) if flags & IS_DICTIONARY else 0
    parent = None
    if flags & HAS_PARENT:
        cursor.check(not flags & IS_DICTIONARY,
                     "a dictionary with a parent", "S-14")
        parent = frame.offset - cursor.varint("parent", 1, frame.offset)
    count = cursor.varint("count", 0, ARTICLES_MAX)
    cursor.check(count > 0 or flags & IS_DICTIONARY,
                 "without articles, but no dictionary")
    lengths = cursor.varints(count, "length", 0, BLOCK_MAX)
    seeds = cursor.varints(count, "seed", 0, SEED_MAX) \
        if flags & HAS_SEEDS else [0] * count
    cursor.end()
    cursor.check(lead + sum(lengths) == plain, "lengths", "S-13")
    return BlockHeader(frame.offset, frame.end, flags, commit, first, packed,
                       plain, lead, parent, lengths, seeds)


def dictionary_id(content):
    """the id that a dictionary with this content must have; 0: none [S-15]
    """
    if content[:4] != DICTIONARY_MAGIC or len(content) < 8:
        return 0
    zeroed = content[:4] + bytes(4) + content[8:]
    return 32_768 + xxhash.xxh3_64_intdigest(zeroed) % ((1 << 31) - 32_768)
