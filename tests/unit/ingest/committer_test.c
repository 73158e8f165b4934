#include "line.h"

/* Too large for a frame; each test is a process of its own. */
static struct line line;

static const char *const three[] = {"a", "b", "c"};

Test(committer, what_queued_is_one_transaction_in_order)
{
    line_begin(&line);
    struct batch *ring[2] = {line_batch(&line, "web", three, 3), line_batch_of(&line, "d")};
    struct batch *posted = line_batch_of(&line, "e");
    struct line_post post;
    line_post(&line, &post, posted);
    cr_assert_eq(committer_submit(line.committer, ring[0]), STATUS_OK);
    cr_assert_eq(committer_submit(line.committer, ring[1]), STATUS_OK);
    cr_expect_not(committer_idle(line.committer));
    cr_expect_null(committer_fetch(line.committer), "nothing is durable yet");
    cr_expect(committer_step(line.committer));
    cr_expect_eq(line.log.commits, 1);
    cr_expect_eq(ring[0]->position, 0);
    cr_expect_eq(ring[1]->position, 3);
    cr_expect_eq(posted->position, 4);
    cr_expect_eq(line.seen_count, 3);
    cr_expect_eq(committer_fetch(line.committer), ring[0]);
    cr_expect_eq(committer_fetch(line.committer), ring[1]);
    cr_expect_null(committer_fetch(line.committer));
    cr_expect(committer_idle(line.committer));
    cr_expect_eq(post.calls, 1);
    cr_expect_eq(post.status, STATUS_OK);
    cr_expect_eq(line.committed_calls, 1);
    cr_expect_eq(committer_position(line.committer), 5);
    cr_expect_not(committer_step(line.committer), "nothing left to do");
    line_expect_conserved(&line);
    for (uint32_t i = 0; i < 2; i++) {
        batch_delete(ring[i]);
    }
    batch_delete(posted);
    line_end(&line);
}

Test(committer, a_repeat_is_taken_out_within_a_batch_and_across_batches)
{
    line_begin(&line);
    static const char *const ids[] = {"a", "a", "", "", "b"};
    struct batch *first = line_batch(&line, "web", ids, 5);
    struct batch *second = line_batch(&line, "web", three, 3);
    struct batch *other_service = line_batch(&line, "api", three, 1);
    cr_assert_eq(committer_submit(line.committer, first), STATUS_OK);
    cr_assert_eq(committer_submit(line.committer, second), STATUS_OK);
    cr_assert_eq(committer_submit(line.committer, other_service), STATUS_OK);
    (void)committer_step(line.committer);
    cr_expect_eq(first->event_count, 4);
    cr_expect_eq(first->duplicates, 1);
    cr_expect_eq(second->event_count, 1);
    cr_expect_eq(second->duplicates, 2);
    cr_expect_eq(other_service->event_count, 1, "an id is known per service");
    cr_expect_eq(committer_ids_remembered(line.committer), 4);
    cr_expect_eq(committer_ids_horizon_ns(line.committer), DEDUPE_HORIZON_NS);
    line_expect_conserved(&line);
    batch_delete(first);
    batch_delete(second);
    batch_delete(other_service);
    line_end(&line);
}

Test(committer, a_batch_of_repeats_alone_is_acknowledged_and_reaches_no_worker)
{
    line_begin(&line);
    for (uint32_t round = 0; round < 2; round++) {
        struct batch *batch = line_batch_of(&line, "a");
        cr_assert_eq(committer_submit(line.committer, batch), STATUS_OK);
        (void)committer_step(line.committer);
        cr_expect_eq(committer_fetch(line.committer), batch);
        cr_expect_eq(batch->sequence, round == 0 ? 1 : 0);
        batch_delete(batch);
    }
    cr_expect_eq(line.seen_count, 1);
    cr_expect_eq(line_counters(&line).duplicate, 1);
    line_expect_conserved(&line);
    line_end(&line);
}

