/*
 * writer.c - the formats that articles are written out in, one line each
 */
#include "formats/writer.h"

#include <string.h>

static const struct writer_format *const writers[] = {
	&writer_warc, NULL, /* the end */
};

const struct writer_format *writer_find(struct sheaf_str name)
{
	for (size_t i = 0; writers[i]; i++) {
		if (name.len == strlen(writers[i]->name) &&
		    memcmp(name.p, writers[i]->name, name.len) == 0)
			return writers[i];
	}
	return NULL;
}
