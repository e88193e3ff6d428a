#!/usr/bin/env bash
# The program on real corpora, whose archives are in $SHEAF_DATA.
#   run-data.sh [CHECK...]     CHECK: nights senate lctt legalize hand
# Names, bytes and times of what is extracted are held against what went in;
# the description in the file's first frame against what it takes to read an
# article with zstd alone.
#
# Environment: SHEAF, the program; SHEAF_DATA; SHEAF_DATA_PART=1: only a part of
# each corpus, which is what builds with sanitizers get.
# The last line is "N passed, M failed"; 77: there are no archives.
set -uo pipefail
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=tests/checks.sh
. "$here/../checks.sh"
: "${SHEAF:?the program}" "${SHEAF_DATA:=}" "${SHEAF_DATA_PART:=}"
case ${SHEAF_BUILD:-} in
*asan* | *tsan* | *ubsan*) SHEAF_DATA_PART=1 ;;
esac
export LC_ALL=C TZ=UTC
unset SOURCE_DATE_EPOCH

if ! ls "$SHEAF_DATA"/*.tar.zst >/dev/null 2>&1; then
	echo "skipped: no corpora in SHEAF_DATA"
	exit 77
fi
nights=30 share=1 # one file in so many
[ -z "$SHEAF_DATA_PART" ] || nights=6 share=12

# in memory where there is room: it is the disk that takes the time
[ "$(df --output=avail /dev/shm 2>/dev/null | tail -n 1)0" -lt 20000000 ] ||
	: "${TMPDIR:=/dev/shm}"
work=$(mktemp -d -p "${TMPDIR:-/tmp}") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
cd "$work" || exit 1

# unpack NAME: into a folder of that name
unpack()
{
	mkdir "$1"
	zstd -qdc --long=27 "$SHEAF_DATA/$1.tar.zst" | tar -C "$1" -x || exit 1
	[ "$share" -gt 1 ] || return
	find "$1" -type f -print0 | sort -z |
		sed -z "0~${share}d" | xargs -0r rm --
}

# fine FOLDER STEP: every STEP-th file gets a time of its own, to the nanosecond
fine()
{
	local i=0 file
	while IFS= read -r -d '' file; do
		i=$((i + 1))
		[ $((i % $2)) -ne 0 ] ||
			touch -d "@$((1100000000 + i * 7)).$((i * 7919 % 900000000 + 1))" \
				"$file"
	done < <(find "$1" -type f -print0 | sort -z)
}

# manifest FOLDER: names, sizes, times to the nanosecond, and contents
manifest()
{
	(
		cd "$1" || exit
		find . ! -type d -printf '%P\t%y %s %T@\n' | sort
		find . -type f -print0 | sort -z | xargs -0r sha256sum
	)
}

# extracts_to CORPUS MANIFEST OPTION...: what is extracted is just that
extracts_to()
{
	local corpus=$1 wanted=$2
	shift 2
	rm -rf out
	"$SHEAF" extract "$corpus" -C out --quiet "$@" || return
	manifest out >out.manifest
	diff "$wanted" out.manifest
}

# stores_nothing CORPUS COUNT ARGUMENT...: adding it again
stores_nothing()
{
	local corpus=$1 count=$2
	shift 2
	cp "$corpus" before
	"$SHEAF" add "$corpus" "$@" --json >again.json || return
	cat again.json
	grep -q "\"new_records\":0,.*\"known\":$count," again.json &&
		cmp before "$corpus"
}

# gets CORPUS FILE KEY...: each key gives the bytes of FILE
gets()
{
	local corpus=$1 file=$2 key
	shift 2
	for key; do
		"$SHEAF" get "$corpus" "$key" >got && cmp got "$file" ||
			return
	done
}

id_of()
{
	xxh128sum <"$1" | cut -c1-32
}

# by_id FOLDER CORPUS: a sample, by id, by the shortest prefix that is unique
by_id()
{
	local file id digits
	"$SHEAF" ls "$2" --fields prefix | sort -u >prefixes
	while IFS= read -r -d '' file; do
		id=$(id_of "$1/$file")
		digits=4
		while [ "$(grep -c "^$(printf %s "$id" | cut -c1-$digits)" \
			prefixes)" -gt 1 ]; do
			digits=$((digits + 1))
		done
		gets "$2" "$1/$file" "$id" "${file#./}" \
			"$(printf %s "$id" | cut -c1-$digits)" || return
	done < <(cd "$1" && find . -type f -print0 | sort -z | shuf -z -n 12 \
		--random-source=<(yes))
}

# by_url FOLDER CORPUS: a sample of urls that one article has
by_url()
{
	local url name n=0
	"$SHEAF" ls "$2" --fields url,name >urls || return
	cut -f1 urls | sort | uniq -u | grep . | shuf -n 8 \
		--random-source=<(yes) >sample
	while IFS= read -r url; do
		name=$(awk -F'\t' -v u="$url" '$1 == u { print $2 }' urls)
		gets "$2" "$1/$name" "$url" || return
		n=$((n + 1))
	done <sample
	[ $n -eq 8 ]
}

# walks CORPUS: the stock zstd sees frames from one end to the other
walks()
{
	zstd -l "$1" && zstd -lv "$1" | grep -q 'Skippable'
}

tables_small()
{
	"$SHEAF" info "$1" --json | tee info.json
	awk -F'"table_bytes_per_article":' '{ exit !($2 + 0 > 0 && $2 + 0 <= 24) }' \
		info.json
}

# whole NAME: the corpus NAME in one go, and all that is true of any
whole()
{
	local name=$1 count
	unpack "$name"
	fine "$name" 50
	manifest "$name" >"$name.manifest"
	count=$(find "$name" -type f | wc -l)
	check "$name: add" "$SHEAF" add "$name.sheaf" --base "$name" "$name" \
		--quiet
	check "$name: extracted as it went in" \
		extracts_to "$name.sheaf" "$name.manifest"
	check "$name: stores nothing twice" stores_nothing "$name.sheaf" \
		"$count" --base "$name" "$name"
	check "$name: by id, prefix, name" by_id "$name" "$name.sheaf"
	check "$name: zstd walks" walks "$name.sheaf"
	check "$name: verify" "$SHEAF" verify --deep "$name.sheaf"
}

check_senate()
{
	whole senate-press
	[ -n "$SHEAF_DATA_PART" ] ||
		check "senate-press: tables" tables_small senate-press.sheaf
}

check_lctt()
{
	whole lctt
}

check_legalize()
{
	whole legalize-uy
	check "legalize-uy: by url" by_url legalize-uy legalize-uy.sheaf
}

# overlay DAY: the day's files over those of the days before; a file whose
# bytes were there already is known, and keeps its time
overlay()
{
	local file
	diff -rsq "$1" union | sed -n "s|^Files $1/\(.*\) and union/.* are identical\$|\1|p" |
		while IFS= read -r file; do
			touch -r "union/$file" "$1/$file"
		done
	cp -r --preserve=timestamps -T "$1" union
}

# the last day folders, one a night
check_nights()
{
	local day last k=0 archive=$SHEAF_DATA/digitalgov-stream.tar.zst
	zstd -qdc --long=27 "$archive" | tar -t |
		awk -F/ 'NF > 2 { print $1 "/" $2 }' | sort -u |
		tail -n "$nights" >days
	mkdir stream
	zstd -qdc --long=27 "$archive" | tar -C stream -x -T days || exit 1
	fine stream 5
	mkdir union
	while IFS= read -r day; do
		k=$((k + 1))
		check "night $k: add" "$SHEAF" add nights.sheaf "stream/$day" \
			--base "stream/$day" --quiet
		overlay "stream/$day"
		manifest union >"night-$k.manifest"
		last=stream/$day
	done <days
	check "nights: commits" test "$("$SHEAF" log nights.sheaf --json |
		grep -c '"commit":')" -eq "$nights"
	for k in $(seq "$nights"); do
		check "night $k: as of" extracts_to nights.sheaf \
			"night-$k.manifest" --as-of "$k"
	done
	check "nights: stores nothing twice" stores_nothing nights.sheaf \
		"$(find "$last" -type f | wc -l)" "$last" --base "$last"
	check "nights: verify" "$SHEAF" verify --deep nights.sheaf
}

# --- by hand: nothing but what the description says ---

# byte OFFSET / u32 OFFSET: of $file
byte()
{
	od -An -v -tu1 -j "$1" -N 1 "$file" | tr -d ' '
}

u32()
{
	echo $(($(byte "$1") + ($(byte $(($1 + 1))) << 8) +
		($(byte $(($1 + 2))) << 16) + ($(byte $(($1 + 3))) << 24)))
}

# varint: from $at on, into $value
varint()
{
	local shift=0 b
	value=0
	while b=$(byte "$at"); do
		at=$((at + 1))
		value=$((value + ((b & 127) << shift)))
		shift=$((shift + 7))
		[ "$b" -ge 128 ] || break
	done
}

# block_header H: what the header there says: n, flags, packed, lead, parent,
# count, length (of the first article)
block_header()
{
	n=$(u32 $(($1 + 4)))
	at=$(($1 + 13))
	flags=$(byte "$at")
	at=$((at + 1))
	varint # commit
	varint # first article
	varint && packed=$value
	varint # bytes of the content
	lead=0 parent=0
	[ $((flags & 1)) -eq 0 ] || { varint && lead=$value; }
	[ $((flags & 2)) -eq 0 ] || { varint && parent=$(($1 - value)); }
	varint && count=$value
	varint && length=$value
}

# cut_block H TO: the zstd frame behind the header
cut_block()
{
	block_header "$1"
	tail -c +$(($1 + n + 9)) "$file" | head -c "$packed" >"$2"
}

# headers: where block headers are; the pattern stands nowhere else
headers()
{
	grep -obUaP '\xF5\xC0\xFE\xC1\x01' "$file" | cut -d: -f1 |
		awk '{ print $1 - 8 }'
}

# read_by_hand H: the first article of the block there is one of the folder's
read_by_hand()
{
	rm -f B B.zst P P.zst
	cut_block "$1" B.zst
	[ "$count" -gt 0 ] || return
	local skip=$lead take=$length own=$parent
	if [ "$own" -ne 0 ]; then
		cut_block "$own" P.zst
		[ $((flags & 1)) -eq 1 ] && zstd -q -d P.zst -o P &&
			! zstd -q -d B.zst -o B 2>/dev/null &&
			zstd -q -d B.zst -o B -D P || return
	else
		zstd -q -d B.zst -o B || return
	fi
	tail -c +$((skip + 1)) B | head -c "$take" >article
	grep -q "^$(sha256sum <article | cut -c1-64) " "$tree.manifest" &&
		"$SHEAF" get "$file" "$(id_of article)" | cmp - article
}

describes()
{
	head -c 4096 "$file" | zstd -qdc 2>/dev/null >description
	head -n 1 description | grep -qx 'sheaf corpus, format version 1' &&
		grep -q -e -D description
}

check_hand()
{
	tree=legalize-uy file=legalize-uy.sheaf
	local at n flags packed lead parent count length value h with=0
	[ -e $file ] || whole $tree
	check "by hand: the description" describes
	headers >found
	while read -r h; do
		block_header "$h"
		[ "$parent" -eq 0 ] || with=$((with + 1))
		check "by hand: block at $h" read_by_hand "$h"
	done < <(sed -n '2p;3p;40p;$p' found)
	check "by hand: blocks with a dictionary" test $with -gt 0
}

[ $# -gt 0 ] || set -- nights senate lctt legalize hand
for what; do
	check_"$what"
done
checks_end
