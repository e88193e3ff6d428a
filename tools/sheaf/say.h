/*
 * say.h - what the program tells on stderr
 */
#ifndef SHEAF_TOOL_SAY_H
#define SHEAF_TOOL_SAY_H

#include <sheaf/error.h>

/* the subcommand that messages begin with; NULL: only "sheaf" */
void say_set_command(const char *name);

/*
 * say() - one line: "sheaf get: TEXT"
 *
 * Control bytes are escaped, whatever part of it they stand in.
 */
void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* say() as an on_warning of the library's */
void say_warning(const char *text, void *arg);

/* say() of what is wrong with the command line; returns STATUS_USAGE */
int say_usage(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * say_error() - one line on a call of the library that failed
 * @subject: the corpus, key or file that it was about; left out where the
 *           text names the file
 *
 * Returns the exit status that @status means.
 */
int say_error(const char *subject, enum sheaf_status status,
	      const struct sheaf_error *err);

/* say_error() for a system call: "SUBJECT: strerror"; STATUS_UNKNOWN */
int say_errno(const char *subject);
/* for an allocation that failed; STATUS_UNKNOWN */
int say_nomem(void);

#endif
