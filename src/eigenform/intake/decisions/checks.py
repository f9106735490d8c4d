"""The SQL that judges staged rows against one another: duplicates, references, which row stands for a key.

Tables in the stage: f<n> a file, t<n> a section, `refused` (file, id, columns, reason, remedy) every problem found.
"""

from eigenform.intake.decisions import sql

CREATE_REFUSED = (
    "CREATE TABLE refused (file INTEGER, id BIGINT, columns VARCHAR, reason VARCHAR, remedy VARCHAR, private BOOLEAN)"
)


def unreadable(table: str, file: int) -> str:
    """Refuse the rows that could not even be read; the reader left [column, reason, remedy]."""
    return (
        f"INSERT INTO refused SELECT {file}, _id, json_extract_string(_bad, '$[0]'), "
        f"json_extract_string(_bad, '$[1]'), json_extract_string(_bad, '$[2]'), false "
        f"FROM {table} WHERE _bad IS NOT NULL"
    )


def good(table: str, file: int) -> str:
    """Return the rows of a section that nothing speaks against, as a FROM clause."""
    return f"(SELECT t.* FROM {table} t ANTI JOIN (SELECT id FROM refused WHERE file = {file}) b ON b.id = t._id)"


def duplicates(table: str, sheet: str, file: int, label: str, columns: str) -> str:
    """Refuse every row whose key an earlier good row of its section has."""
    reason = (
        f"'the key ' || {_shown('key')} || ' of {label} was already given on line ' || "
        f"first_value(f._row) OVER (PARTITION BY key ORDER BY t._id)"
    )
    return f"""
        INSERT INTO refused SELECT {file}, _id, {sql.text(columns)}, reason, 'Mend the key, or remove the row', false
        FROM (
            SELECT t._id, {reason} AS reason, row_number() OVER (PARTITION BY key ORDER BY t._id) AS again
            FROM {good(table, file)} t JOIN {sheet} f USING (_id)
        ) WHERE again > 1
    """


def lookup_rows(table: str, sheet: str, key: str, values: str, *, newest_first: bool) -> str:
    """Fill a lookup from its file: one row per key that is not there yet."""
    order = "f._id DESC" if newest_first else "f._id"
    return f"""
        INSERT INTO {table} SELECT * EXCLUDE (nth) FROM (
            SELECT f._id, {key} AS key{values}, row_number() OVER (PARTITION BY {key} ORDER BY {order}) AS nth
            FROM {sheet} f WHERE f._bad IS NULL AND {key} IS NOT NULL
        ) found ANTI JOIN {table} USING (key) WHERE nth = 1
    """


def lookup_doubtful(table: str, sheet: str, file: int, key: str, *, newest_first: bool) -> str:
    """Return the keys of a lookup whose row of the file was refused, or which a refused row would have come before."""
    stands = ">=" if newest_first else "<="
    return f"""
        SELECT DISTINCT l.key FROM {sheet} f SEMI JOIN (SELECT id FROM refused WHERE file = {file}) r ON r.id = f._id
        JOIN {table} l ON l.key = {key} AND f._id {stands} l._id
    """


def lookup_duplicates(sheet: str, file: int, key: str, label: str, columns: str) -> str:
    """Refuse the rows of a lookup's file whose key an earlier row has."""
    reason = f"'the key ' || {_shown('key')} || ' of {label} was already given'"
    return f"""
        INSERT INTO refused SELECT {file}, _id, {sql.text(columns)}, {reason}, 'Mend the key, or remove the row', false
        FROM (
            SELECT f._id, {key} AS key, row_number() OVER (PARTITION BY {key} ORDER BY f._id) AS nth
            FROM {sheet} f WHERE f._bad IS NULL AND {key} IS NOT NULL
        ) WHERE nth > 1
    """


def shared_identifiers(section: int, file: int, columns: str) -> str:
    """Refuse the rows that give to a second customer what an earlier row called the first one by."""
    reason = f"'the identifier ' || {_shown('value')} || ' already names the customer ' || {_shown('owner')}"
    return f"""
        INSERT INTO refused SELECT {file}, id, {sql.text(columns)}, {reason}, 'Mend one of the two rows', false FROM (
            SELECT *, first_value(key) OVER (PARTITION BY kind, value ORDER BY section, id) AS owner FROM identifiers
        ) WHERE key <> owner AND section = {section}
    """


def unknown_keys(table: str, file: int, column: str, sources: list[str], known: str) -> str:
    """Return the distinct keys that good rows name and neither this load (`sources`) nor `known` holds."""
    here = " UNION ALL ".join([*sources, f"SELECT key FROM {known}"])
    name = sql.name(column)
    return (
        f"SELECT DISTINCT t.{name} FROM {good(table, file)} t ANTI JOIN ({here}) k ON k.key = t.{name} "
        f"WHERE t.{name} IS NOT NULL"
    )


def refuse_unknown(table: str, file: int, column: str, noun: str, columns: str) -> str:
    """Refuse the good rows that name one of the keys in `missing`; private where the key's owner was erased."""
    name = sql.name(column)
    reason = (
        f"CASE WHEN m.erased THEN 'it belongs to a customer who was erased on request' ELSE 'there is no row of {noun} "
        f"with the key ' || {_shown('m.key')} || ', neither in these files nor loaded before' END"
    )
    remedy = (
        "CASE WHEN m.erased THEN 'Nothing: an erased customer does not come back' ELSE "
        f"'Load the row of {noun} first, or mend it if it was refused too' END"
    )
    return (
        f"INSERT INTO refused SELECT {file}, t._id, {sql.text(columns)}, {reason}, {remedy}, m.erased "
        f"FROM {good(table, file)} t JOIN missing m ON m.key = t.{name}"
    )


def refuse_keys(table: str, file: int, column: str, reason: str, remedy: str, columns: str, *, private: bool) -> str:
    """Refuse the good rows whose column is one of the keys in `missing`."""
    return (
        f"INSERT INTO refused SELECT {file}, t._id, {sql.text(columns)}, {sql.text(reason)}, {sql.text(remedy)}, "
        f"{'true' if private else 'false'} FROM {good(table, file)} t JOIN missing m ON m.key = t.{sql.name(column)}"
    )


def kept(table: str, file: int, repeat: str) -> str:
    """Return id and key of the row that stands for each key of a section."""
    if repeat in ("first", "last"):
        pick = "min" if repeat == "first" else "max"
        return f"SELECT key, {pick}(_id) AS _id FROM {good(table, file)} GROUP BY key"
    return f"SELECT key, _id FROM {good(table, file)}"


def touched(table: str, file: int, section: int) -> str:
    """Return the ids of the good rows of a section from which something new or changed came."""
    return (
        f"SELECT t._id FROM {good(table, file)} t JOIN k{section} k USING (key) "
        f"ANTI JOIN (SELECT id FROM same WHERE section = {section}) s ON s.id = k._id"
    )


def _shown(expression: str) -> str:
    return f"'''' || left({expression}, 80) || ''''"
