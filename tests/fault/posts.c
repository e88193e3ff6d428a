/*
 * posts.c - posts for the fault tests, made from a number
 */
#include "fault/posts.h"

#include <stdio.h>
#include <string.h>

/* of enough input for a dictionary, but one that costs little */
const struct sheaf_write_options posts_small_options = {
	.level = 19,
	.block_size = 2048,
	.dictionary_size = 2048,
	.threads = 1,
};

static const char *const words[] = {
	"the",	   "council", "of",	  "a",	       "city",	  "has",
	"river",   "bridge",  "on",	  "Tuesday",   "voted",	  "to",
	"repair",  "school",  "and",	  "budget",    "mayor",	  "said",
	"that",	   "water",   "prices",	  "would",     "rise",	  "in",
	"spring",  "while",   "farmers",  "waited",    "for",	  "rain",
	"harbour", "workers", "returned", "after",     "long",	  "strike",
	"library", "opened",  "its",	  "doors",     "new",	  "wing",
	"museum",  "guests",  "from",	  "abroad",    "praised", "collection",
	"police",  "found",   "missing",  "painting",  "under",	  "old",
	"station", "trains",  "were",	  "late",      "again",	  "because",
	"snow",	   "covered", "tracks",	  "overnight",
};

uint64_t posts_random(uint64_t *state)
{
	uint64_t x = *state;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	*state = x;
	return x * 0x2545f4914f6cdd1d;
}

uint64_t posts_below(uint64_t *state, uint64_t n)
{
	return n != 0 ? posts_random(state) % n : 0;
}

size_t posts_make(uint64_t number, unsigned int count, char *out, size_t size)
{
	static const char *const outlets[] = { "Morning Post", "Der Bote",
					       "El Diario" };
	static const char *const langs[] = { "en", "de", "es" };
	uint64_t state = number * 2 + 1;
	int len;

	len = snprintf(
		out, size,
		"---\ntitle: \"Story %llu\"\ndate: 2025-02-%02lluT06:30:00Z\nlang: %s\noutlet: %s\ncategories: [news, region-%llu]\ntags: [t%llu]\nurl: https://news.example/%llu.html\n---\n\n",
		(unsigned long long)number, (unsigned long long)number % 28 + 1,
		langs[number % 3], outlets[number % 3],
		(unsigned long long)number % 4, (unsigned long long)number % 7,
		(unsigned long long)number);
	for (unsigned int i = 0; i < count && (size_t)len + 32 < size; i++)
		len += snprintf(
			out + len, size - (size_t)len, "%s%s",
			words[posts_below(&state,
					  sizeof(words) / sizeof(words[0]))],
			i % 12 == 11 ? ".\n" : " ");
	return (size_t)len;
}

void posts_noise(uint64_t number, void *out, size_t size)
{
	uint64_t state = number * 2 + 1;
	uint8_t *p = out;

	for (size_t i = 0; i < size; i++)
		p[i] = (uint8_t)(posts_random(&state) >> 32);
}

/*
 * XXH3 adds up, for each 64-bit lane of each 64-byte stripe, the product of the
 * two halves of (data xor secret).  Where a lane's low half is the secret's,
 * its product is 0 whatever the high half is; the high halves of two such lanes
 * can change places, since the hash sees their sum only.  The default secret is
 * public: these are its bytes 0 .. 3 and 8 .. 11.
 */
void posts_twin(unsigned int which, uint64_t pair, uint8_t out[POSTS_TWIN_SIZE])
{
	static const uint8_t secret[2][4] = { { 0xb8, 0xfe, 0x6c, 0x39 },
					      { 0x7c, 0x01, 0x81, 0x2c } };
	static const char high[2][5] = { "one,", "two," };
	uint64_t state = pair * 2 + 1;

	for (size_t i = 0; i < POSTS_TWIN_SIZE; i++)
		out[i] = (uint8_t)('a' + posts_below(&state, 26));
	for (size_t stripe = 0; stripe < 2; stripe++) {
		memcpy(&out[64 * stripe], secret[stripe], 4);
		memcpy(&out[64 * stripe + 4], high[(stripe + which) % 2], 4);
	}
}

