#!/usr/bin/env python3
"""Holds the program and the second reader against each other, both ways.

    run.py [KIND...]    kinds of make_corpus.py, "c" for what the program makes

First the second reader against the second writer.  Then corpora that the
program made, read by both; then corpora that the second writer made, read by
both: what they list, find, extract and verify must be the same.

Environment: SHEAF, the program; SHEAF_DATA, real corpora (may be absent).
"""
import importlib.util
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

if any(importlib.util.find_spec(m) is None for m in ("zstandard", "xxhash")):
    # Debian has them for its own interpreter
    if sys.executable != "/usr/bin/python3":
        os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])
    print("python3-zstandard or python3-xxhash is missing")
    sys.exit(77)

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, os.pardir),
                os.path.join(HERE, os.pardir, "data")]

import collide                                              # noqa: E402
from checks import check, checks_end                        # noqa: E402
import make_corpus                                          # noqa: E402
from sheafpy.corpus import Corpus, map_file                 # noqa: E402
from sheafpy.frames import BLOCK, INDEX, PAGE, walk         # noqa: E402
from sheafpy.index import IndexPage                         # noqa: E402
from sheafpy.verify import verify                           # noqa: E402
from sheafpy.write import edited, story                     # noqa: E402

SHEAF = os.environ.get("SHEAF")
READER = os.path.join(HERE, "second_reader.py")
SAMPLE = 6          # keys that are looked up one by one
# what verify must find in them; all other kinds are whole
DAMAGED = {"damaged_footer": "S-31"}
# with flags that the program does not know, and refuses [S-32]
REFUSED = ("erased",)


def run(*command, stdin=b"", limit=300, **how):
    return subprocess.run(command, input=stdin, capture_output=True,
                          timeout=limit, **how)


def sheaf(*arguments, **how):
    """the program; a signal or sanitizer's status is a failure at once"""
    done = run(SHEAF, *arguments, **how)
    if not 0 <= done.returncode <= 3:
        check(f"sheaf {arguments}", False,
              f"status {done.returncode}: {done.stderr[-800:]}")
    return done


def first_difference(ours, theirs):
    for i, (a, b) in enumerate(zip(ours, theirs)):
        if a != b:
            return f"{i}: reader {a}, program {b}"
    return f"reader has {len(ours)}, program {len(theirs)}"


# --- what both say of one corpus

def text_time(seconds, nanoseconds=0):
    tail = f".{nanoseconds:09}" if nanoseconds else ""
    if not -62_167_219_200 <= seconds < 253_402_300_800:
        return f"@{seconds}{tail}"
    # 2,000 years later, where Python has names for all years
    t = time.gmtime(seconds + 5 * 146_097 * 86_400)
    return f"{t.tm_year - 2000:04}" + time.strftime("-%m-%dT%H:%M:%S", t) + \
        tail + "Z"


def rows_of_reader(corpus, all_versions=True):
    newest = {r.ref for r in corpus.list()}
    rows = []
    for r in corpus.list(all_versions):
        ident = corpus.id(r.place).hex()
        rows.append({
            "id": ident, "prefix": ident[:12], "name": corpus.name(r),
            "size": r.size, "mtime": text_time(r.mtime, r.nsec),
            "date": None if r.date is None else text_time(r.date),
            "commit": r.commit, "latest": r.ref in newest,
            "format": corpus.string(r.format),
            "outlet": None if r.outlet is None else corpus.string(r.outlet),
            "lang": None if r.lang is None else corpus.string(r.lang),
            "categories": [corpus.string(c) for c in r.categories],
            "tags": [corpus.string(c) for c in r.tags]})
    return rows


TEXTS = ("name", "format", "outlet", "lang", "categories", "tags", "url",
         "message")


def exact(row):
    """JSON of the program, its texts as bytes"""
    def as_bytes(value, hexed):
        if hexed is not None:
            return bytes.fromhex(hexed)
        return None if value is None else value.encode()

    for key in TEXTS:
        if isinstance(row.get(key), list):
            hexed = row.pop(key + "_hex", [None] * len(row[key]))
            row[key] = [as_bytes(*pair) for pair in zip(row[key], hexed)]
        elif key in row:
            row[key] = as_bytes(row[key], row.pop(key + "_hex", None))
    return row


def rows_of_program(path, *options):
    done = sheaf("ls", path, "--json", "--fields", "id,prefix,name,size,mtime,"
                 "date,commit,latest,format,outlet,lang,categories,tags",
                 *options)
    if done.returncode:
        return f"status {done.returncode}: {done.stderr}"
    return [exact(json.loads(line)) for line in done.stdout.splitlines()]


