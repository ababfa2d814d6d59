-- Quotes, invoices and payments. All money is in minor units of `currency`.

-- `taxes`: [{name, rate (percent), net, tax}], one for each rate.
create type tenancy.document_totals as (subtotal bigint, discount bigint, tax bigint, total bigint, taxes jsonb);

create table quotes (
  like tenancy.record including all,
  quote_number text not null default '' check (length(quote_number) <= 60),
  opportunity_id uuid not null,
  account_id uuid,
  contact_id uuid,
  revision int not null default 1 check (revision > 0),
  status text not null default 'draft' check (status in
    ('draft', 'sent', 'viewed', 'accepted', 'declined', 'expired', 'superseded')),
  issue_date date not null default tenancy.today(),
  valid_until date check (valid_until >= issue_date),
  currency text not null default tenancy.default_currency() check (currency ~ '^[A-Z]{3}$'),
  -- The discount of the whole document: percent, or minor units.
  discount_type text not null default 'none' check (discount_type in ('none', 'percent', 'amount')),
  discount_value numeric(15, 4) not null default 0 check (discount_value >= 0),
  subtotal bigint not null default 0,
  discount bigint not null default 0,
  tax bigint not null default 0,
  total bigint not null default 0,
  deposit_type text not null default tenancy.default_deposit_type() check (deposit_type in ('none', 'percent', 'amount')),
  deposit_value numeric(15, 4) not null default tenancy.default_deposit_value() check (deposit_value >= 0),
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
  -- The discount that a manager approved, in percent.
  discount_approved numeric(7, 4) check (discount_approved between 0 and 100),
  discount_approved_by uuid,
  discount_approved_at timestamptz,
  -- What is due when (`tenancy.read_plan`). The deposit is its first part.
  payment_schedule jsonb not null default '[]',
  taxes jsonb not null default '[]',
  -- The rule that its amounts were rounded by.
  rounding text not null default tenancy.rounding() check (rounding in ('half_up', 'half_even', 'down')),
  -- Whether the prices of the lines contain the tax; a document keeps what it was sent with.
  prices_include_tax boolean not null default tenancy.prices_include_tax(),
  unique (tenant_id, quote_number),
  unique (tenant_id, opportunity_id, revision),
  constraint quotes_percent check (discount_type <> 'percent' or discount_value <= 100),
  constraint quotes_deposit check (deposit_type <> 'percent' or deposit_value <= 100),
  constraint quotes_not_negative check (total >= 0),
  constraint quotes_account_id_fkey
    foreign key (tenant_id, account_id) references accounts (tenant_id, id) deferrable,
  constraint quotes_contact_id_fkey
    foreign key (tenant_id, contact_id) references contacts (tenant_id, id) on delete set null (contact_id) deferrable,
  constraint quotes_opportunity_id_fkey
    foreign key (tenant_id, opportunity_id) references opportunities (tenant_id, id) deferrable
);
-- In the order of the lists on a client's page: else the planner walks the order's index through all clients.
create index on quotes (tenant_id, account_id, issue_date);
create index on quotes (tenant_id, contact_id, issue_date);
create index on quotes (tenant_id, status, valid_until);
create index on quotes (tenant_id, created_at, id);
create unique index quotes_token on quotes (tenant_id, token_hash) where token_hash is not null;
-- For sorting lists.
create index on quotes (tenant_id, issue_date, id);
create index on quotes (tenant_id, status, issue_date, id);
create unique index quotes_one_draft on quotes (tenant_id, opportunity_id) where status = 'draft';
create unique index quotes_one_open on quotes (tenant_id, opportunity_id) where status in ('sent', 'viewed');
create unique index quotes_one_accepted on quotes (tenant_id, opportunity_id) where status = 'accepted';
create unique index quotes_quote_number_any_spelling on quotes (tenant_id, tenancy.number_key(quote_number));

create trigger forget_entity after delete on quotes for each row when (not tenancy.copying())
  execute function tenancy.forget_entity('quote');
create trigger keep_document before delete on quotes
  for each row when (not tenancy.copying()) execute function tenancy.keep_document();
create trigger number_quote before insert on quotes
  for each row when (not tenancy.copying()) execute function tenancy.number_quote();
