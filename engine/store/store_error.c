#include "store/store_error.h"

#include <errno.h>
#include <lmdb.h>
#include <stdarg.h>
#include <stdio.h>

enum status store_status(int code)
{
    switch (code) {
    case 0:
        return STATUS_OK;
    case MDB_MAP_FULL:
    case MDB_TXN_FULL:
    case MDB_READERS_FULL:
        return STATUS_FULL;
    case MDB_NOTFOUND:
    case ENOENT:
        return STATUS_NOT_FOUND;
    case MDB_INVALID:
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_VERSION_MISMATCH:
    case MDB_BAD_VALSIZE:
        return STATUS_DAMAGED;
    case MDB_INCOMPATIBLE:
        return STATUS_FOREIGN;
    case ENOSPC:
    case EDQUOT:
    case EFBIG: /* RLIMIT_FSIZE */
        return STATUS_NO_SPACE;
    case ENOMEM:
        return STATUS_NO_MEMORY;
    case EACCES:
    case EPERM:
    case EROFS:
        return STATUS_DENIED;
    case ENOTDIR:
    case ELOOP:
        return STATUS_FOREIGN;
    case ENAMETOOLONG:
        return STATUS_INVALID;
    default:
        return STATUS_IO;
    }
}

const char *store_code_text(int code)
{
    return mdb_strerror(code);
}

void store_message(char message_out[STORE_MESSAGE_SIZE], const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message_out, STORE_MESSAGE_SIZE, format, arguments);
    va_end(arguments);
}

enum status store_fail(char message_out[STORE_MESSAGE_SIZE], int code, const char *what,
                       const char *path)
{
    store_message(message_out, "%s %s: %s", what, path, store_code_text(code));
    return store_status(code);
}
