"""20 articles added to a corpus of 60,000; one of them fetched."""
import os

from lib import machine, measure, peers

CORPUS = 60000
ADDED = 20
TIMES = 7


def make_corpus(trees, corpus):
    """all sets in one corpus, made-up posts where they are too few"""
    for name, tree in sorted(trees.items()):
        machine.run([machine.SHEAF, "add", "-q", corpus, "--base",
                     os.path.dirname(tree), tree, "-m", name])
    have = 0
    if os.path.exists(corpus):
        have = machine.run_json([machine.SHEAF, "info", "--json",
                                 corpus])["records"]
    if have < CORPUS:
        machine.run([os.path.join(machine.PROGRAMS, "bench-synthetic"),
                     "corpus", str(CORPUS - have), corpus, "1"])
    return max(have, CORPUS)


def add_some(folder, corpus, number):
    """-> the cost of adding 20 new posts"""
    posts = os.path.join(folder, "posts-%d" % number)
    machine.run([os.path.join(machine.PROGRAMS, "bench-synthetic"), "files",
                 str(ADDED), posts, str(1000 + number)])
    return machine.run([machine.SHEAF, "add", "-q", corpus, "--base", posts,
                        os.path.join(posts, "post"), "-m", "evening"])


def measure_many(trees, folder, plan):
    machine.remove(folder)
    os.makedirs(folder)
    corpus = os.path.join(folder, "many")
    machine.say("a corpus of %d" % CORPUS)
    records = make_corpus(trees, corpus)
    runs = [add_some(folder, corpus, i) for i in range(TIMES)]
    tree = os.path.join(folder, "posts-0")
    work = peers.Work(tree, folder, os.path.join(folder, "articles.txt"))
    measure.sets.list_articles(tree, work.articles)
    return {
        "records": records,
        "add_wall": measure.spread([r["wall"] for r in runs]),
        "add_cpu": measure.spread([r["cpu"] for r in runs]),
        "add_rss": max(r["rss"] for r in runs),
        "program": program_repeated(work, corpus, plan["program"]),
    }


def program_repeated(work, corpus, times):
    """50 gets of 20 articles: round and round"""
    pairs = [measure.program_pairs(work, corpus, ADDED)
             for _ in range(max(1, times // ADDED))]
    return {who: {"least": min(p[who]["least"] for p in pairs),
                  "median": sorted(p[who]["median"] for p in pairs)[
                      len(pairs) // 2]}
            for who in ("sheaf", "cat")}
