/* Doubly linked lists whose links live inside their members: the loop's to-do lists. A member can
 * leave from the middle at any time, which is what closing a connection needs. A link that is in no
 * list points at itself.
 */
#ifndef NET_LIST_H
#define NET_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct link {
    struct link *previous;
    struct link *next;
};

/* The struct that holds `link` as its field `member`. */
#define list_entry(link, type, member) ((type *)(void *)((char *)(link)-offsetof(type, member)))

static inline void link_init(struct link *link)
{
    link->previous = link;
    link->next = link;
}

static inline bool list_empty(const struct link *list)
{
    return list->next == list;
}

static inline bool link_in_list(const struct link *link)
{
    return link->next != link;
}

/* No effect on a link that is in no list. */
static inline void link_remove(struct link *link)
{
    link->previous->next = link->next;
    link->next->previous = link->previous;
    link_init(link);
}

static inline void list_append(struct link *list, struct link *link)
{
    link->previous = list->previous;
    link->next = list;
    list->previous->next = link;
    list->previous = link;
}

/* NULL when the list is empty. */
static inline struct link *list_take_first(struct link *list)
{
    if (list_empty(list)) {
        return NULL;
    }
    struct link *first = list->next;
    link_remove(first);
    return first;
}

#endif
