/*
 * writer.c - the formats that articles are written out in, one line each
 */
#include "formats/writer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "article/date.h"
#include "formats/address.h"

/* clang-format off */
static const struct writer_format *const writers[] = {
	&writer_tar,
	&writer_tar_zst,
	&writer_zip,
	&writer_hugo,
	&writer_jsonl,
	&writer_jsonl_zst,
	&writer_csv,
	&writer_sqlite,
	&writer_warc,
	&writer_warc_1_0,
	&writer_zim,
	NULL, /* the end */
};
/* clang-format on */

const struct writer_format *writer_find(struct sheaf_str name)
{
	for (size_t i = 0; writers[i]; i++) {
		if (name.len == strlen(writers[i]->name) &&
		    memcmp(name.p, writers[i]->name, name.len) == 0)
			return writers[i];
	}
	return NULL;
}

const struct writer_format *writer_at(size_t index)
{
	return index < sizeof(writers) / sizeof(writers[0]) ? writers[index] :
							      NULL;
}

static const char *part_refuse(const char *p, size_t len)
{
	if (len == 0)
		return "its name is absolute or has an empty part";
	if (p[0] == '.' && (len == 1 || (len == 2 && p[1] == '.')))
		return "its name has a part '.' or '..'";
	return NULL;
}

const char *writer_name_refuse(struct sheaf_str name)
{
	const char *why = NULL;

	if (name.len == 0)
		return "its name is empty";
	if (memchr(name.p, '\0', name.len))
		return "its name holds a NUL";
	for (size_t at = 0; !why && at <= name.len;) {
		const char *slash = at < name.len ? memchr(name.p + at, '/',
							   name.len - at) :
						    NULL;
		size_t end = slash ? (size_t)(slash - name.p) : name.len;

		why = part_refuse(name.p + at, end - at);
		at = end + 1;
	}
	return why;
}

enum sheaf_status writer_path(struct sheaf_str *out, struct buf *room,
			      struct sheaf_str name, struct sheaf_error *err)
{
	const char *why;

	*out = name;
	if (address_is(name)) {
		address_path(room, name);
		if (room->bad)
			return fail_nomem(err);
		*out = (struct sheaf_str){ (const char *)room->p, room->len };
	}
	why = writer_name_refuse(*out);
	return why ? fail(err, SHEAF_MISUSE, "%s", why) : SHEAF_OK;
}

void writer_time(char out[WRITER_TIME_SIZE], struct sheaf_time time)
{
	char plain[21];

	date_format(time.sec, plain);
	if (plain[1] == '\0')
		snprintf(out, WRITER_TIME_SIZE, "@%" PRId64, time.sec);
	else if (time.nsec == 0)
		snprintf(out, WRITER_TIME_SIZE, "%s", plain);
	else
		snprintf(out, WRITER_TIME_SIZE, "%.19s.%09uZ", plain,
			 (unsigned int)time.nsec);
}

const char *writer_shown(const struct writer_target *target,
			 char text[FAIL_PATH_SIZE])
{
	return text_escape(text, FAIL_PATH_SIZE, target->shown,
			   strlen(target->shown));
}
