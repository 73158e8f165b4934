/* The binary protocol of nines: how its streams begin.
 *
 *   offset  size  field
 *        0     4  magic    89 4E 39 53  (0x89, then "N9S")
 *
 * The first byte is no ASCII and no UTF-8 lead byte, so no text protocol begins with it. This
 * version only knows the magic: a stream that begins so is told apart from text, counted once as
 * `native_frames` and closed. Frames are not spoken yet; send NDJSON meanwhile.
 */
#ifndef NINES_WIRE_H
#define NINES_WIRE_H

#define NINES_WIRE_MAGIC       "\x89N9S"
#define NINES_WIRE_MAGIC_BYTES 4

#endif
