"""Section 12, Verify: all that the specification demands of a file.

Each finding names the rule that it breaks.  Every article is decoded.
"""
import struct
from collections import Counter

from .base import (LAYERS_MAX, TAIL_COMMITS, TAIL_RECORDS, Damage,
                   Unsupported, article_id, id_key, text_key)
from .blocks import dictionary_id, parse_block_header
from .corpus import Corpus
from .footer import (ERASED_FLAG, FOOTER_MAX, HISTORY_FLAG, NO_ID,
                     REMOVED_FLAG, commit_id, jump)
from .frames import (BLOCK, ERASED, FOOTER, HISTORY, INDEX, MARKER, OTHER,
                     PAGE, REMOVED, ROOT, STRINGS, TREE, ZSTD, checksum,
                     decode_zstd, read_zstd_head, sync_points, walk)
from .index import IDS, KEY_BITS, NAMES, URLS
from .records import OWN
from .tables import LEAF, leaf_hashes, parse_tree, tree_root

FIRST_LINE = b"sheaf corpus, format version 1\n"
TABLES = (STRINGS, INDEX, ROOT, REMOVED, ERASED, HISTORY)


class Verifier:
    def __init__(self, data):
        self.data = data
        self.found = []             # (rule, offset, text)
        self.corpus = Corpus(data)
        self.blocks = {}            # offset -> header, in the file's order
        self.articles = {}          # id -> place
        self.own_names = {}         # name -> ref, where it is spelled
        self.refs_of = {}           # commit -> its records
        self.without_article = set()    # refs of those that are erased
        self.places_of = {}         # commit -> places of its articles
        self.live = Counter()       # id -> records
        self.sums = Counter()       # id -> sum of their fingerprints
        self.pairs = 0
        self.layers_seen = {}
        self.gone = []          # removed ids of articles there are
        self.seeded = []            # (block, slot, seed) of seeds not 0
        self.totals = Counter()

    def check(self, true, rule, offset, text):
        if not true:
            self.found.append((rule, offset, text))
        return true

    def attempt(self, step, *args):
        """a step's result; where it fails that is one more finding"""
        try:
            return step(*args)
        except Damage as damage:
            if (found := (damage.rule, damage.offset, damage.text)) \
                    not in self.found:
                self.found.append(found)
            return None

    def run(self):
        footers = self.corpus.footers
        self.erased = [
            range(r.offset, r.offset + r.length) for r in
            self.attempt(self.corpus.read_erased, self.corpus.footer) or []]
        self.attempt(self.description)
        self.sync()
        previous_id = NO_ID
        for footer in footers:
            self.check_ids(footer, previous_id)
            previous_id = footer.id
            pieces = self.frames(footer)
            self.order(footer, pieces)
            self.tree(footer, pieces)
            self.segment_blocks(footer, pieces)
            self.segment_records(footer)
            self.counts(footer, self.corpus.footer_before(footer))
            self.attempt(self.string_chain, footer)
            self.attempt(self.removed_ids, footer)
            self.fingerprint(footer)
            self.tail(footer)
            self.attempt(self.indexes, footer)
        self.attempt(self.history)
        for block, slot, seed in self.seeded:
            self.attempt(self.needed_seed, block, slot, seed)
        self.attempt(self.damaged_footer)
        return self.found

    def is_erased(self, offset):
        return any(offset in r for r in self.erased)

    # --- frames

    def description(self):
        """section 3"""
        head = read_zstd_head(self.data, 0, len(self.data))
        self.check(self.data[4] == 0x64 and len(head.blocks) == 1
                   and head.blocks[0][0] == 0, "S-6", 0,
                   "description: not one raw block, as the table says")
        text = decode_zstd(self.data[:head.size], head.content, 0)
        self.check(len(text) <= 3900, "S-6", 0, "description: too long")
        self.check(text.startswith(FIRST_LINE) and
                   self.data[10:10 + len(text)] == text, "S-7", 0,
                   "description: first line")
        try:
            text.decode("utf-8")
        except UnicodeDecodeError:
            self.check(False, "S-6", 0, "description: not UTF-8")

    def sync(self):
        end = self.corpus.footer.end
        points = set(sync_points(self.data, 0, end))
        self.starts = set()
        for footer in self.corpus.footers:
            try:
                self.starts.update(
                    f.offset for f in walk(self.data, footer.start,
                                           footer.end)
                    if f.kind not in (ZSTD, OTHER))
            except Damage:
                return      # reported by frames()
        for at in sorted(points - self.starts):
            self.check(False, "S-11", at, "sync pattern within a frame")

    def frames(self, footer):
        """the frames of a segment; where one is damaged, on from the next"""
        pieces, at = [], footer.start
        while at < footer.end:
            try:
                for piece in walk(self.data, at, footer.end):
                    pieces.append(piece)
                    at = piece.end
            except Damage as damage:
                self.check(False, damage.rule, damage.offset, damage.text)
                at = next((p for p in sync_points(self.data, at + 1,
                                                  footer.end)), footer.end)
        return pieces

    def order(self, footer, pieces):
        """the order within a segment [S-3]"""
        rank = {BLOCK: 1, ZSTD: 1, PAGE: 2, TREE: 4, FOOTER: 5}
        rank.update({kind: 3 for kind in TABLES})
        before, pages, header = 0, [], None
        late = False
        for piece in pieces:
            now = rank.get(piece.kind, before)
            if piece.kind == ZSTD and piece.offset == 0:
                now = 0
            elif piece.kind == ZSTD:
                self.check(header is not None and header.end == piece.offset,
                           "S-2", piece.offset, "zstd frame without header")
            # the last blocks may stand behind the record pages
            late |= piece.kind == BLOCK and 2 <= before <= 3
            if late and now == 1:
                now = 3
            self.check(now >= before, "S-3", piece.offset,
                       "out of its order in the segment")
            before = now
            header = piece if piece.kind == BLOCK else None
            if piece.kind == PAGE:
                pages.append(piece)
        self.check(footer.pages == (pages[0].offset if pages else 0), "S-3",
                   footer.offset, "first record page")
        self.check(footer.page_bytes == sum(p.size for p in pages), "S-3",
                   footer.offset, "bytes of the record pages")
        self.check(all(a.end == b.offset for a, b in zip(pages, pages[1:])),
                   "S-3", footer.offset, "record pages are apart")

    def tree(self, footer, pieces):
        """[S-26, S-27]"""
        trees = [p for p in pieces if p.kind == TREE]
        end = trees[0].offset if trees else footer.offset
        self.check(len(trees) <= 1 and (not trees or
                                        trees[0].end == footer.offset),
                   "S-27", footer.offset, "tree is not before the footer")
        actual = leaf_hashes(self.data, footer.start, end)
        self.check(bool(trees) == (len(actual) > 1), "S-27", footer.offset,
                   f"{len(trees)} trees for {len(actual)} leaves")
        leaves = list(actual)
        if trees and (tree := self.attempt(parse_tree, trees[0])):
            self.check(tree.start == footer.start and
                       len(tree.leaves) == len(actual), "S-27",
                       trees[0].offset, "start or count of the tree")
            leaves = tree.leaves
        new = self.new_leaves(footer, end)
        if not new or trees:
            self.check(tree_root(leaves) == footer.root, "S-27",
                       footer.offset, "root of the tree")
        for i, (kept, now) in enumerate(zip(leaves, actual)):
            self.check(new.get(i, kept) == now, "S-26" if i in new else
                       "S-27", footer.start + i * LEAF, "leaf of the tree")

    def new_leaves(self, footer, end):
        """{leaf: hash} of the erased ranges in this segment [S-26]"""
        new = {}
        for r in self.attempt(self.corpus.read_erased,
                              self.corpus.footer) or []:
            if not footer.start <= r.offset < end:
                continue
            first, odd = divmod(r.offset - footer.start, LEAF)
            stop = r.offset + r.length
            self.check(odd == 0 and stop <= end and
                       ((stop - footer.start) % LEAF == 0 or stop == end)
                       and len(r.leaves) == (r.length + LEAF - 1) // LEAF,
                       "S-26", r.offset, "erased range is not whole leaves")
            new.update((first + i, leaf) for i, leaf in enumerate(r.leaves))
        return new

    # --- blocks

    def segment_blocks(self, footer, pieces):
        first, articles = 0, self.places_of.setdefault(footer.number, [])
        ends = {p.end for p in pieces if p.kind == ZSTD}
        for piece in pieces:
            if piece.kind != BLOCK:
                continue
            block = self.attempt(parse_block_header, piece)
            if block is None:
                continue
            self.blocks[block.offset] = block
            self.check(block.commit == footer.number, "S-3", block.offset,
                       f"block of commit {block.commit}")
            self.check(block.first == first or self.erased, "S-3",
                       block.offset, f"first {block.first}, not {first}")
            first = block.first + len(block.lengths)
            self.check(block.end in ends, "S-2", block.offset,
                       "packed size")
            if self.attempt(self.one_block, block) is not None:
                articles += [(block.offset, i)
                             for i in range(len(block.lengths))]

    def one_block(self, block):
        at = block.offset
        head = read_zstd_head(self.data, block.frame, block.end)
        content = self.corpus.content(at)
        expected = 0
        if block.parent is not None:
            parent = self.blocks.get(block.parent)
            if not self.check(parent, "S-14", at, "parent"):
                return None
            if parent.is_dictionary:
                expected = dictionary_id(self.corpus.content(block.parent))
                dictionary = self.corpus.content(block.parent)
                self.check(not expected or struct.unpack_from(
                    "<I", dictionary, 4)[0] == expected, "S-15",
                    block.parent, "id of the dictionary")
        self.check(head.single and head.checksum and
                   head.content == block.plain and
                   head.dictionary == expected, "S-5", block.frame,
                   "header of the zstd frame")
        for slot, seed in enumerate(block.seeds):
            self.one_article(block, slot, seed)
        return content

    def one_article(self, block, slot, seed):
        place = (block.offset, slot)
        article = self.corpus.article(place)
        ident = self.corpus.id(place)
        self.totals["articles"] += 1
        self.totals["bytes"] += len(article)
        self.check(ident not in self.articles, "S-16", block.offset,
                   f"article {slot} has an id that is taken")
        if seed:
            self.seeded.append((block, slot, seed))
        self.articles.setdefault(ident, place)

    def needed_seed(self, block, slot, seed):
        """[S-16], when all articles are known: their order is the writer's
        """
        article = self.corpus.article((block.offset, slot))
        for lower in range(seed):
            other = self.articles.get(article_id(article, lower))
            self.check(other and self.corpus.article(other) != article,
                       "S-16", block.offset,
                       f"article {slot} needs no seed of {seed}")

    # --- records

    def segment_records(self, footer):
        records = self.refs_of.setdefault(footer.number, [])
        pages = self.attempt(lambda: list(self.corpus.pages(footer))) or []
        for page in pages:
            self.check(page.commit <= footer.number, "S-17", page.offset,
                       "records of a later commit")
            self.check({r.place[0] for r in page.records} ==
                       set(page.blocks), "S-36", page.offset,
                       "blocks that the records do not use")
            self.check(min(r.commit for r in page.records) == page.commit,
                       "S-17", page.offset, "not the lowest commit")
            last = footer.number
            if footer.number == self.corpus.first and footer.history:
                last -= 1       # all are of commits in the history
            self.check(all(r.commit <= last for r in page.records),
                       "S-37" if footer.history else "S-17", page.offset,
                       f"record of a commit after {last}")
            # those of other commits only stand in such a segment
            self.check(last < footer.number or all(
                r.commit == last for r in page.records), "S-17", page.offset,
                f"record of a commit before {last}")
            for r in page.records:
                if self.attempt(self.one_record, footer, r):
                    records.append(r)
        keys = [(self.corpus.name(r), r.commit) for r in records]
        for r, a, b in zip(records[1:], keys, keys[1:]):
            self.check(a <= b, "S-17", r.ref[0],
                       f"record {r.ref[1]} is not in the order of names")

    def one_record(self, footer, r):
        at, slot = r.ref
        name = self.corpus.name(r)
        if r.name_kind == OWN:
            self.check(name not in self.own_names, "S-18", at,
                       f"name of record {slot} is spelled again")
            self.own_names.setdefault(name, r.ref)
        else:
            self.check(name in self.own_names, "S-18", at,
                       f"name of record {slot}")
        for code in [r.format, r.outlet, r.lang, *r.categories, *r.tags]:
            self.check(code is None or code < footer.string_count, "S-20",
                       at, f"record {slot}: no string {code}")
        self.check(r.commit <= footer.number, "S-17", at,
                   f"record {slot} of a later commit")
        block = self.blocks.get(r.place[0])
        if block is None:
            self.check(self.is_erased(r.place[0]), "S-36", at,
                       f"record {slot}: no block at {r.place[0]}")
            self.without_article.add(r.ref)
            return None
        if not self.check(r.place[1] < len(block.lengths), "S-36", at,
                          f"record {slot}: no article {r.place[1]}"):
            return None
        self.check(r.size == block.lengths[r.place[1]], "S-19", at,
                   f"record {slot}: size")
        self.check(r.seed == block.seeds[r.place[1]], "S-16", at,
                   f"record {slot}: seed")
        ident = self.corpus.id(r.place)
        self.check(r.id_prefix in (None, id_key(ident)), "S-19", at,
                   f"record {slot}: id prefix")
        pair = int.from_bytes(article_id(ident + name), "big")
        self.live[ident] += 1
        self.sums[ident] += pair
        self.pairs += pair
        self.totals["records"] += 1
        return True

    # --- the footer

    def check_ids(self, footer, previous_id):
        frame = self.data[footer.offset:footer.end]
        self.check(commit_id(frame, previous_id) == footer.id, "S-29",
                   footer.offset, f"id of commit {footer.number}")
        far = jump(footer.number)
        target = self.corpus.footer_at(far) if far else None
        expected = target.offset if target else 0
        self.check(footer.jump == expected, "S-28", footer.offset, "jump")
        self.check(footer.start == 0 or not footer.is_first, "S-2",
                   footer.offset, "start")

    def counts(self, footer, before):
        new = self.refs_of[footer.number]
        articles = self.places_of[footer.number]
        if self.erased:
            return
        size = sum(self.blocks[at].lengths[i] for at, i in articles)
        dictionaries = [b.offset for b in self.blocks.values()
                        if b.is_dictionary]
        for name, value in (
                ("records", self.totals["records"]),
                ("articles", self.totals["articles"]),
                ("article_bytes", self.totals["bytes"]),
                ("new_records", len(new)), ("new_articles", len(articles)),
                ("new_bytes", size), ("blocks", len(self.blocks)),
                ("dictionary", dictionaries[-1] if dictionaries else 0)):
            self.check(getattr(footer, name) == value, "S-36", footer.offset,
                       f"{name} is {getattr(footer, name)}, "
                       f"there are {value}")
        self.check(before is None or
                   footer.string_count >= before.string_count, "S-20",
                   footer.offset, "fewer strings than before")

    def string_chain(self, footer):
        pages = list(self.corpus.string_pages(footer))
        for page, older in zip(pages, pages[1:]):
            self.check(len(older.strings) > 2 * len(page.strings), "S-20",
                       page.offset, "older strings page was to be merged")

    def removed_ids(self, footer):
        removed = self.corpus.read_removed(footer)
        for ident, commit in removed.items():
            self.check(commit <= footer.number, "S-25", footer.removed,
                       "id removed by a later commit")
        flags = (REMOVED_FLAG if footer.removed else 0) | \
            (ERASED_FLAG if footer.erased else 0) | \
            (HISTORY_FLAG if footer.history else 0)
        self.check(footer.incompatible == flags, "S-26", footer.offset,
                   "incompatible flags")
        self.gone = [i for i in removed if i in self.live]

    def fingerprint(self, footer):
        """[S-30]"""
        if self.erased:
            return
        live = self.totals["records"] - sum(self.live[i] for i in self.gone)
        total = self.pairs - sum(self.sums[i] for i in self.gone)
        self.check(footer.live == live, "S-30", footer.offset,
                   f"{footer.live} live records, there are {live}")
        self.check(footer.fingerprint ==
                   (total % (1 << 128)).to_bytes(16, "big"), "S-30",
                   footer.offset, "set fingerprint")

    def history(self):
        """what a compaction kept of the commits before it [S-37]"""
        first = self.corpus.footers[0]
        for c in self.corpus.history:
            self.check(c.new_articles <= c.articles and
                       c.new_bytes <= c.article_bytes, "S-37", first.history,
                       f"history: numbers of commit {c.number}")

    # --- indexes

    def tail(self, footer):
        first = self.corpus.first
        commits = range(max(footer.indexed + 1, first), footer.number + 1)
        self.check(not footer.layers or footer.layers[0].last >= first,
                   "S-22", footer.offset, "layer ends within the history")
        count = sum(len(self.refs_of[k]) for k in commits)
        self.check(len(commits) <= TAIL_COMMITS and count <= TAIL_RECORDS,
                   "S-23", footer.offset,
                   f"tail of {len(commits)} commits, {count} records")
        self.check(len(footer.layers) + bool(commits) <= LAYERS_MAX, "S-23",
                   footer.offset, "more than 8 layers with the tail")
        known = set()
        for k in commits:
            for r in self.refs_of[k]:
                self.check(r.id_prefix is not None, "S-22", r.ref[0],
                           "page of the tail without keys")
                known.add(r.place)
            missing = set(self.places_of[k]) - known
            self.check(not missing, "S-21", footer.offset,
                       f"{len(missing)} articles without entry or record")

    def indexes(self, footer):
        first = self.corpus.first
        for layer in footer.layers:
            seen = self.layers_seen.get((first, layer))
            if seen is None:
                self.layers_seen[first, layer] = True
                for index in (IDS, NAMES, URLS):
                    self.attempt(self.layer_index, footer, first, layer,
                                 index)
            first = layer.last + 1

    def expected(self, commits, index):
        """{value: whole key, or None where only the article tells it}"""
        if index == IDS:
            return {p: id_key(self.corpus.id(p))
                    for k in commits for p in self.places_of[k]}
        records = [r for k in commits for r in self.refs_of[k]]
        if index == NAMES:
            return {r.ref: text_key(self.corpus.name(r)) for r in records}
        return {r.ref: r.url_key for r in records if r.has_url}

    def layer_index(self, footer, first, layer, index):
        at = layer.offsets[index] or footer.offset
        what = f"{('ids', 'names', 'urls')[index]} of commits " \
            f"{first} .. {layer.last}"
        left = self.expected(range(first, layer.last + 1), index)
        count = 0
        for page in self.corpus.index_pages(layer, index):
            for key, value in page.entries():
                count += 1
                if value not in left:
                    self.check(self.is_erased(value[0]) or
                               value in self.without_article, "S-21",
                               page.offset, f"{what}: entry for nothing")
                    continue
                whole = left.pop(value)
                self.check(whole is None or
                           whole >> KEY_BITS - page.bits == key, "S-21",
                           page.offset, f"{what}: wrong key")
        self.check(not left, "S-21", at, f"{what}: {len(left)} missing")
        self.check(count == layer.entries[index], "S-21", at,
                   f"{what}: {layer.entries[index]} entries, not {count}")

    # --- behind the newest footer

    def damaged_footer(self):
        """does the torn tail end in what was a whole footer?"""
        footer, data = self.corpus.footer, self.data
        at = footer.end
        try:
            for piece in walk(data, at, len(data)):
                if piece.kind == FOOTER or piece.end == len(data) and \
                        piece.kind == OTHER:
                    break       # with another offset or magic number
                at = piece.end
        except Damage:
            pass
        rest = bytes(data[at:at + FOOTER_MAX + 1])
        if not 152 <= len(rest) <= FOOTER_MAX:
            return
        head = rest[8:13] == MARKER + bytes([FOOTER])
        place = rest[16:32] == struct.pack("<QQ", at, footer.offset)
        size = struct.pack("<I", len(rest) - 8)
        whole = rest[4:8] == size or checksum(
            rest[:4] + size + rest[8:-8], at) == rest[-8:]
        self.check(not (whole and (head or place)), "S-31", at,
                   f"damaged footer of commit {footer.number + 1}")


def verify(data):
    """the list of (rule, offset, text) of what is wrong"""
    try:
        return Verifier(data).run()
    except Damage as damage:
        return [(damage.rule, damage.offset, damage.text)]
    except Unsupported as error:
        return [("S-32", 0, str(error))]
