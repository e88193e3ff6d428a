#!/bin/bash
# A full disk: one clear line, exit status 3, the corpus as it was, nothing
# left behind.  The disk is a small tmpfs in a mount namespace of its own,
# with less and less room.  The last line is "N passed, M failed".
set -u
: "${SHEAF:?}"
case ${1:-} in
inside) ;;
*)
	for way in "unshare -m" "unshare -rm"; do
		# shellcheck disable=SC2086 # several words
		if $way mount -t tmpfs none /mnt 2>/dev/null; then
			exec $way "$0" inside
		fi
	done
	echo "no tmpfs may be mounted here"
	exit 77
	;;
esac

work=$(mktemp -d) || exit 1
disk=$work/disk
trap 'umount "$disk"; rm -rf "$work"' EXIT
passed=0 failed=0
export LC_ALL=C.UTF-8

# check WHAT COMMAND...: counts whether it is true
check()
{
	local what=$1
	shift
	if "$@"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED $what: $*"
		[ ! -s "$work/err" ] || head -n 5 "$work/err"
	fi
}

# room KB: the disk has so much left
room()
{
	local free
	rm -f "$disk/filler"
	free=$(df --output=avail -k "$disk" | tail -n 1)
	[ "$free" -le "$1" ] ||
		head -c $(((free - $1) * 1024)) /dev/zero >"$disk/filler"
}

files_are()
{
	[ "$(cd "$disk" && find . -mindepth 1 | sort | tr '\n' ' ')" = "$1" ]
}

# says_full NAME: one line on stderr, which tells what and why
says_full()
{
	[ "$(wc -l <"$work/err")" -eq 1 ] &&
		grep -q "$1.*No space left on device" "$work/err"
}

# refused WHAT NAME COMMAND...
refused()
{
	local what=$1 name=$2 status=0
	shift 2
	"$@" >"$work/out" 2>"$work/err" || status=$?
	check "$what: status $status" [ $status -eq 3 ]
	check "$what: one line" says_full "$name"
}

mkdir "$disk" "$work/first" "$work/more" "$work/small"
mount -t tmpfs -o size=3m none "$disk" || exit 1
for i in 1 2 3 4 5 6; do
	head -c 150000 /dev/urandom >"$work/first/$i.txt"
	head -c 500000 /dev/urandom >"$work/more/$i.txt"
done
# so many records that they don't fit into the memory given
(
	cd "$work/small" &&
		seq -f 'story number %07g with a name that is none of the short ones.txt' \
			1 24000 | xargs -d '\n' sh -c 'for f; do echo "$f" >"$f"; done' sh
)

for free in 0 4 60 300 1000 2500; do
	room $free
	refused "new corpus, $free KB" new.sheaf \
		"$SHEAF" add "$disk/new.sheaf" "$work/more"
	check "new corpus, $free KB" files_are "./filler "
done

rm -f "$disk/filler"
"$SHEAF" add -q "$disk/c" "$work/first" || exit 1
cp "$disk/c" "$work/before"
for free in 0 4 60 300 1000 1900; do
	room $free
	refused "add, $free KB" disk/c "$SHEAF" add "$disk/c" "$work/more"
	check "add, $free KB" cmp "$disk/c" "$work/before"
	check "add, $free KB" files_are "./c ./filler "
done
for free in 0 4 60 300 800; do
	room $free
	refused "compact, $free KB" disk "$SHEAF" compact "$disk/c"
	check "compact, $free KB" cmp "$disk/c" "$work/before"
	check "compact, $free KB" files_are "./c ./filler "
	refused "compact -o, $free KB" disk "$SHEAF" compact -o "$disk/n" \
		"$disk/c"
	check "compact -o, $free KB" files_are "./c ./filler "
done
for free in 0 200 900; do
	room $free
	refused "scratch file, $free KB" disk/c \
		"$SHEAF" add --memory 16M "$disk/c" "$work/small"
	check "scratch file, $free KB" cmp "$disk/c" "$work/before"
	check "scratch file, $free KB" files_are "./c ./filler "
done
check "verify" "$SHEAF" verify --deep -q "$disk/c"

# what comes out
"$SHEAF" add -q --base "$work" "$work/big" "$work/more" || exit 1
for free in 0 100 700; do
	room $free
	refused "extract, $free KB" more/ \
		"$SHEAF" extract -q "$work/big" -C "$disk/out"
	check "extract, $free KB" [ -z "$(find "$disk" -name '*sheaf*')" ]
	for f in "$disk"/out/more/*; do
		[ ! -e "$f" ] || check "extract, $free KB" cmp "$f" \
			"$work/more/${f##*/}"
	done
	rm -rf "$disk/out"
	refused "get --output, $free KB" "more/[12].txt" \
		"$SHEAF" get "$work/big" more/1.txt more/2.txt -o "$disk/out"
	check "get --output, $free KB" [ ! -e "$disk/out/more/2.txt" ]
	rm -rf "$disk/out"
	refused "get, $free KB" "" sh -c '"$1" get "$2" more/1.txt more/2.txt \
		>"$3"' sh "$SHEAF" "$work/big" "$disk/got"
	rm -f "$disk/got"
done

# with room again all goes well
rm -f "$disk/filler"
check "add with room" "$SHEAF" add -q "$disk/c" "$work/more/1.txt"
check "verify" "$SHEAF" verify --deep -q "$disk/c"
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
