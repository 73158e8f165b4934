#include "base/text_buffer.h"
#include "ingest/receiver.h"
#include "line.h"
#include "support/fake_net.h"

/* A receiver between a fake network and a commit line. */
struct peer {
    struct line line;
    struct fake_net net;
    struct receiver *receiver;
    struct dead_letters dead_letters;
};

/* Too large for a frame; each test is a process of its own. */
static struct peer peer;

static void begin(struct peer *at, uint32_t batch_count)
{
    line_begin(&at->line);
    dead_letters_init(&at->dead_letters);
    struct receiver_settings settings = {
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
    };
    cr_assert_eq(receiver_open(&at->receiver, &settings), STATUS_OK);
    cr_assert_eq(receiver_add_listener(at->receiver, 0, MAP_AUTO), STATUS_OK);
    struct net_handler handler = receiver_handler(at->receiver);
    fake_net_init(&at->net, &handler);
    struct net_port port = fake_net_port(&at->net);
    receiver_attach(at->receiver, &port);
}

static void end(struct peer *at)
{
    receiver_close(at->receiver);
    fake_net_fini(&at->net);
    dead_letters_fini(&at->dead_letters);
    line_end(&at->line);
}

/* The loop waits, the commit thread works, the workers finish, the ring thread hears of it. */
static void settle(struct peer *at)
{
    do {
        fake_net_settle(&at->net);
        while (committer_step(at->line.committer)) {
        }
        at->line.done = at->line.sequence;
        fake_net_wake(&at->net);
    } while (!receiver_is_drained(at->receiver));
    fake_net_settle(&at->net);
}

static const char stream[] =
    "{\"nines\":{\"ack\":true}}\n"
    "{\"service\":\"web\",\"status\":200,\"id\":\"1\"}\n"
    "\r\n"
    "54 {\"service\":\"web\",\"status\":503,\"id\":\"2\",\"latency_ms\":3}\n"
    "this is no record\r\n"
    "{\"service\":\"w\\u0065b\",\"status\":200,\"id\":\"3\"}\r\n"
    "{\"service\":\"web\",\"status\":\"none\"}\n"
    "{\"service\":\"web\",\"status\":200}";

static void expect_stream_judged(struct peer *at)
{
    struct store_counters counters = line_counters(&at->line);
    cr_assert_eq(counters.received, 6);
    cr_assert_eq(counters.stored, 4);
    cr_assert_eq(counters.without_id, 1);
    cr_assert_eq(counters.rejected[REJECT_UNKNOWN_FORMAT] + counters.rejected[REJECT_BAD_TYPE], 2);
    line_expect_conserved(&at->line);
}

Test(receiver, a_stream_split_at_any_byte_is_judged_the_same)
{
    for (size_t at = 0; at <= sizeof(stream) - 1; at++) {
        begin(&peer, 4);
        uint32_t connection = fake_net_connect(&peer.net, 0, 8);
        fake_net_send(&peer.net, connection, stream, at);
        fake_net_send(&peer.net, connection, stream + at, sizeof(stream) - 1 - at);
        fake_net_half_close(&peer.net, connection);
        settle(&peer);
        expect_stream_judged(&peer);
        cr_assert_eq(peer.net.connections[connection].closed_told, 1);
        end(&peer);
    }
}

Test(receiver, a_stream_byte_by_byte_is_judged_the_same)
{
    begin(&peer, 4);
    uint32_t connection = fake_net_connect(&peer.net, 0, 8);
    for (size_t i = 0; i < sizeof(stream) - 1; i++) {
        fake_net_send(&peer.net, connection, stream + i, 1);
    }
    fake_net_half_close(&peer.net, connection);
    settle(&peer);
    expect_stream_judged(&peer);
    end(&peer);
}

Test(receiver, lines_are_acknowledged_when_they_are_durable)
{
    begin(&peer, 4);
    uint32_t connection = fake_net_connect(&peer.net, 0, 8);
    fake_net_send_string(&peer.net, connection,
                         "{\"nines\":{\"ack\":true}}\n{\"service\":\"web\"}\nnonsense\n");
    fake_net_settle(&peer.net);
    fake_net_wake(&peer.net);
    cr_expect_str_eq(fake_net_answers(&peer.net, connection), "", "nothing is durable yet");
    settle(&peer);
    cr_expect_str_eq(fake_net_answers(&peer.net, connection), "{\"durable\":2}\n");
    fake_net_send_string(&peer.net, connection, "\n{\"service\":\"web\"}\n{\"serv");
    settle(&peer);
    cr_expect_str_eq(fake_net_answers(&peer.net, connection), "{\"durable\":2}\n{\"durable\":3}\n");
    cr_expect(peer.net.connections[connection].open);
    end(&peer);
}

