"""A small writer: one commit after the other, all in memory.

It makes what the specification allows, not what is best: every choice is the
caller's.  The same calls give the same bytes (with the same zstd).
"""
import hashlib
import random
import struct
from collections import defaultdict

import xxhash
import zstandard

from .base import article_id, id_key, text_key
from .blocks import HAS_PARENT, HAS_SEEDS, IS_DICTIONARY, dictionary_id
from .footer import (ERASED_FLAG, FIXED, HISTORY_FLAG, NO_ID, REMOVED_FLAG,
                     VARINTS, Footer, Layer, commit_id, jump)
from .frames import (BLOCK, DICTIONARY_MAGIC, ERASED, FOOTER, HISTORY,
                     INDEX, MARKER, PAGE, REMOVED, ROOT, SHEAF_MAGIC, STRINGS,
                     TREE, ZSTD_MAGIC, checksum, make_dictionary,
                     read_zstd_head, sync_points)
from .index import (IDS, KEY_BITS, KNOWN_BITS, NAMES, URLS, WAY_OFFSET,
                    WAY_OWN, WAY_ROOT, packed_size)
from .records import (BEFORE, CATEGORIES, COMMITS, DATE, KEYS, LANG, NSEC,
                      OLDER, OUTLET, OWN, SEEDS, TAGS, URL)
from .tables import LEAF, PastCommit, leaf_hashes, tree_root

DESCRIPTION = """sheaf corpus, format version 1

This file holds articles.  It is a sequence of zstd frames (RFC 8878) and
skippable frames.  The skippable frames of type 5A 2A 4D 18 whose bytes 8 to
11 are F5 C0 FE C1 describe the blocks that follow them; the last one of kind
9, the footer, says where the tables are.  The specification: sheaf-1.md.
This file was written by the tests' own writer, tests/compat/make_corpus.py.
"""


def varint(n):
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    return bytes(out + bytes([n]))


def varints(*numbers):
    return b"".join(map(varint, numbers))


def zigzag(n):
    """of a difference: mod 2^64, as i64"""
    n = (n + (1 << 63)) % (1 << 64) - (1 << 63)
    return varint((n << 1) ^ (n >> 63))


def zstd_frame_raw(content, dictionary=0, cut=131_072):
    """a frame of raw blocks, each of `cut` bytes or less"""
    size, width = len(content), 0
    if size >= 256:
        width = 1 if size < 65_792 else 2
    head = bytes([width << 6 | 0x20 | 4 | (3 if dictionary else 0)])
    if dictionary:
        head += struct.pack("<I", dictionary)
    head += (size - (256 if width == 1 else 0)).to_bytes(1 << width, "little")
    out = ZSTD_MAGIC + head
    for at in range(0, max(size, 1), cut):
        part = content[at:at + cut]
        last = at + cut >= size
        out += (last | len(part) << 3).to_bytes(3, "little") + part
    low = xxhash.xxh64_intdigest(content) & 0xFFFFFFFF
    return out + struct.pack("<I", low)


def zstd_frame(content, level, dictionary=None):
    """single-segment, with content size and checksum [S-5]"""
    window = max(10, (len(content) - 1).bit_length() if content else 0)
    params = zstandard.ZstdCompressionParameters.from_level(
        level, source_size=len(content), window_log=window,
        dict_size=len(dictionary) if dictionary else 0, write_checksum=True,
        write_content_size=True, write_dict_id=True)
    return zstandard.ZstdCompressor(
        dict_data=dictionary, compression_params=params).compress(content)


def packed(values, bits):
    number = sum(v << i * bits for i, v in enumerate(values))
    return number.to_bytes(packed_size(len(values), bits), "little")


def offset_table(offsets):
    """of a page or root: ascending, packed (section 8)"""
    if not offsets:
        return varint(0)
    bits = (offsets[-1] - offsets[0]).bit_length()
    return varint(len(offsets)) + varint(offsets[0]) + bytes([bits]) + \
        packed([at - offsets[0] for at in offsets], bits)


