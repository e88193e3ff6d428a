# sheaf.bash - completion of sheaf's command line, for bash

_sheaf_options()
{
	local filters='--since --until --outlet --lang --category --tag --format --hidden --name
		--url --as-of'
	case $1 in
	add)
		echo --format --field --stdin-name --max-article --max-total \
			--files-from --null --base --message --time \
			--level --block --dict-size --memory --threads \
			--take-back --wait --dry-run --quiet --json
		;;
	rm)
		echo --latest --erase --take-back --list --apply --files-from --null \
			--by --message --time --memory --threads --wait --dry-run --quiet \
			--json
		;;
	slice)
		echo --output --all-versions --files-from --null --message \
			--level --memory --threads --quiet --json --by "$filters"
		;;
	compact)
		echo --output --message --level --block --dict-size --memory \
			--threads --wait --quiet
		;;
	get) echo --output --overwrite --files-from --null --threads --by --as-of ;;
	ls)
		echo --long --fields --all-versions --count --null --json \
			"$filters"
		;;
	extract)
		echo --directory --overwrite --threads --quiet --json "$filters"
		;;
	export)
		echo --to --output --all-versions --text --overwrite --threads \
			--quiet --json "$filters"
		;;
	log) echo --json --by --as-of ;;
	similar) echo --count --all --threads --json --by --as-of ;;
	info) echo --json --as-of ;;
	verify) echo --deep --threads --quiet --json ;;
	salvage)
		echo --output --lost --message --level --memory --threads \
			--quiet --json
		;;
	*) return ;;
	esac
	echo --help
}

# _sheaf_reply ARGUMENT...: what compgen gives, a line a word
_sheaf_reply()
{
	mapfile -t COMPREPLY < <(compgen "$@")
}

# _sheaf_files -f|-d WORD
_sheaf_files()
{
	compopt -o filenames 2>/dev/null
	_sheaf_reply "$1" -- "$2"
}

# _sheaf_fields WORD: the last of the names that commas separate
_sheaf_fields()
{
	local before='' last=$1
	if [[ $1 == *,* ]]; then
		before=${1%,*},
		last=${1##*,}
	fi
	compopt -o nospace 2>/dev/null
	_sheaf_reply -P "$before" -W 'id prefix date mtime size name
		outlet lang categories tags title url commit format latest' \
		-- "$last"
}

# _sheaf_value OPTION WORD: false where the option takes no value
_sheaf_value()
{
	case $1 in
	--format) _sheaf_reply -W 'auto text hugo html jsonl csv archive warc' -- "$2" ;;
	--to | -f) _sheaf_reply -W 'tar tar.zst zip hugo jsonl jsonl.zst csv
		sqlite zim warc warc-1.0' -- "$2" ;;
	--by) _sheaf_reply -W 'id name url' -- "$2" ;;
	--fields) _sheaf_fields "$2" ;;
	--files-from | --apply) _sheaf_files -f "$2" ;;
	--base | --output | -o | --directory | -C) _sheaf_files -d "$2" ;;
	--level) _sheaf_reply -W '3 9 12 19' -- "$2" ;;
	--block) _sheaf_reply -W '4K 8K 16K 64K 256K' -- "$2" ;;
	--message | -m | --time | --field | --stdin-name | --max-article | --max-total | --count | -n | --dict-size | --memory | --threads | --as-of | \
		--since | --until | --outlet | --lang | --category | --tag | --format | \
		--name | --url) COMPREPLY=() ;;
	*) return 1 ;;
	esac
}

_sheaf()
{
	local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]}
	local before=${COMP_WORDS[COMP_CWORD - 1]}
	local commands='add get ls extract export log similar info verify salvage
		compact rm slice'

	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		_sheaf_reply -W "$commands help --help --version" \
			-- "$word"
		return
	fi
	if [ "$command" = help ]; then
		[ "$COMP_CWORD" -ne 2 ] ||
			_sheaf_reply -W "$commands" -- "$word"
		return
	fi
	# bash breaks words at "=": --format = WORD
	if [ "$word" = = ]; then
		word=
	elif [ "$before" = = ]; then
		before=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	! _sheaf_value "$before" "$word" || return
	if [[ $word == -* ]]; then
		_sheaf_reply -W "$(_sheaf_options "$command")" \
			-- "$word"
	else
		_sheaf_files -f "$word"
	fi
}

complete -F _sheaf sheaf
