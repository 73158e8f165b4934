#include "ingest/receiver.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/panic.h"
#include "decode/frame.h"
#include "domain/intake.h"

/* A whole record and the octet count before it. */
#define CARRY_BYTES_MAX (RECORD_BYTES_MAX + 64)

struct session {
    uint32_t generation;
    uint32_t listener;
    bool in_use;
    bool wants_acks;
    bool ended;
    bool closing;
    struct framer framer;
    /* The beginning of a record that is not whole yet. */
    char *carry;
    uint32_t carry_length;
    uint32_t carry_size;
    uint64_t lines;        /* judged */
    uint64_t lines_queued; /* of these, in batches that were handed on or are open */
    uint64_t lines_durable;
    uint64_t lines_told;
    uint64_t noted_in; /* number of the open batch that already lists this session */
    uint32_t note;     /* where */
};

struct receiver {
    struct receiver_settings settings;
    struct net_port port;
    struct decoder *decoders[NET_LISTENERS_MAX];
    struct session sessions[NET_CONNECTIONS_MAX];
    struct line_index index; /* of the line that a session's framer gave last */
    struct batch_pool pool;
    struct batch *open;
    uint64_t open_number; /* counts open batches */
    int64_t now_ns;       /* time of receipt of what is being taken: read once per buffer */
    struct shared_value *agreements; /* held: what the rules belong to */
    uint64_t rules_generation;
    const struct match_rules *rules;
    _Atomic bool starved;
    _Atomic uint64_t lines;
    _Atomic uint64_t bytes;
    _Atomic uint64_t connections;
    _Atomic uint64_t acks_sent;
};

/* Only the ring's thread writes these counters, so that no bus needs to be locked; who reads one
 * meanwhile sees it a moment late. */
static void count(_Atomic uint64_t *counter, uint64_t more)
{
    uint64_t value = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, value + more, memory_order_relaxed);
}

enum status receiver_open(struct receiver **receiver_out, const struct receiver_settings *settings)
{
    struct receiver *receiver = calloc(1, sizeof(*receiver));
    if (receiver == NULL) {
        return STATUS_NO_MEMORY;
    }
    receiver->settings = *settings;
    bool indexed = line_index_init(&receiver->index, line_index_path_best());
    assert(indexed);
    enum status status = batch_pool_init(&receiver->pool, settings->batch_count);
    if (status != STATUS_OK) {
        free(receiver);
        return status;
    }
    *receiver_out = receiver;
    return STATUS_OK;
}

void receiver_close(struct receiver *receiver)
{
    if (receiver == NULL) {
        return;
    }
    for (uint32_t i = 0; i < NET_LISTENERS_MAX; i++) {
        if (receiver->decoders[i] != NULL) {
            decoder_close(receiver->decoders[i]);
        }
    }
    for (uint32_t i = 0; i < NET_CONNECTIONS_MAX; i++) {
        free(receiver->sessions[i].carry);
    }
    batch_pool_fini(&receiver->pool);
    shared_let_go(receiver->agreements);
    free(receiver);
}

enum status receiver_add_listener(struct receiver *receiver, uint32_t listener, enum field_map map)
{
    assert(listener < NET_LISTENERS_MAX);
    struct decode_settings settings = {
        .map = map,
        .abort_after_ns = receiver->settings.abort_after_ns,
        .zone_offset_ns = receiver->settings.zone_offset_ns,
        .find_zone = receiver->settings.find_zone,
    };
    return decoder_open(&receiver->decoders[listener], &settings);
}

void receiver_attach(struct receiver *receiver, const struct net_port *port)
{
    receiver->port = *port;
}

/* The match rules in force, which a reload may have replaced since the last buffer. */
static void read_rules(struct receiver *receiver)
{
    uint64_t generation = shared_generation(receiver->settings.agreements);
    if (generation == receiver->rules_generation) {
        return;
    }
    shared_let_go(receiver->agreements);
    receiver->agreements = shared_hold(receiver->settings.agreements);
    receiver->rules_generation = generation;
    const struct agreement_set *set = shared_object(receiver->agreements);
    receiver->rules = &set->match;
}

/* What holds for all records of a buffer. */
static void begin_buffer(struct receiver *receiver)
{
    receiver->now_ns = clock_realtime_ns(receiver->settings.clock);
    read_rules(receiver);
}

/* Batches */