create trigger one_offer before update of status on quotes for each row
  when (new.status in ('sent', 'viewed', 'accepted') and old.status not in ('sent', 'viewed', 'accepted') and not tenancy.copying())
  execute function tenancy.one_offer();
create trigger one_offer_new before insert on quotes for each row
  when (new.status in ('sent', 'viewed', 'accepted') and not tenancy.copying()) execute function tenancy.one_offer();
create trigger renumber before update of quote_number on quotes
  for each row when (btrim(new.quote_number) = '' and not tenancy.copying()) execute function tenancy.number_quote();
create trigger reserve before insert or update of status on quotes for each row when (not tenancy.copying())
  execute function tenancy.reserve('viewed,accepted,superseded', 'accept_quote or revise_quote');
create trigger reserve_accepted after update of status on quotes for each row
  when (new.status = 'accepted' and old.status <> 'accepted' and not tenancy.copying()) execute function tenancy.reserve_accepted();
create trigger write_outbox_quote_sent_update after update on quotes for each row
  when (not tenancy.copying() and (new.status = 'sent') and not coalesce(old.status = 'sent', false))
  execute function tenancy.write_outbox_event('quote.sent', 'id', 'opportunity_id');
create trigger write_outbox_quote_sent_insert after insert on quotes for each row
  when (not tenancy.copying() and new.status = 'sent')
  execute function tenancy.write_outbox_event('quote.sent', 'id', 'opportunity_id');
create trigger write_outbox_quote_accepted_update after update on quotes for each row
  when (not tenancy.copying() and (new.status = 'accepted') and not coalesce(old.status = 'accepted', false))
  execute function tenancy.write_outbox_event('quote.accepted', 'id', 'opportunity_id');
create trigger write_outbox_quote_accepted_insert after insert on quotes for each row
  when (not tenancy.copying() and new.status = 'accepted')
  execute function tenancy.write_outbox_event('quote.accepted', 'id', 'opportunity_id');
create trigger notify_of_quote after update of status on quotes for each row
  when (new.status in ('accepted', 'declined') and new.status <> old.status and not tenancy.copying())
  execute function tenancy.notify_of_quote();
create trigger write_outbox_quote_declined_update after update on quotes for each row
  when (not tenancy.copying() and (new.status = 'declined') and not coalesce(old.status = 'declined', false))
  execute function tenancy.write_outbox_event('quote.declined', 'id', 'opportunity_id');
create trigger write_outbox_quote_declined_insert after insert on quotes for each row
  when (not tenancy.copying() and new.status = 'declined')
  execute function tenancy.write_outbox_event('quote.declined', 'id', 'opportunity_id');
create trigger total_quote before insert or update on quotes
  for each row when (not tenancy.copying()) execute function tenancy.total_quote();
create trigger verify_discount before update of status on quotes for each row
  when (old.status = 'draft' and new.status in ('sent', 'viewed', 'accepted') and not tenancy.copying())
  execute function tenancy.verify_discount();

select tenancy.protect('quotes', reads => '{owner,admin,manager,sales,viewer}', inserts => '{owner,admin,manager,sales}',
  updates => '{owner,admin,manager,sales}', deletes => '{owner,admin,manager}',
  system_columns => '{quote_number,revision,subtotal,discount,tax,total,taxes,rounding,token_hash,sent_at,viewed_at,accepted_at,
    accepted_by_name,accepted_ip,declined_at,content_sha256,discount_approved,discount_approved_by,discount_approved_at}');

-- Found by search_records.
create index quotes_search on quotes using gin (tenant_id, (
  tenancy.fold('' || ' ' || coalesce(quote_number, ''))) gin_trgm_ops);
create policy tenant_search on quotes for select to tenant_search using (true);
grant select (tenant_id, id, quote_number) on quotes to tenant_search;

