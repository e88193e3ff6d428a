/*
 * fields.c - the fields of files, as lines of JSON
 *
 *   fields FORMAT|auto <LIST      LIST: paths, a line each
 *
 * A line for each: {"path", "format", "title", "date", "outlet", "url", "lang",
 * "categories", "tags", "warning"}; what is absent is null.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <sheaf/format.h>

static json_t *text(struct sheaf_str s)
{
	return s.len ? json_stringn(s.p, s.len) : json_null();
}

static json_t *list(const struct sheaf_str *values, size_t count)
{
	json_t *out = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(out, text(values[i]));
	return out;
}

static char *file_read(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	char *p = malloc((size_t)64 << 20);

	if (!f || !p) {
		perror(path);
		exit(3);
	}
	*len = fread(p, 1, (size_t)64 << 20, f);
	fclose(f);
	return p;
}

static void show(struct sheaf_parsed *parsed, const char *path,
		 const char *wanted)
{
	struct sheaf_str name = { path, strlen(path) };
	const struct sheaf_fields *v;
	const char *format = wanted;
	json_t *out = json_object();
	size_t len;
	char *p = file_read(path, &len);

	if (strcmp(format, "auto") == 0)
		format = sheaf_format_guess(name, p, len);
	if (sheaf_format_parse((struct sheaf_str){ format, strlen(format) }, p,
			       len, parsed, NULL) != SHEAF_OK)
		exit(3);
	v = sheaf_parsed_fields(parsed);
	json_object_set_new(out, "path", json_string_nocheck(path));
	json_object_set_new(out, "format", json_string(format));
	json_object_set_new(out, "title", text(v->title));
	json_object_set_new(out, "date",
			    v->has_date ? json_integer(v->date) : json_null());
	json_object_set_new(out, "outlet", text(v->outlet));
	json_object_set_new(out, "url", text(v->url));
	json_object_set_new(out, "lang", text(v->lang));
	json_object_set_new(out, "categories",
			    list(v->categories, v->category_count));
	json_object_set_new(out, "tags", list(v->tags, v->tag_count));
	json_object_set_new(out, "warning",
			    sheaf_parsed_warning(parsed) ?
				    json_string(sheaf_parsed_warning(parsed)) :
				    json_null());
	json_dumpf(out, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(out);
	free(p);
}

int main(int argc, char **argv)
{
	struct sheaf_parsed *parsed = sheaf_parsed_new();
	char path[4096];

	if (argc != 2 || !parsed) {
		fprintf(stderr, "usage: fields FORMAT|auto <LIST\n");
		return 2;
	}
	while (fgets(path, sizeof(path), stdin)) {
		path[strcspn(path, "\n")] = '\0';
		show(parsed, path, argv[1]);
	}
	sheaf_parsed_free(parsed);
	return 0;
}
