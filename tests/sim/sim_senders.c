#include "sim/sim_senders.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/panic.h"

#define BODY_LINES_MAX 12

static bool chance(const struct sim_senders *senders, uint32_t percent)
{
    return random_below(senders->random, 100) < percent;
}

static uint32_t below(const struct sim_senders *senders, uint32_t bound)
{
    return (uint32_t)random_below(senders->random, bound);
}

static void todo_push(struct sim_todo *todo, uint32_t line)
{
    assert(todo->count < SIM_TODO_MAX);
    todo->lines[(todo->first + todo->count++) % SIM_TODO_MAX] = line;
}

static uint32_t todo_pop(struct sim_todo *todo)
{
    assert(todo->count > 0);
    uint32_t line = todo->lines[todo->first];
    todo->first = (todo->first + 1) % SIM_TODO_MAX;
    todo->count--;
    return line;
}

void sim_senders_init(struct sim_senders *senders)
{
    for (uint32_t i = 0; i < SIM_CLIENTS_MAX; i++) {
        text_buffer_init(&senders->clients[i].outbox);
    }
}

void sim_senders_fini(struct sim_senders *senders)
{
    for (uint32_t i = 0; i < SIM_CLIENTS_MAX; i++) {
        text_buffer_fini(&senders->clients[i].outbox);
    }
}

/* Lines */

static void count_sent(struct sim_senders *senders, uint32_t number)
{
    struct sim_line *line = &senders->lines->lines[number];
    assert(line->has_id || !line->is_good || line->sent == 0); /* without an id: once */
    senders->cases->resend += line->sent > 0;
    senders->cases->resend_of_stored +=
        line->sent > 0 && senders->lines->lines[line->key].stored_at != SIM_NOT_STORED;
    line->sent++;
}

static void acknowledged(struct sim_senders *senders, uint32_t number)
{
    struct sim_line *line = &senders->lines->lines[number];
    if (line->is_good) {
        assert(senders->lines->lines[line->key].stored_at != SIM_NOT_STORED);
        line->acknowledged = true;
    }
}

static void wrap_syslog(const struct sim_senders *senders, struct text text,
                        struct text_buffer *out)
{
    static const char *const headers[] = {
        "<14>1 2026-06-30T10:00:00Z host app 7 - - ",
        "<13>Jun 30 10:00:00 host app[7]: ",
        "<190>1 - - app - - - ",
    };
    text_buffer_string(out, headers[below(senders, 3)]);
    text_buffer_text(out, text);
}

/* One record as some shipper frames it. */
static void write_framed(struct sim_senders *senders, uint32_t number, struct text_buffer *out)
{
    const struct sim_line *line = &senders->lines->lines[number];
    struct text_buffer record;
    text_buffer_init(&record);
    struct text text = {line->text.bytes, (uint32_t)line->text.length};
    if (line->is_good && chance(senders, senders->options->syslog_percent)) {
        senders->cases->syslog++;
        wrap_syslog(senders, text, &record);
    } else {
        text_buffer_text(&record, text);
    }
    if (line->is_good && chance(senders, senders->options->octets_percent)) {
        senders->cases->octet_counted++;
        text_buffer_format(out, "%zu ", record.length);
        text_buffer_append(out, record.bytes, record.length);
    } else {
        text_buffer_append(out, record.bytes, record.length);
        text_buffer_string(out, chance(senders, 10) ? "\r\n" : "\n");
        if (chance(senders, 3)) {
            text_buffer_string(out, "\n"); /* a blank line is nothing */
        }
    }
    text_buffer_fini(&record);
}

static void send_datagram(struct sim_senders *senders, uint32_t number)
{
    struct fake_net *net = &senders->engine->net;
    if (net->datagram_count >= FAKE_NET_DATAGRAMS / 2) {
        return; /* the kernel drops it */
    }
    const struct sim_line *line = &senders->lines->lines[number];
    senders->cases->datagram++;
    count_sent(senders, number);
    fake_net_datagram(net, 0, line->text.bytes, line->text.length, false);
    sim_engine_touched(senders->engine);
}

void sim_senders_give(struct sim_senders *senders, uint32_t number)
{
    const struct sim_line *line = &senders->lines->lines[number];
    if (senders->engine->runs && chance(senders, senders->options->datagram_percent)) {
        send_datagram(senders, number);
    } else if ((line->has_id || !line->is_good) &&
               chance(senders, senders->options->post_percent)) {
        todo_push(&senders->bodies, number);
    } else {
        todo_push(&senders->clients[below(senders, senders->options->clients)].todo, number);
    }
}

