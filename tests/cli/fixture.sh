# fixture.sh - the small news corpus that cases work on; they source this file

# post FILE TITLE DATE LANG OUTLET TAGS TEXT: a Hugo post, as old as its date
post()
{
	mkdir -p "$(dirname "$1")"
	cat >"$1" <<-END
	---
	title: "$2"
	date: $3
	lang: $4
	outlet: $5
	categories: [News]
	tags: [$6]
	url: https://$5.example/$(basename "$1" .md)
	---

	$7
	END
	touch -d "$3" "$1"
}

# days: three folders of posts, with a copy, a new version and a plain text
days()
{
	post day1/harvest.md "Early harvest" 2025-02-14T06:00:00Z en courier \
		"farming, weather" "The barley came in two weeks early."
	post day1/bruecke.md "Neue Brücke" 2025-02-14T07:30:00Z de bote \
		"verkehr" "Die Brücke am Markt ist wieder offen."
	post day1/de/fluss.md "Hochwasser" 2025-02-14T09:00:00Z de-AT bote \
		"weather" "Der Fluss steht hoch."
	mkdir -p day2 day3
	cp -p day1/harvest.md day2/harvest-again.md
	post day2/bruecke.md "Neue Brücke" 2025-02-15T07:30:00Z de bote \
		"verkehr" "Die Brücke am Markt ist doch noch gesperrt."
	printf 'A note without front matter.\n' >day3/note.txt
	touch -d 2025-02-16T12:00:00Z day3/note.txt
	post day3/puente.md "El puente" 2025-02-16T10:15:00Z es diario \
		"" "El puente abre mañana."
}

# corpus: news.sheaf with one commit a day; prints nothing
corpus()
{
	days
	for day in 1 2 3; do
		"$SHEAF" add news.sheaf "day$day" --base "day$day" --quiet \
			--time "2025-02-1$((day + 3))T20:00:00Z" \
			--message "day $day" || exit 99
	done
}

# number: the sizes that depend on the compressor, as N
sizes()
{
	sed 's/grew by [0-9,]* bytes to [0-9,]*/grew by N bytes to N/'
}
