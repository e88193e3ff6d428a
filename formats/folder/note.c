/*
 * note.c - one line on one file, for whoever wants to hear it
 *
 * Names come from disks and from hostile corpora and the line may end on a
 * terminal, so they are escaped; they are the part that is cut.
 */
#include "formats/folder/folder.h"

#include <stdio.h>
#include <string.h>

#include "base/fail.h"

enum {
	NAME_SHOWN = 600, /* bytes of a name, escaped */
	LINE_MAX_LEN = 900,
};

void folder_note(const struct folder_notes *notes, struct sheaf_str name,
		 int sys_errno, const char *text)
{
	char shown[NAME_SHOWN], line[LINE_MAX_LEN], raw[64];

	if (!notes->fn)
		return;
	text_escape(shown, sizeof(shown), name.p, name.len);
	if (sys_errno)
		snprintf(line, sizeof(line), "%s: %s: %s", shown, text,
			 strerror_r(sys_errno, raw, sizeof(raw)));
	else
		snprintf(line, sizeof(line), "%s: %s", shown, text);
	notes->fn(line, notes->arg);
}