static void reclaim(struct receiver *receiver)
{
    uint64_t done = receiver->settings.done(receiver->settings.done_context);
    (void)batch_pool_reclaim(&receiver->pool, done);
}

/* The batch being filled; NULL when all are on their way. */
static struct batch *open_batch(struct receiver *receiver)
{
    if (receiver->open != NULL) {
        return receiver->open;
    }
    receiver->open = batch_pool_take(&receiver->pool);
    if (receiver->open == NULL) {
        /* Say so before looking again: a worker that finishes in between sees it and wakes us. */
        atomic_store_explicit(&receiver->starved, true, memory_order_seq_cst);
        reclaim(receiver);
        receiver->open = batch_pool_take(&receiver->pool);
    }
    if (receiver->open != NULL) {
        receiver->open_number++;
    }
    return receiver->open;
}

static void hand_on(struct receiver *receiver)
{
    struct batch *batch = receiver->open;
    batch->received_ns = clock_realtime_ns(receiver->settings.clock);
    enum status status = committer_submit(receiver->settings.committer, batch);
    assert(status == STATUS_OK); /* BATCH_POOL_MAX < COMMIT_QUEUE_MAX */
    receiver->open = NULL;
}

/* The open batch holds `lines` more of this session. */
static void note_session(struct receiver *receiver, struct connection_id id,
                         struct session *session)
{
    struct batch *batch = receiver->open;
    if (session->noted_in != receiver->open_number) {
        session->noted_in = receiver->open_number;
        session->note = batch->session_count++;
    }
    batch->sessions[session->note] =
        (struct batch_session){id.index, id.generation, session->lines};
    session->lines_queued = session->lines;
}

static bool has_session_room(const struct receiver *receiver, const struct session *session)
{
    return session == NULL || session->noted_in == receiver->open_number ||
           receiver->open->session_count < BATCH_SESSIONS_MAX;
}

/* Records */

static void count_line(struct receiver *receiver, struct connection_id id, struct session *session)
{
    receiver->open->received++;
    count(&receiver->lines, 1);
    if (session != NULL) {
        session->lines++;
        note_session(receiver, id, session);
    }
}

static void reject(struct receiver *receiver, struct connection_id id, struct session *session,
                   enum reject reason, const char *detail, struct text record)
{
    receiver->open->rejected[reason]++;
    count_line(receiver, id, session);
    dead_letters_add(receiver->settings.dead_letters, clock_realtime_ns(receiver->settings.clock),
                     reason, detail, record);
}

/* index: as the framer left it, or NULL. False: no room (nothing happened). */
static bool take_record(struct receiver *receiver, struct connection_id id, struct session *session,
                        struct decoder *decoder, struct text bytes, const struct line_index *index)
{
    for (;;) {
        struct batch *batch = open_batch(receiver);
        if (batch == NULL) {
            return false;
        }
        if (!has_session_room(receiver, session)) {
            hand_on(receiver);
            continue;
        }
        int64_t now_ns = receiver->now_ns;
        struct record record;
        enum reject reason;
        bool ack = false;
        enum decode_result result =
            decode_framed(decoder, bytes, index, now_ns, &record, &reason, &ack);
        if (result == DECODE_BLANK) {
            return true;
        }
        if (result == DECODE_CONTROL) {
            if (session != NULL) {
                session->wants_acks |= ack && session->lines == 0;
            }
            return true;
        }
        if (result == DECODE_REJECT) {
            reject(receiver, id, session, reason, decoder_detail(decoder), bytes);
            return true;
        }
        enum status status = intake_record(batch, &record, receiver->settings.names,
                                           receiver->rules, receiver->settings.hash_key, now_ns);
        if (status == STATUS_FULL) {
            assert(batch->event_count > 0 ||
                   batch->received > 0); /* an empty batch holds any record */
            hand_on(receiver);
            continue;
        }
        struct decode_notes notes = decoder_notes(decoder);
        batch->without_id += notes.without_id ? 1 : 0;
        batch->time_from_receipt += notes.time_from_receipt ? 1 : 0;
        count_line(receiver, id, session);
        return true;
    }
}

/* Streams */

static struct session *session_of(struct receiver *receiver, struct connection_id id)
{
    struct session *session = &receiver->sessions[id.index];
    return session->in_use && session->generation == id.generation ? session : NULL;
}

