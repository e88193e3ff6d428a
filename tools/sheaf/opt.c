/*
 * opt.c - the option table of a command: it parses and it prints the help
 *
 * getopt_long(3) does the parsing, over tables made from ours; its own
 * messages are off.  A row's val is its index above LONG_BASE, so that a long
 * option and its letter end in the same row.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "opt.h"
#include "say.h"

enum { OPT_MAX = 48, LONG_BASE = 256, HELP_COLUMN = 26 };

static bool help_wanted;

static const struct opt help_option[] = {
	{ .kind = OPT_FLAG,
	  .name = "help",
	  .value = &help_wanted,
	  .help = "print this and exit" },
	{ .kind = OPT_END },
};

/* all rows of a command, and what getopt_long() wants to know of them */
struct rows {
	const struct opt *row[OPT_MAX];
	int count;
	struct option longs[OPT_MAX + 1];
	char shorts[2 * OPT_MAX + 2];
};

static bool takes_arg(const struct opt *opt)
{
	return opt->kind != OPT_FLAG;
}

static int has_arg(const struct opt *opt)
{
	if (opt->kind == OPT_MAYBE)
		return optional_argument;
	return takes_arg(opt) ? required_argument : no_argument;
}

static void rows_add(struct rows *rows, const struct opt *table)
{
	for (; table->kind != OPT_END; table++) {
		if (table->kind == OPT_TABLE)
			rows_add(rows, table->table);
		else if (rows->count < OPT_MAX)
			rows->row[rows->count++] = table;
	}
}

static void rows_init(struct rows *rows, const struct command *command)
{
	size_t at = 0;

	memset(rows, 0, sizeof(*rows));
	rows_add(rows, command->options);
	rows_add(rows, help_option);
	rows->shorts[at++] = ':';
	for (int i = 0; i < rows->count; i++) {
		const struct opt *opt = rows->row[i];

		rows->longs[i] = (struct option){
			.name = opt->name,
			.has_arg = has_arg(opt),
			.val = LONG_BASE + i,
		};
		if (opt->letter == 0)
			continue;
		rows->shorts[at++] = opt->letter;
		if (takes_arg(opt))
			rows->shorts[at++] = ':';
	}
}

static const struct opt *rows_find(const struct rows *rows, int val)
{
	if (val >= LONG_BASE && val < LONG_BASE + rows->count)
		return rows->row[val - LONG_BASE];
	for (int i = 0; i < rows->count; i++)
		if (val != 0 && rows->row[i]->letter == val)
			return rows->row[i];
	return NULL;
}

static bool read_number(const struct opt *opt, const char *text)
{
	static const char units[] = "KMG";
	uint64_t *value = opt->value;
	uint64_t v;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	v = strtoull(text, &end, 10);
	if (errno != 0)
		return false;
	if (opt->kind == OPT_SIZE && *end != '\0') {
		const char *unit = strchr(units, *end);
		unsigned int shift;

		if (!unit || end[1] != '\0')
			return false;
		shift = 10 * (unsigned int)(unit - units + 1);
		if (v > UINT64_MAX >> shift)
			return false;
		v <<= shift;
		end++;
	}
	if (*end != '\0' || v < opt->min || v > opt->max)
		return false;
	*value = v;
	return true;
}

static int set_number(const struct opt *opt, const char *text)
{
	const char *units =
		opt->kind == OPT_SIZE ? "; it may end in K, M or G" : "";

	if (read_number(opt, text))
		return STATUS_YES;
	if (opt->max == UINT64_MAX)
		return say_usage("--%s: '%s' is no number from %" PRIu64
				 " up%s",
				 opt->name, text, opt->min, units);
	return say_usage("--%s: '%s' is no number from %" PRIu64 " to %" PRIu64
			 "%s",
			 opt->name, text, opt->min, opt->max, units);
}

static int set_choice(const struct opt *opt, const char *text)
{
	const char **value = opt->value;
	size_t len = strlen(text);

	for (const char *at = opt->arg; *at; at += *at == '|') {
		size_t n = strcspn(at, "|");

		if (n == len && !strncmp(at, text, n)) {
			*value = text;
			return STATUS_YES;
		}
		at += n;
	}
	return say_usage("--%s: '%s' is not one of %s", opt->name, text,
			 opt->arg);
}

static int list_add(struct opt_list *list, const char *text)
{
	const char **items =
		realloc(list->items, (list->count + 1) * sizeof(*list->items));

	if (!items)
		return say_nomem();
	list->items = items;
	list->items[list->count++] = text;
	return STATUS_YES;
}

