#include "domain/history.h"