static struct sheaf_str str_of(const char *s)
{
	struct sheaf_str out = { s, strlen(s) };

	return out;
}

static void post_add(struct facts *f, uint64_t commit, const char *name,
		     uint64_t number, unsigned int count)
{
	char text[4096];
	size_t len = posts_make(number, count, text, sizeof(text));

	facts_add(f, commit, str_of(name), text, len);
}

void posts_many(struct facts *f, uint64_t commit, uint64_t first,
		uint64_t count)
{
	char name[64];

	for (uint64_t i = first; i < first + count; i++) {
		snprintf(name, sizeof(name), "many/%06llu.md",
			 (unsigned long long)i);
		post_add(f, commit, name, i, 3 + (unsigned int)(i % 5));
	}
}

void posts_small(struct facts *f)
{
	static const char *const odd[] = { "\xff\xfe\x01 odd\nname", "../up",
					   "/absolute", "a\\b\"c",
					   "\xe4\xb8\xad\xe6\x96\x87.md" };
	uint8_t twin[POSTS_TWIN_SIZE];
	char name[64], text[4096];
	const char *body;
	size_t len;

	for (unsigned int i = 0; i < 24; i++) {
		snprintf(name, sizeof(name), "2025/02/story-%02u.md", i);
		post_add(f, 1, name, i, 200 + i);
	}
	for (unsigned int i = 0; i < 5; i++)
		post_add(f, 2, odd[i], 100 + i, 40);
	post_add(f, 2, "2025/02/story-03.md", 33, 60); /* a version */
	post_add(f, 2, "copies/story-05.md", 5, 205);  /* a copy */
	facts_add(f, 2, str_of("empty"), "", 0);
	post_add(f, 2, "moved/07.md", 7, 150); /* shortened, the same url */
	len = posts_make(8, 190, text, sizeof(text)); /* shortened, no url */
	body = strstr(text, "---\n\n") + 5;
	facts_add(f, 2, str_of("bare/08.txt"), body,
		  len - (size_t)(body - text));
	posts_twin(0, 1, twin);
	facts_add(f, 2, str_of("twin-one"), twin, sizeof(twin));
	posts_twin(1, 1, twin);
	facts_add(f, 3, str_of("twin-two"), twin, sizeof(twin));
	post_add(f, 3, "2025/02/story-03.md", 3, 203); /* back again */
	post_add(f, 3, "2025/03/last.md", 200, 30);
}

size_t posts_warc(char file[POSTS_WARC_SIZE])
{
	static const struct {
		const char *type, *http, *body;
		size_t len;
	} records[] = {
		{ "response", "X: y", "<html>a</html>", 14 },
		{ "response", "Transfer-Encoding: chunked",
		  "4\r\nabcd\r\n2\r\nef\r\n0\r\n\r\n", 21 },
		{ "response", "Content-Encoding: gzip",
		  "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xb3\xc9\x28\xc9\xcd"
		  "\xb1\x2b\x48\x4c\x4f\xb5\xd1\x07\x33\x01\x5f\x8b\x0f\x0d"
		  "\x11\x00\x00\x00",
		  33 },
		{ "revisit", "X: y", "", 0 },
	};
	char *at = file;

	for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
		char http[200];
		int len = snprintf(http, sizeof(http),
				   "HTTP/1.1 200 OK\r\nContent-Type: text/html"
				   "\r\n%s\r\n\r\n",
				   records[i].http);

		at += sprintf(at,
			      "WARC/1.0\r\nWARC-Type: %s\r\n"
			      "WARC-Target-URI: http://a.example/%zu\r\n"
			      "WARC-Refers-To-Target-URI: http://a.example/0"
			      "\r\nContent-Length: %zu\r\n\r\n%s",
			      records[i].type, i, (size_t)len + records[i].len,
			      http);
		if (records[i].len != 0)
			memcpy(at, records[i].body, records[i].len);
		at += records[i].len;
		at += sprintf(at, "\r\n\r\n");
	}
	return (size_t)(at - file);
}
