// The one door to SQLite. Debian: libsqlite3-dev; macOS: part of the system.
#include <sqlite3.h>

// Turns off what a hostile schema could use; Swift cannot call sqlite3_db_config, whose arguments vary in number.
static inline int batchwise_sqlite_distrust(sqlite3 *connection) {
    int status = sqlite3_db_config(connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)0);
    if (status == SQLITE_OK) status = sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)0);
    if (status == SQLITE_OK) status = sqlite3_db_config(connection, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, (int *)0);
    if (status == SQLITE_OK) {
        status = sqlite3_db_config(connection, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, (int *)0);
    }
    return status;
}