create table quote_line_items (
  like tenancy.record including all,
  quote_id uuid not null,
  like tenancy.line_item including all,
  -- An extra that the client may add; it counts once it is chosen.
  optional boolean not null default false,
  chosen boolean not null default false,
  constraint quote_line_items_chosen check (optional or not chosen),
  constraint quote_line_items_optional check (not optional or item_type <> 'discount'),
  constraint quote_line_items_add_on_id_fkey
    foreign key (tenant_id, add_on_id) references add_ons (tenant_id, id) on delete set null (add_on_id) deferrable,
  constraint quote_line_items_package_id_fkey
    foreign key (tenant_id, package_id) references packages (tenant_id, id) on delete set null (package_id) deferrable,
  constraint quote_line_items_product_id_fkey
    foreign key (tenant_id, product_id) references products (tenant_id, id) on delete set null (product_id) deferrable,
  constraint quote_line_items_quote_id_fkey
    foreign key (tenant_id, quote_id) references quotes (tenant_id, id) on delete cascade deferrable
);
create index on quote_line_items (tenant_id, quote_id, sort_order);
create index on quote_line_items (tenant_id, package_id);
create index on quote_line_items (tenant_id, add_on_id);
create index on quote_line_items (tenant_id, product_id);

create trigger keep_contents before insert on quote_line_items for each row
  when (new.package_id is not null and new.includes = '[]' and not tenancy.copying()) execute function tenancy.keep_contents();
create trigger guard_line before insert or delete or update on quote_line_items for each row when (not tenancy.copying())
  execute function tenancy.guard_line('quotes', 'quote_id');
create trigger retotal_deleted after delete on quote_line_items referencing old table as changed for each statement
  when (not tenancy.copying())
  execute function tenancy.retotal('quotes');
create trigger retotal_inserted after insert on quote_line_items referencing new table as changed for each statement
  when (not tenancy.copying())
  execute function tenancy.retotal('quotes');
create trigger retotal_updated after update on quote_line_items referencing new table as changed for each statement
  when (not tenancy.copying())
  execute function tenancy.retotal('quotes');
create trigger total_line before insert or update on quote_line_items for each row when (not tenancy.copying())
  execute function tenancy.total_line();

-- Removing a line from a draft is no deletion of business data: sales may.
select tenancy.protect('quote_line_items', reads => '{owner,admin,manager,sales,viewer}',
  inserts => '{owner,admin,manager,sales}', updates => '{owner,admin,manager,sales}', deletes => '{owner,admin,manager,sales}',
  system_columns => '{line_total,gross_total,chosen}');

create table invoices (
  like tenancy.record including all,
  -- Issued when it is sent.
  invoice_number text check (length(invoice_number) between 1 and 60),
  invoice_type text not null default 'event' check (invoice_type in ('event', 'general')),
  account_id uuid not null,
  contact_id uuid,
  event_id uuid,
  opportunity_id uuid,
  quote_id uuid,
  status text not null default 'draft' check (status in
    ('draft', 'sent', 'partially_paid', 'paid', 'void', 'written_off')),
  issue_date date not null default tenancy.today(),
  due_date date,
  currency text not null default tenancy.default_currency() check (currency ~ '^[A-Z]{3}$'),
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
  -- What is due when (`tenancy.read_plan`); empty: all of it on the due date.
  payment_schedule jsonb not null default '[]',
  terms text,
  notes text,
  token_hash text,
  sent_at timestamptz,
  viewed_at timestamptz,
  voided_at timestamptz,
  -- The part of `paid` that was credited: no money came.
  credited bigint not null default 0 check (credited >= 0),
  taxes jsonb not null default '[]',
  -- The rule that its amounts were rounded by.
  rounding text not null default tenancy.rounding() check (rounding in ('half_up', 'half_even', 'down')),
  -- What is asked for next: of the first instalment that is not paid, or of the balance.
  next_due_date date,
  next_due_amount bigint not null default 0 check (next_due_amount >= 0),
  -- Where the event was when the invoice was sent, for the sales-tax report: `Columbus, OH`.
  tax_place text,
  -- Whether the prices of the lines contain the tax; a document keeps what it was sent with.
  prices_include_tax boolean not null default tenancy.prices_include_tax(),
  unique (tenant_id, invoice_number),
  constraint invoices_numbered check (status in ('draft', 'void') or invoice_number is not null),
  constraint invoices_voided check ((status = 'void') = (voided_at is not null)),
  constraint invoices_percent check (discount_type <> 'percent' or discount_value <= 100),
  constraint invoices_not_negative check (total >= 0),
  constraint invoices_account_id_fkey
    foreign key (tenant_id, account_id) references accounts (tenant_id, id) deferrable,
  constraint invoices_contact_id_fkey
    foreign key (tenant_id, contact_id) references contacts (tenant_id, id) on delete set null (contact_id) deferrable,
  constraint invoices_event_id_fkey foreign key (tenant_id, event_id) references events (tenant_id, id) deferrable,
  constraint invoices_opportunity_id_fkey
    foreign key (tenant_id, opportunity_id) references opportunities (tenant_id, id)
      on delete set null (opportunity_id) deferrable,
  constraint invoices_quote_id_fkey
    foreign key (tenant_id, quote_id) references quotes (tenant_id, id) on delete set null (quote_id) deferrable
);
-- In the order of the lists on a client's page: else the planner walks the order's index through all clients.
create index on invoices (tenant_id, account_id, issue_date);
create index on invoices (tenant_id, contact_id, issue_date);
create index on invoices (tenant_id, event_id);
create index on invoices (tenant_id, opportunity_id);
create index on invoices (tenant_id, quote_id);
create index on invoices (tenant_id, status, due_date);
create index on invoices (tenant_id, issue_date, id);
create index on invoices (tenant_id, status, issue_date, id);
create unique index invoices_token on invoices (tenant_id, token_hash) where token_hash is not null;
create index on invoices (tenant_id, due_date, id);
create index on invoices (tenant_id, next_due_date, id);
-- What is open is added up from the index alone.
create index invoices_open on invoices (tenant_id, due_date, next_due_date) include (currency, balance) where status in ('sent', 'partially_paid');
create unique index invoices_one_of_quote on invoices (tenant_id, quote_id) where quote_id is not null and status <> 'void';
create unique index invoices_invoice_number_any_spelling on invoices (tenant_id, tenancy.number_key(invoice_number));

