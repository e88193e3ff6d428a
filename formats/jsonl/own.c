/*
 * own.c - the lines that sheaf export wrote, as the articles that they were
 *
 * What goes out as JSON Lines and comes in again is to be the same set: the
 * same bytes under the same names.  The id vouches for the bytes, so a line
 * whose text was changed is an ordinary line.
 */
#include "formats/jsonl/jsonl.h"

#include <string.h>

#include "formats/json.h"

void jsonl_own_done(struct jsonl_own *own)
{
	buf_done(&own->bytes);
	buf_done(&own->name);
	buf_done(&own->format);
}

bool jsonl_own_begins(const uint8_t *p, size_t len)
{
	static const char begin[] = "{\"sheaf\":1,\"id\":\"";
	size_t n = sizeof(begin) - 1;

	return len >= n && memcmp(p, begin, n) == 0;
}

static int digit64(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* appends what @s stands for; false where it is no base64 with its padding, or
 * out->bad */
static bool base64(struct buf *out, struct sheaf_str s)
{
	uint32_t v = 0;
	size_t pad = 0;

	if (s.len % 4 != 0)
		return false;
	while (pad < 2 && s.len > 0 && s.p[s.len - 1] == '=') {
		s.len--;
		pad++;
	}
	for (size_t i = 0; i < s.len; i++) {
		int d = digit64(s.p[i]);

		if (d < 0)
			return false;
		v = v << 6 | (uint32_t)d;
		if (i % 4 > 0)
			buf_u8(out, (uint8_t)(v >> (6 - 2 * (i % 4))));
	}
	return !out->bad && (s.len + pad) % 4 == 0;
}

/* what stands under @key, or in base64 under @other; false if neither does */
static bool bytes_find(const struct json_t *object, const char *key,
		       const char *other, struct buf *room,
		       struct sheaf_str *out)
{
	*out = json_text(object, key);
	if (out->p)
		return true;
	*out = json_text(object, other);
	if (!out->p || !base64(room, *out))
		return false;
	*out = (struct sheaf_str){ (const char *)room->p, room->len };
	return true;
}

/* "@-62167219201" */
static bool seconds_read(struct sheaf_str s, int64_t *sec)
{
	size_t i = s.len > 1 && s.p[1] == '-' ? 2 : 1;
	int64_t v = 0;

	if (s.len <= i || s.len > 18 || s.p[0] != '@')
		return false;
	for (; i < s.len; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		v = v * 10 + (s.p[i] - '0');
	}
	*sec = s.p[1] == '-' ? -v : v;
	return true;
}

/* "2025-02-14T02:46:13.000000001Z" */
static bool mtime_read(struct sheaf_str s, struct sheaf_time *out)
{
	const char *dot = s.len ? memchr(s.p, '.', s.len) : NULL;
	uint32_t unit = 100000000;

	out->nsec = 0;
	if (seconds_read(s, &out->sec))
		return true;
	if (!sheaf_date_parse(s, &out->sec))
		return false;
	for (size_t i = dot ? (size_t)(dot - s.p) + 1 : s.len;
	     i < s.len && s.p[i] >= '0' && s.p[i] <= '9'; i++) {
		out->nsec += (uint32_t)(s.p[i] - '0') * unit;
		unit /= 10;
	}
	return true;
}

static bool is_id_of(struct sheaf_str hex, struct sheaf_str bytes)
{
	uint8_t id[SHEAF_ID_SIZE];
	char text[SHEAF_ID_HEX + 1];

	if (hex.len != SHEAF_ID_HEX)
		return false;
	sheaf_id_of(bytes.p, bytes.len, id);
	sheaf_id_hex(id, text);
	return memcmp(text, hex.p, SHEAF_ID_HEX) == 0;
}

static bool own_find(struct jsonl_own *own, const struct json_t *object)
{
	struct sheaf_str format = json_text(object, "format"), bytes;
	struct container_item *item = &own->item;

	if (!json_says(object, "sheaf", 1) ||
	    !bytes_find(object, "text", "base64", &own->bytes, &bytes) ||
	    !is_id_of(json_text(object, "id"), bytes) ||
	    !bytes_find(object, "name", "name_base64", &own->name,
			&item->name) ||
	    item->name.len == 0)
		return false;
	item->bytes = bytes.p;
	item->len = bytes.len;
	item->has_mtime = mtime_read(json_text(object, "mtime"), &item->mtime);
	if (format.len > 0 && !memchr(format.p, '\0', format.len)) {
		buf_bytes(&own->format, format.p, format.len);
		buf_u8(&own->format, 0);
		item->format = (const char *)own->format.p;
	}
	return true;
}

enum sheaf_status jsonl_own_read(struct jsonl_own *own,
				 const struct json_t *object, bool *yes)
{
	buf_clear(&own->bytes);
	buf_clear(&own->name);
	buf_clear(&own->format);
	own->item = (struct container_item){ 0 };
	*yes = own_find(own, object);
	return own->bytes.bad || own->name.bad || own->format.bad ?
		       SHEAF_NOMEM :
		       SHEAF_OK;
}
