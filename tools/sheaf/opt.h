/*
 * opt.h - the option table of a command: it parses and it prints the help
 */
#ifndef SHEAF_TOOL_OPT_H
#define SHEAF_TOOL_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct command;

enum opt_kind {
	OPT_END,    /* the table's last row */
	OPT_FLAG,   /* bool */
	OPT_TEXT,   /* const char * */
	OPT_LIST,   /* struct opt_list; may be given again */
	OPT_NUMBER, /* uint64_t, min to max */
	OPT_SIZE,   /* the same, and a number may end in K, M or G */
	OPT_MAYBE,  /* an OPT_NUMBER, which may be left out: max then */
	OPT_CHOICE, /* const char *, one of those that arg lists: "a|b|c" */
	OPT_TABLE,  /* the rows of another table, see value */
};

/* one row; the value keeps what it was set to before where the option is not
 * given */
struct opt {
	enum opt_kind kind;
	char letter;	  /* 0: none */
	const char *name; /* without "--" */
	void *value;	  /* of the type that the kind says */
	const char *arg;  /* what the help calls the argument */
	const char *help; /* one line, or several with '\n' between */
	uint64_t min, max;
	const struct opt *table; /* for OPT_TABLE */
};

/* points into the command line */
struct opt_list {
	const char **items; /* owned */
	size_t count;
};

void opt_list_done(struct opt_list *list);

/*
 * opt_parse() - read the options of @command, which may stand anywhere
 * @argv: argv[0] is the command's name; reordered, the operands last
 *
 * Returns the index of the first operand; or -1 when the command is not to
 * run: *status is what to exit with then, the help or a message was printed.
 */
int opt_parse(const struct command *command, int argc, char **argv,
	      int *status);

/* the usage, the options and the notes of @command, on stdout */
void opt_help(const struct command *command);

#endif
