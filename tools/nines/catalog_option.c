#include "nines/catalog_option.h"

#include <stdio.h>

struct catalog *catalog_from_paths(const struct option_list *paths)
{
    struct text_buffer errors;
    struct text_buffer warnings;
    text_buffer_init(&errors);
    text_buffer_init(&warnings);
    struct catalog *catalog = NULL;
    enum status status = catalog_load(&catalog, paths->values, paths->count, &errors, &warnings);
    fprintf(stderr, "%s", warnings.length > 0 ? warnings.bytes : "");
    if (status != STATUS_OK) {
        fprintf(stderr, "%s", errors.length > 0 ? errors.bytes : "nines: out of memory\n");
        catalog = NULL;
    }
    text_buffer_fini(&errors);
    text_buffer_fini(&warnings);
    return catalog;
}
