#include "base/text_buffer.h"
#include "ingest/poster.h"
#include "line.h"

struct desk {
    struct line line;
    struct poster *poster;
    struct dead_letters dead_letters;
};

struct answer {
    uint32_t calls;
    struct post_result result;
};

static void take_answer(void *context, const struct post_result *result)
{
    struct answer *answer = context;
    answer->calls++;
    answer->result = *result;
}

/* Too large for a frame; each test is a process of its own. */
static struct desk desk;

static void begin(struct desk *at, uint32_t batch_count)
{
    line_begin(&at->line);
    dead_letters_init(&at->dead_letters);
    struct poster_settings settings = {
        .shared =
            {
                .committer = at->line.committer,
                .names = at->line.names,
                .agreements = &at->line.agreements,
                .hash_key = LINE_HASH_KEY,
                .clock = &at->line.clock.clock,
                .dead_letters = &at->dead_letters,
                .batch_count = batch_count,
                .abort_after_ns = 5 * NS_PER_SECOND,
                .done = line_done,
                .done_context = &at->line,
            },
    };
    cr_assert_eq(poster_open(&at->poster, &settings), STATUS_OK);
}

static void end(struct desk *at)
{
    poster_close(at->poster);
    dead_letters_fini(&at->dead_letters);
    line_end(&at->line);
}

static enum status post(struct desk *at, const char *body, struct answer *answer)
{
    *answer = (struct answer){0};
    return poster_post(at->poster, text_from(body), MAP_AUTO, take_answer, answer);
}

static void commit_all(struct desk *at)
{
    while (committer_step(at->line.committer)) {
    }
    at->line.done = at->line.sequence;
}

Test(poster, answers_when_the_body_is_durable)
{
    struct answer answer;
    begin(&desk, 4);
    cr_assert_eq(post(&desk,
                      "[{\"service\":\"web\",\"id\":\"1\"},{\"service\":\"web\",\"id\":\"1\"}]",
                      &answer),
                 STATUS_OK);
    cr_expect_eq(answer.calls, 0);
    commit_all(&desk);
    cr_assert_eq(answer.calls, 1);
    cr_expect_eq(answer.result.status, STATUS_OK);
    cr_expect_eq(answer.result.records, 2);
    cr_expect_eq(answer.result.accepted, 1);
    cr_expect_eq(answer.result.duplicates, 1);
    cr_expect_eq(answer.result.position, 1);
    cr_expect_eq(poster_records(desk.poster), 2);
    line_expect_conserved(&desk.line);
    end(&desk);
}

Test(poster, a_bad_record_fails_alone_and_is_named_by_its_index)
{
    struct answer answer;
    begin(&desk, 4);
    cr_assert_eq(post(&desk,
                      "{\"service\":\"web\"}\nnonsense\n{\"service\":\"web\"}\n{\"service\":7}\n",
                      &answer),
                 STATUS_OK);
    commit_all(&desk);
    cr_assert_eq(answer.calls, 1);
    cr_expect_eq(answer.result.accepted, 2);
    cr_expect_eq(answer.result.rejected, 2);
    cr_expect_eq(answer.result.not_json, 1);
    cr_assert_eq(answer.result.error_count, 2);
    cr_expect_eq(answer.result.errors[0].index, 1);
    cr_expect_eq(answer.result.errors[0].reject, REJECT_UNKNOWN_FORMAT);
    cr_expect_eq(answer.result.errors[1].index, 3);
    cr_expect_eq(answer.result.errors[1].reject, REJECT_BAD_TYPE);
    line_expect_conserved(&desk.line);
    end(&desk);
}

Test(poster, only_the_first_errors_are_listed_all_are_counted)
{
    struct answer answer;
    struct text_buffer body;
    begin(&desk, 4);
    text_buffer_init(&body);
    for (uint32_t i = 0; i < 3 * POST_ERRORS_MAX; i++) {
        text_buffer_string(&body, "nonsense\n");
    }
    cr_assert_eq(post(&desk, body.bytes, &answer), STATUS_OK);
    commit_all(&desk);
    cr_assert_eq(answer.calls, 1);
    cr_expect_eq(answer.result.rejected, 3 * POST_ERRORS_MAX);
    cr_expect_eq(answer.result.error_count, POST_ERRORS_MAX);
    cr_expect_eq(answer.result.position, 0);
    line_expect_conserved(&desk.line);
    text_buffer_fini(&body);
    end(&desk);
}

Test(poster, an_empty_body_is_answered_at_once)
{
    struct answer answer;
    begin(&desk, 1);
    cr_assert_eq(post(&desk, " \n", &answer), STATUS_OK);
    cr_expect_eq(answer.calls, 1);
    cr_expect_eq(answer.result.records, 0);
    cr_assert_eq(post(&desk, "{\"service\":\"web\"}", &answer), STATUS_OK, "its batch came back");
    commit_all(&desk);
    end(&desk);
}