Test(committer, a_full_disk_holds_the_ring_and_sheds_posts)
{
    line_begin(&line);
    line.log.outcome = FAKE_LOG_FULL;
    struct batch *ring = line_batch(&line, "web", three, 3);
    struct batch *posted = line_batch_of(&line, "p");
    struct line_post post;
    line_post(&line, &post, posted);
    cr_assert_eq(committer_submit(line.committer, ring), STATUS_OK);
    (void)committer_step(line.committer);
    cr_expect(committer_storage_full(line.committer));
    cr_expect_eq(post.calls, 1);
    cr_expect_eq(post.status, STATUS_NO_SPACE);
    cr_expect_null(committer_fetch(line.committer), "nothing is acknowledged");
    cr_expect_eq(line.seen_count, 0);
    cr_expect_eq(line_counters(&line).received, 0, "totals are those of the log");
    /* Not tried again at once. */
    uint32_t attempts = line.log.attempts;
    cr_expect_not(committer_step(line.committer));
    cr_expect_eq(line.log.attempts, attempts);
    /* There is room again. */
    line.log.outcome = FAKE_LOG_WORKS;
    fake_clock_advance(&line.clock, 200 * NS_PER_MS);
    cr_expect(committer_step(line.committer));
    cr_expect_not(committer_storage_full(line.committer));
    cr_expect_eq(committer_fetch(line.committer), ring);
    cr_expect_eq(ring->event_count, 3, "held back, not taken for its own repeat");
    cr_expect_eq(line_counters(&line).shed[SHED_STORAGE_FULL], 1);
    line_expect_conserved(&line);
    /* The sender of the post tries again: its id was not lost. */
    batch_delete(posted);
    posted = line_batch_of(&line, "p");
    line_post(&line, &post, posted);
    (void)committer_step(line.committer);
    cr_expect_eq(post.status, STATUS_OK);
    cr_expect_eq(posted->event_count, 1);
    line_expect_conserved(&line);
    batch_delete(ring);
    batch_delete(posted);
    line_end(&line);
}

Test(committer, a_post_that_repeats_a_held_batch_is_a_repeat_afterwards_too)
{
    line_begin(&line);
    line.log.outcome = FAKE_LOG_FULL;
    struct batch *ring = line_batch_of(&line, "a");
    struct batch *posted = line_batch_of(&line, "a");
    struct line_post post;
    line_post(&line, &post, posted);
    cr_assert_eq(committer_submit(line.committer, ring), STATUS_OK);
    (void)committer_step(line.committer);
    line.log.outcome = FAKE_LOG_WORKS;
    fake_clock_advance(&line.clock, 200 * NS_PER_MS);
    batch_delete(posted);
    posted = line_batch_of(&line, "a");
    line_post(&line, &post, posted);
    (void)committer_step(line.committer);
    cr_expect_eq(line.log.position_next, 1, "stored once");
    cr_expect_eq(ring->event_count + posted->event_count, 1);
    line_expect_conserved(&line);
    batch_delete(ring);
    batch_delete(posted);
    line_end(&line);
}

static void expect_terminal(enum fake_log_outcome outcome)
{
    line_begin(&line);
    line.log.outcome = outcome;
    struct batch *ring = line_batch(&line, "web", three, 3);
    struct batch *posted = line_batch_of(&line, "p");
    struct line_post post;
    line_post(&line, &post, posted);
    cr_assert_eq(committer_submit(line.committer, ring), STATUS_OK);
    (void)committer_step(line.committer);
    cr_expect(committer_failed(line.committer));
    cr_expect_eq(post.calls, 1);
    cr_expect_eq(post.status, STATUS_STOPPED);
    cr_expect_null(committer_fetch(line.committer));
    cr_expect_eq(line.seen_count, 0);
    cr_expect_neq(committer_message(line.committer)[0], '\0');
    /* committer_run ends at once, and then nothing more is taken in. */
    committer_run(line.committer);
    struct line_post late = {.commit = {.batch = posted, .done = line_post_done}};
    cr_expect_eq(committer_post(line.committer, &late.commit), STATUS_STOPPED);
    cr_expect_eq(committer_query(line.committer, &late), STATUS_STOPPED);
    cr_expect_eq(late.calls, 0);
    batch_delete(ring);
    batch_delete(posted);
    line_end(&line);
}

Test(committer, a_broken_disk_ends_it_and_acknowledges_nothing)
{
    expect_terminal(FAKE_LOG_BROKEN);
}

Test(committer, a_commit_of_unknown_outcome_ends_it_too)
{
    expect_terminal(FAKE_LOG_BROKEN_STORED);
}

Test(committer, after_a_crash_the_log_decides_what_is_a_repeat)
{
    line_begin(&line);
    struct batch *stored = line_batch(&line, "web", three, 3);
    cr_assert_eq(committer_submit(line.committer, stored), STATUS_OK);
    (void)committer_step(line.committer);
    line.log.outcome = FAKE_LOG_BROKEN_STORED;
    struct batch *unknown = line_batch_of(&line, "d");
    cr_assert_eq(committer_submit(line.committer, unknown), STATUS_OK);
    (void)committer_step(line.committer);
    line_crash(&line);
    cr_expect_eq(committer_position(line.committer), 4);
    cr_expect_neq(name_find(line.names, TEXT("web")), NAME_NONE);
    /* The sender was not told and sends again. */
    static const char *const again[] = {"d", "e"};
    struct batch *resent = line_batch(&line, "web", again, 2);
    cr_assert_eq(committer_submit(line.committer, resent), STATUS_OK);
    (void)committer_step(line.committer);
    cr_expect_eq(resent->event_count, 1);
    cr_expect_eq(resent->position, 4);
    line_expect_conserved(&line);
    batch_delete(stored);
    batch_delete(unknown);
    batch_delete(resent);
    line_end(&line);
}

