"""What was promised, held against what was measured."""
from lib.report import table

LARGE = 80000000        # bytes of a set


def line(what, measured, met):
    return [what, measured, "met" if met else "**missed**"]


def at_most(what, value, limit, unit="", cpu=None, beside=""):
    """@cpu: the same by processor time, which a busy machine changes less"""
    if cpu:
        beside = " (CPU %.3g)" % cpu
    return line("%s: at most %.3g%s" % (what, limit, unit),
                "%.3g%s%s" % (value, unit, beside), value <= limit)


def figures(row, *keys):
    """the row's figures, or None where one is absent"""
    if row is None or any(k not in row for k in keys):
        return None
    return [row[k] for k in keys]


def per(rows, key, what, other):
    """rows[key][what] / rows[other][what], or None"""
    a, b = figures(rows.get(key), what), figures(rows.get(other), what)
    return a[0] / b[0] if a and b and b[0] else None


CPU = {"wall": "cpu", "mean_us": "cpu_us_1"}


def checked(name, rows, key, what, other, limit, text):
    value = per(rows, key, what, other)
    cpu = per(rows, key, CPU[what], other) if what in CPU else None
    if value is not None:
        yield at_most("%s, %s" % (name, text), value, limit, cpu=cpu)


def compact_lines(name, result):
    rows = result["rows"]
    limit = 1.05 if result["bytes"] >= LARGE else 1.12
    yield from checked(name, rows, "sheaf-compact", "size", "tar-zstd19",
                       limit, "compacted ÷ zstd -19 --long=27")
    yield from checked(name, rows, "sheaf-compact", "size", "tar-zstd19", 1.0,
                       "compacted ÷ zstd -19 --long=27, meant")
    yield from checked(name, rows, "sheaf-compact", "size", "tar-xz", 1.0,
                       "compacted ÷ xz -9e, meant")
    row = rows.get("sheaf-compact", {})
    if "p50_us" in row:
        yield at_most(name + ", compacted, get p50", row["p50_us"], 50, " µs")
        yield at_most(name + ", compacted, get p99", row["p99_us"], 150,
                      " µs")
        yield line(name + ", compacted, scan on 2 threads: at least 2000 "
                   "MB/s", "%.0f MB/s (%.0f a CPU second)" % (
                       row["scan_mb_s_2"], row["scan_mb_cpu_s_2"]),
                   row["scan_mb_s_2"] >= 2000)
        yield at_most(name + ", compacted, where an id lies",
                      row["locate_p50_us"] * 1e3, 200, " ns")


def add_lines(name, result):
    rows = result["rows"]
    for other, what, limit, text in (
            ("tar-zstd9", "size", 1.25, "added ÷ tar, zstd -9, size"),
            ("tar-zstd9", "wall", 1.5, "added ÷ tar, zstd -9, time"),
            ("rocksdb-4k", "size", 0.65, "added ÷ RocksDB 4 KB, size"),
            ("rocksdb-4k", "p50_us", 1, "added ÷ RocksDB 4 KB, get p50"),
            ("rocksdb-4k", "mean_us", 1, "added ÷ RocksDB 4 KB, get mean"),
            ("sqlite-raw", "p50_us", 1.5, "added ÷ SQLite raw, get p50"),
            ("sqlite-raw", "p50_us", 1.0, "added ÷ SQLite raw, get p50, "
             "meant"),
            ("sqlite-raw", "size", 1 / 6, "added ÷ SQLite raw, size")):
        yield from checked(name, rows, "sheaf-add", what, other, limit, text)


def program_line(what, p):
    """the median decides, the least is what an idle machine would show"""
    more = {k: (p["sheaf"][k] - p["cat"][k]) * 1e3 for k in p["cat"]}
    return at_most(what, more["median"], 20, " ms",
                   beside=" (least %.3g)" % more["least"])


def rest_lines(name, result):
    e = result["extract"]
    for key in e:
        if key.startswith("sheaf"):
            yield at_most("%s, extract (%s) ÷ tar -x" % (name, key),
                          e[key]["wall"] / e["tar"]["wall"], 1,
                          cpu=e[key]["cpu"] / e["tar"]["cpu"])
    for key, p in result["program"].items():
        yield program_line("%s, get through the program less cat (%s)"
                           % (name, key), p)
    for key in ("sheaf-add", "sheaf-compact"):
        info = result["rows"].get(key, {}).get("info")
        if info:
            yield at_most("%s, tables (%s)" % (name, key),
                          info["table_bytes_per_article"], 24,
                          " bytes an article")


def nightly_lines(name, r):
    night, compact = r["gets"]["nightly"], r["gets"]["nightly-compact"]
    share = r["size"] / r["compact"]["size"]
    yield at_most(name + ", all nights ÷ compacted", share, 2.5)
    yield at_most(name + ", all nights ÷ compacted, meant", share, 1.6)
    yield at_most(name + ", an edited page", r["edited_bytes_median"], 200,
                  " bytes")
    yield at_most(name + ", last month's nights ÷ first's",
                  r["late_wall_ratio"], 2, cpu=r["late_cpu_ratio"])
    yield at_most(name + ", get p50 ÷ that of the compacted",
                  night["p50_us"] / compact["p50_us"], 2)


def many_lines(r):
    yield at_most("20 articles added to %s" % format(r["records"], ","),
                  r["add_wall"]["median"], 0.5, " s",
                  cpu=r["add_cpu"]["median"])
    yield program_line("one of them through the program less cat",
                       r["program"])


def scale_lines(r):
    small, large = r["small"], r["large"]
    n = format(large["count"], ",") + " made-up posts"
    yield at_most(n + ", peak of the add", large["rss"] / 2 ** 30, 1, " GiB")
    yield line(n + ", articles/s ÷ those of %s: at least 0.7"
               % format(small["count"], ","),
               "%.2f (CPU %.2f)" % (
                   large["per_s_wall"] / small["per_s_wall"],
                   large["per_s_cpu"] / small["per_s_cpu"]),
               large["per_s_wall"] / small["per_s_wall"] >= 0.7)
    yield at_most(n + ", open", large["open_us"] / 1e3, 50, " ms")
    yield at_most(n + ", get p50 ÷ that of fewer",
                  large["p50_us"] / small["p50_us"], 2)
    yield at_most(n + ", where an id lies", large["locate_p50_us"] * 1e3, 200,
                  " ns")
    yield at_most(n + ", the same, CPU", large["locate_loop_ns"], 200, " ns")
    yield at_most(n + ", tables", large["info"]["table_bytes_per_article"],
                  24, " bytes an article")


def lines(results):
    for name, result in results["sets"].items():
        yield from compact_lines(name, result)
        yield from add_lines(name, result)
        yield from rest_lines(name, result)
    for name, result in results["nightly"].items():
        yield from nightly_lines(name, result)
    if results.get("many"):
        yield from many_lines(results["many"])
    if results.get("scale"):
        yield from scale_lines(results["scale"])


def text(results):
    return "## Targets\n\n" + table(["target", "measured", ""],
                                    list(lines(results)))