Test(receiver, a_stream_that_did_not_ask_hears_nothing)
{
    begin(&peer, 4);
    uint32_t silent = fake_net_connect(&peer.net, 0, 8);
    uint32_t late = fake_net_connect(&peer.net, 0, 8);
    fake_net_send_string(&peer.net, silent, "{\"service\":\"web\"}\n");
    fake_net_send_string(
        &peer.net, late,
        "{\"service\":\"web\"}\n{\"nines\":{\"ack\":true}}\n{\"service\":\"web\"}\n");
    settle(&peer);
    cr_expect_str_eq(fake_net_answers(&peer.net, silent), "");
    cr_expect_str_eq(fake_net_answers(&peer.net, late), "", "only the first line may ask");
    end(&peer);
}

Test(receiver, a_half_close_is_answered_in_full_before_it_closes)
{
    begin(&peer, 4);
    uint32_t connection = fake_net_connect(&peer.net, 0, 8);
    fake_net_send_string(
        &peer.net, connection,
        "{\"nines\":{\"ack\":true}}\n{\"service\":\"web\"}\n{\"service\":\"web\"}");
    fake_net_half_close(&peer.net, connection);
    fake_net_settle(&peer.net);
    cr_expect(peer.net.connections[connection].open, "an acknowledgement is owed");
    settle(&peer);
    cr_expect_str_eq(fake_net_answers(&peer.net, connection), "{\"durable\":2}\n");
    cr_expect_not(peer.net.connections[connection].open);
    cr_expect_eq(peer.net.connections[connection].closed_told, 1);
    end(&peer);
}

Test(receiver, a_reset_keeps_whole_lines_and_counts_the_half_one)
{
    begin(&peer, 4);
    uint32_t connection = fake_net_connect(&peer.net, 0, 8);
    fake_net_send_string(&peer.net, connection, "{\"service\":\"web\"}\n{\"service\":\"we");
    fake_net_reset(&peer.net, connection);
    settle(&peer);
    struct store_counters counters = line_counters(&peer.line);
    cr_expect_eq(counters.stored, 1);
    cr_expect_eq(counters.rejected[REJECT_TRUNCATED], 1);
    line_expect_conserved(&peer.line);
    end(&peer);
}

Test(receiver, a_late_acknowledgement_finds_no_stranger_in_a_reused_slot)
{
    begin(&peer, 4);
    uint32_t first = fake_net_connect(&peer.net, 0, 1);
    fake_net_send_string(&peer.net, first, "{\"nines\":{\"ack\":true}}\n{\"service\":\"web\"}\n");
    fake_net_reset(&peer.net, first);
    uint32_t second = fake_net_connect(&peer.net, 0, 1);
    fake_net_send_string(&peer.net, second, "{\"nines\":{\"ack\":true}}\n");
    settle(&peer);
    cr_expect_str_eq(fake_net_answers(&peer.net, first), "");
    cr_expect_str_eq(fake_net_answers(&peer.net, second), "");
    cr_expect_eq(line_counters(&peer.line).stored, 1);
    end(&peer);
}

Test(receiver, a_client_that_does_not_read_its_acknowledgements_is_closed)
{
    begin(&peer, 4);
    uint32_t connection = fake_net_connect(&peer.net, 0, 8);
    fake_net_send_string(&peer.net, connection,
                         "{\"nines\":{\"ack\":true}}\n{\"service\":\"web\"}\n");
    peer.net.refuses_sends = true;
    settle(&peer);
    cr_expect_not(peer.net.connections[connection].open);
    cr_expect_eq(line_counters(&peer.line).stored, 1);
    end(&peer);
}

Test(receiver, tls_is_refused_and_closed)
{
    begin(&peer, 4);
    uint32_t connection = fake_net_connect(&peer.net, 0, 8);
    fake_net_send(&peer.net, connection, "\x16\x03\x01\x02\x00\x01", 6);
    fake_net_send_string(&peer.net, connection, "{\"service\":\"web\"}\n");
    settle(&peer);
    cr_expect_not(peer.net.connections[connection].open);
    cr_expect_eq(line_counters(&peer.line).rejected[REJECT_TLS], 1);
    cr_expect_eq(line_counters(&peer.line).stored, 0);
    end(&peer);
}

