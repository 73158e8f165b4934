#include "base/panic.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>

void panic_at(const char *file, int line, const char *condition)
{
    char thread[17] = "?";
    prctl(PR_GET_NAME, thread);
    fprintf(stderr, "nines: broken invariant at %s:%d in thread %s: %s\n", file, line, thread,
            condition);
    abort();
}
