#include "evaluate/life_ledger.h"

#include <stdlib.h>

#include "base/panic.h"

void life_ledger_init(struct life_ledger *ledger, uint32_t count_max)
{
    *ledger = (struct life_ledger){
        .count_max = count_max,
        .unused_first = LIFE_NONE,
        .ended_first = LIFE_NONE,
        .ended_last = LIFE_NONE,
    };
}

void life_ledger_fini(struct life_ledger *ledger)
{
    for (uint32_t i = 0; i < ledger->entry_count; i++) {
        life_fini(&ledger->entries[i].life);
    }
    free(ledger->entries);
    free(ledger->chains);
    *ledger = (struct life_ledger){0};
}

static uint32_t *chain_of(struct life_ledger *ledger, uint64_t key)
{
    return &ledger->chains[key & (ledger->chain_count - 1)];
}

static uint32_t find(struct life_ledger *ledger, uint64_t key)
{
    uint32_t index = ledger->chain_count == 0 ? LIFE_NONE : *chain_of(ledger, key);
    while (index != LIFE_NONE && ledger->entries[index].key != key) {
        index = ledger->entries[index].next;
    }
    return index;
}

static void link_into_chain(struct life_ledger *ledger, uint32_t index)
{
    uint32_t *chain = chain_of(ledger, ledger->entries[index].key);
    ledger->entries[index].next = *chain;
    *chain = index;
}

static void grow(struct life_ledger *ledger)
{
    ledger->entry_size = ledger->entry_size == 0 ? 16 : ledger->entry_size * 2;
    ledger->entries = realloc(ledger->entries, ledger->entry_size * sizeof(*ledger->entries));
    free(ledger->chains);
    ledger->chain_count = ledger->entry_size;
    ledger->chains = malloc(ledger->chain_count * sizeof(*ledger->chains));
    assert(ledger->entries != NULL && ledger->chains != NULL);
    for (uint32_t i = 0; i < ledger->chain_count; i++) {
        ledger->chains[i] = LIFE_NONE;
    }
    /* It is full: all of them are in use. */
    for (uint32_t i = 0; i < ledger->entry_count; i++) {
        link_into_chain(ledger, i);
    }
}

static void unlink_ended(struct life_ledger *ledger, uint32_t index)
{
    struct life_entry *entry = &ledger->entries[index];
    if (!entry->ended) {
        return;
    }
    entry->ended = false;
    if (entry->ended_before == LIFE_NONE) {
        ledger->ended_first = entry->ended_behind;
    } else {
        ledger->entries[entry->ended_before].ended_behind = entry->ended_behind;
    }
    if (entry->ended_behind == LIFE_NONE) {
        ledger->ended_last = entry->ended_before;
    } else {
        ledger->entries[entry->ended_behind].ended_before = entry->ended_before;
    }
}

static void link_ended(struct life_ledger *ledger, uint32_t index)
{
    struct life_entry *entry = &ledger->entries[index];
    entry->ended = true;
    entry->ended_before = ledger->ended_last;
    entry->ended_behind = LIFE_NONE;
    if (ledger->ended_last == LIFE_NONE) {
        ledger->ended_first = index;
    } else {
        ledger->entries[ledger->ended_last].ended_behind = index;
    }
    ledger->ended_last = index;
}

static void let_go(struct life_ledger *ledger, uint32_t index)
{
    struct life_entry *entry = &ledger->entries[index];
    uint32_t *at = chain_of(ledger, entry->key);
    while (*at != index) {
        at = &ledger->entries[*at].next;
    }
    *at = entry->next;
    unlink_ended(ledger, index);
    life_fini(&entry->life);
    entry->used = false;
    entry->next = ledger->unused_first;
    ledger->unused_first = index;
    ledger->used_count--;
}

uint32_t life_ledger_take(struct life_ledger *ledger, uint64_t key)
{
    uint32_t index = find(ledger, key);
    if (index != LIFE_NONE) {
        return index;
    }
    if (ledger->used_count == ledger->count_max) {
        if (ledger->ended_first == LIFE_NONE) {
            return LIFE_NONE;
        }
        let_go(ledger, ledger->ended_first);
    }
    if (ledger->unused_first != LIFE_NONE) {
        index = ledger->unused_first;
        ledger->unused_first = ledger->entries[index].next;
    } else {
        if (ledger->entry_count == ledger->entry_size) {
            grow(ledger);
        }
        index = ledger->entry_count++;
    }
    ledger->entries[index] = (struct life_entry){.key = key, .used = true};
    ledger->used_count++;
    link_into_chain(ledger, index);
    return index;
}

void life_ledger_note_end(struct life_ledger *ledger, uint32_t index, bool ended)
{
    unlink_ended(ledger, index);
    if (ended) {
        link_ended(ledger, index);
    }
}