void opt_list_done(struct opt_list *list)
{
	free(list->items);
	*list = (struct opt_list){ 0 };
}

static int set(const struct opt *opt, const char *text)
{
	switch (opt->kind) {
	case OPT_FLAG:
		*(bool *)opt->value = true;
		return STATUS_YES;
	case OPT_TEXT:
		*(const char **)opt->value = text;
		return STATUS_YES;
	case OPT_LIST:
		return list_add(opt->value, text);
	case OPT_MAYBE:
		if (text == NULL) {
			*(uint64_t *)opt->value = opt->max;
			return STATUS_YES;
		}
		return set_number(opt, text);
	case OPT_NUMBER:
	case OPT_SIZE:
		return set_number(opt, text);
	case OPT_CHOICE:
		return set_choice(opt, text);
	default:
		return STATUS_YES;
	}
}

/* how many options an abbreviation could mean */
static int meanings(const struct rows *rows, const char *name)
{
	size_t len = strcspn(name, "=");
	int count = 0;

	for (int i = 0; i < rows->count; i++)
		count += !strncmp(rows->row[i]->name, name, len);
	return count;
}

/* what getopt_long() did not like: @word, or the option optopt */
static int complain(const struct rows *rows, int got, const char *word)
{
	const struct opt *opt = rows_find(rows, optopt);

	if (got == ':' && opt)
		return say_usage("option --%s wants %s", opt->name, opt->arg);
	if (opt)
		return say_usage("option --%s takes no value", opt->name);
	if (optopt != 0)
		return say_usage("unknown option '-%c'", optopt);
	if (meanings(rows, word + 2) > 1)
		return say_usage("option '%s' is ambiguous", word);
	return say_usage("unknown option '%s'", word);
}

static int check_operands(const struct command *command, int count)
{
	if (count < command->min_operands)
		return say_usage("too few operands: sheaf %s %s", command->name,
				 command->operands);
	if (command->max_operands >= 0 && count > command->max_operands)
		return say_usage("too many operands: sheaf %s %s",
				 command->name, command->operands);
	return STATUS_YES;
}

/* getopt_long() takes "--wait=60" only; a word of digits is meant, too */
static const char *maybe_arg(const struct opt *opt, char **argv)
{
	const char *word = argv[optind];

	if (opt->kind != OPT_MAYBE || optarg || !word || !*word ||
	    word[strspn(word, "0123456789")] != '\0')
		return optarg;
	optind++;
	return word;
}

int opt_parse(const struct command *command, int argc, char **argv, int *status)
{
	struct rows rows;
	int got;

	rows_init(&rows, command);
	*status = STATUS_YES;
	opterr = 0;
	while (*status == STATUS_YES) {
		got = getopt_long(argc, argv, rows.shorts, rows.longs, NULL);
		if (got == -1)
			break;
		if (got == '?' || got == ':') {
			*status = complain(&rows, got, argv[optind - 1]);
		} else {
			const struct opt *opt = rows_find(&rows, got);

			*status = set(opt, maybe_arg(opt, argv));
		}
	}
	if (*status == STATUS_YES && help_wanted) {
		opt_help(command);
		return -1;
	}
	if (*status == STATUS_YES)
		*status = check_operands(command, argc - optind);
	return *status == STATUS_YES ? optind : -1;
}

/* "  -C, --directory DIR", then the help from HELP_COLUMN on */
static void help_row(const struct opt *opt)
{
	char left[80];
	size_t len = (size_t)snprintf(
		left, sizeof(left), "  %c%c%s --%s%s%s",
		opt->letter ? '-' : ' ', opt->letter ? opt->letter : ' ',
		opt->letter ? "," : " ", opt->name, opt->arg ? " " : "",
		opt->arg ? opt->arg : "");
	const char *help = opt->help;

	fputs(left, stdout);
	if (len + 2 > HELP_COLUMN) {
		fputc('\n', stdout);
		len = 0;
	}
	while (*help) {
		size_t n = strcspn(help, "\n");

		printf("%*s%.*s\n", (int)(HELP_COLUMN - len), "", (int)n, help);
		help += n + (help[n] == '\n');
		len = 0;
	}
}

void opt_help(const struct command *command)
{
	struct rows rows;

	rows_init(&rows, command);
	printf("usage: sheaf %s [OPTION...] %s\n%s.\n\n", command->name,
	       command->operands, command->summary);
	for (int i = 0; i < rows.count; i++)
		help_row(rows.row[i]);
	if (command->notes)
		printf("\n%s", command->notes);
}
