#!/usr/bin/env python3
"""Writes two different files with the same XXH3-128 (and XXH3-64).

    collide.py FILE1 FILE2 [NUMBER]

An input of more than 240 bytes is hashed in stripes of eight 64-bit lanes.
For stripe i and lane j, with data d and the secret's 64 bits s at 8 * (i + j),
    accumulator[j xor 1] += d
    accumulator[j]       += low32(d xor s) * high32(d xor s)
The default secret is public.  Where the low half of d is that of s, the
product is 0 whatever the high half is; so in two stripes of one block, with
such low halves in one lane, the high halves can change places: their sum is
all that the hash sees.  With a seed, the secret is another one.

NUMBER (default 0) gives different pairs.  Needs the module xxhash.
"""
import sys

import xxhash

# the first 16 bytes of XXH3's default secret: lane 0 of the stripes 0 and 1
SECRET = bytes.fromhex("b8fe6c3923a44bbe7c01812cf721ad1c")
STRIPE = 64


def pair(number=0, size=512):
    """two colliding inputs; the bytes of both that differ are 4 to 8 and 68
    to 72"""
    assert size > 4 * STRIPE
    filler = (b"One of two articles whose ids are equal, number %d.\n"
              % number) * size
    high = [b"one,", b"two,"]

    def make(first, second):
        text = bytearray(filler[:size - 1] + b"\n")
        text[0:8] = SECRET[0:4] + first
        text[STRIPE:STRIPE + 8] = SECRET[8:12] + second
        return bytes(text)

    one, two = make(*high), make(*reversed(high))
    assert one != two
    assert xxhash.xxh3_128_digest(one) == xxhash.xxh3_128_digest(two)
    assert xxhash.xxh3_64_digest(one) == xxhash.xxh3_64_digest(two)
    assert xxhash.xxh3_128_digest(one, 1) != xxhash.xxh3_128_digest(two, 1)
    return one, two


def family(size=1024):
    """four different inputs with one id: lane 0 of stripes 0, 1; 2, 3"""
    # stripes 2 and 3: the secret's bytes 16 to 20 and 24 to 28
    more = bytes.fromhex("ded46de9"), bytes.fromhex("7240a4a4")
    found = []
    for first in (b"one,", b"two,"), (b"two,", b"one,"):
        for second in (b"red,", b"tan,"), (b"tan,", b"red,"):
            text = bytearray((b"One of four articles with one id.\n"
                              * size)[:size - 1] + b"\n")
            lows = SECRET[0:4], SECRET[8:12], *more
            for i, (low, high) in enumerate(zip(lows, first + second)):
                text[STRIPE * i:STRIPE * i + 8] = low + high
            found.append(bytes(text))
    assert len(set(found)) == 4
    assert len(set(map(xxhash.xxh3_128_digest, found))) == 1
    return found


def main():
    if len(sys.argv) not in (3, 4):
        print(__doc__.split("\n")[2].strip(), file=sys.stderr)
        return 2
    number = int(sys.argv[3]) if len(sys.argv) == 4 else 0
    for path, content in zip(sys.argv[1:], pair(number)):
        with open(path, "wb") as f:
            f.write(content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
