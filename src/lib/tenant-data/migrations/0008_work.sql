-- What people do and keep about all of it: tasks, contracts, messages, files, notes.

create function tenancy.entity_types() returns text[]
  language sql immutable parallel safe
  return array['account', 'contact', 'lead', 'opportunity', 'event', 'event_date', 'event_design_item', 'quote', 'invoice',
    'payment', 'contract', 'task', 'communication', 'location', 'booth', 'equipment_item', 'package', 'product', 'template'];

create table tasks (
  like tenancy.record including all,
  title text not null check (title <> ''),
  description text,
  status text not null default 'pending' check (status in ('pending', 'in_progress', 'completed', 'cancelled')),
  priority text not null default 'medium' check (priority in ('low', 'medium', 'high', 'urgent')),
  due_date date,
  assigned_to uuid,
  department text,
  entity_type text check (entity_type = any (tenancy.entity_types())),
  entity_id uuid,
  event_date_id uuid,
  completed_at timestamptz,
  completed_by uuid,
  constraint tasks_entity check ((entity_type is null) = (entity_id is null)),
  constraint tasks_completed check ((status = 'completed') = (completed_at is not null))
);
select tenancy.link('tasks', 'event_date_id', 'event_dates');
select tenancy.link('event_design_items', 'task_id', 'tasks');
create index on tasks (tenant_id, due_date, id);
create index on tasks (tenant_id, assigned_to, status, due_date);
create index on tasks (tenant_id, entity_type, entity_id);

create table attachments (
  like tenancy.record including all,
  entity_type text not null check (entity_type = any (tenancy.entity_types())),
  entity_id uuid not null,
  file_name text not null check (file_name <> '' and file_name !~ '[/\\]'),
  mime_type text not null,
  size_bytes bigint not null check (size_bytes >= 0),
  sha256 text check (sha256 ~ '^[0-9a-f]{64}$'),
  storage_key text not null,
  visibility text not null default 'internal' check (visibility in ('internal', 'client')),
  unique (tenant_id, storage_key)
);
create index on attachments (tenant_id, entity_type, entity_id, created_at);

create table contracts (
  like tenancy.record including all,
  contract_number text not null default '' check (length(contract_number) <= 60),
  event_id uuid,
  opportunity_id uuid,
  quote_id uuid,
  account_id uuid not null,
  contact_id uuid,
  template_id uuid,
  title text not null check (title <> ''),
  body_html text not null check (length(body_html) <= 5000000),
  body_sha256 text check (body_sha256 ~ '^[0-9a-f]{64}$'),
  status text not null default 'draft' check (status in ('draft', 'sent', 'viewed', 'signed', 'declined', 'expired', 'void')),
  signer_name text,
  signer_email text,
  signature text,
  consent_text text,
  sent_at timestamptz,
  viewed_at timestamptz,
  signed_at timestamptz,
  signed_ip inet,
  signed_user_agent text,
  expires_at timestamptz,
  token_hash text,
  signed_pdf_id uuid,
  unique (tenant_id, contract_number),
  constraint contracts_signed check (status <> 'signed'
    or (signed_at is not null and signer_name is not null and signature is not null and body_sha256 is not null))
);
select tenancy.link('contracts', 'event_id', 'events');
select tenancy.link('contracts', 'opportunity_id', 'opportunities');
select tenancy.link('contracts', 'quote_id', 'quotes');
select tenancy.link('contracts', 'account_id', 'accounts');
select tenancy.link('contracts', 'contact_id', 'contacts');
select tenancy.link('contracts', 'template_id', 'templates');
select tenancy.link('contracts', 'signed_pdf_id', 'attachments', 'no action');
create index on contracts (tenant_id, status, created_at);
create unique index contracts_token on contracts (tenant_id, token_hash) where token_hash is not null;

create table communications (
  like tenancy.record including all,
  type text not null check (type in ('email', 'sms', 'phone', 'meeting', 'note')),
  direction text not null default 'outbound' check (direction in ('inbound', 'outbound', 'internal')),
  status text not null default 'logged' check (status in
    ('draft', 'queued', 'sent', 'delivered', 'read', 'replied', 'failed', 'logged')),
  subject text,
  body text check (length(body) <= 1000000),
  from_address text,
  to_address text,
  occurred_at timestamptz not null default now(),
  account_id uuid,
  contact_id uuid,
  lead_id uuid,
  opportunity_id uuid,
  event_id uuid,
  provider_message_id text,
  thread_id text,
  failure_reason text,
  visibility text not null default 'team' check (visibility in ('team', 'private')),
  owner_id uuid
);
select tenancy.link('communications', 'account_id', 'accounts');
select tenancy.link('communications', 'contact_id', 'contacts');
select tenancy.link('communications', 'lead_id', 'leads');
select tenancy.link('communications', 'opportunity_id', 'opportunities');
select tenancy.link('communications', 'event_id', 'events');
create index on communications (tenant_id, occurred_at, id);
create index on communications (tenant_id, provider_message_id);
create index on communications (tenant_id, thread_id);

create table notes (
  like tenancy.record including all,
  entity_type text not null check (entity_type = any (tenancy.entity_types())),
  entity_id uuid not null,
  content text not null check (content <> '' and length(content) <= 100000),
  pinned boolean not null default false,
  visibility text not null default 'team' check (visibility in ('team', 'private'))
);
create index on notes (tenant_id, entity_type, entity_id, created_at);

-- What a note, a file or a task is about must exist in the same tenant. Entities are tables in the plural.
create function tenancy.check_entity() returns trigger
  language plpgsql
as $$
declare
  found_it boolean;
begin
  if new.entity_id is null then
    return new;
  end if;
  execute pg_catalog.format(
    'select exists (select from public.%I where tenant_id = $1 and id = $2)',
    case new.entity_type when 'opportunity' then 'opportunities' else new.entity_type || 's' end)
    into found_it using new.tenant_id, new.entity_id;
  if not found_it then
    raise exception 'There is no % with this id.', pg_catalog.replace(new.entity_type, '_', ' ')
      using errcode = 'foreign_key_violation';
  end if;
  return new;
end
$$;
create trigger check_entity before insert or update of entity_type, entity_id on notes
  for each row when (not tenancy.copying()) execute function tenancy.check_entity();
create trigger check_entity before insert or update of entity_type, entity_id on attachments
  for each row when (not tenancy.copying()) execute function tenancy.check_entity();
create trigger check_entity before insert or update of entity_type, entity_id on tasks
  for each row when (not tenancy.copying()) execute function tenancy.check_entity();

revoke execute on function tenancy.entity_types(), tenancy.check_entity() from public;
grant execute on function tenancy.entity_types() to authenticated, authenticated_manager, tenant_service, tenant_mover;
