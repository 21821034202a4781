"""What a run may be asked to do beyond its days, as tags of the run.

Belongs here: the tags' names. Sensors set them, people can in the Launchpad; the assets of ``raw``
read them.
"""

from journey_assets.warehouse.replace import REPLACE_ANYWAY as REPLACE_ANYWAY

#: The name of an archive in the inbox: ``raw/amplitude_events`` takes its events instead of asking
#: Amplitude, and adds them to what is stored.
ARCHIVE = "journey/amplitude_archive"

#: ``1``: ``raw/amplitude_events`` reads only users who have not been read for all days of the run,
#: and adds their events to what is stored.
ONLY_NEW_USERS = "journey/only_new_users"
