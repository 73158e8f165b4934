/* What `nines evaluate --json --evidence` prints, for other commands. */
#ifndef NINES_EVALUATE_OFFLINE_H
#define NINES_EVALUATE_OFFLINE_H

#include "base/text_buffer.h"
#include "nines/options.h"
#include "nines/value_option.h"

struct offline_question {
    struct option_list agreements;
    struct option_list events;
    struct time_question question;
    const char *agreement;
    const char *objective;
    const char *customer; /* NULL: whoever it is */
};

/* An exit code; what went wrong was complained about. meaning_out: what the agreement promises, in
 * sentences; nothing where there is no such agreement. */
int evaluate_offline(const struct offline_question *question, struct text_buffer *json_out,
                     struct text_buffer *meaning_out);

#endif
