/*
 * main.c - sheaf COMMAND ...: find the command, read its options, run it
 */
#include <stdio.h>
#include <string.h>

#include <sheaf/sheaf.h>

#include "command.h"
#include "opt.h"
#include "out.h"
#include "say.h"

static const struct command *const commands[] = {
	&cmd_add,     &cmd_get,	    &cmd_ls,	&cmd_extract, &cmd_export,
	&cmd_log,     &cmd_similar, &cmd_info,	&cmd_verify,  &cmd_salvage,
	&cmd_compact, &cmd_rm,	    &cmd_slice,
};

enum { COMMAND_COUNT = sizeof(commands) / sizeof(*commands) };

static const struct command *find(const char *name)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

static int help_all(void)
{
	printf("usage: sheaf COMMAND CORPUS ...\n"
	       "Keep news articles in one file, compressed, every version, "
	       "each at hand.\n\n");
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		printf("  %-9s %s\n", commands[i]->name, commands[i]->summary);
	printf("  %-9s %s\n", "help", "Print the help of a command");
	printf("\n'sheaf help COMMAND' and 'sheaf COMMAND --help' tell more;"
	       " 'sheaf --version'\nprints the version.\n"
	       "Exit status: 0 yes, 1 no (absent, damaged, differs), 2 usage,"
	       " 3 could not\nfind out, or not do all of it.\n");
	return STATUS_YES;
}

static int unknown(const char *name)
{
	return say_usage("unknown %s '%s'",
			 name[0] == '-' ? "option" : "command", name);
}

static int help(int argc, char **argv)
{
	const struct command *command;

	if (argc == 0)
		return help_all();
	command = find(argv[0]);
	if (!command)
		return unknown(argv[0]);
	if (argc > 1)
		return say_usage("help takes one command");
	opt_help(command);
	return STATUS_YES;
}

static int run(const struct command *command, int argc, char **argv)
{
	int status, first;

	say_set_command(command->name);
	first = opt_parse(command, argc, argv, &status);
	if (first < 0)
		return status;
	return command->run(argv + first, argc - first);
}

static int dispatch(int argc, char **argv)
{
	const struct command *command;

	if (argc < 2)
		return say_usage("a command is missing");
	if (!strcmp(argv[1], "help"))
		return help(argc - 2, argv + 2);
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return help_all();
	if (!strcmp(argv[1], "--version")) {
		printf("sheaf %s\n", SHEAF_VERSION);
		return STATUS_YES;
	}
	command = find(argv[1]);
	if (!command)
		return unknown(argv[1]);
	return run(command, argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
	out_start();
	return out_finish(dispatch(argc, argv));
}