def log_of_reader(corpus):
    log = [{"commit": f.number, "time": text_time(f.time),
             "message": f.message, "commit_id": f.id.hex(),
             "fingerprint": f.fingerprint.hex(), "records": f.live,
             "articles": f.articles, "article_bytes": f.article_bytes,
             "new_records": f.new_records, "new_articles": f.new_articles,
             "new_bytes": f.new_bytes,
             "removed": sum(k == f.number for k in corpus.removed.values())}
            for f in corpus.log()]
    for line in log:
        # one in the history has no segment of its own
        footer = corpus.footer_at(line["commit"])
        if footer:
            line.update(start=footer.start, end=footer.end)
    return log


def log_of_program(path, first=1, *options):
    done = sheaf("log", path, "--json", *options)
    if done.returncode:
        return f"status {done.returncode}: {done.stderr}"
    log = [exact(json.loads(line)) for line in done.stdout.splitlines()]
    for line in log:
        if line["commit"] < first:
            del line["start"], line["end"]
    return log


def tree_of(top):
    """{name: (bytes, mtime in ns)} of all files below"""
    found = {}
    top = os.fsencode(top)
    for folder, _, names in os.walk(top):
        for name in names:
            path = os.path.join(folder, name)
            with open(path, "rb") as f:
                found[os.path.relpath(path, top)] = (
                    f.read(), os.stat(path).st_mtime_ns)
    return found


def is_whole(verified):
    """nothing is damaged; a torn tail may hold whole articles"""
    return verified.returncode == (
        1 if b"UNFINISHED" in verified.stdout else 0) and \
        b"damaged" not in verified.stdout


