-- Notices: what people of the tenant should know at once. Written by triggers in the transaction of the change; shown by the bell
-- and on Today, and mailed to those who want it.
create table tenancy.notices (
  tenant_id uuid not null,
  id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  kind text not null,
  -- The record that it is about.
  entity_type text not null,
  entity_id uuid not null,
  -- What people read: {number, name, amount, currency, date, text}, as far as the kind has it.
  subject jsonb not null default '{}',
  created_at timestamptz not null default clock_timestamp(),
  read_at timestamptz,
  mail text not null default 'none' check (mail in ('none', 'wanted', 'sent')),
  primary key (tenant_id, id)
);
create index on tenancy.notices (tenant_id, user_id, created_at, id);
create index on tenancy.notices (tenant_id, created_at) where mail = 'wanted';

select tenancy.protect_internal('tenancy.notices');
select tenancy.tell_screens('tenancy.notices');

-- The kinds of notices that a person wants no mail about.
create table tenancy.notice_preferences (
  tenant_id uuid not null,
  user_id uuid not null,
  without_mail text[] not null default '{}',
  primary key (tenant_id, user_id)
);

select tenancy.protect_internal('tenancy.notice_preferences');
