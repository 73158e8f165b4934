/* Values that are replaced while others read them. */
#include <criterion/criterion.h>
#include <stdbool.h>

#include "base/shared.h"

static void note_release(void *context)
{
    *(bool *)context = true;
}

static void put(struct shared *shared, const char *object, bool *released)
{
    struct shared_value *value;
    cr_assert_eq(shared_make(&value, object, note_release, released), STATUS_OK);
    shared_replace(shared, value);
}

Test(shared, a_value_lives_until_the_last_holder_has_let_go)
{
    struct shared shared;
    bool first_released = false;
    bool second_released = false;
    shared_init(&shared);
    put(&shared, "first", &first_released);
    struct shared_value *here = shared_hold(&shared);
    struct shared_value *there = shared_hold(&shared);
    put(&shared, "second", &second_released);
    cr_expect_str_eq(shared_object(here), "first", "who holds it reads on");
    shared_let_go(here);
    cr_expect_not(first_released);
    shared_let_go(there);
    cr_expect(first_released);
    here = shared_hold(&shared);
    cr_expect_str_eq(shared_object(here), "second");
    shared_fini(&shared);
    cr_expect_not(second_released);
    shared_let_go(here);
    cr_expect(second_released);
}

Test(shared, the_generation_tells_a_replaced_value)
{
    struct shared shared;
    bool released = false;
    shared_init(&shared);
    cr_expect_eq(shared_generation(&shared), 0, "nothing yet");
    put(&shared, "first", &released);
    uint64_t before = shared_generation(&shared);
    cr_expect_eq(shared_generation(&shared), before);
    put(&shared, "second", &released);
    cr_expect_neq(shared_generation(&shared), before);
    cr_expect(released, "nobody held it");
    shared_fini(&shared);
    shared_let_go(NULL);
}
