#!/usr/bin/env python3
"""Writes small corpora that use every feature of the format.

    make_corpus.py OUT --kind KIND
    make_corpus.py --list

Kinds beginning with "bad-" break one rule each, behind right checksums,
roots and commit ids; all others are valid.  The same kind gives the same
bytes with the same zstd.
"""
import argparse
import os
import random
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, os.pardir, "data"))

import collide                                              # noqa: E402
from sheafpy.base import article_id                         # noqa: E402
from sheafpy.broken import BROKEN                           # noqa: E402
from sheafpy.frames import (DICTIONARY_MAGIC, MARKER,       # noqa: E402
                            SHEAF_MAGIC)
from sheafpy.write import (Writer, compaction, edited, fill,     # noqa: E402
                           story, trained)

PATTERN = SHEAF_MAGIC + b"abcd" + MARKER
# different articles and names with the same 48 bits of key, found by search
PREFIX_PAIRS = [(b"article 3335648\n", b"article 4769042\n"),
                (b"article 23161972\n", b"article 33287807\n")]
NAME_PAIRS = [(b"name-15008059.txt", b"name-28134719.txt"),
              (b"name-22395212.txt", b"name-23464180.txt")]


# --- what a writer may do

def plain(w):
    """three commits: copies, versions, an empty article, no index"""
    fill(w, 1, 20)
    w.record(b"empty", b"")
    w.record(b"copy of 3", story(3), mtime=5)
    w.commit(message="first")
    w.record(b"news/00003.txt", edited(story(3), 1), mtime=2)
    w.record(b"empty too", b"")
    w.commit(1_700_000_100, "second", coding=0)
    w.record(b"news/00003.txt", story(3), mtime=3)
    w.record(b"news/00003.txt", edited(story(3), 2), mtime=4)
    w.commit(-5, "before 1970, \u65b0\u805e")


def names(w):
    """odd names, and names that share beginnings, in many small pages"""
    odd = [b"\n", b" ", b"a\nb\tc", b"caf\xc3\xa9", b"caf\xe9", b"\xff\xfe",
           b"-rf", b"x" * 255 + b"/" + b"y" * 200, b"deep/" * 100 + b"end",
           b"'quoted\" \\back", b"\x01\x7f", "\u202ertl".encode(),
           b"long/" + b"n" * 65_530, b"aa", b"aab", b"aac", b"ab", b"a",
           PATTERN, PATTERN * 3]
    for i, name in enumerate(odd):
        w.record(name, story(i), mtime=i)
    w.commit(page_records=3)
    for i, name in enumerate(odd[::2]):
        w.record(name, story(100 + i), mtime=1000 + i)
    w.commit(page_records=2, coding=0)


def unsafe(w):
    """names that nobody may extract to"""
    for i, name in enumerate([b"../up", b"/abs", b"a/../../up", b"./dot",
                              b"a//b", b"dir/", b"..", b".", b"fine"]):
        w.record(name, story(i))
    w.commit()


def fields(w):
    """every column at its bounds"""
    w.record(b"1 none", story(1), mtime=-(1 << 63), nsec=999_999_999)
    w.record(b"2 some", story(2), mtime=(1 << 63) - 1, date=-(1 << 63),
             outlet="The Post", lang="en")
    w.record(b"3 many", story(3), mtime=-1, nsec=1, date=(1 << 63) - 1,
             lang="zh-Hant", tags=[f"tag {i}" for i in range(256)],
             categories=[f"c{i}" for i in range(256)], format="hugo")
    w.record(b"4 odd", story(4), date=0, outlet=b"\xff\xfe", lang="\u4e2d",
             categories=[b"a\nb"], tags=["x" * 65_535], format="unheard of")
    w.record(b"5 twice", story(5), tags=["same", "same"], date=1)
    w.commit(message=b"\xff not UTF-8")


def urls(w):
    """urls, in the tail and in a layer"""
    def post(i, more=""):
        return (f"---\ntitle: Post {i}\nurl: https://example.org/{i}/\n---\n"
                f"Text {i}{more}\n").encode()

    for i in range(30):
        w.record(b"posts/%02d.md" % i, post(i), format="hugo",
                 url=b"https://example.org/%d/" % i)
    w.commit(layer={})
    for i in range(5):
        w.record(b"posts/%02d.md" % i, post(i, " again"), format="hugo",
                 url=b"https://example.org/%d/" % i)
    w.record(b"copy.md", post(7), format="hugo",
             url=b"https://example.org/7/")
    w.commit()


