-- Reads of tenants that were run at both homes of their move before its cut-over: counts and times, no statement, no value.

create table move_dark_reads (
  move_id uuid not null references moves (id) on delete cascade,
  -- Digest of the statement's text.
  statement text not null,
  role text not null,
  tables text[] not null,
  -- Both homes answered the same.
  same bigint not null default 0,
  -- The new home answered otherwise, at a position where it had everything that the old one had.
  different bigint not null default 0,
  -- The new home refused what the old one answered.
  refused bigint not null default 0,
  -- The rows changed too often, or the stream did not come so far, for a judgement.
  unsettled bigint not null default 0,
  old_ms double precision not null default 0,
  new_ms double precision not null default 0,
  -- Sum of ln(new / old) over those answered: a mean of ratios that one slow answer does not decide.
  log_ratio double precision not null default 0,
  -- SQLSTATE of the last refusal.
  last_refusal text,
  updated_at timestamptz not null default now(),
  primary key (move_id, statement, role)
);
