// As simdjson's documentation advises for many documents: iterate_many over padded input.
#include "simdjson_lines.h"

#include <simdjson.h>
#include <string>

using namespace simdjson;

size_t simdjson_padding(void)
{
    return SIMDJSON_PADDING;
}

namespace {

struct request {
    std::string_view ts, service, customer;
    uint64_t status = 0;
    double latency = 0;
};

/* Asked for in the order in which they stand, and nothing else looked at: the parser's best. */
bool find(ondemand::object &object, request &out)
{
    return object.find_field("ts").get_string().get(out.ts) == SUCCESS &&
           object.find_field("service").get_string().get(out.service) == SUCCESS &&
           object.find_field("customer").get_string().get(out.customer) == SUCCESS &&
           object.find_field("status").get_uint64().get(out.status) == SUCCESS &&
           object.find_field("latency_ms").get_double().get(out.latency) == SUCCESS;
}

/* Every member, since any may be the one that matters: what an engine has to do. */
bool walk(ondemand::object &object, request &out)
{
    for (auto field : object) {
        std::string_view key;
        if (field.unescaped_key().get(key) != SUCCESS) {
            return false;
        }
        auto value = field.value();
        auto error = SUCCESS;
        if (key == "ts") {
            error = value.get_string().get(out.ts);
        } else if (key == "service") {
            error = value.get_string().get(out.service);
        } else if (key == "customer") {
            error = value.get_string().get(out.customer);
        } else if (key == "status") {
            error = value.get_uint64().get(out.status);
        } else if (key == "latency_ms") {
            error = value.get_double().get(out.latency);
        }
        if (error != SUCCESS) {
            return false;
        }
    }
    return true;
}

} // namespace

uint64_t simdjson_take(const char *bytes, size_t length, bool all, uint64_t *sum_out)
{
    static ondemand::parser parser;
    uint64_t lines = 0;
    uint64_t sum = 0;
#ifdef SIMDJSON_THREADS_ENABLED
    parser.threaded = false; // one core, as ours
#endif
    ondemand::document_stream stream;
    if (parser.iterate_many(bytes, length, 1 << 20).get(stream) != SUCCESS) {
        return 0;
    }
    for (auto line : stream) {
        ondemand::object object;
        request request;
        if (line.get_object().get(object) != SUCCESS ||
            !(all ? walk(object, request) : find(object, request))) {
            continue;
        }
        sum += request.ts.size() + request.service.size() + request.customer.size() +
               request.status + uint64_t(request.latency);
        lines++;
    }
    *sum_out = sum;
    return lines;
}

const char *simdjson_name(void)
{
    static const std::string name = std::string(SIMDJSON_STRINGIFY(SIMDJSON_VERSION)) + " " +
                                    SIMDJSON_STRINGIFY(SIMDJSON_BUILTIN_IMPLEMENTATION) + ", " +
                                    simdjson::get_active_implementation()->name();
    return name.c_str();
}
