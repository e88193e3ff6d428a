/*
 * read.c - folders of files into a writer
 *
 * The program calls sheaf_folder_add() between sheaf_writer_open() and
 * sheaf_writer_commit().  All paths are looked at before the first is walked,
 * so that a mistyped one costs nothing.
 */
#include "formats/folder/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sheaf/format.h>

#include "base/fail.h"
#include "formats/dataset.h"

static enum sheaf_status format_check(struct folder_add *add,
				      struct sheaf_error *err)
{
	const char *format = add->options->format;
	const char *map = add->options->field_map;
	struct dataset dataset;
	char shown[64];

	if (map) {
		enum sheaf_status st = dataset_init(
			&dataset, (struct sheaf_str){ map, strlen(map) }, err);

		if (st != SHEAF_OK)
			return st;
		dataset_done(&dataset);
	}
	if (!format)
		return SHEAF_OK;
	add->container =
		container_find((struct sheaf_str){ format, strlen(format) });
	if (!add->container)
		add->format = sheaf_format_find(
			(struct sheaf_str){ format, strlen(format) });
	if (add->container || add->format)
		return SHEAF_OK;
	text_escape(shown, sizeof(shown), format, strlen(format));
	return fail(err, SHEAF_MISUSE, "no format is called %s", shown);
}

static bool is_stdin(const struct folder_add *add, const char *path)
{
	return add->options->stdin_name && strcmp(path, "-") == 0;
}

/* can it be named, and is it there */
static enum sheaf_status path_check(struct folder_add *add, const char *path,
				    struct sheaf_error *err)
{
	enum sheaf_status st;
	char shown[100];
	struct stat sb;

	if (is_stdin(add, path))
		return SHEAF_OK;
	st = folder_name_of(&add->name, path, add->options->base, err);
	if (st != SHEAF_OK)
		return st;
	text_escape(shown, sizeof(shown), path, strlen(path));
	if (stat(path, &sb) != 0) {
		if (errno == ENOENT || errno == ENOTDIR)
			return fail(err, SHEAF_NOT_FOUND, "%s does not exist",
				    shown);
		return fail_io(err, errno, "%s", shown);
	}
	if (add->name.len == 0 && !S_ISDIR(sb.st_mode))
		return fail(err, SHEAF_MISUSE,
			    "%s is the base itself, and no folder", shown);
	return SHEAF_OK;
}

static enum sheaf_status path_add(struct folder_add *add, const char *path,
				  struct sheaf_error *err)
{
	enum sheaf_status st;
	struct stat sb;
	int fd;

	if (is_stdin(add, path))
		return folder_add_stdin(add, err);
	st = folder_name_of(&add->name, path, add->options->base, err);
	if (st != SHEAF_OK)
		return st;
	if (add->name.len > SHEAF_NAME_MAX) {
		folder_add_failed(add, 0, "the name is too long");
		return SHEAF_OK;
	}
	if (folder_name_depth(folder_add_name(add)) > FOLDER_DEPTH_MAX) {
		folder_add_failed(add, 0, "more than 256 levels deep");
		return SHEAF_OK;
	}
	if (stat(path, &sb) == 0 && !S_ISDIR(sb.st_mode) &&
	    !S_ISREG(sb.st_mode)) {
		if (S_ISFIFO(sb.st_mode)) /* <(curl ...) of a shell */
			folder_add_failed(add, 0,
					  "a pipe: give it as standard input, "
					  "and - as its PATH");
		else
			folder_add_skipped(add, "no regular file");
		return SHEAF_OK;
	}
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &sb) != 0) {
		folder_add_failed(add, errno, "cannot be opened");
		if (fd >= 0)
			close(fd);
		return SHEAF_OK;
	}
	return S_ISDIR(sb.st_mode) ? folder_add_walk(add, fd, err) :
				     folder_add_file(add, fd, err);
}

enum sheaf_status sheaf_folder_add(struct sheaf_writer *writer,
				   const char *const *paths, size_t count,
				   const struct sheaf_folder_options *options,
				   struct sheaf_folder_result *result,
				   struct sheaf_error *err)
{
	static const struct sheaf_folder_options defaults;
	const struct sheaf_folder_options *o = options ? options : &defaults;
	struct sheaf_folder_result unwanted;
	struct folder_add add = { .writer = writer,
				  .options = o,
				  .result = result ? result : &unwanted,
				  .notes = { o->on_warning, o->arg } };
	enum sheaf_status st;

	*add.result = (struct sheaf_folder_result){ 0 };
	st = format_check(&add, err);
	for (size_t i = 0; st == SHEAF_OK && i < count; i++)
		st = path_check(&add, paths[i], err);
	if (st == SHEAF_OK) {
		add.parsed = sheaf_parsed_new();
		if (!add.parsed)
			st = fail_nomem(err);
	}
	for (size_t i = 0; st == SHEAF_OK && i < count; i++)
		st = path_add(&add, paths[i], err);
	sheaf_parsed_free(add.parsed);
	buf_done(&add.name);
	buf_done(&add.bytes);
	buf_done(&add.member);
	return st;
}
