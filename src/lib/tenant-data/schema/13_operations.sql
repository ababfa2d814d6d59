-- What people do and keep about everything else: tasks, files, contracts, messages, notes.

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
  constraint tasks_completed check ((status = 'completed') = (completed_at is not null)),
  constraint tasks_event_date_id_fkey
    foreign key (tenant_id, event_date_id) references event_dates (tenant_id, id) on delete set null (event_date_id) deferrable
);
create index on tasks (tenant_id, event_date_id);
create index on tasks (tenant_id, due_date, id);
create index tasks_open on tasks (tenant_id, due_date, id) where status in ('pending', 'in_progress');
create index on tasks (tenant_id, assigned_to, status, due_date);
create index tasks_mine on tasks (tenant_id, assigned_to, due_date, id) where status in ('pending', 'in_progress');
create index on tasks (tenant_id, entity_type, entity_id);
create index on tasks (tenant_id, completed_at, id);

alter table event_design_items add constraint event_design_items_task_id_fkey
  foreign key (tenant_id, task_id) references tasks (tenant_id, id) on delete set null (task_id) deferrable;

create trigger check_entity before insert or update of entity_type, entity_id on tasks
  for each row when (not tenancy.copying()) execute function tenancy.check_entity();
create trigger check_person before insert or update of assigned_to on tasks for each row when (not tenancy.copying())
  execute function tenancy.check_person('assigned_to');
create trigger forget_entity after delete on tasks for each row when (not tenancy.copying())
  execute function tenancy.forget_entity('task');
create trigger stamp_completion before insert or update on tasks
  for each row when (not tenancy.copying()) execute function tenancy.stamp_completion();

select tenancy.protect('tasks', reads => '{owner,admin,manager,sales,staff,viewer}',
  inserts => '{owner,admin,manager,sales,staff}', updates => '{owner,admin,manager,sales,staff}',
  deletes => '{owner,admin,manager}',
  staff_rows => $$(assigned_to = (select tenancy.current_user_id()) or created_by = (select tenancy.current_user_id()))$$,
  system_columns => '{completed_at,completed_by}');

-- Found by search_records.
create index tasks_search on tasks using gin (tenant_id, (
  tenancy.fold('' || ' ' || coalesce(title, ''))) gin_trgm_ops);
create policy tenant_search on tasks for select to tenant_search using (true);
grant select (tenant_id, id, title) on tasks to tenant_search;

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
  unique (tenant_id, storage_key),
  -- One line as RFC 6838 defines it: it is sent as a header.
  constraint attachments_mime_type check (
    mime_type ~ '^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*$' and length(mime_type) <= 200)
);
create index on attachments (tenant_id, entity_type, entity_id, created_at);

create trigger check_entity before insert or update of entity_type, entity_id on attachments
  for each row when (not tenancy.copying()) execute function tenancy.check_entity();

select tenancy.protect('attachments', reads => '{owner,admin,manager,sales,staff,viewer}',
  inserts => '{owner,admin,manager,sales,staff}', updates => '{owner,admin,manager}', deletes => '{owner,admin,manager}',
  staff_rows => $$((entity_type = 'event' and $$ || tenancy.own_event('attachments.entity_id')
    || $$) or created_by = (select tenancy.current_user_id()))$$);

-- A row describes a stored file, so only the server that stored it adds one. Users rename it and choose who sees it.
revoke insert, update on attachments from tenant_user, tenant_manager;
grant update (file_name, visibility) on attachments to tenant_user;

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
    or (signed_at is not null and signer_name is not null and signature is not null and body_sha256 is not null)),
  constraint contracts_account_id_fkey
    foreign key (tenant_id, account_id) references accounts (tenant_id, id) deferrable,
  constraint contracts_contact_id_fkey
    foreign key (tenant_id, contact_id) references contacts (tenant_id, id) on delete set null (contact_id) deferrable,
  constraint contracts_event_id_fkey
    foreign key (tenant_id, event_id) references events (tenant_id, id) on delete set null (event_id) deferrable,
  constraint contracts_opportunity_id_fkey
    foreign key (tenant_id, opportunity_id) references opportunities (tenant_id, id)
      on delete set null (opportunity_id) deferrable,
  constraint contracts_quote_id_fkey
    foreign key (tenant_id, quote_id) references quotes (tenant_id, id) on delete set null (quote_id) deferrable,
  constraint contracts_signed_pdf_id_fkey
    foreign key (tenant_id, signed_pdf_id) references attachments (tenant_id, id) deferrable,
  constraint contracts_template_id_fkey
    foreign key (tenant_id, template_id) references templates (tenant_id, id) on delete set null (template_id) deferrable
);
create index on contracts (tenant_id, event_id);
create index on contracts (tenant_id, opportunity_id);
create index on contracts (tenant_id, quote_id);
create index on contracts (tenant_id, account_id);
create index on contracts (tenant_id, contact_id);
create index on contracts (tenant_id, template_id);
create index on contracts (tenant_id, signed_pdf_id);
create index on contracts (tenant_id, status, created_at);
create unique index contracts_token on contracts (tenant_id, token_hash) where token_hash is not null;
create index on contracts (tenant_id, created_at, id);
create unique index contracts_one_of_quote on contracts (tenant_id, quote_id)
  where quote_id is not null and status in ('draft', 'sent', 'viewed', 'signed');
