"""Sections 2 to 4: zstd frames, sheaf frames, sync, coded payloads."""
import struct
from typing import NamedTuple

import xxhash
import zstandard

from .base import FOOTER_MAX, Damage

ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
DICTIONARY_MAGIC = b"\x37\xa4\x30\xec"
SHEAF_MAGIC = b"\x5a\x2a\x4d\x18"
MARKER = b"\xf5\xc0\xfe\xc1"

(BLOCK, PAGE, STRINGS, INDEX, ROOT, REMOVED, ERASED, TREE, FOOTER,
 HISTORY) = range(1, 11)
NAMES = {BLOCK: "block header", PAGE: "record page", STRINGS: "strings page",
         INDEX: "index page", ROOT: "index root", REMOVED: "removed ids",
         ERASED: "erased ranges", TREE: "tree", FOOTER: "footer",
         HISTORY: "history"}
ZSTD, OTHER = "zstd frame", "other skippable frame"


class Frame(NamedTuple):
    offset: int
    size: int           # of the whole frame
    kind: object        # 1 .. 9 or more; ZSTD or OTHER
    body: bytes         # of a sheaf frame

    @property
    def end(self):
        return self.offset + self.size


def checksum(frame, offset):
    """of a sheaf frame's bytes, its last 8 left out [S-9]"""
    return struct.pack("<Q", xxhash.xxh3_64_intdigest(frame, offset))


def read_sheaf_frame(data, offset, limit):
    """the whole sheaf frame at offset, which ends at limit or before"""
    def check(true, text, rule="S-36"):
        if not true:
            raise Damage(rule, offset, "sheaf frame: " + text)

    check(0 <= offset <= limit - 21, "out of the file's bounds")
    head = bytes(data[offset:offset + 13])
    check(head[:4] == SHEAF_MAGIC and head[8:12] == MARKER, "there is none")
    n = struct.unpack_from("<I", head, 4)[0]
    check(n >= 13, f"length of {n}")
    check(offset + n + 8 <= limit, "is cut short")
    frame = bytes(data[offset:offset + n + 8])
    check(checksum(frame[:n], offset) == frame[n:], "checksum", "S-9")
    return Frame(offset, n + 8, head[12], frame[13:n])


class ZstdHead(NamedTuple):
    size: int           # of the whole frame
    content: object     # its content's size, or None
    single: bool
    checksum: bool
    dictionary: int
    blocks: list        # (type, size) of each; type 0 is raw


def read_zstd_head(data, offset, limit):
    """the header of the zstd frame at offset (RFC 8878, 3.1.1), its end"""
    at = offset

    def take(n):
        nonlocal at
        if at + n > limit:
            raise Damage("S-2", offset, "zstd frame: cut short")
        at += n
        return int.from_bytes(data[at - n:at], "little")

    if take(4) != int.from_bytes(ZSTD_MAGIC, "little"):
        raise Damage("S-2", offset, "zstd frame: there is none")
    descriptor = take(1)
    single = bool(descriptor & 32)
    take(0 if single else 1)
    dictionary = take((0, 1, 2, 4)[descriptor & 3])
    width = (1 if single else 0, 2, 4, 8)[descriptor >> 6]
    content = take(width) + (256 if width == 2 else 0) if width else None
    last, blocks = False, []
    while not last:
        block = take(3)
        last, kind, size = block & 1, block >> 1 & 3, block >> 3
        if kind == 3:
            raise Damage("S-2", offset, "zstd frame: block of type 3")
        take(1 if kind == 1 else size)
        blocks.append((kind, size))
    take(4 if descriptor & 4 else 0)
    return ZstdHead(at - offset, content, single, bool(descriptor & 4),
                    dictionary, blocks)


def make_dictionary(content, raw):
    """raw: a prefix, whatever it begins with (5.2)"""
    full = not raw and content[:4] == DICTIONARY_MAGIC
    return zstandard.ZstdCompressionDict(
        content, dict_type=zstandard.DICT_TYPE_FULLDICT if full
        else zstandard.DICT_TYPE_RAWCONTENT)


def decode_zstd(frame, plain, offset, dictionary=None):
    """the content of exactly one zstd frame, of plain bytes"""
    def check(true, text):
        if not true:
            raise Damage("S-36", offset, "zstd frame: " + text)

    head = read_zstd_head(frame, 0, len(frame))
    check(head.size == len(frame), "is followed by something")
    check(head.content == plain, f"content of {head.content}, not {plain}")
    try:
        content = zstandard.ZstdDecompressor(dict_data=dictionary) \
            .decompress(frame) if plain else b""
    except zstandard.ZstdError as error:
        raise Damage("S-36", offset, f"zstd frame: {error}") from None
    check(len(content) == plain, "content of another size")
    if head.checksum:   # once more: the module skips frames without content
        low = xxhash.xxh64_intdigest(content) & 0xFFFFFFFF
        check(struct.pack("<I", low) == frame[-4:], "content checksum")
    return content


def decode_coded(cursor, limit):
    """a payload that is `coded`: the rest of the body [S-12]"""
    coding = cursor.u8()
    cursor.check(coding <= 1, f"coding {coding}")
    plain = cursor.varint("plain size")
    cursor.check(plain <= limit, f"plain size of {plain}", "S-12")
    payload = cursor.bytes(cursor.left())
    if coding == 1:
        return decode_zstd(payload, plain, cursor.offset)
    cursor.check(len(payload) == plain, f"raw payload is not {plain} bytes")
    return payload


def walk(data, offset, limit):
    """all frames from offset to limit, which they must tile [S-2]"""
    while offset < limit:
        magic = bytes(data[offset:offset + 4])
        if magic == SHEAF_MAGIC:
            frame = read_sheaf_frame(data, offset, limit)
        elif magic == ZSTD_MAGIC:
            size = read_zstd_head(data, offset, limit).size
            frame = Frame(offset, size, ZSTD, None)
        elif magic[1:] == SHEAF_MAGIC[1:] and magic[0] >> 4 == 5:
            if offset + 8 > limit:
                raise Damage("S-2", offset, "frame cut short")
            size = 8 + struct.unpack_from("<I", data, offset + 4)[0]
            frame = Frame(offset, size, OTHER, None)    # [S-10]
        else:
            raise Damage("S-2", offset, "no frame begins here")
        if frame.end > limit:
            raise Damage("S-2", offset, "frame cut short")
        yield frame
        offset = frame.end


def sync_points(data, start, limit):
    """where the sync pattern of 12 bytes stands [S-11]"""
    at = data.find(MARKER, start + 8, limit)
    while at >= 0:
        if data[at - 8:at - 4] == SHEAF_MAGIC:
            yield at - 8
        at = data.find(MARKER, at + 1, limit)


def newest_footer(data):
    """search backwards for a whole footer (Open) [S-31]; None: there is none
    """
    at = data.rfind(MARKER)
    while at >= 8:
        offset = at - 8
        if data[offset:offset + 4] == SHEAF_MAGIC and \
                data[at + 4:at + 5] == bytes([FOOTER]):
            try:
                frame = read_sheaf_frame(data, offset, len(data))
                if frame.size <= FOOTER_MAX and \
                        frame.body[3:11] == struct.pack("<Q", offset):
                    return frame
            except Damage:
                pass
        at = data.rfind(MARKER, 0, at + len(MARKER) - 1)
    return None
