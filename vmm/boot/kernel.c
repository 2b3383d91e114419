/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "kernel.h"

#include "bytes.h"
#include "linux_version.h"
#include "unpacked.h"
#include "x86_64/identify.h"

#include <stdlib.h>
#include <string.h>

enum { HEAD = 1024 }; /* enough to tell every wrapper, and every compression */

/* An opening on its way. */
typedef struct abx_opening {
    abx_kernel *kernel;
    const abx_boot_arch *arch;
    abx_source file;
    const abx_kernel_options *options;
    abx_identify known;
} abx_opening;

static abx_status read_options(abx_kernel_options *out, const abx_kernel_options *options)
{
    *out = (abx_kernel_options)ABX_KERNEL_OPTIONS_INIT;
    if (options) {
        if (options->size < sizeof(options->size) || options->size > sizeof(*options)) {
            return abx_fail(ABX_ERR_INVALID, 0, "Start from ABX_KERNEL_OPTIONS_INIT.",
                            "open a kernel: the options' size");
        }
        memcpy(out, options, options->size);
    }
    if ((unsigned)out->kind > ABX_IMAGE_ELF || (unsigned)out->flat_mode > ABX_FLAT_LONG) {
        return abx_fail(ABX_ERR_INVALID, 0, NULL, "open a kernel: its kind or processor mode");
    }
    if (out->arch == ABX_ARCH_HOST) {
        out->arch = abx_host_arch();
    }
    if (!abx_boot_arch_of(out->arch)) {
        return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, "Kernels for x86_64 and arm64 can be opened.",
                        "open a kernel for an architecture that is not known");
    }
    return ABX_OK;
}

static abx_status open_flat(abx_opening *opening)
{
    abx_kernel *kernel = opening->kernel;
    const abx_source *file = &opening->file;
    abx_gpa address = 0;
    if (file->size == 0) {
        return abx_fail(ABX_ERR_FORMAT, 0, "The file is empty.", "check %s", file->name);
    }
    abx_status status = opening->arch->place_flat(opening->options, file->name, &address);
    if (status != ABX_OK) {
        return status;
    }
    kernel->info.kind = ABX_IMAGE_FLAT;
    kernel->info.entry = address;
    kernel->mode = opening->options->flat_mode;
    kernel->image = *file;
    opening->file.fd = -1;
    abx_run run = { .gpa = address, .file_length = kernel->image.size, .memory_length = kernel->image.size };
    return abx_runs_add(&kernel->runs, &run, kernel->image.size, kernel->path);
}

/* Called before an unpacked kernel enters the cache, and when it comes out of there. */
static abx_status check_unpacked(void *context, abx_unpacked *unpacked)
{
    abx_opening *opening = context;
    abx_kernel *kernel = opening->kernel;
    abx_status status = opening->arch->identify(kernel, &unpacked->image, &opening->known);
    if (status == ABX_OK) {
        status = abx_runs_cut_holes(&kernel->runs, unpacked->holes, unpacked->hole_count);
    }
    if (status == ABX_OK && !unpacked->from_cache && kernel->info.kind == ABX_IMAGE_LINUX) {
        abx_linux_version(&unpacked->image, unpacked->version);
        if (!unpacked->version[0]) {
            abx_linux_version_search(&unpacked->image, unpacked->version);
        }
    }
    return status;
}

static abx_status open_packed(abx_opening *opening, const abx_packed *packed)
{
    abx_kernel *kernel = opening->kernel;
    abx_unpacked *unpacked = malloc(sizeof(*unpacked));
    if (!unpacked) {
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "open %s", kernel->path);
    }
    kernel->info.compression = abx_compression_name(packed->compression);
    abx_status status = abx_unpacked_open(unpacked, packed, opening->options->cache, check_unpacked, opening);
    if (status == ABX_OK) {
        kernel->image = unpacked->image;
        kernel->info.from_cache = unpacked->from_cache;
        if (!kernel->info.version[0]) {
            memcpy(kernel->info.version, unpacked->version, sizeof(kernel->info.version));
        }
    }
    free(unpacked);
    return status;
}

static abx_status open_plain(abx_opening *opening, const abx_source *window)
{
    abx_kernel *kernel = opening->kernel;
    abx_status status = opening->arch->identify(kernel, window, &opening->known);
    if (status == ABX_OK) {
        kernel->image = *window;
        opening->file.fd = -1;
        if (kernel->info.kind == ABX_IMAGE_LINUX && !kernel->info.version[0]) {
            abx_linux_version(&kernel->image, kernel->info.version);
        }
    }
    return status;
}

static abx_status open_by_contents(abx_opening *opening)
{
    uint8_t head[HEAD];
    size_t length = opening->file.size < sizeof(head) ? (size_t)opening->file.size : sizeof(head);
    abx_status status = abx_source_read(&opening->file, 0, head, length);
    if (status != ABX_OK) {
        return status;
    }
    abx_packed packed = { .payload = opening->file, .compression = abx_compression_detect(head, length) };
    status = opening->arch->unwrap(opening->kernel, head, length, &packed, &opening->known.is_linux);
    if (status != ABX_OK) {
        return status;
    }
    return packed.compression ? open_packed(opening, &packed) : open_plain(opening, &packed.payload);
}

abx_status abx_kernel_open(abx_kernel **out, const char *path, const abx_kernel_options *options)
{
    abx_kernel_options complete;
    if (!out || !path) {
        return abx_fail(ABX_ERR_INVALID, 0, NULL, "open a kernel");
    }
    abx_status status = read_options(&complete, options);
    if (status != ABX_OK) {
        return status;
    }
    size_t path_size = strlen(path) + 1;
    abx_kernel *kernel = calloc(1, sizeof(*kernel) + path_size);
    if (!kernel) {
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "open %s", path);
    }
    memcpy(kernel->path, path, path_size);
    kernel->image.fd = -1;
    kernel->info.arch = complete.arch;
    kernel->info.compression = abx_compression_name(ABX_COMPRESSION_NONE);
    abx_opening opening = {
        .kernel = kernel, .arch = abx_boot_arch_of(complete.arch), .options = &complete, .known.kind = complete.kind
    };
    status = abx_source_open(&opening.file, kernel->path);
    if (status != ABX_OK) {
        goto close_kernel;
    }
    status = complete.kind == ABX_IMAGE_FLAT ? open_flat(&opening) : open_by_contents(&opening);
    abx_source_close(&opening.file);
    if (status != ABX_OK) {
        goto close_kernel;
    }
    abx_runs_bounds(&kernel->runs, &kernel->info.load_low, &kernel->info.load_high);
    *out = kernel;
    return ABX_OK;

close_kernel:
    abx_kernel_close(kernel);
    return status;
}

void abx_kernel_close(abx_kernel *kernel)
{
    if (kernel) {
        abx_source_close(&kernel->image);
        abx_runs_free(&kernel->runs);
        free(kernel);
    }
}

const abx_kernel_info *abx_kernel_get_info(const abx_kernel *kernel)
{
    return kernel ? &kernel->info : NULL;
}
