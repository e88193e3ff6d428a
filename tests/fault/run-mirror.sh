#!/bin/bash
# A mirror that is kept by "rsync --append-verify" or by "curl -C -": after each
# night identical and valid, and where the transfer stopped in the middle of a
# commit it opens as the commit before.  The last line is "N passed, M failed".
set -u
: "${SHEAF:?}"
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=tests/checks.sh
. "$here/../checks.sh"
for tool in rsync curl python3; do
	if ! command -v $tool >/dev/null; then
		echo "needs $tool"
		exit 77
	fi
done

work=$(mktemp -d) || exit 1
trap 'kill $server 2>/dev/null; rm -rf "$work"' EXIT
cd "$work" || exit 1
export LC_ALL=C.UTF-8

# commit_of FILE: the commit that it opens as, 0 if it does not
commit_of()
{
	"$SHEAF" log --json "$1" 2>/dev/null |
		python3 -c 'import json, sys
lines = [json.loads(line) for line in sys.stdin]
print(max((line["commit"] for line in lines), default=0))' || echo 0
}

opens_as() { [ "$(commit_of "$1")" -eq "$2" ]; }

# whole_up_to CORPUS COMMIT: nothing before is damaged; what came of the next
# commit may hold whole articles, then verify can't call it finished
whole_up_to()
{
	"$SHEAF" verify "$1" >verified 2>&1
	case $? in
	0) grep -q '^OK: ' verified ;;
	1) grep -qx "UNFINISHED: $1: whole up to commit $2" verified ;;
	*) false ;;
	esac && opens_as "$1" "$2"
}

# night NUMBER: some posts, an edit of an older one, bytes that don't compress
night()
{
	mkdir -p "night$1"
	for i in 1 2 3; do
		printf -- '---\ntitle: "Story %s of %s"\ndate: 2025-02-%02dT06:00:00Z\n---\n\n' \
			"$i" "$1" "$1" >"night$1/$1-$i.md"
		seq "$1$i" "$((10#$1$i + 200))" >>"night$1/$1-$i.md"
	done
	head -c "$((20000 * ($1 % 4)))" /dev/urandom >"night$1/noise-$1.txt"
	cp night1/1-1.md "night$1/first.md"
	echo "Corrected in night $1" >>"night$1/first.md"
	"$SHEAF" add -q --base "night$1" site/news.sheaf "night$1"
}

# stop_copy MIRROR BYTES: a transfer that stopped after so many
stop_copy() { head -c "$2" site/news.sheaf | tail -c "+$(($(stat -c %s "$1") + 1))" >>"$1"; }

mkdir site
python3 "$here/range_server.py" site port >server.log 2>&1 &
server=$!
for _ in $(seq 100); do
	[ ! -s port ] || break
	sleep 0.1
done
url=http://127.0.0.1:$(cat port)/news.sheaf

by_rsync() { rsync --append-verify --inplace site/news.sheaf "$1"; }
by_curl() { curl -sS -f -C - -o "$1" "$url"; }
# the connection ends after so many bytes
by_curl_stopped() { ! curl -sS -f -C - -o "$1" "$url?stop=$2"; }

old=0
for n in $(seq 8); do
	night "$n" || exit 1
	size=$(stat -c %s site/news.sheaf)
	for way in rsync curl; do
		# the night is not whole yet: all but one byte, a half, a bit
		if [ "$n" -gt 1 ]; then
			for part in $((old + (size - old) / 8)) \
				$((old + (size - old) / 2)) $((size - 1)); do
				cp $way.mirror stopped
				stop_copy stopped $part
				check "$way, night $n, $part bytes" \
					opens_as stopped $((n - 1))
				check "$way, night $n, $part bytes" \
					whole_up_to stopped $((n - 1))
				check "$way, night $n, resumed" by_$way stopped
				check "$way, night $n, resumed" \
					cmp stopped site/news.sheaf
			done
		fi
	done
	if [ "$n" -gt 1 ]; then # by the server
		cp curl.mirror stopped
		check "night $n, cut off" by_curl_stopped stopped \
			$(((size - old) / 3))
		check "night $n, cut off" opens_as stopped $((n - 1))
		check "night $n, cut off" by_curl stopped
		check "night $n, cut off" cmp stopped site/news.sheaf
	fi
	for way in rsync curl; do
		check "$way, night $n" by_$way $way.mirror
		check "$way, night $n" cmp $way.mirror site/news.sheaf
		check "$way, night $n" opens_as $way.mirror "$n"
		check "$way, night $n" "$SHEAF" verify --deep -q $way.mirror
	done
	old=$size
	# a night without news
	check "night $n again" "$SHEAF" add -q --base "night$n" \
		site/news.sheaf "night$n"
	check "night $n again" cmp rsync.mirror site/news.sheaf
	check "night $n again" by_rsync rsync.mirror
	check "night $n again" cmp rsync.mirror site/news.sheaf
done

# copied while an add was at work that failed later: the tail that came along
# is not what follows, and --append-verify notices
cp rsync.mirror torn
head -c 500 /dev/urandom >>torn
night 9
check "another tail" opens_as torn 8
check "another tail" by_rsync torn
check "another tail" cmp torn site/news.sheaf

# a compacted file is no continuation: the mirror is fetched anew
"$SHEAF" compact -q site/news.sheaf
check "compacted" rsync --inplace site/news.sheaf rsync.mirror
check "compacted" cmp rsync.mirror site/news.sheaf
checks_end