Test(committer, a_query_sees_all_that_was_durable_before_it)
{
    line_begin(&line);
    struct batch *before = line_batch(&line, "web", three, 3);
    int question;
    cr_assert_eq(committer_submit(line.committer, before), STATUS_OK);
    cr_assert_eq(committer_query(line.committer, &question), STATUS_OK);
    (void)committer_step(line.committer);
    cr_assert_eq(line.seen_count, 2);
    cr_expect_eq(line.seen[0].kind, 'b');
    cr_expect_eq(line.seen[1].kind, 'q');
    cr_expect_eq(line.seen[1].query, &question);
    cr_expect_eq(line.seen[1].position, 3);
    batch_delete(before);
    line_end(&line);
}

Test(committer, questions_are_passed_on_in_their_order_also_while_the_disk_is_full)
{
    line_begin(&line);
    line.log.outcome = FAKE_LOG_FULL;
    struct batch *held = line_batch_of(&line, "a");
    cr_assert_eq(committer_submit(line.committer, held), STATUS_OK);
    (void)committer_step(line.committer);
    int questions[3];
    for (uint32_t i = 0; i < 3; i++) {
        cr_assert_eq(committer_query(line.committer, &questions[i]), STATUS_OK);
    }
    cr_expect(committer_step(line.committer));
    cr_assert_eq(line.seen_count, 3);
    for (uint32_t i = 0; i < 3; i++) {
        cr_expect_eq(line.seen[i].query, &questions[i]);
    }
    batch_delete(held);
    line_end(&line);
}

Test(committer, names_that_find_no_room_drop_their_event_alone)
{
    line_begin(&line);
    line_stop(&line);
    line_start(&line, 1);
    struct batch *first = line_batch(&line, "web", three, 2);
    struct batch *second = line_batch(&line, "api", three, 1);
    cr_assert_eq(committer_submit(line.committer, first), STATUS_OK);
    cr_assert_eq(committer_submit(line.committer, second), STATUS_OK);
    (void)committer_step(line.committer);
    cr_expect_eq(first->event_count, 2);
    cr_expect_eq(second->event_count, 0);
    cr_expect_eq(line_counters(&line).rejected[REJECT_NAMES_FULL], 1);
    cr_expect_eq(committer_ids_remembered(line.committer), 2,
                 "a refused event leaves no id behind");
    line_expect_conserved(&line);
    batch_delete(first);
    batch_delete(second);
    line_end(&line);
}

Test(committer, what_was_shed_outside_joins_the_totals_once)
{
    line_begin(&line);
    line.log.outcome = FAKE_LOG_FULL;
    committer_count_shed(line.committer, SHED_OVERLOAD, 7);
    (void)committer_step(line.committer);
    fake_clock_advance(&line.clock, 200 * NS_PER_MS);
    (void)committer_step(line.committer);
    line.log.outcome = FAKE_LOG_WORKS;
    fake_clock_advance(&line.clock, 200 * NS_PER_MS);
    (void)committer_step(line.committer);
    cr_expect_eq(line_counters(&line).shed[SHED_OVERLOAD], 7);
    cr_expect_eq(line_counters(&line).received, 7);
    line_expect_conserved(&line);
    line_end(&line);
}

Test(committer, stopping_commits_what_was_submitted_before)
{
    line_begin(&line);
    struct batch *batch = line_batch(&line, "web", three, 3);
    struct batch *posted = line_batch_of(&line, "p");
    struct line_post post;
    line_post(&line, &post, posted);
    cr_assert_eq(committer_submit(line.committer, batch), STATUS_OK);
    line.due_ns = LINE_NOW_NS; /* a tick is due, too */
    committer_stop(line.committer);
    committer_run(line.committer);
    cr_expect_eq(line.log.position_next, 4);
    cr_expect_eq(committer_fetch(line.committer), batch);
    cr_expect_eq(post.status, STATUS_OK);
    cr_expect_eq(committer_post(line.committer, &post.commit), STATUS_STOPPED);
    cr_expect_eq(line.seen[line.seen_count - 1].kind, 't');
    batch_delete(batch);
    batch_delete(posted);
    line_end(&line);
}

Test(committer, the_histogram_counts_every_attempt)
{
    line_begin(&line);
    struct batch *batch = line_batch_of(&line, "a");
    cr_assert_eq(committer_submit(line.committer, batch), STATUS_OK);
    (void)committer_step(line.committer);
    struct commit_histogram histogram;
    committer_histogram(line.committer, &histogram);
    cr_expect_eq(histogram.count, 1);
    cr_expect_eq(histogram.at_most[0], 1, "the fake clock stood still");
    cr_expect_eq(histogram.at_most[COMMIT_HISTOGRAM_BUCKETS - 1], 1);
    batch_delete(batch);
    line_end(&line);
}
