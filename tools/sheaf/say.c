/*
 * say.c - what the program tells on stderr
 *
 * One line a message, written in one piece, after the progress line is gone.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "progress.h"
#include "say.h"
#include "text.h"

static const char *command;

void say_set_command(const char *name)
{
	command = name;
}

/* @text, @ending: formatted, with bytes from anywhere */
static void say_line(const char *text, const char *ending)
{
	char *line = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&line, &len);

	progress_clear();
	if (!f) {
		fputs("sheaf: out of memory\n", stderr);
		return;
	}
	fputs("sheaf", f);
	if (command)
		fprintf(f, " %s", command);
	fputs(": ", f);
	text_write(f, text_str(text), TEXT_MESSAGE);
	fputs(ending, f);
	fputc('\n', f);
	if (fclose(f) == 0)
		fwrite(line, 1, len, stderr);
	free(line);
}

static void say_args(const char *fmt, va_list args, const char *ending)
{
	char *text;

	if (vasprintf(&text, fmt, args) < 0) {
		say_line("out of memory", "");
		return;
	}
	say_line(text, ending);
	free(text);
}

void say(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say_args(fmt, args, "");
	va_end(args);
}

void say_warning(const char *text, void *arg)
{
	(void)arg;
	say("%s", text);
}

int say_usage(const char *fmt, ...)
{
	char ending[64];
	va_list args;

	snprintf(ending, sizeof(ending), "; try 'sheaf %s%s--help'",
		 command ? command : "", command ? " " : "");
	va_start(args, fmt);
	say_args(fmt, args, ending);
	va_end(args);
	return STATUS_USAGE;
}

/* what the caller can do, where the library's text can't know it */
static const char *advice(enum sheaf_status status)
{
	if (status == SHEAF_CORRUPT && command && strcmp(command, "verify") &&
	    strcmp(command, "salvage"))
		return "; 'sheaf verify' tells what is damaged";
	if (status == SHEAF_BUSY)
		return "; try again when that has ended, or give --wait";
	return "";
}

static int status_of(enum sheaf_status status)
{
	switch (status) {
	case SHEAF_OK:
		return STATUS_YES;
	case SHEAF_NOT_FOUND:
	case SHEAF_CORRUPT:
		return STATUS_NO;
	default:
		return STATUS_UNKNOWN;
	}
}

/* the texts of failed system calls begin with the file's name, some others do
 */
static bool names_its_subject(const char *subject, enum sheaf_status status,
			      const char *text)
{
	size_t len = strlen(subject);

	return status == SHEAF_IO ||
	       (!strncmp(text, subject, len) && text[len] == ':');
}

int say_error(const char *subject, enum sheaf_status status,
	      const struct sheaf_error *err)
{
	const char *text = err->text[0] ? err->text : sheaf_status_name(status);

	if (names_its_subject(subject, status, text))
		say("%s%s", text, advice(status));
	else
		say("%s: %s%s", subject, text, advice(status));
	return status_of(status);
}

int say_errno(const char *subject)
{
	say("%s: %s", subject, strerror(errno));
	return STATUS_UNKNOWN;
}

int say_nomem(void)
{
	say("out of memory");
	return STATUS_UNKNOWN;
}
