#!/usr/bin/env python3
"""Holds the fields of hugo posts against independent parsers.

python3-yaml and npm's gray-matter (where npm can fetch it) on every post of the
real corpora that have front matter; Python's tomllib on generated TOML and the
same as JSON.  What the parsers give goes through the rules of
formats/hugo/mapping.md, written once more here, and must be what sheaf reads.
Explained differences are counted by their reason, others are failures.

    front_matter.py [--all]     else every tenth post, and 2,000 of 20,000
                                generated documents

Exit status 77 where there are neither corpora nor parsers.
"""
import datetime
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

BUILD = os.environ.get("SHEAF_BUILD", "build/release")
SOURCE = os.environ.get("SHEAF_SOURCE", ".")
DATA = os.environ.get("SHEAF_DATA", "../shared/data")
CORPORA = ("digitalgov-stream", "gesetze", "legalize-uy")
ALL = sys.argv[1:2] == ["--all"]
GENERATED = 20000 if ALL else 2000

try:
    import yaml
except ImportError:
    yaml = None
try:
    import tomllib
except ImportError:
    tomllib = None


def keys():
    """field -> its keys in the order of preference, from the document"""
    found = {}
    with open(os.path.join(SOURCE, "formats/hugo/mapping.md"),
              encoding="utf-8") as f:
        for line in f:
            row = re.match(r"\| (title|date|lang|categories|tags|outlet|url) "
                           r"\| ([a-z, ]+) \|", line)
            if row:
                found[row[1]] = row[2].split(", ")
    assert len(found) == 7, found
    return found


KEYS = keys()
BLANKS = " \t\r\n\v\f"
DATE = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:(?:[Tt]|[ \t]+)"
                  r"(\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d*)?)?[ \t]*"
                  r"(Z|z|[-+]\d{1,2}(?::?\d\d)?)?)?$")


def seconds(text):
    """of a date in the forms that posts have; None for others"""
    m = DATE.match(text.strip())
    if not m:
        return None
    year, month, day, hour, minute, second = (int(x or 0)
                                              for x in m.groups()[:6])
    try:
        t = datetime.datetime(year, month, day, hour, minute,
                              min(second, 59),
                              tzinfo=datetime.timezone.utc)
    except ValueError:
        return None
    zone = m[7]
    out = int((t - datetime.datetime(1970, 1, 1,
                                     tzinfo=datetime.timezone.utc))
              .total_seconds())
    if zone and zone not in "Zz":
        digits = zone[1:].replace(":", "")
        h, mm = (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 \
            else (int(digits), 0)
        out -= (60 * h + mm) * 60 * (-1 if zone[0] == "-" else 1)
    return out


def scalar(value):
    """as text; None for what gives nothing"""
    if value is None or isinstance(value, (dict, list)):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) or None


def plain(key):
    return re.sub("[-_ ]", "", key).lower()


def by_key(front):
    """plain key -> list of (text, in a list); the last with a value wins"""
    out = {}
    for key, value in front.items():
        if isinstance(value, list):
            values = [(scalar(v), True) for v in value]
        else:
            values = [(scalar(value), False)]
        values = [v for v in values if v[0] is not None]
        if values:
            out[plain(str(key))] = values
    return out


def fields(front):
    """what of a post's fields front matter alone decides"""
    values = by_key(front)
    out = {"title": None, "date": None, "lang": None, "categories": [],
           "tags": []}
    for name in ("title", "lang"):
        for key in KEYS[name]:
            if out[name] is None and key in values:
                out[name] = values[key][0][0].strip(BLANKS) or None
    for key in KEYS["date"]:
        if out["date"] is None and key in values:
            out["date"] = seconds(values[key][0][0])
    for name in ("categories", "tags"):
        for key in KEYS[name]:
            if out[name] or key not in values:
                continue
            for text, in_list in values[key]:
                split = key in ("tags", "tag", "keywords") and not in_list
                for part in text.split(",") if split else [text]:
                    part = part.strip(BLANKS)
                    if part and part not in out[name]:
                        out[name].append(part)
            out[name] = out[name][:256]
    return out


