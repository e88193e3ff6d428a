#!/usr/bin/env python3
"""After `sheaf rm --erase` nothing that can be decoded has the erased text.

    erase.py [CASE...]    made compacted scrubbed real

50 articles are erased from a corpus, among them a base of revisions and, as the
case has one, one whose text is in a dictionary of segments, or one that lies in
a dictionary of articles.  Then the second reader decodes every block and every
table of the new file: no run of 32 bytes may be there that only the erased
articles had.  All others must be as they were, as of every commit.

Environment: SHEAF, the program; SHEAF_DATA, real corpora (may be absent).
"""
import importlib.util
import json
import os
import random
import subprocess
import sys
import tempfile

if any(importlib.util.find_spec(m) is None for m in ("zstandard", "xxhash")):
    # Debian has them for its own interpreter
    if sys.executable != "/usr/bin/python3":
        os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])
    print("python3-zstandard or python3-xxhash is missing")
    sys.exit(77)

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, os.pardir)]

from checks import check, checks_end                      # noqa: E402
from sheafpy.base import Cursor                             # noqa: E402
from sheafpy.corpus import Corpus, map_file                 # noqa: E402
from sheafpy.frames import (BLOCK, HISTORY, PAGE, STRINGS,  # noqa: E402
                            ZSTD, decode_coded, walk)
from sheafpy.verify import verify                           # noqa: E402

SHEAF = os.environ.get("SHEAF")
RUN = 32
ERASED = 50
REAL = 700         # files of the real corpus


def sheaf(*args, status=0):
    done = subprocess.run([SHEAF, *args], capture_output=True, check=False)
    check(f"sheaf {args[0]}", done.returncode == status,
          f"{done.returncode} {done.stderr.decode()}")
    return done.stdout.decode()


# --- what is in a file

def blocks(corpus):
    for frame in walk(corpus.data, 0, corpus.footer.offset):
        if frame.kind == BLOCK:
            yield corpus.block(frame.offset)


def parts(corpus):
    """(what, bytes) of all that can be decoded, and of all that stands plain
    """
    for frame in walk(corpus.data, 0, corpus.end):
        name = f"frame of kind {frame.kind} at {frame.offset}"
        if frame.kind == BLOCK:
            yield f"block at {frame.offset}", corpus.content(frame.offset)
        if frame.kind in (PAGE, STRINGS, HISTORY):
            cursor = Cursor(frame.body, frame.offset, name)
            yield name + ", decoded", decode_coded(cursor, 1 << 30)
        yield name, bytes(corpus.data[frame.offset:frame.end])


def runs(data, wanted):
    return {data[i:i + RUN] for i in range(len(data) - RUN + 1)} & wanted \
        if len(data) < 1 << 16 else \
        {r for i in range(len(data) - RUN + 1)
         if (r := bytes(data[i:i + RUN])) in wanted}


def told(corpus, without=()):
    """all that it tells of its records but where they lie"""
    def string(code):
        return None if code is None else corpus.string(code)

    return sorted(
        (corpus.name(r), corpus.id(r.place).hex(), corpus.article(r.place),
         r.commit, r.mtime, r.nsec, str(r.date), string(r.format),
         string(r.outlet) or b"", [string(c) for c in r.tags])
        for r in corpus.list(True) if corpus.id(r.place) not in without)


def open_corpus(path, as_of=None):
    corpus = Corpus(map_file(path), as_of)
    corpus.end = corpus.footer.offset + 1
    for frame in walk(corpus.data, corpus.footer.offset, len(corpus.data)):
        corpus.end = frame.end
        break
    return corpus


# --- who is erased

def only_of(corpus, victims):
    """runs that only these articles have, and no name or string"""
    wanted = set()
    for place in {r.place for r in corpus.all_records()}:
        if corpus.id(place) in victims:
            text = corpus.article(place)
            wanted |= {text[i:i + RUN] for i in range(len(text) - RUN + 1)}
    kept = []
    for r in corpus.all_records():
        if corpus.id(r.place) not in victims:
            kept += [corpus.article(r.place), corpus.name(r)]
    for text in kept:
        wanted -= runs(text, wanted)
    return wanted


