-- From an idea to a public page: how an event is held, why it was cancelled, its rooms, tracks, people, sessions that
-- keep their identity, materials, and what registrations need interpreted.

ALTER TABLE events ADD COLUMN format TEXT NOT NULL DEFAULT 'on_site' CHECK (format IN ('on_site', 'online', 'hybrid'));
ALTER TABLE events ADD COLUMN join_url TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN quiet BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE events ADD COLUMN template BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE events ADD COLUMN audience TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN costs TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN directions TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN accessibility TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN contact_name TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN contact_email TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN contact_phone TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN interpretation TEXT NOT NULL DEFAULT '[]';
ALTER TABLE events ADD COLUMN cancel_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN cancelled_at INTEGER;
ALTER TABLE events ADD COLUMN waived_by INTEGER REFERENCES users (id);
ALTER TABLE events ADD COLUMN waived_at INTEGER;
ALTER TABLE events ADD COLUMN most_days INTEGER NOT NULL DEFAULT 0;
UPDATE events SET most_days = days;

CREATE TABLE rooms (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  event_id INTEGER NOT NULL REFERENCES events (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  name TEXT NOT NULL,
  seats INTEGER NOT NULL DEFAULT 0 CHECK (seats >= 0),
  accessibility TEXT NOT NULL DEFAULT '',
  directions TEXT NOT NULL DEFAULT ''
);
CREATE INDEX rooms_event ON rooms (event_id, position);

CREATE TABLE tracks (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  event_id INTEGER NOT NULL REFERENCES events (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  name TEXT NOT NULL
);
CREATE INDEX tracks_event ON tracks (event_id, position);

CREATE TABLE portraits (
  digest TEXT PRIMARY KEY,
  jpeg BLOB NOT NULL,
  small BLOB NOT NULL,
  width INTEGER NOT NULL CHECK (width > 0),
  height INTEGER NOT NULL CHECK (height > 0),
  created_at INTEGER NOT NULL
);

CREATE TABLE speakers (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  event_id INTEGER NOT NULL REFERENCES events (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('trainer', 'speaker', 'moderator')),
  role TEXT NOT NULL DEFAULT '',
  bio TEXT NOT NULL DEFAULT '',
  portrait TEXT NOT NULL DEFAULT '',
  shown TEXT NOT NULL DEFAULT 'all' CHECK (shown IN ('all', 'approved')),
  UNIQUE (event_id, code)
);

ALTER TABLE programme_sessions ADD COLUMN code TEXT NOT NULL DEFAULT '';
ALTER TABLE programme_sessions ADD COLUMN room_id INTEGER REFERENCES rooms (id);
ALTER TABLE programme_sessions ADD COLUMN track_id INTEGER REFERENCES tracks (id);
ALTER TABLE programme_sessions ADD COLUMN description TEXT NOT NULL DEFAULT '';
ALTER TABLE programme_sessions ADD COLUMN counted_minutes INTEGER CHECK (counted_minutes >= 0);
ALTER TABLE programme_sessions ADD COLUMN interpretation TEXT NOT NULL DEFAULT '[]';
ALTER TABLE programme_sessions ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0;
ALTER TABLE programme_sessions ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE programme_sessions ADD COLUMN removed_at INTEGER;
UPDATE programme_sessions SET code = 's' || id, updated_at = (SELECT e.updated_at FROM events e WHERE e.id = programme_sessions.event_id);
CREATE UNIQUE INDEX programme_sessions_code ON programme_sessions (event_id, code);
INSERT INTO rooms (event_id, position, name)
  SELECT s.event_id, MIN(s.position), json_object('original', (SELECT COALESCE(NULLIF(json_extract(e.title, '$.original'), ''), 'en') FROM events e WHERE e.id = s.event_id), 'by', json_object((SELECT COALESCE(NULLIF(json_extract(e.title, '$.original'), ''), 'en') FROM events e WHERE e.id = s.event_id), s.room)) FROM programme_sessions s WHERE s.room <> '' GROUP BY s.event_id, s.room;
UPDATE programme_sessions SET room_id = (SELECT r.id FROM rooms r WHERE r.event_id = programme_sessions.event_id AND json_extract(r.name, '$.by."' || json_extract(r.name, '$.original') || '"') = programme_sessions.room) WHERE room <> '';
ALTER TABLE programme_sessions DROP COLUMN room;

CREATE TABLE session_speakers (
  session_id INTEGER NOT NULL REFERENCES programme_sessions (id) ON DELETE CASCADE,
  speaker_id INTEGER NOT NULL REFERENCES speakers (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  PRIMARY KEY (session_id, speaker_id)
);
CREATE INDEX session_speakers_speaker ON session_speakers (speaker_id);

CREATE TABLE materials (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  event_id INTEGER NOT NULL REFERENCES events (id) ON DELETE CASCADE,
  session_id INTEGER REFERENCES programme_sessions (id) ON DELETE SET NULL,
  position INTEGER NOT NULL,
  code TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('file', 'link')),
  title TEXT NOT NULL,
  url TEXT NOT NULL DEFAULT '',
  file_name TEXT NOT NULL DEFAULT '',
  mime TEXT NOT NULL DEFAULT '',
  size INTEGER NOT NULL DEFAULT 0 CHECK (size >= 0),
  digest TEXT NOT NULL DEFAULT '',
  shown TEXT NOT NULL DEFAULT 'all' CHECK (shown IN ('all', 'approved', 'attendees')),
  shown_from INTEGER,
  created_at INTEGER NOT NULL,
  created_by INTEGER REFERENCES users (id),
  CHECK (kind <> 'file' OR digest <> ''),
  CHECK (kind <> 'link' OR url <> '')
);
CREATE INDEX materials_event ON materials (event_id, position);
CREATE INDEX materials_digest ON materials (digest);

CREATE TABLE uploads (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  code TEXT NOT NULL UNIQUE,
  event_id INTEGER NOT NULL REFERENCES events (id) ON DELETE CASCADE,
  user_id INTEGER REFERENCES users (id),
  file_name TEXT NOT NULL,
  size INTEGER NOT NULL CHECK (size > 0),
  received INTEGER NOT NULL DEFAULT 0 CHECK (received >= 0),
  parts TEXT NOT NULL DEFAULT '[]',
  fingerprint TEXT NOT NULL DEFAULT '',
  digest TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  touched_at INTEGER NOT NULL,
  CHECK (received <= size)
);
CREATE INDEX uploads_event ON uploads (event_id);
CREATE INDEX uploads_touched ON uploads (touched_at);

CREATE TABLE file_marks (
  key TEXT PRIMARY KEY,
  since INTEGER NOT NULL,
  going BOOLEAN NOT NULL DEFAULT FALSE
);

ALTER TABLE registrations ADD COLUMN interpretation TEXT NOT NULL DEFAULT '';
