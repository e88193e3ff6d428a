/*
 * sheaf/export.h - marks what the library exports
 */
#ifndef SHEAF_EXPORT_H
#define SHEAF_EXPORT_H

#if defined(__GNUC__)
#define SHEAF_API __attribute__((visibility("default")))
#define SHEAF_CHECK __attribute__((warn_unused_result))
#else
#define SHEAF_API
#define SHEAF_CHECK
#endif

#endif
