"""Section 6: record pages."""
from dataclasses import dataclass, field

from .base import (ARTICLES_MAX, BLOCK_MAX, FILE_MAX, LIST_MAX, NAME_MAX,
                   NAMES_MAX, PAGE_MAX, RECORDS_MAX, SEED_MAX, Cursor, wrap)
from .frames import decode_coded

COMMITS, KEYS, NSEC, SEEDS = 1, 2, 4, 8
OWN, BEFORE, OLDER = 0, 1, 2
DATE, OUTLET, LANG, CATEGORIES, TAGS, URL = 4, 8, 16, 32, 64, 128


@dataclass
class Record:
    ref: tuple          # (page offset, slot)
    name_kind: int
    name: bytes = None  # None: it is that of the record `older`
    older: tuple = None
    place: tuple = None     # (block header's offset, slot)
    size: int = 0
    commit: int = 0
    mtime: int = 0
    nsec: int = 0
    date: int = None
    format: int = 0     # string codes
    outlet: int = None
    lang: int = None
    categories: list = field(default_factory=list)
    tags: list = field(default_factory=list)
    has_url: bool = False
    id_prefix: int = None   # None: the page has no key columns
    url_key: int = None
    seed: int = 0


@dataclass
class Page:
    offset: int
    size: int           # of the whole frame
    flags: int
    commit: int
    blocks: list
    records: list

    @property
    def has_keys(self):
        return bool(self.flags & KEYS)


def parse_page(frame):
    """the columns in their order"""
    cursor = Cursor(frame.body, frame.offset, "record page")
    cursor = Cursor(decode_coded(cursor, PAGE_MAX), frame.offset,
                    "record page")
    n = cursor.varint("count", 1, RECORDS_MAX)
    flags = cursor.u8()
    cursor.check(flags < 16, f"flags {flags:#x}")
    commit = cursor.varint("commit", 1)
    b = cursor.varint("blocks", 1, n)
    blocks, at = [], 0
    for i in range(b):
        at += cursor.varint("block offset", 1, FILE_MAX)
        cursor.check(at <= FILE_MAX, "block offset")
        blocks.append(at)

    kinds = cursor.bytes(n)
    records = [Record((frame.offset, i), kind & 3)
               for i, kind in enumerate(kinds)]

    def having(bit):
        return [r for r, kind in zip(records, kinds) if kind & bit]

    for r in records:
        which = cursor.varint("block", 0, b - 1)
        r.place = (blocks[which],)
    for r in records:
        r.place += (cursor.varint("slot", 0, ARTICLES_MAX - 1),)
    for r in records:
        r.size = cursor.varint("size", 0, BLOCK_MAX)
    parse_names(cursor, records, frame.offset)
    for r in records:
        r.commit = commit
        if flags & COMMITS:
            r.commit += cursor.varint("commit", 0)
    before = 0
    for r in records:
        r.mtime = before = wrap(before + cursor.zigzag("mtime"))
    if flags & NSEC:
        for r in records:
            r.nsec = cursor.varint("nsec", 0, 999_999_999)
    before = 0
    for r in having(DATE):
        r.date = before = wrap(before + cursor.zigzag("date"))
    for r in records:
        r.format = cursor.varint("format")
    for r in having(OUTLET):
        r.outlet = cursor.varint("outlet")
    for r in having(LANG):
        r.lang = cursor.varint("lang")
    for r in having(CATEGORIES):
        count = cursor.varint("categories", 1, LIST_MAX)
        r.categories = cursor.varints(count, "category")
    for r in having(TAGS):
        count = cursor.varint("tags", 1, LIST_MAX)
        r.tags = cursor.varints(count, "tag")
    for r in having(URL):
        r.has_url = True
    if flags & KEYS:
        for r in records:
            r.id_prefix = int.from_bytes(cursor.bytes(6), "big")
        for r in having(URL):
            r.url_key = int.from_bytes(cursor.bytes(6), "big")
    if flags & SEEDS:
        for r in records:
            r.seed = cursor.varint("seed", 0, SEED_MAX)
    cursor.end()
    return Page(frame.offset, frame.size, flags, commit, blocks, records)


def parse_names(cursor, records, page):
    """the columns shared, rest, name bytes and older"""
    own = [r for r in records if r.name_kind == OWN]
    shared = cursor.varints(len(own), "shared", 0, NAME_MAX)
    rest = cursor.varints(len(own), "rest", 0, NAME_MAX)
    cursor.check(sum(shared) + sum(rest) <= NAMES_MAX, "names too long")
    name = b""
    for r, keep, more in zip(own, shared, rest):
        cursor.check(keep <= len(name), "shares more than there is")
        name = name[:keep] + cursor.bytes(more)
        cursor.check(1 <= len(name) <= NAME_MAX and 0 not in name,
                     "bad name")
        r.name = name
    for r in records:
        if r.name_kind == OLDER:
            r.older = (cursor.varint("older page", 0, page - 1),
                       cursor.varint("older slot", 0, RECORDS_MAX - 1))
    for before, r in zip([None] + records, records):
        cursor.check(r.name_kind <= OLDER, "name of kind 3")
        if r.name_kind == BEFORE:
            cursor.check(before, "first name is that of the record before")
            r.name, r.older = before.name, before.older
