/* What happened in a run, counted: a class with no case over all seeds means that the simulation
 * tests less than it says. */
#ifndef SIM_CASES_H
#define SIM_CASES_H

#include <stdint.h>

#define SIM_CASES(X)                                                                               \
    X(crash_before_commit)                                                                         \
    X(crash_after_commit)                                                                          \
    X(crash_elsewhere)                                                                             \
    X(crash_acknowledgement_unread)                                                                \
    X(io_failure_lost)                                                                             \
    X(io_failure_stored)                                                                           \
    X(orderly_stop)                                                                                \
    X(no_space)                                                                                    \
    X(reset)                                                                                       \
    X(reset_within_line)                                                                           \
    X(half_close)                                                                                  \
    X(half_close_without_line_feed)                                                                \
    X(deaf_client)                                                                                 \
    X(connection_without_acks)                                                                     \
    X(reconnect)                                                                                   \
    X(resend)                                                                                      \
    X(resend_of_stored)                                                                            \
    X(repeat)                                                                                      \
    X(variant)                                                                                     \
    X(duplicate)                                                                                   \
    X(rejected)                                                                                    \
    X(truncated)                                                                                   \
    X(body)                                                                                        \
    X(body_refused)                                                                                \
    X(body_shed)                                                                                   \
    X(body_cut_off)                                                                                \
    X(datagram)                                                                                    \
    X(syslog)                                                                                      \
    X(octet_counted)                                                                               \
    X(starved)                                                                                     \
    X(late)                                                                                        \
    X(held_back)                                                                                   \
    X(without_id)                                                                                  \
    X(incident)                                                                                    \
    X(state)                                                                                       \
    X(maintenance_retroactive)                                                                     \
    X(maintenance_ahead)                                                                           \
    X(maintenance_cancelled)                                                                       \
    X(query_within_run)

struct sim_cases {
#define X(name) uint64_t name;
    SIM_CASES(X)
#undef X
};

#endif
