/* The store as a history that may be read again (domain/history.h). */
#ifndef STORE_STORE_HISTORY_H
#define STORE_STORE_HISTORY_H

#include "domain/history.h"
#include "store/store.h"

/* Borrows the store and its absences. Each scan walks the whole log in short read transactions. */
struct history store_history(struct store *store);

#endif
