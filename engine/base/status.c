#include "base/status.h"

#include "base/panic.h"

const char *status_text(enum status status)
{
    static const char *const texts[] = {
#define X(name, text) text,
        STATUS_TABLE(X)
#undef X
    };
    assert((unsigned)status < sizeof(texts) / sizeof(texts[0]));
    return texts[status];
}
