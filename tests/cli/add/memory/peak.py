#!/usr/bin/env python3
"""peak.py COUNT COMMAND...: COUNT posts of 1 KB to the command, as JSON Lines;
prints its exit status and how many MiB it took at the most"""
import os
import random
import subprocess
import sys

WORDS = [b"%05x" % i for i in range(5000)]
WORDS_A_POST = 170


def post(number):
    words = random.Random(number).choices(WORDS, k=WORDS_A_POST)
    return b'{"id":"%d","text":"%s"}\n' % (number, b" ".join(words))


def main():
    process = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE)
    for number in range(int(sys.argv[1])):
        process.stdin.write(post(number))
    process.stdin.close()
    _, status, used = os.wait4(process.pid, 0)
    print(os.waitstatus_to_exitcode(status), used.ru_maxrss >> 10)


main()
