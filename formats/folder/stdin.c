/*
 * stdin.c - standard input: a container, or one article
 *
 * A container is read as it comes.  One article is read whole, and needs a
 * name; its bytes are those that came, so what is compressed and no container
 * must be a file, which can be read from its start again.
 */
#include "formats/folder/folder.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fail.h"

/* into add->bytes, at most one byte more than an article may have */
static enum sheaf_status all_read(struct folder_add *add, struct stream *in,
				  struct sheaf_error *err)
{
	enum sheaf_status st = SHEAF_OK;
	const uint8_t *p;
	size_t len = 1;

	buf_clear(&add->bytes);
	while (st == SHEAF_OK && len > 0 &&
	       add->bytes.len <= SHEAF_ARTICLE_MAX) {
		st = stream_next(in, &p, &len, err);
		if (st == SHEAF_OK)
			buf_bytes(&add->bytes, p, len);
	}
	return add->bytes.bad ? fail_nomem(err) : st;
}

static enum sheaf_status article_add(struct folder_add *add, struct stream *in,
				     const struct stat *sb,
				     struct sheaf_error *err)
{
	struct sheaf_article a = { .name = folder_add_name(add),
				   .mtime = folder_mtime(sb),
				   .format = add->format };
	struct sheaf_error why = { 0 };
	enum sheaf_status st;

	if (add->options->stdin_name[0] == '\0') {
		fail(&why, SHEAF_MISUSE,
		     "neither an archive nor another file of articles; to "
		     "store it as one, give --stdin-name NAME");
		return folder_input_failed(add, &why, err);
	}
	st = all_read(add, in, &why);
	if (st == SHEAF_NOMEM)
		return fail_nomem(err);
	if (st != SHEAF_OK)
		return folder_input_failed(add, &why, err);
	if (add->bytes.len > SHEAF_ARTICLE_MAX) {
		folder_add_failed(add, 0, "larger than 64 MiB");
		return SHEAF_OK;
	}
	a.bytes = add->bytes.p;
	a.len = add->bytes.len;
	return folder_add_article(add, &a, err);
}

/* no container, and @in has its compression off */
static enum sheaf_status compressed_add(struct folder_add *add, off_t start,
					const struct stat *sb,
					struct sheaf_error *err)
{
	struct sheaf_error why = { 0 };
	struct stream *in;
	enum sheaf_status st;

	if (start < 0 || lseek(STDIN_FILENO, start, SEEK_SET) < 0) {
		fail(&why, SHEAF_UNSUPPORTED,
		     "compressed, and no archive: give it as a file");
		return folder_input_failed(add, &why, err);
	}
	st = stream_open(&in, STDIN_FILENO, true, &why);
	if (st == SHEAF_NOMEM)
		return fail_nomem(err);
	if (st != SHEAF_OK)
		return folder_input_failed(add, &why, err);
	st = article_add(add, in, sb, err);
	stream_close(in);
	return st;
}

/* what has no name, and came damaged or not at all, needs none */
static enum sheaf_status head_check(struct folder_add *add, struct stream *in,
				    struct sheaf_error *err)
{
	struct sheaf_error why = { 0 };
	const uint8_t *p;
	size_t len;
	enum sheaf_status st;

	if (add->options->stdin_name[0] != '\0')
		return SHEAF_OK;
	st = stream_peek(in, &p, &len, &why);
	if (st == SHEAF_NOMEM)
		return fail_nomem(err);
	if (st == SHEAF_OK && len == 0)
		st = fail(&why, SHEAF_CORRUPT, "empty");
	return st == SHEAF_OK ? st : folder_input_failed(add, &why, err);
}

static enum sheaf_status input_add(struct folder_add *add,
				   const struct stat *sb,
				   struct sheaf_error *err)
{
	off_t start = lseek(STDIN_FILENO, 0, SEEK_CUR);
	struct sheaf_error why = { 0 };
	bool taken, plain;
	struct stream *in;
	enum sheaf_status st;

	/* with a format of articles, its bytes are not looked into */
	st = stream_open(&in, STDIN_FILENO, add->format != NULL, &why);
	if (st == SHEAF_NOMEM)
		return fail_nomem(err);
	if (st != SHEAF_OK)
		return folder_input_failed(add, &why, err);
	st = folder_contain(add, in, sb, &taken, err);
	plain = stream_is_plain(in);
	if (st == SHEAF_OK && !taken)
		st = head_check(add, in, err);
	if (st == SHEAF_OK && !taken && plain)
		st = article_add(add, in, sb, err);
	stream_close(in);
	if (st == SHEAF_OK && !taken && !plain)
		st = compressed_add(add, start, sb, err);
	return st;
}

enum sheaf_status folder_add_stdin(struct folder_add *add,
				   struct sheaf_error *err)
{
	const char *name = add->options->stdin_name;
	struct stat sb;

	buf_clear(&add->name);
	buf_bytes(&add->name, name[0] ? name : "stdin",
		  name[0] ? strlen(name) : 5);
	if (add->name.bad)
		return fail_nomem(err);
	if (fstat(STDIN_FILENO, &sb) != 0)
		return fail_io(err, errno, "standard input");
	if (S_ISDIR(sb.st_mode))
		return fail(err, SHEAF_MISUSE, "standard input is a folder");
	return input_add(add, &sb, err);
}
