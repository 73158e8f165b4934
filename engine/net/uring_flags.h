/* Values of io_uring that are newer than the liburing headers we build with (2.3), each with the
 * way to find out whether the running kernel knows it and what we do when it does not.
 *
 *   URING_ENTER_NO_IOWAIT  since 6.15; probe: URING_FEAT_NO_IOWAIT in the ring's features
 *                          without it an idle daemon is shown as I/O wait of one processor (top,
 *                          vmstat); no other harm
 */
#ifndef NET_URING_FLAGS_H
#define NET_URING_FLAGS_H

#define URING_ENTER_NO_IOWAIT (1U << 7)
#define URING_FEAT_NO_IOWAIT  (1U << 17)

#endif
