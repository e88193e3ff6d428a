#!/usr/bin/env python3
"""Writes the seeds of fuzz_archive and fuzz_stream, as annotated hex.

make_archive_seeds.py    wants 7z, cpio, zstd and lz4 besides Python
"""
import bz2
import gzip
import io
import lzma
import os
import subprocess
import tarfile
import tempfile
import zipfile

SEEDS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "seeds")
TEXT = b"---\ntitle: Harvest\n---\nThe barley came in early.\n"


def seed(folder, name, what, data):
    os.makedirs(os.path.join(SEEDS, folder), exist_ok=True)
    with open(os.path.join(SEEDS, folder, name + ".hex"), "w") as f:
        f.write(f"# {what}\n")
        at = 0
        while at < len(data):
            f.write(data[at:at + 32].hex() + "\n")
            at += 32


def tar(format, members):
    out = io.BytesIO()
    t = tarfile.open(fileobj=out, mode="w", format=format)
    for name, kind, link in members:
        info = tarfile.TarInfo(name)
        info.type, info.linkname, info.mtime = kind, link, 1739512800
        info.size = len(TEXT) if kind == tarfile.REGTYPE else 0
        t.addfile(info, io.BytesIO(TEXT))
    t.close()
    data = out.getvalue().rstrip(b"\0")
    return data + bytes(-len(data) % 512 + 1024)


def command(words, stdin=b"", output=None):
    with tempfile.TemporaryDirectory() as d:
        for name in ("a.md", "b.md"):
            with open(os.path.join(d, name), "wb") as f:
                f.write(TEXT + name.encode())
            os.utime(os.path.join(d, name), (1739512800, 1739512800))
        os.link(os.path.join(d, "a.md"), os.path.join(d, "c.md"))
        got = subprocess.run(words, cwd=d, input=stdin, check=True,
                             stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL).stdout
        if output:
            with open(os.path.join(d, output), "rb") as f:
                got = f.read()
        return got


def zipped(kind):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", kind) as z:
        for name in ("a.md", "\u00e9.md"):
            z.writestr(zipfile.ZipInfo(name), TEXT, compress_type=kind)
    return out.getvalue()


def main():
    reg, link, sym = tarfile.REGTYPE, tarfile.LNKTYPE, tarfile.SYMTYPE
    seed("archive", "ustar", "a tar: a file, a hard and a symbolic link",
         tar(tarfile.USTAR_FORMAT, [("a.md", reg, ""), ("b.md", link, "a.md"),
                                    ("c.md", sym, "a.md")]))
    seed("archive", "pax", "a tar with a name outside of ASCII",
         tar(tarfile.PAX_FORMAT, [("../\u00e9.md", reg, "")]))
    seed("archive", "gnu-long", "a tar with a long name",
         tar(tarfile.GNU_FORMAT, [("n" * 120, reg, "")]))
    seed("archive", "zip", "deflated", zipped(zipfile.ZIP_DEFLATED))
    seed("archive", "zip-stored", "stored", zipped(zipfile.ZIP_STORED))
    seed("archive", "seven", "a 7z", command(
        ["7z", "a", "-bso0", "x.7z", "a.md", "b.md"], output="x.7z"))
    for kind in ("newc", "odc", "crc"):
        seed("archive", "cpio-" + kind, "a cpio with a hard link", command(
            ["cpio", "-o", "--quiet", "-H", kind],
            b"a.md\nb.md\nc.md\n").rstrip(b"\0") + b"\0\0\0\0")
    seed("archive", "tar-gz", "a tar in a gzip", gzip.compress(
        tar(tarfile.USTAR_FORMAT, [("a.md", reg, "")]), mtime=0))
    seed("stream", "gzip-two", "two members", gzip.compress(
        TEXT, mtime=0) + gzip.compress(TEXT * 3, mtime=0))
    seed("stream", "bzip2", "bzip2", bz2.compress(TEXT))
    seed("stream", "xz", "xz", lzma.compress(TEXT))
    seed("stream", "lzma", "lzma", lzma.compress(
        TEXT, format=lzma.FORMAT_ALONE))
    zstd = command(["zstd", "-qc", "--check"], TEXT)
    seed("stream", "zstd", "a skippable frame, two frames",
         bytes.fromhex("502a4d1803000000616263") + zstd + zstd)
    seed("stream", "lz4", "lz4", command(["lz4", "-qc"], TEXT))
    seed("stream", "compress", "compress", command(
        ["bsdtar", "-cZf", "-", "--format=raw", "a.md"]).rstrip(b"\0"))
    seed("stream", "plain", "nothing to take off", TEXT)


if __name__ == "__main__":
    main()
