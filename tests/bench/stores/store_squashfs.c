/*
 * store_squashfs.c - a squashfs image through libsquashfs
 *
 * The inodes of all files are found beforehand, as the kernel's cache of names
 * would have them; what is timed is the reading.  Each thread has readers of
 * its own, with the library's cache of one block and one fragment.
 */
#include <sqfs/compressor.h>
#include <sqfs/data_reader.h>
#include <sqfs/dir_reader.h>
#include <sqfs/id_table.h>
#include <sqfs/inode.h>
#include <sqfs/io.h>
#include <sqfs/super.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "store.h"

struct image {
	const struct job *job;
	sqfs_super_t super;
	sqfs_compressor_t *compressor;
	sqfs_tree_node_t *root;
	const sqfs_inode_generic_t **inodes; /* of the articles */
};

struct reader {
	struct image *image;
	sqfs_file_t *file;
	sqfs_compressor_t *compressor;
	sqfs_data_reader_t *data;
};

static void must(int status)
{
	if (status != 0)
		die("libsquashfs: error %d", status);
}

static sqfs_file_t *image_file(const struct job *job)
{
	sqfs_file_t *file = sqfs_open_file(job->path, SQFS_FILE_OPEN_READ_ONLY);

	if (file == NULL)
		die("%s: can't be opened", job->path);
	return file;
}

static sqfs_compressor_t *compressor_new(const sqfs_super_t *super)
{
	sqfs_compressor_config_t config;
	sqfs_compressor_t *compressor;

	must(sqfs_compressor_config_init(&config, super->compression_id,
					 super->block_size,
					 SQFS_COMP_FLAG_UNCOMPRESS));
	must(sqfs_compressor_create(&config, &compressor));
	return compressor;
}

static void *squashfs_open(const struct job *job)
{
	struct image *image = must_alloc(NULL, sizeof(*image));
	sqfs_file_t *file = image_file(job);

	memset(image, 0, sizeof(*image));
	image->job = job;
	must(sqfs_super_read(&image->super, file));
	sqfs_destroy(file);
	return image;
}

static void squashfs_close(void *db)
{
	struct image *image = db;

	if (image->root != NULL)
		sqfs_dir_tree_destroy(image->root);
	free(image->inodes);
	free(image);
}

static void *squashfs_reader_open(void *db)
{
	struct reader *r = must_alloc(NULL, sizeof(*r));

	r->image = db;
	r->file = image_file(r->image->job);
	r->compressor = compressor_new(&r->image->super);
	r->data = sqfs_data_reader_create(r->file, r->image->super.block_size,
					  r->compressor, 0);
	if (r->data == NULL)
		die("out of memory");
	must(sqfs_data_reader_load_fragment_table(r->data, &r->image->super));
	return r;
}

static void squashfs_reader_close(void *reader)
{
	struct reader *r = reader;

	sqfs_destroy(r->data);
	sqfs_destroy(r->compressor);
	sqfs_destroy(r->file);
	free(r);
}

static int by_name(const void *key, const void *article)
{
	return strcmp(key, ((const struct article *)article)->name);
}

static void node_note(struct image *image, const sqfs_tree_node_t *node)
{
	const struct articles *articles = &image->job->articles;
	const struct article *found;
	char *path;

	must(sqfs_tree_node_get_path(node, &path));
	found = bsearch(path + (path[0] == '/'), articles->all, articles->count,
			sizeof(*articles->all), by_name);
	if (found != NULL)
		image->inodes[found - articles->all] = node->inode;
	sqfs_free(path);
}

static void tree_note(struct image *image, const sqfs_tree_node_t *node)
{
	for (; node != NULL; node = node->next) {
		if (S_ISREG(node->inode->base.mode))
			node_note(image, node);
		tree_note(image, node->children);
	}
}

static void squashfs_prepare(void *db)
{
	struct image *image = db;
	size_t n = image->job->articles.count;
	sqfs_file_t *file = image_file(image->job);
	sqfs_compressor_t *compressor = compressor_new(&image->super);
	sqfs_id_table_t *ids = sqfs_id_table_create(0);
	sqfs_dir_reader_t *dirs;

	must(sqfs_id_table_read(ids, file, &image->super, compressor));
	dirs = sqfs_dir_reader_create(&image->super, compressor, file, 0);
	if (dirs == NULL)
		die("out of memory");
	must(sqfs_dir_reader_get_full_hierarchy(dirs, ids, NULL, 0,
						&image->root));
	image->inodes = must_alloc(NULL, n * sizeof(*image->inodes));
	memset(image->inodes, 0, n * sizeof(*image->inodes));
	tree_note(image, image->root->children);
	sqfs_destroy(dirs);
	sqfs_destroy(ids);
	sqfs_destroy(compressor);
	sqfs_destroy(file);
}

static void squashfs_get(void *reader, const struct article *a,
			 struct value *out)
{
	struct reader *r = reader;
	const sqfs_inode_generic_t *inode =
		r->image->inodes[a - r->image->job->articles.all];
	sqfs_u64 size;

	if (inode == NULL)
		die("%s: not in the image", a->name);
	must(sqfs_inode_get_file_size(inode, &size));
	value_room(out, size);
	if (size != 0 &&
	    sqfs_data_reader_read(r->data, inode, 0, out->p, (sqfs_u32)size) !=
		    (sqfs_s32)size)
		die("%s: can't be read", a->name);
}

const struct store store = {
	.name = "squashfs",
	.open = squashfs_open,
	.close = squashfs_close,
	.reader_open = squashfs_reader_open,
	.reader_close = squashfs_reader_close,
	.prepare = squashfs_prepare,
	.get = squashfs_get,
};