def compare(what, path, work, find=True):
    """everything that both can say about a valid corpus"""
    corpus = Corpus(map_file(path))
    number = corpus.footer.number
    done = sheaf("verify", path, "--deep")
    check(f"{what}: sheaf verify", is_whole(done), done.stdout + done.stderr)
    theirs = log_of_program(path, corpus.first)
    ours = log_of_reader(corpus)
    check(f"{what}: log", ours == theirs, first_difference(ours, theirs))
    picks = sorted({1, 2, number // 2, number - 1, number})
    for k in [k for k in picks if 1 <= k <= number]:
        view = Corpus(map_file(path), k)
        for options in (("--all-versions",), ()):
            ours = rows_of_reader(view, bool(options))
            theirs = rows_of_program(path, "--as-of", str(k), *options)
            check(f"{what}: ls as of {k} {options}", ours == theirs,
                  first_difference(ours, theirs))
    compare_extract(what, path, work)
    if find:
        compare_finds(what, path, corpus)


def compare_extract(what, path, work):
    ours, theirs = (tempfile.mkdtemp(dir=work) for _ in range(2))
    mine = run("/usr/bin/python3", READER, "extract", path, ours)
    done = sheaf("extract", path, "-C", theirs, "-q")
    check(f"{what}: extract", (mine.returncode == 0) ==
          (done.returncode == 0), (mine.stderr, done.stderr))
    left, right = tree_of(ours), tree_of(theirs)
    wrong = [name for name in left.keys() | right.keys()
             if left.get(name) != right.get(name)]
    check(f"{what}: extracted files", not wrong, [
        (name[:80], [(side[name][0][:40], side[name][1]) if name in side
                     else "absent" for side in (left, right)])
        for name in wrong[:3]])
    shutil.rmtree(ours)
    shutil.rmtree(theirs)


def get(path, by, key, *options):
    done = sheaf("get", path, "--by", by, "--files-from", "-", "--null",
                 *options, stdin=key)
    return done.stdout if done.returncode == 0 else None


def compare_finds(what, path, corpus):
    """by id, prefix, name and url; what is there and what is not"""
    pick = random.Random(1)
    records = list(corpus.all_records())
    for r in pick.sample(records, min(SAMPLE, len(records))):
        ident, name = corpus.id(r.place).hex(), corpus.name(r)
        for key in (ident, ident[:12], ident[:13], ident[:5]):
            found = corpus.get(key)
            expected = None if len(found) != 1 else list(found.values())[0]
            check(f"{what}: get {key}", get(path, "id", key.encode())
                  == expected, f"expected {expected and expected[:60]}")
        found = corpus.find_name(name)
        expected = corpus.article(found[0].place) if found else None
        check(f"{what}: get {name[:60]}", get(path, "name", name) == expected,
              f"expected {expected and expected[:60]}")
    done = sheaf("ls", path, "--json", "--fields", "url,name", "-a")
    urls = sorted({exact(json.loads(line))["url"] or b""
                   for line in done.stdout.splitlines()} - {b""})
    marked = sum(1 for r in corpus.list(True) if r.has_url)
    check(f"{what}: urls", bool(urls) == bool(marked) or what == "fields",
          f"program shows {len(urls)}, {marked} records have one")
    for url in pick.sample(urls, min(SAMPLE, len(urls))):
        found = corpus.find_url(url)
        expected = corpus.article(found[0].place) if found else None
        check(f"{what}: get {url}", expected is not None and
              get(path, "url", url) == expected, expected)
    for by, key in (("id", b"0123456789abcdef" * 2), ("id", b"fffffffff"),
                    ("name", b"no such name"), ("url", b"http://no.such/")):
        check(f"{what}: get {key}", get(path, by, key) is None)


# --- corpora of the second writer

def own_kinds(kinds, work):
    for kind in kinds:
        path = os.path.join(work, kind)
        data = make_corpus.make(kind)
        check(f"{kind}: the same bytes again", make_corpus.make(kind) == data)
        with open(path, "wb") as f:
            f.write(data)
        found = [rule for rule, _, _ in verify(data)]
        if kind in make_corpus.BROKEN:
            broken(kind, path, found)
            continue
        expected = [DAMAGED[kind]] if kind in DAMAGED else []
        check(f"{kind}: second reader's verify", found == expected, found)
        if kind in REFUSED:
            for k in range(1, Corpus(data).footer.number + 1):
                check(f"{kind}: reader's list as of {k}",
                      rows_of_reader(Corpus(data, k)))
            refused(kind, path, data)
        elif kind in DAMAGED:
            done = sheaf("verify", path, "--deep")
            check(f"{kind}: sheaf verify", done.returncode == 1, done)
        else:
            compare(kind, path, work)
            append(kind, path, data, work)
        os.remove(path)


def refused(kind, path, data):
    """no command takes it, or touches it"""
    for command in (("ls", path), ("info", path), ("log", path),
                    ("verify", path), ("get", path, "news/00001.txt"),
                    ("compact", path), ("add", path, READER)):
        done = sheaf(*command)
        check(f"{kind}: {command[0]} refuses it", done.returncode in (2, 3)
              and b"flag" in done.stderr and not done.stdout, done)
    check(f"{kind}: as it was", bytes(map_file(path)) == data)


def append(kind, path, data, work):
    """the program goes on with a corpus of the second writer"""
    folder = Folder(os.path.join(work, "more"))
    folder.put(b"news/00001.txt", edited(story(1), 77))
    folder.put(b"news/00002.txt", edited(story(2), 77))
    folder.put(b"new.txt", story(777))
    folder.put(b"known.txt", story(3))
    folder.put(b"gone.txt", story(4))       # removed in one of the kinds
    folder.put(b"prefix.txt", make_corpus.PREFIX_PAIRS[0][0])
    folder.put(b"of four", collide.family()[3])
    before = Corpus(data)
    for number in range(2):
        folder.put(b"%d.md" % number, hugo(number))
        done = add(path, folder, number)
        check(f"{kind}: add to it", done.returncode == 0, done)
    after = map_file(path)
    check(f"{kind}: the old file is a prefix [S-4]",
          after[:before.footer.end] == data[:before.footer.end])
    found = verify(after)
    check(f"{kind}: after add: second reader's verify", not found, found[:5])
    corpus = Corpus(after)
    ours, theirs = rows_of_reader(corpus), rows_of_program(path, "-a")
    check(f"{kind}: after add: ls", ours == theirs,
          first_difference(ours, theirs))
    gone = [corpus.id(r.place) for r in corpus.list(True)
            if corpus.is_removed_id(corpus.id(r.place))]
    check(f"{kind}: after add: removed [S-25]", not gone and
          corpus.removed.keys() == before.removed.keys(), gone)
    shutil.rmtree(folder.top)


# what a reader need not look for: rules for writers, or not clear
LENIENT = ("bad-dictionary-id", "bad-needless-seed", "bad-article-twice",
           "bad-name-twice", "bad-unmerged-strings", "bad-long-tail",
           "bad-padding", "bad-no-marker")


def broken(kind, path, found):
    """both must say so, and nothing may crash"""
    rule = make_corpus.BROKEN[kind][0]
    check(f"{kind}: second reader's verify", rule in found, found)
    done = sheaf("verify", path, "--deep")
    wanted = (0, 1, 3) if kind in LENIENT else (1, 3)
    check(f"{kind} [{rule}]: sheaf verify", done.returncode in wanted,
          done.stdout + done.stderr)
    if kind.startswith("bad-description"):      # [S-8]
        ours, theirs = rows_of_reader(Corpus(map_file(path))), \
            rows_of_program(path, "-a")
        check(f"{kind}: ls", ours == theirs, first_difference(ours, theirs))
    for command in (("ls", path, "--long"), ("info", path),
                    ("get", path, "news/00011.txt", "news/00001.txt",
                     "7777", "0" * 32)):
        done = sheaf(*command)
        check(f"{kind}: {command[0]}", 0 <= done.returncode <= 3, done)


# --- corpora of the program

def hugo(i, more=""):
    return (f"---\ntitle: \"Post {i}\"\ndate: 2024-0{i % 9 + 1}-11T0{i % 8}:"
            f"30:00+0{i % 3}:00\nlang: {('en', 'de', 'zh')[i % 3]}\n"
            f"outlet: outlet {i % 7}\ncategories: [News, c{i % 5}]\n"
            f"tags: [\"t{i % 11}\", \"\u65b0\u805e\"]\n"
            f"url: https://example.org/p/{i}/\n---\n\n{more}").encode() + \
        story(i)


class Folder:
    """files below a folder, and their times"""

    def __init__(self, top):
        self.top = os.fsencode(top)
        os.makedirs(self.top)
        self.count = 0

    def put(self, name, content, mtime=None):
        path = os.path.join(self.top, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(content)
        self.count += 1
        mtime = 1_600_000_000_123_456_789 + self.count * 10**9 \
            if mtime is None else mtime
        os.utime(path, ns=(mtime, mtime))


def first_day(folder):
    pick = random.Random(5)
    for i in range(250):
        folder.put(b"hugo/%03d.md" % i, hugo(i))
    for i in range(100):
        folder.put(b"text/%d/%d.txt" % (i % 10, i), story(1000 + i))
    for i, name in enumerate([
            b"new\nline", b"tab\tand space ", b"latin-\xe9", b"\xff\xfe\xfd",
            "\u65b0\u805e/\u202e.txt".encode(), b"-rf", b"x" * 255,
            b"deep/" * 60 + b"end", b"quote'\"\\", b"\x01", b"*?[a]",
            b"0123456789abcdef0123456789abcdef"]):
        folder.put(name, b"odd %d\n" % i)
    folder.put(b"empty", b"")
    folder.put(b"empty too", b"")
    folder.put(b"copy.md", hugo(3))
    folder.put(b"old", b"from 1960\n", -315_619_200 * 10**9 + 1)
    folder.put(b"random", pick.randbytes(3_000_000))
    folder.put(b"large", b"a line that repeats\n" * 900_000)
    one, two = collide.pair()
    folder.put(b"collide/1", one)
    folder.put(b"collide/2", two)
    for i, article in enumerate(collide.family()):
        folder.put(b"collide/of four %d" % i, article)
    folder.put(b"sync", make_corpus.PATTERN * 3)
    folder.put(b"corpus", make_corpus.make("plain"))
    for pair in make_corpus.PREFIX_PAIRS:
        for article in pair:
            folder.put(b"prefix/" + article.strip(), article)


def second_day(folder):
    for i in range(0, 250, 10):
        folder.put(b"hugo/%03d.md" % i, edited(hugo(i), 1))
    for i in range(250, 280):
        folder.put(b"hugo/%03d.md" % i, hugo(i))
    folder.put(b"copy of 5.md", hugo(5))
    folder.put(b"collide/2", collide.pair()[0])
    folder.put(b"collide/3", collide.pair()[1])


def program_kinds(work):
    first, second = (Folder(os.path.join(work, day)) for day in "12")
    first_day(first)
    second_day(second)
    for what, options in (
            ("default", ()), ("no dictionary", ("--dict-size", "0")),
            ("small", ("--dict-size", "64K", "--block", "1K", "--level",
                       "19")),
            ("large", ("--dict-size", "1M", "--block", "1M", "--level", "3",
                       "--threads", "1"))):
        program_corpus("c " + what, work, (first, second), options)
    layers_corpus(work)
    late_corpus(work)
    message_with_sync(work, second)
    real_corpus(work)


def add(path, folder, number, *options):
    return sheaf("add", path, os.fsdecode(folder.top), "--base",
                 os.fsdecode(folder.top), "--time", f"@{1_700_000_000+number}",
                 "-m", f"commit {number}, \u65b0\u805e", "-q", *options)


def program_corpus(what, work, folders, options):
    """two commits and an edit; the files come back, and blocks by hand"""
    path = os.path.join(work, "corpus.sheaf")
    before, expected = b"", {}
    for number, folder in enumerate(folders, 1):
        done = add(path, folder, number, *options)
        check(f"{what}: add", done.returncode == 0, done)
        with open(path, "rb") as f:
            data = f.read()
        check(f"{what}: the old file is a prefix [S-4]",
              data.startswith(before))
        before = data
        found = verify(data)
        check(f"{what}: second reader's verify", not found, found[:5])
        expected.update(tree_of(os.fsdecode(folder.top)))
    out = os.path.join(work, "out")
    done = run("/usr/bin/python3", READER, "extract", path, out)
    check(f"{what}: second reader's extract", tree_of(out) == expected, done)
    shutil.rmtree(out)
    compare(what, path, work)
    by_hand(what, path, work)
    again = path + ".again"
    for number, folder in enumerate(folders, 1):
        add(again, folder, number, *options, *(
            () if "--threads" in options else ("--threads", "3")))
    with open(again, "rb") as f:
        check(f"{what}: the same bytes again", f.read() == before)
    torn(what, path, folders[0], work)
    if what in ("c default", "c large"):
        removals(what + ", removed", path, folders, work)
    if what in ("c default", "c small"):
        compacted(what + ", compacted", path, folders[0], work)
    os.remove(path)
    os.remove(again)


def removals(what, path, folders, work):
    """articles are taken down; both readers, a compaction, an add and a
    mirror know it; one comes back [S-25]"""
    new, mirror, small = (path + end for end in (".rm", ".mirror", ".small"))
    shutil.copy(path, new)
    old = Corpus(map_file(path))
    names = sorted({old.name(r) for r in old.list()})
    picks = random.Random(3).sample(names, 6)
    before = {r.place for n in picks for r in old.find_name(n)}
    ids = {old.id(place) for place in before}
    listed = b"".join(n + b"\0" for n in picks)
    done = run(SHEAF, "rm", new, "--by", "name", "-0", "--files-from", "-",
               "--time", "@1700000009", stdin=listed)
    check(f"{what}: rm", done.returncode == 0, done)
    check(f"{what}: the old file is a prefix [S-4]",
          map_file(new)[:old.footer.end] == old.data[:old.footer.end])
    whole(what, new, work)
    corpus = Corpus(map_file(new))
    check(f"{what}: the ids are those", corpus.removed.keys() == ids)
    check(f"{what}: none is there", not any(
        corpus.id(r.place) in ids for r in corpus.list(True)))
    for number, folder in enumerate(folders):
        done = add(new, folder, 20 + number)
        check(f"{what}: add", done.returncode == 0, done)
    whole(what + ", added", new, work)
    check(f"{what}: still gone", Corpus(map_file(new)).removed.keys() == ids)
    done = sheaf("compact", new, "-o", small, "-q")
    check(f"{what}: compact", done.returncode == 0, done)
    whole(what + ", compacted", small, work)
    whole_and_same(what + ", compacted", small, work, Corpus(map_file(new)))
    check(f"{what}: the same set [S-30]", Corpus(map_file(small)).footer.
          fingerprint == Corpus(map_file(new)).footer.fingerprint)
    mirrored(what, new, mirror, folders, work)
    one = min(ids).hex()
    done = sheaf("rm", small, "--take-back", one)
    check(f"{what}: take back", done.returncode == 0, done)
    whole(what + ", one taken back", small, work)
    check(f"{what}: all but it", Corpus(map_file(small)).removed.keys() ==
          ids - {min(ids)})
    for file in (new, mirror, small):
        os.remove(file)


def mirrored(what, path, mirror, folders, work):
    """somebody else's corpus, which gets the list before the articles"""
    listed = sheaf("rm", path, "--list").stdout
    add(mirror, folders[0], 1)
    for times in range(2):
        done = run(SHEAF, "rm", mirror, "--apply", "-", stdin=listed)
        check(f"{what}: apply", done.returncode == 0, done)
        check(f"{what}: once", Corpus(map_file(mirror)).footer.number == 2)
    for folder in folders:
        add(mirror, folder, 2)
    whole(what + ", mirrored", mirror, work)
    theirs = {(r["name"], r["id"]) for r in rows_of_reader(
        Corpus(map_file(path)), False)}
    ours = {(r["name"], r["id"]) for r in rows_of_reader(
        Corpus(map_file(mirror)), False)}
    check(f"{what}: mirror shows the same", ours == theirs,
          sorted(ours ^ theirs)[:5])


def whole(what, path, work):
    found = verify(map_file(path))
    check(f"{what}: second reader's verify", not found, found[:5])
    compare(what, path, work)


def by_hand(what, path, work):
    """zstd itself decodes the blocks, as 5.2 says, and walks the file"""
    corpus = Corpus(map_file(path))
    done = run("zstd", "-l", path)
    check(f"{what}: zstd -l", done.returncode == 0, done.stderr)
    with open(path, "rb") as f:
        done = run("zstd", "-dc", stdin=f.read(4096))
    check(f"{what}: the description",
          done.stdout.startswith(b"sheaf corpus, format version 1\n"))
    blocks = range(corpus.footer.blocks)
    dictionary, frame = (os.path.join(work, n) for n in ("D", "frame.zst"))
    for n in random.Random(2).sample(blocks, min(12, len(blocks))):
        cut = run("/usr/bin/python3", READER, "block", path, str(n), frame)
        having = run("/usr/bin/python3", READER, "dictionary", path,
                     dictionary, "--of", str(n)).returncode == 0
        done = run("zstd", "-dc", *(("-D", dictionary) if having else ()),
                   frame)
        at = offset_of_block(corpus, n)
        check(f"{what}: zstd decodes block {n}", cut.returncode == 0 and
              done.stdout == corpus.content(at), done.stderr)


def offset_of_block(corpus, n):
    import second_reader
    return second_reader.block_at(corpus, n)


def torn(what, path, folder, work):
    """a reader ignores a torn tail, the next add cuts it off"""
    with open(path, "rb") as f:
        data = f.read()
    copy = path + ".torn"
    last = Corpus(data).footer
    before = Corpus(data[:last.offset])
    for cut in (last.offset, last.end - 1, last.start + 10, last.offset + 99):
        with open(copy, "wb") as f:
            f.write(data[:cut])
        view = Corpus(map_file(copy))
        check(f"{what}: torn tail", view.footer.number == last.number - 1)
        ours, theirs = rows_of_reader(view), rows_of_program(copy, "-a")
        check(f"{what}: torn at {cut}", ours == theirs,
              first_difference(ours, theirs))
        # whole articles behind the end may be of a commit whose end is lost
        done = sheaf("verify", copy)
        check(f"{what}: torn at {cut}: verify", is_whole(done), done)
    folder.put(b"one more", b"after a torn tail %d\n" % folder.count)
    clean = path + ".clean"
    with open(clean, "wb") as f:
        f.write(data[:last.start])
    add(clean, folder, 3)
    done = add(copy, folder, 3)
    check(f"{what}: as behind a clean end", bytes(map_file(copy)) ==
          bytes(map_file(clean)))
    os.remove(clean)
    found = verify(map_file(copy))
    check(f"{what}: add behind a torn tail", done.returncode == 0 and
          not found, (done, found[:5]))
    check(f"{what}: cut off", Corpus(map_file(copy)).footer.start
          == before.footer.end)
    os.remove(os.path.join(folder.top, b"one more"))
    os.remove(copy)


def compacted(what, path, folder, work):
    """a compaction, commits behind it, and a compaction of all that"""
    new, again = path + ".new", path + ".new-again"
    old = Corpus(map_file(path))
    number = old.footer.number
    done = sheaf("compact", path, "-o", new, "-m", "made small", "-q")
    check(f"{what}: compact", done.returncode == 0, done)
    check(f"{what}: the old file stays", bytes(map_file(path)) == old.data[:])
    corpus = Corpus(map_file(new))
    check(f"{what}: number [S-37]", corpus.footer.number == corpus.first ==
          number + 1 and len(corpus.footers) == 1)
    whole_and_same(what, new, work, old)
    by_hand(what, new, work)
    for more in (number + 2, number + 3):
        folder.put(b"behind it %d" % more, b"commit %d\n" % more)
        folder.put(b"hugo/000.md", hugo(0, f"{more}\n"))
        done = add(new, folder, more)
        check(f"{what}: add", done.returncode == 0, done)
    check(f"{what}: the old file is a prefix [S-4]",
          map_file(new)[:corpus.footer.end] == corpus.data[:])
    whole_and_same(what + ", two more", new, work, old)
    torn(what + ", two more", new, folder, work)
    corpus = Corpus(map_file(new))
    done = sheaf("compact", new, "-o", again, "-q", "--dict-size", "128K",
                 "--block", "4K", "--level", "3")
    check(f"{what} twice: compact", done.returncode == 0, done)
    whole_and_same(what + " twice", again, work, old)
    whole_and_same(what + " twice", again, work, corpus, False)
    done = sheaf("compact", again, "-q")
    check(f"{what} in place: compact", done.returncode == 0, done)
    whole_and_same(what + " in place", again, work, corpus)
    check(f"{what} in place: number", Corpus(map_file(again)).first ==
          corpus.footer.number + 2)
    for name in (b"behind it %d" % (number + 2),
                 b"behind it %d" % (number + 3)):
        os.remove(os.path.join(folder.top, name))
    folder.put(b"hugo/000.md", hugo(0))
    os.remove(new)
    os.remove(again)


def whole_and_same(what, path, work, old, both=True):
    """a compacted corpus tells of the commits that `old` has what that does
    [S-39]; both: the two readers agree on all of it too"""
    found = verify(map_file(path))
    check(f"{what}: second reader's verify", not found, found[:5])
    if both:
        compare(what, path, work)
    before = log_of_reader(old)
    for line in before:
        line.pop("start", None)
        line.pop("end", None)
    first = Corpus(map_file(path)).first
    after = [line for line in log_of_program(path, first)
             if line["commit"] <= old.footer.number]
    check(f"{what}: log is the old one's", after == before,
          first_difference(before, after))

    def sorted_rows(rows):
        # the order is that of names within a commit; here, of all commits
        return sorted(rows, key=lambda r: (r["name"], r["commit"], r["id"]))

    for k in range(1, old.footer.number + 1):
        past, view = Corpus(old.data, k), Corpus(map_file(path), k)
        as_of = ("--as-of", str(k))
        ours = sorted_rows(rows_of_reader(past))
        for who, rows in (("program", rows_of_program(path, "-a", *as_of)),
                          ("reader", rows_of_reader(view))):
            rows = rows if isinstance(rows, str) else sorted_rows(rows)
            check(f"{what}: {who}'s ls of the old {k}", rows == ours,
                  first_difference(ours, rows))
        theirs = log_of_program(path, first, *as_of)
        mine = log_of_reader(view)
        check(f"{what}: log as of {k}", mine == theirs,
              first_difference(mine, theirs))
        check(f"{what}: the old {k}'s id", mine[0]["commit_id"] ==
              past.log()[0].id.hex() and len(mine) == k)
        same_finds(what, path, past, view, as_of, Corpus(old.data))


def same_finds(what, path, past, view, as_of, newest):
    """by id, prefix and name: what an older commit had, and had not"""
    pick = random.Random(as_of[1])
    records = list(newest.all_records())
    for r in pick.sample(records, min(SAMPLE, len(records))) + \
            [r for r in records if r.commit > past.number][:3]:
        ident, name = newest.id(r.place).hex(), newest.name(r)
        for key in (ident, ident[:12], ident[:5]):
            found = past.get(key)
            check(f"{what}: reader's get {key} {as_of}",
                  view.get(key) == found)
            expected = None if len(found) != 1 else list(found.values())[0]
            check(f"{what}: get {key} {as_of}",
                  get(path, "id", key.encode(), *as_of) == expected,
                  f"expected {expected and expected[:60]}")
        found = past.find_name(name)
        expected = past.article(found[0].place) if found else None
        mine = view.find_name(name)
        check(f"{what}: reader's get {name[:60]} {as_of}", expected == (
            view.article(mine[0].place) if mine else None))
        check(f"{what}: get {name[:60]} {as_of}",
              get(path, "name", name, *as_of) == expected,
              f"expected {expected and expected[:60]}")


def layers_corpus(work):
    """20,000 small articles at once, then 40 commits of a few"""
    path = os.path.join(work, "layers.sheaf")
    folder = Folder(os.path.join(work, "wide"))
    for i in range(20_000):
        folder.put(b"%02x/%d.txt" % (i % 256, i), b"article %d\n" % i)
    check("c layers: add", add(path, folder, 1).returncode == 0)
    shutil.rmtree(folder.top)
    for number in range(2, 42):
        folder = Folder(os.path.join(work, "few"))
        for i in range(number % 4 + 1):
            folder.put(b"%02x/%d.txt" % (i, i * 256 + i),
                       b"article %d of %d\n" % (i, number))
        folder.put(b"few/%d.txt" % number, story(number))
        done = add(path, folder, number)
        if done.returncode:
            check("c layers: add", False, done)
        shutil.rmtree(folder.top)
    corpus = Corpus(map_file(path))
    found = verify(corpus.data)
    check("c layers: second reader's verify", not found, found[:5])
    check("c layers: there are some", corpus.footer.layers and
          any(p.p for p in corpus.index_pages(corpus.footer.layers[0], 0)))
    compare("c layers", path, work)
    new, old = path + ".new", corpus
    done = sheaf("compact", path, "-o", new, "-q")
    check("c layers, compacted: compact", done.returncode == 0, done)
    found = verify(map_file(new))
    check("c layers, compacted: second reader's verify", not found,
          found[:5])
    compare("c layers, compacted", new, work)
    for k in (1, 20, 41):
        rows = [sorted((r["name"], r["commit"], r["id"])
                       for r in rows_of_reader(Corpus(x, k)))
                for x in (old.data, map_file(new))]
        check(f"c layers, compacted: ls as of {k}", rows[0] == rows[1])


def late_corpus(work):
    """a large commit: its last blocks stand behind its records [S-42]"""
    path = os.path.join(work, "late.sheaf")
    folder = Folder(os.path.join(work, "much"))
    pick = random.Random(42)
    for i in range(300):
        folder.put(b"%d.bin" % i, pick.randbytes(17_000 + i))
    check("c late: add", add(path, folder, 1).returncode == 0)
    corpus = Corpus(map_file(path))
    found = verify(corpus.data)
    check("c late: second reader's verify", not found, found[:5])
    frames = [f for f in walk(corpus.data, 0, len(corpus.data))
              if f.kind in (BLOCK, PAGE, INDEX)]
    kinds = [f.kind for f, before in zip(frames, [None] + frames)
             if not before or f.kind != before.kind]
    check("c late: the order", kinds == [BLOCK, PAGE, BLOCK, INDEX, BLOCK],
          kinds)
    witness = [f for f in frames if f.kind == INDEX]
    check("c late: far from the end",
          witness[-1].end < len(corpus.data) - (1 << 20))
    told = dict((place, key) for key, place in
                IndexPage(witness[0]).entries())
    there = {r.place for r in corpus.list()
             if r.place[0] > witness[0].offset - (128 << 10)}
    check("c late: the witness knows them", there <= told.keys() and all(
        corpus.id(place).hex().startswith(f"{key:012x}")
        for place, key in told.items()))
    compare("c late", path, work)
    by_hand("c late", path, work)
    shutil.rmtree(folder.top)


def message_with_sync(work, folder):
    """no message may forge a frame [S-11]"""
    path = os.path.join(work, "message.sheaf")
    done = add(path, folder, 1, "-m", make_corpus.PATTERN)
    if done.returncode == 0:
        found = verify(map_file(path))
        check("c message: second reader's verify", not found, found)
    else:
        check("c message: nothing was made", not os.path.exists(path))


def real_corpus(work):
    """some real articles, where there are some"""
    archive = os.path.join(os.environ.get("SHEAF_DATA", ""),
                           "lctt.tar.zst")
    if not os.path.exists(archive):
        return
    folder = os.path.join(work, "lctt")
    os.makedirs(folder)
    done = run("sh", "-c", "zstd -d --long=27 -c \"$1\" | tar x -C \"$2\"",
               "sh", archive, folder)
    if done.returncode:
        return
    path = os.path.join(work, "lctt.sheaf")
    done = sheaf("add", path, folder, "--base", folder, "--time", "@1", "-q")
    check("c lctt: add", done.returncode in (0, 3), done)
    found = verify(map_file(path))
    check("c lctt: second reader's verify", not found, found[:5])
    compare("c lctt", path, work)
    by_hand("c lctt", path, work)
    shutil.rmtree(folder)


def main():
    if not SHEAF or not os.access(SHEAF, os.X_OK):
        print("SHEAF names no program")
        return 77
    kinds = [*make_corpus.KINDS, *make_corpus.BROKEN]
    wanted = sys.argv[1:] or ["c", *kinds]
    with tempfile.TemporaryDirectory(prefix="sheaf-compat-") as work:
        for part in (lambda: own_kinds([k for k in kinds if k in wanted],
                                       work),
                     lambda: program_kinds(work) if "c" in wanted else None):
            try:
                part()
            except Exception:
                check("this script", False, traceback.format_exc())
    return checks_end()


if __name__ == "__main__":
    sys.exit(main())
