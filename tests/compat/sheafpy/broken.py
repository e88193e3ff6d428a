"""Corpora that break one rule each, behind right checksums, roots and ids.

BROKEN: kind -> (the rule, how to write one).
"""
import struct

import zstandard

from .base import BLOCK_MAX, PAGE_MAX, SEED_MAX, article_id
from .blocks import dictionary_id
from .footer import Layer
from .frames import (BLOCK, FOOTER, HISTORY, INDEX, MARKER, PAGE, REMOVED,
                     ROOT, SHEAF_MAGIC, STRINGS, TREE)
from .index import WAY_OFFSET
from .write import (compaction, edited, fill, story, trained, varint,
                    varints, zstd_frame_raw)

BROKEN = {}


def kind(name, rule):
    def keep(function):
        BROKEN["bad-" + name] = (rule, function)
        return function
    return keep


def spoil(table, name, rule, **changes):
    """a kind in which the fields of the second commit's tables of one kind
    are changed: to other bytes, or by a function of them"""
    def change(fields):
        for field, new in changes.items():
            old = fields[field] if isinstance(fields, dict) else \
                getattr(fields, field)
            new = new(old) if callable(new) else new
            if isinstance(fields, dict):
                fields[field] = new
            else:
                setattr(fields, field, new)

    def write(w):
        fill(w, 1, 10, outlet="The Post", url=b"http://example.org/")
        w.remove(b"nothing")
        w.commit(layer={})
        w.twist[table] = change
        fill(w, 11, 10, outlet="The Times", date=6)
        fill(w, 21, 2, tags=["one", "two"], categories=["three"])
        w.record(b"news/00001.txt", story(500), outlet="The Post", lang="en")
        w.remove(b"nothing else")
        w.other_frame(bytes(100_000))
        w.commit(coding=0, layer={"ids": {"p": 1}})
        del w.twist[table]
        fill(w, 30, 1)
        w.commit()
    kind(name, rule)(write)


def more(field):
    return field + b"\0"


def plus_one(field):
    return bytes([field[0] + 1]) + field[1:]


def swap(size):
    """the first two values of that many bytes change places"""
    return lambda field: (field[size:2 * size] + field[:size]
                          + field[2 * size:])


# section 1
spoil(BLOCK, "varint-not-minimal", "S-1",
      first=lambda f: bytes([f[0] | 128, 0]))
spoil(BLOCK, "varint-too-long", "S-1", first=b"\x80" * 10 + b"\1")
spoil(BLOCK, "varint-too-large", "S-1", first=b"\xff" * 9 + b"\2")

# section 5
spoil(BLOCK, "block-flags", "S-36", flags=b"\x08")
spoil(BLOCK, "block-commit", "S-3", commit=varint(1))
spoil(BLOCK, "block-commit-0", "S-36", commit=varint(0))
spoil(BLOCK, "block-first", "S-3", first=varint(7))
spoil(BLOCK, "block-packed", "S-36", packed=varint(1 << 40))
spoil(BLOCK, "block-packed-short", "S-36",
      packed=lambda f: bytes([f[0] - 1]) + f[1:])
spoil(BLOCK, "block-plain", "S-36", plain=varint(BLOCK_MAX + 1))
spoil(BLOCK, "block-lengths", "S-13",
      lengths=lambda f: bytes([f[0] ^ 1]) + f[1:])
spoil(BLOCK, "block-count", "S-36", count=plus_one)
spoil(BLOCK, "block-more", "S-36", lengths=more)
spoil(BLOCK, "block-parent-self", "S-36", flags=b"\2", parent=varint(0))
spoil(BLOCK, "block-parent-far", "S-36", flags=b"\2", parent=varint(1 << 50))
spoil(BLOCK, "block-parent-nowhere", "S-36", flags=b"\2", parent=varint(1))
spoil(BLOCK, "dictionary-with-parent", "S-14", flags=b"\3", lead=varint(0),
      parent=varint(1))
spoil(BLOCK, "seed", "S-36", flags=b"\4",
      seeds=varints(*[SEED_MAX + 1] * 8))