static void opened(void *context, struct connection_id id, uint32_t listener)
{
    struct receiver *receiver = context;
    struct session *session = &receiver->sessions[id.index];
    char *carry = session->carry;
    uint32_t carry_size = session->carry_size;
    *session = (struct session){
        .generation = id.generation,
        .listener = listener,
        .in_use = true,
        .framer = {.index = &receiver->index},
        .carry = carry,
        .carry_size = carry_size,
    };
    count(&receiver->connections, 1);
}

static void reserve_carry(struct session *session, uint32_t size)
{
    if (size <= session->carry_size) {
        return;
    }
    uint32_t bigger = session->carry_size == 0 ? 1024 : session->carry_size;
    while (bigger < size) {
        bigger *= 2;
    }
    char *carry = realloc(session->carry, bigger);
    assert(carry != NULL);
    session->carry = carry;
    session->carry_size = bigger;
}

static void carry_append(struct session *session, const char *bytes, uint32_t length)
{
    if (length == 0) {
        return; /* all was skipped: nothing to keep, and perhaps no carry yet */
    }
    reserve_carry(session, session->carry_length + length);
    memcpy(session->carry + session->carry_length, bytes, length);
    session->carry_length += length;
}

/* What came of one look at some bytes. */
enum step { STEP_TAKEN, STEP_MORE, STEP_NO_ROOM, STEP_CLOSE };

/* One record off the front of bytes; *consumed_out says how far (0 unless taken). */
static enum step step(struct receiver *receiver, struct connection_id id, struct session *session,
                      struct text bytes, bool at_end, size_t *consumed_out)
{
    struct framer before = session->framer;
    struct text record = TEXT_NONE;
    enum reject reason = REJECT_BAD_FRAME;
    size_t consumed;
    enum frame_result result = frame_next(&session->framer, bytes.bytes, bytes.length, at_end,
                                          &consumed, &record, &reason);
    *consumed_out = consumed;
    if (result == FRAME_MORE) {
        return STEP_MORE;
    }
    if (result == FRAME_RECORD) {
        if (take_record(receiver, id, session, receiver->decoders[session->listener], record,
                        &receiver->index)) {
            return STEP_TAKEN;
        }
    } else {
        if (open_batch(receiver) != NULL && !has_session_room(receiver, session)) {
            hand_on(receiver);
        }
        if (open_batch(receiver) != NULL) {
            reject(receiver, id, session, reason, reject_text(reason), bytes);
            return result == FRAME_CLOSE ? STEP_CLOSE : STEP_TAKEN;
        }
    }
    session->framer = before;
    *consumed_out = 0;
    return STEP_NO_ROOM;
}

/* The carry plus as much of bytes as completes its record. Returns how many bytes were used;
 * *step_out what came of it. */
static size_t feed_carry(struct receiver *receiver, struct connection_id id,
                         struct session *session, const char *bytes, size_t length,
                         enum step *step_out)
{
    uint32_t before = session->carry_length;
    /* Up to the next line feed, or a good part: an octet count may want more, then we come again.
     */
    const char *feed = memchr(bytes, '\n', length);
    size_t wanted = feed != NULL ? (size_t)(feed - bytes) + 1 : length;
    size_t room = CARRY_BYTES_MAX - before;
    size_t part = wanted < room ? wanted : room;
    carry_append(session, bytes, (uint32_t)part);
    size_t consumed;
    struct text carried = {session->carry, session->carry_length};
    *step_out = step(receiver, id, session, carried, false, &consumed);
    if (*step_out == STEP_NO_ROOM) {
        session->carry_length = before;
        return 0;
    }
    if (consumed > before) {
        /* The carry is done with; go on in the buffer itself. */
        session->carry_length = 0;
        return consumed - before;
    }
    /* All of the part is in the carry, and a piece of its front may be done with (skipped). */
    memmove(session->carry, session->carry + consumed, session->carry_length - consumed);
    session->carry_length -= (uint32_t)consumed;
    return part;
}

static void close_session(struct receiver *receiver, struct connection_id id,
                          struct session *session)
{
    session->closing = true;
    receiver->port.close_connection(receiver->port.context, id);
}

