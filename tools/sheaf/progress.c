/*
 * progress.c - the line that tells how far a long command is
 *
 * Redrawn ten times a second at most, only on a terminal.  There is one
 * terminal, hence one state; say.c clears the line before it writes.
 */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "progress.h"
#include "stop.h"
#include "text.h"

enum { REDRAW_MS = 100 };

static struct {
	bool wanted; /* by the user, on a terminal */
	bool shown;  /* the line stands there now */
	const char *what;
	uint64_t start, last; /* milliseconds */
} line;

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void progress_start(const char *what, bool wanted)
{
	line.wanted = wanted && isatty(STDERR_FILENO);
	line.what = what;
	line.start = now_ms();
	line.last = 0;
}

void progress_clear(void)
{
	if (line.shown)
		fputs("\r\033[K", stderr);
	line.shown = false;
}

/* whether it is time to draw; *elapsed since the start, milliseconds */
static bool due(uint64_t *elapsed)
{
	uint64_t now;

	if (!line.wanted)
		return false;
	now = now_ms();
	if (line.last != 0 && now - line.last < REDRAW_MS)
		return false;
	line.last = now;
	*elapsed = now - line.start;
	return true;
}

/* ", 31.0 MB/s", after a second also ", 00:12 left" */
static void draw_rate(uint64_t bytes, double share, uint64_t elapsed)
{
	double seconds = (double)elapsed / 1000;
	char text[TEXT_SIZE];

	if (elapsed < 500)
		return;
	fprintf(stderr, ", %s/s",
		text_bytes(text, (uint64_t)((double)bytes / seconds)));
	if (share > 0 && share < 1 && elapsed >= 1000)
		fprintf(stderr, ", %s left",
			text_span(text, (uint64_t)(seconds / share - seconds)));
}

static void draw_end(void)
{
	fputs("\033[K", stderr);
	fflush(stderr);
	line.shown = true;
}

void progress_files(uint64_t files, uint64_t bytes, uint64_t total_files)
{
	char a[TEXT_SIZE], b[TEXT_SIZE];
	uint64_t elapsed;
	double share = 0;

	if (!due(&elapsed))
		return;
	if (total_files > 0) {
		share = (double)files / (double)total_files;
		fprintf(stderr, "\r%s: %s of %s", line.what,
			text_number(a, files),
			text_count(b, total_files, "file"));
	} else {
		fprintf(stderr, "\r%s: %s", line.what,
			text_count(a, files, "file"));
	}
	fprintf(stderr, ", %s", text_bytes(a, bytes));
	draw_rate(bytes, share, elapsed);
	draw_end();
}

void progress_bytes(uint64_t done, uint64_t total)
{
	char a[TEXT_SIZE], b[TEXT_SIZE];
	uint64_t elapsed;

	if (!due(&elapsed))
		return;
	fprintf(stderr, "\r%s: %s of %s", line.what, text_bytes(a, done),
		text_bytes(b, total));
	draw_rate(done, total ? (double)done / (double)total : 0, elapsed);
	draw_end();
}

int progress_on_files(uint64_t files, uint64_t bytes, uint64_t total_files,
		      void *arg)
{
	(void)arg;
	progress_files(files, bytes, total_files);
	return stop_signal();
}

int progress_on_bytes(uint64_t done, uint64_t total, void *arg)
{
	(void)arg;
	progress_bytes(done, total);
	return stop_signal();
}

void progress_step(const char *what)
{
	if (!line.wanted)
		return;
	fprintf(stderr, "\r%s ...", what);
	draw_end();
}
