/*
 * date.c - the forms of dates that posts, feeds and people use
 *
 * Readers of formats call sheaf_date_parse() for a post's date, the program
 * for --since and --until.  Nothing here asks the system for a time zone: a
 * date without one is UTC, wherever it is read.
 *
 * Read:    2006-01-02 or 2006/01/02, then 'T' or blanks and 15:04[:05[.5]],
 *          then a zone; months, days and hours may have one digit;
 *          [Mon,] 2 Jan 2006 [time [zone]], or 02-Jan-2006 (RFC 5322);
 *          [Mon] Jan 2[,] 2006 [time [zone]];
 *          Mon Jan 2 15:04:05 [zone] 2006 (ctime, date(1), Ruby).
 * Zones:   Z, +01:00, +0100, +1, UTC, GMT, UT, the eight of North America that
 *          RFC 5322 names; behind an offset a name or "(name)" is passed over,
 *          as Go prints one.
 * Refused: all that is no day of the calendar, two-digit years, 24:00, zones
 *          by other names, anything left over.  A leap second, 60, is read as
 *          59: it stays in its minute and its day.
 * Fractions are dropped.  Years are 1 to 9999, in UTC too.
 */
#include "article/date.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "article/clock.h"

enum {
	YEAR_MAX = 9999,
	NAME_MAX_LEN = 9, /* of a month or weekday, letters */
	DAY_SECONDS = 86400,
	/* days from 0000-03-01 to 1970-01-01, and in 400 years */
	EPOCH_DAYS = 719468,
	ERA_DAYS = 146097,
};

struct civil {
	int year, month, day;
	struct clock time;
};

/* a run of letters that is a name of the table, or its first three letters */
static bool named(struct scan *s, const char *const *names, int count, int *out)
{
	size_t n = 0;

	while (n < s->left && scan_is_letter(s->p[n]))
		n++;
	if (n < 3 || n > NAME_MAX_LEN)
		return false;
	for (int i = 0; i < count; i++) {
		if (n != 3 && n != strlen(names[i]))
			continue;
		if (strncasecmp(s->p, names[i], n) != 0)
			continue;
		scan_step(s, n);
		scan_take(s, '.');
		*out = i;
		return true;
	}
	return false;
}

static bool month_name(struct scan *s, int *month)
{
	static const char *const names[] = { "January", "February", "March",
					     "April",	"May",	    "June",
					     "July",	"August",   "September",
					     "October", "November", "December",
					     "Sept" };
	int i;

	if (!named(s, names, 13, &i))
		return false;
	*month = i == 12 ? 9 : i + 1;
	return true;
}

/* a weekday and its comma, if there is one; whether it is true nobody checks */
static void weekday(struct scan *s)
{
	static const char *const names[] = { "Monday",	 "Tuesday", "Wednesday",
					     "Thursday", "Friday",  "Saturday",
					     "Sunday" };
	int ignored;

	if (named(s, names, 7, &ignored)) {
		scan_take(s, ',');
		scan_blanks(s);
	}
}

/* nothing more, or a separator, a time and a zone */
static bool rest_time(struct scan *s, struct civil *t)
{
	if (s->left == 0)
		return true;
	if (!scan_take(s, 'T') && !scan_take(s, 't')) {
		scan_take(s, ',');
		if (!scan_blanks(s))
			return false;
	}
	return clock_time(s, &t->time) && clock_zone(s, &t->time);
}

/* 2006-01-02, 2006/01/02 */
static bool iso_date(struct scan *s, struct civil *t)
{
	char sep;

	if (!scan_number(s, 4, 4, &t->year))
		return false;
	sep = scan_peek(s);
	if (sep != '-' && sep != '/')
		return false;
	scan_step(s, 1);
	return scan_number(s, 1, 2, &t->month) && scan_take(s, sep) &&
	       scan_number(s, 1, 2, &t->day) && rest_time(s, t);
}

/* 2 Jan 2006, 02-Jan-2006 */
static bool day_first(struct scan *s, struct civil *t)
{
	char sep;

	if (!scan_number(s, 1, 2, &t->day))
		return false;
	sep = scan_peek(s);
	if (sep == '-')
		scan_step(s, 1);
	else if (!scan_blanks(s))
		return false;
	if (!month_name(s, &t->month))
		return false;
	if (sep == '-' ? !scan_take(s, '-') : !scan_blanks(s))
		return false;
	return scan_number(s, 4, 4, &t->year) && rest_time(s, t);
}

