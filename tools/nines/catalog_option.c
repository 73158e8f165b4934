#include "nines/catalog_option.h"

#include <stdio.h>

#include "nines/terminal.h"

/* Messages quote what stands in the files. */
static void print_lines(const struct text_buffer *lines)
{
    struct text_buffer safe;
    text_buffer_init(&safe);
    terminal_escape_lines(&safe, (struct text){lines->bytes, (uint32_t)lines->length});
    if (safe.length > 0) {
        fwrite(safe.bytes, 1, safe.length, stderr);
    }
    text_buffer_fini(&safe);
}

struct catalog *catalog_from_paths(const struct option_list *paths)
{
    struct text_buffer errors;
    struct text_buffer warnings;
    text_buffer_init(&errors);
    text_buffer_init(&warnings);
    struct catalog *catalog = NULL;
    enum status status = catalog_load(&catalog, paths->values, paths->count, &errors, &warnings);
    print_lines(&warnings);
    if (status != STATUS_OK) {
        if (errors.length == 0) {
            text_buffer_string(&errors, "nines: out of memory\n");
        }
        print_lines(&errors);
        catalog = NULL;
    }
    text_buffer_fini(&errors);
    text_buffer_fini(&warnings);
    return catalog;
}
