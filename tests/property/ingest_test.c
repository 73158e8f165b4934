/* Streams cut anywhere and judged under back-pressure come out as those that arrive whole; senders
 * who repeat until they are told so are counted once, through full disks and crashes. */
#include "base/text_buffer.h"
#include "ingest/receiver.h"
#include "support/fake_net.h"
#include "support/random.h"
#include "unit/ingest/line.h"

struct station {
    struct line line;
    struct fake_net net;
    struct receiver *receiver;
    struct dead_letters dead_letters;
};

/* Too large for a frame; each test is a process of its own. */
static struct station station;

static void open_receiver(struct station *at)
{
    dead_letters_init(&at->dead_letters);
    struct receiver_settings settings = {
        .committer = at->line.committer,
        .names = at->line.names,
        .agreements = &at->line.agreements,
        .hash_key = LINE_HASH_KEY,
        .clock = &at->line.clock.clock,
        .dead_letters = &at->dead_letters,
        .batch_count = 2,
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

static void close_receiver(struct station *at)
{
    receiver_close(at->receiver);
    fake_net_fini(&at->net);
    dead_letters_fini(&at->dead_letters);
}

static void work(struct station *at)
{
    fake_net_settle(&at->net);
    while (committer_step(at->line.committer)) {
    }
    at->line.done = at->line.sequence;
    at->line.seen_count = 0;
    fake_net_wake(&at->net);
}

static void append_piece(struct random *random, struct text_buffer *stream)
{
    static const char *const pieces[] = {
        "\n",
        "\r\n",
        "  \n",
        "nonsense\n",
        "{\"service\":\"web\",\"status\":\"x\"}\n",
        "{\"service\":\"web\"}",
        "12 {\"a\":1}",
        "7 <34>1 -\n",
        "10.0.0.1 - - no line\n",
        "99999999 x\n",
        "123456 ",
        "{\"nines\":{\"ack\":true}}\n",
        "\x80\xff\n",
        "{\n",
        "<34>Oct 11 22:14:15 h t: hello\n",
    };
    uint64_t kind = random_below(random, 24);
    if (kind < 6) {
        text_buffer_format(stream, "{\"service\":\"web\",\"id\":\"%u\"}\n",
                           (unsigned)random_below(random, 99));
    } else if (kind < 8) {
        char record[64];
        int length = snprintf(record, sizeof(record), "{\"service\":\"api\",\"id\":\"%u\"}",
                              (unsigned)random_below(random, 99));
        text_buffer_format(stream, "%d %s%s", length, record,
                           random_once_in(random, 2) ? "\n" : "");
    } else if (random_once_in(random, 200)) {
        for (uint32_t i = 0; i < 70000; i++) {
            text_buffer_char(stream, (char)('a' + i % 7));
        }
    } else {
        text_buffer_string(stream,
                           pieces[random_below(random, sizeof(pieces) / sizeof(pieces[0]))]);
    }
}

/* Sends the stream in parts of at most part_max bytes (0: whole), then half-closes. */
static struct store_counters judge_stream(const struct text_buffer *stream, struct random *random,
                                          uint64_t part_max)
{
    line_begin(&station.line);
    open_receiver(&station);
    uint32_t connection = fake_net_connect(&station.net, 0, 8);
    for (size_t at = 0; at < stream->length;) {
        size_t part = stream->length - at;
        if (part_max != 0) {
            uint64_t some = 1 + random_below(random, part_max);
            part = some < part ? some : part;
        }
        fake_net_send(&station.net, connection, stream->bytes + at, part);
        at += part;
        if (random_once_in(random, 10)) {
            work(&station);
        }
    }
    fake_net_half_close(&station.net, connection);
    do {
        work(&station);
    } while (!receiver_is_drained(station.receiver));
    work(&station);
    cr_assert_eq(station.net.connections[connection].waiting.length, 0);
    line_expect_conserved(&station.line);
    struct store_counters counters = line_counters(&station.line);
    close_receiver(&station);
    line_end(&station.line);
    return counters;
}

Test(receiver, what_a_stream_holds_does_not_depend_on_how_it_is_cut)
{
    struct random random = random_seeded("receiver cuts");
    for (uint32_t round = 0; round < 60; round++) {
        struct text_buffer stream;
        text_buffer_init(&stream);
        text_buffer_string(&stream, "{\"service\":\"web\"}\n");
        for (uint64_t i = 1 + random_below(&random, 150); i > 0; i--) {
            append_piece(&random, &stream);
        }
        struct store_counters whole = judge_stream(&stream, &random, 0);
        cr_assert_gt(whole.stored, 0);
        static const uint64_t parts[] = {1, 7, 300, 5000};
        struct store_counters cut = judge_stream(&stream, &random, parts[round % 4]);
        cr_expect_eq(memcmp(&whole, &cut, sizeof(whole)), 0,
                     "received %llu and %llu, stored %llu and %llu",
                     (unsigned long long)whole.received, (unsigned long long)cut.received,
                     (unsigned long long)whole.stored, (unsigned long long)cut.stored);
        text_buffer_fini(&stream);
    }
}

#define IDS 400

/* Everything not yet told to be durable is sent again, by ring and by post. */
struct sender {
    bool told[IDS];
    struct batch *batch;
    uint32_t ids[32];
    uint32_t id_count;
    struct line_post post;
};

static void prepare(struct random *random, struct sender *sender)
{
    sender->id_count = 0;
    const char *texts[32];
    static char names[32][16];
    for (uint32_t tries = 0; tries < 60 && sender->id_count < 32; tries++) {
        uint32_t id = (uint32_t)random_below(random, IDS);
        if (!sender->told[id]) {
            snprintf(names[sender->id_count], sizeof(names[0]), "%u", id);
            texts[sender->id_count] = names[sender->id_count];
            sender->ids[sender->id_count++] = id;
        }
    }
    sender->batch = line_batch(&station.line, "web", texts, sender->id_count);
}

static void hear(struct sender *sender, bool durable)
{
    for (uint32_t i = 0; i < sender->id_count && durable; i++) {
        sender->told[sender->ids[i]] = true;
    }
    batch_delete(sender->batch);
    sender->batch = NULL;
}

static void have_another_day(struct random *random)
{
    static const enum fake_log_outcome outcomes[] = {
        FAKE_LOG_WORKS, FAKE_LOG_WORKS,         FAKE_LOG_WORKS,         FAKE_LOG_FULL,
        FAKE_LOG_FULL,  FAKE_LOG_BROKEN_STORED, FAKE_LOG_BROKEN_STORED, FAKE_LOG_BROKEN,
    };
    bool may_break = random_once_in(random, 4);
    station.line.log.outcome = outcomes[random_below(random, may_break ? 8 : 5)];
    fake_clock_advance(&station.line.clock, 150 * NS_PER_MS);
}

static bool all_told(const struct sender *senders, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t j = 0; j < IDS; j++) {
            if (!senders[i].told[j]) {
                return false;
            }
        }
    }
    return true;
}

