#!/usr/bin/env bash
# What sheaf export writes, read by other people's programs.
#   run-export.sh [SET...]     SET: lctt legalize-uy small
# Counts, names, bytes and times are held against the files that went in.
#
# Environment: SHEAF, the program; SHEAF_DATA, archives of real corpora: without
# them there is only a small set that is made here; SHEAF_BUILD: where DuckDB
# is installed by npm, if there is npm and a network.  Programs that are absent
# are left out, and told.
# The last line is "N passed, M failed".
set -uo pipefail
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=tests/checks.sh
. "$here/../checks.sh"
: "${SHEAF:?the program}" "${SHEAF_DATA:=}" "${SHEAF_BUILD:=}"
export LC_ALL=C.UTF-8 TZ=UTC
unset SOURCE_DATE_EPOCH

case $SHEAF_BUILD in
*asan* | *tsan* | *ubsan*) SHEAF_DATA= ;; # the small set alone
esac
[ "$(df --output=avail /dev/shm 2>/dev/null | tail -n 1)0" -lt 20000000 ] ||
	: "${TMPDIR:=/dev/shm}"
work=$(mktemp -d -p "${TMPDIR:-/tmp}") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
cd "$work" || exit 1

have()
{
	local tool
	for tool; do
		command -v "$tool" >/dev/null && continue
		echo "left out: there is no $tool"
		return 1
	done
}

# manifest FOLDER: names, sizes, times to the second, and contents
manifest()
{
	(
		cd "$1" || exit
		find . -type f -printf '%P\t%s %Ts\n' | sort
		find . -type f -print0 | sort -z | xargs -0r sha256sum
	)
}

export_as()
{
	rm -rf "out.$1"
	"$SHEAF" export set.sheaf -f "$1" -o "out.$1" --quiet
}

# comes_out COMMAND...: what it makes in an empty folder, called with that
# folder behind it, is the set
comes_out()
{
	rm -rf out
	mkdir out
	"$@" out || return
	manifest out >out.manifest
	diff wanted out.manifest
}

fingerprint()
{
	"$SHEAF" info "$1" --json | tr ',{' '\n\n' | grep '"fingerprint"'
}

# same_again PATH...: added to a new corpus, it is the same set
same_again()
{
	rm -f again.sheaf
	"$SHEAF" add again.sheaf "$@" --quiet || return
	diff <(fingerprint set.sheaf) <(fingerprint again.sheaf)
}

same_folder_again()
{
	same_again out --base out
}

by_bsdtar()
{
	bsdtar -xf out.tar -C "$1"
}

by_gnu_tar()
{
	tar --zstd -xf out.tar.zst -C "$1"
}

by_unzip()
{
	unzip -qq out.zip -d "$1"
}

by_pipe()
{
	"$SHEAF" export set.sheaf -f tar | tar xf - -C "$1"
}

zip_contents()
{
	unzip -tqq out.zip &&
		[ "$(unzip -p out.zip | sha256sum)" = \
			"$(unzip -Z1 out.zip | tr '\n' '\0' |
				(cd tree && xargs -0 cat --) | sha256sum)" ]
}

# every line has the same keys, ids are those of the texts' bytes, and texts
# one after the other are the files one after the other
jsonl_by_jq()
{
	[ "$(wc -l <out.jsonl)" -eq "$count" ] || return
	[ "$(jq -c keys_unsorted out.jsonl | sort -u)" = '["sheaf","id","name","mtime","format","commit","date","title","outlet","url","lang","categories","tags","text"]' ] ||
		return
	jq -r '.name' out.jsonl | tr '\n' '\0' |
		(cd tree && xargs -0 cat --) | cmp - <(jq -j .text out.jsonl) ||
		return
	diff <(jq -r '[.id, .name] | @tsv' out.jsonl | sort) \
		<("$SHEAF" ls set.sheaf --fields id,name | sort)
}

jsonl_zst()
{
	cmp out.jsonl <(zstd -dqc out.jsonl.zst)
}

