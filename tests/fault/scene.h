/*
 * scene.h - what is done to a corpus while the power may fail
 */
#ifndef SHEAF_TESTS_SCENE_H
#define SHEAF_TESTS_SCENE_H

#include "fault/disk.h"
#include "fault/facts.h"
#include "fault/image.h"

/* commits of the facts that come on top of what a scene does, in turn */
enum { SCENE_NEXT = 21, SCENE_LATER = 22 };
enum { SCENE_STEPS = 3, SCENE_AFTERS = 3 };

/* the corpus at one moment */
struct moment {
	struct image file;
	bool there;
	uint64_t commit;
	size_t end; /* of its last commit */
};

struct scene;

/* something that is done to the corpus in the current folder */
struct operation {
	enum sheaf_status (*run)(const struct scene *s, uint64_t arg);
	uint64_t arg;
};

struct scene {
	const char *what;
	void (*fill)(struct facts *f);
	uint64_t before; /* commits that are there */
	bool compacted;	 /* and were compacted */
	bool torn;	 /* and a torn tail */
	bool no_tmpfile;
	bool late;		 /* blocks behind the records of its commits */
	bool again;		 /* the next writer's power fails, too */
	unsigned int step_count; /* counted by scene_record() */
	struct operation steps[SCENE_STEPS];

	/* made by scene_record() */
	struct facts facts;
	struct disk disk;
	/* after each step, and after further adds on top of it */
	struct moment moments[SCENE_STEPS + 1][SCENE_AFTERS];
};

extern struct scene scenes[];
extern const size_t scene_count;

/* plays the scene undisturbed, in the current folder */
bool scene_record(struct scene *s);
void scene_done(struct scene *s);

/* an add of the facts of @commit */
enum sheaf_status scene_add(const struct scene *s, const char *path,
			    uint64_t commit);

#endif
