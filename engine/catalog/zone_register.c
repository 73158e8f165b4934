#include "catalog/zone_register.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "catalog/tzif.h"

/* One zone may go by several names: with all links and the folder posix/ there are about 1,200. */
#define ZONES_MAX 2048

struct known {
    struct region kept; /* of the zone */
    const char *name;
    const struct zone *zone;
    const struct known *next;
};

/* Grows at its head and never shrinks. Two threads that meet a name at once may both read its zone:
 * either will do, as both say the same. */
static _Atomic(const struct known *) head;
static _Atomic uint32_t count;

static const struct known *find_known(struct text name)
{
    /* [Z] with the exchange below: what the list holds may be read. A stale head costs a file. */
    const struct known *known = atomic_load_explicit(&head, memory_order_acquire);
    while (known != NULL && !text_is(name, known->name)) {
        known = known->next;
    }
    return known;
}

/* NULL: there is none. */
static const struct known *read_zone(struct text name)
{
    struct known *known = calloc(1, sizeof(*known));
    if (known == NULL) {
        return NULL;
    }
    region_init(&known->kept);
    /* Relaxed: a bound, which may be passed by as many names as there are threads. */
    if (atomic_load_explicit(&count, memory_order_relaxed) >= ZONES_MAX ||
        tzif_load(&known->kept, name, &known->zone) != STATUS_OK) {
        region_fini(&known->kept);
        free(known);
        return NULL;
    }
    known->name = region_string(&known->kept, name);
    known->next = atomic_load_explicit(&head, memory_order_acquire);
    while (!atomic_compare_exchange_weak_explicit(&head, &known->next, known, memory_order_acq_rel,
                                                  memory_order_acquire)) {
    }
    atomic_fetch_add_explicit(&count, 1, memory_order_relaxed);
    return known;
}

bool zone_register_find(struct text name, const struct zone **zone_out)
{
    const struct known *known = find_known(name);
    known = known == NULL ? read_zone(name) : known;
    if (known == NULL) {
        return false;
    }
    *zone_out = known->zone;
    return true;
}