def dictionaries(w):
    """raw and trained ones, with and without articles, revisions"""
    samples = [story(i) for i in range(300)]
    raw = w.block(lead=b"".join(samples[:8]))
    fill(w, 1, 30)
    w.commit(message="raw content", parent=raw)
    full = w.block(lead=trained(samples, 8192))
    fill(w, 31, 30)
    w.commit(message="trained", parent=full)
    mine = [story(i) for i in range(61, 70)]
    holds = w.block(mine, lead=b"")
    tail = [story(i) for i in range(70, 75)]
    both = w.block(tail, lead=trained(samples, 4096))
    w.block([story(75)], parent=both)
    w.block([story(76)])
    fill(w, 61, 30)
    w.commit(message="dictionaries that hold articles", parent=holds,
             layer={})
    base = w.block([story(91), story(92)], parent=full)
    w.block([edited(story(91), 1)], parent=base)
    alone = w.block([story(93)])
    w.block([edited(story(93), 1), edited(story(93), 2)], parent=alone)
    for i in (91, 92, 93):
        w.record(b"news/%05d.txt" % i, story(i))
    w.record(b"news/00091.txt", edited(story(91), 1), mtime=2)
    w.record(b"news/00093.txt", edited(story(93), 1), mtime=2)
    w.record(b"news/00093.txt", edited(story(93), 2), mtime=3)
    w.commit(message="revisions")


def magic_prefix(w):
    """a revision whose parent only looks like a zstd dictionary"""
    fake = DICTIONARY_MAGIC + b"\x01\0\0\0" + story(1)
    base = w.block([fake, story(2)])
    w.block([fake + b"more"], parent=base)
    w.record(b"fake", fake)
    w.record(b"more", fake + b"more")
    w.record(b"two", story(2))
    w.commit()


def layers(w):
    """single pages, roots with pages, pages of one bucket, and a tail"""
    fill(w, 1, 60)
    w.commit(layer={}, keys=False)
    fill(w, 61, 200)
    w.commit(layer={"ids": {"p": 3, "b": 3}, "names": {"p": 2, "b": 4}})
    fill(w, 5, 10)                          # articles known, names too
    fill(w, 300, 5)
    w.commit(layer={"names": {"b": 0, "way": 0},
                    "ids": {"b": 0, "way": 1}}, keys=False)
    w.commit(message="empty, in the tail")
    fill(w, 400, 20)
    w.record(b"news/00001.txt", edited(story(1), 9))
    w.commit()
    w.commit(layer={"ids": {"p": 1, "b": 1, "way": 2},
                    "names": {"p": 1, "way": 1}}, keep=2, message="merges")
    fill(w, 500, 3)
    w.commit()
    w.commit(keep=3)


def pairs(w):
    """keys of 48 bits that are equal, in a layer and in the tail"""
    for i, pair in enumerate(PREFIX_PAIRS):
        for j, article in enumerate(pair):
            w.record(NAME_PAIRS[i][j], article)
        w.commit(layer={} if i == 0 else None)


def seeds(w):
    """colliding ids"""
    four = collide.family()
    w.record(b"a", four[0])
    w.record(b"b", four[1])
    fill(w, 1, 3)
    w.commit(layer={})
    w.record(b"c", four[2])
    w.record(b"d", four[3])
    w.record(b"b too", four[1])
    w.commit()


def removed(w):
    """removed ids, and what was added before and after"""
    fill(w, 1, 20)
    w.record(b"copy", story(4))
    w.commit()
    w.remove(story(4))
    w.remove(story(7))
    w.commit(message="takes two away")
    fill(w, 30, 5)
    w.commit(layer={})
    w.remove(story(31))
    w.record(b"news/00002.txt", edited(story(2), 1))
    w.commit()