/* Jan 2, 2006 [time [zone]] or Jan 2 15:04:05 [zone] 2006 */
static bool month_first(struct scan *s, struct civil *t)
{
	struct scan ahead;
	bool comma;

	if (!month_name(s, &t->month) || !scan_blanks(s) ||
	    !scan_number(s, 1, 2, &t->day))
		return false;
	comma = scan_take(s, ',');
	if (!scan_blanks(s))
		return false;
	ahead = *s;
	if (scan_number(&ahead, 4, 4, &t->year)) {
		*s = ahead;
		return rest_time(s, t);
	}
	return !comma && clock_time(s, &t->time) && clock_zone(s, &t->time) &&
	       scan_blanks(s) && scan_number(s, 4, 4, &t->year);
}

static bool is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static bool day_exists(const struct civil *t)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30,
				    31, 31, 30, 31, 30, 31 };

	if (t->year < 1 || t->year > YEAR_MAX || t->month < 1 || t->month > 12)
		return false;
	return t->day >= 1 && t->day <= days[t->month - 1] + (t->month == 2 &&
							      is_leap(t->year));
}

/* years begin in March here, so that a leap day is a year's last */
int64_t date_from_civil(int year, int month, int day, int hour, int minute,
			int second)
{
	int64_t y = month <= 2 ? (int64_t)year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t in_era = y - era * 400;
	int64_t in_year =
		(153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	int64_t days = era * ERA_DAYS + in_era * 365 + in_era / 4 -
		       in_era / 100 + in_year - EPOCH_DAYS;

	return days * DAY_SECONDS + ((int64_t)hour * 60 + minute) * 60 + second;
}

bool sheaf_date_parse(struct sheaf_str text, int64_t *sec)
{
	struct scan s = { text.p, text.len };
	struct civil t = { 0 };
	int64_t v;
	bool ok;

	while (s.left && scan_is_blank(s.p[s.left - 1]))
		s.left--;
	scan_blanks(&s);
	if (s.left >= 5 && scan_is_digit(s.p[2])) {
		ok = iso_date(&s, &t);
	} else {
		weekday(&s);
		ok = scan_is_digit(scan_peek(&s)) ? day_first(&s, &t) :
						    month_first(&s, &t);
	}
	if (!ok || s.left > 0 || !day_exists(&t))
		return false;
	v = date_from_civil(t.year, t.month, t.day, t.time.hour, t.time.minute,
			    t.time.second) -
	    (int64_t)t.time.offset * 60;
	if (v < date_from_civil(1, 1, 1, 0, 0, 0) ||
	    v >= date_from_civil(YEAR_MAX + 1, 1, 1, 0, 0, 0))
		return false;
	*sec = v;
	return true;
}

void date_format(int64_t sec, char out[21])
{
	int64_t days = sec / DAY_SECONDS, rest = sec % DAY_SECONDS;
	int64_t era, in_era, year, in_year, month;

	if (sec < date_from_civil(0, 1, 1, 0, 0, 0) ||
	    sec >= date_from_civil(YEAR_MAX + 1, 1, 1, 0, 0, 0)) {
		memcpy(out, "-", 2);
		return;
	}
	if (rest < 0) {
		rest += DAY_SECONDS;
		days--;
	}
	days += EPOCH_DAYS;
	era = (days >= 0 ? days : days - (ERA_DAYS - 1)) / ERA_DAYS;
	in_era = days - era * ERA_DAYS;
	year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) /
	       365;
	in_year = in_era - (365 * year + year / 4 - year / 100);
	month = (5 * in_year + 2) / 153;
	snprintf(out, 21, "%04u-%02u-%02uT%02u:%02u:%02uZ",
		 (unsigned int)(year + era * 400 + (month >= 10)) % 10000U,
		 (unsigned int)(month < 10 ? month + 3 : month - 9) % 100U,
		 (unsigned int)(in_year - (153 * month + 2) / 5 + 1) % 100U,
		 (unsigned int)(rest / 3600) % 100U,
		 (unsigned int)(rest / 60 % 60) % 100U,
		 (unsigned int)(rest % 60) % 100U);
}
