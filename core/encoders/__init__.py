"""What turns pictures into vectors. One encoder family a file."""

import os

# The hub's library reads its environment when it is imported, and open_clip and timm import it as well;
# this runs before any of them. It tells nobody what is used here, draws no bars of its own, and fetches
# by plain HTTP, which can be resumed and checked.
for _switch in (
    "HF_HUB_DISABLE_TELEMETRY",
    "HF_HUB_DISABLE_PROGRESS_BARS",
    "HF_HUB_DISABLE_SYMLINKS_WARNING",
    "HF_HUB_DISABLE_XET",
):
    os.environ.setdefault(_switch, "1")
