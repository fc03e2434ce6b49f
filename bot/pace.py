"""Every interval and time-out of the bot, in one place: whoever waits is handed these, and tests are handed shorter ones."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds, unless a name says otherwise."""

    # The image service: one call
    connect_timeout: float = 10.0
    first_timeout: float = 40.0
    """For the head of a submission's answer, and again for its first object: a second, as a rule."""
    line_timeout: float = 40.0
    """Between two signs of life of a submission's answer, if it has several lines; `/tasks` knows what is missed."""
    total_timeout: float = 1200.0
    """For an answer that is held open until the picture is there."""
    text_timeout: float = 300.0
    """For words: as long as the provider's own clients wait."""
    reply_timeout: float = 38.0
    """For every answer that comes at once."""
    lookup_timeout: float = 30.0
    """For a look-up, at most: the next one is due soon."""
    error_timeout: float = 10.0
    """For the body of a refusal."""
    slot_timeout: float = 600.0
    """Until one of the connections is free."""
    backoff: float = 1.0
    """The first wait before a call that was certainly not accepted is tried again; each further one is twice as long."""
    retry_budget: float = 36.0
    """In which the last try must start: 1 + 2 + 4 + 8 + 16 and five of jitter."""
    busy_for: float = 900.0
    """For which a job waits in the queue while the service has no room."""
    lookup_repeats: int = 2
    """How often a look-up is asked again after an unclear end: it bills nothing."""
    tasks_interval: float = 1.1
    """Between two calls of `/tasks`: the service takes one a second."""
    download_window: float = 10.0
    """In which a download's rate is measured."""

    # The image service: what became of a job
    poll_due: float = 1.0
    """Between questions about a task whose end may come at any moment, by the usual time of its kind."""
    poll_idle: float = 2.0
    """About one that is far from its usual end, or long beyond it."""
    seek_every: float = 3.0
    """Between searches for the tasks of doubtful jobs."""
    seek_late_every: float = 60.0
    """Between searches for tasks of jobs that were given up as unclear."""
    seek_late_for: float = 3600.0
    """After a job was sent, in which its task may still turn up."""
    twin_within: float = 60.0
    """In which no second request with the very same words is sent while the first one is not known to be accepted."""
    twin_again: float = 0.5
    """Until a job looks again whether another with the very same words is known by now."""
    accepted_within: float = 60.0
    """From the first look-up that was answered, in which an accepted task must show up."""
    unanswered_for: float = 900.0
    """After which a doubtful job is given up, whether look-ups were answered or not."""
    unlisted_for: float = 90.0
    """In which a known task must show up among those that are asked for."""
    unfinished_for: float = 3600.0
    """From the first look-up that was answered, after which a task that never ends is given up."""
    never_answered_for: float = 86400.0
    """After which a known task is given up though no look-up told of its end."""

    # What a card says of a job that takes long
    started_after: float = 2.0
    slow_after: float = 8.0
    """Without an answer, after which the card says that it is still being tried."""
    long_after: float = 38.0
    """Of words, after which the card says that they take longer than usual."""
    silent_after: float = 90.0
    """After which the card says that nobody answers whether the job was accepted."""
    silent_again: float = 5.0
    """Until that is asked again if somebody just did."""
    places_every: float = 15.0
    """Between refreshes of the places in the queue."""

    # Jobs
    ask_again: float = 5.0
    """Until the store, or Discord, is asked again after it failed."""
    deliver_again: tuple[float, ...] = (2.0, 5.0, 15.0, 60.0, 300.0, 900.0)
    """Between tries to bring an end to its card; the last one is repeated."""
    deliver_for: float = 86400.0
    """What failed for a day won't come right by itself."""
    link_lives: float = 900.0
    """After a job's end, in which a link is asked for again that the pictures' host calls dead."""
    settled_within: float = 3.0
    """In which submissions get to learn their task when the bot stops."""

    # Discord
    card_every: float = 3.0
    """Between edits of one card."""
    channel_every: float = 3.0
    """Between edits for progress in one channel, after a burst of them: Discord's limits are shared by all in it."""
    park_after: float = 13 * 60.0
    """Of a token's life, after which a card without other ways asks for a press."""
    park_again: float = 10.0
    look_at_clock: float = 30.0
    """While a machine sleeps, asyncio's waits stand still."""
    progress_timeout: float = 20.0
    """For an edit that shows progress: the next one is due soon."""
    edit_timeout: float = 30.0
    """For any other edit or message without a file."""
    upload_timeout: float = 280.0
    """discord.py's session gives up at 300."""
    ready_within: float = 20.0
    """For a guild's file limit, which comes with the gateway."""
    answer_within: float = 10.0
    """Discord refuses what comes after 3, but its own answer may be slow."""
    follow_up_within: float = 30.0
    """discord.py waits for rate limits on this way without a bound."""
    count_within: float = 2.0
    """For counting the jobs, before `/about` must be answered."""
    press_within: float = 180.0
    """What a press starts goes on in jobs, only its answers count here."""
    operator_every: float = 3600.0
    """Between messages of one kind to the application's owner."""
    register_again: tuple[float, float] = (60.0, 3600.0)
    """Between tries to register the commands: the first pause, and the longest."""
    register_patience: float = 60.0
    """After which a try that Discord makes wait is told."""

    # The process
    connect_again: tuple[float, float] = (1.0, 300.0)
    """Between tries to connect to Discord: the first pause, and the longest."""
    held_for: float = 60.0
    """After which a connection counts as having stood."""
    database_within: float = 10.0
    """For another process (check, migrate, a bot that stops) to leave the database."""
    look_at_files_every: float = 5.0
    alive_every: float = 15.0
    """Between touches of the file that a health check looks at."""
    hands_within: float = 2.0
    """For the interactions in hand when the bot stops."""
    jobs_within: float = 4.0
    """For the jobs; with the goodbye to Discord, SIGTERM is answered within ten."""
    goodbye_within: float = 2.0