csv_by_python()
{
	python3 - "$count" <<-'END'
		import csv, json, sys
		rows = list(csv.DictReader(open("out.csv", newline="", encoding="utf-8"), strict=True))
		lines = [json.loads(line) for line in open("out.jsonl", encoding="utf-8")]
		assert len(rows) == len(lines) == int(sys.argv[1])
		for row, line in zip(rows, lines):
		    for key in ("id", "name", "mtime", "format", "date", "title", "outlet", "url", "lang"):
		        assert row[key] == (line[key] or ""), (key, row, line)
		    for key in ("categories", "tags"):
		        wanted = ";".join(v.replace("\\", "\\\\").replace(";", "\\;") for v in line[key])
		        assert row[key] == wanted, (key, row, line)
	END
}

sqlite_tables()
{
	[ "$(sqlite3 out.sqlite "PRAGMA integrity_check;
		INSERT INTO search(search) VALUES ('integrity-check');
		SELECT count(*) FROM articles; SELECT count(*) FROM fields;
		PRAGMA foreign_key_check")" = "ok
$count
$count" ] || return
	diff <(sqlite3 out.sqlite 'SELECT id, name, title, outlet, url, date,
		lang FROM articles ORDER BY article' -separator '	' -nullvalue '') \
		<(jq -r '[.id, .name, .title, .outlet, .url, .date, .lang] |
			map(. // "") | join("\t")' out.jsonl) || return
	diff <(sqlite3 out.sqlite 'SELECT article, tag FROM tags' | sort) \
		<(jq -r '"\(input_line_number)|\(.tags[])"' out.jsonl | sort) ||
		return
	sqlite3 out.sqlite "SELECT writefile('text', group_concat(text, ''))
		FROM (SELECT text FROM articles ORDER BY article)" >/dev/null &&
		cmp text <(jq -j .text out.jsonl)
}

# found WORD: the full-text index finds the files that grep finds
found()
{
	sqlite3 out.sqlite "SELECT name FROM articles, search('text:$1')
		WHERE article = search.rowid ORDER BY name" | LC_ALL=C sort >hits
	(cd tree && grep -rliP "(?<![\p{L}\p{N}])$1(?![\p{L}\p{N}\p{M}])" . |
		cut -c 3-) | LC_ALL=C sort >wanted.hits
	[ -s hits ] && diff hits wanted.hits
}

zim()
{
	zimcheck -A out.zim || return
	[ "$(zimdump list out.zim | grep -c '^a/')" -eq "$count" ] || return
	local name
	while IFS= read -r name; do
		zimdump show --url="a/$name" out.zim >page || return
		python3 - "tree/$name" <<-'END' || return
			import html, re, sys
			page = open("page", encoding="utf-8", newline="").read()
			text = open(sys.argv[1], encoding="utf-8", newline="").read()
			shown = page[page.index("pre-wrap") + 10:page.rindex("</div>")]
			shown = html.unescape(shown.replace("\ufffd", ""))
			text = re.sub("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd]", "", text)
			assert shown and text.endswith(shown), sys.argv[1]
		END
	done < <("$SHEAF" ls set.sheaf --fields name | sort | sed -n '1~200p')
}

duckdb()
{
	node - "$count" "$bytes" <<-'END'
		const { DuckDBInstance } = require(process.env.DUCKDB);
		(async () => {
		  const c = await (await DuckDBInstance.create()).connect();
		  await c.run("SET threads TO 2");
		  const ask = async (q) =>
		    (await c.runAndReadAll(q)).getRows().map((r) => r.join()).join("\n");
		  const wanted = process.argv[2] + "," + process.argv[3];
		  const from = "read_json_auto('out.jsonl', maximum_object_size=268435456)";
		  for (const q of [
		    `SELECT count(*), sum(strlen(text)) FROM ${from}`,
		    "SELECT count(*), sum(size) FROM read_csv('out.csv', all_varchar=false)",
		  ])
		    if ((await ask(q)) !== wanted) throw q + ": " + (await ask(q)) + ", not " + wanted;
		  await c.run(`COPY (SELECT * FROM ${from}) TO 'out.parquet'`);
		  const got = await ask("SELECT count(*), sum(strlen(text)) FROM 'out.parquet'");
		  if (got !== wanted) throw "parquet: " + got;
		  process.exit(0);
		})().catch((e) => { console.error(String(e)); process.exit(1); });
	END
}

# DuckDB by npm, once a build folder; false without npm or network
duckdb_get()
{
	local folder=${SHEAF_BUILD:-$work}/duckdb
	have node npm || return
	export DUCKDB=$folder/node_modules/@duckdb/node-api
	[ -d "$DUCKDB" ] && return
	mkdir -p "$folder"
	(cd "$folder" && timeout 120 npm install --no-audit --no-fund --silent \
		--no-save --prefix . @duckdb/node-api >/dev/null 2>&1) &&
		[ -d "$DUCKDB" ] && return
	echo "left out: npm can't get DuckDB"
	return 1
}

# posts with fields of all kinds, where there are no archives
small()
{
	python3 - <<-'END'
		import os
		for i in range(2000):
		    folder = "tree/%d/%02d" % (2020 + i % 5, i % 12 + 1)
		    os.makedirs(folder, exist_ok=True)
		    name = "%s/story %d ü.md" % (folder, i)
		    with open(name, "w", encoding="utf-8") as f:
		        f.write('---\ntitle: "Story %d, \\"quoted\\""\ndate: %d-%02d-03T04:05:06Z\n'
		                'lang: %s\ntags: [a%d, "b;c"]\n---\n\n' % (i, 2020 + i % 5, i % 12 + 1,
		                ["en", "de-AT"][i % 2], i % 7))
		        f.write("Words of number %d, linux %s.\n\nMore = '<b>' & \"more\"\t%s\n"
		                % (i, "system" if i % 3 else "kernel", "für alle " * (i % 50)))
		    os.utime(name, (1600000000 + i, 1600000000 + i))
	END
}

# the set @1 in tree/, and what is to be found in it
set_make()
{
	rm -rf tree ./out* set.sheaf
	mkdir tree
	if [ "$1" = small ]; then
		small
	else
		zstd -qdc --long=27 "$SHEAF_DATA/$1.tar.zst" |
			tar -C tree -x || exit 1
	fi
	manifest tree >wanted
	"$SHEAF" add set.sheaf tree --base tree --quiet 2>/dev/null || exit 1
	count=$(find tree -type f | wc -l)
	bytes=$(find tree -type f -printf '%s\n' | awk '{ n += $1 } END { print n }')
}

words_of()
{
	case $1 in
	legalize-uy) echo ley artículo ministerio ;;
	*) echo linux system kernel ;;
	esac
}

run()
{
	local format word
	set_make "$1"
	for format in tar tar.zst zip hugo jsonl jsonl.zst csv sqlite; do
		check "$1: export $format" export_as $format
	done
	! have bsdtar || check "$1: bsdtar" comes_out by_bsdtar
	check "$1: what tar gave, added" same_folder_again
	check "$1: tar --zstd" comes_out by_gnu_tar
	check "$1: tar from a pipe" comes_out by_pipe
	if have unzip; then
		check "$1: unzip" comes_out by_unzip
		check "$1: unzip -t, -p" zip_contents
	fi
	for format in tar tar.zst zip jsonl jsonl.zst; do
		check "$1: $format, added" same_again out.$format
	done
	check "$1: hugo, added" same_again out.hugo --base out.hugo
	check "$1: jsonl.zst" jsonl_zst
	! have python3 || check "$1: csv" csv_by_python
	if have jq; then
		check "$1: jq" jsonl_by_jq
		! have sqlite3 || check "$1: sqlite" sqlite_tables
	fi
	if have sqlite3; then
		for word in $(words_of "$1"); do
			check "$1: full-text search, $word" found "$word"
		done
	fi
	[ -z "$duckdb" ] || check "$1: DuckDB" duckdb
	# libzim compresses 2 MB a second: one set is enough; to tsan what its
	# threads hand on are races
	[ "$1" = small ] || return 0
	case $SHEAF_BUILD in *tsan*) return 0 ;; esac
	! have zimcheck zimdump || ! export_as zim 2>log ||
		check "$1: zim" zim
}

duckdb=
! duckdb_get || duckdb=yes
sets=("$@")
if [ $# -eq 0 ]; then
	sets=(small)
	for set in lctt legalize-uy; do
		[ ! -e "$SHEAF_DATA/$set.tar.zst" ] || sets+=("$set")
	done
fi
for set in "${sets[@]}"; do
	run "$set"
done
checks_end