create unique index contracts_contract_number_any_spelling on contracts (tenant_id, tenancy.number_key(contract_number));
create unique index contracts_one_open on contracts (tenant_id, coalesce(event_id, opportunity_id))
  where quote_id is null and status in ('draft', 'sent', 'viewed');

create trigger check_email before insert or update of signer_email on contracts for each row when (not tenancy.copying())
  execute function tenancy.check_email('signer_email');
create trigger forget_entity after delete on contracts for each row when (not tenancy.copying())
  execute function tenancy.forget_entity('contract');
create trigger guard_contract before insert or update on contracts
  for each row when (not tenancy.copying() and not tenancy.merging()) execute function tenancy.guard_contract();
create trigger history_update after update on contracts for each row when (not tenancy.copying())
  execute function tenancy.record_change('contract_number', 'title');
create trigger history_delete after delete on contracts for each row when (not tenancy.copying())
  execute function tenancy.record_change('contract_number', 'title');
create trigger history_insert after insert on contracts for each row when (not tenancy.copying())
  execute function tenancy.record_change('contract_number', 'title');
create trigger keep_document before delete on contracts
  for each row when (not tenancy.copying()) execute function tenancy.keep_document();
create trigger keep_signed before update on contracts for each row
  when (old.status = 'signed' and not tenancy.copying()) execute function tenancy.keep_signed();
create trigger notify_of_contract after update of status on contracts for each row
  when (new.quote_id is null and new.status in ('signed', 'declined') and new.status <> old.status and not tenancy.copying())
  execute function tenancy.notify_of_contract();
create trigger number_contract before insert on contracts
  for each row when (not tenancy.copying()) execute function tenancy.number_contract();
create trigger renumber before update of contract_number on contracts
  for each row when (btrim(new.contract_number) = '' and not tenancy.copying()) execute function tenancy.number_contract();
create trigger reserve before insert or update of status on contracts for each row when (not tenancy.copying())
  execute function tenancy.reserve('viewed,signed', 'sign_contract (the client signs)');
create trigger write_outbox_contract_signed_update after update on contracts for each row
  when (not tenancy.copying() and (new.status = 'signed') and not coalesce(old.status = 'signed', false))
  execute function tenancy.write_outbox_event('contract.signed', 'id', 'quote_id', 'opportunity_id');
create trigger write_outbox_contract_signed_insert after insert on contracts for each row
  when (not tenancy.copying() and new.status = 'signed')
  execute function tenancy.write_outbox_event('contract.signed', 'id', 'quote_id', 'opportunity_id');

select tenancy.protect('contracts', reads => '{owner,admin,manager,sales,viewer}', inserts => '{owner,admin,manager,sales}',
  updates => '{owner,admin,manager,sales}', deletes => '{owner,admin,manager}',
  system_columns => '{contract_number,body_sha256,signer_name,signature,consent_text,sent_at,viewed_at,signed_at,
    signed_ip,signed_user_agent,token_hash,signed_pdf_id}');

-- Found by search_records.
create index contracts_search on contracts using gin (tenant_id, (
  tenancy.fold('' || ' ' || coalesce(title, '') || ' ' || coalesce(contract_number, '')
    || ' ' || coalesce(signer_name, ''))) gin_trgm_ops);
