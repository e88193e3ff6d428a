#!/bin/sh
# Runs the program and holds what it says against what a case expects.
#   run.sh [-u] [-v] [CASE...]    CASE: "add/nothing-new", or "add" for all of it
#   -u  write what came out into the case, to be looked at with git diff
#   -v  name the cases that pass, too
# A case is a folder COMMAND/NAME/ with
#   cmd          a shell script; it runs in a fresh, empty folder
#   out, err     what it prints, exactly; no file: nothing
#   status       its exit status; no file: 0
#   skip-unless  a shell script: the case is left out where it fails
# Scripts find in their environment: SHEAF, the program; FIXTURE, a file to
# source, see there; CASE, their own folder; TOP, the source tree.
# The last line is "N passed, M failed" (", K skipped"); the exit status is 1 if any failed.
set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
TOP=$(CDPATH='' cd -- "$here/../.." && pwd)
FIXTURE=$here/fixture.sh
: "${SHEAF:=$TOP/build/release/bin/sheaf}"
case $SHEAF in
/*) ;;
*) SHEAF=$PWD/$SHEAF ;;
esac
if [ ! -x "$SHEAF" ]; then
	echo "run.sh: $SHEAF: no such program; set SHEAF" >&2
	exit 1
fi
export SHEAF FIXTURE TOP
export LC_ALL=C.UTF-8 TZ=UTC
unset SOURCE_DATE_EPOCH POSIXLY_CORRECT
umask 022

update=no verbose=no
while getopts uv option; do
	case $option in
	u) update=yes ;;
	v) verbose=yes ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))

scratch=$(mktemp -d) || exit 1
trap 'chmod -R u+rwx "$scratch"; rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM
passed=0 failed=0 skipped=0

# expect NAME ACTUAL: the case's file NAME, or nothing, is what came out
expect()
{
	if [ $update = yes ]; then
		rm -f "$CASE/$1"
		[ ! -s "$2" ] || cp "$2" "$CASE/$1"
		return 0
	fi
	expected=$CASE/$1
	[ -e "$expected" ] || expected=/dev/null
	cmp -s "$expected" "$2" && return 0
	diff -u --label "expected $1" --label "actual $1" "$expected" "$2"
	return 1
}

# run_case: in $CASE
run_case()
{
	work=$scratch/work
	mkdir "$work"
	if [ -e "$CASE/skip-unless" ] &&
		! (cd "$work" && sh "$CASE/skip-unless") >/dev/null 2>&1; then
		rm -rf "$work"
		return 77
	fi
	(cd "$work" && exec timeout 120 sh "$CASE/cmd") \
		</dev/null >"$scratch/out" 2>"$scratch/err"
	echo $? >"$scratch/status"
	[ "$(cat "$scratch/status")" != 0 ] || : >"$scratch/status"
	good=0
	for part in status out err; do
		expect $part "$scratch/$part" || good=1
	done
	chmod -R u+rwx "$work"
	rm -rf "$work"
	return $good
}

# wanted NAME: whether the command line asks for the case
wanted()
{
	[ $# -gt 1 ] || return 0
	name=$1
	shift
	for wish; do
		case $name in
		"${wish%/}" | "${wish%/}"/*) return 0 ;;
		esac
	done
	return 1
}

for script in "$here"/*/*/cmd; do
	CASE=${script%/cmd}
	export CASE
	name=${CASE#"$here"/}
	wanted "$name" "$@" || continue
	run_case >"$scratch/report" 2>&1
	case $? in
	0)
		passed=$((passed + 1))
		[ $verbose = no ] || echo "ok      $name"
		;;
	77)
		skipped=$((skipped + 1))
		echo "skipped $name"
		;;
	*)
		failed=$((failed + 1))
		echo "FAILED  $name"
		cat "$scratch/report"
		;;
	esac
done
summary="$passed passed, $failed failed"
[ $skipped -eq 0 ] || summary="$summary, $skipped skipped"
echo "$summary"
[ $failed -eq 0 ]
