#!/usr/bin/env bash
# Holes of 64 KiB in corpora of real posts, whose archives are in $SHEAF_DATA:
# what verify and salvage make of them is held against the truth.
#
# Environment: SHEAF, the program; SHEAF_BUILD, where tests/fault_holes is;
# SHEAF_DATA; SHEAF_HOLES (17): how many holes, of each of three ways: alone, with
# the first 4 KiB gone too, with the last megabyte gone too.
# The last line is "N passed, M failed"; 77: there are no archives.
set -uo pipefail
: "${SHEAF:?the program}" "${SHEAF_DATA:=}" "${SHEAF_HOLES:=17}"
case ${SHEAF_BUILD:?the build folder} in
*asan* | *tsan* | *ubsan*) SHEAF_HOLES=2 ;;
esac
export LC_ALL=C TZ=UTC
unset SOURCE_DATE_EPOCH

if ! ls "$SHEAF_DATA"/senate-press.tar.zst >/dev/null 2>&1; then
	echo "skipped: no corpora in SHEAF_DATA"
	exit 77
fi
work=$(mktemp -d -p "${TMPDIR:-/tmp}") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
cd "$work" || exit 1
passed=0 failed=0

# holes CORPUS [all]: one salvage for every fourth hole; all: every lost article
# is named
holes()
{
	local step
	step=$(($(stat -c %s "$1") / SHEAF_HOLES + 1))
	if "$SHEAF_BUILD/tests/fault_holes" "./$1" $step 65536 4 ${2:-}; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED $1"
	fi
}

mkdir posts
zstd -qdc --long=27 "$SHEAF_DATA/senate-press.tar.zst" | tar -C posts -x ||
	exit 1
"$SHEAF" add senate.sheaf posts --base posts --quiet || exit 1
holes senate.sheaf all
# a part of it, a commit a senator
for part in posts/*/*/[A-C]* posts/*/*/[D-H]* posts/*/*/[I-M]*; do
	[ ! -d "$part" ] ||
		"$SHEAF" add nightly.sheaf "$part" --base posts --quiet || exit 1
done
holes nightly.sheaf
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