create trigger forget_entity after delete on invoices for each row when (not tenancy.copying())
  execute function tenancy.forget_entity('invoice');
create trigger history_update after update on invoices for each row when (not tenancy.copying())
  execute function tenancy.record_change('invoice_number');
create trigger history_delete after delete on invoices for each row when (not tenancy.copying())
  execute function tenancy.record_change('invoice_number');
create trigger history_insert after insert on invoices for each row when (not tenancy.copying())
  execute function tenancy.record_change('invoice_number');
create trigger keep_document before delete on invoices
  for each row when (not tenancy.copying()) execute function tenancy.keep_document();
create trigger keep_sent before insert or update on invoices
  for each row when (not tenancy.copying()) execute function tenancy.keep_sent_invoice();
create trigger show_payment_status after insert on invoices
  for each row when (new.event_id is not null and not tenancy.copying()) execute function tenancy.show_payment_status();
create trigger show_payment_status_update after update of paid, total, status, event_id on invoices for each row
  when ((new.event_id is not null or old.event_id is not null) and not tenancy.copying()) execute function tenancy.show_payment_status();
create trigger write_outbox_invoice_sent_update after update on invoices for each row
  when (not tenancy.copying() and (new.status in ('sent', 'partially_paid', 'paid'))
    and not coalesce(old.status in ('sent', 'partially_paid', 'paid'), false))
  execute function tenancy.write_outbox_event('invoice.sent', 'id', 'account_id', 'event_id');
create trigger write_outbox_invoice_sent_insert after insert on invoices for each row
  when (not tenancy.copying() and new.status in ('sent', 'partially_paid', 'paid'))
  execute function tenancy.write_outbox_event('invoice.sent', 'id', 'account_id', 'event_id');
create trigger write_outbox_invoice_paid_update after update on invoices for each row
  when (not tenancy.copying() and (new.status = 'paid') and not coalesce(old.status = 'paid', false))
  execute function tenancy.write_outbox_event('invoice.paid', 'id', 'account_id', 'event_id');
create trigger write_outbox_invoice_paid_insert after insert on invoices for each row
  when (not tenancy.copying() and new.status = 'paid')
  execute function tenancy.write_outbox_event('invoice.paid', 'id', 'account_id', 'event_id');
create trigger write_outbox_invoice_voided_update after update on invoices for each row
  when (not tenancy.copying() and (new.status = 'void') and not coalesce(old.status = 'void', false))
  execute function tenancy.write_outbox_event('invoice.voided', 'id', 'account_id', 'event_id');
