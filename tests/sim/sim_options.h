/* What one seed does: every option is drawn at random, so that each seed leaves some things out and
 * overdoes others (swarm). Rates are percent, or per 10,000 where they say so. */
#ifndef SIM_OPTIONS_H
#define SIM_OPTIONS_H

#include "base/text_buffer.h"
#include "support/random.h"

/*  name                  low  high   (inclusive) */
#define SIM_OPTIONS(X)                                                                             \
    X(workers, 1, 4)                                                                               \
    X(ring_batches, 1, 4)                                                                          \
    X(post_batches, 1, 3)                                                                          \
    X(clients, 1, 5)                                                                               \
    X(slots, 5, 12)                                                                                \
    X(lines, 30, 160)                                                                              \
    X(agreements, 1, 3)                                                                            \
    X(services, 1, 3)                                                                              \
    X(chunk_max, 8, 400)                                                                           \
    X(with_acks_percent, 30, 100)                                                                  \
    X(with_id_percent, 40, 100)                                                                    \
    X(post_percent, 0, 50)                                                                         \
    X(datagram_percent, 0, 15)                                                                     \
    X(syslog_percent, 0, 50)                                                                       \
    X(octets_percent, 0, 40)                                                                       \
    X(malformed_percent, 0, 12)                                                                    \
    X(repeat_percent, 0, 20)                                                                       \
    X(variant_percent, 0, 8)                                                                       \
    X(late_percent, 0, 50)                                                                         \
    X(future_percent, 0, 25)                                                                       \
    X(life_percent, 5, 60)                                                                         \
    X(late_scale, 0, 3)                                                                            \
    X(step_scale, 0, 3)                                                                            \
    X(full_percent, 0, 12)                                                                         \
    X(crash_before_percent, 0, 5)                                                                  \
    X(crash_after_percent, 0, 5)                                                                   \
    X(io_percent, 0, 3)                                                                            \
    X(crash_per_10000, 0, 60)                                                                      \
    X(stop_per_10000, 0, 25)                                                                       \
    X(reset_percent, 0, 4)                                                                         \
    X(half_close_percent, 0, 5)                                                                    \
    X(deaf_percent, 0, 1)                                                                          \
    X(during_commit_max, 0, 6)                                                                     \
    X(query_per_10000, 10, 60)

struct sim_options {
#define X(name, low, high) uint32_t name;
    SIM_OPTIONS(X)
#undef X
};

void sim_options_draw(struct sim_options *options, struct random *random);
void sim_options_write(const struct sim_options *options, struct text_buffer *out);

#endif
