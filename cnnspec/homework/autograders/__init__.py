"""One file per platform that marks homework by itself: what lies in the archive that a teacher hands to it."""