def taken_back(w):
    """an id that is removed, shown again, removed again; then none is"""
    fill(w, 1, 8)
    w.commit()
    w.remove(story(2))
    w.remove_id(bytes(16))          # of no article
    w.commit()
    w.record(b"another", story(2))
    w.take_back(story(2))
    w.commit(layer={})
    w.remove(story(2))
    w.remove(story(5))
    w.commit()
    w.take_back(story(2))
    w.take_back(story(5))
    del w.removed[bytes(16)]
    w.record(b"news/00005.txt", edited(story(5), 1))
    w.commit()


def removed_sync(w):
    """ids that spell the sync pattern, within one and across two [S-11]"""
    fill(w, 1, 3)
    pattern = SHEAF_MAGIC + b"1234" + MARKER
    w.remove_id(b"\1" + pattern + b"\2\3\4")
    w.remove_id(b"\7" * 12 + SHEAF_MAGIC)
    w.remove_id(b"\x08\x08\x08" + MARKER + b"\x08" * 9)
    w.remove(story(2))
    w.commit()
    fill(w, 10, 2)
    w.commit()


def removed_compacted(w):
    """what was removed in different commits before a compaction, and later;
    as of a commit of the history, what was removed after it is there"""
    parent = compaction(w)
    w.remove(story(10))
    w.remove(story(11))
    w.removed[article_id(story(11))] = 2
    w.remove(story(32))
    w.removed[article_id(story(32))] = 3
    w.commit(parent=parent, layer={})
    w.remove(story(21))
    w.commit()


def erased(w):
    """a block in the middle, and all of a small segment's only block"""
    pick = random.Random(11)
    for i in range(6):
        w.record(b"noise %d" % i, pick.randbytes(50_000))
    w.record(b"short", story(1))
    w.commit(block_size=60_000, layer={})
    w.record(b"alone", story(2))
    w.record(b"also short", story(1))
    w.commit()
    for r in b"noise 2", b"alone":
        ident = next(i for i, name in w.live if name == r)
        article, place, _ = w.articles[ident]
        w.remove(article)
        w.erase(place[0])
    w.commit(message="takes two away for good")
    fill(w, 10, 3)
    w.commit()


def strings(w):
    """a chain of strings pages, some merged"""
    for k, count in enumerate((200, 60, 20, 1, 1, 3, 2)):
        for i in range(count):
            w.record(b"%d/%d" % (k, i), story(1000 * k + i, 24),
                     outlet=f"outlet {k}.{i}")
        w.commit(coding=k & 1)


def sync(w):
    """articles with the sync pattern, whole footers, and near misses"""
    inner = Writer()
    plain(inner)
    evil = [PATTERN, PATTERN * 50, SHEAF_MAGIC + b"ab" + MARKER + MARKER,
            (SHEAF_MAGIC + MARKER) * 40, bytes(inner.out),
            SHEAF_MAGIC + b"ab" + b"cd" + MARKER[:2],
            MARKER[2:] + PATTERN, b"x" * 131_066 + PATTERN]
    evil.append(b"".join(SHEAF_MAGIC + b"abcd"[:i] + MARKER + b"pad" * i
                         for i in range(5)))
    for i, article in enumerate(evil):
        at = w.block([article], level=1, raw=i & 1)
        w.record(b"evil %d" % i, article)
        if i == 0:
            assert at
    w.record(PATTERN, story(1), outlet=PATTERN, tags=[PATTERN + b"2"])
    w.commit(coding=0)
    w.commit()


def torn(w, what=0):
    """a torn tail: what an interrupted writer left"""
    plain(w)
    end = len(w.out)
    fill(w, 100, 10)
    w.commit()
    footer = w.footers.pop()
    tails = [footer.offset, footer.offset - 3, footer.offset + 100,
             end + 5, footer.end - 1]
    del w.out[tails[what]:]
    if what == 3:
        w.out += bytes(3000)


def torn_tables(w):
    """up to the footer"""
    torn(w, 0)


def torn_page(w):
    torn(w, 1)


def torn_footer(w):
    torn(w, 2)


def torn_zeros(w):
    """a file that was made longer before it was written"""
    torn(w, 3)


def torn_last_byte(w):
    torn(w, 4)