create policy tenant_search on contracts for select to tenant_search using (true);
grant select (tenant_id, id, title, contract_number, signer_name) on contracts to tenant_search;

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
  quote_id uuid,
  invoice_id uuid,
  provider_message_id text,
  thread_id text,
  failure_reason text,
  visibility text not null default 'team' check (visibility in ('team', 'private')),
  owner_id uuid,
  -- Of a mail: further recipients, separated by commas; what goes with it, [{kind: quote|invoice|contract|receipt|file, id}], and
  -- what its link opens, {kind: link, to: quote|invoice|contract, id}; the language it is written in; when it was first opened, where
  -- the company counts that.
  cc text,
  attached jsonb not null default '[]' check (jsonb_typeof(attached) = 'array'),
  language text check (language ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$'),
  opened_at timestamptz,
  constraint communications_account_id_fkey
    foreign key (tenant_id, account_id) references accounts (tenant_id, id) on delete set null (account_id) deferrable,
  constraint communications_contact_id_fkey
    foreign key (tenant_id, contact_id) references contacts (tenant_id, id) on delete set null (contact_id) deferrable,
  constraint communications_event_id_fkey
    foreign key (tenant_id, event_id) references events (tenant_id, id) on delete set null (event_id) deferrable,
  constraint communications_lead_id_fkey
    foreign key (tenant_id, lead_id) references leads (tenant_id, id) on delete set null (lead_id) deferrable,
  constraint communications_opportunity_id_fkey
    foreign key (tenant_id, opportunity_id) references opportunities (tenant_id, id)
      on delete set null (opportunity_id) deferrable,
  constraint communications_quote_id_fkey
    foreign key (tenant_id, quote_id) references quotes (tenant_id, id) on delete set null (quote_id) deferrable,
  constraint communications_invoice_id_fkey
    foreign key (tenant_id, invoice_id) references invoices (tenant_id, id) on delete set null (invoice_id) deferrable
);
create index on communications (tenant_id, quote_id);
create index on communications (tenant_id, invoice_id);
create index on communications (tenant_id, account_id);
create index on communications (tenant_id, contact_id);
create index on communications (tenant_id, lead_id);
create index on communications (tenant_id, opportunity_id);
create index on communications (tenant_id, event_id);
create index on communications (tenant_id, occurred_at, id);
create index on communications (tenant_id, provider_message_id);
create index on communications (tenant_id, thread_id);

create trigger check_email before insert or update of to_address on communications for each row when (not tenancy.copying())
  execute function tenancy.check_email('to_address');
create trigger check_person before insert or update of owner_id on communications for each row when (not tenancy.copying())
  execute function tenancy.check_person('owner_id');
create trigger forget_entity after delete on communications for each row when (not tenancy.copying())
  execute function tenancy.forget_entity('communication');
create trigger keep_words before update on communications for each row
  when (old.type in ('email', 'sms') and old.status not in ('draft', 'logged')
    and (new.type, new.direction, new.subject, new.body, new.to_address, new.cc, new.occurred_at)
      is distinct from (old.type, old.direction, old.subject, old.body, old.to_address, old.cc, old.occurred_at) and not tenancy.copying())
  execute function tenancy.keep_words();
create trigger notify_of_failure after update of status on communications for each row
  when (new.type = 'email' and new.status = 'failed' and old.status <> 'failed' and not tenancy.copying())
  execute function tenancy.notify_of_message();
create trigger notify_of_question after insert on communications for each row
  when (new.direction = 'inbound' and new.status = 'logged' and new.created_by is null
    and coalesce(new.quote_id, new.opportunity_id, new.event_id) is not null and not tenancy.copying())
  execute function tenancy.notify_of_message();
create trigger reserve before insert or update of status on communications for each row when (not tenancy.copying())
  execute function tenancy.reserve('delivered', 'nothing: the recipient''s mail server reports it');

select tenancy.protect('communications', reads => '{owner,admin,manager,sales,viewer}',
  inserts => '{owner,admin,manager,sales}', updates => '{owner,admin,manager,sales}', deletes => '{owner,admin,manager}',
  every_row => $$visibility = 'team' or created_by = (select tenancy.current_user_id())
    or owner_id = (select tenancy.current_user_id())$$,
  system_columns => '{from_address,provider_message_id,failure_reason,attached,opened_at}');

-- Users may log a failed message of another program; later failures are recorded by the system.
grant insert (failure_reason) on communications to tenant_user;

create table notes (
  like tenancy.record including all,
  entity_type text not null check (entity_type = any (tenancy.entity_types())),
  entity_id uuid not null,
  content text not null check (content <> '' and length(content) <= 100000),
  pinned boolean not null default false,
  visibility text not null default 'team' check (visibility in ('team', 'private'))
);
create index on notes (tenant_id, entity_type, entity_id, created_at);

create trigger check_entity before insert or update of entity_type, entity_id on notes
  for each row when (not tenancy.copying()) execute function tenancy.check_entity();
create trigger keep_words before update of content on notes for each row
  when (new.content <> old.content and old.created_by is distinct from tenancy.current_user_id() and not tenancy.copying())
  execute function tenancy.keep_words();

select tenancy.protect('notes', reads => '{owner,admin,manager,sales,staff,viewer}',
  inserts => '{owner,admin,manager,sales,staff}', updates => '{owner,admin,manager,sales,staff}',
  deletes => '{owner,admin,manager}', every_row => $$visibility = 'team' or created_by = (select tenancy.current_user_id())$$,
  staff_rows => $$((entity_type = 'event' and $$ || tenancy.own_event('notes.entity_id')
    || $$) or created_by = (select tenancy.current_user_id()))$$);
