-- Instants are milliseconds since 1970 in UTC, days are YYYY-MM-DD, texts in several languages and lists are JSON.

CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

CREATE TABLE storage (
  name TEXT PRIMARY KEY,
  value BLOB NOT NULL,
  expires_at INTEGER NOT NULL
);
CREATE INDEX storage_expires ON storage (expires_at);

CREATE TABLE organisations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  code TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  country TEXT NOT NULL,
  created_at INTEGER NOT NULL
);

CREATE TABLE donors (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  code TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('eu', 'norway_embassy', 'norway_mfa', 'other')),
  name TEXT NOT NULL,
  city TEXT NOT NULL DEFAULT '',
  line TEXT NOT NULL DEFAULT '{}',
  disclaimer TEXT NOT NULL DEFAULT '{}',
  created_at INTEGER NOT NULL
);

CREATE TABLE projects (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  code TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  contract_number TEXT NOT NULL DEFAULT '',
  starts_on TEXT,
  ends_on TEXT,
  retention_on TEXT,
  lead_id INTEGER REFERENCES organisations (id),
  created_at INTEGER NOT NULL,
  CHECK (ends_on IS NULL OR starts_on IS NULL OR ends_on >= starts_on)
);

CREATE TABLE project_donors (
  project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  donor_id INTEGER NOT NULL REFERENCES donors (id),
  position INTEGER NOT NULL,
  PRIMARY KEY (project_id, donor_id)
);

CREATE TABLE project_organisations (
  project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  organisation_id INTEGER NOT NULL REFERENCES organisations (id),
  PRIMARY KEY (project_id, organisation_id)
);

CREATE TABLE indicators (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
  measure TEXT NOT NULL,
  target INTEGER NOT NULL CHECK (target > 0),
  UNIQUE (project_id, measure)
);

CREATE TABLE users (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  email TEXT NOT NULL,
  email_key TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  password_hash TEXT NOT NULL DEFAULT '',
  locale TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  disabled_at INTEGER
);

CREATE TABLE grants (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  role TEXT NOT NULL CHECK (role IN ('administrator', 'coordinator', 'organiser', 'donor')),
  scope_kind TEXT NOT NULL CHECK (scope_kind IN ('installation', 'project', 'organisation', 'event')),
  scope_id INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  UNIQUE (user_id, role, scope_kind, scope_id)
);

CREATE TABLE sign_in_links (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  hash TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER
);

CREATE TABLE institutions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  type TEXT NOT NULL DEFAULT '' CHECK (type IN ('', 'police', 'prosecution', 'reception', 'cso', 'court', 'international', 'embassy_donor', 'academia', 'media', 'other')),
  country TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  UNIQUE (name_key, country)
);

CREATE TABLE persons (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  given_name TEXT NOT NULL,
  family_name TEXT NOT NULL,
  full_name TEXT NOT NULL,
  ascii_key TEXT NOT NULL,
  sound_key TEXT NOT NULL,
  gender TEXT NOT NULL DEFAULT 'not_stated' CHECK (gender IN ('female', 'male', 'other', 'not_stated')),
  country TEXT NOT NULL DEFAULT '',
  email TEXT NOT NULL DEFAULT '',
  email_key TEXT NOT NULL DEFAULT '',
  phone TEXT NOT NULL DEFAULT '',
  phone_key TEXT NOT NULL DEFAULT '',
  institution_id INTEGER REFERENCES institutions (id),
  quiet BOOLEAN NOT NULL DEFAULT FALSE,
  merged_into INTEGER REFERENCES persons (id),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  CHECK (merged_into IS NULL OR merged_into <> id)
);
CREATE INDEX persons_ascii ON persons (ascii_key);
CREATE INDEX persons_sound ON persons (sound_key);
CREATE INDEX persons_email ON persons (email_key);
CREATE INDEX persons_phone ON persons (phone_key);
CREATE INDEX persons_merged ON persons (merged_into);

CREATE TABLE merges (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kept_id INTEGER NOT NULL REFERENCES persons (id),
  dropped_id INTEGER NOT NULL REFERENCES persons (id),
  user_id INTEGER REFERENCES users (id),
  moved TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  undone_at INTEGER
);
CREATE INDEX merges_dropped ON merges (dropped_id);