create trigger write_outbox_invoice_voided_insert after insert on invoices for each row
  when (not tenancy.copying() and new.status = 'void')
  execute function tenancy.write_outbox_event('invoice.voided', 'id', 'account_id', 'event_id');
create trigger total_invoice before insert or update on invoices
  for each row when (not tenancy.copying() and not tenancy.merging()) execute function tenancy.total_invoice();

select tenancy.protect('invoices', reads => '{owner,admin,manager,sales,viewer}', inserts => '{owner,admin,manager}',
  updates => '{owner,admin,manager}', deletes => '{owner,admin,manager}',
  system_columns => '{invoice_number,subtotal,discount,tax,total,paid,credited,taxes,rounding,next_due_date,next_due_amount,tax_place,bill_to,token_hash,sent_at,viewed_at,voided_at}');

-- Found by search_records.
create index invoices_search on invoices using gin (tenant_id, (
  tenancy.fold('' || ' ' || coalesce(invoice_number, '') || ' ' || coalesce(purchase_order, ''))) gin_trgm_ops);
create policy tenant_search on invoices for select to tenant_search using (true);
grant select (tenant_id, id, invoice_number, purchase_order) on invoices to tenant_search;

create table invoice_line_items (
  like tenancy.record including all,
  invoice_id uuid not null,
  like tenancy.line_item including all,
  constraint invoice_line_items_add_on_id_fkey
    foreign key (tenant_id, add_on_id) references add_ons (tenant_id, id) on delete set null (add_on_id) deferrable,
  constraint invoice_line_items_invoice_id_fkey
    foreign key (tenant_id, invoice_id) references invoices (tenant_id, id) on delete cascade deferrable,
  constraint invoice_line_items_package_id_fkey
    foreign key (tenant_id, package_id) references packages (tenant_id, id) on delete set null (package_id) deferrable,
  constraint invoice_line_items_product_id_fkey
    foreign key (tenant_id, product_id) references products (tenant_id, id) on delete set null (product_id) deferrable
);
create index on invoice_line_items (tenant_id, invoice_id, sort_order);
create index on invoice_line_items (tenant_id, package_id);
create index on invoice_line_items (tenant_id, add_on_id);
create index on invoice_line_items (tenant_id, product_id);

create trigger keep_contents before insert on invoice_line_items for each row
  when (new.package_id is not null and new.includes = '[]' and not tenancy.copying()) execute function tenancy.keep_contents();
create trigger guard_line before insert or delete or update on invoice_line_items for each row when (not tenancy.copying())
  execute function tenancy.guard_line('invoices', 'invoice_id');
create trigger retotal_deleted after delete on invoice_line_items referencing old table as changed for each statement
  when (not tenancy.copying())
  execute function tenancy.retotal('invoices');
create trigger retotal_inserted after insert on invoice_line_items referencing new table as changed for each statement
  when (not tenancy.copying())
  execute function tenancy.retotal('invoices');
create trigger retotal_updated after update on invoice_line_items referencing new table as changed for each statement
  when (not tenancy.copying())
  execute function tenancy.retotal('invoices');
create trigger total_line before insert or update on invoice_line_items for each row when (not tenancy.copying())
  execute function tenancy.total_line();

select tenancy.protect('invoice_line_items', reads => '{owner,admin,manager,sales,viewer}', inserts => '{owner,admin,manager}',
  updates => '{owner,admin,manager}', deletes => '{owner,admin,manager}', system_columns => '{line_total,gross_total}');

-- Clients' links to issued invoices.
create table tenancy.invoice_links (
  tenant_id uuid not null,
  token_hash text not null check (token_hash ~ '^[0-9a-f]{64}$'),
  invoice_id uuid not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, token_hash),
  constraint invoice_links_invoice_id_fkey
    foreign key (tenant_id, invoice_id) references invoices (tenant_id, id) on delete cascade deferrable
);
create index on tenancy.invoice_links (tenant_id, invoice_id);

