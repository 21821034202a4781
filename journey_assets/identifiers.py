"""Which values stand in an identifier's place and name nobody, and where a form keeps an address.

Belongs here: the one rule on placeholders, in Python and in SQL, and the e-mail address of a support
form. Does not belong here: what an address looks like (:mod:`journey_assets.names`), and values that
too many share (``identity/windowed.sql``): those need no list.
"""

import re
from collections.abc import Collection
from typing import TYPE_CHECKING

from journey_assets.names import mail_address

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: What languages, forms and people write where there is no id. Zeros and dashes alone are refused
#: without being listed.
PLACEHOLDERS = (
    "-1,null,nil,none,undefined,nan,n/a,na,#n/a,unknown,unidentified,anonymous,guest,test,tester,"
    "testuser,test user,test_user,example,dummy,default,empty,missing,not set,(not set),not_set,"
    "not provided,(none),(null),true,false,[object object],{},[],none@none.com,no@no.com,na@na.com,"
    "null@null.com,undefined@undefined.com,unknown@unknown.com,anonymous@anonymous.com,"
    "test@test.com,test@test.test,test@example.com,example@example.com,email@example.com,"
    "user@example.com,name@example.com,noreply@example.com,noemail@noemail.com,no@email.com,"
    "none@example.com,a@a.com,abc@abc.com,asdf@asdf.com,mail@mail.com,email@email.com"
)

#: Keys under which support forms ask for an address, the surest first.
EMAIL_KEYS = (
    "customer-email,email,e-mail,email-address,e-mail-address,mail,user-email,contact-email,"
    "your-email"
)


def names_somebody(value: str, placeholders: Collection[str]) -> bool:
    """Whether an identifier's value may name a person: not empty, not zeros and dashes alone, and
    none of the ``placeholders`` (in small letters)."""
    tidy = value.strip().lower()
    return (
        tidy.strip("0-") != ""
        and tidy not in placeholders
        and mail_address(tidy) not in placeholders
    )


def form_key(key: str) -> str:
    """A form's key for comparing: letters and digits alone, small."""
    return re.sub(r"[\W_]", "", key).lower()


def register_identifiers(
    con: "DuckDBPyConnection", placeholders: Collection[str], email_keys: Collection[str]
) -> None:
    """Make ``names_nobody(value)`` and ``support_email(form_data)`` callable in SQL.

    names_nobody: of a value without blanks around it, the contrary of :func:`names_somebody`.
    support_email: the address under the first of ``email_keys`` (as :func:`form_key` makes them) that
    holds one; NULL when none does or the form is no JSON object. Needs
    :func:`journey_assets.names.register_names`.
    """
    con.execute(
        "SET VARIABLE placeholder_ids = $placeholders::VARCHAR[]",
        {"placeholders": sorted(placeholders)},
    )
    con.execute("SET VARIABLE support_email_keys = $keys::VARCHAR[]", {"keys": list(email_keys)})
    con.execute(
        r"""
        CREATE OR REPLACE TEMP MACRO names_nobody(value) AS
        trim(value, '0-') = '' OR list_contains(getvariable('placeholder_ids'), lower(value));
        CREATE OR REPLACE TEMP MACRO support_email(form_data) AS
        -- A JSON pointer: a path that starts with $ would be read as JSONPath.
        list_sort(list_filter(list_transform(json_keys(form_data), lambda key: {
            'place': list_position(
                getvariable('support_email_keys'), lower(regexp_replace(key, '[^\p{L}\p{N}]', '', 'g'))
            ),
            'address': mail_address(
                form_data ->> ('/' || replace(replace(key, '~', '~0'), '/', '~1'))
            )
        }), lambda field: field.place > 0 AND field.address IS NOT NULL))[1].address;
        """
    )