static size_t received(void *context, struct connection_id id, const char *bytes, size_t length)
{
    struct receiver *receiver = context;
    struct session *session = session_of(receiver, id);
    if (session == NULL || session->closing) {
        return length;
    }
    begin_buffer(receiver);
    size_t used = 0;
    while (used < length) {
        enum step result;
        if (session->carry_length > 0) {
            used += feed_carry(receiver, id, session, bytes + used, length - used, &result);
        } else {
            size_t consumed;
            struct text rest = {bytes + used, (uint32_t)(length - used)};
            result = step(receiver, id, session, rest, false, &consumed);
            used += consumed;
            if (result == STEP_MORE) {
                carry_append(session, bytes + used, (uint32_t)(length - used));
                used = length;
            }
        }
        if (result == STEP_NO_ROOM) {
            break;
        }
        if (result == STEP_CLOSE) {
            close_session(receiver, id, session);
            used = length;
        }
    }
    count(&receiver->bytes, used);
    return used;
}

/* The last line may lack its line feed. */
static bool finish_carry(struct receiver *receiver, struct connection_id id,
                         struct session *session)
{
    begin_buffer(receiver);
    while (session->carry_length > 0) {
        size_t consumed;
        struct text carried = {session->carry, session->carry_length};
        enum step result = step(receiver, id, session, carried, true, &consumed);
        if (result == STEP_NO_ROOM) {
            return false;
        }
        if (result == STEP_MORE || result == STEP_CLOSE) {
            session->carry_length = 0;
            break;
        }
        memmove(session->carry, session->carry + consumed, session->carry_length - consumed);
        session->carry_length -= (uint32_t)consumed;
    }
    return true;
}

/* Closes when nothing is owed any more. */
static void close_if_done(struct receiver *receiver, struct connection_id id,
                          struct session *session)
{
    if (!session->ended || session->closing) {
        return;
    }
    if (session->carry_length > 0 && !finish_carry(receiver, id, session)) {
        return; /* tried again when a batch comes back */
    }
    if (!session->wants_acks || session->lines_told == session->lines) {
        close_session(receiver, id, session);
    }
}

static void ended(void *context, struct connection_id id)
{
    struct receiver *receiver = context;
    struct session *session = session_of(receiver, id);
    if (session != NULL) {
        session->ended = true;
        close_if_done(receiver, id, session);
    }
}

static void closed(void *context, struct connection_id id)
{
    struct receiver *receiver = context;
    struct session *session = session_of(receiver, id);
    if (session == NULL) {
        return;
    }
    if (session->carry_length > 0 && open_batch(receiver) != NULL) {
        /* Reset in the middle of a record: what came is no record, but it came. */
        struct text carried = {session->carry, session->carry_length};
        reject(receiver, id, NULL, REJECT_TRUNCATED, "the connection was reset within a record",
               carried);
    }
    session->in_use = false;
    session->carry_length = 0;
    if (session->carry_size > 4096) {
        free(session->carry);
        session->carry = NULL;
        session->carry_size = 0;
    }
}

/* Datagrams */

static bool take_datagram(struct receiver *receiver, uint32_t listener, struct text bytes)
{
    struct connection_id nobody = {0};
    while (bytes.length > 0 &&
           (bytes.bytes[bytes.length - 1] == '\n' || bytes.bytes[bytes.length - 1] == '\r')) {
        bytes.length--;
    }
    return take_record(receiver, nobody, NULL, receiver->decoders[listener], bytes, NULL);
}

static bool reject_datagram(struct receiver *receiver, enum reject reason, struct text bytes)
{
    if (open_batch(receiver) == NULL) {
        return false;
    }
    struct connection_id nobody = {0};
    reject(receiver, nobody, NULL, reason, reject_text(reason), bytes);
    return true;
}

static bool datagram(void *context, uint32_t listener, const char *bytes, size_t length,
                     bool truncated)
{
    struct receiver *receiver = context;
    struct text text = {bytes, (uint32_t)length};
    begin_buffer(receiver);
    bool taken = length == 0 ? reject_datagram(receiver, REJECT_EMPTY_DATAGRAM, text)
                 : truncated ? reject_datagram(receiver, REJECT_TRUNCATED, text)
                             : take_datagram(receiver, listener, text);
    if (taken) {
        count(&receiver->bytes, length);
    }
    return taken;
}

/* Acknowledgements */