def front_of(data):
    """the YAML between the fences, or None"""
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    m = re.match(rb"---[ \t\r]*\n(.*?)(?:^(?:---|\.\.\.)[ \t\r]*$)", data,
                 re.S | re.M)
    return m[1] if m else None


def ours(paths):
    run = subprocess.run([os.path.join(BUILD, "tests", "fields"), "hugo"],
                         input="\n".join(paths) + "\n", text=True,
                         capture_output=True, check=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


class Tally:
    def __init__(self, name):
        self.name = name
        self.posts = self.equal = self.unlike = 0
        self.explained = {}

    def take(self, path, got, wanted, why=None):
        self.posts += 1
        got = {k: got[k] for k in wanted}
        if got == wanted:
            self.equal += 1
        elif why:
            self.explained[why] = self.explained.get(why, 0) + 1
        else:
            self.unlike += 1
            if self.unlike <= 10:
                print(f"{self.name}: {path}\n  sheaf {got}\n"
                      f"  other {wanted}")

    def tell(self):
        told = "".join(f", {n} {why}" for why, n in
                       sorted(self.explained.items()))
        print(f"{self.name}: {self.posts} posts, {self.equal} equal"
              f"{told}, {self.unlike} unlike")
        return self.unlike == 0 and self.posts > 0


def loader():
    """scalars stand as written, as in sheaf; merges are not followed"""
    class Texts(yaml.BaseLoader):
        pass

    # a plain null is none
    def construct(self, node):
        if node.style is None and node.value in ("", "~", "null", "Null",
                                                 "NULL"):
            return None
        return node.value
    Texts.add_constructor("tag:yaml.org,2002:str", construct)
    return Texts


def with_yaml(corpus, posts, results):
    tally = Tally(f"{corpus}, python3-yaml")
    texts = loader()
    for path, got in zip(posts, results):
        with open(path, "rb") as f:
            front = front_of(f.read())
        why = None
        wanted = fields({})
        if front is not None:
            try:
                tree = yaml.load(front.decode("utf-8"), texts)
                wanted = fields(tree if isinstance(tree, dict) else {})
            except (yaml.YAMLError, UnicodeDecodeError):
                why = "not YAML, read in part"
        tally.take(path, got, wanted, why if got["warning"] else None)
    return tally.tell()


GRAY = r"""
const matter = require('gray-matter');
const fs = require('fs');
for (const path of fs.readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
  let out;
  try {
    const data = matter(fs.readFileSync(path, 'utf8'), {}).data;
    out = {data};
  } catch (e) {
    out = {error: String(e.message).split('\n')[0]};
  }
  console.log(JSON.stringify(out));
}
"""


def gray_matter():
    """a folder with npm's gray-matter in it, or None"""
    if not shutil.which("npm") or not shutil.which("node"):
        return None
    folder = os.path.join(BUILD, "tests", "gray-matter")
    if not os.path.isdir(os.path.join(folder, "node_modules", "gray-matter")):
        os.makedirs(folder, exist_ok=True)
        try:
            subprocess.run(["npm", "install", "--no-audit", "--no-fund",
                            "--prefix", folder, "gray-matter@4.0.3"],
                           capture_output=True, check=True, timeout=120)
        except (subprocess.SubprocessError, OSError):
            return None
    return folder


def typed(value):
    """a date of JavaScript's as JSON has it, a number: as sheaf compares"""
    if isinstance(value, list):
        return [typed(v) for v in value]
    if isinstance(value, str) and re.fullmatch(
            r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z", value):
        return value.replace(".000Z", "Z")
    return value


def same_but_for_blanks(got, wanted):
    """blanks before a line's end in quotes: YAML drops them, js-yaml 3 not"""
    return all(re.sub("[ \t]+", " ", str(got[k])) ==
               re.sub("[ \t]+", " ", str(wanted[k])) for k in wanted)


def same_but_for_types(got, wanted):
    """YAML 1.1 makes dates and numbers of what sheaf leaves as text"""
    def numbers(v):
        if isinstance(v, list):
            return [numbers(x) for x in v]
        try:
            return float(v)
        except (TypeError, ValueError):
            pass
        sec = seconds(v) if isinstance(v, str) else None
        return v if sec is None else sec
    return all(numbers(got[k]) == numbers(wanted[k]) for k in wanted)


def with_gray_matter(corpus, posts, results, folder):
    run = subprocess.run(["node", "-e", GRAY], input="\n".join(posts),
                         text=True, capture_output=True, check=True,
                         cwd=folder)
    tally = Tally(f"{corpus}, gray-matter")
    for path, got, line in zip(posts, results, run.stdout.splitlines()):
        other = json.loads(line)
        why = None
        wanted = fields({})
        if "error" in other:
            why = "not YAML, read in part" if got["warning"] else \
                "refused by it alone: " + re.sub(
                    r" at line.*| \(.*", "", other["error"])
        else:
            data = {k: typed(v) for k, v in other["data"].items()}
            wanted = fields(data)
            if same_but_for_types(got, wanted):
                why = "numbers or dates in place of the text"
            elif same_but_for_blanks(got, wanted):
                why = "with blanks at a line's end, which YAML drops"
        tally.take(path, got, wanted, why)
    return tally.tell()


# --- generated TOML, and the same as JSON ---

WORDS = ["a", "storm", "café", "x\"y", "it's", "back\\slash", "日本", "tab\t",
         "# no comment", "= =", "[x]", "{y}", "+++ ", "", " blanks ", "\U0001f600"]
NAMES = ["title", "Title", "date", "publishDate", "lang", "language", "tags",
         "categories", "keywords", "draft", "weight", "params", "x-y", "z_1"]


def basic(rnd, text):
    out = ""
    for c in text:
        if c in "\"\\":
            out += "\\" + c
        elif c == "\n":
            out += "\\n"
        elif c == "\t" and rnd.random() < .5:
            out += "\\t"
        elif rnd.random() < .05:
            out += "\\U%08x" % ord(c)
        else:
            out += c
    return f'"{out}"'


def toml_string(rnd):
    text = " ".join(rnd.choice(WORDS) for _ in range(rnd.randint(0, 4)))
    kind = rnd.randint(0, 3)
    if kind == 1 and "'" not in text:
        return f"'{text}'"
    if kind == 2:
        body = basic(rnd, text)[1:-1]
        return '"""' + rnd.choice(["", "\n"]) + body + rnd.choice(
            ["", "\nline", " \\\n   joined"]) + '"""'
    if kind == 3 and "'" not in text:
        return "'''" + rnd.choice(["", "\n"]) + text + "\nmore'''"
    return basic(rnd, text)


def toml_scalar(rnd):
    day = "%04d-%02d-%02d" % (rnd.randint(1970, 2060), rnd.randint(1, 12),
                              rnd.randint(1, 28))
    time = "%02d:%02d:%02d" % (rnd.randint(0, 23), rnd.randint(0, 59),
                               rnd.randint(0, 59))
    return rnd.choice([
        lambda: toml_string(rnd), lambda: toml_string(rnd),
        lambda: rnd.choice(["true", "false"]),
        lambda: str(rnd.randint(-10**6, 10**6)),
        lambda: day,
        lambda: day + rnd.choice("T ") + time + rnd.choice(
            ["", "Z", "+01:00", "-11:30", ".25Z"]),
    ])()


def toml_value(rnd, depth=0):
    pick = rnd.random()
    if pick < .7 or depth > 2:
        return toml_scalar(rnd)
    if pick < .9:
        gap = rnd.choice([" ", "\n  ", " # [x\n"])
        items = [toml_value(rnd, depth + 1) if rnd.random() < .2
                 else toml_string(rnd) for _ in range(rnd.randint(0, 4))]
        return "[" + gap + ("," + gap).join(items) + (
            "," if items and rnd.random() < .3 else "") + gap + "]"
    return "{ " + ", ".join(f"k{i} = {toml_scalar(rnd)}".replace("\n", "\\n")
                            for i in range(rnd.randint(0, 2))
                            ) + " }"


def toml_document(rnd):
    lines = []
    for name in rnd.sample(NAMES, rnd.randint(1, 7)):
        if plain(name) in {plain(x.split(" ")[0]) for x in lines}:
            continue
        lines.append(f"{name} = {toml_value(rnd)}" + rnd.choice(
            ["", "  # behind", "\n# a comment", "\n"]))
    if rnd.random() < .3:
        lines.append('[extra]\ntitle = "not this"\ntags = ["nor", "these"]')
    return "\n".join(lines) + "\n"


def as_text(value):
    """what of tomllib's values stood there as text, as sheaf leaves it"""
    if isinstance(value, list):
        return [as_text(v) for v in value]
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return value


def with_tomllib():
    rnd = random.Random(1)
    tally = Tally("generated, tomllib")
    as_json = Tally("generated, as JSON")
    with tempfile.TemporaryDirectory() as folder:
        paths, wanted, jsons = [], [], []
        while len(paths) < GENERATED:
            text = toml_document(rnd)
            try:
                tree = tomllib.loads(text)
            except tomllib.TOMLDecodeError:
                continue
            if re.search(r"^\+\+\+[ \t]*$", text, re.M):
                continue    # the closing line, in a string or not
            path = os.path.join(folder, f"{len(paths)}.md")
            with open(path, "w", encoding="utf-8", newline="") as f:
                f.write("+++\n" + text + "+++\nText\n")
            paths.append(path)
            values = {k: as_text(v) for k, v in tree.items()}
            wanted.append(fields(values))
            path = os.path.join(folder, f"{len(jsons)}.json.md")
            with open(path, "w", encoding="utf-8") as f:
                json.dump(values, f, default=str,
                          ensure_ascii=rnd.random() < .5,
                          indent=rnd.choice([None, 1]))
                f.write("\nText\n")
            jsons.append(path)
        for path, got, want in zip(paths, ours(paths), wanted):
            why = None
            if same_but_for_types(got, want):
                why = "a date or number written another way"
            tally.take(path, got, want, why)
        for path, got, want in zip(jsons, ours(jsons), wanted):
            as_json.take(path, got, want)
    return tally.tell() & as_json.tell()


def posts_of(corpus, unpacked):
    """the paths of a corpus, which may be packed: then unpacked there"""
    folder = os.path.join(DATA, corpus)
    packed = folder + ".tar.zst"
    if not os.path.isdir(folder) and os.path.exists(packed):
        folder = os.path.join(unpacked, corpus)
        os.mkdir(folder)
        subprocess.run(["tar", "-I", "zstd", "-xf", packed, "-C", folder],
                       check=True)
    posts = []
    for top, dirs, names in os.walk(folder):
        dirs.sort()
        posts += [os.path.abspath(os.path.join(top, n))
                  for n in sorted(names) if n.endswith(".md")]
    return posts if ALL else posts[::10]


def main():
    with tempfile.TemporaryDirectory() as unpacked:
        return run_all(unpacked)


def run_all(unpacked):
    runs = []
    folder = gray_matter()
    if not folder:
        print("skipped: no gray-matter: npm can't fetch it")
    for corpus in CORPORA:
        posts = posts_of(corpus, unpacked)
        if not posts:
            print(f"skipped: no {corpus}")
            continue
        results = ours(posts)
        if yaml:
            runs.append(with_yaml(corpus, posts, results))
        if folder:
            runs.append(with_gray_matter(corpus, posts, results, folder))
    if tomllib:
        runs.append(with_tomllib())
    print(f"{runs.count(True)} passed, {runs.count(False)} failed")
    if not runs:
        return 77
    return 0 if all(runs) else 1


if __name__ == "__main__":
    sys.exit(main())
