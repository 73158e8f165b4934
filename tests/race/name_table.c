/* One writer adds names while readers look them up by text and by number: what a reader finds is
 * whole, and what was found once is found for ever. */
#include <stdio.h>
#include <stdlib.h>

#include "base/panic.h"
#include "base/thread.h"
#include "domain/name.h"

#define NAMES   20000
#define READERS 3

static struct name_table *table;

static struct text name_of(uint32_t number, char out[32])
{
    return (struct text){out, (uint32_t)snprintf(out, 32, "service-%u", number)};
}

static void *look_up(void *unused)
{
    uint32_t found_up_to = 0;
    for (uint32_t probe = 1; found_up_to < NAMES; probe = probe % NAMES + 1) {
        char text[32];
        uint32_t name = name_find(table, name_of(probe, text));
        assert(name == NAME_NONE || name == probe);
        assert(name == probe || probe > found_up_to);
        uint32_t count = name_count(table);
        found_up_to = count > found_up_to ? count : found_up_to;
        if (count > 0) {
            uint32_t some = 1 + probe % count;
            assert(text_equal(name_text(table, some), name_of(some, text)));
        }
    }
    return unused;
}

int main(void)
{
    enum status status = name_table_open(&table, NAMES, 99);
    assert(status == STATUS_OK);
    pthread_t readers[READERS];
    for (uint32_t i = 0; i < READERS; i++) {
        status = thread_start(&readers[i], "reader", look_up, NULL);
        assert(status == STATUS_OK);
    }
    for (uint32_t number = 1; number <= NAMES; number++) {
        char text[32];
        uint32_t name;
        status = name_add(table, name_of(number, text), &name);
        assert(status == STATUS_OK);
        assert(name == number);
    }
    for (uint32_t i = 0; i < READERS; i++) {
        thread_join(readers[i]);
    }
    uint32_t name;
    status = name_add(table, TEXT("one too many"), &name);
    assert(status == STATUS_FULL);
    name_table_close(table);
    printf("%d names, %d readers\n", NAMES, READERS);
    return EXIT_SUCCESS;
}
