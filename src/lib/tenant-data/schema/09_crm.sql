-- Core CRM: accounts, contacts, leads and opportunities.

create table accounts (
  like tenancy.record including all,
  name text not null check (name <> ''),
  account_type text not null default 'company' check (account_type in ('individual', 'company')),
  email text,
  phone text,
  website text,
  industry text,
  billing_street text,
  billing_city text,
  billing_state text,
  billing_postal_code text,
  billing_country text,
  shipping_street text,
  shipping_city text,
  shipping_state text,
  shipping_postal_code text,
  shipping_country text,
  tax_id text,
  tax_exempt boolean not null default false,
  -- As printed, e.g. `net_30` or `due_on_receipt`.
  payment_terms text,
  credit_limit bigint check (credit_limit between 0 and 100000000000),
  status text not null default 'active' check (status in ('active', 'inactive', 'suspended')),
  owner_id uuid,
  notes text,
  -- Since when it is hidden: it was to be deleted while other records need it (or it was merged). Null: it is shown.
  deleted_at timestamptz,
  -- A merged account stays, marked as deleted, so that old links still lead to the one it was merged into.
  merged_into_id uuid,
  merged_at timestamptz,
  -- The language of the client's documents, where it is not the tenant's (setting `locale`).
  locale text check (locale ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$'),
  phone_key text generated always as (tenancy.phone_key(phone)) stored,
  constraint accounts_merged_into_id_fkey
    foreign key (tenant_id, merged_into_id) references accounts (tenant_id, id) on delete set null (merged_into_id) deferrable
);
create index on accounts (tenant_id, name, id);
create index on accounts (tenant_id, email);
create index on accounts (tenant_id, phone);
create index on accounts (tenant_id, created_at, id);
create index accounts_of_owner on accounts (tenant_id, owner_id, name, id) where deleted_at is null;
create index on accounts (tenant_id, merged_into_id);
create index on accounts (tenant_id, phone_key);
-- For the archive.
create index accounts_deleted on accounts (tenant_id, deleted_at) where deleted_at is not null;

create trigger check_email before insert or update of email on accounts for each row when (not tenancy.copying())
  execute function tenancy.check_email('email');
create trigger check_person before insert or update of owner_id on accounts for each row when (not tenancy.copying())
  execute function tenancy.check_person('owner_id');
create trigger forget_entity after delete on accounts for each row when (not tenancy.copying())
  execute function tenancy.forget_entity('account');
create trigger keep_merged before update on accounts for each row
  when ((old.merged_into_id, old.merged_at) is distinct from (new.merged_into_id, new.merged_at)
    and not tenancy.copying() and not tenancy.merging())
  execute function tenancy.keep_merged();
create trigger lower_email before insert or update of email on accounts
  for each row when (not tenancy.copying()) execute function tenancy.lower_email();
create trigger retotal_account after update of tax_exempt on accounts for each row
  when (old.tax_exempt <> new.tax_exempt and not tenancy.copying()) execute function tenancy.retotal_account();
create trigger write_outbox_account_created_insert after insert on accounts for each row when (not tenancy.copying())
  execute function tenancy.write_outbox_event('account.created', 'id');
create trigger write_outbox_account_updated_update after update on accounts for each row
  when (not tenancy.copying() and (to_jsonb(new) - '{version,updated_at,updated_by}'::text[]
      <> to_jsonb(old) - '{version,updated_at,updated_by}'::text[]))
  execute function tenancy.write_outbox_event('account.updated', 'id');

select tenancy.protect('accounts', reads => '{owner,admin,manager,sales,viewer}', inserts => '{owner,admin,manager,sales}',
  updates => '{owner,admin,manager,sales}', deletes => '{owner,admin,manager}', system_columns => '{merged_into_id,merged_at}');

-- Found by search_records.
create index accounts_search on accounts using gin (tenant_id, (
  tenancy.fold('' || ' ' || coalesce(name, '') || ' ' || coalesce(email, '') || ' ' || coalesce(phone, '')
    || ' ' || coalesce(regexp_replace(phone, '\D', '', 'g'), '') || ' ' || coalesce(billing_city, ''))) gin_trgm_ops);
create policy tenant_search on accounts for select to tenant_search using (true);
grant select (tenant_id, id, name, email, phone, billing_city, deleted_at) on accounts to tenant_search;

create table contacts (
  like tenancy.record including all,
  first_name text not null check (first_name <> ''),
  last_name text,
  email text,
  phone text,
  job_title text,
  address_street text,
  address_city text,
  address_state text,
  address_postal_code text,
  address_country text,
  birthday date,
  email_opt_out boolean not null default false,
  sms_opt_out boolean not null default false,
  status text not null default 'active' check (status in ('active', 'inactive')),
  owner_id uuid,
  notes text,
  -- The words that the person agreed to when they wrote to the company, and when.
  consent_text text,
  consented_at timestamptz,
  -- Since when it is hidden: it was to be deleted while other records need it (or it was merged). Null: it is shown.
  deleted_at timestamptz,
  merged_into_id uuid,
  merged_at timestamptz,
  phone_key text generated always as (tenancy.phone_key(phone)) stored,
  constraint contacts_merged_into_id_fkey
    foreign key (tenant_id, merged_into_id) references contacts (tenant_id, id) on delete set null (merged_into_id) deferrable
);
create index on contacts (tenant_id, last_name, first_name, id);
create index on contacts (tenant_id, email);
create index on contacts (tenant_id, phone);
create index on contacts (tenant_id, created_at, id);
create index contacts_of_owner on contacts (tenant_id, owner_id, last_name, first_name, id) where deleted_at is null;
create index on contacts (tenant_id, merged_into_id);
create index on contacts (tenant_id, phone_key);
-- For the archive.
create index contacts_deleted on contacts (tenant_id, deleted_at) where deleted_at is not null;

create trigger check_email before insert or update of email on contacts for each row when (not tenancy.copying())
  execute function tenancy.check_email('email');
create trigger check_person before insert or update of owner_id on contacts for each row when (not tenancy.copying())
  execute function tenancy.check_person('owner_id');
create trigger forget_entity after delete on contacts for each row when (not tenancy.copying())
  execute function tenancy.forget_entity('contact');
create trigger keep_merged before update on contacts for each row
  when ((old.merged_into_id, old.merged_at) is distinct from (new.merged_into_id, new.merged_at)
    and not tenancy.copying() and not tenancy.merging())
  execute function tenancy.keep_merged();
create trigger lower_email before insert or update of email on contacts
  for each row when (not tenancy.copying()) execute function tenancy.lower_email();

select tenancy.protect('contacts', reads => '{owner,admin,manager,sales,viewer}', inserts => '{owner,admin,manager,sales}',
  updates => '{owner,admin,manager,sales}', deletes => '{owner,admin,manager}',
  system_columns => '{merged_into_id,merged_at,consent_text,consented_at}');

-- Found by search_records.
create index contacts_search on contacts using gin (tenant_id, (
  tenancy.fold('' || ' ' || coalesce(first_name, '') || ' ' || coalesce(last_name, '') || ' ' || coalesce(email, '')
    || ' ' || coalesce(phone, '') || ' ' || coalesce(regexp_replace(phone, '\D', '', 'g'), ''))) gin_trgm_ops);
create policy tenant_search on contacts for select to tenant_search using (true);
grant select (tenant_id, id, first_name, last_name, email, phone, deleted_at) on contacts to tenant_search;

create table contact_accounts (
  like tenancy.record including all,
  contact_id uuid not null,
  account_id uuid not null,
  role text not null default 'primary' check (role in ('primary', 'billing', 'planner', 'onsite')),
  is_primary boolean not null default false,
  start_date date,
  end_date date check (end_date >= start_date),
  -- Further roles, where two links were merged into one.
  other_roles text[] not null default '{}' check (other_roles <@ array['primary', 'billing', 'planner', 'onsite']),
  unique (tenant_id, contact_id, account_id),
  constraint contact_accounts_account_id_fkey
    foreign key (tenant_id, account_id) references accounts (tenant_id, id) on delete cascade deferrable,
  constraint contact_accounts_contact_id_fkey
    foreign key (tenant_id, contact_id) references contacts (tenant_id, id) on delete cascade deferrable
);
create index on contact_accounts (tenant_id, account_id);
create unique index contact_accounts_one_primary on contact_accounts (tenant_id, contact_id) where is_primary;

select tenancy.protect('contact_accounts', reads => '{owner,admin,manager,sales,viewer}',
  inserts => '{owner,admin,manager,sales}', updates => '{owner,admin,manager,sales}', deletes => '{owner,admin,manager}');

create table leads (
  like tenancy.record including all,
  lead_type text not null default 'personal' check (lead_type in ('personal', 'company')),
  first_name text not null check (first_name <> ''),
  last_name text,
  email text,
  phone text,
  company text,
  source text,
  status text not null default 'new' check (status in ('new', 'contacted', 'qualified', 'converted', 'lost')),
  lost_reason text,
  event_date date check (event_date between '1990-01-01' and '2200-01-01'),
  start_time time,
  end_time time,
  event_type_id uuid,
  -- The place in the client's words. A conversion finds the location of this name, or adds it.
  event_place text,
  guest_count int check (guest_count >= 0),
  -- What the client wants to spend, in minor units of the tenant's currency.
  budget bigint check (budget between 0 and 1000000000000),
  message text check (length(message) <= 100000),
  owner_id uuid,
  -- The words that the person agreed to when they wrote to the company, and when.
  consent_text text,
  consented_at timestamptz,
  converted_at timestamptz,
  converted_account_id uuid,
  converted_contact_id uuid,
  converted_opportunity_id uuid,
  phone_key text generated always as (tenancy.phone_key(phone)) stored,
  constraint leads_converted check ((status = 'converted') = (converted_at is not null)),
  constraint leads_converted_account_id_fkey
    foreign key (tenant_id, converted_account_id) references accounts (tenant_id, id)
      on delete set null (converted_account_id) deferrable,
  constraint leads_converted_contact_id_fkey
    foreign key (tenant_id, converted_contact_id) references contacts (tenant_id, id)
      on delete set null (converted_contact_id) deferrable,
  constraint leads_event_type_id_fkey
    foreign key (tenant_id, event_type_id) references event_types (tenant_id, id) on delete set null (event_type_id) deferrable
);
create index on leads (tenant_id, event_type_id);
create index on leads (tenant_id, converted_account_id);
create index on leads (tenant_id, converted_contact_id);
create index on leads (tenant_id, created_at, id);
create index on leads (tenant_id, owner_id, created_at, id);
create index on leads (tenant_id, status, created_at);
create index on leads (tenant_id, email);
create index on leads (tenant_id, converted_opportunity_id);
create index on leads (tenant_id, phone_key);

create trigger check_email before insert or update of email on leads for each row when (not tenancy.copying())
  execute function tenancy.check_email('email');
create trigger check_person before insert or update of owner_id on leads for each row when (not tenancy.copying())
  execute function tenancy.check_person('owner_id');
create trigger forget_entity after delete on leads for each row when (not tenancy.copying())
  execute function tenancy.forget_entity('lead');
create trigger keep_converted_lead before update of status on leads for each row
  when (old.status = 'converted' and new.status <> 'converted' and not tenancy.copying())
  execute function tenancy.keep_converted_lead();
create trigger lower_email before insert or update of email on leads
  for each row when (not tenancy.copying()) execute function tenancy.lower_email();
create trigger reserve before insert or update on leads for each row when (not tenancy.copying())
  execute function tenancy.reserve('converted', 'convert_lead');
create trigger write_outbox_lead_created_insert after insert on leads for each row when (not tenancy.copying())
  execute function tenancy.write_outbox_event('lead.created', 'id');
create trigger write_outbox_lead_converted_update after update on leads for each row
  when (not tenancy.copying() and (new.status = 'converted') and not coalesce(old.status = 'converted', false))
  execute function tenancy.write_outbox_event('lead.converted', 'id', 'converted_account_id', 'converted_contact_id', 'converted_opportunity_id');
create trigger write_outbox_lead_converted_insert after insert on leads for each row
  when (not tenancy.copying() and new.status = 'converted')
  execute function tenancy.write_outbox_event('lead.converted', 'id', 'converted_account_id', 'converted_contact_id', 'converted_opportunity_id');

select tenancy.protect('leads', reads => '{owner,admin,manager,sales,viewer}', inserts => '{owner,admin,manager,sales}',
  updates => '{owner,admin,manager,sales}', deletes => '{owner,admin,manager}',
  system_columns => '{consent_text,consented_at,converted_at,converted_account_id,converted_contact_id,converted_opportunity_id}');

-- Found by search_records.
create index leads_search on leads using gin (tenant_id, (
  tenancy.fold('' || ' ' || coalesce(first_name, '') || ' ' || coalesce(last_name, '') || ' ' || coalesce(email, '')
    || ' ' || coalesce(phone, '') || ' ' || coalesce(regexp_replace(phone, '\D', '', 'g'), '')
    || ' ' || coalesce(company, ''))) gin_trgm_ops);
create policy tenant_search on leads for select to tenant_search using (true);
grant select (tenant_id, id, first_name, last_name, email, phone, company) on leads to tenant_search;

create table opportunities (
  like tenancy.record including all,
  name text not null check (name <> ''),
  account_id uuid,
  contact_id uuid,
  lead_id uuid,
  event_type_id uuid,
  date_type text not null default 'single_day' check (date_type in
    ('single_day', 'same_location_sequential', 'same_location_non_sequential', 'multiple_locations')),
  -- A key of the tenant's pipeline (setting `pipeline`).
  stage text not null default 'prospecting',
  stage_changed_at timestamptz not null default now(),
  probability int not null default 10 check (probability between 0 and 100),
  amount bigint not null default 0 check (amount between 0 and 1000000000000),
  currency text not null default tenancy.default_currency() check (currency ~ '^[A-Z]{3}$'),
  source text,
  guest_count int check (guest_count >= 0),
  -- What the client wants to spend, in minor units.
  budget bigint check (budget between 0 and 1000000000000),
  -- What the client wrote.
  message text check (length(message) <= 100000),
  expected_close_date date,
  closed_at timestamptz,
  close_reason text,
  owner_id uuid,
  notes text,
  converted_event_id uuid,
  unique (tenant_id, converted_event_id),
  constraint opportunities_with check (num_nonnulls(account_id, contact_id, lead_id) > 0),
  constraint opportunities_account_id_fkey
    foreign key (tenant_id, account_id) references accounts (tenant_id, id) deferrable,
  constraint opportunities_contact_id_fkey
    foreign key (tenant_id, contact_id) references contacts (tenant_id, id) on delete set null (contact_id) deferrable,
  constraint opportunities_event_type_id_fkey
    foreign key (tenant_id, event_type_id) references event_types (tenant_id, id) on delete set null (event_type_id) deferrable,
  constraint opportunities_lead_id_fkey
    foreign key (tenant_id, lead_id) references leads (tenant_id, id) on delete set null (lead_id) deferrable
);
-- In the order of the lists on a client's page: else the planner walks the order's index through all clients.
create index on opportunities (tenant_id, account_id, expected_close_date);
create index on opportunities (tenant_id, contact_id, expected_close_date);
create index on opportunities (tenant_id, lead_id);
create index on opportunities (tenant_id, event_type_id);
create index on opportunities (tenant_id, stage, stage_changed_at);
create index on opportunities (tenant_id, expected_close_date, id);
create index opportunities_open on opportunities (tenant_id, expected_close_date, id) where closed_at is null;
create index on opportunities (tenant_id, created_at, id);
create index opportunities_of_owner on opportunities (tenant_id, owner_id, expected_close_date, id) where closed_at is null;
create index on opportunities (tenant_id, closed_at);
-- The pipeline board counts open deals and adds them up from the index alone.
create index opportunities_board on opportunities (tenant_id, stage, stage_changed_at, id)
  include (amount, currency, probability, owner_id, lead_id) where closed_at is null;

alter table leads add constraint leads_converted_opportunity_id_fkey
  foreign key (tenant_id, converted_opportunity_id) references opportunities (tenant_id, id)
    on delete set null (converted_opportunity_id) deferrable;

create trigger check_person before insert or update of owner_id on opportunities for each row when (not tenancy.copying())
  execute function tenancy.check_person('owner_id');
create trigger enter_stage before insert or update of stage on opportunities
  for each row when (not tenancy.copying()) execute function tenancy.enter_stage();
create trigger forget_entity after delete on opportunities for each row when (not tenancy.copying())
  execute function tenancy.forget_entity('opportunity');
create trigger release_lost after update of stage on opportunities
  for each row when (old.stage <> new.stage and not tenancy.copying()) execute function tenancy.release_lost();
create trigger retotal_deal after update of account_id on opportunities
  for each row when (old.account_id is distinct from new.account_id and not tenancy.copying()) execute function tenancy.retotal_deal();
create trigger write_outbox_opportunity_created_insert after insert on opportunities for each row when (not tenancy.copying())
  execute function tenancy.write_outbox_event('opportunity.created', 'id', 'account_id', 'contact_id');
create trigger write_outbox_opportunity_closed_update after update on opportunities for each row
  when (not tenancy.copying() and (new.closed_at is not null) and not coalesce(old.closed_at is not null, false))
  execute function tenancy.write_outbox_event('opportunity.closed', 'id', 'account_id', 'contact_id');
create trigger write_outbox_opportunity_closed_insert after insert on opportunities for each row
  when (not tenancy.copying() and new.closed_at is not null)
  execute function tenancy.write_outbox_event('opportunity.closed', 'id', 'account_id', 'contact_id');
create trigger total_deal before update of amount, currency on opportunities
  for each row when (not tenancy.copying()) execute function tenancy.total_deal();

select tenancy.protect('opportunities', reads => '{owner,admin,manager,sales,viewer}', inserts => '{owner,admin,manager,sales}',
  updates => '{owner,admin,manager,sales}', deletes => '{owner,admin,manager}',
  system_columns => '{stage_changed_at,closed_at,converted_event_id}');

-- Found by search_records.
create index opportunities_search on opportunities using gin (tenant_id, (
  tenancy.fold('' || ' ' || coalesce(name, ''))) gin_trgm_ops);
create policy tenant_search on opportunities for select to tenant_search using (true);
grant select (tenant_id, id, name) on opportunities to tenant_search;

-- The shape that lines of opportunities, quotes and invoices share.
create table tenancy.line_item (
  item_type text not null check (item_type in ('package', 'add_on', 'product', 'custom', 'discount')),
  package_id uuid,
  add_on_id uuid,
  product_id uuid,
  name text not null check (name <> ''),
  description text,
  quantity numeric(12, 3) not null default 1 check (quantity > 0),
  unit text not null default 'each',
  unit_price bigint not null check (unit_price between -100000000000 and 100000000000),
  discount_type text not null default 'none' check (discount_type in ('none', 'percent', 'amount')),
  -- Percent, or minor units.
  discount_value numeric(15, 4) not null default 0 check (discount_value >= 0),
  taxable boolean not null default true,
  -- Percent.
  tax_rate numeric(7, 4) not null default 0 check (tax_rate between 0 and 100),
  line_total bigint not null default 0,
  sort_order int not null default 0,
  source_line_id uuid,
  -- Before the line's own discount.
  gross_total bigint not null default 0,
  -- What the package contains, as it was when the line was added: a list of texts.
  includes jsonb not null default '[]' check (jsonb_typeof(includes) = 'array'),
  constraint line_percent check (discount_type <> 'percent' or discount_value <= 100),
  constraint line_sign check (case item_type when 'discount' then unit_price <= 0 else unit_price >= 0 end),
  constraint line_refers check (
    (package_id is null or item_type = 'package')
    and (add_on_id is null or item_type = 'add_on')
    and (product_id is null or item_type = 'product'))
);

create table opportunity_line_items (
  like tenancy.record including all,
  opportunity_id uuid not null,
  like tenancy.line_item including all,
  constraint opportunity_line_items_add_on_id_fkey
    foreign key (tenant_id, add_on_id) references add_ons (tenant_id, id) on delete set null (add_on_id) deferrable,
  constraint opportunity_line_items_opportunity_id_fkey
    foreign key (tenant_id, opportunity_id) references opportunities (tenant_id, id) on delete cascade deferrable,
  constraint opportunity_line_items_package_id_fkey
    foreign key (tenant_id, package_id) references packages (tenant_id, id) on delete set null (package_id) deferrable,
  constraint opportunity_line_items_product_id_fkey
    foreign key (tenant_id, product_id) references products (tenant_id, id) on delete set null (product_id) deferrable
);
create index on opportunity_line_items (tenant_id, opportunity_id, sort_order);
create index on opportunity_line_items (tenant_id, package_id);
create index on opportunity_line_items (tenant_id, add_on_id);
create index on opportunity_line_items (tenant_id, product_id);

create trigger keep_contents before insert on opportunity_line_items for each row
  when (new.package_id is not null and new.includes = '[]' and not tenancy.copying()) execute function tenancy.keep_contents();
create trigger guard_line before insert or update or delete on opportunity_line_items
  for each row when (not tenancy.copying()) execute function tenancy.guard_deal_line();
create trigger retotal_deleted after delete on opportunity_line_items referencing old table as changed for each statement
  when (not tenancy.copying())
  execute function tenancy.retotal('opportunities');
create trigger retotal_inserted after insert on opportunity_line_items referencing new table as changed for each statement
  when (not tenancy.copying())
  execute function tenancy.retotal('opportunities');
create trigger retotal_updated after update on opportunity_line_items referencing new table as changed for each statement
  when (not tenancy.copying())
  execute function tenancy.retotal('opportunities');
create trigger total_line before insert or update on opportunity_line_items for each row when (not tenancy.copying())
  execute function tenancy.total_line();

-- Removing a line from a draft is no deletion of business data: sales may.
select tenancy.protect('opportunity_line_items', reads => '{owner,admin,manager,sales,viewer}',
  inserts => '{owner,admin,manager,sales}', updates => '{owner,admin,manager,sales}', deletes => '{owner,admin,manager,sales}',
  system_columns => '{line_total,gross_total}');
