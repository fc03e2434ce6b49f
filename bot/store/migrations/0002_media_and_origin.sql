-- Jobs that no interaction asked for, what a failed one may cost, media in place of pictures and of actions (which nobody read), and both locales.
-- Tables are made anew, since SQLite changes no constraint of a table that is there.

CREATE TABLE new_jobs (
    id           TEXT PRIMARY KEY,
    origin       TEXT NOT NULL UNIQUE,       -- what asked for it, once: an interaction and its part, or another thing
    kind         TEXT NOT NULL,
    state        TEXT NOT NULL,
    user_id      BIGINT NOT NULL,
    request      TEXT NOT NULL,              -- the body as it is sent, JSON
    prompt       TEXT NOT NULL,              -- what the card shows
    action       TEXT NOT NULL,
    image_id     TEXT,                       -- the picture that a button was pressed on
    parent_url   TEXT,                       -- and the card it was on
    press        TEXT,                       -- that card and button, to tell a double press
    note         TEXT,                       -- what the prompt grammar warned of
    created_at   DOUBLE PRECISION NOT NULL,
    answered_at  DOUBLE PRECISION,           -- its card is there; only then it may run
    sent_at      DOUBLE PRECISION,
    finished_at  DOUBLE PRECISION,
    delivered_at DOUBLE PRECISION,
    let_go_at    DOUBLE PRECISION,           -- the asker no longer waits for it
    closed_at    DOUBLE PRECISION,           -- nothing is left to do
    task_id      TEXT UNIQUE,
    result       TEXT,                       -- JSON
    failure      TEXT,                       -- JSON
    may_be_billed INTEGER NOT NULL DEFAULT 1 -- 0: it failed, and certainly costs nothing
);
INSERT INTO new_jobs SELECT id, CAST(interaction_id AS TEXT) || '.' || CAST(part AS TEXT), kind, state, user_id, request, prompt,
    action, image_id, parent_url, press, note, created_at, answered_at, sent_at, finished_at, delivered_at, let_go_at, closed_at,
    task_id, result, failure, CASE WHEN state = 'failed' THEN 0 ELSE 1 END FROM jobs;

CREATE TABLE new_cards (
    job_id           TEXT PRIMARY KEY REFERENCES new_jobs (id),
    application_id   BIGINT NOT NULL,
    interaction_id   BIGINT,                 -- the newest one on this card, whose token this is
    token            TEXT,
    token_expires_at DOUBLE PRECISION NOT NULL,
    original         INTEGER NOT NULL,       -- 1: the card is that interaction's own message, 0: a follow-up
    guild_id         BIGINT,
    channel_id       BIGINT NOT NULL,
    message_id       BIGINT,
    ephemeral        INTEGER NOT NULL,
    has_bot          INTEGER NOT NULL,
    file_limit       BIGINT NOT NULL,
    locale           TEXT NOT NULL,          -- the person's
    guild_locale     TEXT                    -- the guild's
);
INSERT INTO new_cards SELECT job_id, application_id, interaction_id, token, token_expires_at, original, guild_id, channel_id,
    message_id, ephemeral, has_bot, file_limit, locale, NULL FROM cards;

CREATE TABLE media (                         -- what answers hold
    job_id      TEXT NOT NULL REFERENCES new_jobs (id),
    position    INTEGER NOT NULL,            -- in the answer, from 0
    type        TEXT NOT NULL,               -- picture or clip
    upstream_id TEXT,                        -- what the API calls it; of clips the video's
    url         TEXT NOT NULL,
    posting_at  DOUBLE PRECISION,            -- it goes into a message of its own, which may be there since then
    message_id  BIGINT,                      -- that message
    PRIMARY KEY (job_id, position)
);
INSERT INTO media (job_id, position, type, upstream_id, url)
    SELECT job_id, 0, 'picture', image_id, COALESCE(raw_image_url, image_url) FROM pictures
    WHERE COALESCE(raw_image_url, image_url) IS NOT NULL;

DROP TABLE actions;
DROP TABLE pictures;
DROP TABLE cards;
DROP TABLE jobs;
ALTER TABLE new_jobs RENAME TO jobs;
ALTER TABLE new_cards RENAME TO cards;
CREATE INDEX jobs_open ON jobs (user_id, state) WHERE closed_at IS NULL;
CREATE INDEX jobs_of_user ON jobs (user_id, created_at);
CREATE INDEX cards_of_message ON cards (message_id);
CREATE INDEX media_upstream ON media (upstream_id);
