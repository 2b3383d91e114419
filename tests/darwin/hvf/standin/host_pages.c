/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* mmap() as on a Mac, where pages have 16 KiB: the linker puts it in the place of the system's (--wrap), whose name it
 * has with 64 bits of offset. */
#include "model.h"

#include <sys/mman.h>

void *__real_mmap64(void *address, size_t size, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap64(void *address, size_t size, int protection, int flags, int fd, off_t offset);

void *__wrap_mmap64(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
    if (address || size > SIZE_MAX - MODEL_PAGE)
        return __real_mmap64(address, size, protection, flags, fd, offset);
    /* Room for the alignment, of which the middle is used. */
    char *room = __real_mmap64(NULL, size + MODEL_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (room == MAP_FAILED)
        return MAP_FAILED;
    size_t before = -(uintptr_t)room % MODEL_PAGE;
    void *mapped = __real_mmap64(room + before, size, protection, flags | MAP_FIXED, fd, offset);
    if (mapped == MAP_FAILED) {
        munmap(room, size + MODEL_PAGE);
        return MAP_FAILED;
    }
    size_t system_page = 4096, end = (before + size + system_page - 1) & ~(system_page - 1);
    if (before)
        munmap(room, before);
    if (end < size + MODEL_PAGE)
        munmap(room + end, size + MODEL_PAGE - end);
    return mapped;
}
