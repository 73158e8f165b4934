#include "api/idempotency.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/panic.h"

enum place_state { PLACE_FREE, PLACE_IN_FLIGHT, PLACE_ANSWERED };

struct place {
    enum place_state state;
    uint64_t key_hash;
    uint64_t used;   /* counts begins: the smallest is the oldest */
    struct text key; /* owned */
    uint64_t body_hash;
    uint32_t body_length;
    struct text answer; /* owned */
};

struct idempotency {
    pthread_mutex_t lock; /* of everything */
    uint64_t hash_key;
    uint64_t begun;
    struct place places[IDEMPOTENCY_KEYS_MAX];
};

static void free_text(struct text *text)
{
    free((void *)(uintptr_t)text->bytes); /* ours, although texts are borrowed elsewhere */
    *text = TEXT_NONE;
}

static struct text copy_text(struct text text)
{
    char *bytes = malloc((size_t)text.length + 1);
    assert(bytes != NULL);
    memcpy(bytes, text.bytes, text.length);
    return (struct text){bytes, text.length};
}

static void clear(struct place *place)
{
    free_text(&place->key);
    free_text(&place->answer);
    *place = (struct place){0};
}

enum status idempotency_open(struct idempotency **idempotency_out)
{
    struct idempotency *idempotency = calloc(1, sizeof(*idempotency));
    if (idempotency == NULL) {
        return STATUS_NO_MEMORY;
    }
    pthread_mutex_init(&idempotency->lock, NULL);
    idempotency->hash_key = hash_key_random();
    *idempotency_out = idempotency;
    return STATUS_OK;
}

void idempotency_close(struct idempotency *idempotency)
{
    if (idempotency == NULL) {
        return;
    }
    for (uint32_t i = 0; i < IDEMPOTENCY_KEYS_MAX; i++) {
        clear(&idempotency->places[i]);
    }
    pthread_mutex_destroy(&idempotency->lock);
    free(idempotency);
}

/* The place of the key, else one for it (free, or the oldest answered), else NULL. A walk over all
 * places takes microseconds, against the milliseconds of the commit that follows. */
static struct place *find(struct idempotency *idempotency, struct text key, uint64_t key_hash,
                          bool *found_out)
{
    struct place *best = NULL;
    *found_out = false;
    for (uint32_t i = 0; i < IDEMPOTENCY_KEYS_MAX; i++) {
        struct place *place = &idempotency->places[i];
        if (place->state != PLACE_FREE && place->key_hash == key_hash &&
            text_equal(place->key, key)) {
            *found_out = true;
            return place;
        }
        if (place->state != PLACE_IN_FLIGHT && (best == NULL || place->used < best->used)) {
            best = place;
        }
    }
    return best;
}

static enum idempotency_result recall(const struct place *place, uint64_t body_hash,
                                      uint32_t body_length, struct text_buffer *answer)
{
    if (place->body_hash != body_hash || place->body_length != body_length) {
        return IDEMPOTENCY_CONFLICT;
    }
    if (place->state == PLACE_IN_FLIGHT) {
        return IDEMPOTENCY_IN_FLIGHT;
    }
    text_buffer_text(answer, place->answer);
    return IDEMPOTENCY_REPEAT;
}

enum idempotency_result idempotency_begin(struct idempotency *idempotency, struct text key,
                                          struct text body, uint32_t *place_out,
                                          struct text_buffer *answer)
{
    assert(key.length >= 1);
    assert(key.length <= IDEMPOTENCY_KEY_BYTES_MAX);
    uint64_t key_hash = hash_keyed(key.bytes, key.length, idempotency->hash_key);
    uint64_t body_hash = hash_keyed(body.bytes, body.length, idempotency->hash_key);
    enum idempotency_result result = IDEMPOTENCY_FULL;
    pthread_mutex_lock(&idempotency->lock);
    bool found;
    struct place *place = find(idempotency, key, key_hash, &found);
    if (found) {
        result = recall(place, body_hash, body.length, answer);
    } else if (place != NULL) {
        clear(place);
        *place = (struct place){
            .state = PLACE_IN_FLIGHT,
            .key_hash = key_hash,
            .used = ++idempotency->begun,
            .key = copy_text(key),
            .body_hash = body_hash,
            .body_length = body.length,
        };
        *place_out = (uint32_t)(place - idempotency->places);
        result = IDEMPOTENCY_NEW;
    }
    pthread_mutex_unlock(&idempotency->lock);
    return result;
}

void idempotency_keep(struct idempotency *idempotency, uint32_t place_index, struct text answer)
{
    struct place *place = &idempotency->places[place_index];
    pthread_mutex_lock(&idempotency->lock);
    assert(place->state == PLACE_IN_FLIGHT);
    place->answer = copy_text(answer);
    place->state = PLACE_ANSWERED;
    pthread_mutex_unlock(&idempotency->lock);
}

void idempotency_drop(struct idempotency *idempotency, uint32_t place_index)
{
    struct place *place = &idempotency->places[place_index];
    pthread_mutex_lock(&idempotency->lock);
    assert(place->state == PLACE_IN_FLIGHT);
    clear(place);
    pthread_mutex_unlock(&idempotency->lock);
}
