#!/usr/bin/env python3
"""Web archives in and out: what wget makes of a site served here, the bad files
of others, and what other tools say of ours.

Environment: SHEAF, the program; SHEAF_BUILD; SHEAF_DATA.
What is not installed (wget, npm with its packages, bsdtar) costs its checks
only.  The last line is "N passed, M failed".
"""
import gzip
import http.server
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import zlib

sys.dont_write_bytecode = True
SOURCE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(SOURCE, os.pardir)]

from checks import check, checks_end                        # noqa: E402

SHEAF = os.environ["SHEAF"]
BUILD = os.environ.get("SHEAF_BUILD", "")
DATA = os.environ.get("SHEAF_DATA", "")


def run(*args, status=0, data=None):
    done = subprocess.run(args, input=data, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    if status is not None and done.returncode != status:
        check(" ".join(args), False, "status %d: %s" % (
            done.returncode, done.stderr.decode("utf-8", "replace")))
    return done


def sheaf(*args, **more):
    return run(SHEAF, *args, **more)


# --- a site ---

def page(title, n=30):
    return ("<!DOCTYPE html><html><head><title>%s</title></head><body>"
            "<h1>%s</h1>%s</body></html>\n" % (
                title, title,
                "".join("<p>%s, paragraph %d</p>\n" % (title, i)
                        for i in range(n)))).encode()


PAGES = {   # path -> (content type, body, how)
    "/": ("text/html", page("Front"), "plain"),
    "/a/": ("text/html; charset=utf-8", page("A"), "plain"),
    "/a/b.html": ("text/html", page("B"), "gzip"),
    "/a/c?x=1&y=/2": ("text/html", page("C"), "chunked"),
    "/a/d.txt": ("text/plain", b"Just a text.\n\nWith lines.\n", "plain"),
    "/a/e.html": ("text/html", page("E", 900), "gzip chunked"),
    "/a/f": ("text/html", page("A"), "plain"),     # as /a/
    "/a/g": ("text/html", page("G"), "deflate"),
    "/a/h": ("application/xhtml+xml", page("H"), "chunked"),
    "/a/i.md": ("text/markdown", b"---\ntitle: I\n---\nText\n", "plain"),
    "/gone": ("text/html", page("Gone"), "404"),
    "/moved": ("text/html", b"<html>moved</html>", "301"),
    "/image.png": ("image/png", bytes(range(256)) * 40, "plain"),
    "/style.css": ("text/css", b"p { }\n", "plain"),
    "/empty": ("text/html", b"", "plain"),
}
NO_ARTICLE = ("/image.png", "/style.css", "/empty")


class Site(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        kind, body, how = PAGES[self.path]
        status = int(how) if how.isdigit() else 200
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if status == 301:
            self.send_header("Location", "/a/")
        if "gzip" in how:
            body = gzip.compress(body, mtime=0)
            self.send_header("Content-Encoding", "gzip")
        if "deflate" in how:
            body = zlib.compress(body)
            self.send_header("Content-Encoding", "deflate")
        if "chunked" in how:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if "chunked" not in how:
            self.wfile.write(body)
            return
        for at in range(0, len(body), 1000):
            piece = body[at:at + 1000]
            self.wfile.write(b"%X\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *args):
        pass


# --- records, by a reader of our own ---

def records(data):
    """[(head's lines as a dict, head and block)] of plain WARC bytes"""
    out, at = [], 0
    while at < len(data):
        end = data.index(b"\r\n\r\n", at) + 4
        head = data[at:end].decode("utf-8", "replace")
        fields = dict((line.split(":", 1)[0].lower(),
                       line.split(":", 1)[1].strip())
                      for line in head.split("\r\n")[1:] if ":" in line)
        after = end + int(fields["content-length"])
        out.append((fields, data[at:after]))
        at = after + 4
    return out


def plain(path):
    with open(path, "rb") as f:
        data = f.read()
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def fingerprint(corpus):
    line = sheaf("log", "--json", corpus).stdout.splitlines()[0]
    return json.loads(line)["fingerprint"]


def names(corpus, *more):
    out = sheaf("ls", "--json", corpus, *more).stdout.decode()
    return sorted((r["name"], r["prefix"]) for r in map(json.loads,
                                                   out.splitlines()))


# --- checks ---

def pages_by_url(base, corpus, marks=""):
    same = 0
    for path, (_, body, _) in PAGES.items():
        got = sheaf("get", corpus, base + path, status=None)
        if path in NO_ARTICLE:
            check("%s is no article" % path, got.returncode == 1)
        elif check("get %s%s" % (path, marks), got.stdout == body,
                   got.stderr.decode()):
            same += 1
    return same


def records_come_back(sources, out):
    """every record of an article is in @out as it was; how many"""
    want = []
    for source in sources:
        for fields, whole in records(plain(source)):
            kind = fields["warc-type"]
            url = fields.get("warc-target-uri", "").strip("<>")
            path = re.sub(r"^http://[^/]*", "", url)
            if kind in ("response", "revisit") and path in PAGES and \
                    path not in NO_ARTICLE:
                want.append(whole)
    have = [whole for fields, whole in records(plain(out))
            if fields["warc-type"] != "warcinfo"]
    check("records written again", sorted(want) == sorted(have),
          "%d of %d" % (len(have), len(want)))
    return len(want)


def without_info(path):
    return [whole for fields, whole in records(plain(path))
            if fields["warc-type"] != "warcinfo"]


def round_trip(corpus, mark):
    out, again = mark + ".warc.gz", mark + "-again.sheaf"
    sheaf("export", "-a", corpus, "-f", "warc", "-o", out)
    sheaf("add", again, out)
    check(mark + ": the same names and ids",
          names(corpus, "--hidden") == names(again, "--hidden"))
    check(mark + ": the same set", fingerprint(corpus) == fingerprint(again))
    sheaf("export", "-a", again, "-f", "warc", "-o", mark + "-2.warc.gz")
    check(mark + ": the same records",
          sorted(without_info(out)) == sorted(
              without_info(mark + "-2.warc.gz")))
    members(out)
    return out


def members(path):
    """a gzip member a record, where the index says"""
    with open(path, "rb") as f:
        data = f.read()
    with open(path + ".cdxj", encoding="utf-8") as f:
        lines = f.read().splitlines()
    check("index is in order", lines == sorted(
        lines, key=lambda line: line.encode()))
    for line in lines:
        entry = json.loads(line.split(" ", 2)[2])
        at, length = int(entry["offset"]), int(entry["length"])
        unzip = zlib.decompressobj(31)
        plain_record = unzip.decompress(data[at:at + length])
        if not (unzip.eof and not unzip.unused_data and
                records(plain_record)[0][0]["warc-target-uri"].strip("<>")
                == entry["url"]):
            check("member at %d" % at, False, line)
            return
    check("members stand where the index says", True)


def wget_site():
    if not shutil.which("wget"):
        print("no wget: its checks are left out")
        return
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = "http://127.0.0.1:%d" % server.server_port
    with open("urls", "w") as f:
        f.writelines(base + path + "\n" for path in PAGES)
    for name, more in (("one", ["--warc-cdx"]),
                       ("two", ["--warc-dedup=one.cdx"])):
        run("wget", "-q", "-i", "urls", "-O", "/dev/null",
            "--warc-file=" + name, *more, status=None)
    server.shutdown()
    sheaf("add", "site.sheaf", "one.warc.gz")
    same = pages_by_url(base, "site.sheaf")
    print("wget: %d pages by their url" % same)
    sheaf("add", "site.sheaf", "two.warc.gz")
    pages_by_url(base, "site.sheaf", ", crawled again")
    revisits = [f for f, _ in records(plain("two.warc.gz"))
                if f["warc-type"] == "revisit"]
    check("the second crawl has revisits", len(revisits) > 5)
    out = round_trip("site.sheaf", "site")
    count = records_come_back(("one.warc.gz", "two.warc.gz"), out)
    print("wget: %d records written again byte for byte" % count)
    lines = sheaf("export", "site.sheaf", "-f", "jsonl").stdout.splitlines()
    check("exports have the address as url, its host as outlet",
          lines and all(r["url"] == r["name"] and r["outlet"] == "127.0.0.1"
                        for r in map(json.loads, lines)))
    lines = sheaf("ls", "site.sheaf", "--url", base + "/a/", "--fields",
                  "name,url").stdout.splitlines()
    check("ls --url finds pages by their address",
          len(lines) == sum(p.startswith("/a/") for p in PAGES) and
          all(n == u for n, u in (r.split(b"\t") for r in lines)),
          str(lines))
    zstd_forms(base)
    extract("site.sheaf", base)
    npm_warcio(out)


def extract(corpus, base):
    sheaf("extract", corpus, "-C", "tree", status=None)
    host = base[len("http://"):]
    for path, at in (("/", "/index.html"), ("/a/", "/a/index.html"),
                     ("/a/b.html", "/a/b.html"),
                     ("/a/c?x=1&y=/2", "/a/c?x=1&y=/2")):
        try:
            with open("tree/http:/" + host + at, "rb") as f:
                body = f.read()
        except OSError as e:
            body = e
        check("extract %s" % path, body == PAGES[path][1], str(body)[:80])


def zstd_forms(base):
    """the same records as .warc.zst: plain, with a dictionary, packed or not"""
    if not shutil.which("zstd"):
        return
    whole = [r + b"\r\n\r\n" for _, r in records(plain("one.warc.gz"))]
    with open("dict", "wb") as f:
        f.write(b"".join(whole)[:40000])
    # a content-only dictionary has no number: the frames carry none either
    frames = []
    for record in whole:
        frames.append(run("zstd", "-qc", "-D", "dict", data=record).stdout)
    with open("dict", "rb") as f:
        raw = f.read()
    packed = run("zstd", "-qc", "dict").stdout
    forms = {
        "plain": run("zstd", "-qc", data=b"".join(whole)).stdout,
        "records": b"".join(run("zstd", "-qc", data=r).stdout for r in whole),
    }
    for name, content in (("dict", raw), ("packed", packed)):
        forms[name] = struct.pack("<II", 0x184D2A5D, len(content)) + content \
            + b"".join(frames)
    sheaf("add", "gz.sheaf", "one.warc.gz")
    for name, data in forms.items():
        with open(name + ".warc.zst", "wb") as f:
            f.write(data)
        sheaf("add", name + ".sheaf", name + ".warc.zst")
        check(".warc.zst, %s" % name,
              fingerprint(name + ".sheaf") == fingerprint("gz.sheaf"))
        with open("cut.warc.zst", "wb") as f:
            f.write(data[:-20])
        cut = sheaf("add", "cut.sheaf", "cut.warc.zst", status=1)
        check("cut .warc.zst, %s" % name, b"cut short" in cut.stderr and
              not os.path.exists("cut.sheaf"), cut.stderr.decode())


def npm_warcio(out):
    """the index that npm's warcio makes is ours"""
    home = os.path.join(BUILD or ".", "npm-warcio")
    cli = os.path.join(home, "node_modules", "warcio", "dist", "cli.js")
    if shutil.which("npm") and not os.path.exists(cli):
        os.makedirs(home, exist_ok=True)
        run("npm", "install", "--silent", "--no-audit", "--no-fund",
            "--prefix", home, "warcio@2.4", status=None)
    if not shutil.which("node") or not os.path.exists(cli):
        print("no npm warcio: its checks are left out")
        return
    done = run("node", cli, "cdx-index", "--format", "cdxj", out)

    def entries(text):
        return sorted((line.split(" ", 2)[0], line.split(" ", 2)[1],
                       tuple(sorted(json.loads(line.split(" ", 2)[2])
                                    .items())))
                      for line in text.decode().splitlines())
    with open(out + ".cdxj", "rb") as f:
        ours = entries(f.read())
    theirs = entries(done.stdout)
    check("npm warcio's index of ours", ours == theirs, "\n%s\n%s" % (
        [e for e in ours if e not in theirs][:2],
        [e for e in theirs if e not in ours][:2]))
    print("npm warcio: %d records" % len(theirs))


def folder():
    """articles that came from no WARC"""
    os.makedirs("posts/deep/er")
    for i in range(40):
        with open("posts/deep/er/%d \u00e4.md" % i, "wb") as f:
            f.write(b"---\ntitle: %d\nurl: http://a.example/%d?b=2&a=1\n---\n"
                    b"Text\n" % (i, i))
    for i, body in enumerate((b"", b"A WARC/1.0\r\n\r\n", bytes(range(256)))):
        with open("posts/%d.txt" % i, "wb") as f:
            f.write(body)
    sheaf("add", "posts.sheaf", "posts")
    out = round_trip("posts.sheaf", "posts")
    sheaf("export", "posts.sheaf", "-f", "warc", "-o", "posts1.warc.gz",
          "--threads", "1")
    sheaf("export", "posts.sheaf", "-f", "warc", "-o", "posts7.warc.gz",
          "--threads", "7")
    check("the same bytes for any threads",
          open("posts1.warc.gz", "rb").read() ==
          open("posts7.warc.gz", "rb").read())
    npm_warcio(out)
    sheaf("export", "posts.sheaf", "-f", "warc-1.0", "-o", "old.warc.gz")
    sheaf("add", "old.sheaf", "old.warc.gz")
    check("warc-1.0 back", fingerprint("old.sheaf") ==
          fingerprint("posts.sheaf"))
    if shutil.which("bsdtar"):
        listed = run("bsdtar", "-tf", "old.warc.gz").stdout.splitlines()
        check("libarchive lists warc-1.0", len(listed) == 43, str(len(listed)))
        print("libarchive: %d of 43 records" % len(listed))
    done = sheaf("export", "posts.sheaf", "-f", "warc")
    check("to standard output", gzip.decompress(done.stdout)[:10] ==
          b"WARC/1.1\r\n")


def fixtures():
    """what becomes of the files of others; golden: warc-fixtures.txt"""
    archive = os.path.join(DATA, "warc-fixtures.tar.zst")
    if not os.path.exists(archive):
        print("no warc-fixtures: their checks are left out")
        return
    os.mkdir("fixtures")
    run("tar", "-C", "fixtures", "--zstd", "-xf", archive)
    lines = []
    counts = {"articles": 0, "none": 0, "refused": 0}
    for top, folders, files in os.walk("fixtures"):
        folders.sort()
        for name in sorted(files):
            if not re.search(r"\.w?arc(\.|$)", name):
                continue
            path = os.path.join(top, name)
            corpus = path + ".sheaf"
            done = sheaf("add", corpus, path, status=None)
            lines.append("== %s: %d" % (name, done.returncode))
            text = done.stderr.decode().replace("sheaf add: ", "")
            lines += [line.replace(path + ": ", "")
                      for line in text.splitlines()]
            if done.returncode:
                counts["refused"] += 1
                check(name + " left nothing", not os.path.exists(corpus))
            elif not os.path.exists(corpus):
                counts["none"] += 1
            else:
                counts["articles"] += 1
                listed = names(corpus)
                lines += ["%s %s" % (i[:12], n) for n, i in listed]
                round_trip(corpus, path)
    lines.sort(key=lambda line: 0)
    text = "\n".join(lines) + "\n"
    golden = os.path.join(SOURCE, "warc-fixtures.txt")
    if os.environ.get("UPDATE"):
        with open(golden, "w", encoding="utf-8") as f:
            f.write(text)
    with open(golden, encoding="utf-8") as f:
        expected = f.read()
    if not check("fixtures", text == expected):
        with open("got", "w", encoding="utf-8") as f:
            f.write(text)
        print(run("diff", golden, "got", status=None).stdout.decode()[:3000])
    print("fixtures: %(articles)d with articles, %(none)d without, "
          "%(refused)d refused" % counts)


def main():
    os.environ["LC_ALL"] = "C"
    os.environ["TZ"] = "UTC"
    os.environ["SOURCE_DATE_EPOCH"] = "1700000000"
    with tempfile.TemporaryDirectory() as work:
        os.chdir(work)
        wget_site()
        folder()
        fixtures()
        os.chdir("/")
    return checks_end()


if __name__ == "__main__":
    sys.exit(main())
