-- Times are epoch seconds, ids are as Discord and the API give them. Types run on PostgreSQL unchanged.

CREATE TABLE jobs (
    id             TEXT PRIMARY KEY,
    interaction_id BIGINT NOT NULL,          -- the one that asked for it
    part           INTEGER NOT NULL,         -- one press may ask for several
    kind           TEXT NOT NULL,
    state          TEXT NOT NULL,
    user_id        BIGINT NOT NULL,
    request        TEXT NOT NULL,            -- the body as it is sent, JSON
    prompt         TEXT NOT NULL,            -- what the card shows
    action         TEXT NOT NULL,
    image_id       TEXT,                     -- the picture that a button was pressed on
    parent_url     TEXT,                     -- and the card it was on
    press          TEXT,                     -- that card and button, to tell a double press
    note           TEXT,                     -- what the prompt grammar warned of
    created_at     DOUBLE PRECISION NOT NULL,
    answered_at    DOUBLE PRECISION,         -- its card is there; only then it may run
    sent_at        DOUBLE PRECISION,
    finished_at    DOUBLE PRECISION,
    delivered_at   DOUBLE PRECISION,
    let_go_at      DOUBLE PRECISION,         -- the asker no longer waits for it
    closed_at      DOUBLE PRECISION,         -- nothing is left to do
    task_id        TEXT UNIQUE,
    result         TEXT,                     -- JSON
    failure        TEXT,                     -- JSON
    UNIQUE (interaction_id, part)
);
CREATE INDEX jobs_open ON jobs (user_id, state) WHERE closed_at IS NULL;
CREATE INDEX jobs_of_user ON jobs (user_id, created_at);

CREATE TABLE cards (
    job_id           TEXT PRIMARY KEY REFERENCES jobs (id),
    application_id   BIGINT NOT NULL,
    interaction_id   BIGINT NOT NULL,        -- the newest one on this card, whose token this is
    token            TEXT NOT NULL,
    token_expires_at DOUBLE PRECISION NOT NULL,
    original         INTEGER NOT NULL,       -- 1: the card is that interaction's own message, 0: a follow-up
    guild_id         BIGINT,
    channel_id       BIGINT NOT NULL,
    message_id       BIGINT,
    ephemeral        INTEGER NOT NULL,
    has_bot          INTEGER NOT NULL,
    file_limit       BIGINT NOT NULL,
    locale           TEXT NOT NULL
);
CREATE INDEX cards_of_message ON cards (message_id);

CREATE TABLE pictures (
    image_id      TEXT PRIMARY KEY,
    job_id        TEXT NOT NULL REFERENCES jobs (id),
    image_url     TEXT,
    raw_image_url TEXT,
    width         INTEGER,
    height        INTEGER,
    created_at    DOUBLE PRECISION NOT NULL
);
CREATE INDEX pictures_of_job ON pictures (job_id);

CREATE TABLE actions (
    image_id TEXT NOT NULL REFERENCES pictures (image_id),
    position INTEGER NOT NULL,
    name     TEXT NOT NULL,
    PRIMARY KEY (image_id, position)
);

CREATE TABLE facts (                         -- what the bot remembers about itself
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