class Writer:
    def __init__(self, description=DESCRIPTION):
        text = description.encode()
        self.out = bytearray(zstd_frame_raw(text))
        self.footers = []
        self.past = []          # commits in the history, PastCommit
        self.history = 0        # offset of their table
        self.articles = {}      # id -> (bytes, place, seed)
        self.strings = {}       # bytes -> code
        self.string_pages = []  # (offset, first, strings)
        self.names = {}         # name -> ref of a record with it
        self.removed = {}       # id -> commit
        self.removed_coding = 0
        self.erased = []        # blocks' (offset, end), to be overwritten
        self.dictionary = 0
        self.contents = {}      # block offset -> (content, is_dictionary)
        self.blocks = 0
        self.entries = defaultdict(lambda: ([], [], []))  # of each commit
        self.live = []          # (id, name)
        self.twist = {}         # kind of table -> what spoils its fields
        self.begin()

    def begin(self):
        self.first = 0
        self.new_articles, self.new_bytes = 0, 0
        self.records = []
        self.new_removed = False

    @property
    def commit_number(self):
        """of the commit that is being written"""
        return len(self.past) + len(self.footers) + 1

    def compacted(self, other):
        """the next commit is a compaction of what that writer wrote; its
        records, each with its commit, are for the caller to give"""
        self.past = other.past + [
            PastCommit(f.number, f.id, f.fingerprint, f.time, f.live,
                       f.articles, f.article_bytes, f.new_records,
                       f.new_articles, f.new_bytes, f.message)
            for f in other.footers]

    # --- frames

    def has_sync(self, more, start):
        """does the pattern occur in `more`, put at the end, from byte
        `start` of it on, or across the seam [S-11]"""
        tail = bytes(self.out[-11:])
        data = tail + more
        return any(at != len(tail) or start == 0
                   for at in sync_points(data, 0, len(data)))

    def table(self, kind, **fields):
        """the bytes of a table, from those of its fields in their order"""
        if kind in self.twist:
            self.twist[kind](fields)
        return b"".join(fields.values())

    def seal(self, kind, *bodies):
        """append the first of these bodies that holds no sync pattern"""
        at = len(self.out)
        for body in bodies:
            frame = SHEAF_MAGIC + struct.pack("<I", len(body) + 13) + \
                MARKER + bytes([kind]) + body
            frame += checksum(frame, at)
            if not self.has_sync(frame, 1):
                self.out += frame
                return at
        raise ValueError("sync pattern in a table")

    def coded(self, plain, coding):
        """payloads to choose from; the first is the one wanted"""
        size = varint(len(plain))
        raw = b"\0" + size + plain
        packed = b"\1" + size + zstd_frame(plain, 9)
        cuts = [b"\1" + size + zstd_frame_raw(plain, 0, cut)
                for cut in range(6, 60)] if len(plain) < 1 << 20 else []
        return [packed if coding else raw, raw, packed] + cuts

    def other_frame(self, content, magic=0x184D2A50):
        self.out += struct.pack("<II", magic, len(content)) + content

    def unknown_frame(self, kind, body):
        self.seal(kind, body)

    # --- blocks

    def free_seed(self, article):
        """(id, seed) of an article [S-16]"""
        seed = 0
        while True:
            ident = article_id(article, seed)
            known = self.articles.get(ident)
            if known is None or known[0] == article:
                return ident, seed
            seed += 1

    def block(self, articles=(), parent=None, lead=None, level=9, raw=False,
              with_seeds=False):
        """a block of new articles; a dictionary if `lead` is bytes"""
        is_dictionary = lead is not None
        content = (lead or b"") + b"".join(articles)
        if lead and lead[:4] == DICTIONARY_MAGIC:       # [S-15]
            ident = struct.pack("<I", dictionary_id(content))
            content = content[:4] + ident + content[8:]
        at = len(self.out)
        flags = (IS_DICTIONARY if is_dictionary else 0) | \
            (HAS_PARENT if parent else 0)
        seeds = []
        for slot, article in enumerate(articles):
            ident, seed = self.free_seed(article)
            assert ident not in self.articles, "not a new article"
            self.articles[ident] = (article, (at, slot), seed)
            self.entries[self.commit_number][IDS].append(
                (id_key(ident), (at, slot)))
            seeds.append(seed)
        flags |= HAS_SEEDS if any(seeds) or with_seeds else 0

        dictionary, dict_id = None, 0
        if parent:
            of_dictionary = self.contents[parent][1]
            dictionary = make_dictionary(self.contents[parent][0],
                                         not of_dictionary)
            if of_dictionary:
                dict_id = dictionary_id(self.contents[parent][0])
        choice = [] if raw else [zstd_frame(content, level, dictionary)]
        frames = choice + [zstd_frame_raw(content, dict_id)]
        for cut in range(len(frames), 64):      # [S-11]
            frame = frames[0]
            self.header(flags, len(frame), len(content), lead, at, parent,
                        articles, seeds)
            if not self.has_sync(frame, 0):
                break
            del self.out[at:]
            frames = frames[1:] or [zstd_frame_raw(content, dict_id, 5 + cut)]
        else:
            raise ValueError("sync pattern in a block")
        self.out += frame
        self.contents[at] = (content, is_dictionary)
        if is_dictionary:
            self.dictionary = at
        self.blocks += 1
        self.first += len(articles)
        self.new_articles += len(articles)
        self.new_bytes += sum(map(len, articles))
        return at

    def header(self, flags, packed, plain, lead, at, parent, articles, seeds):
        self.seal(BLOCK, self.table(
            BLOCK, flags=bytes([flags]), commit=varint(self.commit_number),
            first=varint(self.first), packed=varint(packed),
            plain=varint(plain),
            lead=varint(len(lead)) if flags & IS_DICTIONARY else b"",
            parent=varint(at - parent) if flags & HAS_PARENT else b"",
            count=varint(len(articles)), lengths=varints(*map(len, articles)),
            seeds=varints(*seeds) if flags & HAS_SEEDS else b""))

    # --- records

    def record(self, name, article, mtime=0, nsec=0, format="text", **fields):
        """fields: date, outlet, lang, categories, tags, url, commit, and
        own_block=True for an article that `block` gets later"""
        self.records.append(dict(fields, name=name, article=article,
                                 mtime=mtime, nsec=nsec, format=format,
                                 order=len(self.records)))

    def remove(self, article):
        self.remove_id(article_id(article))

    def remove_id(self, ident):
        self.removed[ident] = self.commit_number
        self.new_removed = True

    def take_back(self, article):
        del self.removed[article_id(article)]
        self.new_removed = True

    def erase(self, block):
        """overwrite a block with a skippable frame of the same size"""
        zstd = block + 8 + struct.unpack_from("<I", self.out, block + 4)[0]
        end = zstd + read_zstd_head(self.out, zstd, len(self.out)).size
        self.out[block:end] = struct.pack("<II", 0x184D2A50,
                                          end - block - 8) + \
            bytes(end - block - 8)
        self.erased.append((block, end))

    def erased_table(self):
        """the ranges in whole leaves, and their hashes now [S-26]"""
        leaves = {}
        for block, end in self.erased:
            footer = next(f for f in self.footers if f.end > block)
            first = (block - footer.start) // LEAF
            last = (end - 1 - footer.start) // LEAF
            for i in range(first, last + 1):
                leaves[footer.start + i * LEAF] = min(
                    footer.start + (i + 1) * LEAF, footer.leaves_end)
        return self.table(ERASED, count=varint(len(leaves)), ranges=b"".join(
            varints(at, end - at, 1) +
            hashlib.sha256(b"\0" + self.out[at:end]).digest()
            for at, end in sorted(leaves.items())))

    def code(self, text):
        text = text.encode() if isinstance(text, str) else text
        return self.strings.setdefault(text, len(self.strings))

    def place_articles(self, block_size, parent):
        """blocks for the articles of records that have none yet"""
        waiting, seen = [], set()
        for r in self.records:
            ident, seed = self.free_seed(r["article"])
            if ident in self.articles or r["article"] in seen:
                continue
            seen.add(r["article"])
            waiting.append(r["article"])
        group, size = [], 0
        for article in waiting:
            if group and size + len(article) > block_size:
                self.block(group, parent)
                group, size = [], 0
            group.append(article)
            size += len(article)
        if group:
            self.block(group, parent)

    def page(self, records, keys, coding):
        """one record page (section 6)"""
        at = len(self.out)
        number = self.commit_number
        commits = [r.get("commit", number) for r in records]
        places, seeds, idents = [], [], []
        for r in records:
            ident, seed = self.free_seed(r["article"])
            places.append(self.articles[ident][1])
            seeds.append(seed)
            idents.append(ident)
        blocks = sorted({place[0] for place in places})
        flags = (COMMITS if set(commits) != {commits[0]} else 0) | \
            (KEYS if keys else 0) | (SEEDS if any(seeds) else 0) | \
            (NSEC if any(r["nsec"] for r in records) else 0)
        kinds, shared, rest, names, older = [], [], [], b"", []
        before, own = None, b""
        for slot, r in enumerate(records):
            name = r["name"]
            if name == before:
                kind = BEFORE
            elif name in self.names:
                kind = OLDER
                older += self.names[name]
            else:
                kind = OWN
                same = 0
                while same < min(len(own), len(name)) and \
                        own[same] == name[same]:
                    same += 1
                shared.append(same)
                rest.append(len(name) - same)
                names += name[same:]
                own = name
                self.names[name] = (at, slot)
            before = name
            kinds.append(kind | sum(
                bit for bit, field in ((DATE, "date"), (OUTLET, "outlet"),
                                       (LANG, "lang"), (TAGS, "tags"),
                                       (CATEGORIES, "categories"),
                                       (URL, "url"))
                if r.get(field) not in (None, [])))

        def having(field):
            return [r[field] for r in records
                    if r.get(field) not in (None, [])]

        def differences(values, put):
            return b"".join(put(b - a) for a, b in zip([0] + values, values))

        def lists(field):
            return b"".join(varints(len(values), *map(self.code, values))
                            for values in having(field))

        def codes(field):
            return varints(*map(self.code, having(field)))

        columns = self.table(
            PAGE, count=varint(len(records)), flags=bytes([flags]),
            commit=varint(min(commits)), b=varint(len(blocks)),
            offsets=differences(blocks, varint), kinds=bytes(kinds),
            block=varints(*(blocks.index(place[0]) for place in places)),
            slot=varints(*(place[1] for place in places)),
            size=varints(*(len(r["article"]) for r in records)),
            shared=varints(*shared), rest=varints(*rest), names=names,
            older=varints(*older),
            commits=varints(*(c - min(commits) for c in commits))
            if flags & COMMITS else b"",
            mtime=differences([r["mtime"] for r in records], zigzag),
            nsec=varints(*(r["nsec"] for r in records))
            if flags & NSEC else b"",
            date=differences(having("date"), zigzag), format=codes("format"),
            outlet=codes("outlet"), lang=codes("lang"),
            categories=lists("categories"), tags=lists("tags"),
            prefixes=b"".join(i[:6] for i in idents) if keys else b"",
            urls=b"".join(text_key(url).to_bytes(6, "big")
                          for url in having("url")) if keys else b"",
            seeds=varints(*seeds) if flags & SEEDS else b"")
        assert self.seal(PAGE, *self.coded(columns, coding)) == at

        ids, by_name, by_url = self.entries[number]
        for slot, (r, ident) in enumerate(zip(records, idents)):
            by_name.append((text_key(r["name"]), (at, slot)))
            if r.get("url"):
                by_url.append((text_key(r["url"]), (at, slot)))
            self.live.append((ident, r["name"]))

    def pages(self, page_records, keys, coding):
        """all record pages; (offset of the first, bytes)"""
        number, start = self.commit_number, len(self.out)
        self.records.sort(key=lambda r: (r["name"], r.get("commit", number),
                                         r["order"]))
        for i in range(0, len(self.records), page_records):
            self.page(self.records[i:i + page_records], keys, coding)
        return (start, len(self.out) - start) if self.records else (0, 0)

    # --- other tables

    def strings_page(self, coding):
        """the new strings, and those pages that are merged [S-20]"""
        known = sum(len(strings) for _, _, strings in self.string_pages)
        new = list(self.strings)[known:]
        if not new:
            return
        first = known
        while self.string_pages and \
                len(self.string_pages[-1][2]) <= 2 * len(new):
            _, first, strings = self.string_pages.pop()
            new = strings + new
        previous = self.string_pages[-1][0] if self.string_pages else 0
        body = self.table(
            STRINGS, previous=varint(previous), first=varint(first),
            count=varint(len(new)),
            strings=b"".join(varint(len(s)) + s for s in new))
        at = self.seal(STRINGS, *self.coded(body, coding))
        self.string_pages.append((at, first, new))

    def index_page(self, index, entries, p, page, b, f, way, table):
        """entries: (key, (offset, slot)) with `page` as their upper p bits;
        table: the root's"""
        base = 0
        if way == WAY_OFFSET:
            base = min((value[0] for _, value in entries), default=0)
        if way == WAY_OWN:
            table = sorted({value[0] for _, value in entries})
        above = {value[0]: value[0] - base if way == WAY_OFFSET else
                 table.index(value[0]) for _, value in entries}
        slot_bits = max((v[1].bit_length() for _, v in entries), default=0)
        offset_bits = max((v.bit_length() for v in above.values()),
                          default=0)
        cut = sorted(((key >> KEY_BITS - p - b - f),
                      above[value[0]] << slot_bits | value[1])
                     for key, value in entries)
        ends = [0] * (1 << b)
        for key, _ in cut:
            ends[key >> f & (1 << b) - 1] += 1
        for i in range(1, len(ends)):
            ends[i] += ends[i - 1]
        e = max(1, len(cut).bit_length())

        return self.seal(INDEX, self.table(
            INDEX, index=bytes([index]), p=bytes([p]), page=varint(page),
            b=bytes([b]), f=bytes([f]), o=bytes([offset_bits]),
            s=bytes([slot_bits]), way=bytes([way]), base=varint(base),
            count=varint(len(cut)), e=bytes([e]),
            offsets=offset_table(table) if way == WAY_OWN else b"",
            ends=packed(ends, e),
            fingerprints=packed([key & (1 << f) - 1 for key, _ in cut], f),
            values=packed([v for _, v in cut], offset_bits + slot_bits)))

    def index(self, index, entries, p=0, b=2, f=None, way=None):
        """(entries, offset of the root or only page)"""
        if not entries:
            return 0, 0
        if way is None:
            way = WAY_OFFSET if index == IDS else \
                WAY_ROOT if p else WAY_OWN
        table = sorted({value[0] for _, value in entries}) \
            if way == WAY_ROOT else []
        f = f or KNOWN_BITS[index] - p - b
        if p == 0:
            return len(entries), self.index_page(
                index, entries, 0, 0, b, f, way, table)
        first, sizes = len(self.out), []
        for page in range(1 << p):
            at = self.index_page(index, [x for x in entries if x[0] >>
                                         KEY_BITS - p == page], p, page, b, f,
                                 way, table)
            sizes.append(len(self.out) - at)
        return len(entries), self.seal(ROOT, self.table(
            ROOT, index=bytes([index]), p=bytes([p]), first=varint(first),
            sizes=varints(*sizes), offsets=offset_table(table)))

    def layer(self, first, ids={}, names={}, urls={}):
        """a layer of the commits from `first` to the present one"""
        number = self.commit_number
        found = [self.index(index, [entry for k in range(first, number + 1)
                                    for entry in self.entries[k][index]],
                            **how)
                 for index, how in ((IDS, ids), (NAMES, names), (URLS, urls))]
        return Layer(number, *zip(*found))

    def history_table(self, coding):
        """section 9a"""
        return self.seal(HISTORY, *self.coded(self.table(
            HISTORY, count=varint(len(self.past)),
            ids=b"".join(c.id + c.fingerprint for c in self.past),
            numbers=b"".join(zigzag(c.time) + varints(*c[4:10])
                             + varint(len(c.message)) for c in self.past),
            messages=b"".join(c.message for c in self.past)), coding))

    # --- the commit

    def commit(self, time=1_700_000_000, message="", block_size=4096,
               parent=None, page_records=256, keys=True, coding=1,
               layer=None, keep=None, extra=b"", compatible=0,
               before_tables=None):
        """layer: options of `layer`, which covers all commits behind the
        layers kept; keep: how many of the layers (None: all)"""
        number = self.commit_number
        last = self.footers[-1] if self.footers else None
        start = last.end if last else 0
        self.place_articles(block_size, parent)
        pages, page_bytes = self.pages(page_records, keys, coding)
        if before_tables:
            before_tables(self)
        self.strings_page(coding)
        layers = list(last.layers) if last else []
        layers = layers if keep is None else layers[:keep]
        if layer is not None:
            since = layers[-1].last + 1 if layers else 1
            layers.append(self.layer(since, **layer))
        removed = last.removed if last else 0
        if self.new_removed and not self.removed:
            removed = 0
        elif self.new_removed:
            removed = self.seal(REMOVED, *self.coded(self.table(
                REMOVED, count=varint(len(self.removed)),
                ids=b"".join(ident + varint(k) for ident, k in
                             sorted(self.removed.items()))),
                self.removed_coding))
        erased = last.erased if last else 0
        if self.erased:
            erased = self.seal(ERASED, self.erased_table())
        if self.past and not self.footers:
            self.history = self.history_table(coding)
        leaves_end = len(self.out)
        leaves = leaf_hashes(bytes(self.out), start, leaves_end)
        if len(leaves) > 1:
            self.seal(TREE, self.table(
                TREE, start=varint(start), count=varint(len(leaves)),
                leaves=b"".join(leaves)))

        live = [(i, name) for i, name in self.live if i not in self.removed]
        pairs = sum(int.from_bytes(article_id(i + name), "big")
                    for i, name in live)
        far = max(jump(number) - len(self.past), 0)
        footer = Footer(
            offset=len(self.out), previous=last.offset if last else 0,
            jump=self.footers[far - 1].offset if far else 0, number=number,
            incompatible=(REMOVED_FLAG if removed else 0) |
            (ERASED_FLAG if erased else 0) |
            (HISTORY_FLAG if self.history else 0), history=self.history,
            erased=erased,
            compatible=compatible, time=time, root=tree_root(leaves),
            fingerprint=(pairs % (1 << 128)).to_bytes(16, "big"),
            start=start, live=len(live), records=len(self.live),
            articles=len(self.articles),
            article_bytes=sum(len(a[0]) for a in self.articles.values()),
            new_records=len(self.records), new_articles=self.new_articles,
            new_bytes=self.new_bytes, blocks=self.blocks, pages=pages,
            page_bytes=page_bytes, dictionary=self.dictionary,
            strings=self.string_pages[-1][0] if self.string_pages else 0,
            string_count=len(self.strings), removed=removed, layers=layers,
            message=message.encode() if isinstance(message, str) else message)
        self.put_footer(footer, extra)
        footer.leaves_end = leaves_end
        self.footers.append(footer)
        self.begin()
        return number

    def put_footer(self, footer, extra):
        if FOOTER in self.twist:
            self.twist[FOOTER](footer)
        body = FIXED.pack(*(getattr(footer, name) for name in list(
            Footer.__dataclass_fields__)[:12]))
        body += varints(*(getattr(footer, name) for name in VARINTS))
        body += bytes([len(footer.layers)])
        for layer in footer.layers:
            body += varint(layer.last)
            for n, offset in zip(layer.entries, layer.offsets):
                body += varints(n, offset)
        body += varint(len(footer.message)) + footer.message
        if footer.incompatible & HISTORY_FLAG:
            body += varint(footer.history)
        body += extra
        frame = SHEAF_MAGIC + struct.pack("<I", len(body) + 13) + MARKER + \
            bytes([FOOTER]) + body + bytes(8)
        previous = self.footers[-1].id if self.footers else NO_ID
        footer.id = commit_id(frame, previous)
        if "id" in self.twist:
            footer.id = self.twist["id"]
        footer.size = len(frame)
        self.seal(FOOTER, body[:99] + footer.id + body[131:])


