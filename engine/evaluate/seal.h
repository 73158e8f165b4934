/* Seals of named periods: what was known of a calendar window when its grace was over, and what came
 * in afterwards, hour by hour.
 *
 *   log ──── received before end + grace ────┬──── 10:xx ────┬──── 11:xx ────┬─ ...
 *            one evaluator, event by event   │               │               │
 *                                            sealed report   restatement 1   restatement 2
 *
 * A function of the log (with its times of receipt), the documents and the grace alone, so that the
 * numbers are the same however often it is asked, after a restart too. Rules:
 *
 *   * A window is sealed at its end + grace. One whose grace was over before the data directory had
 *     its first start gets its grace from that start: what history is brought in has the same time.
 *   * A restatement for every UTC hour of receipt at whose end the figure (report_same_figure) is
 *     another than before the hour. What cancels out within an hour leaves none.
 *   * Its cause is the first change of the figure in that hour; all of them are kept.
 *   * The time of receipt never falls along the log: where a clock stepped back, the latest so far
 *     holds.
 *
 * Instead of evaluator_apply and evaluator_report, around an evaluator that judges a period and
 * whose time stands still.
 */
#ifndef EVALUATE_SEAL_H
#define EVALUATE_SEAL_H

#include "evaluate/evaluator.h"

#define SEAL_GRACE_DEFAULT_NS (72 * NS_PER_HOUR)

struct seal_settings {
    int64_t grace_ns;
    int64_t first_start_ns; /* of the data directory; INT64_MIN: there was none */
};

/* When a window that ends then is sealed; INT64_MAX: never. */
int64_t seal_due_ns(const struct seal_settings *settings, int64_t window_end_ns);

struct seals;

/* The evaluator is borrowed, and fresh. */
must_check enum status seals_open(struct seals **seals_out, struct evaluator *evaluator,
                                  const struct seal_settings *settings);
void seals_close(struct seals *seals);

/* Like evaluator_apply. */
must_check enum status seals_apply(struct seals *seals, const struct batch *batch, int64_t now_ns);
/* All of the log is in, and it is present_ns; INT64_MIN: nobody knows. */
must_check enum status seals_finish(struct seals *seals, int64_t present_ns);
/* Like evaluator_report, after seals_finish: the sealed report where there is a seal. It borrows from
 * the seals. */
bool seals_report(struct seals *seals, uint32_t series, struct objective_report *report_out);

#endif
