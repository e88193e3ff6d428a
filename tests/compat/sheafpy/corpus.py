"""Section 12: open, as of, list, get."""
import mmap
from functools import cached_property, lru_cache

from .base import (CHAIN_MAX, Damage, NotFound, article_id, id_key, text_key)
from .blocks import parse_block_header
from .footer import jump, parse_footer, read_footer
from .frames import (BLOCK, ERASED, HISTORY, INDEX, NAMES, PAGE, REMOVED, ROOT,
                     SHEAF_MAGIC, STRINGS, decode_zstd, make_dictionary,
                     newest_footer, read_sheaf_frame, read_zstd_head)
from .index import IDS, KEY_BITS, URLS, IndexPage, parse_root
from .records import parse_page
from .tables import (parse_erased, parse_history, parse_removed,
                     parse_strings)


def map_file(path):
    with open(path, "rb") as f:
        f.seek(0, 2)
        if f.tell() == 0:
            return b""
        return mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ)


class Corpus:
    """A corpus as of one commit: the newest, or as_of."""

    def __init__(self, data, as_of=None):
        self.data = data
        frame = newest_footer(data)
        if frame is None:
            raise Damage("S-31", 0, "no corpus, or no whole commit in it")
        self.footer = parse_footer(frame.body, frame.offset)
        self.torn = len(data) - self.footer.end
        # what is erased is so for all commits
        self.newest = self.footer
        if as_of is not None:
            self.footer = self.footer_of(as_of)
        self.number = self.footer.number if as_of is None else as_of
        # what is read more than once
        self.block = lru_cache(None)(self.read_block)
        self.page = lru_cache(None)(self.read_page)
        self.index_page = lru_cache(64)(self.read_index_page)
        self.parent = lru_cache(8)(self.read_parent)
        self.content = lru_cache(32)(self.read_content)
        self.id = lru_cache(None)(self.read_id)
        self.footers = list(self.read_footers())
        self.footers.reverse()      # now commit k is at k - first
        self.first = self.footers[0].number

    @cached_property
    def strings(self):
        return self.read_strings(self.footer)

    @cached_property
    def removed(self):
        return self.read_removed(self.footer)

    @cached_property
    def erased(self):
        return self.read_erased(self.newest)

    @cached_property
    def history(self):
        """the commits that a compaction folded in (9a), commit 1 first"""
        return self.read_history(self.footer)

    @cached_property
    def places(self):
        """of the articles shown as of a commit of the history [S-39]"""
        return {r.place for r in self.all_records()}

    @cached_property
    def tail(self):
        """the records behind the newest layer"""
        return [r for footer in self.footers
                if footer.number > self.footer.indexed
                for page in self.pages(footer) for r in self.with_keys(page)]

    # --- frames

    def frame(self, offset, kind):
        """the frame of that kind at offset, before the footer's end"""
        frame = read_sheaf_frame(self.data, offset, self.footer.end)
        if frame.kind != kind:
            raise Damage("S-36", offset, f"expected a {NAMES[kind]}, "
                         f"found a {NAMES.get(frame.kind, frame.kind)}")
        return frame

    # --- footers

    def footer_of(self, k):
        """the footer of commit k, from a later one (As of commit k); of a
        commit of the history, the first footer [S-39]"""
        footer = self.footer
        if not 1 <= k <= footer.number:
            raise NotFound(f"no commit {k}")
        while footer.number > k and not footer.is_first:
            far = jump(footer.number)
            number, offset = (far, footer.jump) \
                if far >= k and footer.jump else \
                (footer.number - 1, footer.previous)
            footer = self.earlier(footer, number, offset)
        return footer

    def earlier(self, footer, number, offset):
        if offset >= footer.offset:
            raise Damage("S-36", footer.offset, "footer points forward")
        found = read_footer(self.data, offset)
        if found.number != number:
            raise Damage("S-28", offset, f"footer of commit {found.number}, "
                         f"expected {number}")
        if found.history != footer.history:
            raise Damage("S-38", offset, "another history")
        return found

    def read_footers(self):
        """from the newest to the first"""
        footer = self.footer
        yield footer
        while not footer.is_first:
            before = self.earlier(footer, footer.number - 1, footer.previous)
            if before.end != footer.start:
                raise Damage("S-2", footer.offset, "segment does not begin "
                             "at the end of the previous one")
            yield before
            footer = before

    def footer_before(self, footer):
        """the one before it; None: it is the first"""
        at = footer.number - self.first
        return self.footers[at - 1] if at else None

    def footer_at(self, k):
        """the footer of commit k; None: there is none"""
        return self.footers[k - self.first] if k >= self.first else None

    def read_history(self, footer):
        """[S-37]"""
        if not footer.history:
            return []
        commits = parse_history(self.frame(footer.history, HISTORY))
        if len(commits) != self.first - 1 or \
                footer.history >= self.footers[0].offset:
            raise Damage("S-37", footer.history, f"history of {len(commits)} "
                         f"commits, the first footer is of {self.first}")
        return commits

    def log(self):
        """what is known of each commit shown, the newest first"""
        return [x for x in [*reversed(self.footers), *reversed(self.history)]
                if x.number <= self.number]

    # --- blocks (section 5)

    def read_block(self, offset):
        header = parse_block_header(self.frame(offset, BLOCK))
        if header.end > self.footer.offset:
            raise Damage("S-36", offset, "block reaches beyond the footer")
        return header

    def read_parent(self, offset, raw):
        return make_dictionary(self.content(offset), raw)

    def read_content(self, offset):
        """the decoded content of the block at offset (5.2) [S-14]"""
        block = self.block(offset)
        dictionary = None
        if block.parent is not None:
            parent = self.block(block.parent)
            grand = None if parent.parent is None else \
                self.block(parent.parent)
            if grand and not grand.is_dictionary:
                raise Damage("S-14", offset, "parent is a revision")
            dictionary = self.parent(block.parent, not parent.is_dictionary)
        frame = self.data[block.frame:block.end]
        if read_zstd_head(frame, 0, len(frame)).content != block.plain:
            raise Damage("S-5", offset, "content size")
        return decode_zstd(frame, block.plain, block.frame, dictionary)

    def article(self, place):
        offset, slot = place
        block = self.block(offset)
        if slot >= len(block.lengths):
            raise Damage("S-36", offset, f"no article {slot} in this block")
        start = block.starts[slot]
        return self.content(offset)[start:start + block.lengths[slot]]

    def read_id(self, place):
        return article_id(self.article(place),
                          self.block(place[0]).seeds[place[1]])

    # --- records (section 6)

    def read_page(self, offset):
        return parse_page(self.frame(offset, PAGE))

    def pages(self, footer):
        """the record pages of one commit's segment [S-3]"""
        at, end = footer.pages, footer.pages + footer.page_bytes
        while at < end:
            page = self.page(at)
            at += page.size
            yield page
        if at > end:
            raise Damage("S-3", footer.offset, "size of the record pages")

    def with_keys(self, page):
        if not page.has_keys:
            raise Damage("S-22", page.offset, "page of the tail without keys")
        return page.records

    def record(self, ref):
        offset, slot = ref
        records = self.page(offset).records
        if slot >= len(records):
            raise Damage("S-36", offset, f"no record {slot} in this page")
        return records[slot]

    def name(self, record):
        """spelled in its own page, or in one earlier page"""
        if record.name is not None:
            return record.name
        older = self.record(record.older)
        if older.name is None:
            raise Damage("S-18", record.ref[0], "the record referred to does "
                         "not spell its name")
        return older.name

    def all_records(self):
        """of all commits shown, in the order of the file, removed ones too
        """
        for footer in self.footers:
            for page in self.pages(footer):
                yield from (r for r in page.records
                            if r.commit <= self.number)

    def list(self, all_versions=False):
        """the records shown: those whose article is not removed [S-25]"""
        records = [r for r in self.all_records() if not self.is_removed(r)]
        if all_versions:
            return records
        newest = {}
        for r in records:
            key = self.name(r)
            if key not in newest or newest[key].commit <= r.commit:
                newest[key] = r
        return [r for r in records if newest[self.name(r)] is r]

    # --- strings, removed ids (sections 7 and 9)

    def string_pages(self, footer):
        """the chain of strings pages, newest first [S-20]"""
        at, expected = footer.strings, footer.string_count
        for _ in range(CHAIN_MAX):
            if not expected:
                return
            page = parse_strings(self.frame(at, STRINGS))
            if page.end != expected:
                raise Damage("S-20", at, f"codes up to {page.end}, "
                             f"expected {expected}")
            yield page
            at, expected = page.previous, page.first
        if expected:
            raise Damage("S-20", at, "chain of strings pages too long")

    def read_strings(self, footer):
        strings = []
        for page in self.string_pages(footer):
            strings[:0] = page.strings
        return strings

    def string(self, code):
        if code >= len(self.strings):
            raise Damage("S-36", self.footer.strings, f"no string {code}")
        return self.strings[code]

    def read_removed(self, footer):
        if not footer.removed:
            return {}
        return parse_removed(self.frame(footer.removed, REMOVED))

    def read_erased(self, footer):
        if not footer.erased:
            return []
        frame = read_sheaf_frame(self.data, footer.erased, footer.offset)
        if frame.kind != ERASED:
            raise Damage("S-36", footer.erased, "no erased ranges here")
        return parse_erased(frame)

    def is_removed_id(self, ident):
        return self.removed.get(ident, self.number + 1) <= self.number

    def is_erased(self, offset):
        return any(r.offset <= offset < r.offset + r.length
                   for r in self.erased) and \
            self.data[offset:offset + 4] != SHEAF_MAGIC

    def is_removed(self, record):
        """a record's article is only read where its prefix is not enough; of
        one that is erased the prefix has to do"""
        if self.is_erased(record.place[0]):
            return True
        if not self.removed or record.id_prefix is not None and not any(
                id_key(i) == record.id_prefix for i in self.removed):
            return False
        return self.is_removed_id(self.id(record.place))

    # --- indexes (section 8)

    def read_index_page(self, offset):
        return IndexPage(self.frame(offset, INDEX))

    def index_pages(self, layer, index, low=0, high=(1 << KEY_BITS) - 1):
        """the pages of a layer's index with the keys low .. high"""
        offset = layer.offsets[index]
        if not offset:
            return
        frame = read_sheaf_frame(self.data, offset, self.footer.offset)
        if frame.kind == ROOT:
            root = parse_root(frame)
        else:
            root = None
        shift = KEY_BITS - (root.p if root else 0)
        at = root.first if root else offset
        for i in range(1 << (root.p if root else 0)):
            if low >> shift <= i <= high >> shift:
                page = self.index_page(at)
                p = root.p if root else 0
                if (page.index, page.p, page.page) != (index, p, i) or \
                        root and (root.index != index or
                                  root.sizes[i] != page.size):
                    raise Damage("S-36", at, "not the index page expected")
                page.bind(root)
                yield page
            at += root.sizes[i] if root else 0

    def candidates(self, index, low, high):
        """values of all entries with keys in low .. high, the newest first
        """
        def tail_key(r):
            return (r.id_prefix, text_key(self.name(r)), r.url_key)[index]

        found = {r.place if index == IDS else r.ref for r in self.tail
                 if (index != URLS or r.has_url)
                 and low <= tail_key(r) <= high}
        for layer in self.footer.layers:
            for page in self.index_pages(layer, index, low, high):
                found.update(page.find(low, high))
        return sorted(found, reverse=True)

    def get(self, prefix):
        """{id: article} of the ids that begin with these hex digits [S-33]
        """
        low = int((prefix + "0" * 12)[:12], 16)
        high = int((prefix + "f" * 12)[:12], 16)
        found = {}
        for place in self.candidates(IDS, low, high):
            if self.is_erased(place[0]):
                continue
            if self.number < self.first and place not in self.places:
                continue
            ident = self.id(place)
            if not low <= id_key(ident) <= high:
                raise Damage("S-33", place[0], f"article {place[1]} has not "
                             "the id that the index says")
            if ident.hex().startswith(prefix) and \
                    not self.is_removed_id(ident):
                found[ident] = self.article(place)
        return found

    def find_name(self, name):
        """the records of this name, newest first"""
        key = text_key(name)
        return [r for r in map(self.record,
                               self.candidates(1, key, key))
                if r.commit <= self.number and self.name(r) == name
                and not self.is_removed(r)]

    def find_url(self, url):
        """the records whose article may have this url, newest first

        A format's reader would decide; here, the url's bytes in the article.
        """
        key = text_key(url)
        return [r for r in map(self.record,
                               self.candidates(URLS, key, key))
                if r.commit <= self.number and not self.is_removed(r)
                and url in self.article(r.place)]