Test(poster, a_large_body_takes_several_batches_and_one_answer)
{
    struct answer answer;
    struct text_buffer body;
    uint32_t count = 2 * BATCH_EVENTS_MAX + 5;
    begin(&desk, 4);
    text_buffer_init(&body);
    for (uint32_t i = 0; i < count; i++) {
        text_buffer_format(&body, "{\"service\":\"web\",\"id\":\"%u\"}", i);
    }
    text_buffer_string(&body, "{\"service\":\"web\",\"id\":\"0\"}");
    cr_assert_eq(post(&desk, body.bytes, &answer), STATUS_OK);
    commit_all(&desk);
    cr_assert_eq(answer.calls, 1);
    cr_expect_eq(answer.result.accepted, count);
    cr_expect_eq(answer.result.duplicates, 1, "known from an earlier batch of the same body");
    cr_expect_eq(answer.result.position, count);
    line_expect_conserved(&desk.line);
    text_buffer_fini(&body);
    end(&desk);
}

Test(poster, without_a_free_batch_a_body_is_refused_whole)
{
    struct answer first;
    struct answer second;
    begin(&desk, 1);
    cr_assert_eq(post(&desk, "{\"service\":\"web\"}", &first), STATUS_OK);
    cr_expect_eq(post(&desk, "{\"service\":\"web\"}", &second), STATUS_FULL);
    cr_expect_eq(second.calls, 0);
    while (committer_step(desk.line.committer)) {
    }
    cr_expect_eq(post(&desk, "{\"service\":\"web\"}", &second), STATUS_FULL,
                 "workers still read it");
    desk.line.done = desk.line.sequence;
    cr_expect_eq(post(&desk, "{\"service\":\"web\"}", &second), STATUS_OK);
    commit_all(&desk);
    cr_expect_eq(second.calls, 1);
    end(&desk);
}

Test(poster, a_full_disk_sheds_and_the_same_body_is_no_repeat_later)
{
    struct answer answer;
    begin(&desk, 2);
    desk.line.log.outcome = FAKE_LOG_FULL;
    cr_assert_eq(post(&desk, "{\"service\":\"web\",\"id\":\"1\"}", &answer), STATUS_OK);
    (void)committer_step(desk.line.committer);
    cr_assert_eq(answer.calls, 1);
    cr_expect_eq(answer.result.status, STATUS_NO_SPACE);
    cr_expect_eq(answer.result.accepted, 0);
    desk.line.log.outcome = FAKE_LOG_WORKS;
    fake_clock_advance(&desk.line.clock, NS_PER_SECOND);
    cr_assert_eq(post(&desk, "{\"service\":\"web\",\"id\":\"1\"}", &answer), STATUS_OK);
    commit_all(&desk);
    cr_expect_eq(answer.result.status, STATUS_OK);
    cr_expect_eq(answer.result.accepted, 1);
    cr_expect_eq(answer.result.duplicates, 0);
    cr_expect_eq(line_counters(&desk.line).shed[SHED_STORAGE_FULL], 1);
    line_expect_conserved(&desk.line);
    end(&desk);
}

Test(poster, a_failed_commit_leaves_the_outcome_open)
{
    struct answer answer;
    begin(&desk, 2);
    desk.line.log.outcome = FAKE_LOG_BROKEN;
    cr_assert_eq(post(&desk, "{\"service\":\"web\",\"id\":\"1\"}", &answer), STATUS_OK);
    (void)committer_step(desk.line.committer);
    cr_assert_eq(answer.calls, 1);
    cr_expect_eq(answer.result.status, STATUS_STOPPED);
    end(&desk);
}

Test(poster, after_the_doors_are_closed_a_body_is_told_so)
{
    struct answer answer;
    begin(&desk, 2);
    committer_stop(desk.line.committer);
    committer_run(desk.line.committer);
    enum status status = post(&desk, "{\"service\":\"web\",\"id\":\"1\"}", &answer);
    cr_expect(status == STATUS_STOPPED ||
              (status == STATUS_OK && answer.calls == 1 && answer.result.status == STATUS_STOPPED));
    end(&desk);
}

Test(poster, names_without_room_are_rejected_records_of_the_answer)
{
    struct answer answer;
    begin(&desk, 2);
    struct text_buffer body;
    text_buffer_init(&body);
    for (uint32_t i = 0; i < 1010; i++) {
        text_buffer_format(&body, "{\"service\":\"web-%u\"}\n", i);
    }
    cr_assert_eq(post(&desk, body.bytes, &answer), STATUS_OK);
    commit_all(&desk);
    cr_expect_eq(answer.result.accepted, 1000);
    cr_expect_eq(answer.result.rejected, 10);
    line_expect_conserved(&desk.line);
    text_buffer_fini(&body);
    end(&desk);
}
