"""Where an event store is: a folder, or a prefix of a bucket.

Belongs here: telling the two apart, and the credentials of the second. Does not belong here: what is
in it.
"""

import os
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Self

from journey_assets.settings import Settings

if TYPE_CHECKING:
    from journey_assets.warehouse.event_store.objects import Objects

#: How the location of an object store begins.
S3 = "s3://"


@dataclass(frozen=True)
class StoreAddress:
    """location: an absolute folder, or ``s3://bucket/prefix``. What is empty of the rest is looked for
    where Amazon's clients look for it: the environment, then the machine's role.

    A copy for another process (:mod:`pickle`) has no secrets: that process has its own.
    """

    location: str
    endpoint: str = ""
    region: str = ""
    access_key_id: str = field(default="", repr=False)
    secret_access_key: str = field(default="", repr=False)
    session_token: str = field(default="", repr=False)

    @classmethod
    def of(cls, settings: Settings) -> Self | None:
        """The store that the settings name, None where events are in the database."""
        if not settings.event_store:
            return None
        return cls(
            location=settings.event_store_location(),
            endpoint=settings.aws_endpoint_url,
            region=settings.aws_region,
            access_key_id=settings.aws_access_key_id,
            secret_access_key=settings.aws_secret_access_key,
            session_token=settings.aws_session_token,
        )

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.location, self.endpoint, self.region))

    def objects(self) -> "Objects":
        """The store's files; a client of an object store is made once in a process."""
        return _objects(self, os.getpid())


@lru_cache(maxsize=8)
def _objects(address: StoreAddress, _process: int) -> "Objects":
    if address.location.startswith(S3):
        from journey_assets.warehouse.event_store.bucket import Bucket

        return Bucket(address)
    from journey_assets.warehouse.event_store.folder import Folder

    return Folder(address.location)
