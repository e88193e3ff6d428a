# To be sourced by scripts that check many things: counts what passes and what
# fails, and says so in the last line as "N passed, M failed".
# shellcheck shell=bash
passed=0 failed=0

# check TEXT COMMAND...: one more passed or failed; what it prints is told where
# it fails, and is in ./log
check()
{
	local text=$1
	shift
	if "$@" >log 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED $text: $*"
		head -n 20 log
	fi
}

# the last command of a script
checks_end()
{
	echo "$passed passed, $failed failed"
	[ $failed -eq 0 ]
}
