#include "api/unpack.h"

#include <stdlib.h>
#include <strings.h>
#include <zlib.h>
#include <zstd.h>

#include "base/panic.h"

#define CHUNK_BYTES 65536
/* 8 MiB: what zstd's level 19 uses. Larger windows would let few senders take much memory. */
#define ZSTD_WINDOW_LOG_MAX 23

struct unpack {
    enum coding coding;
    unpack_sink *sink;
    void *context;
    uint64_t packed;
    uint64_t unpacked;
    bool at_end; /* of a member or frame, nothing begun after it */
    z_stream zlib;
    ZSTD_DStream *zstd;
    unsigned char chunk[CHUNK_BYTES];
};

int coding_from(const char *value)
{
    static const struct {
        const char *name;
        enum coding coding;
    } names[] = {
        {"", CODING_NONE},       {"identity", CODING_NONE},   {"gzip", CODING_GZIP},
        {"x-gzip", CODING_GZIP}, {"deflate", CODING_DEFLATE}, {"zstd", CODING_ZSTD},
    };
    for (size_t i = 0; value != NULL && i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcasecmp(value, names[i].name) == 0) {
            return (int)names[i].coding;
        }
    }
    return value == NULL ? (int)CODING_NONE : -1;
}

static bool open_stream(struct unpack *unpack)
{
    if (unpack->coding == CODING_ZSTD) {
        unpack->zstd = ZSTD_createDStream();
        return unpack->zstd != NULL && !ZSTD_isError(ZSTD_DCtx_setParameter(
                                           unpack->zstd, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG_MAX));
    }
    /* zlib: 15 is the largest window, 16 more asks for gzip's header. */
    int bits = unpack->coding == CODING_GZIP ? 15 + 16 : 15;
    return inflateInit2(&unpack->zlib, bits) == Z_OK;
}

enum status unpack_open(struct unpack **unpack_out, enum coding coding, unpack_sink *sink,
                        void *context)
{
    assert(coding != CODING_NONE);
    struct unpack *unpack = calloc(1, sizeof(*unpack));
    if (unpack == NULL) {
        return STATUS_NO_MEMORY;
    }
    unpack->coding = coding;
    unpack->sink = sink;
    unpack->context = context;
    if (!open_stream(unpack)) {
        unpack_close(unpack);
        return STATUS_NO_MEMORY;
    }
    *unpack_out = unpack;
    return STATUS_OK;
}

void unpack_close(struct unpack *unpack)
{
    if (unpack == NULL) {
        return;
    }
    if (unpack->coding == CODING_ZSTD) {
        ZSTD_freeDStream(unpack->zstd);
    } else {
        inflateEnd(&unpack->zlib);
    }
    free(unpack);
}

static enum unpack_result give(struct unpack *unpack, size_t length)
{
    unpack->unpacked += length;
    bool too_fast = unpack->unpacked > UNPACK_FREE_BYTES &&
                    unpack->unpacked / UNPACK_RATIO_MAX > unpack->packed;
    if (unpack->unpacked > UNPACKED_BYTES_MAX || too_fast) {
        return UNPACK_TOO_LARGE;
    }
    return length == 0 || unpack->sink(unpack->context, unpack->chunk, length) ? UNPACK_OK
                                                                               : UNPACK_NO_MEMORY;
}

static enum unpack_result feed_zlib(struct unpack *unpack, const unsigned char *bytes,
                                    size_t length)
{
    z_stream *zlib = &unpack->zlib;
    zlib->next_in =
        (unsigned char *)(uintptr_t)bytes; /* zlib reads only, its type says otherwise */
    zlib->avail_in = (uInt)length;
    enum unpack_result result = UNPACK_OK;
    do {
        if (unpack->at_end) {
            /* Another member follows; anything else fails at its header. */
            if (unpack->coding != CODING_GZIP || inflateReset(zlib) != Z_OK) {
                return UNPACK_BROKEN;
            }
            unpack->at_end = false;
        }
        zlib->next_out = unpack->chunk;
        zlib->avail_out = CHUNK_BYTES;
        int code = inflate(zlib, Z_NO_FLUSH);
        if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
            return UNPACK_BROKEN;
        }
        unpack->at_end = code == Z_STREAM_END;
        result = give(unpack, CHUNK_BYTES - zlib->avail_out);
        /* A full chunk may have more behind it although all input is taken. */
    } while (result == UNPACK_OK &&
             (zlib->avail_in > 0 || (zlib->avail_out == 0 && !unpack->at_end)));
    return result;
}

static enum unpack_result feed_zstd(struct unpack *unpack, const unsigned char *bytes,
                                    size_t length)
{
    ZSTD_inBuffer input = {bytes, length, 0};
    enum unpack_result result = UNPACK_OK;
    bool full;
    do {
        ZSTD_outBuffer output = {unpack->chunk, CHUNK_BYTES, 0};
        size_t code = ZSTD_decompressStream(unpack->zstd, &output, &input);
        if (ZSTD_isError(code)) {
            return UNPACK_BROKEN;
        }
        unpack->at_end = code == 0;
        full = output.pos == CHUNK_BYTES && !unpack->at_end;
        result = give(unpack, output.pos);
    } while (result == UNPACK_OK && (input.pos < length || full));
    return result;
}

enum unpack_result unpack_feed(struct unpack *unpack, const void *bytes, size_t length)
{
    unpack->packed += length;
    /* zlib counts in 32 bits; callers feed what a socket gave, far less. */
    assert(length <= UINT32_MAX);
    if (length == 0) {
        return UNPACK_OK;
    }
    return unpack->coding == CODING_ZSTD ? feed_zstd(unpack, bytes, length)
                                         : feed_zlib(unpack, bytes, length);
}

enum unpack_result unpack_end(const struct unpack *unpack)
{
    return unpack->at_end ? UNPACK_OK : UNPACK_BROKEN;
}