static void forget_unanswered(struct sender *sender)
{
    if (sender->batch != NULL) {
        hear(sender, false);
    }
}

Test(committer, senders_who_repeat_until_told_are_counted_once)
{
    struct random random = random_seeded("committer repeats");
    for (uint32_t round = 0; round < 20; round++) {
        static struct sender senders[2]; /* the ring's and one who posts */
        memset(senders, 0, sizeof(senders));
        struct sender *ring = &senders[0];
        struct sender *poster = &senders[1];
        line_begin(&station.line);
        for (uint32_t step = 0; step < 20000 && !all_told(senders, 2); step++) {
            have_another_day(&random);
            if (ring->batch == NULL) {
                prepare(&random, ring);
                cr_assert_eq(committer_submit(station.line.committer, ring->batch), STATUS_OK);
            }
            if (poster->batch == NULL) {
                prepare(&random, poster);
                line_post(&station.line, &poster->post, poster->batch);
            }
            (void)committer_step(station.line.committer);
            station.line.seen_count = 0;
            if (committer_fetch(station.line.committer) != NULL) {
                hear(ring, true);
            }
            if (poster->post.calls > 0) {
                hear(poster, poster->post.status == STATUS_OK);
            }
            if (committer_failed(station.line.committer) || random_once_in(&random, 200)) {
                forget_unanswered(ring);
                forget_unanswered(poster);
                line_crash(&station.line);
            }
        }
        cr_assert(all_told(senders, 2));
        forget_unanswered(ring);
        forget_unanswered(poster);
        cr_assert_eq(station.line.log.position_next, IDS, "each id once");
        cr_assert_eq(dedupe_count(&station.line.dedupe) >= IDS, true);
        line_end(&station.line);
    }
}