def unique_in_dictionary(corpus):
    """ids of articles one of whose runs is in a dictionary of segments and in
    no other article"""
    ids = {}
    for block in blocks(corpus):
        if not block.is_dictionary or block.lengths:
            continue
        content = corpus.content(block.offset)
        wanted = {content[i:i + RUN] for i in range(len(content) - RUN + 1)}
        owner = {}
        for place in sorted({r.place for r in corpus.all_records()}):
            for run in runs(corpus.article(place), wanted):
                owner[run] = None if run in owner else place
        for place in owner.values():
            if place is not None:
                ids[corpus.id(place)] = True
    return list(ids)


def choose(corpus, rng):
    """50 ids, and which sorts are among them"""
    places = sorted({r.place for r in corpus.all_records()})
    ids = [corpus.id(p) for p in places]
    sorts, chosen = {}, []
    in_dictionary = unique_in_dictionary(corpus)
    if in_dictionary:
        sorts["dictionary of segments"] = in_dictionary[0]
    for block in blocks(corpus):
        parent = None if block.parent is None else corpus.block(block.parent)
        if parent and not parent.is_dictionary:
            sorts["base of revisions"] = corpus.id((parent.offset, 0))
        if block.is_dictionary and block.lengths:
            sorts["dictionary of articles"] = corpus.id((block.offset, 0))
    chosen = list(dict.fromkeys(sorts.values()))
    rng.shuffle(ids)
    chosen += [i for i in ids if i not in chosen][:ERASED - len(chosen)]
    return set(chosen), sorts


# --- cases

def words(rng, n):
    return " ".join(rng.choice("the of and senate budget vote press release "
                               "committee bill state today said new".split())
                    + "%x" % rng.randrange(1 << 12) for _ in range(n))


def write(folder, name, text, rng):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    os.utime(path, (1_600_000_000 + rng.randrange(10**6),) * 2)


def post(rng, family, i):
    return (f"---\ntitle: post {i}\ncategories: [only-of-{i}]\n"
            f"outlet: outlet {i % 7}\n---\n" + family + words(rng, 150) + "\n")


# blocks and a dictionary as a set of more than a megabyte has them
AS_LARGE = ("--level", "9", "--block", "8K")


def make(folder, rng):
    """two days: posts of six families, then edits of some of them"""
    families = [words(rng, 120) for _ in range(6)]
    posts = [post(rng, families[i % 6], i) for i in range(400)]
    for i, text in enumerate(posts):
        write(folder, f"day-1/{i % 9}/post-number-{i}-of-the-first-day.md",
              text, rng)
    sheaf("add", "-q", *AS_LARGE, "c.sheaf", folder + "/day-1", "--base",
          folder + "/day-1")
    for i in range(0, 120):
        text = posts[i].replace("senate", f"Senate{i}", 2) + words(rng, 9)
        write(folder, f"day-2/{i % 9}/post-number-{i}-of-the-first-day.md",
              text, rng)
    sheaf("add", "-q", *AS_LARGE, "c.sheaf", folder + "/day-2", "--base",
          folder + "/day-2")


def unpack_real(folder):
    archive = os.path.join(os.environ.get("SHEAF_DATA", ""),
                           "senate-press.tar.zst")
    if not os.path.exists(archive):
        return False
    os.mkdir(folder)
    subprocess.run(f"zstd -qdc --long=27 '{archive}' | tar -C {folder} -x "
                   "--wildcards '*/raw/[AB]*'", shell=True, check=True)
    files = sorted(os.path.join(at, f)
                   for at, _, names in os.walk(folder) for f in names)
    for path in files[REAL:]:
        os.remove(path)
    return True