# --- something to write

WORDS = """the a press news on in of for after council minister river harbour
vote budget says report new bridge school water storm team late early city
train strike market price week opens closes finds loses wins calls north south
east west said people year plan first last road green old light""".split()


def story(seed, words=120):
    pick = random.Random(seed)
    lines = [" ".join(pick.choice(WORDS) for _ in range(12))
             for _ in range(words // 12)]
    return (f"Story {seed}\n\n" + ".\n".join(lines) + ".\n").encode()


def edited(article, seed):
    """a later version"""
    pick = random.Random(seed)
    lines = article.split(b"\n")
    lines[pick.randrange(len(lines))] = b"(corrected) %d" % seed
    return b"\n".join(lines)


def compaction(w, dictionary=True):
    """of three commits, with versions, a copy and articles in the dictionary
    [S-37]"""
    def day(w, commit):
        fill(w, commit * 10, 5, commit=commit, outlet="The Post")
        w.record(b"changes", story(commit), mtime=commit, commit=commit)
        w.record(b"empty", b"", mtime=commit, commit=commit)
        w.record(b"copy %d" % commit, story(10), commit=commit)

    old = Writer()
    for commit in (1, 2, 3):
        day(old, commit)
        old.commit(1_600_000_000 + commit, message=b"of old\xff %d" % commit)
    w.compacted(old)
    for commit in (1, 2, 3):
        day(w, commit)
    parent = w.block([story(10), b""], lead=story(2000)) \
        if dictionary else None
    return parent


def fill(w, first, count, **fields):
    """records with new articles, news/00001.txt and so on"""
    for i in range(first, first + count):
        w.record(b"news/%05d.txt" % i, story(i), mtime=86_400 * i, **fields)


def trained(samples, size):
    """a zstd dictionary, whose id is yet to be set"""
    return zstandard.train_dictionary(size, samples).as_bytes()
