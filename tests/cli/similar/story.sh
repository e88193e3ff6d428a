# story.sh - a long post and a shortened copy of it, in commits of their own;
# cases source this

# sentences FROM TO: lines of words that no other line has
sentences()
{
	awk -v from="$1" -v to="$2" 'BEGIN {
		letters = "etaoinshrdlu"
		for (i = from; i <= to; i++) {
			x = i * 7919 + 1
			for (k = 0; k < 60; k++) {
				x = x * 16807 % 2147483647
				printf "%s%s", substr(letters, x % 12 + 1, 1),
					x % 5 == 0 ? " " : ""
			}
			print "."
		}
	}'
}

# story: news.sheaf with a story, other articles, a shortened copy of the story
story()
{
	mkdir one two three
	{
		printf -- '---\ntitle: Bridges\ndate: 2025-02-14T06:00:00Z\n'
		printf 'url: https://courier.example/bridges\n---\n\n'
		sentences 1 80
	} >one/long.md
	sentences 200 280 >one/other.txt
	sentences 300 310 >two/note.txt
	sentences 20 50 | sed '3s/e/E/' >three/short.txt
	touch -d 2025-02-14T06:00:00Z one/* two/*
	touch -d 2025-02-16T06:00:00Z three/*
	for day in one two three; do
		"$SHEAF" add news.sheaf $day --base $day --quiet \
			--time 2025-02-20T20:00:00Z || exit 99
	done
}
