-- A link to a message follows from where it stands: made when somebody asks for it.
ALTER TABLE deliveries DROP COLUMN permalink;
-- What a body was recognised by is of no use once its outcome is known.
UPDATE deliveries SET digest = NULL WHERE settled_at IS NOT NULL;
