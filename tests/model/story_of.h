/*
 * story_of.h - article number i, so that any thread can say what it has to be
 */
#ifndef SHEAF_TESTS_STORY_OF_H
#define SHEAF_TESTS_STORY_OF_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sheaf/sheaf.h>

struct story {
	char name[40];
	char url[60];
	char *text; /* owned */
	size_t len;
	struct sheaf_fields fields; /* with the url */
};

static inline void story_done(struct story *s)
{
	free(s->text);
	s->text = NULL;
}

/* at least @len bytes: a url in the front matter, then words */
static inline void story_of(struct story *s, unsigned int i, size_t len)
{
	static const char words[8][10] = { "river ",   "bridge ", "the ",
					   "council ", "of ",	  "barley ",
					   "rain\n",   "prices " };
	uint64_t x = i * 0x9e3779b97f4a7c15 + 1;
	char *text;

	memset(s, 0, sizeof(*s));
	snprintf(s->name, sizeof(s->name), "day-%u/story-%u.md", i / 50, i);
	snprintf(s->url, sizeof(s->url), "https://site.example/%u", i);
	text = malloc(len + 200);
	if (text == NULL)
		abort();
	s->len = (size_t)snprintf(text, 200, "---\nurl: %s\n---\n\n", s->url);
	while (s->len < len) {
		const char *word = words[x >> 61];

		memcpy(text + s->len, word, strlen(word));
		s->len += strlen(word);
		x = x * 6364136223846793005 + 1442695040888963407;
		if (x >> 40 & 1)
			s->len += (size_t)snprintf(text + s->len, 20, "%u ",
						   (unsigned int)(x >> 50));
	}
	s->text = text;
	s->fields.url = (struct sheaf_str){ s->url, strlen(s->url) };
	s->fields.date = 1700000000 + (int64_t)i;
	s->fields.has_date = true;
}

static inline enum sheaf_status story_add(struct sheaf_writer *w,
					  unsigned int i, size_t len)
{
	struct story s;
	struct sheaf_article a = { .format = "hugo" };
	enum sheaf_status st;

	story_of(&s, i, len);
	a.name = (struct sheaf_str){ s.name, strlen(s.name) };
	a.bytes = s.text;
	a.len = s.len;
	a.fields = &s.fields;
	a.mtime.sec = s.fields.date;
	a.mtime.nsec = i;
	st = sheaf_writer_add(w, &a, NULL, NULL);
	story_done(&s);
	return st;
}

#endif
