-- Who may do what, and who did it: roles with an end, devices on which users signed in, second factors, tokens of
-- programs, a record that can't be changed, institutions in several languages, donors' logos and shares, nominations.

CREATE TABLE grants_new (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  role TEXT NOT NULL CHECK (role IN ('administrator', 'coordinator', 'organiser', 'auditor', 'donor')),
  scope_kind TEXT NOT NULL CHECK (scope_kind IN ('installation', 'project', 'organisation', 'event')),
  scope_id INTEGER NOT NULL DEFAULT 0,
  until TEXT,
  granted_by INTEGER REFERENCES users (id),
  email TEXT NOT NULL DEFAULT '',
  name TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  UNIQUE (user_id, role, scope_kind, scope_id),
  CHECK (role <> 'auditor' OR until IS NOT NULL)
);
INSERT INTO grants_new (id, user_id, role, scope_kind, scope_id, created_at)
  SELECT id, user_id, role, scope_kind, scope_id, created_at FROM grants;
DROP TABLE grants;
ALTER TABLE grants_new RENAME TO grants;
CREATE INDEX grants_scope ON grants (scope_kind, scope_id);

ALTER TABLE users ADD COLUMN signed_in_at INTEGER;
ALTER TABLE users ADD COLUMN invited_by INTEGER;

CREATE TABLE visits (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  method TEXT NOT NULL CHECK (method IN ('password', 'link', 'passkey', 'oidc', 'setup')),
  role TEXT NOT NULL DEFAULT '',
  device TEXT NOT NULL DEFAULT '',
  began_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  factor_at INTEGER,
  proved_at INTEGER NOT NULL,
  ended_at INTEGER
);
CREATE INDEX visits_user ON visits (user_id, ended_at);
CREATE INDEX visits_seen ON visits (seen_at);

CREATE TABLE email_changes (
  user_id INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  email TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
);

CREATE TABLE factors (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('totp', 'passkey')),
  label TEXT NOT NULL DEFAULT '',
  secret TEXT NOT NULL DEFAULT '',
  credential_id TEXT UNIQUE,
  credential TEXT NOT NULL DEFAULT '{}',
  last_step INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  confirmed_at INTEGER,
  used_at INTEGER
);
CREATE UNIQUE INDEX factors_totp ON factors (user_id) WHERE kind = 'totp';
CREATE INDEX factors_user ON factors (user_id);

CREATE TABLE recovery_codes (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  hash TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  used_at INTEGER,
  UNIQUE (user_id, hash)
);

CREATE TABLE identities (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  used_at INTEGER,
  unlinked_at INTEGER,
  UNIQUE (issuer, subject)
);
CREATE INDEX identities_user ON identities (user_id);
CREATE TABLE sign_in_states (
  hash TEXT PRIMARY KEY,
  spent_at INTEGER NOT NULL
);
CREATE INDEX sign_in_states_spent ON sign_in_states (spent_at);

CREATE TABLE api_tokens (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  label TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  hint TEXT NOT NULL,
  role TEXT NOT NULL,
  scope_kind TEXT NOT NULL CHECK (scope_kind IN ('installation', 'project', 'organisation', 'event')),
  scope_id INTEGER NOT NULL DEFAULT 0,
  writes BOOLEAN NOT NULL DEFAULT FALSE,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER,
  revoked_at INTEGER
);
CREATE INDEX api_tokens_user ON api_tokens (user_id);

ALTER TABLE audit ADD COLUMN role TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN token_id INTEGER;
CREATE INDEX audit_user ON audit (user_id, id);
CREATE TABLE audit_chain (
  seq INTEGER PRIMARY KEY,
  entry_id INTEGER NOT NULL UNIQUE REFERENCES audit (id),
  hash TEXT NOT NULL,
  sealed_at INTEGER NOT NULL
);

-- The record is only added to. A replacing INSERT would delete without asking the triggers of DELETE.
CREATE TRIGGER audit_once BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
  BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_chain_once BEFORE INSERT ON audit_chain WHEN EXISTS (SELECT 1 FROM audit_chain WHERE seq = NEW.seq OR entry_id = NEW.entry_id)
  BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_kept BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_chain_unchanged BEFORE UPDATE ON audit_chain BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_chain_kept BEFORE DELETE ON audit_chain BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;

ALTER TABLE institutions ADD COLUMN names TEXT NOT NULL DEFAULT '{}';
ALTER TABLE institutions ADD COLUMN merged_into INTEGER;
ALTER TABLE organisations ADD COLUMN city TEXT NOT NULL DEFAULT '';
ALTER TABLE organisations ADD COLUMN website TEXT NOT NULL DEFAULT '';
ALTER TABLE organisations ADD COLUMN closed_at INTEGER;
ALTER TABLE project_donors ADD COLUMN share INTEGER CHECK (share IS NULL OR share BETWEEN 0 AND 1000);
ALTER TABLE organisations ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE donors ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE donors ADD COLUMN logo TEXT NOT NULL DEFAULT '';
ALTER TABLE projects ADD COLUMN version INTEGER NOT NULL DEFAULT 1;

-- By what they look like, and for good: a certificate is drawn again with the logo that it was issued with.
CREATE TABLE donor_logos (
  digest TEXT PRIMARY KEY,
  png BLOB NOT NULL,
  width INTEGER NOT NULL CHECK (width > 0),
  height INTEGER NOT NULL CHECK (height > 0),
  created_at INTEGER NOT NULL
);

CREATE TABLE nomination_links (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  event_id INTEGER NOT NULL REFERENCES events (id) ON DELETE CASCADE,
  institution_id INTEGER NOT NULL REFERENCES institutions (id),
  contact_name TEXT NOT NULL,
  contact_email TEXT NOT NULL,
  locale TEXT NOT NULL,
  seats INTEGER NOT NULL CHECK (seats > 0),
  nonce TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  created_by INTEGER REFERENCES users (id),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  revoked_at INTEGER
);
CREATE INDEX nomination_links_event ON nomination_links (event_id);

CREATE TABLE nominations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  link_id INTEGER NOT NULL REFERENCES nomination_links (id) ON DELETE CASCADE,
  given_name TEXT NOT NULL,
  family_name TEXT NOT NULL,
  email TEXT NOT NULL,
  email_key TEXT NOT NULL,
  position TEXT NOT NULL DEFAULT '',
  locale TEXT NOT NULL,
  nonce TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  registration_id INTEGER REFERENCES registrations (id),
  created_at INTEGER NOT NULL,
  declined_at INTEGER,
  withdrawn_at INTEGER,
  reminded_at INTEGER,
  erased_at INTEGER
);
CREATE INDEX nominations_link ON nominations (link_id);
CREATE UNIQUE INDEX nominations_email ON nominations (link_id, email_key) WHERE withdrawn_at IS NULL AND erased_at IS NULL;
CREATE INDEX nominations_registration ON nominations (registration_id);

ALTER TABLE checkin_links ADD COLUMN days TEXT NOT NULL DEFAULT '[]';
