"""The figures as Markdown tables."""


def number(value, digits=1):
    if value is None:
        return "-"
    if value >= 10000:
        return "{:,.0f}".format(value)
    return "{:,.{}f}".format(value, 0 if value >= 1000 else digits)


def ratio(value, base):
    if not value or not base:
        return "-"
    return "%.2f" % (value / base)


def megabytes(value):
    return "-" if value is None else number(value / 1e6)


def table(head, lines):
    out = ["| " + " | ".join(head) + " |",
           "|" + "---|" + "---:|" * (len(head) - 1)]
    out += ["| " + " | ".join(line) + " |" for line in lines]
    return "\n".join(out) + "\n"


def size_lines(result):
    rows = result["rows"]
    ours = [rows[k].get("size") for k in ("sheaf-add", "sheaf-compact")]
    for row in rows.values():
        if "size" not in row:
            yield [row["label"], "failed: " + row["failed"]] + ["-"] * 6
            continue
        yield [row["label"], megabytes(row["size"]),
               number(100 * row["size"] / result["bytes"]),
               ratio(row["size"], ours[0]), ratio(row["size"], ours[1]),
               number(row["wall"]) if row["wall"] else "-",
               number(row["cpu"]) if row["cpu"] else "-",
               number(result["bytes"] / 1e6 / row["wall"])
               if row["wall"] else "-",
               megabytes(row["rss"]) if row["rss"] else "-"]


def size_table(result):
    return table(["", "MB", "% of raw", "÷ ours, added", "÷ ours, compacted",
                  "made in s", "CPU s", "MB/s", "peak MB"],
                 size_lines(result))


def get_lines(result):
    rows = result["rows"]
    ours = [rows[k].get("p50_us") for k in ("sheaf-add", "sheaf-compact")]
    for row in rows.values():
        if "p50_us" not in row:
            if "failed" in row and "size" in row:
                yield [row["label"], "failed: " + row["failed"]] + ["-"] * 12
            continue
        yield [row["label"], number(row["p50_us"]), number(row["p99_us"]),
               number(row["mean_us"]), number(row["cpu_us_1"]),
               ratio(row["p50_us"], ours[0]), ratio(row["p50_us"], ours[1]),
               number(row["gets_per_s_1"]), number(row["gets_per_s_2"]),
               number(row["scan_mb_s_1"]), number(row["scan_mb_s_2"]),
               number(row["scan_mb_cpu_s_2"]),
               number(row["open_us"] / 1e3, 2),
               number(row["first_get_us"] / 1e3, 2),
               number(row["peak_kib"] * 1024 / 1e6)]


def get_table(result):
    return table(["random get", "p50 µs", "p99 µs", "mean µs", "CPU µs",
                  "p50 ÷ ours, added", "p50 ÷ ours, compacted", "gets/s, 1 "
                  "thread", "2 threads", "scan MB/s, 1 thread", "2 threads",
                  "MB a CPU s", "open ms", "first get ms", "memory MB"],
                 get_lines(result))


def seconds(pair):
    return "%.1f ms (median %.1f)" % (pair["least"] * 1e3,
                                      pair["median"] * 1e3)


def tables_text(row):
    info = row["info"]
    parts = ", ".join("%s %s" % (name, megabytes(value))
                      for name, value in info["parts"].items() if value)
    return ("%s: %.1f bytes an article for tables; %d dictionaries, %s MB "
            "decoded; where an id lies, without reading: p50 %.0f ns. "
            "MB by part: %s.\n" % (
                row["label"].strip("*"), info["table_bytes_per_article"],
                info["dictionary_count"], megabytes(info["dictionary_bytes"]),
                row["locate_p50_us"] * 1e3, parts))


EXTRACT = {"sheaf-add": "`sheaf extract`, added",
           "sheaf-compact": "`sheaf extract`, compacted",
           "tar": "`tar -x`", "tar-zstd9": "`zstd -d`, `tar -x`"}


def extract_text(result):
    return "Files written: " + "; ".join(
        "%s %.2f s (CPU %.2f)" % (what, e["wall"], e["cpu"])
        for what, e in ((EXTRACT[key], e)
                        for key, e in result["extract"].items())) + ".\n"


def program_text(result):
    p = result["program"]
    return "".join(
        "`sheaf get` through the program, %s: %s; `cat`: %s.\n" % (
            key, seconds(p[key]["sheaf"]), seconds(p[key]["cat"]))
        for key in p)


def set_text(name, result):
    out = ["## %s: %s files, %s MB, %s articles\n" % (
        name, format(result["files"], ","), megabytes(result["bytes"]),
        format(result["articles"], ",")), size_table(result),
        get_table(result)]
    out += [tables_text(result["rows"][k])
            for k in ("sheaf-add", "sheaf-compact")
            if "info" in result["rows"][k]]
    out += [extract_text(result), program_text(result),
            "SQLite's dictionary: up to %s KB, as large as sheaf's after "
            "add.\n" % number(result["sqlite_dictionary"] / 1024, 0)]
    return "\n".join(out)


