/* POST /v1/hooks/alertmanager. Alertmanager tries again after 5xx only: whatever could be stored is
 * answered with 200, and nothing that cannot get better by itself with 5xx. */
#include "api/alertmanager.h"
#include "api/handlers.h"
#include "base/log.h"

/* On the lane of questions. */
static void store_alerts(struct request *request)
{
    struct text_buffer records;
    struct alertmanager_notes notes;
    struct post_result result;
    char detail[ALERTMANAGER_DETAIL_SIZE];
    text_buffer_init(&records);
    if (alertmanager_records(request_body(request), &records, &notes, detail) != STATUS_OK) {
        problem(&request->answer, 400, "%s", detail);
    } else if (post_and_wait(request, (struct text){records.bytes, (uint32_t)records.length},
                             &result)) {
        answer_posted(&request->answer, &result);
        if (notes.truncated > 0) {
            log_warning(
                "Alertmanager left out %u alerts of a notification: set max_alerts to 0, or "
                "their incidents are missing",
                notes.truncated);
        }
    }
    text_buffer_fini(&records);
}

void api_post_alertmanager(struct request *request)
{
    struct api *api = request->context;
    request_hand_over(request, api->questions, store_alerts);
}
