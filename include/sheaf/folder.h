/*
 * sheaf/folder.h - folders of files: into a writer, and out of a corpus
 */
#ifndef SHEAF_FOLDER_H
#define SHEAF_FOLDER_H

#include <sheaf/corpus.h>
#include <sheaf/writer.h>

#ifdef __cplusplus
extern "C" {
#endif

/* what happened to one file; @text is one printable line */
typedef void sheaf_note_fn(const char *text, void *arg);
/* non-zero stops with SHEAF_CANCELLED; totals are 0 while unknown */
typedef int sheaf_file_progress_fn(uint64_t files, uint64_t bytes,
				   uint64_t total_files, void *arg);

struct sheaf_folder_options {
	const char *base;   /* names are relative to this folder; NULL: to the
			       working folder */
	const char *format; /* of an article or a container; NULL: guessed for
			       each file */
	/* "text=content,url=link": what the fields of JSON Lines and of CSV
	 * are called; NULL: the usual names */
	const char *field_map;
	uint64_t max_article; /* bytes of a container's article; 0: 64 MiB */
	uint64_t max_total;   /* bytes of all articles of a container; 0: no
				 bound */
	/*
	 * a path that is "-" is standard input, a container, or one article
	 * under this name; "": a container only, which is called "stdin".
	 * NULL: "-" is a path as any other.
	 */
	const char *stdin_name;
	sheaf_note_fn *on_warning; /* skipped, unreadable, changed while read,
				      bad fields */
	sheaf_file_progress_fn *on_progress;
	void *arg;
	/* a file to pass over without a word: the corpus itself, where it lies
	 * in what is added; 0 and 0: none */
	uint64_t skip_dev, skip_ino;
};

struct sheaf_folder_result {
	uint64_t files; /* given to the writer, members of containers too, not
			   hidden records (sheaf_format_hides()) */
	uint64_t bytes;
	uint64_t containers; /* files that were read as such */
	uint64_t skipped; /* links and special files; extract: existing ones */
	uint64_t
		failed; /* unreadable, vanished, changed while read, too long */
	uint64_t warnings; /* files whose fields could not all be read */
	/* what ended it is one file, which the error's text names: a damaged
	 * archive, say */
	bool input_failed;
};

/*
 * sheaf_folder_add() - every regular file below @paths
 * @options: NULL for the defaults
 * @result:  what was done, also on failure; may be NULL
 *
 * A file that holds many articles (an archive, JSON Lines; told by its content
 * unless the options name a format) is read through, and each article given to
 * the writer; it is not stored itself.
 *
 * The paths in the order given, below each the files in the bytewise order of
 * their names.  Symbolic links below a path are not followed, a path that is
 * one is.  A file that can't be read, or changes meanwhile, is not stored: a
 * warning, and counted in failed; so is a folder more than 256 levels deep.
 *
 * A name is the path without leading "/" and "./" and, as tar has it, without
 * all up to its last "..".  With a base it is what follows the base, both taken
 * from the working folder and ".." resolved by the text alone.
 *
 * A container that is damaged, cut short, encrypted, changed meanwhile or
 * larger than max_total ends the call, and the writer is to be dropped: half of
 * it may have been given.
 *
 * Returns SHEAF_OK; SHEAF_CORRUPT, SHEAF_LIMIT, SHEAF_UNSUPPORTED (a container;
 * input_failed is set); SHEAF_NOT_FOUND (a path does not exist) and
 * SHEAF_MISUSE (a path not below the base, an unknown format), both before
 * anything is added; SHEAF_CANCELLED, SHEAF_IO, SHEAF_NOMEM, or what
 * sheaf_writer_add() ends with.
 */
SHEAF_API enum sheaf_status
sheaf_folder_add(struct sheaf_writer *writer, const char *const *paths,
		 size_t count, const struct sheaf_folder_options *options,
		 struct sheaf_folder_result *result, struct sheaf_error *err);

struct sheaf_extract_options {
	bool overwrite; /* replace files that exist; else they are skipped with
			   a warning */
	unsigned int threads; /* that read and write; 0: as many as processors
			       */
	sheaf_note_fn *on_warning;
	sheaf_file_progress_fn *on_progress;
	void *arg;
};

/*
 * sheaf_folder_extract() - write the records that @filter takes below @dir
 * @options: NULL for the defaults
 * @result:  what was done, also on failure; may be NULL
 *
 * @dir is made if absent, not what it lies in.  Whatever the names say, nothing
 * is written outside of @dir: no component of a name may be "..", "." or empty,
 * links on the way are not followed.  Such records, damaged ones and those
 * whose name can't be made are counted in failed, with a warning.  A file
 * that can't be written to its end is removed; only a process that is killed
 * leaves one cut short, at most one a thread.  A file that is replaced is so in
 * one step, by a whole one.
 *
 * Warnings and progress come on the caller's thread, in the order of
 * sheaf_scan(), whatever the threads.  Files behind the one that it ended with
 * may have been written too.
 *
 * Returns SHEAF_OK, SHEAF_CANCELLED, SHEAF_IO (@dir can't be made, the disk is
 * full, the corpus can't be read), SHEAF_NOMEM or what sheaf_list() gives.
 */
SHEAF_API enum sheaf_status
sheaf_folder_extract(struct sheaf_corpus *corpus, const char *dir,
		     const struct sheaf_filter *filter,
		     const struct sheaf_extract_options *options,
		     struct sheaf_folder_result *result,
		     struct sheaf_error *err);

#ifdef __cplusplus
}
#endif

#endif
