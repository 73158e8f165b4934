/* What LMDB and the kernel say, in our words: the one place where MDB_* and errno become a status.
 */
#ifndef STORE_STORE_ERROR_H
#define STORE_STORE_ERROR_H

#include "base/status.h"
#include "store/store.h"

/* code: MDB_* or a positive errno; 0 is STATUS_OK. */
must_check enum status store_status(int code);
/* For people; a static string, or one that lives until this thread's next call. */
const char *store_code_text(int code);

/* Cuts what does not fit. */
__attribute__((format(printf, 2, 3))) void store_message(char message_out[STORE_MESSAGE_SIZE],
                                                         const char *format, ...);
/* "WHAT PATH: TEXT OF THE CODE"; gives the status of the code. */
must_check enum status store_fail(char message_out[STORE_MESSAGE_SIZE], int code, const char *what,
                                  const char *path);

#endif
