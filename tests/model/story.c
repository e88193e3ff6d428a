/*
 * story.c - random articles: new, edited, exact copies, hostile ones
 *
 * Sentences of few words, so that there is something to compress.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "draw.h"

static uint8_t *room(struct draw *d, size_t more)
{
	if (d->cap - d->len < more) {
		uint8_t *p = model_alloc(2 * (d->len + more));

		if (d->len != 0)
			memcpy(p, d->bytes, d->len);
		free(d->bytes);
		d->bytes = p;
		d->cap = 2 * (d->len + more);
	}
	return d->bytes + d->len;
}

static void put(struct draw *d, const void *p, size_t len)
{
	uint8_t *to = room(d, len);

	if (len != 0)
		memcpy(to, p, len);
	d->len += len;
}

__attribute__((format(printf, 2, 3))) static void
put_text(struct draw *d, const char *format, ...)
{
	char line[256];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	put(d, line, strlen(line));
}

/* some @len bytes of sentences, which no reader takes for a link */
static void put_words(struct draw *d, size_t len)
{
	static const char words[][12] = {
		"the",	  "bridge",  "over",   "river",	  "is",	    "closed",
		"again",  "council", "of",     "town",	  "said",   "on",
		"Monday", "barley",  "came",   "in",	  "two",    "weeks",
		"early",  "farmers", "hope",   "for",	  "rain",   "and",
		"prices", "Brücke",  "fluss",  "steht",	  "hoch",   "mañana",
		"puente", "abierto", "新闻",   "记者",	  "报道",   "今天",
		"mayor",  "budget",  "school", "library", "opens",  "a",
		"new",	  "wing",    "after",  "years",	  "delays", "report",
	};
	size_t count = sizeof(words) / sizeof(words[0]);
	size_t end = d->len + len;

	while (d->len < end) {
		/* low numbers come more often */
		size_t i = draw_below(d, 1 + draw_below(d, count));

		put(d, words[i], strlen(words[i]));
		put(d, draw_once_in(d, 12) ? ".\n" : " ", 1);
		if (draw_once_in(d, 40))
			put_text(d, "%u\n", (unsigned int)draw_below(d, 9999));
	}
	put(d, ".", 1);
}

static size_t draw_size(struct draw *d)
{
	size_t kind = draw_below(d, d->mood == DRAW_MIXED ? 1000 : 400);

	if (kind < 300)
		return draw_below(d, 60);
	if (kind < 900)
		return 100 + draw_below(d, d->mood == DRAW_MIXED ? 3000 : 300);
	if (kind < 970)
		return 3000 + draw_below(d, 20000);
	if (kind < 998)
		return 20000 + draw_below(d, 100000);
	return (size_t)1 << (20 + draw_below(d, 2));
}

static void draw_url(struct draw *d, char kind)
{
	snprintf(d->url, sizeof(d->url), "https://site-%u.example/%c/%u",
		 (unsigned int)draw_below(d, 9), kind,
		 (unsigned int)draw_below(d, 3000));
}

static void fresh_hugo(struct draw *d)
{
	put_text(d, "---\ntitle: Story %u\n", (unsigned int)draw_below(d, 999));
	if (!draw_once_in(d, 4)) {
		draw_url(d, 'a');
		put_text(d, "url: %s\n", d->url);
	}
	put_text(d, "draft: false\n---\n\n");
}

static void fresh_article(struct draw *d, const char **format)
{
	bool hugo = draw_once_in(d, 2);
	size_t len = draw_size(d);

	*format = hugo ? "hugo" : "text";
	if (draw_once_in(d, 40))
		return; /* empty */
	if (hugo)
		fresh_hugo(d);
	put_words(d, len);
	if (hugo || !draw_once_in(d, 3))
		return;
	draw_url(d, 't');
	put_text(d, "\n\n%s\n", d->url);
}

/* an article that there is, once more or with a sentence more */
static void old_article(struct draw *d, const char **format, bool edited)
{
	const struct model *m = d->model;
	size_t i = draw_below(d, m->article_count);
	const struct model_article *a = &m->articles[i];
	bool hugo = strcmp(a->format, "hugo") == 0;

	*format = a->format;
	if (edited && !hugo)
		put_words(d, 1 + draw_below(d, 80));
	put(d, a->p, a->len);
	if (edited && hugo)
		put_words(d, 1 + draw_below(d, 80));
	if (a->url.len != 0)
		memcpy(d->url, a->url.p, a->url.len);
	d->url[a->url.len] = '\0';
}

/* bytes that look like the format's own: a part of the file, a footer's or a
 * block's beginning amid noise */
static void hostile_article(struct draw *d)
{
	static const uint8_t sync[] = { 0x5a, 0x2a, 0x4d, 0x18, 9,    0,
					0,    0,    0xf5, 0xc0, 0xfe, 0xc1 };
	uint8_t noise[700];
	size_t len = 1 + draw_below(d, sizeof(noise)), at = 0;

	if (d->file_len != 0 && draw_once_in(d, 2)) {
		at = draw_below(d, d->file_len);
		len = 1 + draw_below(d, 20000);
		if (len > d->file_len - at || draw_once_in(d, 3))
			at = d->file_len -
			     (len = len < d->file_len ? len : d->file_len);
		put(d, d->file + at, len);
	} else {
		for (size_t i = draw_below(d, 6) + 1; i != 0; i--) {
			draw_bytes(d, noise, len);
			put(d, noise, len);
			put(d, sync, sizeof(sync));
			put(d, "\x09\x01\0", draw_below(d, 4));
		}
	}
	put_text(d, "\nend\n");
}

/* one of two with the same id: see data/collide.py */
static void colliding_article(struct draw *d)
{
	static const uint8_t secret[] = { 0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4,
					  0x4b, 0xbe, 0x7c, 0x01, 0x81, 0x2c };
	unsigned int number = (unsigned int)draw_below(d, 20);
	bool swap = draw_once_in(d, 2);
	uint8_t *p;

	for (unsigned int i = 0; i < 20; i++)
		put_text(d, "Two articles of one id, number %u.\n", number);
	p = d->bytes;
	memcpy(p, secret, 4);
	memcpy(p + 4, swap ? "two," : "one,", 4);
	memcpy(p + 64, secret + 8, 4);
	memcpy(p + 68, swap ? "one," : "two,", 4);
}

void draw_story(struct draw *d, const char **format)
{
	size_t kind = draw_below(d, 1000);
	bool some = d->model->article_count != 0;

	*format = "text";
	d->len = 0;
	d->url[0] = '\0';
	if (kind < 10)
		hostile_article(d);
	else if (kind < 16 && !d->no_collisions)
		colliding_article(d);
	else if (some && kind < 16 + (d->mood == DRAW_MIXED ? 250 : 40))
		old_article(d, format, false);
	else if (some && kind < (d->mood == DRAW_BULK ? 80 : 450))
		old_article(d, format, true);
	else
		fresh_article(d, format);
	d->fields.url = (struct sheaf_str){ d->url, strlen(d->url) };
}
