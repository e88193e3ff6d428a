"""Section 8: index pages and roots."""
from typing import NamedTuple

from .base import ENTRIES_MAX, FILE_MAX, INDEX_PAGE_MAX, Cursor

IDS, NAMES, URLS = range(3)
KEY_BITS = 48
# what a page's values have above the slot: an offset, or the number of one in
# the page's own table, or in the root's
WAY_OFFSET, WAY_OWN, WAY_ROOT = range(3)
KNOWN_BITS = (48, 28, 28)     # how many of them a page of each index has


def packed_size(n, bits):
    return (n * bits + 7) // 8


class Packed:
    """n values of some bits each, the first in the lowest bits"""

    def __init__(self, cursor, n, bits):
        self.data, self.bits = cursor.bytes(packed_size(n, bits)), bits
        used = n * bits & 7
        cursor.check(not used or self.data[-1] >> used == 0,
                     "bits behind the last value", "S-24")

    def __getitem__(self, i):
        bit = i * self.bits
        word = int.from_bytes(self.data[bit >> 3:(bit >> 3) + 8], "little")
        return word >> (bit & 7) & (1 << self.bits) - 1


def parse_table(cursor, index):
    """the offsets of a page's table, or a root's"""
    count = cursor.varint("offsets", 0, ENTRIES_MAX)
    if not count:
        return []
    base = cursor.varint("base", 0, FILE_MAX)
    bits = cursor.u8()
    cursor.check(bits <= 48, f"{bits} bits of an offset")
    packed = Packed(cursor, count, bits)
    table = [base + packed[i] for i in range(count)]
    cursor.check(all(a < b for a, b in zip(table, table[1:])),
                 "offsets do not ascend", "S-40")
    cursor.check(index == IDS or table[-1] < cursor.offset,
                 "an offset points forward")
    return table


class IndexPage:
    def __init__(self, frame):
        cursor = Cursor(frame.body, frame.offset, "index page")
        cursor.check(frame.size <= INDEX_PAGE_MAX, "too long")
        self.offset, self.size = frame.offset, frame.size
        self.index = cursor.u8()
        cursor.check(self.index <= URLS, f"index {self.index}")
        self.p = cursor.u8()
        cursor.check(self.p <= 24, f"{self.p} page bits")
        self.page = cursor.varint("page", 0, (1 << self.p) - 1)
        self.b = cursor.u8()
        cursor.check(self.b <= 24, f"{self.b} bucket bits")
        self.f = cursor.u8()
        # the bits of a key that the page knows
        self.bits = self.p + self.b + self.f
        cursor.check(1 <= self.f and self.bits == KNOWN_BITS[self.index],
                     f"{self.f} fingerprint bits")
        offset_bits = cursor.u8()
        cursor.check(offset_bits <= 48, f"{offset_bits} offset bits")
        self.slot_bits = cursor.u8()
        cursor.check(self.slot_bits <= 16 and
                     offset_bits + self.slot_bits <= 56,
                     f"{self.slot_bits} slot bits")
        self.way = cursor.u8()
        cursor.check(self.way <= (WAY_ROOT if self.p else WAY_OWN),
                     f"coding {self.way}")
        self.base = cursor.varint("base")
        if self.way != WAY_OFFSET:
            cursor.check(self.base == 0 and offset_bits <= 20,
                         "base of numbers, or their bits")
        self.count = cursor.varint("count", 0, ENTRIES_MAX)
        e = cursor.u8()
        cursor.check(1 <= e <= 24 and self.count < 1 << e,
                     f"{e} bits of a bucket end")
        self.table = None
        if self.way == WAY_OWN:
            self.table = parse_table(cursor, self.index)
        self.ends = Packed(cursor, 1 << self.b, e)
        self.fingerprints = Packed(cursor, self.count, self.f)
        self.values = Packed(cursor, self.count,
                             offset_bits + self.slot_bits)
        cursor.end()
        self.cursor = cursor

    def bind(self, root):
        """to the root's table"""
        if self.way == WAY_ROOT:
            self.table = root.table

    def bucket(self, i):
        """the numbers of its entries"""
        start = self.ends[i - 1] if i else 0
        end = self.ends[i]
        self.cursor.check(start <= end <= self.count, "bucket ends", "S-24")
        return range(start, end)

    def value(self, i):
        """of entry i: (offset, slot)"""
        value = self.values[i]
        at = value >> self.slot_bits
        if self.way == WAY_OFFSET:
            at += self.base
        else:
            self.cursor.check(at < len(self.table), f"offset number {at}")
            at = self.table[at]
        return at, value & (1 << self.slot_bits) - 1

    def find(self, low, high):
        """the values of all entries with keys that can be in low .. high"""
        low, high = low >> KEY_BITS - self.bits, high >> KEY_BITS - self.bits
        first = self.page << self.b + self.f
        low = max(low, first)
        high = min(high, first + (1 << self.b + self.f) - 1)
        if low > high:
            return
        for bucket in range(low - first >> self.f,
                            (high - first >> self.f) + 1):
            prefix = first + (bucket << self.f)
            for i in self.bucket(bucket):
                if low <= prefix + self.fingerprints[i] <= high:
                    yield self.value(i)

    def entries(self):
        """all of them: (the upper bits of the key, value)"""
        self.cursor.check(self.ends[(1 << self.b) - 1] == self.count,
                          "count", "S-24")
        for bucket in range(1 << self.b):
            before = None
            for i in self.bucket(bucket):
                key = (self.page << self.b | bucket) << self.f \
                    | self.fingerprints[i]
                # with one base or table, places ascend just as values do
                entry = (key, self.value(i))
                self.cursor.check(before is None or before < entry,
                                  "entries of a bucket do not ascend", "S-24")
                before = entry
                yield entry


class IndexRoot(NamedTuple):
    offset: int
    index: int
    p: int
    first: int
    sizes: list
    table: list

    @property
    def end(self):
        return self.first + sum(self.sizes)


def parse_root(frame):
    cursor = Cursor(frame.body, frame.offset, "index root")
    index = cursor.u8()
    cursor.check(index <= URLS, f"index {index}")
    p = cursor.u8()
    cursor.check(1 <= p <= 24, f"{p} page bits")
    first = cursor.varint("first")
    sizes = cursor.varints(1 << p, "size", 21, INDEX_PAGE_MAX)
    table = parse_table(cursor, index)
    cursor.end()
    return IndexRoot(frame.offset, index, p, first, sizes, table)
