/* What can go wrong outside of us, as one closed list.
 *
 * Functions that can fail return `must_check enum status`; results leave through `_out`, untouched
 * on failure. Foreign codes (-errno, MDB_*) are translated once, in the module that talks to the
 * foreigner.
 */
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

#define must_check __attribute__((warn_unused_result))

/*            name        what it means, as shown to people */
#define STATUS_TABLE(X)                                                                            \
    X(OK, "ok")                                                                                    \
    X(FULL, "no room: a configured bound was reached")                                             \
    X(NOT_FOUND, "not found")                                                                      \
    X(INVALID, "invalid input")                                                                    \
    X(NO_MEMORY, "out of memory")                                                                  \
    X(IO, "input or output failed")                                                                \
    X(NO_SPACE, "the disk is full")                                                                \
    X(BUSY, "in use by another process")                                                           \
    X(DENIED, "permission denied")                                                                 \
    X(FOREIGN, "not a nines file")                                                                 \
    X(VERSION, "written by a newer version of nines")                                              \
    X(DAMAGED, "damaged data")                                                                     \
    X(UNSUPPORTED, "not supported here")                                                           \
    X(STOPPED, "stopping")

enum status {
#define X(name, text) STATUS_##name,
    STATUS_TABLE(X)
#undef X
};

/* A static string. */
const char *status_text(enum status status);

#endif
