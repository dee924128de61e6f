-- When a refresh token ends unless it is used before; not known of those that were kept until now.
ALTER TABLE tokens ADD COLUMN refresh_ends_at INTEGER;
