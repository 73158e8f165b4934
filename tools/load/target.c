#include "load/target.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "load/http_client.h"

/* Between two looks at /v1/status. */
#define PAUSE_NS 1000000L

/* The first address of endpoints.json whose scheme is tcp. */
static const char *tcp_of(const json_t *endpoints)
{
    size_t i;
    const json_t *address;
    json_array_foreach(json_object_get(endpoints, "ingest"), i, address)
    {
        const char *text = json_string_value(address);
        if (text != NULL && strncmp(text, "tcp://", 6) == 0) {
            return text;
        }
    }
    return NULL;
}

static bool read_endpoints(const char *data, bool http, struct target *target, char url_out[300])
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/endpoints.json", data);
    json_error_t error;
    json_t *endpoints = json_load_file(path, 0, &error);
    if (endpoints == NULL) {
        fprintf(stderr, "nines-load: %s: %s\n", path, error.text);
        return false;
    }
    const char *address = json_string_value(json_object_get(endpoints, "http"));
    snprintf(target->http, sizeof(target->http), "%s", address == NULL ? "" : address);
    const char *url = http ? address : tcp_of(endpoints);
    bool found = url != NULL && url[0] != '\0';
    if (found) {
        snprintf(url_out, 300, "%s", url);
    } else {
        fprintf(stderr, "nines-load: %s names no %s address\n", path, http ? "http" : "tcp");
    }
    json_decref(endpoints);
    return found;
}

bool target_find(const struct settings *settings, struct target *target_out)
{
    bool http = settings->format == LOAD_HTTP;
    char url[300];
    *target_out = (struct target){0};
    snprintf(url, sizeof(url), "%s", http ? "http://127.0.0.1:4991" : "tcp://127.0.0.1:4990");
    if (settings->data != NULL && !read_endpoints(settings->data, http, target_out, url)) {
        return false;
    }
    if (settings->url != NULL) {
        snprintf(url, sizeof(url), "%s", settings->url);
    }
    if (settings->http != NULL) {
        snprintf(target_out->http, sizeof(target_out->http), "%s", settings->http);
    }
    if (!address_split(url, http ? "http" : "tcp", target_out->host, target_out->port)) {
        fprintf(stderr, "nines-load: %s is not %s://HOST:PORT\n", url, http ? "http" : "tcp");
        return false;
    }
    if (http && target_out->http[0] == '\0') {
        snprintf(target_out->http, sizeof(target_out->http), "%s", url);
    }
    return true;
}

static bool is_evaluated(const char *status, bool *evaluated_out)
{
    json_error_t error;
    json_t *root = json_loads(status, 0, &error);
    const json_t *positions = json_object_get(root, "positions");
    const json_t *evaluated = json_object_get(positions, "evaluated");
    const json_t *durable = json_object_get(positions, "durable");
    const json_t *in_flight = json_object_get(json_object_get(root, "conservation"), "in_flight");
    bool good = json_is_integer(evaluated) && json_is_integer(durable);
    *evaluated_out = good && json_integer_value(evaluated) >= json_integer_value(durable) &&
                     json_integer_value(in_flight) == 0;
    json_decref(root);
    return good;
}

bool target_wait_evaluated(const struct target *target, int64_t deadline_ns)
{
    struct http_client client;
    if (!http_client_init(&client, target->http)) {
        fprintf(stderr, "nines-load: --wait-evaluated needs the engine's HTTP address\n");
        return false;
    }
    bool evaluated = false;
    bool good = true;
    while (good && !evaluated && clock_monotonic_ns(clock_system()) < deadline_ns) {
        good = http_client_get(&client, "/v1/status") && client.status == 200 &&
               is_evaluated(client.body, &evaluated);
        if (!good) {
            fprintf(stderr, "nines-load: %s/v1/status does not tell positions\n", target->http);
        } else if (!evaluated) {
            struct timespec pause = {.tv_nsec = PAUSE_NS};
            nanosleep(&pause, NULL);
        }
    }
    http_client_fini(&client);
    return evaluated;
}
