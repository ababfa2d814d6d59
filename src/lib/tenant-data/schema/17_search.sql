-- What is searched: for each kind its table, the searched columns, and the title and subtitle of a result.
create table tenancy.searched_kinds (
  kind text primary key,
  tab name not null,
  searched_columns name[] not null,
  title text not null,
  subtitle text not null
);

insert into tenancy.searched_kinds values
  ('account', 'accounts', '{name,email,phone,billing_city}', 'name', 'email'),
  ('contact', 'contacts', '{first_name,last_name,email,phone}', 'concat_ws('' '', first_name, last_name)', 'email'),
  ('lead', 'leads', '{first_name,last_name,email,phone,company}', 'concat_ws('' '', first_name, last_name)', 'coalesce(company, email)'),
  ('opportunity', 'opportunities', '{name}', 'name', 'stage'),
  ('event', 'events', '{title,event_number,onsite_contact_name}', 'title', 'concat_ws('' · '', event_number, start_date)'),
  ('quote', 'quotes', '{quote_number}', 'quote_number', 'status'),
  ('invoice', 'invoices', '{invoice_number,purchase_order}', 'coalesce(invoice_number, ''Draft'')', 'status'),
  ('contract', 'contracts', '{title,contract_number,signer_name}', 'title', 'contract_number'),
  ('task', 'tasks', '{title}', 'title', 'status'),
  ('location', 'locations', '{name,address,city}', 'name', 'concat_ws('', '', address, city)'),
  ('booth', 'booths', '{name}', 'name', 'status'),
  ('equipment_item', 'equipment_items', '{name,asset_tag,serial_number,model}', 'name', 'asset_tag'),
  ('package', 'packages', '{name}', 'name', 'category'),
  ('product', 'products', '{name,sku}', 'name', 'sku');
grant select on tenancy.searched_kinds to tenant_user, tenant_service, tenant_search;