# section 6
spoil(PAGE, "page-count", "S-36", count=varint(4097))
spoil(PAGE, "page-count-0", "S-36", count=varint(0))
spoil(PAGE, "page-flags", "S-36", flags=b"\x12")
spoil(PAGE, "page-commit", "S-17", commit=varint(3))
spoil(PAGE, "page-blocks", "S-36", b=varint(200))
spoil(PAGE, "page-block-offset", "S-36", offsets=plus_one)
spoil(PAGE, "page-name-kind", "S-36", kinds=lambda f: b"\3" + f[1:])
spoil(PAGE, "page-first-name", "S-36", kinds=lambda f: b"\1" + f[1:],
      older=b"", shared=lambda f: f[:1] + f[1:])
spoil(PAGE, "page-block", "S-36", block=lambda f: b"\x7f" + f[1:])
spoil(PAGE, "page-slot", "S-36", slot=lambda f: b"\x7f" + f[1:])
spoil(PAGE, "page-size", "S-19", size=lambda f: bytes([f[0] ^ 1]) + f[1:])
spoil(PAGE, "page-shared", "S-36", shared=lambda f: b"\1" + f[1:])
spoil(PAGE, "page-nul", "S-36", names=lambda f: b"\0" + f[1:])
spoil(PAGE, "page-empty-name", "S-36", rest=lambda f: b"\0" + f[1:],
      names=lambda f: f[14:])
spoil(PAGE, "page-older-forward", "S-36", older=varints(1 << 30, 0))
spoil(PAGE, "page-older-slot", "S-36",
      older=lambda f: f[:-1] + b"\x7f")
spoil(PAGE, "page-order", "S-17",
      names=lambda f: f.replace(b"00011", b"00099"))
spoil(PAGE, "page-format", "S-20", format=lambda f: b"\x7f" + f[1:])
spoil(PAGE, "page-lists", "S-36", tags=b"\0" + b"\0")
spoil(PAGE, "page-prefix", "S-19",
      prefixes=lambda f: bytes([f[0] ^ 1]) + f[1:])
spoil(PAGE, "page-more", "S-36", prefixes=more)
spoil(PAGE, "page-short", "S-36", prefixes=lambda f: f[:-1])
spoil(PAGE, "page-seeds", "S-16", flags=lambda f: bytes([f[0] | 8]),
      seeds=varints(*[1] * 13))

# section 7
spoil(STRINGS, "strings-first", "S-20", first=plus_one)
spoil(STRINGS, "strings-count", "S-36", count=plus_one)
spoil(STRINGS, "strings-count-0", "S-36", count=b"\0", strings=b"")
spoil(STRINGS, "strings-more", "S-36", strings=more)
spoil(STRINGS, "strings-empty", "S-36", strings=lambda f: b"\0" + f)
spoil(STRINGS, "strings-previous", "S-36", first=b"\1",
      previous=varint(1 << 40))

# section 8
spoil(INDEX, "index-index", "S-36", index=b"\3")
spoil(INDEX, "index-other", "S-36", index=lambda f: bytes([f[0] ^ 1]))
spoil(INDEX, "index-page-bits", "S-36", p=b"\x19")
spoil(INDEX, "index-page", "S-36", page=lambda f: b"\1" if f == b"\0"
      else b"\0")
spoil(INDEX, "index-bucket-bits", "S-36", b=b"\x19")
spoil(INDEX, "index-fingerprint-bits", "S-36", f=b"\0")
spoil(INDEX, "index-offset-bits", "S-36", o=b"\x31")
spoil(INDEX, "index-slot-bits", "S-36", s=b"\x11")
spoil(INDEX, "index-way", "S-36", way=b"\3")
spoil(INDEX, "index-way-no-root", "S-36",
      way=lambda f: b"\2" if f == b"\1" else f)
spoil(INDEX, "index-base", "S-21", base=lambda f: plus_one(f)
      if f != b"\0" else f)
spoil(INDEX, "index-number-base", "S-36", base=lambda f: b"\1"
      if f == b"\0" else f)
spoil(INDEX, "index-table-count", "S-36",
      offsets=lambda f: f and varint(1 << 21) + f[1:])
spoil(INDEX, "index-table-more", "S-24", offsets=lambda f: f and f + b"\1")
spoil(INDEX, "index-table-none", "S-36", offsets=lambda f: f and b"\0")
spoil(INDEX, "index-table-base", "S-21",
      offsets=lambda f: f and f[:1] + plus_one(f[1:]))
