/* The system's zones, and files that are none. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "catalog/tzif.h"
#include "domain/civil.h"

static struct text read_zone_file(const char *path, char *bytes, size_t size)
{
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file, "%s: is tzdata installed?", path);
    size_t length = fread(bytes, 1, size, file);
    fclose(file);
    return (struct text){bytes, (uint32_t)length};
}

Test(tzif, zones_of_the_system)
{
    struct region kept;
    region_init(&kept);
    const struct zone *zone = NULL;
    cr_assert_eq(tzif_load(&kept, TEXT("America/Sao_Paulo"), &zone), STATUS_OK);
    cr_expect_str_eq(zone->name, "America/Sao_Paulo");
    int64_t ns;
    /* Midnight was skipped on 2014-10-19. */
    cr_assert(civil_parse_rfc3339(TEXT("2014-10-19T02:59:59Z"), &ns));
    cr_expect_eq(zone_offset_s(zone, ns), -3 * 3600);
    cr_expect_eq(zone_offset_s(zone, ns + NS_PER_SECOND), -2 * 3600);
    cr_assert_eq(tzif_load(&kept, TEXT("Etc/UTC"), &zone), STATUS_OK);
    cr_expect_null(zone);
    region_fini(&kept);
}

Test(tzif, names_that_are_none)
{
    static const char *const names[] = {"",     "/etc/passwd",    "../zoneinfo/UTC", "Europe",
                                        "a\nb", "Europe/Berlin/", "Nowhere/Land"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct region kept;
        region_init(&kept);
        const struct zone *zone = NULL;
        cr_expect_eq(tzif_load(&kept, text_from(names[i]), &zone), STATUS_NOT_FOUND, "%s",
                     names[i]);
        region_fini(&kept);
    }
}

Test(tzif, a_file_cut_anywhere_is_damaged)
{
    char bytes[8192];
    struct text whole = read_zone_file("/usr/share/zoneinfo/Europe/Berlin", bytes, sizeof(bytes));
    struct region kept;
    region_init(&kept);
    struct zone zone;
    cr_assert_eq(tzif_parse(&kept, whole, &zone), STATUS_OK);
    for (uint32_t length = 0; length < whole.length; length++) {
        cr_expect_eq(tzif_parse(&kept, (struct text){bytes, length}, &zone), STATUS_DAMAGED,
                     "%u bytes", length);
    }
    region_fini(&kept);
}
