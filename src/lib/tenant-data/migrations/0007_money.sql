-- What a company asks for and what it is paid. All money is in minor units of `currency`.

create table quotes (
  like tenancy.record including all,
  quote_number text not null default '' check (length(quote_number) <= 60),
  opportunity_id uuid not null,
  account_id uuid,
  contact_id uuid,
  revision int not null default 1 check (revision > 0),
  status text not null default 'draft' check (status in
    ('draft', 'sent', 'viewed', 'accepted', 'declined', 'expired', 'superseded')),
  issue_date date not null default current_date,
  valid_until date check (valid_until >= issue_date),
  currency text not null default 'USD' check (currency ~ '^[A-Z]{3}$'),
  -- The discount on the whole document: percent, or minor units.
  discount_type text not null default 'none' check (discount_type in ('none', 'percent', 'amount')),
  discount_value numeric(15, 4) not null default 0 check (discount_value >= 0),
  subtotal bigint not null default 0,
  discount bigint not null default 0,
  tax bigint not null default 0,
  total bigint not null default 0,
  deposit_type text not null default 'none' check (deposit_type in ('none', 'percent', 'amount')),
  deposit_value numeric(15, 4) not null default 0 check (deposit_value >= 0),
  terms text,
  notes text,
  token_hash text,
  sent_at timestamptz,
  viewed_at timestamptz,
  accepted_at timestamptz,
  accepted_by_name text,
  accepted_ip inet,
  declined_at timestamptz,
  decline_reason text,
  content_sha256 text,
  unique (tenant_id, quote_number),
  unique (tenant_id, opportunity_id, revision),
  constraint quotes_percent check (discount_type <> 'percent' or discount_value <= 100),
  constraint quotes_deposit check (deposit_type <> 'percent' or deposit_value <= 100),
  constraint quotes_not_negative check (total >= 0)
);
select tenancy.link('quotes', 'opportunity_id', 'opportunities');
select tenancy.link('quotes', 'account_id', 'accounts');
select tenancy.link('quotes', 'contact_id', 'contacts');
create index on quotes (tenant_id, status, valid_until);
create index on quotes (tenant_id, created_at, id);
create unique index quotes_token on quotes (tenant_id, token_hash) where token_hash is not null;

create table quote_line_items (
  like tenancy.record including all,
  quote_id uuid not null,
  like tenancy.line_item including all
);
select tenancy.link('quote_line_items', 'quote_id', 'quotes', 'cascade');
create index on quote_line_items (tenant_id, quote_id, sort_order);
select tenancy.link('quote_line_items', 'package_id', 'packages');
select tenancy.link('quote_line_items', 'add_on_id', 'add_ons');
select tenancy.link('quote_line_items', 'product_id', 'products');

create table invoices (
  like tenancy.record including all,
  -- Given when it is sent.
  invoice_number text check (length(invoice_number) between 1 and 60),
  invoice_type text not null default 'event' check (invoice_type in ('event', 'general')),
  account_id uuid not null,
  contact_id uuid,
  event_id uuid,
  opportunity_id uuid,
  quote_id uuid,
  status text not null default 'draft' check (status in
    ('draft', 'sent', 'partially_paid', 'paid', 'void', 'written_off')),
  issue_date date not null default current_date,
  due_date date,
  currency text not null default 'USD' check (currency ~ '^[A-Z]{3}$'),
  discount_type text not null default 'none' check (discount_type in ('none', 'percent', 'amount')),
  discount_value numeric(15, 4) not null default 0 check (discount_value >= 0),
  subtotal bigint not null default 0,
  discount bigint not null default 0,
  tax bigint not null default 0,
  total bigint not null default 0,
  paid bigint not null default 0 check (paid >= 0),
  balance bigint generated always as (total - paid) stored,
  purchase_order text,
  bill_to jsonb,
  -- [{"due_date": …, "amount": …, "label": …}]
  payment_schedule jsonb not null default '[]',
  terms text,
  notes text,
  token_hash text,
  sent_at timestamptz,
  viewed_at timestamptz,
  voided_at timestamptz,
  unique (tenant_id, invoice_number),
  constraint invoices_numbered check (status in ('draft', 'void') or invoice_number is not null),
  constraint invoices_voided check ((status = 'void') = (voided_at is not null)),
  constraint invoices_percent check (discount_type <> 'percent' or discount_value <= 100),
  constraint invoices_not_negative check (total >= 0)
);
select tenancy.link('invoices', 'account_id', 'accounts');
select tenancy.link('invoices', 'contact_id', 'contacts');
-- What was invoiced outlives neither its event nor its quote: those cannot be deleted under it.
select tenancy.link('invoices', 'event_id', 'events', 'no action');
select tenancy.link('invoices', 'opportunity_id', 'opportunities');
select tenancy.link('invoices', 'quote_id', 'quotes');
create index on invoices (tenant_id, status, due_date);
create index on invoices (tenant_id, issue_date, id);
create unique index invoices_token on invoices (tenant_id, token_hash) where token_hash is not null;

create table invoice_line_items (
  like tenancy.record including all,
  invoice_id uuid not null,
  like tenancy.line_item including all
);
select tenancy.link('invoice_line_items', 'invoice_id', 'invoices', 'cascade');
create index on invoice_line_items (tenant_id, invoice_id, sort_order);
select tenancy.link('invoice_line_items', 'package_id', 'packages');
select tenancy.link('invoice_line_items', 'add_on_id', 'add_ons');
select tenancy.link('invoice_line_items', 'product_id', 'products');

create table payments (
  like tenancy.record including all,
  invoice_id uuid not null,
  kind text not null default 'payment' check (kind in ('payment', 'refund')),
  amount bigint not null check (amount > 0 and amount <= 1000000000000),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  method text not null default 'other' check (method in ('card', 'bank_transfer', 'cash', 'check', 'credit', 'other')),
  status text not null default 'succeeded' check (status in ('pending', 'succeeded', 'failed', 'cancelled')),
  paid_at timestamptz,
  -- Null: recorded by hand.
  provider text,
  provider_id text,
  idempotency_key text,
  refund_of_id uuid,
  fee bigint check (fee between 0 and 100000000000),
  reference text,
  failure_reason text,
  unique (tenant_id, provider_id),
  unique (tenant_id, idempotency_key),
  constraint payments_refund check ((kind = 'refund') = (refund_of_id is not null))
);
select tenancy.link('payments', 'invoice_id', 'invoices');
select tenancy.link('payments', 'refund_of_id', 'payments', 'no action');
create index on payments (tenant_id, paid_at, id);
