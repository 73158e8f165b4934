/* Is every segment whole? Read by a child process.
 *
 * Why a child: LMDB follows page numbers of a damaged file wherever they lead: SIGSEGV, SIGBUS,
 * abort, or a cycle without an end. The child may die of it; its death or its time-out is an
 * answer, "damaged".
 *
 *   parent: the folder, the meta pages by pread (data_file.h) ─► fork ─► wait for a report on a
 * pipe child:  every page that data lies on, every checksum, every chain and position ─► report ─►
 * _exit
 *
 * store_verify is declared in store.h. What it checks in a segment: the identity; names consecutive
 * and whole; batches consecutive, whole, each naming its predecessor's checksum and no name beyond
 * the table; the commit record equal to what was found; page numbers where LMDB's pages say they
 * are, no data on a page that the free list holds, no page that nobody owns.
 */
#ifndef STORE_VERIFY_H
#define STORE_VERIFY_H

#include "store/segment.h"

/* In the child. `before`: the commit record of the segment before this one, NULL for the first
 * looked at. */
must_check enum status verify_segment(const char *segments, uint64_t number, enum segment_mode mode,
                                      const struct commit_record *before,
                                      struct commit_record *commit_out,
                                      char message_out[STORE_MESSAGE_SIZE]);

#endif
