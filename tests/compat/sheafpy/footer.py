"""Section 11: the footer, the jump, the commit id."""
import hashlib
import struct
from dataclasses import dataclass, field
from typing import NamedTuple

from .base import (FILE_MAX, FOOTER_MAX, LAYERS_MAX, MESSAGE_MAX,
                   STRINGS_TOTAL, Cursor, Damage, Unsupported)
from .frames import FOOTER, read_sheaf_frame

REMOVED_FLAG, ERASED_FLAG, HISTORY_FLAG = 1, 2, 4
NO_ID = bytes(32)


class Layer(NamedTuple):
    last: int           # commit
    entries: tuple      # of ids, names, urls
    offsets: tuple      # root or only page of each; 0: no entries


@dataclass
class Footer:
    """the fields in their order in the frame"""
    version: int = 1
    reserved: int = 0
    offset: int = 0
    previous: int = 0
    jump: int = 0
    incompatible: int = 0
    compatible: int = 0
    number: int = 0
    time: int = 0
    root: bytes = bytes(32)
    fingerprint: bytes = bytes(16)
    id: bytes = NO_ID
    start: int = 0
    live: int = 0
    records: int = 0
    articles: int = 0
    article_bytes: int = 0
    new_records: int = 0
    new_articles: int = 0
    new_bytes: int = 0
    blocks: int = 0
    pages: int = 0
    page_bytes: int = 0
    strings: int = 0
    string_count: int = 0
    dictionary: int = 0
    removed: int = 0
    erased: int = 0
    layers: list = field(default_factory=list)
    message: bytes = b""
    history: int = 0    # offset of the table; 0: not compacted
    size: int = 0       # of the whole frame

    @property
    def end(self):
        return self.offset + self.size

    @property
    def is_first(self):
        """of the file: of commit 1, or of a compaction [S-37]"""
        return self.number == 1 or self.history != 0 and self.previous == 0

    @property
    def indexed(self):
        """t: the last commit that a layer covers"""
        return self.layers[-1].last if self.layers else 0


FIXED = struct.Struct("<BHQQQIIQq32s16s32s")    # bytes 13 .. 143
VARINTS = ("start", "live", "records", "articles", "article_bytes",
           "new_records", "new_articles", "new_bytes", "blocks", "pages",
           "page_bytes", "strings", "string_count", "dictionary", "removed",
           "erased")
# what points to a frame before the footer
OFFSETS = ("previous", "jump", "start", "pages", "strings", "dictionary",
           "removed", "erased")


def parse_footer(body, offset):
    """the fields of a footer's body; nothing but the body is looked at"""
    cursor = Cursor(body, offset, "footer")
    fixed = FIXED.unpack(cursor.bytes(FIXED.size))
    names = list(Footer.__dataclass_fields__)
    footer = Footer(**dict(zip(names, fixed)))
    footer.size = len(body) + 21
    if footer.version != 1:
        raise Unsupported(f"format version {footer.version}")
    unknown = footer.incompatible & \
        ~(REMOVED_FLAG | ERASED_FLAG | HISTORY_FLAG)
    if unknown:
        raise Unsupported(f"incompatible flags {unknown:#x}")
    for name in VARINTS:
        setattr(footer, name, cursor.varint(name))
    layers = cursor.u8()
    cursor.check(layers <= LAYERS_MAX, f"{layers} layers")
    for _ in range(layers):
        last = cursor.varint("layer's last commit")
        cursor.check(footer.indexed < last <= footer.number,
                     f"layer up to commit {last}", "S-22")
        pairs = [(cursor.varint("entries"), cursor.varint("index", 0,
                                                          offset))
                 for _ in range(3)]
        entries, offsets = zip(*pairs)
        for n, where in pairs:
            cursor.check((n == 0) == (where == 0), "entries without index")
        footer.layers.append(Layer(last, entries, offsets))
    footer.message = cursor.bytes(
        cursor.varint("message", 0, MESSAGE_MAX))
    if footer.incompatible & HISTORY_FLAG:
        footer.history = cursor.varint("history", 1, offset - 1)
    # the rest is what later versions add

    check = cursor.check
    check(footer.size <= FOOTER_MAX, "too long")
    check(offset + footer.size <= FILE_MAX, "beyond FILE_MAX")
    check(footer.reserved == 0, "bytes 14 and 15 are not 0")
    check(footer.offset == offset, "another offset")
    check(footer.number >= 1, "commit 0")
    for name in OFFSETS:
        check(getattr(footer, name) <= offset, f"{name} points forward")
    check((footer.previous == 0) == footer.is_first, "previous footer")
    check(footer.previous < footer.start or footer.is_first,
          "starts before the previous footer")
    check(footer.start == 0 or not footer.is_first,
          "the first commit starts later")
    check(footer.number > 1 or not footer.history,
          "commit 1 has a history", "S-37")
    check(footer.jump == 0 or not footer.is_first and jump(footer.number),
          "jump", "S-28")
    # before the first footer of a compacted file there is none to jump to
    check(footer.jump != 0 or footer.history or jump(footer.number) == 0,
          "jump", "S-28")
    check(footer.pages + footer.page_bytes <= offset, "record pages")
    check((footer.pages == 0) == (footer.page_bytes == 0), "record pages")
    check(footer.pages == 0 or footer.pages >= footer.start, "record pages")
    check((footer.strings == 0) == (footer.string_count == 0), "strings")
    check(footer.string_count <= STRINGS_TOTAL, "too many strings")
    for part, whole in (("live", "records"), ("new_records", "records"),
                        ("new_articles", "articles"),
                        ("new_bytes", "article_bytes")):
        check(getattr(footer, part) <= getattr(footer, whole),
              f"{part} are more than {whole}")
    for layer in footer.layers:
        check(layer.entries[0] <= footer.articles and
              max(layer.entries[1:]) <= footer.records, "entries of a layer")
    check(bool(footer.incompatible & REMOVED_FLAG) == bool(footer.removed),
          "flag of the removed ids")
    check(bool(footer.incompatible & ERASED_FLAG) == bool(footer.erased),
          "flag of the erased ranges")
    return footer


def read_footer(data, offset):
    frame = read_sheaf_frame(data, offset, len(data))
    if frame.kind != FOOTER:
        raise Damage("S-36", offset, "no footer here")
    return parse_footer(frame.body, offset)


def jump(k):
    """[S-28] k is the sum of a list of numbers 2^i - 1, the largest possible
    first; jump(k) is that sum without the last one"""
    left, last = k, 0
    while left:
        last = (1 << (left + 1).bit_length() - 1) - 1
        left -= last
    return k - last


def commit_id(frame, previous_id):
    """frame: the bytes of the footer's whole frame [S-29]"""
    return hashlib.sha256(b"sheaf commit 1\n" + previous_id
                          + frame[:112] + frame[144:-8]).digest()
