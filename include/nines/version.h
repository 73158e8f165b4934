/* The version of nines that these headers belong to. */
#ifndef NINES_VERSION_H
#define NINES_VERSION_H

#define NINES_VERSION_MAJOR 0
#define NINES_VERSION_MINOR 1
#define NINES_VERSION_PATCH 0

#endif
