/*
 * toml.c - takes the values that count out of TOML front matter
 *
 * No more of TOML than front matter needs: the keys in front of the first
 * [table], with strings of all four kinds, booleans, numbers, dates, arrays.
 * Numbers and dates stay the text that they are.  Tables, inline tables and
 * dotted keys are passed over: nothing in them counts.
 *
 * A mistake costs the value that it stands in: reading goes on with the next
 * line at column 0 that looks like a key, as with YAML.
 */
#include "formats/hugo/hugo.h"

#include <string.h>

struct toml {
	const uint8_t *p;
	size_t len, at;
	size_t line;	 /* of @at, from 1 */
	size_t key_line; /* of the latest top-level key */
	size_t key_at;
	struct values *front;
	struct format_warning *warning;
	struct buf text; /* the latest string */
	int key;	 /* the latest top-level one, or -1 */
	bool fresh;	 /* none of its values was added yet */
	bool dirty;	 /* the text was cleaned */
	bool nomem;
};

static int peek(const struct toml *t)
{
	return t->at < t->len ? t->p[t->at] : -1;
}

static bool looks_at(const struct toml *t, const char *s)
{
	size_t n = strlen(s);

	return t->len - t->at >= n && memcmp(&t->p[t->at], s, n) == 0;
}

static void step(struct toml *t)
{
	t->line += t->p[t->at] == '\n';
	t->at++;
}

/* false, as all that read, where reading can't go on */
static bool mistake(struct toml *t, const char *what)
{
	format_warn(t->warning, "front matter, line %zu: %s", t->line, what);
	return false;
}

static void blanks(struct toml *t)
{
	while (peek(t) == ' ' || peek(t) == '\t')
		t->at++;
}

/* a comment, up to the end of its line */
static void comment(struct toml *t)
{
	if (peek(t) != '#')
		return;
	while (t->at < t->len && peek(t) != '\n')
		t->at++;
}

static void blank_lines(struct toml *t)
{
	for (;;) {
		blanks(t);
		comment(t);
		if (peek(t) == '\r' || peek(t) == '\n')
			step(t);
		else
			return;
	}
}

/* nothing but a comment up to the end of the line */
static bool line_end(struct toml *t)
{
	blanks(t);
	comment(t);
	if (peek(t) == '\r')
		t->at++;
	if (peek(t) == '\n')
		step(t);
	else if (t->at < t->len)
		return mistake(t, "text behind a value");
	return true;
}

static void put_utf8(struct buf *out, uint32_t cp)
{
	static const uint8_t lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	int n = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;

	buf_u8(out, (uint8_t)(lead[n == 1 ? 0 : n] | cp >> (6 * (n - 1))));
	for (int i = n - 2; i >= 0; i--)
		buf_u8(out, (uint8_t)(0x80 | (cp >> (6 * i) & 0x3f)));
}

