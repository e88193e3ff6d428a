"""Made-up posts of 1 KB, few and very many, in one add each."""
import json
import os

from lib import machine, measure, peers

SMALL = 100000


def measure_one(count, folder, plan):
    corpus = os.path.join(folder, "synthetic-%d" % count)
    listing = corpus + ".txt"
    machine.say("%d made-up posts" % count)
    machine.remove(corpus)
    made = machine.run([os.path.join(machine.PROGRAMS, "bench-synthetic"),
                        "corpus", str(count), corpus, "1", "0", listing])
    result = machine.cost(made)
    result.update(json.loads(made["out"]))
    result["count"] = count
    result["per_s_wall"] = count / result["wall"]
    result["per_s_cpu"] = count / result["cpu"]
    work = peers.Work(folder, folder, listing)
    peer = peers.Peer(os.path.basename(corpus), "", None, store="sheaf")
    options = ["-n", str(plan["gets"]), "-w", str(plan["warm_up"])]
    for number in range(plan["rounds"]):
        seed = options + ["-s", str(number + 1)]
        measure.merge(result, machine.run_json(
            work.store_command(peer, "get") + seed))
        located = machine.run_json(work.store_command(peer, "locate") + seed)
        for key, value in located.items():
            result[key] = min(value, result.get(key, value))
    result["info"] = machine.run_json([machine.SHEAF, "info", "--json",
                                       corpus])
    return result


def measure_scale(count, folder, plan):
    machine.remove(folder)
    os.makedirs(folder)
    small = measure_one(min(SMALL, count), folder, plan)
    large = measure_one(count, folder, plan)
    return {"small": small, "large": large}