/* Connections */

static const struct fake_connection *connection_of(const struct sim_senders *senders,
                                                   const struct sim_client *client)
{
    return &senders->engine->net.connections[client->connection];
}

/* Takes in answers from where the reader is; how is told of each line. */
static void read_answers(struct sim_senders *senders, const struct sim_client *client,
                         struct sim_reading *reading, bool by_client)
{
    const char *answers = fake_net_answers(&senders->engine->net, client->connection);
    for (;;) {
        const char *line = answers + reading->bytes;
        const char *feed = strchr(line, '\n');
        if (feed == NULL) {
            assert(*line == '\0'); /* whole lines only */
            return;
        }
        assert(client->wants_acks); /* who did not ask is told nothing */
        static const char head[] = "{\"durable\":";
        assert(strncmp(line, head, sizeof(head) - 1) == 0);
        uint64_t lines = strtoull(line + sizeof(head) - 1, NULL, 10);
        assert(lines > reading->lines);
        assert(lines <= client->written_count);
        for (uint64_t i = reading->lines; i < lines; i++) {
            uint32_t number = client->written[i];
            const struct sim_line *told = &senders->lines->lines[number];
            assert(!told->is_good || senders->lines->lines[told->key].stored_at != SIM_NOT_STORED);
            if (by_client) {
                acknowledged(senders, number);
            }
        }
        reading->lines = lines;
        reading->bytes += (size_t)(feed + 1 - line);
    }
}

/* The connection is no more: what is not known to be durable goes out again, if it may. */
static void lose(struct sim_senders *senders, struct sim_client *client)
{
    bool again = client->wants_acks || chance(senders, 50);
    for (uint64_t i = client->read.lines; i < client->written_count && again; i++) {
        if (senders->lines->lines[client->written[i]].has_id) {
            todo_push(&client->todo, client->written[i]);
        }
    }
    client->is_connected = false;
    client->half_closed = false;
    client->written_count = 0;
    text_buffer_clear(&client->outbox);
    client->outbox_sent = 0;
}

static void connect_client(struct sim_senders *senders, struct sim_client *client)
{
    struct fake_net *net = &senders->engine->net;
    uint32_t slots = senders->options->slots;
    if (net->connection_count == FAKE_NET_CONNECTIONS ||
        (net->connection_count >= slots && net->connections[net->connection_count - slots].open)) {
        return; /* none free now */
    }
    senders->cases->reconnect += client->was_connected;
    client->connection = fake_net_connect(net, 0, slots);
    client->is_connected = true;
    client->was_connected = true;
    client->wants_acks =
        senders->is_draining || chance(senders, senders->options->with_acks_percent);
    client->checked = (struct sim_reading){0};
    client->read = (struct sim_reading){0};
    text_buffer_clear(&client->outbox);
    client->outbox_sent = 0;
    if (client->wants_acks) {
        text_buffer_string(&client->outbox, "{\"nines\":{\"ack\":true}}\n");
    } else {
        senders->cases->connection_without_acks++;
    }
    sim_engine_touched(senders->engine);
}

static void write_lines(struct sim_senders *senders, struct sim_client *client)
{
    for (uint32_t i = 0; i <= below(senders, 4) && client->todo.count > 0; i++) {
        uint32_t number = todo_pop(&client->todo);
        assert(client->written_count < SIM_TODO_MAX);
        client->written[client->written_count++] = number;
        count_sent(senders, number);
        write_framed(senders, number, &client->outbox);
    }
}

static void transmit(struct sim_senders *senders, struct sim_client *client)
{
    size_t left = client->outbox.length - client->outbox_sent;
    size_t chunk = 1 + below(senders, senders->options->chunk_max);
    chunk = chunk < left ? chunk : left;
    if (chunk > 0 && connection_of(senders, client)->waiting.length < 2000) {
        fake_net_send(&senders->engine->net, client->connection,
                      client->outbox.bytes + client->outbox_sent, chunk);
        client->outbox_sent += chunk;
        sim_engine_touched(senders->engine);
    }
}

