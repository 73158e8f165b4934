/* Promise: any text is either refused with a reason or accepted; what is accepted, printed in its
 * long form, is accepted again and prints the same. */
#include <stddef.h>
#include <stdint.h>

#include "base/panic.h"
#include "catalog/catalog.h"

/* libFuzzer's default is 4 KiB; more only slows the search. */
#define INPUT_BYTES_MAX (64 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct attempt {
    struct catalog *catalog;
    struct text_buffer errors;
    struct text_buffer warnings;
};

static enum status attempt(struct attempt *attempt, struct text yaml)
{
    attempt->catalog = NULL;
    text_buffer_init(&attempt->errors);
    text_buffer_init(&attempt->warnings);
    enum status status = catalog_load_text(&attempt->catalog, "fuzz.yaml", yaml, &attempt->errors,
                                           &attempt->warnings);
    assert((status == STATUS_OK) == (attempt->errors.length == 0));
    assert((status == STATUS_OK) == (attempt->catalog != NULL));
    return status;
}

static void attempt_end(struct attempt *attempt)
{
    catalog_free(attempt->catalog);
    text_buffer_fini(&attempt->errors);
    text_buffer_fini(&attempt->warnings);
}

static void check_agreement(const struct agreement *agreement)
{
    struct text_buffer once;
    struct text_buffer twice;
    struct text_buffer sentences;
    text_buffer_init(&once);
    text_buffer_init(&twice);
    text_buffer_init(&sentences);
    catalog_explain(agreement, &sentences);
    catalog_expand(agreement, &once);
    struct attempt again;
    enum status status = attempt(&again, (struct text){once.bytes, (uint32_t)once.length});
    assert(status == STATUS_OK);
    assert(catalog_set(again.catalog)->agreement_count == 1);
    catalog_expand(&catalog_set(again.catalog)->agreements[0], &twice);
    assert(text_is(text_from(once.bytes), twice.bytes));
    attempt_end(&again);
    text_buffer_fini(&once);
    text_buffer_fini(&twice);
    text_buffer_fini(&sentences);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > INPUT_BYTES_MAX) {
        return 0;
    }
    struct attempt first;
    if (attempt(&first, (struct text){(const char *)data, (uint32_t)size}) == STATUS_OK) {
        const struct agreement_set *set = catalog_set(first.catalog);
        for (uint32_t i = 0; i < set->agreement_count; i++) {
            /* Others than these name documents that they cannot be read without. */
            if (set->agreements[i].of_project == NULL && set->agreements[i].support_count == 0) {
                check_agreement(&set->agreements[i]);
            }
        }
    }
    attempt_end(&first);
    return 0;
}