def damaged_footer(w):
    """the last byte of the newest footer is another one"""
    plain(w)
    w.out[-1] ^= 1
    w.footers.pop()


def compacted(w):
    """a compaction of three commits, and ten behind it [S-37 .. S-39]"""
    parent = compaction(w)
    w.commit(parent=parent, page_records=7, keys=False, layer={},
             message="compacted")
    for i in range(10):
        w.record(b"changes", story(100 + i), mtime=i)
        w.record(b"new %d" % i, story(1))
        w.commit(layer={} if i == 6 else None)


def compacted_tail(w):
    """one without an index"""
    compaction(w, False)
    w.commit(coding=0)
    w.remove(story(2))
    w.commit()


def unknown(w):
    """frames, fields and flags of later versions"""
    w.other_frame(b"before the blocks", 0x184D2A51)
    w.block([story(1)])
    w.unknown_frame(200, b"a table of tomorrow")
    w.record(b"one", story(1))
    w.commit(before_tables=lambda w: w.unknown_frame(0, b""),
             extra=b"later fields", compatible=0x80000001, layer={})
    w.other_frame(b"", 0x184D2A5F)
    w.record(b"two", story(2))
    w.commit()


def many(w):
    """120 commits: jumps, a long tail, layers, a tree of several leaves"""
    pick = random.Random(7)
    for k in range(1, 121):
        w.record(b"n/%d" % (k % 40), story(k))
        if k % 30 == 10:
            w.record(b"noise %d" % k, pick.randbytes(200_000))
        w.commit(1_600_000_000 + k, f"commit {k}",
                 layer={} if k % 25 == 0 else None,
                 block_size=300_000)


def wide(w):
    """a block of 65,535 articles, pages of 4,096 records"""
    articles = [b"%d\n" % i for i in range(65_535)]
    w.block(articles, level=3)
    for i, article in enumerate(articles):
        w.record(b"%05x" % i, article, mtime=i)
    w.commit(page_records=4096, layer={"ids": {"p": 2, "b": 10},
                                       "names": {"b": 12}},
             keys=False)


def big(w):
    """articles of 64 MiB and one byte less, all of one letter"""
    w.block([b"a" * (64 << 20)], level=1)
    w.block([b"b" * ((64 << 20) - 1), b"c"], level=1)
    w.record(b"a", b"a" * (64 << 20))
    w.record(b"b", b"b" * ((64 << 20) - 1))
    w.record(b"c", b"c")
    w.commit()


def edges(w):
    """sizes at which something begins: 1 and 2 leaves, 255 to 65,792 bytes
    """
    pick = random.Random(3)
    for size in (1, 2, 255, 256, 257, 65_791, 65_792, 131_072, 131_073):
        w.block([pick.randbytes(size)], raw=True)
        w.record(b"%d" % size, w.contents[list(w.contents)[-1]][0])
    w.commit()
    # a segment of exactly one leaf, then of one byte more
    for k, extra in enumerate((0, 1)):
        start, n = len(w.out), 65_536 + extra
        w.other_frame(bytes(n - 8))
        assert len(w.out) - start == n
        w.commit(message=f"{n} bytes")


KINDS = {f.__name__: f for f in (
    plain, names, unsafe, fields, urls, dictionaries, magic_prefix, layers,
    pairs, seeds, removed, taken_back, removed_sync, removed_compacted,
    erased, strings, sync, torn_tables, torn_page,
    torn_footer,
    torn_zeros, torn_last_byte, damaged_footer, compacted, compacted_tail,
    unknown, many, wide, big,
    edges)}


def make(kind):
    """the bytes of a corpus of that kind"""
    w = Writer()
    (KINDS.get(kind) or BROKEN[kind][1])(w)
    return bytes(w.out)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out", nargs="?")
    parser.add_argument("--kind", choices=[*KINDS, *BROKEN])
    parser.add_argument("--list", action="store_true")
    args = parser.parse_args()
    if args.list:
        print("\n".join([*KINDS, *BROKEN]))
        return 0
    if not args.out or not args.kind:
        parser.error("OUT and --kind, or --list")
    with open(args.out, "wb") as f:
        f.write(make(args.kind))
    return 0


if __name__ == "__main__":
    sys.exit(main())
