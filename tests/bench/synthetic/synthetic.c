/*
 * synthetic.c - makes the posts
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "synthetic.h"

#define WORDS 20000
#define WORD_MAX 16
#define OUTLETS 200
#define CATEGORIES 20
#define TAGS 500
#define BODY_MIN 350 /* bytes of text, from this */
#define BODY_SPREAD 700
#define FIRST_DAY 1420070400 /* 2015-01-01 */
#define SECONDS_A_POST 37    /* ten million of them: twelve years */
#define DAY 86400
#define CRAWL 3600 /* seconds that the night's scraping takes */

struct vocabulary {
	uint64_t seed;
	struct {
		char text[WORD_MAX];
		size_t len;
	} words[WORDS];
};

static uint64_t random_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static void word_make(struct vocabulary *v, size_t index, uint64_t *state)
{
	static const char consonants[] = "bcdfghklmnprstvwz";
	static const char vowels[] = "aeiouaeo";
	size_t syllables = 1 + (size_t)(random_next(state) % 4), len = 0;
	char *text = v->words[index].text;

	while (syllables-- != 0) {
		uint64_t r = random_next(state);

		text[len++] = consonants[r % (sizeof(consonants) - 1)];
		text[len++] = vowels[r / 64 % (sizeof(vowels) - 1)];
		if (r / 4096 % 3 == 0)
			text[len++] = "nrstl"[r / 65536 % 5];
	}
	v->words[index].len = len;
}

struct vocabulary *vocabulary_new(uint64_t seed)
{
	struct vocabulary *v = calloc(1, sizeof(*v));
	uint64_t state = seed;

	if (v == NULL)
		return NULL;
	v->seed = seed;
	for (size_t i = 0; i < WORDS; i++)
		word_make(v, i, &state);
	return v;
}

void vocabulary_free(struct vocabulary *v)
{
	free(v);
}

static struct sheaf_str put(struct post *p, const char *text, size_t len)
{
	struct sheaf_str at = { p->bytes + p->len, len };

	memcpy(p->bytes + p->len, text, len);
	p->len += len;
	return at;
}

static struct sheaf_str put_text(struct post *p, const char *text)
{
	return put(p, text, strlen(text));
}

/* a cube of a uniform number: few words are frequent, most are rare */
static void put_word(struct post *p, const struct vocabulary *v,
		     uint64_t *state)
{
	double u = (double)(random_next(state) >> 11) / 9007199254740992.0;
	size_t i = (size_t)(u * u * u * WORDS);

	put(p, v->words[i].text, v->words[i].len);
}

static void put_words(struct post *p, const struct vocabulary *v,
		      uint64_t *state, size_t count, const char *between)
{
	for (size_t i = 0; i < count; i++) {
		if (i != 0)
			put_text(p, between);
		put_word(p, v, state);
	}
}

static struct sheaf_str put_named(struct post *p, const char *format,
				  unsigned int number)
{
	char text[64];

	snprintf(text, sizeof(text), format, number);
	return put_text(p, text);
}

static void put_lists(struct post *p, uint64_t *state)
{
	put_text(p, "\ncategories:\n  - ");
	p->category =
		put_named(p, "section-%u",
			  (unsigned int)(random_next(state) % CATEGORIES));
	put_text(p, "\ntags:\n");
	for (int i = 0; i < POST_TAGS; i++) {
		put_text(p, "  - ");
		p->tags[i] =
			put_named(p, "topic-%u",
				  (unsigned int)(random_next(state) % TAGS));
		put_text(p, "\n");
	}
}

static void put_front(struct post *p, const struct vocabulary *v,
		      uint64_t index, unsigned int outlet, uint64_t *state)
{
	char date[32];
	time_t at = (time_t)p->date;
	struct tm tm;

	gmtime_r(&at, &tm);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", &tm);
	put_text(p, "---\ntitle: \"");
	put_words(p, v, state, 4 + random_next(state) % 6, " ");
	put_text(p, "\"\ndate: ");
	put_text(p, date);
	put_text(p, "\noutlet: ");
	p->outlet = put_named(p, "outlet-%u.example", outlet);
	put_text(p, "\noriginal_url: ");
	p->url.p = p->bytes + p->len;
	put_named(p, "https://www.outlet-%u.example/", outlet);
	put_words(p, v, state, 3, "-");
	put_named(p, "-%u", (unsigned int)index);
	p->url.len = (size_t)(p->bytes + p->len - p->url.p);
	put_text(p, "\nlang: ");
	p->lang = put_text(p, outlet % 4 != 0 ? "en" : "de");
	put_lists(p, state);
	put_text(p, "---\n\n");
}

static void put_body(struct post *p, const struct vocabulary *v,
		     uint64_t *state)
{
	size_t end = p->len + BODY_MIN + random_next(state) % BODY_SPREAD;

	while (p->len < end) {
		put_words(p, v, state, 6 + random_next(state) % 12, " ");
		put_text(p, random_next(state) % 5 == 0 ? ".\n\n" : ". ");
	}
}

void post_make(struct post *p, const struct vocabulary *v, uint64_t index)
{
	/* mixed first: streams of neighbours would be the same, one step on */
	uint64_t mixed = v->seed ^ index, state = random_next(&mixed);
	unsigned int outlet = (unsigned int)(random_next(&state) % OUTLETS);
	uint64_t closing = ~v->seed - ((uint64_t)outlet << 32);

	p->len = 0;
	p->date = FIRST_DAY + (int64_t)index * SECONDS_A_POST +
		  (int64_t)(random_next(&state) % DAY);
	p->mtime = p->date - p->date % DAY + DAY +
		   (int64_t)(random_next(&state) % CRAWL);
	snprintf(p->name, sizeof(p->name), "post/%04u/%08llu.md",
		 (unsigned int)(index / 10000), (unsigned long long)index);
	put_front(p, v, index, outlet, &state);
	put_body(p, v, &state);
	put_text(p, "\n\n*");
	put_words(p, v, &closing, 16, " ");
	put_text(p, "*\n");
}