spoil(INDEX, "index-count", "S-36", count=varint(1 << 21))
spoil(INDEX, "index-end-bits", "S-36", e=b"\0")
spoil(INDEX, "index-ends", "S-24", ends=lambda f: b"\xff" * len(f))
spoil(INDEX, "index-fingerprint", "S-21",
      fingerprints=lambda f: bytes([f[0] ^ 1]) + f[1:])
spoil(INDEX, "index-more", "S-36", values=more)
spoil(INDEX, "index-short", "S-36", values=lambda f: f[:-1])
spoil(ROOT, "root-first", "S-36", first=varint(1 << 43))
spoil(ROOT, "root-page-bits", "S-36", p=b"\x19")
spoil(ROOT, "root-sizes", "S-36", sizes=plus_one)
spoil(ROOT, "root-size-large", "S-36", sizes=varints(100, (1 << 24) + 1))
spoil(ROOT, "root-more", "S-36", offsets=more)
spoil(ROOT, "root-table-count", "S-36", offsets=varint(1 << 21))

# sections 9 and 10
spoil(REMOVED, "removed-order", "S-25", ids=swap(17))
spoil(REMOVED, "removed-count", "S-36", count=varint(1 << 25))
spoil(REMOVED, "removed-commit", "S-25", ids=lambda f: f[:-1] + b"\x09")
spoil(REMOVED, "removed-more", "S-36", ids=more)
spoil(TREE, "tree-start", "S-27", start=b"\0")
spoil(TREE, "tree-count", "S-36", count=plus_one)
spoil(TREE, "tree-leaf", "S-27", leaves=lambda f: bytes([f[0] ^ 1]) + f[1:])

# section 11
spoil(FOOTER, "root", "S-27", root=bytes(32))
spoil(FOOTER, "fingerprint", "S-30", fingerprint=bytes(16))
spoil(FOOTER, "reserved", "S-36", reserved=1)
spoil(FOOTER, "previous", "S-36", previous=lambda n: n + 1)
spoil(FOOTER, "previous-forward", "S-36", previous=1 << 40)
spoil(FOOTER, "number", "S-28", number=7)
spoil(FOOTER, "start", "S-2", start=lambda n: n + 1)
spoil(FOOTER, "live", "S-30", live=lambda n: n - 1)
for field in ("records", "articles", "article_bytes", "new_records",
              "new_articles", "new_bytes", "blocks"):
    spoil(FOOTER, field.replace("_", "-"), "S-36",
          **{field: lambda n: n + 1})
spoil(FOOTER, "new-more-than-all", "S-36", new_records=1000)
spoil(FOOTER, "pages", "S-3", pages=lambda n: n + 1)
spoil(FOOTER, "page-bytes", "S-3", page_bytes=lambda n: n - 1)
spoil(FOOTER, "no-pages", "S-3", pages=0, page_bytes=0)
spoil(FOOTER, "strings", "S-36", strings=lambda n: n + 1)
spoil(FOOTER, "string-count", "S-20", string_count=lambda n: n + 1)
spoil(FOOTER, "dictionary", "S-36", dictionary=lambda n: 500)
spoil(FOOTER, "removed-none", "S-36", removed=0)
spoil(FOOTER, "erased-without-flag", "S-36", erased=500)
spoil(FOOTER, "message", "S-36", message=b"x" * 4097)
spoil(FOOTER, "too-long", "S-36", message=b"x" * 20_000)
spoil(FOOTER, "layer-order", "S-22", layers=lambda x: [
    x[0]._replace(last=x[1].last), x[1]._replace(last=x[0].last)])
spoil(FOOTER, "layer-last", "S-22", layers=lambda x: x[:-1] + [
    x[-1]._replace(last=3)])
spoil(FOOTER, "layer-entries", "S-21", layers=lambda x: x[:-1] + [
    x[-1]._replace(entries=(1, *x[-1].entries[1:]))])
spoil(FOOTER, "layer-count", "S-36", layers=lambda x: x + [
    Layer(100 + i, (0, 0, 0), (0, 0, 0)) for i in range(8)])
spoil(FOOTER, "layer-swapped", "S-36", layers=lambda x: x[:-1] + [
    x[-1]._replace(offsets=(x[-1].offsets[1], x[-1].offsets[0], 0))])


@kind("id", "S-29")
def bad_id(w):
    fill(w, 1, 3)
    w.twist["id"] = bytes(range(32))
    w.commit()