CREATE TABLE events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  code TEXT NOT NULL UNIQUE,
  project_id INTEGER NOT NULL REFERENCES projects (id),
  organisation_id INTEGER NOT NULL REFERENCES organisations (id),
  type TEXT NOT NULL CHECK (type IN ('national_training', 'regional_training', 'training_of_trainers', 'conference', 'workshop', 'round_table', 'study_visit')),
  title TEXT NOT NULL,
  description TEXT NOT NULL,
  country TEXT NOT NULL,
  city TEXT NOT NULL DEFAULT '',
  venue TEXT NOT NULL DEFAULT '',
  starts_on TEXT NOT NULL,
  days INTEGER NOT NULL CHECK (days BETWEEN 1 AND 31),
  zone TEXT NOT NULL,
  languages TEXT NOT NULL DEFAULT '[]',
  seats INTEGER NOT NULL CHECK (seats > 0),
  seats_taken INTEGER NOT NULL DEFAULT 0 CHECK (seats_taken >= 0),
  seats_asked INTEGER NOT NULL DEFAULT 0 CHECK (seats_asked >= 0),
  state TEXT NOT NULL CHECK (state IN ('draft', 'published', 'cancelled', 'archived')),
  registration_opens_at INTEGER,
  registration_closes_at INTEGER,
  decision TEXT NOT NULL CHECK (decision IN ('organiser', 'automatic')),
  unit TEXT NOT NULL CHECK (unit IN ('half-day', 'day', 'session')),
  threshold REAL NOT NULL CHECK (threshold > 0 AND threshold <= 1),
  signatories TEXT NOT NULL DEFAULT '[]',
  visibility_waiver TEXT NOT NULL DEFAULT '',
  listed BOOLEAN NOT NULL DEFAULT TRUE,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL DEFAULT 1,
  CHECK (registration_closes_at IS NULL OR registration_opens_at IS NULL OR registration_closes_at > registration_opens_at)
);
CREATE INDEX events_project ON events (project_id);
CREATE INDEX events_organisation ON events (organisation_id);
CREATE INDEX events_starts ON events (starts_on);

CREATE TABLE programme_sessions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  event_id INTEGER NOT NULL REFERENCES events (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  day TEXT NOT NULL,
  starts_at INTEGER NOT NULL,
  ends_at INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('plenary', 'panel', 'group_work', 'simulation', 'break', 'social')),
  title TEXT NOT NULL,
  room TEXT NOT NULL DEFAULT '',
  counts BOOLEAN NOT NULL DEFAULT TRUE,
  UNIQUE (event_id, position),
  CHECK (ends_at > starts_at)
);

