/* Our scan of a line against jansson's. */
#ifndef SUPPORT_JSON_JUDGE_H
#define SUPPORT_JSON_JUDGE_H

#include "decode/decoder.h"

/* Panics unless both say the same: whether it is one JSON object (as far as they want the same),
 * which known keys it has, and their texts and integers. line: 1 to RECORD_BYTES_MAX bytes, the first
 * a '{'. Answers whether it is one. */
bool json_judge(struct decoder *decoder, struct text line);

#endif