/* All that is written goes out, then the end; the last line may lack its line feed. */
static void half_close(struct sim_senders *senders, struct sim_client *client)
{
    size_t left = client->outbox.length - client->outbox_sent;
    if (left > 1 && client->outbox.bytes[client->outbox.length - 1] == '\n' &&
        client->outbox.bytes[client->outbox.length - 2] == '}' && chance(senders, 50)) {
        senders->cases->half_close_without_line_feed++;
        left--;
    }
    if (left > 0) {
        fake_net_send(&senders->engine->net, client->connection,
                      client->outbox.bytes + client->outbox_sent, left);
        client->outbox_sent = client->outbox.length;
    }
    senders->cases->half_close++;
    client->half_closed = true;
    fake_net_half_close(&senders->engine->net, client->connection);
    sim_engine_touched(senders->engine);
}

static void reset(struct sim_senders *senders, struct sim_client *client)
{
    senders->cases->reset++;
    senders->cases->reset_within_line +=
        client->outbox_sent > 0 && client->outbox.bytes[client->outbox_sent - 1] != '\n';
    if (chance(senders, 50)) {
        read_answers(senders, client, &client->read, true);
    }
    fake_net_reset(&senders->engine->net, client->connection);
    sim_engine_touched(senders->engine);
    lose(senders, client);
}

/* The engine closed it: after a half-close all is told by then. */
static void closed_by_engine(struct sim_senders *senders, struct sim_client *client)
{
    assert(client->half_closed || senders->was_deaf);
    read_answers(senders, client, &client->read, true);
    assert(!client->wants_acks || client->read.lines == client->written_count || senders->was_deaf);
    lose(senders, client);
}

static void client_acts(struct sim_senders *senders, struct sim_client *client)
{
    if (!client->is_connected) {
        if (client->todo.count > 0) {
            connect_client(senders, client);
        }
        return;
    }
    if (!connection_of(senders, client)->open) {
        closed_by_engine(senders, client);
        return;
    }
    const struct sim_options *options = senders->options;
    if (!senders->is_draining && chance(senders, options->reset_percent)) {
        reset(senders, client);
        return;
    }
    bool at_end = senders->is_draining && client->todo.count == 0;
    if (!client->half_closed && (at_end || chance(senders, options->half_close_percent))) {
        half_close(senders, client);
        return;
    }
    if (!client->half_closed && client->todo.count > 0 && chance(senders, 40)) {
        write_lines(senders, client);
    }
    transmit(senders, client);
    if (chance(senders, 30)) {
        read_answers(senders, client, &client->read, true);
    }
}

/* Bodies */

static void post_is_done(void *context, const struct post_result *result)
{
    struct sim_post *post = context;
    struct sim_senders *senders = post->senders;
    assert(post->is_busy);
    assert(!post->is_answered); /* once */
    post->is_answered = true;
    post->result = *result;
    for (uint32_t i = 0; i < post->count && result->status == STATUS_OK; i++) {
        const struct sim_line *line = &senders->lines->lines[post->lines[i]];
        assert(!line->is_good || senders->lines->lines[line->key].stored_at != SIM_NOT_STORED);
    }
}

static void body_again(struct sim_senders *senders, struct sim_post *post)
{
    for (uint32_t i = 0; i < post->count; i++) {
        todo_push(&senders->bodies, post->lines[i]);
    }
    post->is_busy = false;
}

static void read_post(struct sim_senders *senders, struct sim_post *post)
{
    if (post->result.status != STATUS_OK) {
        senders->cases->body_shed += post->result.status == STATUS_NO_SPACE;
        body_again(senders, post);
        return;
    }
    const struct post_result *result = &post->result;
    uint32_t bad = 0;
    for (uint32_t i = 0; i < post->count; i++) {
        acknowledged(senders, post->lines[i]);
        bad += !senders->lines->lines[post->lines[i]].is_good;
    }
    assert(result->records == post->count);
    assert(result->rejected == bad);
    assert(result->accepted + result->duplicates + bad == post->count);
    post->is_busy = false;
}

/* Records one below the other, or an array when all are well-formed. */
static void write_body(struct sim_senders *senders, struct sim_post *post, struct text_buffer *body)
{
    uint32_t wanted = 1 + below(senders, BODY_LINES_MAX);
    bool in_array = chance(senders, 30);
    for (post->count = 0; post->count < wanted && senders->bodies.count > 0; post->count++) {
        post->lines[post->count] = todo_pop(&senders->bodies);
        in_array &= senders->lines->lines[post->lines[post->count]].is_good;
    }
    text_buffer_string(body, in_array ? "[" : "");
    for (uint32_t i = 0; i < post->count; i++) {
        text_buffer_string(body, i == 0 ? "" : in_array ? "," : "\n");
        text_buffer_string(body, senders->lines->lines[post->lines[i]].text.bytes);
    }
    text_buffer_string(body, in_array ? "]" : "");
}