Test(receiver, an_endless_record_is_refused_once_and_the_stream_goes_on)
{
    begin(&peer, 4);
    uint32_t connection = fake_net_connect(&peer.net, 0, 8);
    static char part[50000];
    memset(part, 'x', sizeof(part));
    for (uint32_t i = 0; i < 5; i++) {
        fake_net_send(&peer.net, connection, part, sizeof(part));
    }
    fake_net_send_string(&peer.net, connection, "\n{\"service\":\"web\"}\n");
    settle(&peer);
    cr_expect_eq(line_counters(&peer.line).rejected[REJECT_TOO_LARGE], 1);
    cr_expect_eq(line_counters(&peer.line).stored, 1);
    cr_expect_eq(line_counters(&peer.line).received, 2);
    end(&peer);
}

static void send_lines(struct peer *at, uint32_t connection, uint32_t first, uint32_t count)
{
    struct text_buffer lines;
    text_buffer_init(&lines);
    for (uint32_t i = first; i < first + count; i++) {
        text_buffer_format(&lines, "{\"service\":\"web\",\"id\":\"%u\"}\n", i);
    }
    fake_net_send(&at->net, connection, lines.bytes, lines.length);
    text_buffer_fini(&lines);
}

Test(receiver, without_a_free_batch_bytes_stay_outside_until_workers_give_one_back)
{
    begin(&peer, 2);
    uint32_t connection = fake_net_connect(&peer.net, 0, 8);
    send_lines(&peer, connection, 0, 3 * BATCH_EVENTS_MAX);
    cr_expect(receiver_is_starved(peer.receiver));
    cr_expect_gt(peer.net.connections[connection].waiting.length, 0);
    fake_net_settle(&peer.net);
    /* Durable alone does not free them: workers still read. */
    while (committer_step(peer.line.committer)) {
    }
    fake_net_wake(&peer.net);
    cr_expect(receiver_is_starved(peer.receiver));
    cr_expect_eq(peer.line.log.position_next, 2 * BATCH_EVENTS_MAX);
    peer.line.done = peer.line.sequence;
    fake_net_wake(&peer.net);
    cr_expect_not(receiver_is_starved(peer.receiver));
    settle(&peer);
    cr_expect_eq(peer.line.log.position_next, 3 * BATCH_EVENTS_MAX);
    cr_expect_eq(peer.net.connections[connection].waiting.length, 0);
    line_expect_conserved(&peer.line);
    struct receiver_counters counters;
    receiver_counters(peer.receiver, &counters);
    cr_expect_eq(counters.lines, 3 * BATCH_EVENTS_MAX);
    end(&peer);
}

Test(receiver, the_last_line_of_an_ended_stream_waits_for_room)
{
    begin(&peer, 1);
    uint32_t filler = fake_net_connect(&peer.net, 0, 8);
    uint32_t last = fake_net_connect(&peer.net, 0, 8);
    fake_net_send_string(&peer.net, last,
                         "{\"nines\":{\"ack\":true}}\n{\"service\":\"web\",\"id\":\"last\"}");
    send_lines(&peer, filler, 0, BATCH_EVENTS_MAX + 1);
    fake_net_half_close(&peer.net, last);
    cr_expect(peer.net.connections[last].open);
    settle(&peer);
    cr_expect_eq(peer.line.log.position_next, BATCH_EVENTS_MAX + 2);
    cr_expect_str_eq(fake_net_answers(&peer.net, last), "{\"durable\":1}\n");
    cr_expect_not(peer.net.connections[last].open);
    end(&peer);
}

Test(receiver, a_full_disk_pushes_back_and_loses_nothing)
{
    begin(&peer, 2);
    peer.line.log.outcome = FAKE_LOG_FULL;
    uint32_t connection = fake_net_connect(&peer.net, 0, 8);
    fake_net_send_string(&peer.net, connection, "{\"nines\":{\"ack\":true}}\n");
    send_lines(&peer, connection, 0, 3 * BATCH_EVENTS_MAX);
    fake_net_settle(&peer.net);
    (void)committer_step(peer.line.committer);
    fake_net_wake(&peer.net);
    cr_expect_str_eq(fake_net_answers(&peer.net, connection), "");
    cr_expect_gt(peer.net.connections[connection].waiting.length, 0);
    peer.line.log.outcome = FAKE_LOG_WORKS;
    fake_clock_advance(&peer.line.clock, NS_PER_SECOND);
    settle(&peer);
    cr_expect_eq(peer.line.log.position_next, 3 * BATCH_EVENTS_MAX);
    line_expect_conserved(&peer.line);
    char whole[64];
    snprintf(whole, sizeof(whole), "{\"durable\":%d}\n", 3 * BATCH_EVENTS_MAX);
    const char *answers = fake_net_answers(&peer.net, connection);
    cr_expect_str_eq(answers + strlen(answers) - strlen(whole), whole);
    end(&peer);
}

