/*
 * clock.h - the time of day in a date, with its zone
 */
#ifndef SHEAF_ARTICLE_CLOCK_H
#define SHEAF_ARTICLE_CLOCK_H

#include "article/scan.h"

struct clock {
	int hour, minute, second;
	int offset; /* of the zone, minutes east; 0 where there is none */
};

/* HH:MM[:SS[.fraction]]; 24:00 is none; second 60 becomes 59, so that a leap
 * second stays in its minute */
bool clock_time(struct scan *s, struct clock *t);
/* a zone behind blanks, if there is one; false for one that is wrong */
bool clock_zone(struct scan *s, struct clock *t);

#endif