def erase_check(name, rng, threads):
    before = open_corpus("c.sheaf")
    victims, sorts = choose(before, rng)
    print(f"{name}: {', '.join(sorts) or 'none of the special sorts'}")
    wanted = only_of(before, victims)
    found = set()
    for _, data in parts(before):
        found |= runs(data, wanted)
    check(f"{name}: the search finds what is there", found == wanted,
          f"{len(found)} of {len(wanted)}")
    strings = set(before.strings)
    kept_strings = {s for r in before.all_records()
                    if before.id(r.place) not in victims
                    for s in (before.string(c) for c in
                              [*r.categories, *r.tags, r.format] +
                              [x for x in (r.outlet, r.lang)
                               if x is not None])}
    commits = before.footer.number
    was = {k: told(open_corpus("c.sheaf", k), victims)
           for k in range(1, commits + 1)}
    log = [(x.number, x.time, x.id, x.message) for x in before.log()]
    # one was only taken down before
    down = sorted(victims)[0].hex()
    sheaf("rm", "-q", "c.sheaf", down)
    with open("ids", "w", encoding="ascii") as f:
        f.writelines(i.hex() + "\n" for i in sorted(victims))
    subprocess.run(["cp", "c.sheaf", "c0.sheaf"], check=True)
    out = json.loads(sheaf("rm", "c.sheaf", "--erase", "--apply", "ids",
                           "--json", "--time", "@1700000000"))
    for n in threads:
        subprocess.run(["cp", "c0.sheaf", "c1.sheaf"], check=True)
        sheaf("rm", "-q", "c1.sheaf", "--erase", "--apply", "ids", "--time",
              "@1700000000", "--threads", n)
        with open("c.sheaf", "rb") as a, open("c1.sheaf", "rb") as b:
            check(f"{name}: same file with {n} threads", a.read() == b.read())
    print(f"  {out}")
    check(f"{name}: erased", out["erased"] == ERASED, out)
    after = open_corpus("c.sheaf")
    for what, data in parts(after):
        left = runs(data, wanted)
        check(f"{name}: {what}", not left, list(left)[:3])
    check(f"{name}: strings", set(after.strings) == kept_strings,
          set(after.strings) ^ kept_strings)
    check(f"{name}: some strings went", strings > kept_strings or
          name == "real")
    for k in range(1, commits + 1):
        check(f"{name}: as of {k}", told(open_corpus("c.sheaf", k)) == was[k])
    check(f"{name}: now", told(after) == was[commits])
    check(f"{name}: log",
          [(x.number, x.time, x.id, x.message) for x in after.log()][2:]
          == log)
    check(f"{name}: removed", set(after.removed) ==
          victims | set(before.removed))
    sheaf("verify", "-q", "--deep", "c.sheaf")
    damages = list(verify(after.data))
    check(f"{name}: second verify", not damages, damages[:3])


def add_again(name, folders):
    """none of the erased comes back"""
    count = len(open_corpus("c.sheaf").list(True))
    refused = 0
    for folder in folders:
        out = json.loads(sheaf("add", "--json", "c.sheaf", folder, "--base",
                               folder))
        refused += out["refused"]
    check(f"{name}: refused", refused >= ERASED, refused)
    after = open_corpus("c.sheaf")
    check(f"{name}: nothing is back", len(after.list(True)) == count or
          not {after.id(r.place) for r in after.list(True)}
          & set(after.removed))


def case_made(rng):
    make("made", rng)
    erase_check("made", rng, "17")
    add_again("made", ["made/day-1", "made/day-2"])


def case_compacted(rng):
    make("later", rng)
    sheaf("compact", "-q", "c.sheaf", "--level", "5")
    erase_check("compacted", rng, "17")
    add_again("compacted", ["later/day-1", "later/day-2"])
    # and an erased file is as good as any
    erase_check("erased twice", rng, "2")


def case_scrubbed(rng):
    """few of many: most blocks stay, under a dictionary with bytes changed"""
    make("made", rng)
    corpus = open_corpus("c.sheaf")
    victim = unique_in_dictionary(corpus)[0]
    wanted = only_of(corpus, {victim})
    out = json.loads(sheaf("rm", "c.sheaf", "--erase", victim.hex(), "--json"))
    check("scrubbed: what was done", out["dictionaries_scrubbed"] == 1 and
          out["articles_copied"] > out["articles_recompressed"], out)
    after = open_corpus("c.sheaf")
    for what, data in parts(after):
        check(f"scrubbed: {what}", not runs(data, wanted))
    check("scrubbed: told", told(after) == told(corpus, {victim}))
    damages = list(verify(after.data))
    check("scrubbed: second verify", not damages, damages[:3])


def case_real(rng):
    if not unpack_real("real"):
        print("real: no corpus in SHEAF_DATA")
        return
    sheaf("add", "-q", "c.sheaf", "real", "--base", "real")
    erase_check("real", rng, "1")
    add_again("real", ["real"])


def main():
    cases = {"made": case_made, "compacted": case_compacted,
             "scrubbed": case_scrubbed,
             "real": case_real}
    if not SHEAF:
        print("SHEAF is not set")
        return 77
    home = os.getcwd()
    for name in sys.argv[1:] or cases:
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            cases[name](random.Random(name))
            os.chdir(home)
    return checks_end()


if __name__ == "__main__":
    sys.exit(main())