def newest(name, rule, **changes):
    """the same in the newest footer: it cannot be opened at all"""
    @kind(name, rule)
    def write(w):
        fill(w, 1, 3)
        w.commit()
        fill(w, 4, 3)
        w.twist[FOOTER] = lambda footer: [
            setattr(footer, field, new) for field, new in changes.items()]
        w.commit()


newest("version", "S-32", version=2)
newest("incompatible", "S-32", incompatible=1 << 3)
newest("number-0", "S-36", number=0)
newest("first-of-many", "S-36", previous=0)


@kind("jump", "S-28")
def bad_jump(w):
    for k in range(9):
        if k == 5:      # commit 6 jumps to 3
            w.twist[FOOTER] = lambda footer: setattr(
                footer, "jump", w.footers[0].offset)
        w.record(b"%d" % k, story(k))
        w.commit()
        w.twist.clear()


# section 9a
def past(table, name, rule, newest=False, **changes):
    """the same in a compaction's first footer, or in the next one"""
    def change(fields):
        for field, new in changes.items():
            if isinstance(fields, dict):
                fields[field] = new(fields[field]) if callable(new) else new
            else:
                old = getattr(fields, field)
                setattr(fields, field, new(old) if callable(new) else new)

    @kind("history-" + name, rule)
    def write(w):
        parent = compaction(w)
        if not newest:
            w.twist[table] = change
        w.commit(parent=parent, coding=0, keys=False, layer={})
        w.twist.clear()
        for i in range(2):
            if newest and i == 0:
                w.twist[table] = change
            fill(w, 100 + i, 1)
            w.commit()
            w.twist.clear()


past(HISTORY, "count", "S-36", count=plus_one)
past(HISTORY, "count-0", "S-36", count=b"\0", ids=b"", numbers=b"",
     messages=b"")
