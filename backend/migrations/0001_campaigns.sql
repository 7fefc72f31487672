-- Organizations, their campaigns, and the memory of which requests were already answered.

CREATE TABLE org (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  tier text NOT NULL DEFAULT 'mvp' CHECK (tier IN ('mvp', 'growth', 'scale')),
  created_at timestamptz NOT NULL DEFAULT now()
);

-- Until requests carry a token, every request belongs to this organization (backend/logic/tenant.hpp).
INSERT INTO org (id, name) VALUES ('00000000-0000-7000-8000-000000000001', 'default');

CREATE TABLE campaign (
  id uuid PRIMARY KEY,
  org_id uuid NOT NULL REFERENCES org,
  name text NOT NULL,
  status text NOT NULL DEFAULT 'draft'
    CHECK (status IN ('draft', 'in_review', 'approved', 'active', 'paused', 'closed')),
  channel text[] NOT NULL DEFAULT '{}',
  budget_minor bigint CHECK (budget_minor >= 0),
  currency char(3),
  starts_at timestamptz,
  ends_at timestamptz,
  version int NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CHECK ((budget_minor IS NULL) = (currency IS NULL)),
  CHECK (ends_at > starts_at)
);
CREATE INDEX campaign_by_age ON campaign (org_id, created_at DESC, id DESC);
CREATE INDEX campaign_active ON campaign (org_id, status) WHERE status = 'active';

CREATE TABLE idempotency (
  org_id uuid NOT NULL REFERENCES org,
  key text NOT NULL,
  req_hash bytea NOT NULL,
  status int NOT NULL,
  location text NOT NULL,
  body bytea NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (org_id, key)
);
CREATE INDEX idempotency_expiry ON idempotency (expires_at);
