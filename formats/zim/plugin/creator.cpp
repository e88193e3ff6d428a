/*
 * creator.cpp - libzim's Creator behind functions of C
 */
#include <cstdio>
#include <cstring>
#include <iostream>
#include <memory>
#include <new>
#include <string>

#include <zim/error.h>
#include <zim/uuid.h>
#include <zim/writer/contentProvider.h>
#include <zim/writer/creator.h>
#include <zim/writer/item.h>

#include "formats/zim/zim.h"

namespace
{
template <class Work> zim_status guarded(char *error, Work work)
{
	try {
		work();
		return ZIM_OK;
	} catch (const zim::InvalidEntry &) {
		return ZIM_TAKEN;
	} catch (const std::bad_alloc &) {
		return ZIM_NOMEM;
	} catch (const std::exception &e) {
		std::snprintf(error, ZIM_ERROR_SIZE, "%s", e.what());
	} catch (...) {
		std::snprintf(error, ZIM_ERROR_SIZE, "libzim does not say why");
	}
	return ZIM_FAILED;
}

zim::writer::Creator *creator_of(void *zim)
{
	return static_cast<zim::writer::Creator *>(zim);
}

/* libzim tells on standard output what it is at, which is the export's */
class Silence {
      public:
	Silence() : was(std::cout.rdbuf(nullptr))
	{
	}
	~Silence()
	{
		std::cout.rdbuf(was);
		std::cout.clear();
	}

      private:
	std::streambuf *was;
};

zim_status open_file(void **out, const char *path, unsigned int threads,
		     char *error)
{
	return guarded(error, [&] {
		auto creator = std::make_unique<zim::writer::Creator>();

		creator->configIndexing(false, "").configNbWorkers(threads);
		creator->startZimCreation(path);
		*out = creator.release();
	});
}

zim_status page(void *zim, const char *path, const char *title,
		const void *html, size_t len, int front, char *error)
{
	return guarded(error, [&] {
		zim::writer::Hints hints;

		hints[zim::writer::FRONT_ARTICLE] = front != 0;
		creator_of(zim)->addItem(zim::writer::StringItem::create(
			path, "text/html", title, hints,
			std::string(static_cast<const char *>(html), len)));
	});
}

zim_status metadata(void *zim, const char *name, const char *value, char *error)
{
	return guarded(error,
		       [&] { creator_of(zim)->addMetadata(name, value); });
}

zim_status illustration(void *zim, const void *png, size_t len, char *error)
{
	return guarded(error, [&] {
		creator_of(zim)->addIllustration(
			48, std::string(static_cast<const char *>(png), len));
	});
}

zim_status finish(void *zim, const char *main_path, const uint8_t uuid[16],
		  char *error)
{
	return guarded(error, [&] {
		Silence silence;
		zim::Uuid id;

		std::memcpy(id.data, uuid, sizeof(id.data));
		creator_of(zim)->setUuid(id);
		creator_of(zim)->setMainPath(main_path);
		creator_of(zim)->finishZimCreation();
	});
}

void free_file(void *zim)
{
	try {
		delete creator_of(zim);
	} catch (...) {
	}
}
} // namespace

extern "C" __attribute__((visibility("default"))) const zim_api sheaf_zim_api;
const zim_api sheaf_zim_api = { ZIM_API_VERSION, open_file, page,      metadata,
				illustration,	 finish,    free_file };
