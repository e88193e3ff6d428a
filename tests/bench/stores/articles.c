/*
 * articles.c - the list of articles, and the bytes of one
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store.h"

#define CACHE_LINE 64

void die(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s: ", store.name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

void *must_alloc(void *p, size_t size)
{
	p = realloc(p, size != 0 ? size : 1);
	if (p == NULL)
		die("out of memory");
	return p;
}

static char *file_text(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	char *text = NULL;
	size_t cap = 0, got;

	if (f == NULL)
		die("%s: %s", path, strerror(errno));
	*len = 0;
	do {
		if (cap - *len < 2) {
			cap = cap != 0 ? cap * 2 : (size_t)1 << 20;
			text = must_alloc(text, cap);
		}
		got = fread(text + *len, 1, cap - *len - 1, f);
		*len += got;
	} while (got != 0);
	fclose(f);
	text[*len] = '\0';
	return text;
}

static unsigned int digit(char c)
{
	return (unsigned int)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static void article_parse(struct article *a, char *line)
{
	char *rest;

	for (size_t i = 0; i < ID_SIZE; i++)
		a->id[i] = (uint8_t)(digit(line[2 * i]) << 4 |
				     digit(line[2 * i + 1]));
	a->len = strtoul(line + 2 * ID_SIZE, &rest, 10);
	a->name = *rest == ' ' ? rest + 1 : rest;
}

void articles_read(struct articles *out, const char *path)
{
	size_t len, cap = 0;

	out->text = file_text(path, &len);
	out->all = NULL;
	out->count = 0;
	for (char *p = out->text, *end; (end = strchr(p, '\n')); p = end + 1) {
		*end = '\0';
		if (end - p < 2 * ID_SIZE + 2)
			die("%s: a line is too short", path);
		if (out->count == cap) {
			cap = cap != 0 ? cap * 2 : 1024;
			out->all =
				must_alloc(out->all, cap * sizeof(*out->all));
		}
		article_parse(&out->all[out->count++], p);
	}
	if (out->count == 0)
		die("%s: no articles", path);
}

void articles_done(struct articles *articles)
{
	free(articles->all);
	free(articles->text);
}

uint8_t *value_room(struct value *value, size_t len)
{
	if (value->p == NULL || value->cap < len) {
		value->cap = len + len / 2 + 4096;
		value->p = must_alloc(value->p, value->cap);
	}
	value->len = len;
	return value->p;
}

void value_set(struct value *value, const void *p, size_t len)
{
	uint8_t *to = value_room(value, len);

	if (len != 0)
		memcpy(to, p, len);
}

void value_read_file(struct value *value, int tree, const char *name)
{
	int fd = openat(tree, name, O_RDONLY | O_CLOEXEC);
	struct stat st;
	ssize_t got;

	if (fd < 0 || fstat(fd, &st) != 0)
		die("%s: %s", name, strerror(errno));
	value_room(value, (size_t)st.st_size);
	got = read(fd, value->p, value->len);
	if (got < 0 || (size_t)got != value->len)
		die("%s: can't be read whole", name);
	close(fd);
}

uint64_t touch(const void *p, size_t len)
{
	const volatile uint8_t *bytes = p;
	uint64_t sum = 0;

	for (size_t i = 0; i < len; i += CACHE_LINE)
		sum += bytes[i];
	return sum;
}
