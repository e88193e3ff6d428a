"""A folder a day, added night by night."""
import json
import os

from lib import machine, peers, sets

MONTH = 30      # nights


def add_nights(days, corpus):
    """-> for each night its time, growth and what was new"""
    nights = []
    for day in days:
        done = machine.run([machine.SHEAF, "add", "--json", corpus, "--base",
                            day, day])
        told = json.loads(done["out"])
        nights.append({
            "wall": done["wall"], "cpu": done["cpu"], "rss": done["rss"],
            "growth": told["file_growth"], "files": told["files"],
            "articles": told["new_articles"],
            "versions": told["versions"], "size": told["file_size"],
        })
    return nights


def median(values):
    values = sorted(values)
    return values[len(values) // 2] if values else 0


def edited_bytes(nights):
    """bytes an edited page, of nights that brought versions only"""
    return [n["growth"] / n["versions"] for n in nights
            if n["versions"] and n["versions"] == n["articles"]]


def late_ratio(nights, what):
    """the last month's nights against the first's of as many files

    Each of the last nights is held against the mean of the three nights of
    the first month that are nearest to it in the number of files.  The very
    first night makes the corpus and is left out.
    """
    first, last = nights[1:MONTH + 1], nights[-MONTH:]
    ours = theirs = 0.0
    for night in last:
        near = sorted(first, key=lambda n: abs(n["files"] - night["files"]))
        ours += night[what]
        theirs += sum(n[what] for n in near[:3]) / len(near[:3])
    return ours / theirs


def gets(work, keys, plan):
    rows = {key: {} for key in keys}
    from lib import measure
    for number in range(plan["rounds"]):
        for key in keys:
            peer = peers.Peer(key, key, None, store="sheaf")
            command = work.store_command(peer, "get")
            measure.merge(rows[key], machine.run_json(
                command + ["-n", str(plan["gets"]), "-w",
                           str(plan["warm_up"]), "-s", str(number + 1)]))
    return rows


def summary(nights):
    size = nights[-1]["size"]
    edits = edited_bytes(nights)
    return {
        "nights": len(nights), "size": size,
        "articles": sum(n["articles"] for n in nights),
        "versions": sum(n["versions"] for n in nights),
        "edited_nights": len(edits), "edited_bytes_median": median(edits),
        "wall": sum(n["wall"] for n in nights),
        "night_wall_median": median([n["wall"] for n in nights]),
        "night_wall_max": max(n["wall"] for n in nights),
        "late_wall_ratio": late_ratio(nights, "wall"),
        "late_cpu_ratio": late_ratio(nights, "cpu"),
        "rss": max(n["rss"] for n in nights),
    }


def measure(tree, folder, plan):
    days = sets.days_of(tree)
    machine.remove(folder)
    os.makedirs(folder)
    work = peers.Work(tree, folder, os.path.join(folder, "articles.txt"))
    sets.list_articles(tree, work.articles)
    corpus, compact = work.path("nightly"), work.path("nightly-compact")
    machine.say("adding %d nights" % len(days))
    nights = add_nights(days, corpus)
    machine.say("compacting them")
    made = machine.run([machine.SHEAF, "compact", "-q", "-o", compact, corpus])
    result = summary(nights)
    result["compact"] = dict(machine.cost(made),
                             size=os.path.getsize(compact))
    result["gets"] = gets(work, ("nightly", "nightly-compact"), plan)
    for key in ("nightly", "nightly-compact"):
        machine.run(work.store_command(
            peers.Peer(key, key, None, store="sheaf"), "check"))
    result["info"] = machine.run_json([machine.SHEAF, "info", "--json",
                                       corpus])
    result["each"] = nights
    return result
