/*
 * command.h - what every subcommand of the program is
 */
#ifndef SHEAF_TOOL_COMMAND_H
#define SHEAF_TOOL_COMMAND_H

struct opt;

/* the exit status of every command */
enum {
	STATUS_YES = 0,
	STATUS_NO = 1,	    /* absent, damaged, differs */
	STATUS_USAGE = 2,   /* the command line is wrong */
	STATUS_UNKNOWN = 3, /* could not find out, or not do all of it */
};

struct command {
	const char *name;
	const char *operands; /* as the help shows them */
	const char *summary;  /* one line */
	const char *notes;    /* further lines of the help, or NULL */
	const struct opt *options;
	int min_operands;
	int max_operands; /* -1: any number */
	/* operands[count] is NULL; returns the exit status */
	int (*run)(char **operands, int count);
};

extern const struct command cmd_add;
extern const struct command cmd_get;
extern const struct command cmd_ls;
extern const struct command cmd_extract;
extern const struct command cmd_log;
extern const struct command cmd_similar;
extern const struct command cmd_info;
extern const struct command cmd_verify;
extern const struct command cmd_compact;
extern const struct command cmd_export;
extern const struct command cmd_slice;
extern const struct command cmd_rm;
extern const struct command cmd_salvage;

#endif
