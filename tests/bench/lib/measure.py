"""One set: every peer made, checked, asked for the same random articles."""
import os

from lib import machine, peers, sets

LOWER = ("open_us", "first_get_us", "p50_us", "p90_us", "p99_us", "mean_us",
         "cpu_us_1", "cpu_us_2")
HIGHER = ("gets_per_s_1", "gets_per_s_2", "scan_mb_s_1", "scan_mb_s_2",
          "scan_mb_cpu_s_1", "scan_mb_cpu_s_2", "peak_kib", "anon_kib")


def least(runs):
    """of several runs of one command: the best of each figure"""
    return {k: min(r[k] for r in runs) for k in ("wall", "cpu", "rss")}


def make_again(peer, work):
    machine.remove(work.path(peer.key))
    return machine.cost(peer.make(work, peer.key))


def make_pairs(work, rounds):
    """sheaf add and tar | zstd -9 -T2, in turns -> {key: cost}"""
    pair = [peers.BY_KEY["sheaf-add"], peers.BY_KEY["tar-zstd9"]]
    runs = {p.key: [] for p in pair}
    for _ in range(rounds):
        for peer in pair:
            runs[peer.key].append(make_again(peer, work))
    return {key: least(r) for key, r in runs.items()}


def make_one(peer, work, pairs):
    """-> the peer's row, without gets"""
    row = {"label": peer.label}
    try:
        row.update(pairs.get(peer.key) or make_again(peer, work))
        row["size"] = peers.size(peer, work)
        if peer.store is not None:
            machine.run(work.store_command(peer, "check"))
    except (machine.Failed, OSError) as e:
        row["failed"] = str(e)
        machine.say("%s: failed: %s" % (peer.label, e))
    return row


def merge(best, new):
    for key, value in new.items():
        if key in LOWER and key in best:
            best[key] = min(best[key], value)
        elif key in HIGHER and key in best:
            best[key] = max(best[key], value)
        else:
            best[key] = value


def get_rounds(chosen, work, rows, plan):
    """all stores in turns, each in a process of its own; the best of each"""
    options = ["-n", str(plan["gets"]), "-w", str(plan["warm_up"])]
    for number in range(plan["rounds"]):
        order = chosen if number % 2 == 0 else chosen[::-1]
        for peer in order:
            row = rows[peer.key]
            if peer.store is None or "failed" in row:
                continue
            try:
                command = work.store_command(peer, "get")
                merge(row, machine.run_json(
                    command + options + ["-s", str(number + 1)]))
                merge(row, machine.run_json(work.store_command(peer, "scan")))
            except (machine.Failed, ValueError) as e:
                row["failed"] = str(e)
                machine.say("%s: failed: %s" % (peer.label, e))


def whole_corpora(rows):
    return [k for k in ("sheaf-add", "sheaf-compact")
            if "failed" not in rows[k]]


def sheaf_tables(work, rows):
    """what only sheaf tells: its tables, its dictionary, places alone"""
    for key in whole_corpora(rows):
        row = rows[key]
        row["info"] = machine.run_json([machine.SHEAF, "info", "--json",
                                        work.path(key)])
        row.update(machine.run_json(
            work.store_command(peers.BY_KEY[key], "locate")))


def dictionary_like_ours(work):
    info = machine.run_json([machine.SHEAF, "info", "--json",
                             work.path("sheaf-add")])
    ours = info["dictionary_bytes"] or peers.ROCKS_DICTIONARY
    work.dictionary = min(ours, peers.SQLITE_DICTIONARY_MAX)


def extract_pairs(work, corpora, rounds):
    """extract of the corpora against tar x, in turns"""
    out, plain = work.path("extracted"), work.path("plain.tar")
    env = dict(work.shell, OUT=out, PLAIN=plain, ZSTD=work.path("tar-zstd9"))
    machine.run("tar -C \"$TREE\" -cf \"$PLAIN\" .", env)
    commands = {key: [machine.SHEAF, "extract", "-q", work.path(key), "-C",
                      out] for key in corpora}
    commands["tar"] = ["tar", "-xf", plain, "-C", out]
    commands["tar-zstd9"] = "zstd -qdc \"$ZSTD\" | tar -x -C \"$OUT\""
    runs = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            machine.remove(out)
            os.makedirs(out)
            runs[name].append(machine.run(command, env))
    machine.remove(out)
    machine.remove(plain)
    return {name: least(r) for name, r in runs.items()}


def first_articles(work, count):
    """(id, name) of some, spread evenly"""
    with open(work.articles, "rb") as f:
        lines = f.read().splitlines()
    step = max(1, len(lines) // count)
    return [(line[:32].decode(), line.split(b" ", 2)[2])
            for line in lines[::step][:count]]


def program_pairs(work, corpus, times):
    """get through the program against cat of the file, in turns"""
    ours, cat = [], []
    for key, name in first_articles(work, times):
        path = os.path.join(os.fsencode(work.tree), name)
        cat.append(machine.run(["cat", path])["wall"])
        ours.append(machine.run([machine.SHEAF, "get", corpus, key])["wall"])
    return {"sheaf": spread(ours), "cat": spread(cat)}


def spread(values):
    values = sorted(values)
    return {"least": values[0], "median": values[len(values) // 2]}


def measure(tree, folder, plan, chosen):
    """-> all figures of one set"""
    machine.remove(folder)
    os.makedirs(folder)
    work = peers.Work(tree, folder, os.path.join(folder, "articles.txt"))
    result = sets.list_articles(tree, work.articles)
    machine.say("%d files, %.1f MB" % (result["files"],
                                       result["bytes"] / 1e6))
    pairs = make_pairs(work, plan["pairs"])
    dictionary_like_ours(work)
    rows = result["rows"] = {}
    for peer in chosen:
        machine.say("making " + peer.key)
        rows[peer.key] = make_one(peer, work, pairs)
    machine.say("random gets")
    get_rounds(chosen, work, rows, plan)
    sheaf_tables(work, rows)
    machine.say("extract, program")
    corpora = whole_corpora(rows)
    result["extract"] = extract_pairs(work, corpora, plan["pairs"])
    result["program"] = {
        key: program_pairs(work, work.path(key), plan["program"])
        for key in corpora}
    result["sqlite_dictionary"] = work.dictionary
    return result
