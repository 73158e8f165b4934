#include "domain/reject.h"

#include "base/panic.h"

const char *reject_word(enum reject reject)
{
    static const char *const words[] = {
#define X(name, word, text) word,
        REJECT_TABLE(X)
#undef X
    };
    assert((unsigned)reject < REJECT_COUNT);
    return words[reject];
}

const char *reject_text(enum reject reject)
{
    static const char *const texts[] = {
#define X(name, word, text) text,
        REJECT_TABLE(X)
#undef X
    };
    assert((unsigned)reject < REJECT_COUNT);
    return texts[reject];
}

const char *shed_word(enum shed shed)
{
    static const char *const words[] = {
#define X(name, word, text) word,
        SHED_TABLE(X)
#undef X
    };
    assert((unsigned)shed < SHED_COUNT);
    return words[shed];
}