/* the @digits behind \u or \U */
static bool unicode(struct toml *t, int digits)
{
	uint32_t cp = 0;

	for (int i = 0; i < digits; i++) {
		int c = peek(t), lower = c | 0x20;

		if (c >= '0' && c <= '9')
			cp = cp << 4 | (uint32_t)(c - '0');
		else if (lower >= 'a' && lower <= 'f')
			cp = cp << 4 | (uint32_t)(lower - 'a' + 10);
		else
			return mistake(t, "not an escape");
		t->at++;
	}
	if (cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
		return mistake(t, "not an escape");
	put_utf8(&t->text, cp);
	return true;
}

/* a line that ends in a backslash goes on with the next word */
static bool joined_lines(struct toml *t)
{
	size_t at = t->at, line = t->line;

	blanks(t);
	if (peek(t) == '\r' || peek(t) == '\n') {
		while (t->at < t->len && peek(t) >= 0 &&
		       strchr(" \t\r\n", peek(t)))
			step(t);
		return true;
	}
	t->at = at;
	t->line = line;
	return false;
}

/* behind a backslash */
static bool escape(struct toml *t, bool many)
{
	static const char from[] = "btnfr\"\\e", to[] = "\b\t\n\f\r\"\\\033";
	int c;
	const char *found;

	if (many && joined_lines(t))
		return true;
	c = peek(t);
	if (c <= 0)
		return mistake(t, "not an escape");
	t->at++;
	if (c == 'u' || c == 'U')
		return unicode(t, c == 'u' ? 4 : 8);
	found = strchr(from, c);
	if (!found) {
		t->at--;
		return mistake(t, "not an escape");
	}
	buf_u8(&t->text, (uint8_t)to[found - from]);
	return true;
}

/* any of the four kinds of strings, into t->text */
static bool string(struct toml *t)
{
	uint8_t quote = t->p[t->at];
	bool many = looks_at(t, quote == '"' ? "\"\"\"" : "'''");
	const char *end = quote == '"' ? many ? "\"\"\"" : "\"" :
			  many	       ? "'''" :
					 "'";
	size_t line = t->line;

	buf_clear(&t->text);
	t->at += strlen(end);
	if (many && looks_at(t, "\r\n"))
		t->at++;
	if (many && peek(t) == '\n')
		step(t);
	for (;;) {
		int c = peek(t);

		if (looks_at(t, end) &&
		    /* up to two quotes may stand before the closing ones */
		    !(many && t->len - t->at > 3 && t->p[t->at + 3] == quote))
			break;
		if (c < 0 || (c == '\n' && !many)) {
			t->line = line;
			return mistake(t, "a string has no end");
		}
		if (c == '\\' && quote == '"') {
			t->at++;
			if (!escape(t, many))
				return false;
			continue;
		}
		if (c != '\r' || !looks_at(t, "\r\n"))
			buf_u8(&t->text, (uint8_t)c);
		step(t);
	}
	t->at += strlen(end);
	t->nomem |= t->text.bad;
	return !t->nomem;
}

/* keeps a scalar of the latest key */
static bool keep(struct toml *t, const void *p, size_t len, size_t line,
		 bool in_list)
{
	if (len == 0 || (t->dirty && memmem(p, len, HUGO_DIRT, HUGO_DIRT_LEN)))
		return true;
	if (t->fresh)
		values_restart(t->front, t->key);
	t->fresh = false;
	t->nomem = !values_add(t->front, t->key, p, len, line, in_list);
	return !t->nomem;
}

/* a boolean, number or date, as it stands there */
static bool bare(struct toml *t, bool counts, bool in_list)
{
	const uint8_t *p = &t->p[t->at];
	size_t n = 0, left = t->len - t->at;
	uint8_t c;

	while (n < left && !strchr(",]}#\r\n", p[n]))
		n++;
	t->at += n;
	while (n > 0 && (p[n - 1] == ' ' || p[n - 1] == '\t'))
		n--;
	c = n ? p[0] : 0;
	if (!(c >= '0' && c <= '9') && c != '+' && c != '-' &&
	    !(n == 4 && memcmp(p, "true", 4) == 0) &&
	    !(n == 5 && memcmp(p, "false", 5) == 0) &&
	    !(n == 3 && (memcmp(p, "inf", 3) == 0 || memcmp(p, "nan", 3) == 0)))
		return mistake(t, "not a value: a text needs quotes");
	return !counts || keep(t, p, n, t->line, in_list);
}

static bool value(struct toml *t, bool counts, unsigned int depth);

/* a key of any kind; which one: -1 for a dotted one */
static bool key(struct toml *t, int *which)
{
	int parts = 0;

	for (;;) {
		size_t at;

		blanks(t);
		at = t->at;
		if (peek(t) == '"' || peek(t) == '\'') {
			if (!string(t))
				return false;
			*which = key_find(hugo_keys, t->text.p, t->text.len);
		} else {
			while (t->at < t->len &&
			       !strchr(" \t\r\n=.\"'#[]{},", peek(t)))
				t->at++;
			if (t->at == at)
				return mistake(t, "not a key");
			*which = key_find(hugo_keys, &t->p[at], t->at - at);
		}
		parts++;
		blanks(t);
		if (peek(t) != '.')
			break;
		t->at++;
	}
	if (parts > 1)
		*which = -1;
	if (peek(t) != '=')
		return mistake(t, "no \"=\" behind a key");
	t->at++;
	blanks(t);
	return true;
}

static bool array(struct toml *t, bool counts, unsigned int depth)
{
	t->at++;
	for (;;) {
		blank_lines(t);
		if (peek(t) == ']')
			break;
		if (!value(t, counts && depth == 1, depth))
			return false;
		blank_lines(t);
		if (peek(t) == ',')
			t->at++;
		else if (peek(t) != ']')
			return mistake(t, "an array has no end");
	}
	t->at++;
	return true;
}

static bool inline_table(struct toml *t, unsigned int depth)
{
	int ignored;

	t->at++;
	for (;;) {
		blank_lines(t);
		if (peek(t) == '}')
			break;
		if (!key(t, &ignored) || !value(t, false, depth))
			return false;
		blank_lines(t);
		if (peek(t) == ',')
			t->at++;
		else if (peek(t) != '}')
			return mistake(t, "a table has no end");
	}
	t->at++;
	return true;
}

/* @counts: it is one of the latest key; @depth: lists and tables around it */
static bool value(struct toml *t, bool counts, unsigned int depth)
{
	int c = peek(t);
	size_t line = t->line;

	if ((c == '[' || c == '{') && depth == HUGO_DEPTH_MAX)
		return mistake(t, "too many levels");
	if (c == '[')
		return array(t, counts, depth + 1);
	if (c == '{')
		return inline_table(t, depth + 1);
	if (c != '"' && c != '\'')
		return bare(t, counts, depth > 0);
	return string(t) &&
	       (!counts || keep(t, t->text.p, t->text.len, line, depth > 0));
}

/* up to the first table or the end; false at a mistake */
static bool document(struct toml *t)
{
	for (;;) {
		blank_lines(t);
		t->key = -1;
		t->key_at = t->at;
		t->key_line = t->line;
		if (t->at == t->len)
			return true;
		if (peek(t) == '[') {
			t->at = t->len;
			return true;
		}
		if (!key(t, &t->key))
			return false;
		t->fresh = true;
		if (!value(t, t->key >= 0, 0) || !line_end(t))
			return false;
	}
}

static void resume(struct toml *t)
{
	/* what a mistake stands in, or right behind, is no value */
	if (t->key >= 0)
		values_restart(t->front, t->key);
	t->line = t->key_line;
	t->at = hugo_key_line(t->p, t->len, t->key_at, '=');
	for (size_t i = t->key_at; i < t->at; i++)
		t->line += t->p[i] == '\n';
}

enum sheaf_status hugo_toml_read(struct values *front, const uint8_t *p,
				 size_t len, struct format_warning *warning)
{
	struct buf clean = { 0 };
	enum sheaf_status st = hugo_clean(&clean, p, len, warning);
	struct toml t = { .p = p,
			  .len = len,
			  .line = 1,
			  .front = front,
			  .warning = warning };

	if (clean.len > 0) {
		t.p = clean.p;
		t.len = clean.len;
		t.dirty = true;
	}
	while (t.at < t.len && peek(&t) != '\n') /* the opening fence */
		t.at++;
	for (int i = 0; st == SHEAF_OK && i < HUGO_RESUME_MAX; i++) {
		if (document(&t))
			break;
		if (t.nomem)
			st = SHEAF_NOMEM;
		resume(&t);
	}
	buf_done(&t.text);
	buf_done(&clean);
	return st;
}