CREATE TABLE attendance_units (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  event_id INTEGER NOT NULL REFERENCES events (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  day TEXT NOT NULL,
  part TEXT NOT NULL CHECK (part IN ('morning', 'afternoon', 'day', 'session')),
  starts_at INTEGER NOT NULL,
  ends_at INTEGER NOT NULL,
  half_days INTEGER NOT NULL CHECK (half_days IN (0, 1, 2)),
  programme_session_id INTEGER REFERENCES programme_sessions (id) ON DELETE SET NULL,
  UNIQUE (event_id, position)
);

CREATE TABLE registrations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  code TEXT NOT NULL UNIQUE,
  event_id INTEGER NOT NULL REFERENCES events (id),
  person_id INTEGER NOT NULL REFERENCES persons (id),
  status TEXT NOT NULL CHECK (status IN ('draft', 'submitted', 'waitlisted', 'approved', 'rejected', 'cancelled')),
  source TEXT NOT NULL CHECK (source IN ('form', 'desk', 'import')),
  given_name TEXT NOT NULL,
  family_name TEXT NOT NULL,
  certificate_name TEXT NOT NULL,
  other_script_name TEXT NOT NULL DEFAULT '',
  gender TEXT NOT NULL CHECK (gender IN ('female', 'male', 'other', 'not_stated')),
  email TEXT NOT NULL DEFAULT '',
  email_key TEXT NOT NULL DEFAULT '',
  identity_key TEXT NOT NULL DEFAULT '',
  phone TEXT NOT NULL DEFAULT '',
  country TEXT NOT NULL DEFAULT '',
  institution_id INTEGER REFERENCES institutions (id),
  institution_name TEXT NOT NULL DEFAULT '',
  institution_type TEXT NOT NULL DEFAULT '',
  position TEXT NOT NULL DEFAULT '',
  locale TEXT NOT NULL,
  answers TEXT NOT NULL DEFAULT '{}',
  consent_data BOOLEAN NOT NULL DEFAULT FALSE,
  consent_list BOOLEAN NOT NULL DEFAULT FALSE,
  consent_photo BOOLEAN NOT NULL DEFAULT FALSE,
  consent_contact BOOLEAN NOT NULL DEFAULT FALSE,
  consented_at INTEGER,
  quiet BOOLEAN NOT NULL DEFAULT FALSE,
  link_nonce TEXT NOT NULL,
  link_hash TEXT NOT NULL UNIQUE,
  units_present INTEGER NOT NULL DEFAULT 0 CHECK (units_present >= 0),
  half_days_present INTEGER NOT NULL DEFAULT 0 CHECK (half_days_present >= 0),
  folded_into INTEGER REFERENCES registrations (id),
  submitted_at INTEGER,
  decided_at INTEGER,
  decided_by INTEGER REFERENCES users (id),
  reason TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX registrations_person ON registrations (event_id, person_id) WHERE folded_into IS NULL;
CREATE UNIQUE INDEX registrations_identity ON registrations (event_id, identity_key) WHERE identity_key <> '';
CREATE INDEX registrations_status ON registrations (event_id, status);
CREATE INDEX registrations_by_person ON registrations (person_id);

CREATE TABLE claims (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  registration_id INTEGER NOT NULL REFERENCES registrations (id),
  unit_id INTEGER NOT NULL REFERENCES attendance_units (id),
  source TEXT NOT NULL CHECK (source IN ('scan', 'typed', 'list', 'signature', 'online', 'import', 'correction')),
  present BOOLEAN NOT NULL,
  device TEXT NOT NULL DEFAULT '',
  device_at INTEGER,
  received_at INTEGER NOT NULL,
  user_id INTEGER REFERENCES users (id),
  link_id INTEGER,
  detail TEXT NOT NULL DEFAULT '',
  request_key TEXT UNIQUE
);
CREATE INDEX claims_registration ON claims (registration_id, unit_id);

CREATE TABLE attendance (
  registration_id INTEGER NOT NULL REFERENCES registrations (id),
  unit_id INTEGER NOT NULL REFERENCES attendance_units (id),
  since INTEGER NOT NULL,
  PRIMARY KEY (registration_id, unit_id)
);
CREATE INDEX attendance_unit ON attendance (unit_id);

CREATE TABLE checkin_links (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  event_id INTEGER NOT NULL REFERENCES events (id) ON DELETE CASCADE,
  label TEXT NOT NULL,
  nonce TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  created_by INTEGER REFERENCES users (id),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  revoked_at INTEGER
);

CREATE TABLE import_rows (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  event_id INTEGER NOT NULL REFERENCES events (id),
  row_key TEXT NOT NULL,
  file TEXT NOT NULL,
  sheet TEXT NOT NULL DEFAULT '',
  row INTEGER NOT NULL,
  person_id INTEGER NOT NULL REFERENCES persons (id),
  registration_id INTEGER NOT NULL REFERENCES registrations (id),
  created_at INTEGER NOT NULL,
  UNIQUE (event_id, row_key)
);
CREATE INDEX import_rows_person ON import_rows (person_id);

CREATE TABLE certificates (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  number TEXT NOT NULL UNIQUE,
  registration_id INTEGER NOT NULL REFERENCES registrations (id),
  person_id INTEGER NOT NULL REFERENCES persons (id),
  event_id INTEGER NOT NULL REFERENCES events (id),
  state TEXT NOT NULL CHECK (state IN ('valid', 'superseded', 'revoked')),
  quiet BOOLEAN NOT NULL DEFAULT FALSE,
  code_hash TEXT NOT NULL DEFAULT '',
  snapshot TEXT NOT NULL,
  issued_at INTEGER NOT NULL,
  issued_by INTEGER REFERENCES users (id),
  superseded_by INTEGER REFERENCES certificates (id),
  ended_at INTEGER,
  reason TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX certificates_valid ON certificates (registration_id) WHERE state = 'valid';
CREATE INDEX certificates_person ON certificates (person_id);
CREATE INDEX certificates_event ON certificates (event_id);

CREATE TABLE reports (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  code TEXT NOT NULL UNIQUE,
  project_id INTEGER NOT NULL REFERENCES projects (id),
  audience TEXT NOT NULL CHECK (audience IN ('organiser', 'donor')),
  digest TEXT NOT NULL,
  figures TEXT NOT NULL,
  as_of INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  created_by INTEGER REFERENCES users (id),
  UNIQUE (project_id, audience, digest)
);

CREATE TABLE outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  recipient TEXT NOT NULL,
  locale TEXT NOT NULL,
  params TEXT NOT NULL DEFAULT '{}',
  registration_id INTEGER REFERENCES registrations (id),
  user_id INTEGER REFERENCES users (id),
  message_id TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'refused')),
  attempts INTEGER NOT NULL DEFAULT 0,
  answer TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  sent_at INTEGER
);
CREATE INDEX outbox_registration ON outbox (registration_id);
CREATE INDEX outbox_state ON outbox (state);

CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  user_id INTEGER,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  subject_id INTEGER NOT NULL,
  event_id INTEGER,
  detail TEXT NOT NULL DEFAULT '{}',
  request_id TEXT NOT NULL DEFAULT ''
);
CREATE INDEX audit_subject ON audit (subject, subject_id);
CREATE INDEX audit_event ON audit (event_id, id);