static void start_post(struct sim_senders *senders, struct sim_post *post)
{
    if (senders->bodies.count == 0) {
        return;
    }
    struct text_buffer body;
    text_buffer_init(&body);
    write_body(senders, post, &body);
    post->senders = senders;
    post->is_busy = true;
    post->is_answered = false;
    struct text text = {body.bytes, (uint32_t)body.length};
    enum status status = poster_post(senders->engine->poster, text, MAP_AUTO, post_is_done, post);
    text_buffer_fini(&body);
    if (status != STATUS_OK) {
        assert(status == STATUS_FULL);
        /* As engine/api: 503, and one record counted as shed. */
        senders->cases->body_refused++;
        committer_count_shed(senders->engine->committer, SHED_OVERLOAD, 1);
        senders->engine->refused++;
        body_again(senders, post);
        return;
    }
    senders->cases->body++;
    for (uint32_t i = 0; i < post->count; i++) {
        count_sent(senders, post->lines[i]);
    }
}

static void post_acts(struct sim_senders *senders, struct sim_post *post)
{
    if (!post->is_busy) {
        start_post(senders, post);
    } else if (post->is_answered) {
        read_post(senders, post);
    }
}

/* All together */

void sim_senders_step(struct sim_senders *senders)
{
    uint32_t who = below(senders, senders->options->clients + 2);
    if (who < senders->options->clients) {
        client_acts(senders, &senders->clients[who]);
    } else {
        post_acts(senders, &senders->posts[below(senders, SIM_POSTS_MAX)]);
    }
}

void sim_senders_check(struct sim_senders *senders)
{
    for (uint32_t i = 0; i < senders->options->clients; i++) {
        struct sim_client *client = &senders->clients[i];
        if (client->is_connected) {
            read_answers(senders, client, &client->checked, false);
        }
    }
}

void sim_senders_cut_off(struct sim_senders *senders)
{
    for (uint32_t i = 0; i < senders->options->clients; i++) {
        struct sim_client *client = &senders->clients[i];
        if (!client->is_connected) {
            continue;
        }
        senders->cases->crash_acknowledgement_unread += client->checked.lines > client->read.lines;
        if (chance(senders, 50)) {
            read_answers(senders, client, &client->read, true);
        }
        lose(senders, client);
    }
    senders->was_deaf = false;
}

void sim_senders_cut_off_bodies(struct sim_senders *senders)
{
    for (uint32_t i = 0; i < SIM_POSTS_MAX; i++) {
        struct sim_post *post = &senders->posts[i];
        if (!post->is_busy) {
            continue;
        }
        if (post->is_answered && chance(senders, 50)) {
            read_post(senders, post);
        } else {
            senders->cases->body_cut_off++;
            body_again(senders, post);
        }
    }
}

bool sim_senders_done(const struct sim_senders *senders)
{
    for (uint32_t i = 0; i < senders->options->clients; i++) {
        if (senders->clients[i].todo.count > 0 || senders->clients[i].is_connected) {
            return false;
        }
    }
    for (uint32_t i = 0; i < SIM_POSTS_MAX; i++) {
        if (senders->posts[i].is_busy) {
            return false;
        }
    }
    return senders->bodies.count == 0;
}

void sim_senders_show(const struct sim_senders *senders)
{
    for (uint32_t i = 0; i < senders->options->clients; i++) {
        const struct sim_client *client = &senders->clients[i];
        fprintf(stderr,
                "client %u: to do %u, connected %d, acks %d, half-closed %d, open %d, written %u "
                "lines, %zu of %zu bytes sent, told %llu\n",
                i, client->todo.count, client->is_connected, client->wants_acks,
                client->half_closed, client->is_connected && connection_of(senders, client)->open,
                client->written_count, client->outbox_sent, client->outbox.length,
                (unsigned long long)client->checked.lines);
    }
    for (uint32_t i = 0; i < SIM_POSTS_MAX; i++) {
        const struct sim_post *post = &senders->posts[i];
        fprintf(stderr, "body %u: busy %d, answered %d, %u lines\n", i, post->is_busy,
                post->is_answered, post->count);
    }
    fprintf(stderr, "%u lines wait for a body, %u connections so far\n", senders->bodies.count,
            senders->engine->net.connection_count);
}