select tenancy.protect_internal('tenancy.invoice_links');

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
  note text,
  -- A refund that takes back an entry made by mistake: no money went back.
  is_correction boolean not null default false,
  unique (tenant_id, provider_id),
  unique (tenant_id, idempotency_key),
  constraint payments_refund check ((kind = 'refund') = (refund_of_id is not null)),
  constraint payments_correction check (not is_correction or kind = 'refund'),
  constraint payments_invoice_id_fkey
    foreign key (tenant_id, invoice_id) references invoices (tenant_id, id) deferrable,
  constraint payments_refund_of_id_fkey
    foreign key (tenant_id, refund_of_id) references payments (tenant_id, id) deferrable
);
create index on payments (tenant_id, invoice_id);
create index on payments (tenant_id, refund_of_id);
create index on payments (tenant_id, paid_at, id);
create index payments_credits on payments (tenant_id, invoice_id) where method = 'credit';

create trigger check_payment before insert or update on payments
  for each row when (not tenancy.copying()) execute function tenancy.check_payment();
create trigger forget_entity after delete on payments for each row when (not tenancy.copying())
  execute function tenancy.forget_entity('payment');
create trigger history_update after update on payments for each row when (not tenancy.copying())
  execute function tenancy.record_change('kind', 'amount', 'currency');
create trigger history_delete after delete on payments for each row when (not tenancy.copying())
  execute function tenancy.record_change('kind', 'amount', 'currency');
create trigger history_insert after insert on payments for each row when (not tenancy.copying())
  execute function tenancy.record_change('kind', 'amount', 'currency');
create trigger notify_of_payment_insert after insert on payments for each row
  when (new.kind = 'payment' and new.method <> 'credit' and new.status in ('succeeded', 'failed') and not tenancy.copying())
  execute function tenancy.notify_of_payment();
create trigger notify_of_payment_update after update of status on payments for each row
  when (new.kind = 'payment' and new.method <> 'credit' and new.status in ('succeeded', 'failed') and new.status <> old.status
    and not tenancy.copying())
  execute function tenancy.notify_of_payment();
create trigger settle_invoice after insert or update of status on payments
  for each row when (not tenancy.copying()) execute function tenancy.settle_invoice();
create trigger write_outbox_payment_received_update after update on payments for each row
  when (not tenancy.copying() and (new.kind = 'payment' and new.status = 'succeeded')
    and not coalesce(old.kind = 'payment' and old.status = 'succeeded', false))
  execute function tenancy.write_outbox_event('payment.received', 'id', 'invoice_id');
create trigger write_outbox_payment_received_insert after insert on payments for each row
  when (not tenancy.copying() and new.kind = 'payment' and new.status = 'succeeded')
  execute function tenancy.write_outbox_event('payment.received', 'id', 'invoice_id');
create trigger write_outbox_payment_refunded_update after update on payments for each row
  when (not tenancy.copying() and (new.kind = 'refund' and new.status = 'succeeded')
    and not coalesce(old.kind = 'refund' and old.status = 'succeeded', false))
  execute function tenancy.write_outbox_event('payment.refunded', 'id', 'invoice_id');
create trigger write_outbox_payment_refunded_insert after insert on payments for each row
  when (not tenancy.copying() and new.kind = 'refund' and new.status = 'succeeded')
  execute function tenancy.write_outbox_event('payment.refunded', 'id', 'invoice_id');
create trigger write_outbox_payment_failed_update after update on payments for each row
  when (not tenancy.copying() and (new.status = 'failed') and not coalesce(old.status = 'failed', false))
  execute function tenancy.write_outbox_event('payment.failed', 'id', 'invoice_id');
create trigger write_outbox_payment_failed_insert after insert on payments for each row
  when (not tenancy.copying() and new.status = 'failed')
  execute function tenancy.write_outbox_event('payment.failed', 'id', 'invoice_id');

-- Payments are not deleted: they are cancelled or refunded.
select tenancy.protect('payments', reads => '{owner,admin,manager,sales,viewer}', inserts => '{owner,admin,manager}',
  updates => '{owner,admin,manager}', deletes => '{}', costs => '{fee}',
  system_columns => '{provider,provider_id,failure_reason,is_correction}');

-- Of a pending payment only status, method, date, reference and note change (`check_payment`); a settled one is corrected by another.
revoke update on payments from tenant_user, tenant_manager;
grant update (status, method, paid_at, reference, note) on payments to tenant_user;
grant update (fee) on payments to tenant_manager;
