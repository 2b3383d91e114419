/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Foundation, as far as the framework's classes need it. What is made here belongs to who asks for it, errors excepted.
 */
#ifndef MODEL_FOUNDATION_H
#define MODEL_FOUNDATION_H

#include "runtime.h"

id model_string(const char *text);
const char *model_text(id string); /* NULL for nil */
id model_url(const char *path);
const char *model_path(id url);
id model_array(const id *objects, size_t count);
size_t model_array_count(id array); /* 0 for nil */
id model_array_at(id array, size_t index);
size_t model_dictionary_count(id dictionary);
id model_dictionary_key(id dictionary, size_t index);
id model_dictionary_value(id dictionary, size_t index);
id model_data(const void *bytes, size_t size);
const void *model_data_bytes(id data);
size_t model_data_size(id data);
int model_descriptor(id file_handle);

/* Autoreleased. */
id model_error(const char *domain, long code, const char *text);
id model_vz_error(long code, const char *text);
/* Puts an error of VZErrorDomain where the caller wants it, if at all, and answers false. */
bool model_report(id *error, long code, const char *text);

#endif
