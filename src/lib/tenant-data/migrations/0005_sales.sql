-- Whom a company deals with, and what may become of it.

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
  -- As printed, e.g. `net_30`; `due_on_receipt`.
  payment_terms text,
  credit_limit bigint check (credit_limit between 0 and 100000000000),
  status text not null default 'active' check (status in ('active', 'inactive', 'suspended')),
  owner_id uuid,
  notes text,
  deleted_at timestamptz
);
create index on accounts (tenant_id, name, id);
create index on accounts (tenant_id, email);
create index on accounts (tenant_id, phone);
create index on accounts (tenant_id, created_at, id);

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
  email_opt_out boolean not null default false,
  sms_opt_out boolean not null default false,
  status text not null default 'active' check (status in ('active', 'inactive')),
  owner_id uuid,
  notes text,
  deleted_at timestamptz
);
create index on contacts (tenant_id, last_name, first_name, id);
create index on contacts (tenant_id, email);
create index on contacts (tenant_id, phone);
create index on contacts (tenant_id, created_at, id);

create table contact_accounts (
  like tenancy.record including all,
  contact_id uuid not null,
  account_id uuid not null,
  role text not null default 'primary' check (role in ('primary', 'billing', 'planner', 'onsite')),
  is_primary boolean not null default false,
  start_date date,
  end_date date check (end_date >= start_date),
  unique (tenant_id, contact_id, account_id)
);
select tenancy.link('contact_accounts', 'contact_id', 'contacts', 'cascade');
select tenancy.link('contact_accounts', 'account_id', 'accounts', 'cascade');
create unique index contact_accounts_one_primary on contact_accounts (tenant_id, contact_id) where is_primary;

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
  event_date date,
  event_type_id uuid,
  guest_count int check (guest_count >= 0),
  message text check (length(message) <= 100000),
  owner_id uuid,
  converted_at timestamptz,
  converted_account_id uuid,
  converted_contact_id uuid,
  converted_opportunity_id uuid,
  constraint leads_converted check ((status = 'converted') = (converted_at is not null))
);
select tenancy.link('leads', 'event_type_id', 'event_types');
select tenancy.link('leads', 'converted_account_id', 'accounts');
select tenancy.link('leads', 'converted_contact_id', 'contacts');
create index on leads (tenant_id, created_at, id);
create index on leads (tenant_id, status, created_at);
create index on leads (tenant_id, email);

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
  currency text not null default 'USD' check (currency ~ '^[A-Z]{3}$'),
  expected_close_date date,
  closed_at timestamptz,
  close_reason text,
  owner_id uuid,
  notes text,
  converted_event_id uuid,
  unique (tenant_id, converted_event_id),
  constraint opportunities_with check (num_nonnulls(account_id, contact_id, lead_id) > 0)
);
select tenancy.link('opportunities', 'account_id', 'accounts');
select tenancy.link('opportunities', 'contact_id', 'contacts');
select tenancy.link('opportunities', 'lead_id', 'leads');
select tenancy.link('opportunities', 'event_type_id', 'event_types');
select tenancy.link('leads', 'converted_opportunity_id', 'opportunities');
create index on opportunities (tenant_id, stage, stage_changed_at);
create index on opportunities (tenant_id, expected_close_date, id);
create index on opportunities (tenant_id, created_at, id);

-- E-mail addresses are kept in lower case: under row-level security an index on lower(email) is not used (lower is not
-- leakproof), one on the column is.
create function tenancy.lower_email() returns trigger language plpgsql as $$
begin
  new.email := nullif(lower(btrim(new.email)), '');
  return new;
end
$$;
revoke execute on function tenancy.lower_email() from public;
create trigger lower_email before insert or update of email on accounts
  for each row when (not tenancy.copying()) execute function tenancy.lower_email();
create trigger lower_email before insert or update of email on contacts
  for each row when (not tenancy.copying()) execute function tenancy.lower_email();
create trigger lower_email before insert or update of email on leads
  for each row when (not tenancy.copying()) execute function tenancy.lower_email();

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
  like tenancy.line_item including all
);
select tenancy.link('opportunity_line_items', 'opportunity_id', 'opportunities', 'cascade');
create index on opportunity_line_items (tenant_id, opportunity_id, sort_order);
select tenancy.link('opportunity_line_items', 'package_id', 'packages');
select tenancy.link('opportunity_line_items', 'add_on_id', 'add_ons');
select tenancy.link('opportunity_line_items', 'product_id', 'products');
