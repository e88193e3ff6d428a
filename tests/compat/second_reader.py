#!/usr/bin/env python3
"""Reads sheaf corpora: a second reader, from the specification alone.

    second_reader.py list FILE [--as-of K] [--all-versions]
    second_reader.py extract FILE DIR [--as-of K]
    second_reader.py get FILE ID|PREFIX [--as-of K]
    second_reader.py find-name FILE NAME [--as-of K]
    second_reader.py find-url FILE URL [--as-of K]
    second_reader.py log FILE
    second_reader.py verify FILE
    second_reader.py dictionary FILE OUTPUT [--of N]
    second_reader.py block FILE N OUTFRAME

list, find-* and log print a line of JSON each; get prints the article.  The
blocks of `block` are counted from 0; `dictionary` writes what `zstd -D` wants
to decode block N (without --of: the newest dictionary).
Exit status: 0, 1 for no or damaged, 2 usage, 3 could not find out.
"""
import argparse
import json
import os
import sys

sys.dont_write_bytecode = True

from sheafpy.base import Damage, NotFound, Unsupported      # noqa: E402
from sheafpy.corpus import Corpus, map_file                 # noqa: E402
from sheafpy.frames import BLOCK, walk                      # noqa: E402
from sheafpy.verify import verify                           # noqa: E402


def text(key, value):
    """bytes under `key`, or in hex under `key_hex` where they are no UTF-8
    """
    if value is None:
        return {key: None}
    try:
        return {key: value.decode("utf-8")}
    except UnicodeDecodeError:
        return {key + "_hex": value.hex()}


def texts(key, values):
    try:
        return {key: [v.decode("utf-8") for v in values]}
    except UnicodeDecodeError:
        return {key + "_hex": [v.hex() for v in values]}


def as_json(corpus, r):
    def string(code):
        return None if code is None else corpus.string(code)

    return {"id": corpus.id(r.place).hex(),
            **text("name", corpus.name(r)),
            "size": r.size, "mtime": [r.mtime, r.nsec], "date": r.date,
            **text("outlet", string(r.outlet)),
            **text("lang", string(r.lang)),
            **text("format", string(r.format)),
            **texts("categories", [string(c) for c in r.categories]),
            **texts("tags", [string(c) for c in r.tags]),
            "commit": r.commit, "place": list(r.place), "ref": list(r.ref)}


def print_records(corpus, records):
    for r in records:
        print(json.dumps(as_json(corpus, r)))
    return 0 if records else 1


def cmd_list(corpus, args):
    print_records(corpus, corpus.list(args.all_versions))
    return 0


def cmd_log(corpus, args):
    for f in corpus.log():
        line = {
            "number": f.number, "time": f.time, "id": f.id.hex(),
            "fingerprint": f.fingerprint.hex(), **text("message", f.message),
            "live": f.live, "articles": f.articles,
            "article_bytes": f.article_bytes, "new_records": f.new_records,
            "new_articles": f.new_articles, "new_bytes": f.new_bytes}
        if f.number >= corpus.first:    # the others have no segment here
            line.update(records=f.records, blocks=f.blocks, start=f.start,
                        end=f.end, layers=[x.last for x in f.layers])
        print(json.dumps(line))
    return 0


def cmd_get(corpus, args):
    key = args.key.lower()
    if not 1 <= len(key) <= 32 or set(key) - set("0123456789abcdef"):
        raise NotFound(f"{args.key} is no id")
    found = corpus.get(key)
    if len(found) > 1:
        for ident in sorted(found):
            print(ident.hex(), file=sys.stderr)
        raise NotFound(f"{len(found)} articles begin with {key}")
    for article in found.values():
        sys.stdout.buffer.write(article)
    return 0 if found else 1


def cmd_find_name(corpus, args):
    return print_records(corpus, corpus.find_name(os.fsencode(args.key)))


def cmd_find_url(corpus, args):
    return print_records(corpus, corpus.find_url(os.fsencode(args.key)))


def open_below(top, name):
    """a new file of that name below the folder; links are not followed"""
    *folders, last = name.split(b"/")
    if any(part in (b"", b".", b"..") for part in (*folders, last)):
        raise OSError("unsafe name")
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
    here = os.open(top, flags)
    try:
        for part in folders:
            try:
                os.mkdir(part, dir_fd=here)
            except FileExistsError:
                pass
            below = os.open(part, flags, dir_fd=here)
            os.close(here)
            here = below
        return os.open(last, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666,
                       dir_fd=here)
    finally:
        os.close(here)


def cmd_extract(corpus, args):
    status = 0
    os.makedirs(args.dir, exist_ok=True)
    for r in corpus.list():
        article = corpus.article(r.place)
        try:
            fd = open_below(args.dir, corpus.name(r))
            with open(fd, "wb") as f:
                f.write(article)
                f.flush()
                time = r.mtime * 1_000_000_000 + r.nsec
                os.utime(fd, ns=(time, time))
        except (OSError, OverflowError) as error:
            print(f"{corpus.name(r)!r}: {error}", file=sys.stderr)
            status = 1
    return status


def cmd_dictionary(corpus, args):
    offset = corpus.footer.dictionary
    if args.of is not None:
        offset = corpus.block(block_at(corpus, args.of)).parent
    if not offset:
        raise NotFound("no dictionary")
    with open(args.output, "wb") as f:
        f.write(corpus.content(offset))
    return 0


def block_at(corpus, n):
    """the offset of block n's header"""
    headers = [frame.offset for frame in walk(corpus.data, 0,
                                              corpus.footer.end)
               if frame.kind == BLOCK]
    if not 0 <= n < len(headers):
        raise NotFound(f"there are {len(headers)} blocks")
    return headers[n]


def cmd_block(corpus, args):
    block = corpus.block(block_at(corpus, args.n))
    with open(args.output, "wb") as f:
        f.write(corpus.data[block.frame:block.end])
    return 0


def cmd_verify(args):
    data = map_file(args.file)
    findings = verify(data)
    for rule, offset, what in findings:
        print(f"{offset}: {what} [{rule}]")
    return 1 if findings else 0


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)

    def command(name, run, *operands, as_of=True):
        sub = commands.add_parser(name)
        sub.set_defaults(run=run)
        for operand in ("file",) + operands:
            sub.add_argument(operand,
                             type=int if operand == "n" else None)
        if as_of:
            sub.add_argument("--as-of", type=int)
        return sub

    command("list", cmd_list).add_argument("--all-versions",
                                           action="store_true")
    command("log", cmd_log)
    command("get", cmd_get, "key")
    command("find-name", cmd_find_name, "key")
    command("find-url", cmd_find_url, "key")
    command("extract", cmd_extract, "dir")
    command("verify", cmd_verify, as_of=False)
    command("dictionary", cmd_dictionary, "output").add_argument(
        "--of", type=int)
    command("block", cmd_block, "n", "output")
    return parser.parse_args()


def main():
    args = arguments()
    try:
        if args.run is cmd_verify:
            return cmd_verify(args)
        return args.run(Corpus(map_file(args.file), args.as_of), args)
    except NotFound as error:
        print(f"{args.file}: {error}", file=sys.stderr)
        return 1
    except (Damage, Unsupported, OSError) as error:
        print(f"{args.file}: {error}", file=sys.stderr)
        return 3
    except BrokenPipeError:
        return 3


if __name__ == "__main__":
    sys.exit(main())
