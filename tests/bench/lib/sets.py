"""Sets of articles: unpacked, listed, told apart."""
import os
import re
import stat

import xxhash

from lib import machine

ARTICLE_MAX = 64 << 20
DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")
DAYS_MIN = 30


def unpack(name, archive, cache):
    """-> the folder of the set, unpacked once"""
    tree = os.path.join(cache, name)
    done = tree + ".done"
    stamp = "%d %d" % (os.path.getsize(archive),
                       int(os.path.getmtime(archive)))
    if os.path.exists(done):
        with open(done, encoding="ascii") as f:
            if f.read() == stamp:
                return tree
    machine.say("unpacking " + name)
    machine.remove(tree)
    os.makedirs(tree)
    machine.run("zstd -q -d --long=27 -c \"$FROM\" | tar -x -C \"$TO\"",
                {"FROM": archive, "TO": tree})
    with open(done, "w", encoding="ascii") as f:
        f.write(stamp)
    return tree


def files_below(tree):
    """(bytes of the name, size) of each regular file, by name"""
    tree = os.fsencode(tree)
    found = []
    for folder, _, names in os.walk(tree):
        for name in names:
            path = os.path.join(folder, name)
            st = os.lstat(path)
            if stat.S_ISREG(st.st_mode) and st.st_size <= ARTICLE_MAX:
                found.append((os.path.relpath(path, tree), st.st_size))
    found.sort()
    return found


def list_articles(tree, out):
    """writes the list that stores/ reads: ID LEN NAME of distinct articles

    -> {"files", "bytes", "articles", "article_bytes"}
    """
    seen = set()
    files = files_below(tree)
    kept = 0
    with open(out, "wb") as f:
        for name, size in files:
            if b"\n" in name:
                continue
            with open(os.path.join(os.fsencode(tree), name), "rb") as article:
                content = article.read()
            key = xxhash.xxh3_128_hexdigest(content)
            if key not in seen:
                seen.add(key)
                kept += size
                f.write(b"%s %d %s\n" % (key.encode(), len(content), name))
    if kept == 0:
        raise machine.Failed("no articles below " + tree)
    return {"files": len(files), "bytes": sum(s for _, s in files),
            "articles": len(seen), "article_bytes": kept}


def days_of(tree):
    """the day folders of a stream, in order; [] if it is none"""
    while True:
        names = os.listdir(tree)
        if len(names) != 1 or not os.path.isdir(os.path.join(tree, names[0])):
            break
        tree = os.path.join(tree, names[0])
    if len(names) < DAYS_MIN or not all(DAY.match(n) for n in names):
        return []
    return [os.path.join(tree, n) for n in sorted(names)]
