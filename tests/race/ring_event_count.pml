/* The hand-over of ring_spsc.h with event_count.h, one producer and one consumer, for SPIN (sequentially
 * consistent memory; the release and acquire pairs [A] and [B] are ThreadSanitizer's part, race/ring_spsc.c).
 *
 * Shown: items come out once and in order, and a consumer that sleeps while something is in the ring is
 * always woken (no invalid end state). WAKE_FIRST moves the wake-up before the push and EARLY_KEY leaves out
 * the second look: both mistakes must be found.
 *
 *   spin -a tests/race/ring_event_count.pml && cc -O2 -o pan pan.c && ./pan          no errors
 *   spin -DWAKE_FIRST -a ... ; spin -DEARLY_KEY -a ...                               invalid end state
 */
#define SLOTS 2
#define ITEMS 5

byte slots[SLOTS];
byte head;    /* popped */
byte tail;    /* pushed */

byte epoch;   /* of the consumer's event count; wraps as the word does, far later than a wait lasts */
byte waiters;
bool asleep;  /* in the kernel, by the futex word */

inline wake()
{
    epoch++;
    /* A wake-up call only when somebody waits. */
    if
    :: waiters != 0 -> asleep = false
    :: else
    fi
}

/* FUTEX_WAIT compares and sleeps in one step. */
inline wait(key)
{
    d_step {
        if
        :: epoch == key -> asleep = true
        :: else
        fi
    }
    !asleep;
    waiters--
}

inline pop()
{
    if
    :: head == tail -> item = 0
    :: else ->
        item = slots[head % SLOTS];
        head++
    fi
}

active proctype producer()
{
    byte next = 1;
    do
    :: next <= ITEMS ->
        tail - head < SLOTS; /* full: wait for room (the policy is the caller's) */
#ifdef WAKE_FIRST
        wake();
#endif
        slots[tail % SLOTS] = next;
        tail++;
#ifndef WAKE_FIRST
        wake();
#endif
        next++
    :: else -> break
    od
}

active proctype consumer()
{
    byte expected = 1;
    byte item;
    byte key;
    do
    :: expected <= ITEMS ->
        pop();
        if
        :: item == 0 ->
            waiters++; /* prepare */
            key = epoch;
#ifndef EARLY_KEY
            pop();
#endif
            if
            :: item == 0 -> wait(key)
            :: else -> waiters--
            fi
        :: else
        fi;
        if
        :: item != 0 ->
            assert(item == expected);
            expected++
        :: else
        fi
    :: else -> break
    od;
    assert(head == tail);
    assert(waiters == 0)
}