Test(receiver, a_datagram_is_one_record)
{
    begin(&peer, 4);
    fake_net_datagram(&peer.net, 0, "{\"service\":\"web\"}\n", 18, false);
    fake_net_datagram(&peer.net, 0, "{\"service\":\"web\"}", 17, false);
    fake_net_datagram(&peer.net, 0, "{\"service\":\"web\"", 16, true);
    fake_net_datagram(&peer.net, 0, "", 0, false);
    settle(&peer);
    struct store_counters counters = line_counters(&peer.line);
    cr_expect_eq(counters.stored, 2);
    cr_expect_eq(counters.rejected[REJECT_TRUNCATED], 1);
    cr_expect_eq(counters.rejected[REJECT_EMPTY_DATAGRAM], 1);
    line_expect_conserved(&peer.line);
    end(&peer);
}

Test(receiver, a_datagram_without_room_waits_and_is_counted_once)
{
    begin(&peer, 1);
    uint32_t filler = fake_net_connect(&peer.net, 0, 8);
    send_lines(&peer, filler, 0, BATCH_EVENTS_MAX + 1);
    struct receiver_counters before;
    receiver_counters(peer.receiver, &before);
    fake_net_datagram(&peer.net, 0, "{\"service\":\"web\"}", 17, false);
    cr_expect_eq(peer.net.datagram_count, 1);
    size_t waiting = peer.net.connections[filler].waiting.length;
    settle(&peer);
    cr_expect_eq(peer.net.datagram_count, 0);
    cr_expect_eq(peer.line.log.position_next, BATCH_EVENTS_MAX + 2);
    struct receiver_counters after;
    receiver_counters(peer.receiver, &after);
    cr_expect_eq(after.bytes, before.bytes + waiting + 17, "bytes are counted when they are taken");
    end(&peer);
}

Test(receiver, a_refused_record_is_kept_to_be_looked_at)
{
    begin(&peer, 4);
    uint32_t connection = fake_net_connect(&peer.net, 0, 8);
    fake_net_send_string(&peer.net, connection, "first nonsense\nsecond\x01nonsense\n");
    settle(&peer);
    struct dead_letter letters[4];
    cr_assert_eq(dead_letters_copy(&peer.dead_letters, letters, 4), 2);
    cr_expect_str_eq(letters[0].excerpt, "second.nonsense");
    cr_expect_str_eq(letters[1].excerpt, "first nonsense");
    cr_expect_eq(letters[0].received_ns, LINE_NOW_NS);
    end(&peer);
}

Test(receiver, flush_hands_on_what_is_open)
{
    begin(&peer, 4);
    uint32_t connection = fake_net_connect(&peer.net, 0, 8);
    fake_net_send_string(&peer.net, connection, "{\"service\":\"web\"}\n");
    cr_expect_not(receiver_is_drained(peer.receiver));
    receiver_flush(peer.receiver);
    (void)committer_step(peer.line.committer);
    cr_expect(receiver_is_drained(peer.receiver));
    cr_expect_eq(peer.line.log.position_next, 1);
    end(&peer);
}

Test(receiver, more_sessions_than_a_batch_lists_take_another_batch)
{
    begin(&peer, 4);
    for (uint32_t i = 0; i < BATCH_SESSIONS_MAX + 10; i++) {
        uint32_t connection = fake_net_connect(&peer.net, 0, FAKE_NET_CONNECTIONS);
        fake_net_send_string(&peer.net, connection,
                             "{\"nines\":{\"ack\":true}}\n{\"service\":\"web\"}\n");
    }
    settle(&peer);
    cr_expect_eq(peer.line.log.position_next, BATCH_SESSIONS_MAX + 10);
    for (uint32_t i = 0; i < BATCH_SESSIONS_MAX + 10; i++) {
        cr_assert_str_eq(fake_net_answers(&peer.net, i), "{\"durable\":1}\n");
    }
    end(&peer);
}

Test(receiver, a_refused_frame_beyond_the_sessions_of_a_batch_is_not_forgotten)
{
    begin(&peer, 4);
    for (uint32_t i = 0; i < BATCH_SESSIONS_MAX; i++) {
        uint32_t connection = fake_net_connect(&peer.net, 0, FAKE_NET_CONNECTIONS);
        fake_net_send_string(&peer.net, connection, "{\"service\":\"web\"}\n");
    }
    uint32_t last = fake_net_connect(&peer.net, 0, FAKE_NET_CONNECTIONS);
    fake_net_send(&peer.net, last, "\x16\x03\x01\x02\x00\x01", 6);
    settle(&peer);
    cr_expect_eq(peer.net.connections[last].waiting.length, 0);
    cr_expect_not(peer.net.connections[last].open);
    cr_expect_eq(line_counters(&peer.line).rejected[REJECT_TLS], 1);
    end(&peer);
}
