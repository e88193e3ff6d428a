"""Sections 1 and 13: integers, limits, and what a reader says when it refuses.
"""
import struct

import xxhash

BLOCK_MAX = 67_108_864
PACKED_MAX = 67_633_152
ARTICLES_MAX = 65_535
SEED_MAX = 65_535
RECORDS_MAX = 4_096
PAGE_MAX = 4_194_304
NAME_MAX = 65_535
NAMES_MAX = 16_777_216
FIELD_MAX = 65_535
LIST_MAX = 256
STRINGS_MAX = 67_108_864
STRINGS_TOTAL = 16_777_216
CHAIN_MAX = 64
ENTRIES_MAX = 1_048_576
INDEX_PAGE_MAX = 16_777_216
TAIL_COMMITS, TAIL_RECORDS = 256, 16_384
LAYERS_MAX = 8
MESSAGE_MAX = 4_096
FOOTER_MAX = 16_384
FILE_MAX = 1 << 44
REMOVED_MAX = 16_777_216
REMOVED_BYTES_MAX = 536_870_912
HISTORY_MAX = 67_108_864

U64 = (1 << 64) - 1


class Damage(Exception):
    """Bytes that contradict the format."""

    def __init__(self, rule, offset, text):
        super().__init__(f"{offset}: {text} [{rule}]")
        self.rule, self.offset, self.text = rule, offset, text


class Unsupported(Exception):
    """A later version, or a flag that this reader does not know [S-32]."""


class NotFound(Exception):
    """No such commit, article or record."""


def wrap(n):
    """n mod 2^64 as i64: what sums of differences of times are"""
    return ((n + (1 << 63)) & U64) - (1 << 63)


def article_id(data, seed=0):
    return xxhash.xxh3_128_digest(data, seed)


def id_key(ident):
    """the first 48 bits of an id"""
    return int.from_bytes(ident[:6], "big")


def text_key(text):
    """the key of a name or url"""
    return xxhash.xxh3_64_intdigest(text) >> 16


class Cursor:
    """Reads one table; everything that is not there, or is not what the
    table says, is Damage at the table's offset [S-36]."""

    def __init__(self, data, offset, what):
        self.data, self.at = data, 0
        self.offset, self.what = offset, what

    def refuse(self, text, rule="S-36"):
        raise Damage(rule, self.offset, f"{self.what}: {text}")

    def check(self, true, text, rule="S-36"):
        if not true:
            self.refuse(text, rule)

    def left(self):
        return len(self.data) - self.at

    def bytes(self, n):
        self.check(n <= self.left(), "ends early")
        self.at += n
        return bytes(self.data[self.at - n:self.at])

    def unpack(self, form):
        return struct.unpack(form, self.bytes(struct.calcsize(form)))[0]

    def u8(self):
        return self.unpack("<B")

    def varint(self, what, low=0, high=U64):
        """[S-1]"""
        value = shift = 0
        while True:
            self.check(self.left() > 0, f"{what}: ends early")
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 127) << shift
            if byte < 128:
                break
            shift += 7
            self.check(shift < 70, f"{what}: varint too long", "S-1")
        self.check(byte > 0 or shift == 0,
                   f"{what}: varint not minimal", "S-1")
        self.check(value <= U64, f"{what}: varint of 2^64 or more", "S-1")
        self.check(low <= value <= high,
                   f"{what}: {value} is not in {low} .. {high}")
        return value

    def varints(self, n, what, low=0, high=U64):
        self.check(n <= self.left(), f"{what}: ends early")
        return [self.varint(what, low, high) for _ in range(n)]

    def zigzag(self, what):
        n = self.varint(what)
        return (n >> 1) ^ -(n & 1)

    def end(self):
        self.check(self.left() == 0, f"{self.left()} bytes too many")
