"""Numbers that a spec leaves open with `?`: where they stand, which values they may have, and which of these fit."""