static void tell_durable(struct receiver *receiver, struct connection_id id,
                         struct session *session)
{
    if (session->wants_acks && session->lines_durable > session->lines_told && !session->closing) {
        char line[64];
        int length = snprintf(line, sizeof(line), "{\"durable\":%llu}\n",
                              (unsigned long long)session->lines_durable);
        enum status status = receiver->port.send(receiver->port.context, id, line, (size_t)length);
        if (status != STATUS_OK) {
            /* It does not read what it asked for: 64 KiB of acknowledgements wait. */
            log_warning("a client that asked for acknowledgements does not read them: closed");
            close_session(receiver, id, session);
            return;
        }
        session->lines_told = session->lines_durable;
        count(&receiver->acks_sent, 1);
    }
    close_if_done(receiver, id, session);
}

static void acknowledge(struct receiver *receiver, const struct batch *batch)
{
    for (uint32_t i = 0; i < batch->session_count; i++) {
        const struct batch_session *note = &batch->sessions[i];
        struct connection_id id = {note->connection, note->generation};
        struct session *session = session_of(receiver, id);
        if (session != NULL) {
            session->lines_durable = note->lines;
            tell_durable(receiver, id, session);
        }
    }
}

static void fetch_committed(struct receiver *receiver)
{
    struct batch *batch;
    while ((batch = committer_fetch(receiver->settings.committer)) != NULL) {
        acknowledge(receiver, batch);
        if (batch->sequence == 0) {
            batch_pool_give(&receiver->pool, batch); /* held no event: no worker saw it */
        } else {
            batch_pool_committed(&receiver->pool, batch);
        }
    }
    reclaim(receiver);
}

/* Streams that ended while there was no room for their last line. */
static void retry_endings(struct receiver *receiver)
{
    for (uint32_t i = 0; i < NET_CONNECTIONS_MAX; i++) {
        struct session *session = &receiver->sessions[i];
        if (session->in_use && session->ended && session->carry_length > 0) {
            close_if_done(receiver, (struct connection_id){i, session->generation}, session);
        }
    }
}

static void woken(void *context)
{
    struct receiver *receiver = context;
    fetch_committed(receiver);
    if (receiver_is_starved(receiver) && open_batch(receiver) != NULL) {
        /* Only here does starving end: whoever found no room waits for this resume, also when somebody
         * else got a batch in the meantime. */
        atomic_store_explicit(&receiver->starved, false, memory_order_relaxed);
        retry_endings(receiver);
        receiver->port.resume(receiver->port.context);
    }
}

static bool has_lines(const struct receiver *receiver)
{
    return receiver->open != NULL && receiver->open->received > 0;
}

static void idle(void *context)
{
    struct receiver *receiver = context;
    if (has_lines(receiver) && committer_idle(receiver->settings.committer)) {
        hand_on(receiver);
    }
}

static bool drained(void *context)
{
    return receiver_is_drained(context);
}

struct net_handler receiver_handler(struct receiver *receiver)
{
    return (struct net_handler){
        .opened = opened,
        .received = received,
        .ended = ended,
        .closed = closed,
        .datagram = datagram,
        .woken = woken,
        .idle = idle,
        .drained = drained,
        .context = receiver,
    };
}

bool receiver_is_starved(const struct receiver *receiver)
{
    return atomic_load_explicit(&receiver->starved, memory_order_seq_cst);
}

bool receiver_is_drained(const struct receiver *receiver)
{
    return !has_lines(receiver) && committer_idle(receiver->settings.committer);
}

void receiver_flush(struct receiver *receiver)
{
    if (has_lines(receiver)) {
        hand_on(receiver);
    }
}

void receiver_counters(const struct receiver *receiver, struct receiver_counters *counters_out)
{
    *counters_out = (struct receiver_counters){
        .lines = atomic_load_explicit(&receiver->lines, memory_order_relaxed),
        .bytes = atomic_load_explicit(&receiver->bytes, memory_order_relaxed),
        .connections = atomic_load_explicit(&receiver->connections, memory_order_relaxed),
        .acks_sent = atomic_load_explicit(&receiver->acks_sent, memory_order_relaxed),
    };
}

static enum status port_send(void *context, struct connection_id id, const char *bytes,
                             size_t length)
{
    return net_send(context, id, bytes, length);
}

static void port_close(void *context, struct connection_id id)
{
    net_close_connection(context, id);
}

static void port_resume(void *context)
{
    net_resume(context);
}

struct net_port net_port_of_net(struct net *net)
{
    return (struct net_port){port_send, port_close, port_resume, net};
}
