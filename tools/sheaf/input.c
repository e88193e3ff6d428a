/*
 * input.c - the list of operands that a command reads from a file
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "input.h"
#include "say.h"

static const size_t READ_SIZE = 1 << 16;

static const char *list;
static bool null; /* a NUL ends an item of it, instead of a newline */

const struct opt input_options[] = {
	{ .kind = OPT_TEXT,
	  .name = "files-from",
	  .value = &list,
	  .arg = "FILE",
	  .help = "also the keys that FILE lists, one a line; - is\n"
		  "standard input" },
	{ .kind = OPT_FLAG,
	  .letter = '0',
	  .name = "null",
	  .value = &null,
	  .help = "a NUL byte ends each of these keys" },
	{ .kind = OPT_END },
};

const struct opt input_path_options[] = {
	{ .kind = OPT_TEXT,
	  .name = "files-from",
	  .value = &list,
	  .arg = "FILE",
	  .help = "also add the paths that FILE lists, one a line;\n"
		  "- is standard input" },
	{ .kind = OPT_FLAG,
	  .letter = '0',
	  .name = "null",
	  .value = &null,
	  .help = "a NUL byte ends each of these paths" },
	{ .kind = OPT_END },
};

const char *input_list(void)
{
	return list;
}

/* all of @f, and a NUL behind it */
static int slurp(FILE *f, const char *path, char **out, size_t *out_len)
{
	char *bytes = NULL;
	size_t len = 0, cap = 0, n;

	do {
		if (cap - len < READ_SIZE + 1) {
			size_t more = cap < SIZE_MAX / 4 ?
					      2 * cap + 2 * READ_SIZE :
					      0;
			char *p = more ? realloc(bytes, more) : NULL;

			if (!p) {
				free(bytes);
				return say_nomem();
			}
			bytes = p;
			cap = more;
		}
		errno = 0;
		n = fread(bytes + len, 1, READ_SIZE, f);
		len += n;
	} while (n > 0);
	if (ferror(f)) {
		free(bytes);
		return say_errno(path);
	}
	bytes[len] = '\0';
	*out = bytes;
	*out_len = len;
	return STATUS_YES;
}

static int read_file(const char *path, char **out, size_t *out_len)
{
	FILE *f;
	int status;

	if (!strcmp(path, "-"))
		return slurp(stdin, "standard input", out, out_len);
	f = fopen(path, "re");
	if (!f)
		return say_errno(path);
	status = slurp(f, path, out, out_len);
	fclose(f);
	return status;
}

/* end the items with NULs; returns how many are not empty */
static size_t cut(char *bytes, size_t len)
{
	size_t count = 0;
	bool empty = true;

	for (size_t i = 0; i <= len; i++) {
		if (!null && bytes[i] == '\n')
			bytes[i] = '\0';
		if (bytes[i] != '\0') {
			empty = false;
			continue;
		}
		count += !empty;
		empty = true;
	}
	return count;
}

static int collect(struct input *in, char *const *operands, size_t count,
		   size_t len)
{
	size_t lines = in->bytes ? cut(in->bytes, len) : 0;

	in->items = calloc(count + lines + 1, sizeof(*in->items));
	if (!in->items)
		return say_nomem();
	for (size_t i = 0; i < count; i++)
		in->items[in->count++] = operands[i];
	for (size_t at = 0; in->count < count + lines;) {
		const char *item = in->bytes + at;

		if (*item)
			in->items[in->count++] = item;
		at += strlen(item) + 1;
	}
	return STATUS_YES;
}

int input_read(struct input *out, char *const *operands, int count,
	       const char *path)
{
	int status = STATUS_YES;
	size_t len = 0;

	*out = (struct input){ 0 };
	if (path)
		status = read_file(path, &out->bytes, &len);
	if (status == STATUS_YES && !null && out->bytes &&
	    memchr(out->bytes, '\0', len)) {
		say("%s: holds a NUL byte; is --null missing?", path);
		status = STATUS_USAGE;
	}
	if (status == STATUS_YES)
		status = collect(out, operands, (size_t)count, len);
	if (status != STATUS_YES)
		input_done(out);
	return status;
}

void input_done(struct input *in)
{
	free(in->items);
	free(in->bytes);
	*in = (struct input){ 0 };
}
