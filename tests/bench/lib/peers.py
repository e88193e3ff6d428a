"""The peers: how each is made, and which program reads it."""
import os
import shutil

from lib import machine

ROCKS_DICTIONARY = 112640       # zstd's own default for trained dictionaries
SQLITE_DICTIONARY_MAX = 4 << 20


class Peer:
    """One line of the tables.

    make(work) makes work.path(key); store is the program that reads it, with
    options; slow ones are left out by --quick.
    """

    def __init__(self, key, label, make, needs=(), store=None, options=(),
                 slow=False):
        self.key, self.label, self.make = key, label, make
        self.needs, self.store, self.options = needs, store, list(options)
        self.slow = slow

    def missing(self, stores):
        """what it lacks, or None"""
        for tool in self.needs:
            if not shutil.which(tool):
                return tool
        if self.store is not None and self.store not in stores:
            return "its library"
        return None


class Work:
    """Where the stores of one set are made"""

    def __init__(self, tree, folder, articles):
        self.tree, self.folder, self.articles = tree, folder, articles
        self.dictionary = ROCKS_DICTIONARY      # of sheaf, when it is known
        self.shell = {"TREE": tree, "LC_ALL": "C"}

    def path(self, key):
        return os.path.join(self.folder, key)

    def store_command(self, peer, command):
        path = self.tree if peer.key == "files" else self.path(peer.key)
        return ([machine.program(peer.store), command, "-a", self.articles,
                 "-t", self.tree, "-p", path]
                + [o.replace("DICTIONARY", str(self.dictionary))
                   for o in peer.options])


def pipe(command):
    """a maker by a shell command, which finds $TREE and $OUT"""
    def make(work, key):
        return machine.run(command, dict(work.shell, OUT=work.path(key)))
    return make


def built(peer_key):
    """a maker by the store's own program"""
    def make(work, key):
        return machine.run(work.store_command(BY_KEY[peer_key], "build"))
    return make


def make_nothing(work, key):
    return {"wall": 0.0, "cpu": 0.0, "rss": 0}


TAR = "tar -C \"$TREE\" --sort=name -cf - . | "
SQUASH = ("mksquashfs \"$TREE\" \"$OUT\" -comp zstd -b %s -noappend -quiet "
          "-no-progress -processors 2 >/dev/null")
GIT = """
export GIT_DIR="$OUT" GIT_CONFIG_NOSYSTEM=1 HOME=/nonexistent
export GIT_AUTHOR_NAME=b GIT_AUTHOR_EMAIL=b GIT_COMMITTER_NAME=b
export GIT_COMMITTER_EMAIL=b
git -c init.defaultBranch=main init -q --bare
cd "$TREE"
git -c core.bare=false --work-tree=. add -A -f
git -c core.bare=false --work-tree=. commit -q -m b
git -c pack.threads=2 gc -q --aggressive --prune=now"""
BORG = """
export BORG_BASE_DIR="$OUT.home" BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes
borg init -e none "$OUT" 2>/dev/null
cd "$TREE" && borg create --compression zstd,9 "$OUT::a" .
rm -rf "$OUT.home\""""
RESTIC = """
export RESTIC_PASSWORD=b RESTIC_REPOSITORY="$OUT" XDG_CACHE_HOME="$OUT.home"
restic init -q --repository-version 2
cd "$TREE" && restic backup -q --compression max . >/dev/null
rm -rf "$OUT.home\""""
SHEAF_ADD = ("\"%s\" add -q \"$OUT\" --base \"$TREE\" \"$TREE\""
             % machine.SHEAF)
SHEAF_COMPACT = ("\"%s\" compact -q -o \"$OUT\" \"${OUT%%/*}/sheaf-add\""
                 % machine.SHEAF)
DICTIONARY = ("-d", str(ROCKS_DICTIONARY))

ALL = [
    Peer("sheaf-add", "**sheaf, after add**", pipe(SHEAF_ADD), store="sheaf"),
    Peer("sheaf-compact", "**sheaf, compacted**", pipe(SHEAF_COMPACT),
         store="sheaf"),
    Peer("tar-zstd9", "tar, zstd -9 -T2", pipe(
        TAR + "zstd -q -9 -T2 -f -o \"$OUT\""), ("zstd",)),
    Peer("tar-zstd19", "tar, zstd -19 --long=27", pipe(
        TAR + "zstd -q -19 --long=27 -f -o \"$OUT\""), ("zstd",), slow=True),
    Peer("tar-xz", "tar, xz -9e", pipe(TAR + "xz -9e >\"$OUT\""), ("xz",),
         slow=True),
    Peer("squashfs-128k", "squashfs, zstd, 128 KB", pipe(SQUASH % "128K"),
         ("mksquashfs",), "squashfs"),
    Peer("squashfs-1m", "squashfs, zstd, 1 MB", pipe(SQUASH % "1M"),
         ("mksquashfs",), "squashfs"),
    Peer("sqlite-raw", "SQLite, raw", built("sqlite-raw"), (), "sqlite"),
    Peer("sqlite-zstd", "SQLite, zstd -9, dictionary", built("sqlite-zstd"),
         (), "sqlite", ("-d", "DICTIONARY")),
    Peer("lmdb", "LMDB, raw", built("lmdb"), (), "lmdb"),
    Peer("rocksdb-4k", "RocksDB, zstd -9, dictionary, 4 KB",
         built("rocksdb-4k"), (), "rocksdb", DICTIONARY + ("-b", "4096")),
    Peer("rocksdb-16k", "RocksDB, zstd -9, dictionary, 16 KB",
         built("rocksdb-16k"), (), "rocksdb", DICTIONARY + ("-b", "16384")),
    Peer("files", "plain files", make_nothing, (), "files"),
    Peer("zim", "libzim, zstd", built("zim"), (), "zim", slow=True),
    Peer("git", "git, gc --aggressive", pipe(GIT), ("git",), "git",
         slow=True),
    Peer("borg", "borg, zstd,9", pipe(BORG), ("borg",), slow=True),
    Peer("restic", "restic, max", pipe(RESTIC), ("restic",), slow=True),
]
BY_KEY = {p.key: p for p in ALL}


def chosen(names, quick):
    """the peers that names (prefixes; empty: all) and --quick leave"""
    names = [n for n in names if n]
    return [p for p in ALL if p.key.startswith("sheaf") or (
        any(p.key.startswith(n) for n in names) if names
        else not (quick and p.slow))]


def size(peer, work):
    """bytes on the disk, for files whole blocks of it"""
    if peer.key == "files":
        return sum(os.lstat(os.path.join(folder, name)).st_blocks * 512
                   for folder, _, names in os.walk(work.tree)
                   for name in names)
    return machine.size_of(work.path(peer.key))
