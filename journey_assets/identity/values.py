"""What an identifier's value becomes: normalised for comparing, hashed for showing.

Belongs here: the rules of normalising, the blocked values, and the SQL functions that other
packages use to name an identifier as ``identity.persons`` does. Does not belong here: the graph.
"""

from typing import TYPE_CHECKING

from journey_assets.identifiers import register_identifiers
from journey_assets.settings import Settings
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


def register_normalising(con: "DuckDBPyConnection", settings: Settings) -> None:
    """Make ``normal_type(type)`` and ``normal_value(type, value)`` callable in SQL.

    normal_type: lower case, ``ios_id`` as ``ios.id``; a Segment type that has the name of a node
    of our own gets ``segment.`` before it. normal_value, of a value without blanks around it: an
    address as :func:`journey_assets.names.mail_address` writes it for type ``email``, in lower case for
    others; NULL for what names nobody (:mod:`journey_assets.identifiers`) and for type ``email`` when
    it holds no address. Registers ``support_email`` too. Needs :func:`register_safe_values`.
    """
    register_identifiers(con, settings.placeholders(), settings.email_keys())
    con.execute(
        f"""
        CREATE OR REPLACE TEMP MACRO normal_type(type) AS
        regexp_replace(regexp_replace(lower(without_blanks(type)), '^(ios|android)_', '\\1.'),
                       '^({"|".join(_OWN_TYPES)})$', 'segment.\\1');
        CREATE OR REPLACE TEMP MACRO known_address(address) AS
        CASE WHEN NOT names_nobody(address) THEN address END;
        CREATE OR REPLACE TEMP MACRO normal_value(type, value) AS
        CASE WHEN names_nobody(value) THEN NULL
             WHEN type = 'email' THEN CASE
                 WHEN holds_address(value) OR mail_address(value) IS NOT NULL
                 THEN known_address(coalesce(mail_address(value), lower(value))) END
             WHEN holds_address(value) THEN lower(value)
             ELSE value END;
        """
    )
