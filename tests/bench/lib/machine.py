"""Commands with their time and memory; packages; the builds."""
import glob
import json
import os
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TOP = os.path.dirname(os.path.dirname(HERE))
SHEAF = os.path.join(TOP, "build", "release", "bin", "sheaf")
PROGRAMS = os.path.join(TOP, "build", "bench")
PACKAGES = """liblmdb-dev librocksdb-dev libzim-dev libgit2-dev libsquashfs-dev
libsqlite3-dev squashfs-tools borgbackup restic git zstd xz-utils tar g++
python3-xxhash""".split()


class Failed(Exception):
    """A command failed; its last words"""


def say(text):
    print(time.strftime("[%H:%M:%S] ") + text, file=sys.stderr, flush=True)


def run(command, env=None, cwd=None):
    """-> {"wall", "cpu", "rss", "out"}: seconds, of all it started; bytes"""
    if isinstance(command, str):
        command = ["bash", "-e", "-o", "pipefail", "-c", command]
    start = time.monotonic()
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, cwd=cwd,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=dict(os.environ, **(env or {}))) as p:
        out, err = drain(p)
        _, status, used = os.wait4(p.pid, 0)
        p.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - start
    if p.returncode != 0:
        lines = (err or out).decode(errors="replace").strip().split("\n")
        raise Failed(lines[-1] or "exit status %d" % p.returncode)
    return {"wall": wall, "cpu": used.ru_utime + used.ru_stime,
            "rss": used.ru_maxrss * 1024, "out": out}


def drain(p):
    """what it prints, without waiting for its end, which wait4() does"""
    import threading
    err = []
    reader = threading.Thread(target=lambda: err.append(p.stderr.read()))
    reader.start()
    out = p.stdout.read()
    reader.join()
    return out, err[0]


def run_json(command):
    return json.loads(run(command)["out"])


def cost(result):
    return {k: result[k] for k in ("wall", "cpu", "rss")}


def size_of(path):
    """bytes of a file, or of all files below a folder"""
    if os.path.isfile(path):
        return os.path.getsize(path)
    return sum(os.path.getsize(os.path.join(folder, name))
               for folder, _, names in os.walk(path) for name in names)


def remove(path):
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path, ignore_errors=True)
    elif os.path.lexists(path):
        os.unlink(path)


def installed(package):
    done = subprocess.run(
        ["dpkg-query", "-W", "-f=${db:Status-Status}", package],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return done.stdout == b"installed"


def install_packages():
    """-> those that could not be installed"""
    if not shutil.which("dpkg-query"):
        say("not a Debian: peers are taken from what is there")
        return []
    missing = [p for p in PACKAGES if not installed(p)]
    if not missing:
        return []
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    apt = root + ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]
    say("installing " + " ".join(missing))
    try:
        run(apt + ["update"])
    except (Failed, OSError) as e:
        say("apt-get update: %s" % e)
    for package in missing:     # one by one: one that fails costs itself only
        try:
            run(apt + ["install", "-y", "--no-install-recommends", package])
        except (Failed, OSError) as e:
            say("%s: not installed: %s" % (package, e))
    return [p for p in missing if not installed(p)]


def build():
    """the release preset, then the peers' programs; -> the stores built"""
    setup = os.path.join(TOP, "tools", "setup")
    run([setup, "build"])
    say("building")
    run(["cmake", "--preset", "release"], cwd=TOP)
    run(["cmake", "--build", "--preset", "release", "--target",
         "sheaf-program"], cwd=TOP)
    remove(os.path.join(PROGRAMS, "CMakeCache.txt"))
    run(["cmake", "-G", "Ninja", "-S", HERE, "-B", PROGRAMS])
    run(["cmake", "--build", PROGRAMS])
    with open(os.path.join(PROGRAMS, "stores.txt"), encoding="ascii") as f:
        return f.read().split()


def program(store):
    return os.path.join(PROGRAMS, "bench-" + store)


def cpu_name():
    with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as f:
        for line in f:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return os.uname().machine


def describe():
    """what the figures were taken on"""
    return {
        "cpu": cpu_name(), "cpus": os.cpu_count(),
        "memory": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "kernel": os.uname().release, "load": os.getloadavg()[0],
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "commit": commit_name(),
    }


def commit_name():
    try:
        return run(["git", "-C", TOP, "describe", "--always",
                    "--dirty"])["out"].decode().strip()
    except Failed:
        return "?"


def data_folder():
    return os.environ.get("SHEAF_DATA") or os.path.join(
        TOP, "..", "shared", "data")


def archives():
    """name -> the archive of a set"""
    found = {}
    for path in sorted(glob.glob(os.path.join(data_folder(), "*.tar.zst"))):
        name = os.path.basename(path)[:-len(".tar.zst")]
        if name != "warc-fixtures":     # no articles as files
            found[name] = path
    return found