def nightly_text(name, r):
    night, compact = r["gets"]["nightly"], r["gets"]["nightly-compact"]
    return "\n".join([
        "## %s, night by night: %d adds\n" % (name, r["nights"]),
        table(["", "after all nights", "compacted", "ratio"], [
            ["MB", megabytes(r["size"]), megabytes(r["compact"]["size"]),
             ratio(r["size"], r["compact"]["size"])],
            ["random get p50 µs", number(night["p50_us"]),
             number(compact["p50_us"]),
             ratio(night["p50_us"], compact["p50_us"])],
            ["random get p99 µs", number(night["p99_us"]),
             number(compact["p99_us"]),
             ratio(night["p99_us"], compact["p99_us"])],
            ["random get CPU µs", number(night["cpu_us_1"]),
             number(compact["cpu_us_1"]),
             ratio(night["cpu_us_1"], compact["cpu_us_1"])],
            ["open ms", number(night["open_us"] / 1e3, 2),
             number(compact["open_us"] / 1e3, 2),
             ratio(night["open_us"], compact["open_us"])]]),
        "%s articles, %s of them new versions. An edited page: %.0f bytes in "
        "the median of %d nights that had only versions, tables included. "
        "A night: median %.0f ms, longest %.0f ms, all %.1f s; peak memory "
        "%s MB. The last %d nights against the first, for as many files: %.2f "
        "(CPU %.2f). Index layers: %d; dead bytes %.1f %%. Compacting took "
        "%.1f s.\n" % (
            format(r["articles"], ","), format(r["versions"], ","),
            r["edited_bytes_median"], r["edited_nights"],
            r["night_wall_median"] * 1e3, r["night_wall_max"] * 1e3,
            r["wall"], megabytes(r["rss"]), 30, r["late_wall_ratio"],
            r["late_cpu_ratio"], r["info"]["index_layers"],
            100 * r["info"]["parts"]["dead"] / r["size"],
            r["compact"]["wall"])])


def many_text(r):
    return ("## 20 articles added to %s\n\n"
            "add: %s, CPU %s, peak memory %s MB. get through the program: %s; "
            "cat: %s.\n" % (
                format(r["records"], ","), seconds(r["add_wall"]),
                seconds(r["add_cpu"]), megabytes(r["add_rss"]),
                seconds(r["program"]["sheaf"]), seconds(r["program"]["cat"])))


SCALE = (
    ("articles/s", lambda r: r["per_s_wall"]),
    ("articles/s of CPU", lambda r: r["per_s_cpu"]),
    ("add, peak MB", lambda r: r["rss"] / 1e6),
    ("MB", lambda r: r["file_size"] / 1e6),
    ("open ms", lambda r: r["open_us"] / 1e3),
    ("first get ms", lambda r: r["first_get_us"] / 1e3),
    ("random get p50 µs", lambda r: r["p50_us"]),
    ("random get p99 µs", lambda r: r["p99_us"]),
    ("random get CPU µs", lambda r: r["cpu_us_1"]),
    ("where an id lies, p50 ns", lambda r: r["locate_p50_us"] * 1e3),
    ("the same, a loop's mean, CPU ns", lambda r: r["locate_loop_ns"]),
    ("where each of 1,000 ids lies, CPU ns", lambda r: r["locate_many_ns"]),
    ("reader, peak MB", lambda r: r["peak_kib"] * 1024 / 1e6),
    ("tables, bytes an article",
     lambda r: r["info"]["table_bytes_per_article"]),
)


def scale_text(r):
    small, large = r["small"], r["large"]
    return "## Made-up posts of 1 KB\n\n" + table(
        ["", format(small["count"], ","), format(large["count"], ","),
         "ratio"],
        [[what, number(f(small), 2), number(f(large), 2),
          ratio(f(large), f(small))] for what, f in SCALE])


def machine_text(m):
    return ("%s, %d processors, %.0f GB, Linux %s; load %.1f at the start; "
            "sheaf %s, %s.\n" % (m["cpu"], m["cpus"], m["memory"] / 2 ** 30,
                                 m["kernel"], m["load"], m["commit"],
                                 m["date"]))


def text(results):
    out = ["# sheaf and its peers\n", machine_text(results["machine"])]
    if results["absent"]:
        out.append("Left out: " + "; ".join(results["absent"]) + ".\n")
    out += [set_text(n, r) for n, r in results["sets"].items()]
    out += [nightly_text(n, r) for n, r in results["nightly"].items()]
    if results.get("many"):
        out.append(many_text(results["many"]))
    if results.get("scale"):
        out.append(scale_text(results["scale"]))
    return "\n".join(out)
