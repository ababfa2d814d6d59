-- Keys that sign what is verified for years: certificates of moves, and checkpoints of the audit log. The latest of a purpose signs; all verify.
create table signing_keys (
  -- Of the public key: 16 hexadecimal digits of its SHA-256.
  id text primary key,
  purpose text not null check (purpose in ('certificates', 'checkpoints')),
  -- 32 bytes in base64, encrypted. Only who has the key that encrypts can add a key that verifies.
  seed text not null check (marquee.is_envelope(seed)),
  -- Not the start of the transaction, which may have waited for another rotation.
  created_at timestamptz not null default clock_timestamp()
);
alter table signing_keys enable row level security;
