/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fake_hv.h"

/* Of the pages: what a guest reaches changes at once. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static fake_page *place(hv_ipa_t ipa)
{
    return &fake.pages[ipa / FAKE_PAGE % FAKE_PAGES];
}

static bool aligned(uint64_t ipa, uint64_t size)
{
    return ipa % FAKE_PAGE == 0 && size % FAKE_PAGE == 0 && size > 0;
}

const fake_page *fake_mapping(hv_ipa_t ipa)
{
    const fake_page *page = place(ipa);
    return page->host && page->ipa == ipa - ipa % FAKE_PAGE ? page : NULL;
}

bool fake_reaches(hv_ipa_t ipa, bool write)
{
    pthread_mutex_lock(&lock);
    const fake_page *page = fake_mapping(ipa);
    bool reaches = page && (page->flags & (write ? HV_MEMORY_WRITE : HV_MEMORY_READ));
    pthread_mutex_unlock(&lock);
    return reaches;
}

size_t fake_mapped(void)
{
    size_t count = 0;
    for (size_t i = 0; i < FAKE_PAGES; i++)
        count += fake.pages[i].host != NULL;
    return count;
}

/* Whether all pages of the range are mapped, or none is. */
static bool all(hv_ipa_t ipa, size_t size, bool mapped)
{
    for (size_t done = 0; done < size; done += FAKE_PAGE) {
        if ((place(ipa + done)->host != NULL) != mapped)
            return false;
    }
    return true;
}

hv_return_t hv_vm_map(void *address, hv_ipa_t ipa, size_t size, hv_memory_flags_t flags)
{
    pthread_mutex_lock(&lock);
    bool fits = fake.vm && address && (uintptr_t)address % FAKE_PAGE == 0 && aligned(ipa, size) &&
                size / FAKE_PAGE <= FAKE_PAGES;
    hv_return_t result = fake_call(fits && all(ipa, size, false) ? HV_SUCCESS : HV_BAD_ARGUMENT);
    for (size_t done = 0; result == HV_SUCCESS && done < size; done += FAKE_PAGE)
        *place(ipa + done) = (fake_page){ .ipa = ipa + done, .host = (char *)address + done, .flags = flags };
    pthread_mutex_unlock(&lock);
    return result;
}

hv_return_t hv_vm_unmap(hv_ipa_t ipa, size_t size)
{
    pthread_mutex_lock(&lock);
    hv_return_t result =
        fake_call(fake.vm && aligned(ipa, size) && all(ipa, size, true) ? HV_SUCCESS : HV_BAD_ARGUMENT);
    for (size_t done = 0; result == HV_SUCCESS && done < size; done += FAKE_PAGE)
        place(ipa + done)->host = NULL;
    fake.unmaps += result == HV_SUCCESS;
    pthread_mutex_unlock(&lock);
    return result;
}

hv_return_t hv_vm_protect(hv_ipa_t ipa, size_t size, hv_memory_flags_t flags)
{
    pthread_mutex_lock(&lock);
    hv_return_t result =
        fake_call(fake.vm && aligned(ipa, size) && all(ipa, size, true) ? HV_SUCCESS : HV_BAD_ARGUMENT);
    for (size_t done = 0; result == HV_SUCCESS && done < size; done += FAKE_PAGE)
        place(ipa + done)->flags = flags;
    pthread_mutex_unlock(&lock);
    return result;
}
