/*
 * store_zim.cpp - a ZIM file through libzim, articles by path
 *
 * libzim has no C interface.  Its defaults: zstd clusters of 2 MiB, a cache of
 * 16 of them.
 */
#include <cstring>
#include <string>
#include <zim/archive.h>
#include <zim/blob.h>
#include <zim/item.h>
#include <zim/writer/creator.h>
#include <zim/writer/item.h>

#include "store.h"

static void zim_build(const struct job *job)
{
	zim::writer::Creator creator;
	const std::string tree = std::string(job->tree) + "/";

	creator.configNbWorkers(2);
	creator.startZimCreation(job->path);
	for (size_t i = 0; i < job->articles.count; i++) {
		const std::string name = job->articles.all[i].name;

		creator.addItem(std::make_shared<zim::writer::FileItem>(
			name, "text/plain", name, zim::writer::Hints(),
			tree + name));
	}
	creator.finishZimCreation();
}

static void *zim_open(const struct job *job)
{
	try {
		return new zim::Archive(job->path);
	} catch (const std::exception &e) {
		die("%s: %s", job->path, e.what());
	}
}

static void zim_close(void *db)
{
	delete static_cast<zim::Archive *>(db);
}

static void zim_get(void *reader, const struct article *a, struct value *out)
{
	try {
		zim::Blob blob = static_cast<zim::Archive *>(reader)
					 ->getEntryByPath(a->name)
					 .getItem()
					 .getData();

		value_set(out, blob.data(), blob.size());
	} catch (const std::exception &e) {
		die("%s: %s", a->name, e.what());
	}
}

extern "C" const struct store store = {
	"zim",	 zim_build, zim_open, zim_close, nullptr, nullptr,
	nullptr, zim_get,   nullptr,  nullptr,
};
