/* For when a figure is asked: `at`, `period`, or `from` and `to`, as they stand in a query. Pure.
 */
#ifndef API_WHEN_H
#define API_WHEN_H

#include "api/target.h"
#include "evaluate/series.h"

struct when {
    bool given; /* false: now, as the workers have it */
    int64_t at_ns;
    bool has_window;
    struct asked_window window;
    int64_t now_ns; /* a window that ends later is judged as of now */
};

#define WHEN_DETAIL_SIZE 192

/* now_ns: a window that ends later is judged as of now. latest_ns: an explicit `at` beyond it is
 * refused. False with detail_out set. */
bool when_parse(const struct target *target, int64_t now_ns, int64_t latest_ns,
                struct when *when_out, char detail_out[WHEN_DETAIL_SIZE]);

#endif