past(HISTORY, "count-huge", "S-36", count=varint(1 << 60))
past(HISTORY, "fewer", "S-37", count=b"\2", ids=lambda f: f[:96],
     numbers=lambda f: f[:len(f) // 3 * 2], messages=lambda f: f[:18])
past(HISTORY, "more-bytes", "S-36", messages=more)
past(HISTORY, "short", "S-36", messages=lambda f: f[:-1])
past(HISTORY, "message", "S-36",
     numbers=lambda f: f[:-1] + varint(4097), messages=bytes(4200))
past(FOOTER, "nowhere", "S-38", history=lambda n: n + 1)
past(FOOTER, "none", "S-36", history=0)
past(FOOTER, "forward", "S-36", history=1 << 40)
past(FOOTER, "first-number", "S-28", number=5)
past(FOOTER, "first-jump", "S-28", jump=500)
past(FOOTER, "other", "S-38", True, history=lambda n: n - 1)
past(FOOTER, "flag-lost", "S-38", True, incompatible=0, history=0)


@kind("history-late-record", "S-37")
def bad_late(w):
    parent = compaction(w)
    fill(w, 200, 1)
    w.commit(parent=parent, keys=False, layer={})
    fill(w, 100, 1)
    w.commit()


@kind("history-new-articles", "S-37")
def bad_past_numbers(w):
    parent = compaction(w)
    w.past[1] = w.past[1]._replace(new_articles=w.past[1].articles + 1)
    w.commit(parent=parent, keys=False, layer={})


@kind("history-of-commit-1", "S-37")
def bad_history_of_1(w):
    w.past = []
    w.history = w.history_table(0)
    fill(w, 1, 3)
    w.commit()


@kind("early-record", "S-17")
def bad_early(w):
    fill(w, 1, 3)
    w.commit()
    fill(w, 11, 3, commit=1)
    w.commit()


@kind("gap", "S-2")
def bad_gap(w):
    fill(w, 1, 3)
    w.commit()
    w.out += b"no frame"
    fill(w, 4, 3)
    w.commit()


@kind("stray-zstd", "S-2")
def bad_stray(w):
    w.out += zstd_frame_raw(b"a frame without a header")
    fill(w, 1, 3)
    w.commit()


@kind("no-marker", "S-36")
def bad_marker(w):
    """a skippable frame with our magic number that is no sheaf frame"""
    fill(w, 1, 3)
    w.other_frame(b"x" * 100, 0x184D2A5A)
    w.commit()


@kind("cut-skippable", "S-2")
def bad_skippable(w):
    fill(w, 1, 3)
    w.commit()
    w.out += struct.pack("<II", 0x184D2A50, 1 << 30)
    w.commit()


@kind("order", "S-3")
def bad_order(w):
    """an index page before the record pages"""
    fill(w, 1, 3)
    pages = w.pages

    def behind(*args):
        w.index_page(0, [], 0, 0, 0, 48, WAY_OFFSET, None)
        return pages(*args)
    w.pages = behind
    w.commit()


@kind("pages-apart", "S-3")
def bad_pages(w):
    """another frame between record pages"""
    seal = w.seal
    fill(w, 1, 30)

    def apart(table, *bodies):
        at = seal(table, *bodies)
        if table == PAGE:
            w.other_frame(b"between")
        return at
    w.seal = apart
    w.commit(page_records=10)


def spoiled_block(name, rule, frame_of):
    """the first block's zstd frame is another one"""
    @kind(name, rule)
    def write(w):
        from . import write as module
        real = module.zstd_frame
        module.zstd_frame = lambda content, *_: frame_of(content)
        try:
            w.block([story(1), story(2)])
        finally:
            module.zstd_frame = real
        fill(w, 1, 5)
        w.commit()


spoiled_block("no-checksum", "S-5", lambda content: zstandard.ZstdCompressor(
    write_checksum=False).compress(content))
spoiled_block("content-checksum", "S-36", lambda content: zstd_frame_raw(
    content)[:-1] + b"?")
spoiled_block("other-content", "S-36", lambda content: zstd_frame_raw(
    content + b"more"))
spoiled_block("two-frames", "S-36", lambda content: zstd_frame_raw(content) +
              zstd_frame_raw(b""))
spoiled_block("not-zstd", "S-36", lambda content: content)
spoiled_block("dictionary-nobody-has", "S-36",
              lambda content: zstd_frame_raw(content, 77_777))


def streamed(content):
    """a frame that is not single-segment"""
    out = zstandard.ZstdCompressor(write_checksum=True).compressobj()
    return out.compress(content) + out.flush()


spoiled_block("streamed", "S-5", streamed)


@kind("description", "S-7")
def bad_description(w):
    w.__init__("sheaf corpus, format version 7\n" + "." * 300)
    fill(w, 1, 3)
    w.commit()


@kind("description-damaged", "S-2")
def bad_description_frame(w):
    """a reader has no need of it [S-8]"""
    w.out[:10] = b"?" * 10
    fill(w, 1, 3)
    w.commit()


@kind("sync", "S-11")
def bad_sync(w):
    w.has_sync = lambda *_: False
    evil = SHEAF_MAGIC + b"abcd" + MARKER
    w.block([evil], raw=True)
    w.record(b"evil", evil)
    w.commit()


def coded(name, rule, payload):
    @kind(name, rule)
    def write(w):
        fill(w, 1, 3)
        w.commit()
        w.coded = lambda plain, coding: [payload(plain)]
        fill(w, 4, 3)
        w.commit()


coded("plain-size", "S-12", lambda plain: b"\1" + varint(PAGE_MAX + 1) +
      zstd_frame_raw(plain))
coded("plain-size-other", "S-36", lambda plain: b"\1" +
      varint(len(plain) + 1) + zstd_frame_raw(plain))
coded("raw-size-other", "S-36", lambda plain: b"\0" +
      varint(len(plain) + 1) + plain)
coded("coding", "S-36", lambda plain: b"\2" + varint(len(plain)) + plain)
coded("behind-payload", "S-36", lambda plain: b"\1" + varint(len(plain)) +
      zstd_frame_raw(plain) + b"\0")


@kind("revision-of-revision", "S-14")
def bad_revision(w):
    one = w.block([story(1)])
    two = w.block([edited(story(1), 1)], parent=one)
    w.block([edited(story(1), 2)], parent=two)
    for i, article in enumerate((story(1), edited(story(1), 1),
                                 edited(story(1), 2))):
        w.record(b"%d" % i, article)
    w.commit()


@kind("dictionary-id", "S-15")
def bad_dictionary_id(w):
    from . import write as module
    module.dictionary_id = lambda content: 40_000
    try:
        at = w.block(lead=trained([story(i) for i in range(300)], 4096))
        fill(w, 1, 10)
        w.commit(parent=at)
    finally:
        module.dictionary_id = dictionary_id
    fill(w, 20, 1)
    w.commit()


@kind("needless-seed", "S-16")
def bad_needless_seed(w):
    w.free_seed = lambda article: (article_id(article, 1), 1)
    fill(w, 1, 3)
    w.commit()


@kind("article-twice", "S-16")
def bad_twice(w):
    w.block([story(1)])
    w.articles.clear()
    fill(w, 1, 3)
    w.twist[FOOTER] = lambda footer: (
        setattr(footer, "articles", footer.new_articles),
        setattr(footer, "article_bytes", footer.new_bytes))
    w.commit()


@kind("name-twice", "S-18")
def bad_name_twice(w):
    w.record(b"x", story(1))
    w.commit()
    w.names.clear()
    w.record(b"x", story(2))
    w.commit()


@kind("name-chain", "S-18")
def bad_name_chain(w):
    """an older name's record that has its name from one older still"""
    w.record(b"x", story(1))
    w.commit()
    w.record(b"x", story(2))
    w.record(b"x", story(3))
    w.commit()
    # of these two the first has name kind 2, so the second spells nothing
    w.names[b"x"] = w.entries[2][1][1][1]
    w.record(b"x", story(4))
    w.commit()


@kind("names-too-long", "S-36")
def bad_names(w):
    """a small page whose names are many megabytes"""
    article = story(1)
    for i in range(257):
        w.record(b"n" * 65_532 + b"%03x" % i, article)
    w.commit(page_records=4096)


@kind("unmerged-strings", "S-20")
def bad_unmerged(w):
    for k in range(3):
        w.record(b"%d" % k, story(k), outlet=f"outlet {k}")
        pages, w.string_pages = w.string_pages, Unmerged(w.string_pages)
        w.commit()
        w.string_pages = list(w.string_pages)


class Unmerged(list):
    """pages that look too long to be merged, to those who look at one"""
    class Long(list):
        def __len__(self):
            return 1 << 30

    def __getitem__(self, i):
        offset, first, strings = super().__getitem__(i)
        return offset, first, self.Long(strings)


@kind("missing-entry", "S-21")
def bad_missing_entry(w):
    fill(w, 1, 10)
    w.place_articles(4096, None)
    w.entries[1][0].pop()
    w.commit(layer={})


@kind("entry-for-nothing", "S-21")
def bad_entry(w):
    fill(w, 1, 10)
    w.place_articles(4096, None)
    w.entries[1][0][3] = (7, (100, 3))
    w.commit(layer={})


@kind("article-without-record", "S-21")
def bad_hidden(w):
    """in the tail, where only records tell of articles"""
    w.block([story(99)])
    fill(w, 1, 3)
    w.commit()


@kind("name-bits", "S-36")
def bad_name_bits(w):
    fill(w, 1, 3)
    w.commit(layer={"names": {"f": 20}})


@kind("tail-without-keys", "S-22")
def bad_tail_keys(w):
    fill(w, 1, 3)
    w.commit(keys=False)


@kind("long-tail", "S-23")
def bad_long_tail(w):
    for k in range(257):
        w.commit()


@kind("bucket-order", "S-24")
def bad_bucket_order(w):
    def backwards(fields):
        for name in ("fingerprints", "values"):
            fields[name] = swap(len(fields[name]) // 2)(fields[name])
    w.twist[INDEX] = backwards
    articles = [story(1), story(2)]
    w.block(articles, raw=True)
    for article in articles:
        w.record(story(1)[:7] if article == articles[0] else b"x", article)
    w.commit(layer={"ids": {"b": 0}, "names": {"b": 0}})


@kind("padding", "S-24")
def bad_padding(w):
    def fill_up(fields):
        fields["ends"] = fields["ends"][:-1] + b"\xff"
    w.twist[INDEX] = fill_up
    fill(w, 1, 1)
    w.commit(layer={"ids": {"b": 0}, "names": {"b": 0}})


@kind("removed-packed", "S-12")
def bad_packed(w):
    """a payload that is larger than what it is in"""
    fill(w, 1, 3)
    for i in range(1000):
        w.remove_id(i.to_bytes(16, "big"))
    w.removed_coding = 1
    w.commit()
