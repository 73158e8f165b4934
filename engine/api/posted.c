#include "api/handlers.h"

#include <inttypes.h>

/* What is answered to a body of records. */

static void write_errors(const struct post_result *result, struct text_buffer *out)
{
    text_buffer_string(out, "\"errors\":[");
    for (uint32_t i = 0; i < result->error_count; i++) {
        const struct post_error *error = &result->errors[i];
        text_buffer_format(out, "%s{\"index\":%" PRIu64 ",\"code\":\"%s\",\"detail\":",
                           i == 0 ? "" : ",", error->index, reject_word(error->reject));
        text_buffer_json(out, text_from(error->detail));
        text_buffer_char(out, '}');
    }
    text_buffer_char(out, ']');
}

static void write_result(const struct post_result *result, struct text_buffer *out)
{
    text_buffer_format(
        out, "{\"accepted\":%" PRIu64 ",\"rejected\":%" PRIu64 ",\"duplicates\":%" PRIu64 ",",
        result->accepted, result->rejected, result->duplicates);
    write_errors(result, out);
    text_buffer_format(out, ",\"position\":%" PRIu64 "}\n", result->position);
}

static void add_errors(struct answer *answer, const struct post_result *result)
{
    struct text_buffer members;
    text_buffer_init(&members);
    text_buffer_format(&members, ",\"rejected\":%" PRIu64 ",", result->rejected);
    write_errors(result, &members);
    problem_add(answer, members.bytes);
    text_buffer_fini(&members);
}

void answer_posted(struct answer *answer, const struct post_result *result)
{
    if (result->status != STATUS_OK) {
        problem_busy(answer, result->status == STATUS_NO_SPACE
                                 ? "the disk is full; nothing, or not all, was stored"
                                 : "the engine is stopping; what was stored is not known");
    } else if (result->records > 0 && result->not_json == result->records) {
        problem(answer, 400, "no record of the body is JSON or a known format");
        add_errors(answer, result);
    } else if (result->records > 0 && result->accepted + result->duplicates == 0) {
        problem(answer, 422, "no record of the body can be used");
        add_errors(answer, result);
    } else {
        answer_begin(answer, 200, MEDIA_JSON);
        write_result(result, &answer->body);
    }
}
