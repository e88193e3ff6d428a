/*
 * added.h - what an add has done, in words or as JSON
 */
#ifndef SHEAF_TOOL_ADDED_H
#define SHEAF_TOOL_ADDED_H

#include <sheaf/folder.h>

struct added {
	const char *corpus; /* its path */
	bool dry_run;
	struct sheaf_folder_result in;
	struct sheaf_commit_result out; /* all zero before a commit */
};

/* one line on stdout */
void added_print(const struct added *added);
/* one JSON object on stdout */
void added_print_json(const struct added *added);

#endif
