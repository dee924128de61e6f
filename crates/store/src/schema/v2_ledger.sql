-- What start-up and the administrator's questions need, each no larger than what it is about.
CREATE INDEX deliveries_sending ON deliveries (leg) WHERE state = 'sending';
CREATE INDEX deliveries_waiting ON deliveries (leg) WHERE state = 'waiting_for_person';
CREATE INDEX deliveries_received ON deliveries (received_at, id);
CREATE INDEX deliveries_notable ON deliveries (received_at, id) WHERE state <> 'delivered';
CREATE INDEX links_person_b ON links (person_b);
CREATE INDEX legs_by_connection ON legs (connection);
CREATE INDEX people_by_name ON people (name_folded, id);

-- What the sweep goes by.
CREATE INDEX seen_at ON seen (at);
CREATE INDEX messages_at ON messages (at);

-- How many deliveries are in each state, kept as they change: counting would read the history.
-- "delivered" goes on counting what the sweep has taken away.
CREATE TABLE counters (
    state TEXT PRIMARY KEY,
    n INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO counters (state, n) SELECT state, count(*) FROM deliveries GROUP BY state;

CREATE TRIGGER deliveries_counted AFTER INSERT ON deliveries
BEGIN
    INSERT INTO counters (state, n) VALUES (new.state, 1)
        ON CONFLICT (state) DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER deliveries_recounted AFTER UPDATE OF state ON deliveries
WHEN new.state <> old.state
BEGIN
    UPDATE counters SET n = n - 1 WHERE state = old.state;
    INSERT INTO counters (state, n) VALUES (new.state, 1)
        ON CONFLICT (state) DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER deliveries_uncounted AFTER DELETE ON deliveries
WHEN old.state <> 'delivered'
BEGIN
    UPDATE counters SET n = n - 1 WHERE state = old.state;
END;
