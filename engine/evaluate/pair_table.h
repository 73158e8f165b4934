/* From a pair of numbers (an agreement, a customer's name) to a number: open addressing, grows by
 * doubling, nothing is taken out. One owner. */
#ifndef EVALUATE_PAIR_TABLE_H
#define EVALUATE_PAIR_TABLE_H

#include <stdint.h>

struct pair_table {
    struct pair_entry {
        uint32_t left;
        uint32_t right; /* never 0 */
        uint32_t value;
    } * entries;
    uint32_t count;
    uint32_t size; /* a power of two, or 0 */
};

#define PAIR_NONE UINT32_MAX

void pair_table_fini(struct pair_table *table);
/* PAIR_NONE: it is not there. */
uint32_t pair_table_find(const struct pair_table *table, uint32_t left, uint32_t right);
/* It must not be there yet. */
void pair_table_add(struct pair_table *table, uint32_t left, uint32_t right, uint32_t value);

#endif
