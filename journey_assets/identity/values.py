"""What an identifier's value becomes: normalised for comparing, hashed for showing.

Belongs here: the rules of normalising, the blocked values, and the SQL functions that other
packages use to name an identifier as ``identity.persons`` does. Does not belong here: the graph.
"""

from typing import TYPE_CHECKING

from journey_assets.warehouse.pseudonyms import register_pseudonym

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: Text that holds an e-mail address, plain or percent-encoded.
_ADDRESS = r"\S(@|%40)\S"

#: Types of nodes that Segment's own types must not fall together with.
_OWN_TYPES = ("amplitude_id", "profile_key", "conversation")


def register_safe_values(con: "DuckDBPyConnection", key: str) -> None:
    """Make ``safe_identifier(value)`` and ``safe_profile_key(profile_key)`` callable in SQL.

    Both give the ``id_value`` of ``identity.persons``, for joining with it: the value trimmed, and
    one that holds an e-mail address as ``email_<hash>``; a profile key keeps its ``type:``.
    Registers ``pseudonym`` too.
    """
    register_pseudonym(con, key)
    con.execute(
        f"""
        CREATE OR REPLACE TEMP MACRO without_blanks(value) AS trim(value, E' \\t\\r\\n');
        CREATE OR REPLACE TEMP MACRO holds_address(value) AS
        (contains(value, '@') OR contains(value, '%40')) AND regexp_matches(value, '{_ADDRESS}');
        CREATE OR REPLACE TEMP MACRO safe_identifier(value) AS
        CASE WHEN holds_address(value)
             THEN pseudonym('email', lower(without_blanks(value)))
             ELSE without_blanks(value) END;
        CREATE OR REPLACE TEMP MACRO safe_profile_key(profile_key) AS
        CASE WHEN holds_address(profile_key)
             THEN regexp_extract(profile_key, '^([^:@%]*:)?')
                  || safe_identifier(regexp_replace(profile_key, '^[^:@%]*:', ''))
             ELSE profile_key END;
        """
    )


def register_normalising(con: "DuckDBPyConnection") -> None:
    """Make ``normal_type(type)`` and ``normal_value(type, value)`` callable in SQL.

    normal_type: lower case, ``ios_id`` as ``ios.id``; a Segment type that has the name of a node
    of our own gets ``segment.`` before it. normal_value, of a value without blanks around it: lower
    case when it holds an e-mail address; NULL for what Segment blocks by default (zeros and dashes
    alone, words for nobody) and for type ``email`` when it holds no address.
    Needs :func:`register_safe_values`.
    """
    con.execute(
        f"""
        CREATE OR REPLACE TEMP MACRO normal_type(type) AS
        regexp_replace(regexp_replace(lower(without_blanks(type)), '^(ios|android)_', '\\1.'),
                       '^({"|".join(_OWN_TYPES)})$', 'segment.\\1');
        CREATE OR REPLACE TEMP MACRO normal_value(type, value) AS
        CASE WHEN left(value, 1) IN ('', '0', '-') AND trim(value, '0-') = '' THEN NULL
             WHEN lower(value) IN ('-1', 'null', 'anonymous') THEN NULL
             WHEN holds_address(value) THEN lower(value)
             WHEN type <> 'email' THEN value END;
        """
    )
