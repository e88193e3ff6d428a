/*
 * clock.c - the time of day in a date, with its zone
 *
 * date.c hands over what follows the day.  Nothing here asks the system for a
 * time zone: the names that are known are those of RFC 5322.
 */
#include "article/clock.h"

#include <string.h>
#include <strings.h>

bool clock_time(struct scan *s, struct clock *t)
{
	if (!scan_number(s, 1, 2, &t->hour) || !scan_take(s, ':') ||
	    !scan_number(s, 2, 2, &t->minute))
		return false;
	if (scan_take(s, ':')) {
		if (!scan_number(s, 2, 2, &t->second))
			return false;
		if (scan_take(s, '.') || scan_take(s, ',')) {
			if (!scan_is_digit(scan_peek(s)))
				return false;
			while (scan_is_digit(scan_peek(s)))
				scan_step(s, 1);
		}
	}
	if (t->second == 60)
		t->second = 59;
	return t->hour < 24 && t->minute < 60 && t->second < 60;
}

static bool zone_name(struct scan *s, int *offset)
{
	static const struct {
		const char *name;
		int hours;
	} zones[] = { { "Z", 0 },    { "UTC", 0 },  { "GMT", 0 },
		      { "UT", 0 },   { "EST", -5 }, { "EDT", -4 },
		      { "CST", -6 }, { "CDT", -5 }, { "MST", -7 },
		      { "MDT", -6 }, { "PST", -8 }, { "PDT", -7 } };
	size_t n = 0;

	while (n < s->left && scan_is_letter(s->p[n]))
		n++;
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
		if (strlen(zones[i].name) != n ||
		    strncasecmp(s->p, zones[i].name, n) != 0)
			continue;
		scan_step(s, n);
		*offset = zones[i].hours * 60;
		return true;
	}
	return false;
}

/* "+01:00", "+0100", "+01" or "+1" */
static bool zone_offset(struct scan *s, int *offset)
{
	bool west = scan_peek(s) == '-';
	int hours, minutes = 0;

	scan_step(s, 1);
	if (s->left >= 4 && scan_is_digit(s->p[1]) && scan_is_digit(s->p[2])) {
		struct scan first = { s->p, 2 };

		if (!scan_number(&first, 2, 2, &hours))
			return false;
		scan_step(s, 2);
		if (!scan_number(s, 2, 2, &minutes))
			return false;
	} else if (!scan_number(s, 1, 2, &hours)) {
		return false;
	} else if (scan_take(s, ':') && !scan_number(s, 2, 2, &minutes)) {
		return false;
	}
	if (hours > 23 || minutes > 59)
		return false;
	*offset = hours * 60 + minutes;
	if (west)
		*offset = -*offset;
	return true;
}

/* what Go and mailers write behind an offset: " MST", " +01", " (UTC)" */
static void zone_comment(struct scan *s)
{
	struct scan ahead = *s;
	bool paren;
	size_t n = 0;

	if (!scan_blanks(&ahead))
		return;
	paren = scan_take(&ahead, '(');
	if (!paren && (scan_peek(&ahead) == '+' || scan_peek(&ahead) == '-')) {
		int ignored;

		if (zone_offset(&ahead, &ignored))
			*s = ahead;
		return;
	}
	while (scan_is_letter(scan_peek(&ahead)) && n++ < 5)
		scan_step(&ahead, 1);
	if (n >= 1 && n <= 5 && (!paren || scan_take(&ahead, ')')))
		*s = ahead;
}

bool clock_zone(struct scan *s, struct clock *t)
{
	struct scan ahead = *s;

	scan_blanks(&ahead);
	if (scan_peek(&ahead) == '+' || scan_peek(&ahead) == '-') {
		if (!zone_offset(&ahead, &t->offset))
			return false;
		*s = ahead;
		zone_comment(s);
	} else if (scan_is_letter(scan_peek(&ahead))) {
		if (!zone_name(&ahead, &t->offset))
			return false;
		*s = ahead;
	}
	return true;
}
