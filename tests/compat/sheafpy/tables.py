"""Sections 7, 9, 9a and 10: strings, removed ids, erased ranges, history,
trees."""
import hashlib
from typing import NamedTuple

from .base import (FIELD_MAX, FILE_MAX, HISTORY_MAX, MESSAGE_MAX,
                   REMOVED_BYTES_MAX, REMOVED_MAX,
                   STRINGS_MAX, STRINGS_TOTAL, Cursor, wrap)
from .frames import decode_coded

LEAF = 65_536


class Strings(NamedTuple):
    offset: int
    previous: int
    first: int
    strings: list

    @property
    def end(self):
        return self.first + len(self.strings)


def parse_strings(frame):
    cursor = Cursor(frame.body, frame.offset, "strings page")
    cursor = Cursor(decode_coded(cursor, STRINGS_MAX), frame.offset,
                    "strings page")
    previous = cursor.varint("previous")
    first = cursor.varint("first", 0, STRINGS_TOTAL)
    count = cursor.varint("count", 1, STRINGS_TOTAL - first)
    strings = []
    for _ in range(count):
        strings.append(cursor.bytes(cursor.varint("length", 1, FIELD_MAX)))
    cursor.end()
    cursor.check((first == 0) == (previous == 0), "previous", "S-20")
    cursor.check(previous < frame.offset, "previous points forward")
    return Strings(frame.offset, previous, first, strings)


def parse_removed(frame):
    """{id: commit}"""
    cursor = Cursor(frame.body, frame.offset, "removed ids")
    limit = min(len(frame.body), REMOVED_BYTES_MAX)
    cursor = Cursor(decode_coded(cursor, limit), frame.offset, "removed ids")
    removed, before = {}, b""
    for _ in range(cursor.varint("count", 0, REMOVED_MAX)):
        ident = cursor.bytes(16)
        cursor.check(ident > before, "ids do not ascend", "S-25")
        removed[ident] = cursor.varint("commit", 1)
        before = ident
    cursor.end()
    return removed


class Erased(NamedTuple):
    offset: int
    length: int
    leaves: list


def parse_erased(frame):
    cursor = Cursor(frame.body, frame.offset, "erased ranges")
    ranges, at = [], 0
    for _ in range(cursor.varint("count")):
        offset = cursor.varint("offset", at, frame.offset)
        length = cursor.varint("length", 1, frame.offset - offset)
        count = cursor.varint("leaves", 1, FILE_MAX // LEAF)
        at = offset + length
        ranges.append(Erased(offset, length,
                             [cursor.bytes(32) for _ in range(count)]))
    cursor.end()
    return ranges


class PastCommit(NamedTuple):
    """what its footer said, before a compaction"""
    number: int
    id: bytes
    fingerprint: bytes
    time: int
    live: int
    articles: int
    article_bytes: int
    new_records: int
    new_articles: int
    new_bytes: int
    message: bytes


def parse_history(frame):
    """commits 1 .. k, in that order"""
    cursor = Cursor(frame.body, frame.offset, "history")
    cursor = Cursor(decode_coded(cursor, HISTORY_MAX), frame.offset,
                    "history")
    count = cursor.varint("count", 1, HISTORY_MAX)
    cursor.check(count <= cursor.left() // 56, "ends early")
    ids = [(cursor.bytes(32), cursor.bytes(16)) for _ in range(count)]
    numbers = [(wrap(cursor.zigzag("time")), *cursor.varints(6, "number"),
                cursor.varint("message", 0, MESSAGE_MAX))
               for _ in range(count)]
    commits = [PastCommit(k, *pair, *values[:-1], cursor.bytes(values[-1]))
               for k, (pair, values) in enumerate(zip(ids, numbers), 1)]
    cursor.end()
    return commits


class Tree(NamedTuple):
    start: int
    leaves: list


def parse_tree(frame):
    cursor = Cursor(frame.body, frame.offset, "tree")
    start = cursor.varint("start", 0, frame.offset)
    count = cursor.varint("count", 0, FILE_MAX // LEAF)
    leaves = [cursor.bytes(32) for _ in range(count)]
    cursor.end()
    return Tree(start, leaves)


def leaf_hashes(data, start, end):
    return [hashlib.sha256(b"\0" + data[at:min(at + LEAF, end)]).digest()
            for at in range(start, end, LEAF)]


def tree_root(leaves):
    """RFC 6962, section 2.1 [S-27]"""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + tree_root(leaves[:half])
                          + tree_root(leaves[half:])).digest()
