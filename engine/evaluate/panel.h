/* The judges of one set of agreements: an evaluator for each shard, and the board where their
 * figures are published. The worker pool works with one panel; a reload makes a second one, lets it
 * judge the stored history beside the first, and seats it (worker_pool.h).
 *
 * Any one thread at a time until it is seated; then each evaluator is its worker's.
 */
#ifndef EVALUATE_PANEL_H
#define EVALUATE_PANEL_H

#include "evaluate/evaluator.h"
#include "evaluate/scoreboard.h"

#define WORKERS_MAX 64

struct panel {
    struct evaluator *evaluators[WORKERS_MAX];
    uint32_t count;
    struct scoreboard scoreboard;
    struct each *each; /* owned: the set that is judged */
};

/* settings: shard_*, each and publish are filled in. The set, that of the documents, is borrowed for
 * life. each_max: series that `customer: each` may make. */
must_check enum status panel_open(struct panel **panel_out,
                                  const struct evaluator_settings *settings, uint32_t count,
                                  uint32_t each_max);
void panel_close(struct panel *panel);

/* One durable batch, by every evaluator; nothing is published. Before it is seated. */
must_check enum status panel_apply(struct panel *panel, const struct batch *batch, int64_t now_ns);
/* One past the last event applied; before it is seated. */
uint64_t panel_position(const struct panel *panel);

#endif
